// SPDX-License-Identifier: EUPL-1.2
//! Who may call the service, by a real bus daemon with the device's own policy.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

#[path = "../../api/tests/common/policy.rs"]
mod policy;

use api::network::{BUS_NAME, Link, Network1ProxyBlocking, PATH, serve};
use policy::{Bus, is_denied};
use zbus::blocking::Connection;

const POLICY: &str = include_str!(
    "../../../recipes/network/mkosi.extra/usr/share/dbus-1/system.d/de.amtsnah.Network1.conf"
);

fn answer(bus: &Bus) -> Connection {
    let connection = bus.connect();
    serve(&connection).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    connection
}

/// Proves T12: the shell's user may read how the link stands, and nobody else may; not even the shell gets at anything but the
/// contract, and nobody can take the service's name.
#[test]
fn only_the_shell_may_call() {
    let bus = Bus::where_i_am(POLICY, &["network", "shell"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let network = Network1ProxyBlocking::new(&connection).unwrap();
    let told = Link::from_words(&network.link().unwrap());
    assert_eq!(told, Some(Link::UNKNOWN));
    let other = |interface, member| {
        connection.call_method(Some(BUS_NAME), PATH, Some(interface), member, &())
    };
    assert!(is_denied(other(
        "org.freedesktop.DBus.Peer",
        "GetMachineId"
    )));
    assert!(is_denied(other("org.freedesktop.DBus.Properties", "Set")));

    let bus = Bus::where_i_am(POLICY, &["network"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let network = Network1ProxyBlocking::new(&connection).unwrap();
    assert!(is_denied(network.link()));

    let bus = Bus::where_i_am(POLICY, &["shell"]);
    assert!(is_denied(bus.connect().request_name(BUS_NAME)));
}
