// SPDX-License-Identifier: EUPL-1.2
//! From the touch to the clerk: the service enrols at the real exchange, waits in its queue, is called, handed over, and gone.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fs;
use std::time::Instant;

use api::call::{CallState, Reason};
use api::session::{self, SessionState};
use call::exchange::client::ClientError;
use call::exchange::enrol::EnrolError;
use call::exchange::place::{Means, Queues};
use common::children::wait_for;
use common::device::{DEPARTMENTS, Files, address, sees_and_hears};
use common::terminal::Terminal;
use common::town::Town;

/// Waits until the exchange knows of no ticket.
fn wait_without_ticket(files: &Files) {
    wait_for("the end of the ticket", || {
        (files.tickets() == 0).then_some(())
    });
}

/// Proves X1: a device is set up by one code, which works once; who is somebody else's exchange gets neither a code nor a call.
#[test]
fn a_device_is_enrolled_by_a_code() {
    let town = Town::start(address(), &DEPARTMENTS);
    let files = Files::at(&town);
    assert!(files.device().client().unwrap().is_none());
    let terminal = Terminal::start_at(Queues(files.device()));
    terminal.call().call("meldestelle".into()).unwrap();
    assert_eq!(terminal.wait_for_end(), Some(Reason::NotSetUp));

    let wrong = files.enrol("aaaa-aaaa-aaaa").unwrap_err();
    assert!(!wrong.is_passing(), "{wrong}");
    let stranger = Town::start(address(), &DEPARTMENTS);
    let elsewhere = Files::at(&stranger);
    let text = fs::read_to_string(&elsewhere.site).unwrap();
    fs::write(
        &elsewhere.site,
        text.replace(&stranger.address.to_string(), &town.address.to_string()),
    )
    .unwrap();
    let code = town.code();
    let untrusted = elsewhere.enrol(&code).unwrap_err();
    let is_untrusted = matches!(untrusted, EnrolError::Exchange(ClientError::Untrusted(_)));
    assert!(is_untrusted, "{untrusted}");
    files.enrol(&code).unwrap();
    assert!(files.enrol(&code).is_err());
    assert_eq!(files.tickets(), 0);
    drop(town);
    let gone = files.enrol(&code).unwrap_err();
    assert!(gone.is_passing(), "{gone}");
    terminal.call().call("meldestelle".into()).unwrap();
    assert_eq!(terminal.wait_for_end(), Some(Reason::Unreachable));
}

/// Proves T1, T2, T11, D2, D8, X1, X4: who calls waits with a place that is told, is called when a clerk is free, both see and hear each
/// other, the call is handed over and taken again, and ended by the clerk; a department that is closed says so; and whoever leaves, or
/// whose visit ends, leaves no ticket.
#[test]
fn from_the_queue_to_the_clerk() {
    let town = Town::start(address(), &DEPARTMENTS);
    let files = Files::at(&town);
    files.enrol(&town.code()).unwrap();
    let terminal = Terminal::start_at(Queues(files.device()));
    let call = terminal.call();
    let clerk = town.desk();
    clerk.signs_in();

    call.call("nie".into()).unwrap();
    assert_eq!(terminal.wait_for_end(), Some(Reason::Closed));
    call.call("nirgends".into()).unwrap();
    assert_eq!(terminal.wait_for_end(), Some(Reason::Unknown));

    // Nobody is free: a place in the queue, and it is given up.
    call.call("meldestelle".into()).unwrap();
    wait_for("a place", || (call.position().unwrap() == 1).then_some(()));
    assert_eq!(call.state().unwrap(), CallState::Waiting);
    assert_eq!(call.wait().unwrap(), -1, "nothing was observed yet");
    assert_eq!(files.tickets(), 1);
    call.hang_up().unwrap();
    wait_without_ticket(&files);

    clerk.presses(4);
    clerk.heading("Sie sind frei");
    let touched = Instant::now();
    call.call("meldestelle".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
    println!("from the touch to the ring: {:?}", touched.elapsed());
    clerk.heading("meldestelle");
    clerk.touches("Annehmen");
    terminal.wait_for(CallState::Talking);
    let answered = Instant::now();
    sees_and_hears(&terminal, &clerk);
    println!(
        "from the answer until both see and hear: {:?}",
        answered.elapsed()
    );

    // Handed over: to another department, whose desk is the same here.
    clerk.presses(3);
    clerk.touches("standesamt");
    clerk.heading("weitergegeben");
    terminal.wait_for(CallState::Waiting);
    wait_for("the old place", || {
        (call.position().unwrap() == 1).then_some(())
    });
    assert_eq!(files.tickets(), 1);
    clerk.presses(2);
    clerk.heading("standesamt");
    terminal.wait_for(CallState::Ringing);
    clerk.touches("Annehmen");
    terminal.wait_for(CallState::Talking);
    sees_and_hears(&terminal, &clerk);
    clerk.presses(10);
    assert_eq!(terminal.wait_for_end(), Some(Reason::OtherHungUp));
    wait_without_ticket(&files);
    assert!(clerk.has_no_picture());

    // The visit ends while somebody waits: the service notices by itself.
    let visit = session::Status {
        state: SessionState::Active,
        ..session::Status::default()
    };
    let bus = terminal.connect();
    let (publisher, _requests) = session::serve(&bus, visit.clone()).unwrap();
    bus.request_name(session::BUS_NAME).unwrap();
    call.call("meldestelle".into()).unwrap();
    wait_for("a place", || (call.position().unwrap() == 1).then_some(()));
    let ending = session::Status {
        state: SessionState::Ending,
        ..visit.clone()
    };
    publisher.set(&ending).unwrap();
    assert_eq!(terminal.wait_for_end(), Some(Reason::HungUp));
    wait_without_ticket(&files);
    // And so when nobody knows of a visit any more.
    publisher.set(&visit).unwrap();
    call.call("meldestelle".into()).unwrap();
    wait_for("a place", || (call.position().unwrap() == 1).then_some(()));
    bus.release_name(session::BUS_NAME).unwrap();
    assert_eq!(terminal.wait_for_end(), Some(Reason::HungUp));
    wait_without_ticket(&files);
}
