// SPDX-License-Identifier: EUPL-1.2
//! The service itself on a real bus, with processes that it may end.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use api::session::{
    BUS_NAME, Kind, Outcome, Session1ProxyBlocking, SessionError, SessionState, Status, document,
};
use zbus::blocking::{Connection, connection::Builder, fdo::DBusProxy};
use zbus::proxy::CacheProperties;

const DEADLINE: Duration = Duration::from_secs(30);
const SITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../recipes/site/site.toml");

const PROCEDURES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../recipes/site/procedures.xml"
);

/// A child process that is ended with the test.
struct Process(Child);

impl Process {
    /// One that does nothing, and ignores whatever it is asked for.
    fn idle() -> Self {
        let child = Command::new("sleep").arg("infinity").spawn();
        Self(child.unwrap())
    }

    /// One that ends for nobody who only asks.
    fn stubborn() -> Self {
        let script = "trap '' TERM; exec sleep infinity";
        Self(Command::new("sh").args(["-c", script]).spawn().unwrap())
    }

    /// One that says goodbye in a file when it is asked to end; it listens once it has said hello. It reads what nobody
    /// writes, as long as the other end is held.
    fn polite(file: &Path) -> (Self, ChildStdin) {
        let script = "trap 'echo goodbye >\"$0\"; exit 0' TERM; echo hello; read -r _";
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(file);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut polite = Self(child.unwrap());
        let held = polite.0.stdin.take().unwrap();
        let mut hello = String::new();
        let said = polite.0.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut hello).unwrap();
        assert_eq!(hello, "hello\n");
        (polite, held)
    }

    fn id(&self) -> String {
        format!("{}\n", self.0.id())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A bus and its address.
fn start_bus() -> (Process, String) {
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
    (Process(bus), address.trim().to_owned())
}

/// A bus, and the directories of a device.
struct Device {
    dir: tempfile::TempDir,
    address: String,
    bus: Process,
}

impl Device {
    fn new() -> Self {
        let (bus, address) = start_bus();
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "state",
            "run",
            "slice/shell.service",
            "slice/reader.service",
        ] {
            std::fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        Self { dir, address, bus }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    /// Lists a process in a control group, as the kernel would.
    fn list(&self, unit: &str, ids: &str) {
        let group = self.path("slice");
        std::fs::write(group.join("cgroup.procs"), "").unwrap();
        std::fs::write(group.join(unit).join("cgroup.procs"), ids).unwrap();
    }

    fn connect(&self) -> Connection {
        Builder::address(self.address.as_str())
            .unwrap()
            .build()
            .unwrap()
    }

    /// Starts the service and waits for its name.
    fn serve(&self) -> Process {
        let connection = self.connect();
        let mut names = DBusProxy::new(&connection)
            .unwrap()
            .receive_name_owner_changed()
            .unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_session"))
            .env("DBUS_SYSTEM_BUS_ADDRESS", &self.address)
            .args(["--site", SITE, "--site-store", "/nonexistent"])
            .args(["--procedures", PROCEDURES])
            .arg("--state")
            .arg(self.path("state"))
            .arg("--runtime")
            .arg(self.path("run"))
            .arg("--slice")
            .arg(self.path("slice"))
            .spawn()
            .unwrap();
        let service = Process(child);
        names
            .find(|signal| {
                let args = signal.args().unwrap();
                args.name.as_str() == BUS_NAME && args.new_owner.is_some()
            })
            .unwrap();
        service
    }
}

fn proxy(connection: &Connection) -> Session1ProxyBlocking<'static> {
    Session1ProxyBlocking::builder(connection)
        .cache_properties(CacheProperties::No)
        .build()
        .unwrap()
}

/// Waits until the session is in `state`; the bus tells of every change.
fn wait_for(connection: &Connection, state: SessionState) -> Status {
    let cached = Session1ProxyBlocking::new(connection).unwrap();
    let mut changes = cached.receive_state_changed();
    let end = Instant::now() + DEADLINE;
    loop {
        let status = Status::read(&proxy(connection)).unwrap();
        if status.state == state {
            return status;
        }
        assert!(Instant::now() < end, "{state:?}, not {status:?}");
        changes.next().unwrap();
    }
}

fn usage(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Proves T15, O5: a session from the first touch to the last: what it used is erased under whoever still holds it, its
/// processes are gone, after a word to whoever they talked with, a shell that does not leave is ended, and what is counted has nothing of the person in it.
#[test]
fn nothing_of_a_session_is_left() {
    let device = Device::new();
    let (mut shell, mut reader) = (Process::idle(), Process::stubborn());
    let said = device.path("said");
    let (mut caller, _held) = Process::polite(&said);
    device.list("shell.service", &shell.id());
    device.list("reader.service", &(reader.id() + &caller.id()));
    let _service = device.serve();
    let connection = device.connect();
    let session = proxy(&connection);
    let content = || document::seal(b"Erika Mustermann").unwrap().into();

    assert!(matches!(
        session.create_document(Kind::Text, content()),
        Err(SessionError::NotExpected(_))
    ));
    assert!(matches!(
        session.begin("Klingonisch".into()),
        Err(SessionError::BadInput(_))
    ));
    session.begin("hsb".into()).unwrap();
    assert!(matches!(
        session.begin("de".into()),
        Err(SessionError::NotExpected(_))
    ));
    let status = wait_for(&connection, SessionState::Active);
    assert!(status.deadline.is_some_and(|at| at > clock::now()));
    session.note("dog-tax".into()).unwrap();
    session.note("L1000_2601".into()).unwrap();
    session.note("Erika Mustermann".into()).unwrap();
    let id = session.create_document(Kind::Text, content()).unwrap();
    let held = session.open_document(id).unwrap();
    assert_eq!(**document::read(&held).unwrap(), *b"Erika Mustermann");

    let mut leaves = session.receive_leave().unwrap();
    let ends = std::thread::spawn(move || {
        let caller = caller.0.wait().unwrap();
        (reader.0.wait().unwrap(), shell.0.wait().unwrap(), caller)
    });
    session.end(Outcome::Done).unwrap();
    assert!(leaves.next().is_some(), "the shell was not asked");
    session.rate(3).unwrap();
    assert!(matches!(session.rate(1), Err(SessionError::NotExpected(_))));
    let status = wait_for(&connection, SessionState::Erased);
    assert_eq!((status.progress, status.language.as_str()), (100, "hsb"));
    let (reader, shell, caller) = ends.join().unwrap();
    assert!(!reader.success() && !shell.success());
    assert!(caller.success() && usage(&said).contains("goodbye"));
    assert_eq!(**document::read(&held).unwrap(), [0; 16]);
    assert!(!device.path("run/open").exists());

    wait_for(&connection, SessionState::Idle);
    let counted = usage(&device.path("state/usage.json"));
    assert!(
        counted.contains("dog-tax")
            && counted.contains("L1000_2601")
            && counted.contains("\"rating\":3"),
        "{counted}"
    );
    assert!(
        counted.contains("\"other\"") && !counted.contains("Erika"),
        "{counted}"
    );
}

/// Proves T15: a service that is shot during a session erases what it finds before anybody else comes.
#[test]
fn a_fallen_service_erases_first() {
    let device = Device::new();
    let mut shell = Process::idle();
    device.list("shell.service", &shell.id());
    let connection = device.connect();
    let service = device.serve();
    proxy(&connection).begin("de".into()).unwrap();
    drop(service);
    let ends = std::thread::spawn(move || shell.0.wait().unwrap());
    let _service = device.serve();
    assert!(matches!(
        proxy(&connection).begin("de".into()),
        Err(SessionError::NotExpected(_))
    ));
    wait_for(&connection, SessionState::Erased);
    assert!(!ends.join().unwrap().success());
}

/// Proves T15: whoever hands in rubbish, too much or too many gets an error, and the service goes on.
#[test]
fn hostile_callers_are_refused() {
    let device = Device::new();
    let _service = device.serve();
    let connection = device.connect();
    let session = proxy(&connection);
    session.begin("de".into()).unwrap();
    let zero = std::fs::File::open("/dev/zero").unwrap();
    let zero = std::os::fd::OwnedFd::from(zero).into();
    assert!(matches!(
        session.create_document(Kind::Pdf, zero),
        Err(SessionError::BadInput(_))
    ));
    let (pipe, _writer) = std::io::pipe().unwrap();
    let pipe = std::os::fd::OwnedFd::from(pipe).into();
    assert!(matches!(
        session.create_document(Kind::Pdf, pipe),
        Err(SessionError::BadInput(_))
    ));
    let large = document::seal(&vec![1; document::MAX_BYTES as usize + 1]).unwrap();
    assert!(matches!(
        session.create_document(Kind::Pdf, large.into()),
        Err(SessionError::NoRoom(_))
    ));
    for _ in 0..document::MAX_DOCUMENTS {
        let small = document::seal(b"x").unwrap().into();
        session.create_document(Kind::Png, small).unwrap();
    }
    let small = document::seal(b"x").unwrap().into();
    assert!(matches!(
        session.create_document(Kind::Png, small),
        Err(SessionError::NoRoom(_))
    ));
    assert!(matches!(
        session.open_document(u64::MAX),
        Err(SessionError::NotFound(_))
    ));
    assert!(matches!(
        session.note("x".repeat(162)),
        Err(SessionError::BadInput(_))
    ));
    for word in ["", "DE", "../../etc", "de\u{202e}"] {
        assert!(
            matches!(session.speak(word.into()), Err(SessionError::BadInput(_))),
            "{word}"
        );
    }
    // More at once than the service keeps waiting.
    let callers: Vec<_> = (0..64)
        .map(|_| {
            let session = session.clone();
            std::thread::spawn(move || session.list_documents())
        })
        .collect();
    for caller in callers {
        match caller.join().unwrap() {
            Ok(documents) => assert_eq!(documents.len(), document::MAX_DOCUMENTS),
            Err(error) => assert!(matches!(error, SessionError::Failed(_)), "{error}"),
        }
    }
    assert_eq!(session.state().unwrap(), SessionState::Active);
}

/// Proves T15: a service whose bus falls during a session ends, so that the next one can be asked; the next one erases first.
#[test]
fn it_ends_with_its_bus() {
    let mut device = Device::new();
    let mut service = device.serve();
    proxy(&device.connect()).begin("de".into()).unwrap();
    device.bus.0.kill().unwrap();
    let (ended, hears) = channel();
    std::thread::spawn(move || ended.send(service.0.wait().unwrap()));
    let status = hears.recv_timeout(DEADLINE).unwrap();
    assert!(!status.success());
    let (bus, address) = start_bus();
    (device.bus, device.address) = (bus, address);
    let mut shell = Process::idle();
    device.list("shell.service", &shell.id());
    let ends = std::thread::spawn(move || shell.0.wait().unwrap());
    let _service = device.serve();
    wait_for(&device.connect(), SessionState::Erased);
    assert!(!ends.join().unwrap().success());
}
