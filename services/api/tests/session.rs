// SPDX-License-Identifier: EUPL-1.2
//! The contract over a real connection: two peers on a socket pair, no bus daemon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::time::Duration;

use api::session::{
    self, Call, Document, Kind, Outcome, Reply, Session1ProxyBlocking, SessionError, SessionState,
    Status, document,
};
use zbus::blocking::Connection;

fn peers() -> (
    Connection,
    Connection,
    session::Publisher,
    async_channel::Receiver<session::Request>,
) {
    let (server, client) = common::connections();
    let (publisher, requests) = session::serve(&server, Status::default()).unwrap();
    (server, client, publisher, requests)
}

fn proxy(client: &Connection) -> Session1ProxyBlocking<'static> {
    Session1ProxyBlocking::builder(client)
        .destination(session::BUS_NAME)
        .unwrap()
        .build()
        .unwrap()
}

/// Proves T15: the published XML is what the service really offers.
#[test]
fn published_xml_matches_live_introspection() {
    let (_server, client, _publisher, _requests) = peers();
    let live = common::introspect(&client, session::BUS_NAME, session::PATH);
    let published = include_str!("../xml/de.amtsnah.Session1.xml");
    assert_eq!(
        common::interface_of(published, session::INTERFACE),
        common::interface_of(&live, session::INTERFACE),
        "live:\n{live}"
    );
}

/// Proves T15: every call reaches the service with what it carries, and answers and errors return by their own name.
#[test]
fn calls_reach_the_service_and_answers_return() {
    let (_server, client, _publisher, requests) = peers();
    let listed = Document {
        id: 7,
        kind: Kind::Png,
        bytes: 5,
    };
    let documents = vec![listed.clone()];
    let service = std::thread::spawn(move || {
        let mut seen = Vec::new();
        while let Ok(request) = requests.recv_blocking() {
            seen.push(format!("{:?}", request.call));
            let result = match request.call {
                Call::Create(Kind::Png, content) => {
                    assert_eq!(**document::read(&content).unwrap(), *b"hello");
                    Ok(Reply::Created(7))
                }
                Call::List => Ok(Reply::Listed(documents.clone())),
                Call::Open(7) => Ok(Reply::Opened(document::seal(b"hello").unwrap())),
                Call::Open(_) => Err(SessionError::NotFound("none".into())),
                Call::Drop(_) => {
                    drop(request.answer);
                    break;
                }
                _ => Ok(Reply::Done),
            };
            request.answer.send(result);
        }
        seen
    });
    let proxy = proxy(&client);
    proxy.begin("hsb".into()).unwrap();
    proxy.speak("de".into()).unwrap();
    proxy.prefer("150-dark".into()).unwrap();
    proxy.presence().unwrap();
    proxy.extend().unwrap();
    proxy.note("dog-tax".into()).unwrap();
    proxy.end(Outcome::Referred).unwrap();
    proxy.rate(3).unwrap();
    let content = document::seal(b"hello").unwrap().into();
    assert_eq!(proxy.create_document(Kind::Png, content), Ok(7));
    assert_eq!(proxy.list_documents(), Ok(vec![listed]));
    let opened = proxy.open_document(7).unwrap();
    assert_eq!(**document::read(&opened).unwrap(), *b"hello");
    assert_eq!(
        proxy.open_document(8).unwrap_err(),
        SessionError::NotFound("none".into())
    );
    assert!(matches!(
        proxy.drop_document(7),
        Err(SessionError::Failed(_))
    ));
    let seen = service.join().unwrap();
    assert_eq!(
        seen[..8],
        [
            r#"Begin("hsb")"#,
            r#"Speak("de")"#,
            r#"Prefer("150-dark")"#,
            "Presence",
            "Extend",
            r#"Note("dog-tax")"#,
            "End(Referred)",
            "Rate(3)"
        ]
    );
}

/// Proves T13: a client that waits for the new state finds the time that is left, and the language, with it.
#[test]
fn changes_arrive_complete() {
    let (_server, client, publisher, _requests) = peers();
    let proxy = proxy(&client);
    let mut changes = proxy.receive_state_changed();
    let mut leaves = proxy.receive_leave().unwrap();
    assert_eq!(Status::read(&proxy).unwrap(), Status::default());
    let warned = Status {
        state: SessionState::Warned,
        deadline: Some(Duration::from_millis(90_500)),
        progress: 0,
        language: "de-leicht".into(),
        manner: "200-light-lower".into(),
    };
    publisher.set(&warned).unwrap();
    let seen = changes
        .by_ref()
        .map(|change| change.get().unwrap())
        .find(|state| *state != SessionState::Idle);
    assert_eq!(seen, Some(SessionState::Warned));
    assert_eq!(Status::read(&proxy).unwrap(), warned);
    publisher.ask_to_leave().unwrap();
    assert!(leaves.next().is_some());
}
