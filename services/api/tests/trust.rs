// SPDX-License-Identifier: EUPL-1.2
//! The contract over a real connection: two peers on a socket pair, no bus daemon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use api::secret::Secret;
use api::trust::{self, Status, Task, Trust1ProxyBlocking, TrustError, TrustState};
use zbus::blocking::Connection;

/// A served object and a client of it.
fn peers() -> (
    Connection,
    Connection,
    trust::Publisher,
    async_channel::Receiver<trust::Request>,
) {
    let (server, client) = common::connections();
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

/// Proves O2: the published XML is what the service really offers.
#[test]
fn published_xml_matches_live_introspection() {
    let (_server, client, _publisher, _requests) = peers();
    let live = common::introspect(&client, trust::BUS_NAME, trust::PATH);
    let published = include_str!("../xml/de.amtsnah.Trust1.xml");
    assert_eq!(
        common::interface_of(published, trust::INTERFACE),
        common::interface_of(&live, trust::INTERFACE),
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
            let (task, secret) = request.call;
            seen.push((task, secret.read().unwrap()));
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
