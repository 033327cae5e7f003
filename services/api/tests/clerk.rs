// SPDX-License-Identifier: EUPL-1.2
//! The contract over a real connection: two peers on a socket pair, no bus daemon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::os::fd::OwnedFd;
use std::time::Duration;

use api::clerk::{
    self, Call, Clerk1ProxyBlocking, ClerkError, ClerkState, Publisher, Request, Status, Task,
};
use api::secret::Secret;
use zbus::blocking::Connection;

fn peers() -> (
    Connection,
    Connection,
    Publisher,
    async_channel::Receiver<Request>,
) {
    let (server, client) = common::connections();
    let (publisher, requests) = clerk::serve(&server, Status::default()).unwrap();
    (server, client, publisher, requests)
}

fn proxy(client: &Connection) -> Clerk1ProxyBlocking<'static> {
    Clerk1ProxyBlocking::builder(client)
        .destination(clerk::BUS_NAME)
        .unwrap()
        .build()
        .unwrap()
}

fn pipe(password: &str) -> zbus::zvariant::OwnedFd {
    let pipe: OwnedFd = Secret::new(password.into()).unwrap().into_pipe().unwrap();
    pipe.into()
}

/// Proves C6: the published XML is what the service really offers.
#[test]
fn published_xml_matches_live_introspection() {
    let (_server, client, _publisher, _requests) = peers();
    let live = common::introspect(&client, clerk::BUS_NAME, clerk::PATH);
    let published = include_str!("../xml/de.amtsnah.Clerk1.xml");
    assert_eq!(
        common::interface_of(published, clerk::INTERFACE),
        common::interface_of(&live, clerk::INTERFACE),
        "live:\n{live}"
    );
}

/// Proves C6: every call reaches the service with its password, and answers and errors return by their own name.
#[test]
fn calls_reach_the_service_and_answers_return() {
    let (_server, client, _publisher, requests) = peers();
    let service = std::thread::spawn(move || {
        let mut seen = Vec::new();
        while let Ok(Request { call, answer }) = requests.recv_blocking() {
            let last = matches!(call, Call::SignOut);
            let (said, result) = match call {
                Call::Password(task, pipe) => {
                    let password = pipe.read().unwrap();
                    let result = match task {
                        Task::Choose => Ok(()),
                        Task::SignIn => Err(ClerkError::WrongPassword("wrong".into())),
                        Task::Unlock => Err(ClerkError::TooEarly("early".into())),
                    };
                    (format!("{task:?} {}", password.expose()), result)
                }
                other => (format!("{other:?}"), Ok(())),
            };
            seen.push(said);
            answer.send(result);
            if last {
                break;
            }
        }
        seen
    });
    let proxy = proxy(&client);
    assert_eq!(proxy.choose_password(pipe("lagerkiste")), Ok(()));
    assert_eq!(
        proxy.sign_in(pipe("falsch")),
        Err(ClerkError::WrongPassword("wrong".into()))
    );
    assert_eq!(
        proxy.unlock(pipe("lagerkiste")),
        Err(ClerkError::TooEarly("early".into()))
    );
    proxy.presence().unwrap();
    proxy.lock().unwrap();
    proxy.sign_out().unwrap();
    assert_eq!(
        service.join().unwrap(),
        [
            "Choose lagerkiste",
            "SignIn falsch",
            "Unlock lagerkiste",
            "Presence",
            "Lock",
            "SignOut"
        ]
    );
}

/// Proves C6: a client that waits for the new state finds the time of the next try with it.
#[test]
fn changes_arrive_complete() {
    let (_server, client, publisher, _requests) = peers();
    let proxy = proxy(&client);
    let mut changes = proxy.receive_state_changed();
    assert_eq!(Status::read(&proxy).unwrap(), Status::default());
    let locked = Status {
        state: ClerkState::Locked,
        retry: Some(Duration::from_millis(90_500)),
    };
    publisher.set(locked).unwrap();
    let seen = changes
        .by_ref()
        .map(|change| change.get().unwrap())
        .find(|state| *state != ClerkState::SignedOut);
    assert_eq!(seen, Some(ClerkState::Locked));
    assert_eq!(Status::read(&proxy).unwrap(), locked);
}
