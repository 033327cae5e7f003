// SPDX-License-Identifier: EUPL-1.2
//! The contract over a real connection: two peers on a socket pair, no bus daemon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::time::Duration;

use api::call::{
    BUS_NAME, Call, Call1ProxyBlocking, CallError, CallState, INTERFACE, PATH, Reason, Status,
    serve,
};
use zbus::proxy::CacheProperties;

/// Proves T1: the published XML is what the service really offers; what it publishes arrives whole, calls, answers and text too, and
/// what is no department or no text does not reach the service.
#[test]
fn published_xml_matches_live_introspection() {
    let (server, client) = common::connections();
    let (service, requests) = serve(&server, Status::default()).unwrap();
    let live = common::introspect(&client, BUS_NAME, PATH);
    let published = include_str!("../xml/de.amtsnah.Call1.xml");
    assert_eq!(
        common::interface_of(published, INTERFACE),
        common::interface_of(&live, INTERFACE),
        "live:\n{live}"
    );
    let proxy = Call1ProxyBlocking::builder(&client)
        .destination(BUS_NAME)
        .unwrap()
        .cache_properties(CacheProperties::No)
        .build()
        .unwrap();
    let calls = std::thread::spawn(move || {
        let mut calls = Vec::new();
        for _ in 0..6 {
            let request = requests.recv_blocking().unwrap();
            let refused = CallError::NotExpected("not now".into());
            request.answer.send(match request.call {
                Call::HangUp => Err(refused),
                _ => Ok(()),
            });
            calls.push(request.call);
        }
        calls
    });
    for department in ["", "a@b", "sip:a"] {
        let refused = proxy.call(department.into());
        assert!(matches!(refused, Err(CallError::BadInput(_))));
    }
    for text in ["", &"x".repeat(1025)] {
        let refused = proxy.send_text(text.into());
        assert!(matches!(refused, Err(CallError::BadInput(_))));
    }
    assert_eq!(proxy.call("meldestelle".into()), Ok(()));
    assert_eq!(proxy.pause(true), Ok(()));
    assert_eq!(proxy.mute(true), Ok(()));
    assert_eq!(proxy.send_text("Guten Tag".into()), Ok(()));
    assert!(matches!(proxy.room(0, 5), Err(CallError::BadInput(_))));
    assert_eq!(proxy.room(1080, 1200), Ok(()));
    let refused = CallError::NotExpected("not now".into());
    assert_eq!(proxy.hang_up(), Err(refused));
    assert_eq!(
        calls.join().unwrap(),
        [
            Call::Call("meldestelle".into()),
            Call::Pause(true),
            Call::Mute(true),
            Call::SendText("Guten Tag".into()),
            Call::Room(1080, 1200),
            Call::HangUp,
        ]
    );
    let mut texts = proxy.receive_text().unwrap();
    service
        .set(&Status {
            state: CallState::Ended,
            department: "meldestelle".into(),
            reason: Some(Reason::OtherHungUp),
            muted: true,
            unseen: true,
            position: Some(3),
            wait: Some(Duration::from_mins(4)),
        })
        .unwrap();
    service.text("Guten Tag").unwrap();
    assert_eq!(proxy.state().unwrap(), CallState::Ended);
    assert_eq!(proxy.department().unwrap(), "meldestelle");
    assert_eq!(proxy.reason().unwrap(), "other-hung-up");
    assert!(proxy.muted().unwrap());
    assert!(proxy.unseen().unwrap());
    assert_eq!(proxy.position().unwrap(), 3);
    assert_eq!(proxy.wait().unwrap(), 240);
    let text = texts.next().unwrap();
    assert_eq!(text.args().unwrap().text, "Guten Tag");
}
