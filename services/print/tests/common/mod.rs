// SPDX-License-Identifier: EUPL-1.2
//! A device with a bus, the service, and a real printer: CUPS' `ippeveprinter`.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise, and uses what it needs.

pub mod documents;
pub mod relay;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use api::print::{BUS_NAME, Job, JobState, PATH, Print1ProxyBlocking, PrintError, Printer};
use api::session::{Kind, document};
use print::printer::Target;
use rustix::process::{Pid, Signal, kill_process_group};
use zbus::MatchRule;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator, connection::Builder};
use zbus::message::{Message, Type};
use zbus::proxy::CacheProperties;

/// Nothing that a test waits for takes longer.
pub const DEADLINE: Duration = Duration::from_mins(1);
const SITE: &str = include_str!("../../../../recipes/site/site.toml");

/// A process that ends with the test, and what it has started.
pub struct Running(Child);

impl Running {
    pub fn start(command: &mut Command) -> Self {
        Self(command.process_group(0).spawn().unwrap())
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Ends it and all that it has started, as a session's end does.
    pub fn kill(&mut self) {
        let group = Pid::from_raw(self.0.id().cast_signed()).unwrap();
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What `source` gives, one after the other, until nobody takes it any more; so that it can be waited for until a deadline.
fn beside<T: Send + 'static>(source: impl Iterator<Item = T> + Send + 'static) -> Receiver<T> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for it in source {
            if tell.send(it).is_err() {
                return;
            }
        }
    });
    told
}

fn connect(address: &str) -> Connection {
    Builder::address(address).unwrap().build().unwrap()
}

/// A bus, and a directory.
pub struct Place {
    pub dir: tempfile::TempDir,
    bus: Child,
    address: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

impl Place {
    pub fn new() -> Self {
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is part of the toolbox");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            dir: tempfile::tempdir().unwrap(),
            bus,
            address: address.trim().to_owned(),
        }
    }

    /// Where the bus is.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A printer that does with a document what `work` says, a piece of a script: `$1` is the document.
    pub fn printer(&self, formats: &str, work: &str) -> Paper {
        self.printer_at(free_port(), formats, work)
    }

    /// The same at this port.
    pub fn printer_at(&self, port: u16, formats: &str, work: &str) -> Paper {
        let (script, spool, keys) = (
            self.path("work.sh"),
            self.path("printer"),
            self.path("keys"),
        );
        fs::create_dir_all(&spool).unwrap();
        fs::create_dir_all(&keys).unwrap();
        let dir = self.dir.path().display();
        let keep = format!("cp \"$1\" {dir}/arrived.tmp; mv {dir}/arrived.tmp {dir}/arrived");
        fs::write(&script, format!("#!/bin/bash\ncd {dir}\n{keep}\n{work}\n")).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let mut printer = Running::start(
            Command::new("ippeveprinter")
                .args([
                    "-v",
                    "-r",
                    "off",
                    "-n",
                    "localhost",
                    "-s",
                    "10,10",
                    "-f",
                    formats,
                ])
                .args(["-p", &port.to_string()])
                // Where it keeps the certificate that it signs itself.
                .arg("-K")
                .arg(&keys)
                .arg("-d")
                .arg(&spool)
                .arg("-c")
                .arg(&script)
                .arg("Test")
                // It looks for a bus even where it tells nobody of itself.
                .env("DBUS_SYSTEM_BUS_ADDRESS", &self.address)
                .stdout(Stdio::null())
                .stderr(Stdio::piped()),
        );
        // It says where it is when it listens.
        let said = beside(BufReader::new(printer.0.stderr.take().unwrap()).lines());
        let is_there = |line: std::io::Result<String>| line.unwrap().contains("printer-uri");
        while !is_there(said.recv_timeout(DEADLINE).expect("the printer is there")) {}
        // What it says is read on, or it would stop at a full pipe.
        std::thread::spawn(move || said.iter().for_each(drop));
        Paper {
            port,
            printer,
            keys,
        }
    }

    /// The service, for the printer at `port`, whoever that is.
    pub fn service(&self, port: u16) -> Service {
        self.service_for(&format!("address = \"{}\"", uri(port)))
    }

    /// The service, for the printer at `port` whose certificate has this fingerprint, and for no other.
    pub fn service_that_knows(&self, port: u16, certificate: &str) -> Service {
        self.service_for(&format!(
            "address = \"{}\", certificate = \"{certificate}\"",
            uri(port)
        ))
    }

    fn service_for(&self, printer: &str) -> Service {
        let site = self.path("site.toml");
        let named = format!("printers = [{{ {printer} }}]");
        fs::write(&site, SITE.replace("printers = []", &named)).unwrap();
        let (runtime, store) = (self.path("run"), self.path("store"));
        fs::create_dir_all(&runtime).unwrap();
        let client = connect(&self.address);
        let owners = DBusProxy::new(&client)
            .unwrap()
            .receive_name_owner_changed()
            .unwrap();
        let owners = beside(owners.filter_map(|change| {
            let args = change.args().ok()?;
            (args.name() == BUS_NAME && args.new_owner().is_some()).then_some(())
        }));
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .interface("org.freedesktop.DBus.Properties")
            .unwrap()
            .path(PATH)
            .unwrap()
            .build();
        let changes = beside(MessageIterator::for_match_rule(rule, &client, None).unwrap());
        let program = env!("CARGO_BIN_EXE_print");
        let process = Running::start(
            Command::new(program)
                .arg("--site")
                .arg(&site)
                .arg("--site-store")
                .arg(&store)
                .arg("--runtime")
                .arg(&runtime)
                .args(["--program", program])
                .env("DBUS_SYSTEM_BUS_ADDRESS", &self.address)
                .env("http_proxy", "http://127.0.0.1:9"),
        );
        owners.recv_timeout(DEADLINE).expect("the service is there");
        let proxy = Print1ProxyBlocking::builder(&client)
            .cache_properties(CacheProperties::No)
            .build()
            .unwrap();
        Service {
            process,
            proxy,
            changes,
        }
    }
}

/// A printer that runs.
pub struct Paper {
    pub port: u16,
    pub printer: Running,
    /// Where it keeps its certificate.
    keys: PathBuf,
}

impl Paper {
    /// The SHA-256 fingerprint of its certificate, which it makes when the first one comes by TLS; as OpenSSL writes it.
    pub fn certificate(&self) -> String {
        let files = fs::read_dir(&self.keys).unwrap();
        let mut certificates = files
            .map(|file| file.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "crt"));
        let shown = Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
            .arg(certificates.next().unwrap())
            .output()
            .unwrap();
        let shown = String::from_utf8(shown.stdout).unwrap();
        shown.trim().split_once('=').unwrap().1.to_owned()
    }

    /// Where it is.
    pub fn target(&self) -> Target {
        Target::at(uri(self.port))
    }
}

fn uri(port: u16) -> String {
    format!("ipps://127.0.0.1:{port}/ipp/print")
}

/// The service that runs.
pub struct Service {
    pub process: Running,
    pub proxy: Print1ProxyBlocking<'static>,
    changes: Receiver<zbus::Result<Message>>,
}

impl Service {
    pub fn printer(&self) -> Printer {
        Printer::from_words(&self.proxy.printer().unwrap())
    }

    pub fn job(&self) -> Job {
        Job::from_words(&self.proxy.job().unwrap()).unwrap()
    }

    pub fn print(&self, kind: Kind, content: &[u8], copies: u32) -> Result<u64, PrintError> {
        let sealed = document::seal(content).unwrap();
        self.proxy.print(kind, sealed.into(), copies)
    }

    /// Waits until `happened` gives something; it is asked again whenever a property changes.
    fn wait<T>(&self, what: &str, mut happened: impl FnMut() -> Option<T>) -> T {
        let end = Instant::now() + DEADLINE;
        loop {
            if let Some(it) = happened() {
                return it;
            }
            let left = end.saturating_duration_since(Instant::now());
            let changed = self.changes.recv_timeout(left);
            assert!(
                changed.is_ok(),
                "no {what}: {:?} {:?}",
                self.printer(),
                self.job()
            );
        }
    }

    /// Waits until the printer is so.
    pub fn until_printer(&self, printer: Printer) {
        self.wait(&format!("{printer:?}"), || {
            (self.printer() == printer).then_some(())
        });
    }

    /// Waits until the job is so.
    pub fn until(&self, state: JobState) -> Job {
        self.wait(&format!("{state:?}"), || {
            Some(self.job()).filter(|job| job.state == state)
        })
    }

    /// Waits until the job has come to an end.
    pub fn until_over(&self) -> Job {
        self.wait("end of the job", || {
            Some(self.job()).filter(|job| !job.state.is_under_way())
        })
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Opens a pipe, which waits for its other end.
fn open(pipe: &Path, options: &fs::OpenOptions) -> fs::File {
    let (pipe, options) = (pipe.to_owned(), options.clone());
    let opened = beside(std::iter::once_with(move || options.open(pipe).unwrap()));
    opened
        .recv_timeout(DEADLINE)
        .expect("the printer's script is at its pipe")
}

/// Lets the printer's script go on where it reads from the pipe `name`.
pub fn go_on(pipe: &Path) {
    let mut pipe = open(pipe, fs::OpenOptions::new().write(true));
    writeln!(pipe, "go").unwrap();
}

/// Waits until the printer's script has the pipe `name` open for writing: then it has the whole document.
pub fn has_begun(pipe: &Path) {
    drop(open(pipe, fs::OpenOptions::new().read(true)));
}

/// A pipe at which the printer's script waits.
pub fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}
