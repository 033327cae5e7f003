// SPDX-License-Identifier: EUPL-1.2
//! Who may call the service, and whom it may call, by a real bus daemon with the device's own policy.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

#[path = "../../api/tests/common/policy.rs"]
mod policy;

use api::call::papers::{self, Papers1ProxyBlocking, Reply};
use api::call::{BUS_NAME, Call1ProxyBlocking, CallState, PATH, Status, serve};
use api::session::{self, Kind, Session1ProxyBlocking, document};
use policy::{Bus, is_denied};
use zbus::blocking::Connection;
use zbus::proxy::CacheProperties;

const POLICY: &str = include_str!(
    "../../../recipes/call/mkosi.extra/usr/share/dbus-1/system.d/de.amtsnah.Call1.conf"
);
const SESSION: &str = include_str!(
    "../../../recipes/session/mkosi.extra/usr/share/dbus-1/system.d/de.amtsnah.Session1.conf"
);

/// Serves, and answers whatever is asked.
fn answer(bus: &Bus) -> Connection {
    let connection = bus.connect();
    let (_, calls) = serve(&connection, Status::default()).unwrap();
    let (_, papers) = papers::serve(&connection).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    std::thread::spawn(move || {
        while let Ok(request) = calls.recv_blocking() {
            request.answer.send(Ok(()));
        }
    });
    std::thread::spawn(move || {
        while let Ok(request) = papers.recv_blocking() {
            request.answer.send(Ok(Reply::Done));
        }
    });
    connection
}

/// Proves T5, T12, T15: the shell's user may call and has the papers of the call, and nobody else, nor may they look at whom somebody
/// talks with; not even the shell gets at anything but the contract, and nobody can take the service's name.
#[test]
fn only_the_shell_may_call() {
    let bus = Bus::where_i_am(POLICY, &["call", "shell"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let call = Call1ProxyBlocking::new(&connection).unwrap();
    let papers = Papers1ProxyBlocking::new(&connection).unwrap();
    assert_eq!(call.call("registration".into()), Ok(()));
    assert_eq!(call.state().unwrap(), CallState::Idle);
    assert_eq!(papers.answer_print(1, "declined".into()), Ok(()));
    let declined = || ("declined".to_owned(), String::new());
    let (word, reason) = declined();
    assert_eq!(papers.answer_scan(1, word, reason), Ok(()));
    assert_eq!(papers.scan().unwrap().request, 0);
    assert!(papers.received().unwrap().is_empty());
    let other = |interface, member| {
        connection.call_method(Some(BUS_NAME), PATH, Some(interface), member, &())
    };
    assert!(is_denied(other(
        "org.freedesktop.DBus.Peer",
        "GetMachineId"
    )));
    assert!(is_denied(other("org.freedesktop.DBus.Properties", "Set")));

    let bus = Bus::where_i_am(POLICY, &["call"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let call = Call1ProxyBlocking::new(&connection).unwrap();
    let papers = Papers1ProxyBlocking::new(&connection).unwrap();
    assert!(is_denied(call.call("registration".into())));
    assert!(is_denied(call.state()));
    assert!(is_denied(papers.answer_print(1, "declined".into())));
    let (word, reason) = declined();
    assert!(is_denied(papers.answer_scan(1, word, reason)));
    assert!(is_denied(papers.scan()));
    assert!(is_denied(papers.received()));

    let bus = Bus::where_i_am(POLICY, &["shell"]);
    assert!(is_denied(bus.connect().request_name(BUS_NAME)));
}

/// Proves T12, T15: of a session the user of calls may see whether it is on, and do nothing.
#[test]
fn it_may_only_see_that_a_visit_is_on() {
    let (_, policies) = POLICY.split_once("<busconfig>").unwrap();
    let both = SESSION.replacen("</busconfig>", policies, 1);
    let bus = Bus::where_i_am(&both, &["session", "call"]);
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
    assert_eq!(proxy.state().unwrap(), session::SessionState::Idle);
    let content = document::seal(b"%PDF-1.7").unwrap();
    assert!(is_denied(proxy.create_document(Kind::Pdf, content.into())));
    assert!(is_denied(proxy.list_documents()));
    assert!(is_denied(proxy.open_document(7)));
    assert!(is_denied(proxy.end(session::Outcome::Done)));
}
