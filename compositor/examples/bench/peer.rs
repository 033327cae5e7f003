// SPDX-License-Identifier: EUPL-1.2
//! The compositors that are compared, and one measurement of one of them.

use std::{
    io::{BufRead, BufReader},
    mem::MaybeUninit,
    os::fd::OwnedFd,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use miette::{IntoDiagnostic, Result, WrapErr, miette};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::inotify,
    process::{Pid, Signal, kill_process},
};

use crate::{
    client::{self, PHASES, Phase, SIZE},
    report::Figures,
    usage::{Usage, share_of_memory},
};

/// How long anything may take to start.
const PATIENCE: Duration = Duration::from_secs(20);
/// When the memory is looked at, in a phase of 20 seconds in the middle of it.
const MIDDLE: u32 = 2;

/// A compositor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// This crate's.
    Ours,
    /// Debian's cage: shows one program, which it starts itself.
    Cage,
    /// Debian's weston with its kiosk shell.
    Weston,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ours, Self::Cage, Self::Weston];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "amtsnah",
            Self::Cage => "cage",
            Self::Weston => "weston",
        }
    }

    fn command(self, ours: &Path, dir: &Path, client: &Command) -> Command {
        let (width, height) = SIZE;
        let mut command;
        match self {
            Self::Ours => {
                command = Command::new(ours);
                command
                    .arg("--headless")
                    .arg(format!("{width}x{height}"))
                    .arg("--socket")
                    .arg(dir.join("wayland-0"));
            }
            Self::Cage => {
                command = Command::new("cage");
                command.env("WLR_BACKENDS", "headless");
                command.env("WLR_RENDERER", "pixman");
                command.env("WLR_LIBINPUT_NO_DEVICES", "1");
                command.arg("--").arg(client.get_program());
                command.args(client.get_args());
            }
            Self::Weston => {
                command = Command::new("weston");
                command.args(["--backend=headless", "--renderer=pixman", "--shell=kiosk"]);
                command.args(["--no-config", "--idle-time=0", "--socket=wayland-0"]);
                command.arg(format!("--width={width}"));
                command.arg(format!("--height={height}"));
            }
        }
        command.env("XDG_RUNTIME_DIR", dir);
        command.env_remove("WAYLAND_DISPLAY");
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// A process that ends with its owner.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_owned();
        let child = command.spawn().into_diagnostic();
        Ok(Self(child.wrap_err(format!("start {}", name.display()))?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It is our own child and not waited for yet, so the number is still its own.
        let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
        let _ = self.0.wait();
    }
}

/// Starts a compositor and a client, and follows the client through its phases.
pub fn measure(kind: Kind, ours: &Path, seconds: Duration) -> Result<Figures> {
    let dir = tempfile::tempdir().into_diagnostic()?;
    let program = std::env::current_exe().into_diagnostic()?;
    let mut client = Command::new(program);
    client.arg("client").arg("--seconds");
    client.arg(seconds.as_secs().to_string());
    let watch = Watch::new(dir.path())?;

    let begin = client::now();
    let mut command = kind.command(ours, dir.path(), &client);
    let own_client = kind == Kind::Cage;
    command.stdout(if own_client {
        Stdio::piped()
    } else {
        Stdio::null()
    });
    let mut server = Running::start(&mut command)?;
    watch.wait("wayland-0")?;
    let socket = client::now();

    let mut shown = None;
    let lines = if own_client {
        server.0.stdout.take()
    } else {
        client
            .env("XDG_RUNTIME_DIR", dir.path())
            .env("WAYLAND_DISPLAY", "wayland-0");
        client.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut running = Running::start(&mut client)?;
        let lines = running.0.stdout.take();
        shown = Some(running);
        lines
    };
    let lines = lines.ok_or_else(|| miette!("the client has no output"))?;
    let mut figures = follow(lines, server.0.id(), begin, seconds)
        .wrap_err_with(|| format!("measure {}", kind.name()))?;
    figures.insert("socket_ms".to_owned(), millis(socket - begin));
    drop(shown);
    Ok(figures)
}

/// Reads what the client says.
fn follow(lines: ChildStdout, pid: u32, begin: u64, seconds: Duration) -> Result<Figures> {
    let mut lines = BufReader::new(lines).lines();
    let mut next = |what: &str| -> Result<u64> {
        let line = lines
            .next()
            .ok_or_else(|| miette!("the client ended before \"{what}\""))?
            .into_diagnostic()?;
        let (word, number) = line.split_once(' ').unwrap_or((&line, ""));
        match number.parse() {
            Ok(number) if word == what => Ok(number),
            _ => Err(miette!("the client said {line:?}, not \"{what}\"")),
        }
    };
    let mut figures = Figures::new();
    let first = next("first-frame")?;
    figures.insert("first_frame_ms".to_owned(), millis(first - begin));
    for phase in PHASES {
        next("begin")?;
        let before = Usage::of(pid)?;
        if phase == Phase::Full {
            // The client goes on by itself; nobody waits for this thread.
            std::thread::sleep(seconds / MIDDLE);
            figures.insert("pss_kib".to_owned(), share_of_memory(pid)? as f64);
        }
        let frames = next("end")?;
        let after = Usage::of(pid)?;
        let cpu = (after.cpu - before.cpu) as f64 / 1e9;
        let mut note = |name: &str, value| {
            figures.insert(format!("{}_{name}", phase.name()), value);
        };
        note("cpu_s", cpu);
        if phase == Phase::Still {
            note("switches", (after.switches - before.switches) as f64);
        } else {
            note("fps", frames as f64 / seconds.as_secs_f64());
            note("cpu_ms_per_frame", cpu * 1000.0 / frames.max(1) as f64);
        }
    }
    Ok(figures)
}

fn millis(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

/// Sees files come in a directory, without a processor's time.
struct Watch(OwnedFd);

impl Watch {
    fn new(dir: &Path) -> Result<Self> {
        let watch = inotify::init(inotify::CreateFlags::CLOEXEC).into_diagnostic()?;
        inotify::add_watch(&watch, dir, inotify::WatchFlags::CREATE).into_diagnostic()?;
        Ok(Self(watch))
    }

    fn wait(&self, name: &str) -> Result<()> {
        let mut buffer = [MaybeUninit::uninit(); 1024];
        let patience = PATIENCE.try_into().into_diagnostic()?;
        loop {
            let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
            if poll(&mut fds, Some(&patience)).into_diagnostic()? == 0 {
                return Err(miette!("there is no socket {name}"));
            }
            let mut events = inotify::Reader::new(&self.0, &mut buffer);
            loop {
                let event = events.next().into_diagnostic()?;
                if event
                    .file_name()
                    .is_some_and(|file| file.to_bytes() == name.as_bytes())
                {
                    return Ok(());
                }
                if events.is_buffer_empty() {
                    break;
                }
            }
        }
    }
}
