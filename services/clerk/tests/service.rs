// SPDX-License-Identifier: EUPL-1.2
//! The service itself on a real bus, with its file on a disk.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use api::clerk::{BUS_NAME, Clerk1ProxyBlocking, ClerkError, ClerkState, Status};
use api::secret::Secret;
use clerk::course::{FIRST_WAIT, FREE_TRIES};
use zbus::blocking::{Connection, connection::Builder, fdo::DBusProxy};
use zbus::proxy::CacheProperties;
use zbus::zvariant::{OwnedFd, Value};

const DEADLINE: Duration = Duration::from_mins(1);
const SITE: &str = include_str!("../../../recipes/site/site.toml");
const PASSWORD: &str = "Lößnitz-Grund 7";

/// A child process that is ended with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A bus, and the directories of a case.
struct Device {
    dir: tempfile::TempDir,
    address: String,
    bus: Process,
}

impl Device {
    fn new() -> Self {
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
        let dir = tempfile::tempdir().unwrap();
        for name in ["state", "run"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        std::fs::write(dir.path().join("site.toml"), SITE).unwrap();
        Self {
            dir,
            address: address.trim().to_owned(),
            bus: Process(bus),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn connect(&self) -> Connection {
        Builder::address(self.address.as_str())
            .unwrap()
            .build()
            .unwrap()
    }

    /// Starts the service and waits for its name. Its log goes to a file.
    fn serve(&self) -> Process {
        let connection = self.connect();
        let mut names = DBusProxy::new(&connection)
            .unwrap()
            .receive_name_owner_changed()
            .unwrap();
        let log = std::fs::File::options()
            .append(true)
            .create(true)
            .open(self.path("log"))
            .unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_clerk"))
            .env("DBUS_SYSTEM_BUS_ADDRESS", &self.address)
            .args(["--site-store", "/nonexistent", "--site"])
            .arg(self.path("site.toml"))
            .arg("--state")
            .arg(self.path("state"))
            .arg("--runtime")
            .arg(self.path("run"))
            .stdout(log.try_clone().unwrap())
            .stderr(log)
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

fn proxy(connection: &Connection) -> Clerk1ProxyBlocking<'static> {
    Clerk1ProxyBlocking::builder(connection)
        .cache_properties(CacheProperties::No)
        .build()
        .unwrap()
}

fn pipe(password: &str) -> OwnedFd {
    let secret = Secret::new(password.into()).unwrap();
    secret.into_pipe().unwrap().into()
}

fn is_wrong(result: &Result<(), ClerkError>) -> bool {
    matches!(result, Err(ClerkError::WrongPassword(_)))
}

fn is_early(result: &Result<(), ClerkError>) -> bool {
    matches!(result, Err(ClerkError::TooEarly(_)))
}

fn is_unexpected(result: &Result<(), ClerkError>) -> bool {
    matches!(result, Err(ClerkError::NotExpected(_)))
}

/// Proves C2, C6: a clerk chooses a password, locks, unlocks, signs out and in; a wrong one opens nothing, and what is kept
/// and logged has no password in it.
#[test]
fn a_clerk_signs_in_and_out() {
    let device = Device::new();
    let service = device.serve();
    let connection = device.connect();
    let clerk = proxy(&connection);
    let stands = |state| assert_eq!(clerk.state(), Ok(state));
    stands(ClerkState::Unset);
    assert!(is_unexpected(&clerk.sign_in(pipe(PASSWORD))));
    for weak in ["kurz", "aaaaaaaaaa", "12345678"] {
        let refused = clerk.choose_password(pipe(weak));
        assert!(matches!(refused, Err(ClerkError::BadInput(_))), "{weak}");
    }
    clerk.choose_password(pipe(PASSWORD)).unwrap();
    stands(ClerkState::SignedIn);
    assert!(is_unexpected(&clerk.choose_password(pipe("anderes Wort"))));
    clerk.presence().unwrap();
    clerk.lock().unwrap();
    stands(ClerkState::Locked);
    assert!(is_unexpected(&clerk.sign_out()));
    assert!(is_unexpected(&clerk.sign_in(pipe(PASSWORD))));
    assert!(is_wrong(&clerk.unlock(pipe("Lößnitz-Grund 8"))));
    stands(ClerkState::Locked);
    clerk.unlock(pipe(PASSWORD)).unwrap();
    clerk.sign_out().unwrap();
    stands(ClerkState::SignedOut);
    clerk.sign_in(pipe(PASSWORD)).unwrap();
    stands(ClerkState::SignedIn);
    drop(service);
    for file in ["state/password.json", "log"] {
        let text = std::fs::read_to_string(device.path(file)).unwrap();
        assert!(!text.contains("Grund") && !text.is_empty(), "{text}");
    }
}

/// Proves C6: a service that is shot while the clerk is signed in comes back locked; after a power cut, which empties the memory, nobody
/// is signed in; and the password is asked for both times.
#[test]
fn nobody_is_in_after_a_fall() {
    let device = Device::new();
    let connection = device.connect();
    let clerk = proxy(&connection);
    let service = device.serve();
    clerk.choose_password(pipe(PASSWORD)).unwrap();
    drop(service);
    let service = device.serve();
    assert_eq!(clerk.state(), Ok(ClerkState::Locked));
    clerk.unlock(pipe(PASSWORD)).unwrap();
    drop(service);
    std::fs::remove_dir_all(device.path("run")).unwrap();
    std::fs::create_dir(device.path("run")).unwrap();
    let _service = device.serve();
    assert_eq!(clerk.state(), Ok(ClerkState::SignedOut));
    clerk.sign_in(pipe(PASSWORD)).unwrap();
}

/// Proves C6: after a few wrong tries one has to wait, the right password too; the wait is there again after the service was shot, and
/// ends by itself.
#[test]
fn wrong_tries_have_to_wait() {
    let device = Device::new();
    let connection = device.connect();
    let clerk = proxy(&connection);
    let service = device.serve();
    clerk.choose_password(pipe(PASSWORD)).unwrap();
    clerk.sign_out().unwrap();
    for _ in 0..FREE_TRIES {
        assert!(is_wrong(&clerk.sign_in(pipe("falsches Wort"))));
    }
    assert!(is_early(&clerk.sign_in(pipe(PASSWORD))));
    drop(service);
    let began = Instant::now();
    let _service = device.serve();
    let status = Status::read(&clerk).unwrap();
    let left = status.retry.unwrap().saturating_sub(clock::now());
    assert!(left > FIRST_WAIT / 2 && left <= FIRST_WAIT, "{left:?}");
    assert!(is_early(&clerk.sign_in(pipe(PASSWORD))));
    let cached = Clerk1ProxyBlocking::new(&connection).unwrap();
    let mut changes = cached.receive_retry_changed();
    while clerk.retry().unwrap() != 0 {
        assert!(began.elapsed() < DEADLINE);
        changes.next().unwrap();
    }
    clerk.sign_in(pipe(PASSWORD)).unwrap();
    clerk.sign_out().unwrap();
    assert!(is_wrong(&clerk.sign_in(pipe("falsches Wort"))));
    clerk.sign_in(pipe(PASSWORD)).unwrap();
}

/// Proves C6: closing the lid locks: the device is about to sleep, and logind says so; waking up is no reason.
#[test]
fn it_locks_before_it_sleeps() {
    use clerk::sleep::{BUS_NAME, INTERFACE, PATH, SIGNAL};

    let device = Device::new();
    let connection = device.connect();
    let clerk = proxy(&connection);
    let _service = device.serve();
    clerk.choose_password(pipe(PASSWORD)).unwrap();
    let logind = device.connect();
    logind.request_name(BUS_NAME).unwrap();
    let cached = Clerk1ProxyBlocking::new(&connection).unwrap();
    let mut changes = cached.receive_state_changed();
    let tell = |sleeps: bool| {
        let all = None::<&str>;
        logind
            .emit_signal(all, PATH, INTERFACE, SIGNAL, &sleeps)
            .unwrap();
    };
    tell(true);
    while clerk.state() != Ok(ClerkState::Locked) {
        changes.next().unwrap();
    }
    clerk.unlock(pipe(PASSWORD)).unwrap();
    tell(false);
    clerk.presence().unwrap();
    clerk.sign_out().unwrap();
}

/// Proves C6: closing the lid locks where logind does not let the device sleep; opening it, or whatever else changes, is no reason.
#[test]
fn it_locks_when_the_lid_is_closed() {
    use clerk::lid::{BUS_NAME, PATH, PROPERTY};

    let device = Device::new();
    let connection = device.connect();
    let clerk = proxy(&connection);
    let _service = device.serve();
    clerk.choose_password(pipe(PASSWORD)).unwrap();
    let upower = device.connect();
    upower.request_name(BUS_NAME).unwrap();
    let cached = Clerk1ProxyBlocking::new(&connection).unwrap();
    let mut changes = cached.receive_state_changed();
    let tell = |name: &str, value: Value<'_>| {
        let (all, none) = (None::<&str>, Vec::<&str>::new());
        let body = (BUS_NAME, HashMap::from([(name, value)]), none);
        let interface = "org.freedesktop.DBus.Properties";
        upower
            .emit_signal(all, PATH, interface, "PropertiesChanged", &body)
            .unwrap();
    };
    tell(PROPERTY, true.into());
    while clerk.state() != Ok(ClerkState::Locked) {
        changes.next().unwrap();
    }
    clerk.unlock(pipe(PASSWORD)).unwrap();
    tell(PROPERTY, false.into());
    tell(PROPERTY, "damaged".into());
    tell("OnBattery", true.into());
    clerk.presence().unwrap();
    clerk.sign_out().unwrap();
}

/// Proves C6: a service whose bus falls ends, so that the next one can be asked; it does not stay behind where nobody can reach it.
#[test]
fn it_ends_with_its_bus() {
    let mut device = Device::new();
    let mut service = device.serve();
    device.bus.0.kill().unwrap();
    let (ended, hears) = channel();
    thread::spawn(move || ended.send(service.0.wait().unwrap()));
    let status = hears.recv_timeout(DEADLINE).unwrap();
    assert!(!status.success());
}

/// Proves C6: what is kept of the password is damaged: nobody comes in, no new password can be chosen, and the service says so.
#[test]
fn a_damaged_file_lets_nobody_in() {
    let device = Device::new();
    let connection = device.connect();
    let clerk = proxy(&connection);
    let service = device.serve();
    clerk.choose_password(pipe(PASSWORD)).unwrap();
    drop(service);
    let file = device.path("state/password.json");
    let text = std::fs::read_to_string(&file).unwrap();
    for damaged in ["", "{}", &text[..text.len() / 2]] {
        std::fs::write(&file, damaged).unwrap();
        let _service = device.serve();
        assert_eq!(clerk.state(), Ok(ClerkState::Damaged));
        assert!(is_unexpected(&clerk.choose_password(pipe("anderes Wort"))));
        assert!(is_unexpected(&clerk.sign_in(pipe(PASSWORD))));
        assert!(is_unexpected(&clerk.unlock(pipe(PASSWORD))));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), damaged);
    }
}

/// Proves C6: a try that cannot be counted is none: with a directory that nothing can be written to the right password does not open.
#[test]
fn a_try_that_cannot_be_counted_is_none() {
    let device = Device::new();
    let connection = device.connect();
    let clerk = proxy(&connection);
    let _service = device.serve();
    clerk.choose_password(pipe(PASSWORD)).unwrap();
    clerk.lock().unwrap();
    // Whoever runs the test may be root, whom no permission stops; a directory in the way does.
    std::fs::create_dir(device.path("state/password.new")).unwrap();
    let refused = clerk.unlock(pipe(PASSWORD));
    assert!(matches!(refused, Err(ClerkError::Failed(_))), "{refused:?}");
    assert_eq!(clerk.state(), Ok(ClerkState::Locked));
    std::fs::remove_dir(device.path("state/password.new")).unwrap();
    clerk.unlock(pipe(PASSWORD)).unwrap();
}
