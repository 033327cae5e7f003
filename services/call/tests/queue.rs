// SPDX-License-Identifier: EUPL-1.2
//! From the touch to the clerk: the service enrols at the real exchange, waits in its queue, is called, handed over, and gone.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Instant;

use api::call::{CallState, Reason};
use api::session::{self, SessionState};
use call::exchange::client::ClientError;
use call::exchange::enrol::{EnrolError, Enrolment, enrol};
use call::exchange::identity::{Device, Keeper};
use call::exchange::place::{Means, Queues};
use common::children::wait_for;
use common::terminal::Terminal;
use common::town::{TERMINAL, Town};
use exchange::random;
use hyper::{Method, StatusCode};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const SAMPLE: &str = include_str!("../../../recipes/site/site.toml");
const DEPARTMENTS: [&str; 3] = ["meldestelle", "standesamt", "nie"];

/// An address of our own on loopback.
fn address() -> IpAddr {
    let [b, c, d] = random::bytes::<3>().unwrap();
    IpAddr::from([127, b, c, d.clamp(2, 254)])
}

/// The files of a device.
struct Files {
    dir: TempDir,
    site: PathBuf,
}

impl Files {
    /// Of one whose site names this exchange.
    fn at(town: &Town) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let site = dir.path().join("site.toml");
        let text = SAMPLE.replacen("[session]", &format!("{}\n[session]", town.section()), 1);
        fs::write(&site, text).unwrap();
        fs::write(dir.path().join("picture.svg"), "<svg/>").unwrap();
        fs::create_dir(dir.path().join("call")).unwrap();
        Self { dir, site }
    }

    fn keeper(&self) -> Keeper {
        Keeper::new(self.dir.path().join("call"))
    }

    fn device(&self) -> Device {
        Device::new(&self.site, &self.dir.path().join("store"), self.keeper())
    }

    fn call(&self) -> site::call::Call {
        let text = fs::read_to_string(&self.site).unwrap();
        site::parse("site.toml", &text).unwrap().call.unwrap()
    }

    fn enrol(&self, code: &str) -> Result<(), EnrolError> {
        let enrolment = Enrolment::parse(&format!("{TERMINAL} {code}")).unwrap();
        let runtime = Runtime::new().unwrap();
        runtime.block_on(enrol(&self.call(), &enrolment, &self.keeper()))
    }

    /// How many tickets the exchange knows of this terminal.
    fn tickets(&self) -> usize {
        let client = self.device().client().unwrap().unwrap();
        let request = (Method::GET, "/api/terminal/tickets");
        let runtime = Runtime::new().unwrap();
        let answer = runtime.block_on(client.ask("look", request, None, StatusCode::OK));
        let all: Vec<serde_json::Value> = serde_json::from_slice(&answer.unwrap()).unwrap();
        all.len()
    }
}

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

    clerk.presses("F4");
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
    clerk.presses("F3");
    clerk.touches("standesamt");
    clerk.heading("weitergegeben");
    terminal.wait_for(CallState::Waiting);
    wait_for("the old place", || {
        (call.position().unwrap() == 1).then_some(())
    });
    assert_eq!(files.tickets(), 1);
    clerk.presses("F2");
    clerk.heading("standesamt");
    terminal.wait_for(CallState::Ringing);
    clerk.touches("Annehmen");
    terminal.wait_for(CallState::Talking);
    sees_and_hears(&terminal, &clerk);
    clerk.presses("F10");
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

fn sees_and_hears(terminal: &Terminal, clerk: &common::town::Clerk) {
    let before = clerk.looks().map_or(0, |seen| seen.frames);
    wait_for("moving bars and a tone at the desk", || {
        let seen = clerk.looks()?;
        // Yellow and red.
        let bars =
            seen.left[1] > 110 && seen.left[2] < 90 && seen.right[0] > 110 && seen.right[1] < 90;
        (bars && seen.frames > before + 10 && seen.level > 0.1).then_some(())
    });
    let came = terminal.arrived(|arrived| arrived.frames.len());
    wait_for("moving pictures and beeps at the terminal", || {
        let (frames, loudest) = terminal.arrived(|arrived| {
            let loudest = arrived.samples.iter().map(|s| s.unsigned_abs()).max();
            (arrived.frames.len(), loudest.unwrap_or_default())
        });
        (frames > came + 10 && loudest > 2000).then_some(())
    });
}
