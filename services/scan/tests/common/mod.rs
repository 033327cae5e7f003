// SPDX-License-Identifier: EUPL-1.2
//! A device with a bus, a session's store, the service, and scanners: SANE's own backend `test`, or one that speaks eSCL.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise, and uses what it needs.

pub mod escl;
pub mod paper;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ::session::store::Store;
use api::scan::{BUS_NAME, PATH, Page, Scan1ProxyBlocking, Status, Trouble, Work};
use api::session::{self, Call, Reply, SessionError, document};
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
    /// Ends it and all that it has started, as a session's end does.
    pub fn kill(&mut self) {
        let group = Pid::from_raw(self.0.id().cast_signed()).unwrap();
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.0.wait();
    }

    pub fn id(&self) -> u32 {
        self.0.id()
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
    api::bus::connect(Builder::address(address).unwrap()).unwrap()
}

/// A bus, a directory, and the store of a session.
pub struct Place {
    pub dir: tempfile::TempDir,
    bus: Child,
    address: String,
    store: Arc<Mutex<Store>>,
    session: Connection,
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
        let address = address.trim().to_owned();
        let store = Arc::new(Mutex::new(Store::default()));
        let session = connect(&address);
        serve_store(&session, Arc::clone(&store));
        Self {
            dir: tempfile::tempdir().unwrap(),
            bus,
            address,
            store,
            session,
        }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// Another way to the bus.
    pub fn connect(&self) -> Connection {
        connect(&self.address)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The session has no store any more.
    pub fn end_session(&self) {
        self.session.release_name(session::BUS_NAME).unwrap();
    }

    /// How many documents are in the store.
    pub fn documents(&self) -> usize {
        self.store.lock().unwrap().list().len()
    }

    /// The document of this number, as a file.
    pub fn document(&self, id: u64) -> PathBuf {
        let content = self.store.lock().unwrap().open(id).unwrap();
        let path = self.path(&format!("{id}.pdf"));
        fs::write(&path, &*document::read(content).unwrap()).unwrap();
        path
    }

    /// SANE with its scanner of tests, which is as `options` say (`test.conf`).
    pub fn scanner(&self, options: &str) -> PathBuf {
        let dir = self.path("sane.d");
        fs::create_dir_all(&dir).unwrap();
        // At once: the service looks for scanners all the time, and half a configuration has none.
        let put = |name: &str, text: &str| {
            let whole = dir.join("whole");
            fs::write(&whole, text).unwrap();
            fs::rename(&whole, dir.join(name)).unwrap();
        };
        put("dll.conf", "test\n");
        let always = "number_of_devices 1\nmode Gray\ndepth 8\nresolution 300.0\n\
            resolution_min 1.0\nresolution_max 1200.0\nresolution_quant 1.0\n\
            geometry_min 0.0\ngeometry_max 300.0\ngeometry_quant 1.0\n";
        put("test.conf", &format!("{always}{options}\n"));
        dir
    }

    /// The service, with this configuration of SANE.
    pub fn service(&self, sane: &Path) -> Service {
        self.start(&["--sane".as_ref(), sane.as_os_str()])
    }

    /// The service, with this configuration of SANE, and a program in place of `scanimage`.
    pub fn service_by(&self, sane: &Path, program: &Path) -> Service {
        let [sane, program] = [sane, program].map(Path::as_os_str);
        self.start(&["--sane".as_ref(), sane, "--scanimage".as_ref(), program])
    }

    /// The service, with a configuration of its own that names the scanner at `url`.
    pub fn service_at(&self, url: &str) -> Service {
        let site = self.path("site.toml");
        let named = format!("scanners = [\"{url}\"]");
        fs::write(&site, SITE.replace("scanners = []", &named)).unwrap();
        self.start(&["--site".as_ref(), site.as_os_str()])
    }

    fn start(&self, how: &[&std::ffi::OsStr]) -> Service {
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
        let program = env!("CARGO_BIN_EXE_scan");
        let process = Command::new(program)
            .args(how)
            .arg("--site-store")
            .arg(&store)
            .arg("--runtime")
            .arg(&runtime)
            .args(["--program", program])
            .env("DBUS_SYSTEM_BUS_ADDRESS", &self.address)
            .env("http_proxy", "http://127.0.0.1:9")
            .process_group(0)
            .spawn()
            .unwrap();
        let process = Running(process);
        owners.recv_timeout(DEADLINE).expect("the service is there");
        let proxy = Scan1ProxyBlocking::builder(&client)
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

/// The session's own store, behind its contract.
fn serve_store(connection: &Connection, store: Arc<Mutex<Store>>) {
    let (_, requests) = session::serve(connection, session::Status::default()).unwrap();
    connection.request_name(session::BUS_NAME).unwrap();
    std::thread::spawn(move || {
        while let Ok(request) = requests.recv_blocking() {
            let refused =
                |error: ::session::store::StoreError| SessionError::Failed(error.to_string());
            let mut store = store.lock().unwrap();
            request.answer.send(match request.call {
                Call::Open(id) => store.open(id).map(Reply::Opened).map_err(refused),
                Call::Create(kind, content) => store
                    .create(kind, content)
                    .map(Reply::Created)
                    .map_err(refused),
                _ => Err(SessionError::Failed(
                    "a scanner has no business here".into(),
                )),
            });
        }
    });
}

/// The service that runs.
pub struct Service {
    pub process: Running,
    pub proxy: Scan1ProxyBlocking<'static>,
    changes: Receiver<zbus::Result<Message>>,
}

impl Service {
    pub fn status(&self) -> Status {
        let proxy = &self.proxy;
        Status {
            is_there: proxy.scanner().unwrap(),
            work: Work::from_words(&proxy.work().unwrap()).unwrap(),
            pages: proxy
                .pages()
                .unwrap()
                .iter()
                .map(Page::from_words)
                .collect(),
            document: Some(proxy.document().unwrap()).filter(|id| *id > 0),
        }
    }

    pub fn pages(&self) -> Vec<u64> {
        self.status().pages.iter().map(|page| page.id).collect()
    }

    /// Waits until `happened` gives something; it is asked again whenever a property changes.
    pub fn wait<T>(&self, what: &str, mut happened: impl FnMut(&Status) -> Option<T>) -> T {
        let end = Instant::now() + DEADLINE;
        loop {
            let status = self.status();
            if let Some(it) = happened(&status) {
                return it;
            }
            let left = end.saturating_duration_since(Instant::now());
            let changed = self.changes.recv_timeout(left);
            assert!(changed.is_ok(), "no {what}: {status:?}");
        }
    }

    /// Waits until there is a scanner, or none.
    pub fn until_scanner(&self, is_there: bool) {
        self.wait("scanner", |status| {
            (status.is_there == is_there).then_some(())
        });
    }

    /// Waits until nothing is under way.
    pub fn until_over(&self) -> Work {
        self.wait("end", |status| {
            (!status.work.is_under_way()).then_some(status.work)
        })
    }

    /// Scans a page, which comes out.
    pub fn page(&self) -> u64 {
        let id = self.proxy.scan().unwrap();
        assert_eq!(self.until_over(), Work::Kept);
        id
    }

    /// Scans a page, which comes to nothing.
    pub fn trouble(&self) -> Trouble {
        self.proxy.scan().unwrap();
        match self.until_over() {
            Work::Trouble(trouble) => trouble,
            work => panic!("{work:?}"),
        }
    }

    /// Makes a document: its number in the store.
    pub fn finish(&self, title: &str) -> u64 {
        self.proxy.finish(title.into(), "de".into()).unwrap();
        assert_eq!(self.until_over(), Work::Done);
        self.status().document.unwrap()
    }

    pub fn preview(&self, page: u64) -> OwnedFd {
        self.proxy.preview(page).unwrap().into()
    }
}
