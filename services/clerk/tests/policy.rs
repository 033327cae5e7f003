// SPDX-License-Identifier: EUPL-1.2
//! Who may call the service, by a real bus daemon with the device's own policy.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

#[path = "../../api/tests/common/policy.rs"]
mod policy;

use api::clerk::{BUS_NAME, Clerk1ProxyBlocking, ClerkState, PATH, Status, serve};
use policy::{Bus, is_denied};
use zbus::blocking::Connection;

const POLICY: &str = include_str!(
    "../../../recipes/clerk/mkosi.extra/usr/share/dbus-1/system.d/de.amtsnah.Clerk1.conf"
);

/// Serves, and answers whatever is asked.
fn answer(bus: &Bus) -> Connection {
    let connection = bus.connect();
    let (_, requests) = serve(&connection, Status::default()).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    std::thread::spawn(move || {
        while let Ok(request) = requests.recv_blocking() {
            request.answer.send(Ok(()));
        }
    });
    connection
}

/// Proves C6, T12: the shell's user may call the service, and nobody else may; not even the shell gets at anything but the
/// contract, and nobody can take the service's name.
#[test]
fn only_the_shell_may_call() {
    let bus = Bus::where_i_am(POLICY, &["clerk", "shell"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let clerk = Clerk1ProxyBlocking::new(&connection).unwrap();
    clerk.lock().unwrap();
    assert_eq!(clerk.state().unwrap(), ClerkState::SignedOut);
    let other = |interface, member| {
        connection.call_method(Some(BUS_NAME), PATH, Some(interface), member, &())
    };
    assert!(is_denied(other(
        "org.freedesktop.DBus.Peer",
        "GetMachineId"
    )));
    assert!(is_denied(other("org.freedesktop.DBus.Properties", "Set")));

    let bus = Bus::where_i_am(POLICY, &["clerk"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let clerk = Clerk1ProxyBlocking::new(&connection).unwrap();
    assert!(is_denied(clerk.lock()));
    assert!(is_denied(clerk.state()));

    let bus = Bus::where_i_am(POLICY, &["shell"]);
    assert!(is_denied(bus.connect().request_name(BUS_NAME)));
}
