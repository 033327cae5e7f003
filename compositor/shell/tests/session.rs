// SPDX-License-Identifier: EUPL-1.2
//! The link to the session service over a real bus, with a service that behaves as the test wants.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod bus;

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use api::session::{BUS_NAME, Call, Outcome, Reply, SessionError, SessionState, Status, serve};
use shell::event::{Session, SessionRequest};
use shell::session::Link;
use site::Language;
use zbus::blocking::connection::Builder;

use bus::Bus;

const DEADLINE: Duration = Duration::from_secs(20);

fn wait_for(news: &Receiver<Session>, expected: &Session) {
    loop {
        let told = news
            .recv_timeout(DEADLINE)
            .unwrap_or_else(|_| panic!("{expected:?} was not told"));
        if told == *expected {
            return;
        }
    }
}

/// Proves T15: the shell learns where the session stands and when it has to leave; what it asks for arrives in order, and
/// only a refusal comes back.
#[test]
fn news_and_requests_arrive() {
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
    wait_for(&news, &Session::Status(Status::default()));

    let service = std::thread::spawn(move || {
        let mut seen = Vec::new();
        for _ in 0..6 {
            let request = requests.recv_blocking().unwrap();
            seen.push(format!("{:?}", request.call));
            request.answer.send(match request.call {
                Call::Rate(_) => Err(SessionError::NotExpected("twice".into())),
                _ => Ok(Reply::Done),
            });
        }
        seen
    });
    let active = Status {
        state: SessionState::Active,
        deadline: Some(Duration::from_secs(150)),
        progress: 0,
        language: "hsb".into(),
        manner: "150-dark".into(),
    };
    publisher.set(&active).unwrap();
    wait_for(&news, &Session::Status(active));
    for request in [
        SessionRequest::Begin(Language::Hsb),
        SessionRequest::Prefer("150-dark".into()),
        SessionRequest::Presence,
        // Too soon after the first to matter.
        SessionRequest::Presence,
        SessionRequest::Note("dog-tax".into()),
        SessionRequest::End(Outcome::Done),
        SessionRequest::Rate(3),
    ] {
        link.ask(request);
    }
    wait_for(&news, &Session::Refused(SessionRequest::Rate(3)));
    assert_eq!(
        service.join().unwrap(),
        [
            r#"Begin("hsb")"#,
            r#"Prefer("150-dark")"#,
            "Presence",
            r#"Note("dog-tax")"#,
            "End(Done)",
            "Rate(3)"
        ]
    );
    publisher.ask_to_leave().unwrap();
    wait_for(&news, &Session::Leave);
    connection.release_name(BUS_NAME).unwrap();
    wait_for(&news, &Session::Gone);
}
