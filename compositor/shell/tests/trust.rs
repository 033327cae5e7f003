// SPDX-License-Identifier: EUPL-1.2
//! The link to the trust service over a real bus, with a service that behaves as the test wants.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod bus;

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use api::secret::Secret;
use api::trust::{BUS_NAME, Status, Task, TrustError, TrustState, serve};
use shell::event::{Refusal, Trust};
use shell::trust::Link;
use zbus::blocking::connection::Builder;

use bus::Bus;

const DEADLINE: Duration = Duration::from_secs(20);

fn wait_for(news: &Receiver<Trust>, expected: &Trust) {
    loop {
        let told = news
            .recv_timeout(DEADLINE)
            .unwrap_or_else(|_| panic!("{expected:?} was not told"));
        if told == *expected {
            return;
        }
    }
}

fn status(state: TrustState) -> Status {
    Status {
        state,
        ..Status::default()
    }
}

/// Proves C6, O2: the shell may be first; it learns of the service, of every state, of refusals, and of its end.
#[test]
fn news_and_answers_arrive() {
    let bus = Bus::start();
    let (sender, news) = channel();
    let address = bus.address.clone();
    let link = Link::start_on(
        move || Builder::address(address.as_str())?.build(),
        move |told| sender.send(told).is_ok(),
    )
    .unwrap();

    let connection = bus.connect();
    let (publisher, requests) = serve(&connection, status(TrustState::Pin)).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    wait_for(&news, &Trust::Status(status(TrustState::Pin)));

    let service = std::thread::spawn(move || {
        let first = requests.recv_blocking().unwrap();
        let (task, secret) = first.call;
        let secret = secret.read().unwrap();
        assert_eq!((task, secret.expose()), (Task::SubmitPin, "135790"));
        first.answer.send(Err(TrustError::WrongPin("wrong".into())));
        requests.recv_blocking().unwrap().answer.send(Ok(()));
    });
    let pin = || Secret::new("135790".into()).unwrap();
    link.submit(Task::SubmitPin, pin());
    wait_for(&news, &Trust::Answer(Err(Refusal::WrongPin)));
    link.submit(Task::SubmitPin, pin());
    wait_for(&news, &Trust::Answer(Ok(())));
    service.join().unwrap();

    let recovery = Status {
        state: TrustState::Recovery,
        code: "CBDE-FGHI".into(),
        reason: "tpm-mismatch".into(),
    };
    publisher.set(recovery.clone()).unwrap();
    wait_for(&news, &Trust::Status(recovery));
    publisher.set(status(TrustState::Open)).unwrap();
    wait_for(&news, &Trust::Status(status(TrustState::Open)));

    connection.release_name(BUS_NAME).unwrap();
    wait_for(&news, &Trust::Gone);
    link.submit(Task::SubmitPin, pin());
    wait_for(&news, &Trust::Answer(Err(Refusal::Failed)));
}

/// Proves O2: a bus that is not there yet is tried again, and one that ends is noticed.
#[test]
fn bus_may_come_late_and_go() {
    let bus = Bus::start();
    let (sender, news) = channel();
    let (address, late) = (bus.address.clone(), std::sync::Mutex::new(2));
    let _link = Link::start_on(
        move || {
            let mut left = late.lock().unwrap();
            if *left > 0 {
                *left -= 1;
                return Err(zbus::Error::Failure("not yet".into()));
            }
            Builder::address(address.as_str())?.build()
        },
        move |told| sender.send(told).is_ok(),
    )
    .unwrap();
    let connection = bus.connect();
    let _served = serve(&connection, status(TrustState::NewPin)).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    wait_for(&news, &Trust::Status(status(TrustState::NewPin)));
    drop(bus);
    wait_for(&news, &Trust::Gone);
}
