// SPDX-License-Identifier: EUPL-1.2
//! A device with a bus, the service, and a real printer: CUPS' `ippeveprinter`.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise, and uses what it needs.

pub mod bus;
pub mod documents;
pub mod printer;
pub mod relay;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use api::print::{BUS_NAME, Job, JobState, PATH, Print1ProxyBlocking, PrintError, Printer};
use api::session::{Kind, document};
use zbus::MatchRule;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator, connection::Builder};
use zbus::message::{Message, Type};
use zbus::proxy::CacheProperties;

use bus::Bus;
use printer::beside;
pub use printer::{DEADLINE, Paper, Running};

const SITE: &str = include_str!("../../../../recipes/site/site.toml");

fn connect(address: &str) -> Connection {
    Builder::address(address).unwrap().build().unwrap()
}

/// A bus, and a directory.
pub struct Place {
    pub dir: tempfile::TempDir,
    bus: Bus,
}

impl Place {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            bus: Bus::start(),
        }
    }

    /// Where the bus is.
    pub fn address(&self) -> String {
        self.bus.address.clone()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A printer that does with a document what `work` says, a piece of a script: `$1` is the document.
    pub fn printer(&self, formats: &str, work: &str) -> Paper {
        Paper::start(self.dir.path(), &self.bus.address, formats, work)
    }

    /// The service, for the printer at `port`.
    pub fn service(&self, port: u16) -> Service {
        let site = self.path("site.toml");
        let named = format!("printers = [\"ipp://127.0.0.1:{port}/ipp/print\"]");
        fs::write(&site, SITE.replace("printers = []", &named)).unwrap();
        let (runtime, store) = (self.path("run"), self.path("store"));
        fs::create_dir_all(&runtime).unwrap();
        let client = connect(&self.bus.address);
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
                .env("DBUS_SYSTEM_BUS_ADDRESS", &self.bus.address)
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
