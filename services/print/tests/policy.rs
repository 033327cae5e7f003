// SPDX-License-Identifier: EUPL-1.2
//! Who may call the service, by a real bus daemon with the device's own policy.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

#[path = "../../api/tests/common/policy.rs"]
mod policy;

use api::print::{BUS_NAME, Call, PATH, Print1ProxyBlocking, Reply, serve};
use api::session::{Kind, document};
use policy::{Bus, is_denied};
use zbus::blocking::Connection;

const POLICY: &str = include_str!(
    "../../../recipes/printing/mkosi.extra/usr/share/dbus-1/system.d/de.amtsnah.Print1.conf"
);

/// Serves, and answers whatever is asked.
fn answer(bus: &Bus) -> Connection {
    let connection = bus.connect();
    let (_, requests) = serve(&connection).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    std::thread::spawn(move || {
        while let Ok(request) = requests.recv_blocking() {
            let reply = match request.call {
                Call::Print(..) => Reply::Job(7),
                Call::Cancel(_) => Reply::Done,
                Call::Draw(drawing) => Reply::Drawn(drawing.content, 1),
            };
            request.answer.send(Ok(reply));
        }
    });
    connection
}

/// Proves T12, T15: the shell's user may print and have pages drawn, and nobody else may, nor look at what is printed; not even the shell gets at anything but
/// the contract, and nobody can take the service's name.
#[test]
fn only_the_shell_may_call() {
    let print = |proxy: &Print1ProxyBlocking<'_>| {
        let content = document::seal(b"%PDF-1.7").unwrap();
        proxy.print(Kind::Pdf, content.into(), 1)
    };
    let draw = |proxy: &Print1ProxyBlocking<'_>| {
        let content = document::seal(b"%PDF-1.7").unwrap();
        let drawn = proxy.draw(Kind::Pdf, content.into(), 1, 100, 100);
        drawn.map(|(_, pages)| pages)
    };
    let bus = Bus::where_i_am(POLICY, &["print", "shell"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let proxy = Print1ProxyBlocking::new(&connection).unwrap();
    assert_eq!(print(&proxy), Ok(7));
    assert_eq!(draw(&proxy), Ok(1));
    proxy.cancel(7).unwrap();
    assert_eq!(proxy.printer().unwrap(), (false, String::new()));
    let other = |interface, member| {
        connection.call_method(Some(BUS_NAME), PATH, Some(interface), member, &())
    };
    assert!(is_denied(other(
        "org.freedesktop.DBus.Peer",
        "GetMachineId"
    )));
    assert!(is_denied(other("org.freedesktop.DBus.Properties", "Set")));

    let bus = Bus::where_i_am(POLICY, &["print"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let proxy = Print1ProxyBlocking::new(&connection).unwrap();
    assert!(is_denied(print(&proxy)));
    assert!(is_denied(draw(&proxy)));
    assert!(is_denied(proxy.cancel(7)));
    assert!(is_denied(proxy.job()));

    let bus = Bus::where_i_am(POLICY, &["shell"]);
    assert!(is_denied(bus.connect().request_name(BUS_NAME)));
}
