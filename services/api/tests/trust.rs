// SPDX-License-Identifier: EUPL-1.2
//! The contract over a real connection: two peers on a socket pair, no bus daemon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::os::unix::net::UnixStream;

use api::secret::Secret;
use api::trust::{self, Status, Task, Trust1ProxyBlocking, TrustError, TrustState};
use zbus::blocking::{Connection, connection::Builder};

/// A served object and a client of it.
fn peers() -> (
    Connection,
    Connection,
    trust::Publisher,
    async_channel::Receiver<trust::Request>,
) {
    let (a, b) = UnixStream::pair().unwrap();
    let guid = zbus::Guid::generate();
    // Both ends shake hands with each other, so they have to be built side by side.
    let server = std::thread::spawn(move || {
        Builder::async_io_unix_stream(a)
            .server(guid)
            .unwrap()
            .p2p()
            // Something is served from the start: then the connection is built only when calls are heard, and none is lost.
            .serve_at("/", zbus::fdo::ObjectManager)
            .unwrap()
            .build()
            .unwrap()
    });
    let client = Builder::async_io_unix_stream(b).p2p().build().unwrap();
    let server = server.join().unwrap();
    let (publisher, requests) = trust::serve(&server, Status::default()).unwrap();
    (server, client, publisher, requests)
}

fn proxy(client: &Connection) -> Trust1ProxyBlocking<'static> {
    Trust1ProxyBlocking::builder(client)
        .destination(trust::BUS_NAME)
        .unwrap()
        .build()
        .unwrap()
}

/// The `<interface>` of ours in an introspection document, without comments and layout.
fn interface_of(xml: &str) -> String {
    let start = xml
        .find(&format!("<interface name=\"{}\"", trust::INTERFACE))
        .expect("our interface");
    let rest = &xml[start..];
    let end = rest.find("</interface>").expect("its end");
    let mut out = String::new();
    let mut rest = &rest[..end];
    while let Some(comment) = rest.find("<!--") {
        out.push_str(&rest[..comment]);
        rest = rest[comment..].split_once("-->").expect("comment's end").1;
    }
    out.push_str(rest);
    out.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Proves O2: the published XML is what the service really offers.
#[test]
fn published_xml_matches_live_introspection() {
    let (_server, client, _publisher, _requests) = peers();
    let live = zbus::blocking::fdo::IntrospectableProxy::builder(&client)
        .destination(trust::BUS_NAME)
        .unwrap()
        .path(trust::PATH)
        .unwrap()
        .build()
        .unwrap()
        .introspect()
        .unwrap();
    let published = include_str!("../xml/de.amtsnah.Trust1.xml");
    assert_eq!(
        interface_of(published),
        interface_of(&live),
        "live:\n{live}"
    );
}

/// Proves C6: the PIN goes from caller to service through a pipe, and the answer comes back by its own name.
#[test]
fn calls_reach_the_service_and_errors_return_by_name() {
    let (_server, client, _publisher, requests) = peers();
    let service = std::thread::spawn(move || {
        let mut seen = Vec::new();
        for result in [Err(TrustError::WrongPin("one".into())), Ok(())] {
            let request = requests.recv_blocking().unwrap();
            seen.push((request.task, request.secret.read().unwrap()));
            request.answer.send(result);
        }
        drop(requests.recv_blocking().unwrap());
        seen
    });
    let proxy = proxy(&client);
    let pin = || {
        Secret::new("135790".into())
            .unwrap()
            .into_pipe()
            .unwrap()
            .into()
    };
    assert_eq!(
        proxy.submit_pin(pin()),
        Err(TrustError::WrongPin("one".into()))
    );
    assert_eq!(proxy.choose_pin(pin()), Ok(()));
    assert!(matches!(
        proxy.submit_recovery_key(pin()),
        Err(TrustError::Failed(_))
    ));
    let secret = Secret::new("135790".into()).unwrap();
    assert_eq!(
        service.join().unwrap(),
        [(Task::SubmitPin, secret.clone()), (Task::ChoosePin, secret)]
    );
}

/// Proves O2: a client that waits for the new state finds code and reason with it.
#[test]
fn changes_arrive_complete() {
    let (_server, client, publisher, _requests) = peers();
    let proxy = proxy(&client);
    let mut changes = proxy.receive_state_changed();
    assert_eq!(Status::read(&proxy).unwrap(), Status::default());
    let recovery = Status {
        state: TrustState::Recovery,
        code: "CBDE-FGHI".into(),
        reason: "tpm-mismatch".into(),
    };
    publisher.set(recovery.clone()).unwrap();
    let seen = changes
        .by_ref()
        .map(|change| change.get().unwrap())
        .find(|state| *state != TrustState::Opening);
    assert_eq!(seen, Some(TrustState::Recovery));
    assert_eq!(Status::read(&proxy).unwrap(), recovery);
}
