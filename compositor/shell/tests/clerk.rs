// SPDX-License-Identifier: EUPL-1.2
//! The links to the clerk service and to `UPower` over a real bus, with services that behave as the test wants.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod bus;

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use api::clerk::{BUS_NAME, Call, ClerkError, ClerkState, Request, Status, Task, serve};
use api::inventory::{Condition, Device, Kind};
use api::network;
use api::secret::Secret;
use shell::battery;
use shell::clerk::Link;
use shell::event::{Clerk, ClerkRefusal, ClerkRequest};
use shell::inventory;
use shell::state::clerk::{Battery, Power};
use zbus::blocking::connection::Builder;

use bus::Bus;

const DEADLINE: Duration = Duration::from_secs(20);

fn wait_for<T: PartialEq + std::fmt::Debug>(news: &Receiver<T>, expected: &T) {
    loop {
        let told = news
            .recv_timeout(DEADLINE)
            .unwrap_or_else(|_| panic!("{expected:?} was not told"));
        if told == *expected {
            return;
        }
    }
}

/// Proves C2, C6: the shell learns of the service, of every state and of each answer to a password, and of the service's end; passwords
/// arrive whole.
#[test]
fn news_and_answers_arrive() {
    let bus = Bus::start();
    let (sender, news) = channel();
    let address = bus.address.clone();
    let link = Link::start_on(
        move || Builder::address(address.as_str())?.build(),
        move |told| sender.send(told).is_ok(),
    )
    .unwrap();
    let connection = bus.connect();
    let (publisher, requests) = serve(&connection, Status::default()).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    wait_for(&news, &Clerk::Status(Status::default()));

    let service = std::thread::spawn(move || {
        let mut seen = Vec::new();
        while let Ok(Request { call, answer }) = requests.recv_blocking() {
            let last = matches!(call, Call::SignOut);
            match call {
                Call::Password(task, pipe) => {
                    let password = pipe.read().unwrap();
                    seen.push(format!("{task:?} {}", password.expose()));
                    answer.send(match task {
                        Task::Choose => Err(ClerkError::TooEarly("early".into())),
                        Task::SignIn => Err(ClerkError::WrongPassword("wrong".into())),
                        Task::Unlock => Ok(()),
                    });
                }
                other => {
                    seen.push(format!("{other:?}"));
                    answer.send(Ok(()));
                }
            }
            if last {
                break;
            }
        }
        seen
    });
    let password = |task| {
        let secret = Secret::new("Lößnitz-Grund 7".into()).unwrap();
        link.ask(ClerkRequest::Password(task, secret));
    };
    password(Task::SignIn);
    wait_for(&news, &Clerk::Answer(Err(ClerkRefusal::Wrong)));
    password(Task::Choose);
    wait_for(&news, &Clerk::Answer(Err(ClerkRefusal::TooEarly)));
    password(Task::Unlock);
    wait_for(&news, &Clerk::Answer(Ok(())));
    // Touched again and again: told once.
    for _ in 0..3 {
        link.ask(ClerkRequest::Presence);
    }
    link.ask(ClerkRequest::Lock);
    link.ask(ClerkRequest::SignOut);
    assert_eq!(
        service.join().unwrap(),
        [
            "SignIn Lößnitz-Grund 7",
            "Choose Lößnitz-Grund 7",
            "Unlock Lößnitz-Grund 7",
            "Presence",
            "Lock",
            "SignOut"
        ]
    );
    let locked = Status {
        state: ClerkState::Locked,
        retry: Some(Duration::from_secs(9)),
    };
    publisher.set(locked).unwrap();
    wait_for(&news, &Clerk::Status(locked));
    connection.release_name(BUS_NAME).unwrap();
    wait_for(&news, &Clerk::Gone);
    password(Task::SignIn);
    wait_for(&news, &Clerk::Answer(Err(ClerkRefusal::Failed)));
}

/// What `UPower` offers of all batteries together.
struct DisplayDevice {
    is_present: bool,
    percentage: f64,
    state: u32,
}

#[zbus::interface(name = "org.freedesktop.UPower.Device")]
impl DisplayDevice {
    #[zbus(property)]
    fn is_present(&self) -> bool {
        self.is_present
    }
    #[zbus(property)]
    fn percentage(&self) -> f64 {
        self.percentage
    }
    #[zbus(property)]
    fn state(&self) -> u32 {
        self.state
    }
}

/// Proves C1: what the inventory service tells of the devices reaches the shell, and so does its end.
#[test]
fn the_devices_are_followed() {
    let bus = Bus::start();
    let (sender, news) = channel();
    let address = bus.address.clone();
    inventory::follow_on(
        move || Builder::address(address.as_str())?.build(),
        move |told| sender.send(told).is_ok(),
    )
    .unwrap();
    let connection = bus.connect();
    let service = api::inventory::serve(&connection).unwrap();
    connection.request_name(api::inventory::BUS_NAME).unwrap();
    wait_for(&news, &Some(Vec::new()));
    let printer = Device {
        condition: Condition::Missing,
        kind: Kind::Printer,
    };
    service.set(vec![printer]).unwrap();
    wait_for(&news, &Some(vec![printer]));
    connection.release_name(api::inventory::BUS_NAME).unwrap();
    wait_for(&news, &None);
}

/// Proves C13: what the network service tells of the link reaches the shell, and so does its end.
#[test]
fn the_link_is_followed() {
    let bus = Bus::start();
    let (sender, news) = channel();
    let address = bus.address.clone();
    shell::network::follow_on(
        move || Builder::address(address.as_str())?.build(),
        move |told| sender.send(told).is_ok(),
    )
    .unwrap();
    let connection = bus.connect();
    let service = network::serve(&connection).unwrap();
    connection.request_name(network::BUS_NAME).unwrap();
    wait_for(&news, &Some(network::Link::UNKNOWN));
    let wired = network::Link {
        condition: network::Condition::Connected,
        kind: network::Kind::Wired,
    };
    service.set(wired).unwrap();
    wait_for(&news, &Some(wired));
    connection.release_name(network::BUS_NAME).unwrap();
    wait_for(&news, &None);
}

/// Proves C13: what `UPower` tells of the battery reaches the shell, and so does its end.
#[test]
fn the_battery_is_followed() {
    const PATH: &str = "/org/freedesktop/UPower/devices/DisplayDevice";
    let bus = Bus::start();
    let (sender, news) = channel();
    let address = bus.address.clone();
    battery::start_on(
        move || Builder::address(address.as_str())?.build(),
        move |told| sender.send(told).is_ok(),
    )
    .unwrap();
    let connection = bus.connect();
    let server = connection.object_server();
    let device = DisplayDevice {
        is_present: true,
        percentage: 81.4,
        state: 2,
    };
    server.at(PATH, device).unwrap();
    connection.request_name("org.freedesktop.UPower").unwrap();
    let is = |percent| {
        let power = Power::Battery;
        Some(Battery { power, percent })
    };
    wait_for(&news, &is(81));
    let device = server.interface::<_, DisplayDevice>(PATH).unwrap();
    device.get_mut().percentage = 80.0;
    zbus::block_on(device.get().percentage_changed(device.signal_emitter())).unwrap();
    wait_for(&news, &is(80));
    connection.release_name("org.freedesktop.UPower").unwrap();
    wait_for(&news, &None);
}
