// SPDX-License-Identifier: EUPL-1.2
//! Who may call the service, and whom it may call, by a real bus daemon with the device's own policy.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

#[path = "../../api/tests/common/policy.rs"]
mod policy;

use api::scan::{BUS_NAME, PATH, Reply, Scan1ProxyBlocking, serve};
use api::session::{self, Kind, Session1ProxyBlocking, document};
use policy::{Bus, is_denied};
use zbus::blocking::Connection;
use zbus::proxy::CacheProperties;

const POLICY: &str = include_str!(
    "../../../recipes/scanning/mkosi.extra/usr/share/dbus-1/system.d/de.amtsnah.Scan1.conf"
);
const SESSION: &str = include_str!(
    "../../../recipes/session/mkosi.extra/usr/share/dbus-1/system.d/de.amtsnah.Session1.conf"
);

/// Serves, and answers whatever is asked.
fn answer(bus: &Bus) -> Connection {
    let connection = bus.connect();
    let (_, requests) = serve(&connection).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    std::thread::spawn(move || {
        while let Ok(request) = requests.recv_blocking() {
            request.answer.send(Ok(Reply::Page(7)));
        }
    });
    connection
}

/// Proves T12, T15: the shell's user may scan, and nobody else may, nor look at what was scanned; not even the shell gets at anything but
/// the contract, and nobody can take the service's name.
#[test]
fn only_the_shell_may_call() {
    let bus = Bus::where_i_am(POLICY, &["scan", "shell"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let proxy = Scan1ProxyBlocking::new(&connection).unwrap();
    assert_eq!(proxy.scan(), Ok(7));
    assert!(!proxy.scanner().unwrap());
    let other = |interface, member| {
        connection.call_method(Some(BUS_NAME), PATH, Some(interface), member, &())
    };
    assert!(is_denied(other(
        "org.freedesktop.DBus.Peer",
        "GetMachineId"
    )));
    assert!(is_denied(other("org.freedesktop.DBus.Properties", "Set")));

    let bus = Bus::where_i_am(POLICY, &["scan"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let proxy = Scan1ProxyBlocking::new(&connection).unwrap();
    assert!(is_denied(proxy.scan()));
    assert!(is_denied(proxy.preview(7)));
    assert!(is_denied(proxy.pages()));

    let bus = Bus::where_i_am(POLICY, &["shell"]);
    assert!(is_denied(bus.connect().request_name(BUS_NAME)));
}

/// Proves T12, T15: of a session the scanner's user may add a document, and nothing else.
#[test]
fn it_may_only_add_documents() {
    let bus = Bus::where_i_am(SESSION, &["session", "scan"]);
    let served = bus.connect();
    let (_, requests) = session::serve(&served, session::Status::default()).unwrap();
    served.request_name(session::BUS_NAME).unwrap();
    std::thread::spawn(move || {
        while let Ok(request) = requests.recv_blocking() {
            request.answer.send(Ok(session::Reply::Created(7)));
        }
    });
    let connection = bus.connect();
    let proxy = Session1ProxyBlocking::builder(&connection)
        .cache_properties(CacheProperties::No)
        .build()
        .unwrap();
    let content = document::seal(b"%PDF-1.7").unwrap();
    assert_eq!(proxy.create_document(Kind::Pdf, content.into()), Ok(7));
    assert!(is_denied(proxy.list_documents()));
    assert!(is_denied(proxy.open_document(7)));
    assert!(is_denied(proxy.end(session::Outcome::Done)));
    assert!(is_denied(proxy.state()));
}
