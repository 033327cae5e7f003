// SPDX-License-Identifier: EUPL-1.2
//! The service itself on a real bus, with a networkd that says what the test wants.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use api::network::{BUS_NAME, Condition, Kind, Link, Network1ProxyBlocking};
use network::networkd;
use zbus::blocking::{Connection, connection::Builder, fdo::DBusProxy};

const DEADLINE: Duration = Duration::from_mins(1);

/// A child process that is ended with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A bus with the service on it, and all that the service publishes.
struct Device {
    address: String,
    bus: Process,
    service: Process,
    links: Receiver<Link>,
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
        let bus = Process(bus);
        let address = address.trim().to_owned();
        let connection = connect(&address);
        let mut names = DBusProxy::new(&connection)
            .unwrap()
            .receive_name_owner_changed()
            .unwrap();
        let service = Command::new(env!("CARGO_BIN_EXE_network"))
            .env("DBUS_SYSTEM_BUS_ADDRESS", &address)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let service = Process(service);
        names
            .find(|signal| {
                let args = signal.args().unwrap();
                args.name.as_str() == BUS_NAME && args.new_owner.is_some()
            })
            .unwrap();
        let (tell, links) = channel();
        thread::spawn(move || follow(&connection, &tell));
        Self {
            address,
            bus,
            service,
            links,
        }
    }

    /// Waits until this is published.
    fn wait(&self, condition: Condition, kind: Kind) {
        let awaited = Link { condition, kind };
        loop {
            let link = self.links.recv_timeout(DEADLINE);
            if link.unwrap_or_else(|_| panic!("{awaited:?} was not published")) == awaited {
                return;
            }
        }
    }
}

/// Tells what is published now and from now on, until the bus ends.
fn follow(connection: &Connection, tell: &Sender<Link>) {
    let network = Network1ProxyBlocking::new(connection).unwrap();
    // The first of these is what is published now.
    for change in network.receive_link_changed() {
        let Ok(words) = change.get() else { return };
        if tell.send(Link::from_words(&words).unwrap()).is_err() {
            return;
        }
    }
}

fn connect(address: &str) -> Connection {
    Builder::address(address).unwrap().build().unwrap()
}

/// The part of networkd that the service reads.
struct Manager {
    says: Arc<Mutex<String>>,
}

#[zbus::interface(name = "org.freedesktop.network1.Manager")]
impl Manager {
    fn describe(&self) -> String {
        self.says.lock().unwrap().clone()
    }

    #[zbus(property)]
    fn operational_state(&self) -> &'static str {
        let is_routable = self.says.lock().unwrap().contains("routable");
        if is_routable { "routable" } else { "degraded" }
    }
}

/// A networkd that is there.
struct Networkd {
    connection: Connection,
    says: Arc<Mutex<String>>,
}

impl Networkd {
    fn start(device: &Device, says: &str) -> Self {
        let connection = connect(&device.address);
        let says = Arc::new(Mutex::new(says.to_owned()));
        let manager = Manager {
            says: Arc::clone(&says),
        };
        connection
            .object_server()
            .at(networkd::PATH, manager)
            .unwrap();
        connection.request_name(networkd::BUS_NAME).unwrap();
        Self { connection, says }
    }

    /// Says this from now on, to whoever asks.
    fn change(&self, says: &str) {
        says.clone_into(&mut self.says.lock().unwrap());
    }

    /// The same, and that something has changed.
    fn say(&self, says: &str) {
        self.change(says);
        let server = self.connection.object_server();
        let object = server.interface::<_, Manager>(networkd::PATH).unwrap();
        let (manager, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(manager.operational_state_changed(emitter)).unwrap();
    }
}

/// A wired card as networkd describes it.
fn wired(state: &str, routes: &str) -> String {
    format!(
        r#"{{"Interfaces":[{{"Name":"e","Type":"ether","AdministrativeState":"configured","OperationalState":"{state}","Routes":[{routes}]}}]}}"#
    )
}

const WAY_OUT: &str =
    r#"{"Family":2,"DestinationPrefixLength":0,"Type":1,"ConfigState":"configured"}"#;

/// Proves C13: the service is there before networkd is, tells what networkd says and each change of it, a way out that comes silently too, outlives networkd's restart
/// and its nonsense, and ends with the bus, so that it is started anew.
#[test]
fn the_link_is_told() {
    let device = Device::new();
    device.wait(Condition::Connecting, Kind::None);
    let first = Networkd::start(&device, &wired("no-carrier", ""));
    device.wait(Condition::NoCarrier, Kind::Wired);
    first.say(&wired("carrier", ""));
    device.wait(Condition::Connecting, Kind::Wired);
    // Nobody is told of routes.
    first.change(&wired("routable", WAY_OUT));
    device.wait(Condition::Connected, Kind::Wired);
    first.say("what a mess");
    device.wait(Condition::Connecting, Kind::None);
    first.say(r#"{"Interfaces":[]}"#);
    device.wait(Condition::NoCarrier, Kind::None);
    drop(first);
    device.wait(Condition::Connecting, Kind::None);
    let second = Networkd::start(&device, &wired("routable", WAY_OUT));
    device.wait(Condition::Connected, Kind::Wired);
    drop(second);
    device.wait(Condition::Connecting, Kind::None);

    let Device {
        bus, mut service, ..
    } = device;
    drop(bus);
    let (ended, end) = channel();
    thread::spawn(move || ended.send(service.0.wait().unwrap().code()));
    assert_eq!(end.recv_timeout(DEADLINE).unwrap(), Some(1));
}
