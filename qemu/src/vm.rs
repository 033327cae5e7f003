// SPDX-License-Identifier: EUPL-1.2
//! A machine that is on.

use std::{
    fs::{self, File},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    accel,
    args::{self, Places},
    deadline::Deadline,
    desk::Desk,
    error::{Error, Report, Result},
    hardware::{Display, Gpu, Hardware},
    hub::{Heard, Hub, Wait},
    machine::Machine,
    process::Process,
    qmp::{Qmp, Silence},
    second,
    state::artefacts_dir,
    tpm,
};

/// How long QEMU may take for an answer. Emulation on a busy host stalls its monitor for seconds.
const ANSWER: Duration = Duration::from_secs(30);

/// The socket of the second screen's viewer, among the artefacts.
const VIEWER: &str = "second.sock";

/// How many console lines a report carries.
const REPORTED: usize = 15;

/// A machine that is on. Dropping it is a power cut.
pub struct Vm {
    /// `None` once it was handed back.
    machine: Option<Machine>,
    pub(crate) hardware: Hardware,
    name: String,
    pub(crate) artefacts: PathBuf,
    pub(crate) keep: AtomicBool,
    pub(crate) pictures: AtomicU32,
    pub(crate) size: Mutex<(u32, u32)>,
    pub(crate) hub: Arc<Hub>,
    qmp: Qmp,
    pub(crate) serial: Mutex<UnixStream>,
    /// Where its window is, if its graphics card draws.
    pub(crate) desk: Option<Desk>,
    running: Mutex<Running>,
}

/// Its programs, and the threads that listen to them.
struct Running {
    qemu: Process,
    tpm: Option<Process>,
    listeners: Vec<JoinHandle<()>>,
}

impl Running {
    /// Ends everything at once. QEMU first: it must not see the TPM go.
    fn kill(&mut self) {
        self.qemu.kill();
        if let Some(tpm) = &mut self.tpm {
            tpm.kill();
        }
        for listener in self.listeners.drain(..) {
            // A listener that panicked has told so on standard error.
            let _ = listener.join();
        }
    }
}

impl Vm {
    pub(crate) fn start(machine: Machine) -> Result<Self> {
        if matches!(machine.hardware.display, Display::Vnc(port) if port < args::VNC_BASE) {
            return Err(Error::Machine(
                "VNC needs a port of 5900 or higher".to_owned(),
            ));
        }
        if machine.hardware.gpu == Gpu::Virgl
            && (machine.hardware.display != Display::None || machine.hardware.screens > 1)
        {
            return Err(Error::Machine(
                "a card that draws has one screen, which only tests see".to_owned(),
            ));
        }
        let engine = accel::engine(machine.hardware.accelerator)?;
        let artefacts = artefacts(&machine);
        fs::create_dir_all(&artefacts).map_err(Error::file("make", &artefacts))?;
        let log = artefacts.join("serial.log");
        let log = File::create(&log).map_err(Error::file("create", &log))?;

        let (monitor, qemu_monitor) = pair("the monitor")?;
        let (serial, qemu_serial) = pair("the console")?;
        let mut inherit = vec![OwnedFd::from(qemu_monitor), OwnedFd::from(qemu_serial)];
        let mut tpm = None;
        if machine.hardware.tpm {
            let (tpm_end, qemu_tpm) = pair("the TPM")?;
            tpm = Some(tpm::start(&machine.state.tpm(), tpm_end)?);
            inherit.push(qemu_tpm.into());
        }
        let disk = machine.state.disk_file();
        let vars = machine.state.vars();
        let viewer = artefacts.join(VIEWER);
        let places = Places {
            name: &machine.name,
            vars: &vars,
            disk: disk
                .as_ref()
                .map(|(path, format)| (path.as_path(), *format)),
            monitor_fd: inherit[0].as_raw_fd(),
            serial_fd: inherit[1].as_raw_fd(),
            tpm_fd: inherit.get(2).map(AsRawFd::as_raw_fd),
            viewer: &viewer,
        };
        let mut command = Command::new("qemu-system-x86_64");
        command.args(args::arguments(&machine.hardware, engine, &places));
        let window = match machine.hardware.gpu {
            Gpu::Virgl => Some(Desk::new(machine.hardware.resolution)?),
            Gpu::Virtio | Gpu::VirtioVga => None,
        };
        if let Some(desk) = &window {
            desk.invite(&mut command);
        }
        let qemu = Process::start(command, inherit)?;

        let hub = Hub::new();
        let writing = serial.try_clone().map_err(channel("the console"))?;
        let console = hub.listen_serial(serial, log);
        let (qmp, monitor) = Qmp::new(&hub, monitor)?;
        let vm = Self {
            hardware: machine.hardware.clone(),
            name: machine.name.clone(),
            keep: AtomicBool::new(machine.artefacts.is_some()),
            machine: Some(machine),
            artefacts,
            pictures: AtomicU32::new(0),
            size: Mutex::default(),
            hub,
            qmp,
            serial: Mutex::new(writing),
            desk: window,
            running: Mutex::new(Running {
                qemu,
                tpm,
                listeners: vec![console, monitor],
            }),
        };
        *lock(&vm.size) = vm.hardware.resolution;
        vm.command("qmp_capabilities", &Value::Null)?;
        vm.hub.power_on();
        vm.command("cont", &Value::Null)?;
        Ok(vm)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Folder of its serial log and pictures.
    pub fn artefacts(&self) -> &Path {
        &self.artefacts
    }

    /// Process ids of its programs.
    pub fn processes(&self) -> Vec<u32> {
        let running = lock(&self.running);
        std::iter::once(&running.qemu)
            .chain(&running.tpm)
            .map(Process::id)
            .chain(self.desk.as_ref().map(Desk::id))
            .collect()
    }

    /// Time since power on.
    pub fn uptime(&self) -> Duration {
        self.hub.now()
    }

    pub(crate) fn hardware(&self) -> &Hardware {
        &self.hardware
    }

    /// Size of the screen when it was last seen.
    pub(crate) fn size(&self) -> (u32, u32) {
        *lock(&self.size)
    }

    /// Runs a command of QEMU's monitor.
    pub fn command(&self, command: &str, arguments: &Value) -> Result<Value> {
        let deadline = Deadline::after(ANSWER);
        self.qmp
            .run(command, arguments, deadline)
            .map_err(|silence| {
                let awaited = format!("QEMU's answer to {command}");
                match silence {
                    Silence::Refused(error) => error,
                    Silence::Ended => self.ended(awaited),
                    // No picture: that would be the next command without an answer.
                    Silence::Passed => Error::Timeout {
                        awaited,
                        waited: deadline.waited(),
                        report: Box::new(self.report(false)),
                    },
                }
            })
    }

    /// How many instructions the guest has executed; needs [`Machine::count_instructions`].
    pub fn instructions(&self) -> Result<u64> {
        let answer = self.command("query-replay", &Value::Null)?;
        match (self.hardware.instruction_count, answer["icount"].as_u64()) {
            (Some(_), Some(count)) => Ok(count),
            _ => Err(Error::Machine(
                "the machine does not count instructions".to_owned(),
            )),
        }
    }

    /// How much memory the guest uses, in bytes: all of it less what it calls available. Needs
    /// [`Machine::memory_statistics`] and a guest with a balloon driver.
    pub fn memory_used(&self, deadline: Deadline) -> Result<u64> {
        const BALLOON: &str = "/machine/peripheral/balloon";
        self.command(
            "qom-set",
            &json!({ "path": BALLOON, "property": "guest-stats-polling-interval", "value": 1 }),
        )?;
        loop {
            let answer = self.command(
                "qom-get",
                &json!({ "path": BALLOON, "property": "guest-stats" }),
            )?;
            let stats = &answer["stats"];
            let total = stats["stat-total-memory"].as_u64();
            let available = stats["stat-available-memory"].as_u64();
            // Until the guest has reported, QEMU answers with the largest number.
            if let (Some(total), Some(available)) = (total, available)
                && available < total
                && total < u64::MAX
            {
                return Ok(total - available);
            }
            if deadline.passed() {
                return Err(self.timeout("the guest's memory report".to_owned(), deadline));
            }
            // The monitor has no event for it: ask again when something else happened or a second has passed.
            let _ = self.hub.wait(Deadline::secs(1), |_| None::<()>);
        }
    }

    /// Writes all of the guest's memory to `file`. The guest stands still meanwhile.
    pub fn dump_memory(&self, file: &Path) -> Result<()> {
        let arguments = json!({ "paging": false, "protocol": format!("file:{}", file.display()) });
        self.command("dump-guest-memory", &arguments).map(drop)
    }

    /// Connects a screen of this size to the second socket of the graphics card, which needs [`Machine::second_screen`]; takes it
    /// away again where the size is 0 × 0.
    pub fn plug_screen(&self, width: u16, height: u16) -> Result<()> {
        second::resize(&self.artefacts.join(VIEWER), (width, height))
            .map_err(channel("the second screen"))
    }

    /// Puts the cable into its network card of this number, or pulls it.
    pub fn cable(&self, card: usize, plugged: bool) -> Result<()> {
        let arguments = json!({ "name": args::netdev(card), "up": plugged });
        self.command("set_link", &arguments).map(drop)
    }

    // How it ends.

    /// Presses the reset button.
    pub fn reset(&self) -> Result<()> {
        self.command("system_reset", &Value::Null).map(drop)
    }

    /// Presses the power button.
    pub fn press_power(&self) -> Result<()> {
        self.command("system_powerdown", &Value::Null).map(drop)
    }

    /// Presses the power button and waits until the machine is off.
    pub fn power_down(self, deadline: Deadline) -> Result<Machine> {
        self.press_power()?;
        self.wait_off(deadline)
    }

    /// Waits until the machine switches itself off.
    pub fn wait_off(mut self, deadline: Deadline) -> Result<Machine> {
        let awaited = "the machine switching itself off";
        if let Wait::Passed = self.hub.wait(deadline, |_| None::<()>) {
            return Err(self.timeout(awaited.to_owned(), deadline));
        }
        let status = {
            let mut running = lock(&self.running);
            // The monitor is closed, so what is left of its work is short.
            let grace = Deadline::after(ANSWER);
            let status = running.qemu.wait(grace)?;
            // The TPM writes its state and ends by itself when QEMU has closed the channel.
            if let Some(tpm) = &mut running.tpm {
                tpm.wait(grace)?;
            }
            status
        };
        match status {
            Some(status) if status.success() => Ok(self.hand_back()?),
            _ => Err(self.ended(awaited.to_owned())),
        }
    }

    /// Cuts the power: QEMU and the TPM end in the middle of whatever they do.
    pub fn power_cut(mut self) -> Result<Machine> {
        self.hand_back()
    }

    fn hand_back(&mut self) -> Result<Machine> {
        lock(&self.running).kill();
        self.machine
            .take()
            .ok_or_else(|| Error::Machine("it was handed back before".to_owned()))
    }

    // Waiting and its failures.

    /// Waits for anything in what the machine said.
    pub(crate) fn wait<T>(
        &self,
        awaited: &str,
        deadline: Deadline,
        look: impl FnMut(&mut Heard) -> Option<T>,
    ) -> Result<T> {
        match self.hub.wait(deadline, look) {
            Wait::Found(found) => Ok(found),
            Wait::Ended => Err(self.ended(awaited.to_owned())),
            Wait::Passed => Err(self.timeout(awaited.to_owned(), deadline)),
        }
    }

    pub(crate) fn timeout(&self, awaited: String, deadline: Deadline) -> Error {
        Error::Timeout {
            awaited,
            waited: deadline.waited(),
            report: Box::new(self.report(true)),
        }
    }

    pub(crate) fn ended(&self, awaited: String) -> Error {
        // Its last words come with its end.
        let _ = lock(&self.running).qemu.wait(Deadline::secs(5));
        Error::Ended {
            awaited,
            report: Box::new(self.report(false)),
        }
    }

    fn report(&self, picture: bool) -> Report {
        self.keep.store(true, Ordering::Relaxed);
        let number = self.pictures.load(Ordering::Relaxed);
        let shown = picture.then(|| self.screen().ok()).flatten();
        let screenshot = shown.as_ref().and_then(|screen| {
            let path = self.artefacts.join(format!("failure-{number}.png"));
            screen.save(&path).ok().map(|()| path)
        });
        let read = shown.and_then(|screen| screen.read().ok());
        let programs = {
            let running = lock(&self.running);
            std::iter::once(&running.qemu)
                .chain(&running.tpm)
                .flat_map(Process::words)
                .collect()
        };
        let heard = self.hub.heard();
        let stage = heard.tracker.reached();
        let lines = heard.lines.iter().map(|line| &line.text);
        Report {
            machine: self.name.clone(),
            stage,
            missing: stage.next(),
            troubles: heard.tracker.troubles().map(str::to_owned).collect(),
            serial: lines
                .skip(heard.lines.len().saturating_sub(REPORTED))
                .cloned()
                .collect(),
            programs,
            read: read.map(|words| words.text()).into_iter().collect(),
            screenshot,
            serial_log: self.artefacts.join("serial.log"),
        }
    }
}

impl std::fmt::Debug for Vm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vm({}, {})", self.name, self.stage())
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        lock(&self.running).kill();
        if !self.keep.load(Ordering::Relaxed) && !thread::panicking() {
            // Nothing went wrong, so nobody will look for them.
            let _ = fs::remove_dir_all(&self.artefacts);
        }
    }
}

/// Where a machine's log and pictures go. A state that stays keeps them; a temporary one must not take them along.
fn artefacts(machine: &Machine) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    if let Some(dir) = &machine.artefacts {
        return dir.clone();
    }
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("{}-{}-{number}", machine.name, std::process::id());
    artefacts_dir().join(name)
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn channel(what: &'static str) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::Channel { what, source }
}

fn pair(what: &'static str) -> Result<(UnixStream, UnixStream)> {
    UnixStream::pair().map_err(channel(what))
}
