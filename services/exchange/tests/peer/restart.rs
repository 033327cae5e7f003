// SPDX-License-Identifier: EUPL-1.2
//! What falls comes back, and what was told stays true.

use std::time::Instant;

use serde_json::json;

use crate::phone::{Credentials, Phone};
use crate::place::{DEADLINE, Place};
use crate::postgres::{self, Postgres};

/// The process ids of the children of a process.
fn children(id: u32) -> Vec<u32> {
    let text =
        std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    text.split_whitespace()
        .map(|id| id.parse().unwrap())
        .collect()
}

fn name(id: u32) -> String {
    std::fs::read_to_string(format!("/proc/{id}/comm"))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn child(of: u32, called: &str) -> Option<u32> {
    let threads = std::fs::read_dir(format!("/proc/{of}/task")).ok()?;
    let all = threads.flatten().flat_map(|thread| {
        let path = thread.path().join("children");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.split_whitespace()
            .map(|id| id.parse().unwrap())
            .collect::<Vec<u32>>()
    });
    all.into_iter().find(|id| name(*id).starts_with(called))
}

fn until(what: &str, is: impl Fn() -> bool) {
    let end = Instant::now() + DEADLINE;
    // Of another process's end there is no event for those who are not its parent.
    while !is() {
        assert!(Instant::now() < end, "{what}");
        std::thread::yield_now();
    }
}

fn kill(id: u32) {
    let pid = rustix::process::Pid::from_raw(id.try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// Proves X1: cut off at any moment, the exchange has every ticket that it confirmed, in order, and lets in whom it had enrolled;
/// its children end with it, and run again with it.
#[test]
fn nothing_that_was_told_is_lost() {
    cut_off(Place::start());
}

/// Proves X1, X6: the same with PostgreSQL.
#[test]
fn nothing_is_lost_in_postgres() {
    let database = Postgres::new();
    let place = Place::start_keeping(&database.by_tls());
    cut_off(place);
}

fn cut_off(mut place: Place) {
    place.enrol("lobby");
    place.enrol("library");
    let first = place.terminal(Some("library")).take("registration");
    let second = place.terminal(Some("lobby")).take("registration");
    let id = place.id();
    let (kamailio, coturn) = (
        child(id, "kamailio").unwrap(),
        child(id, "turnserver").unwrap(),
    );
    // Secrets are in files alone: nobody else on the machine sees them, and no log keeps them.
    let seen: String = [id, kamailio, coturn]
        .iter()
        .map(|id| std::fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap())
        .chain([place.log()])
        .collect();
    for name in [
        "sip.secret",
        "turn.secret",
        "control.secret",
        "nonce.secret",
    ] {
        let secret = std::fs::read_to_string(place.state().join(name)).unwrap();
        assert!(!seen.contains(&secret), "{name}");
    }
    assert!(!seen.contains(crate::place::PASSWORD) && !seen.contains(postgres::PASSWORD));
    let workers = children(kamailio);
    assert!(!workers.is_empty());
    place.kill();
    for gone in workers.into_iter().chain([kamailio, coturn]) {
        until("a child outlives it", || name(gone).is_empty());
    }
    place.serve();
    let path = |ticket: &serde_json::Value| {
        format!("/api/terminal/tickets/{}", ticket["id"].as_str().unwrap())
    };
    let (lobby, library) = (
        place.terminal(Some("lobby")),
        place.terminal(Some("library")),
    );
    assert_eq!(library.json(&path(&first))["position"], json!(1));
    assert_eq!(lobby.json(&path(&second))["position"], json!(2));
    // Sessions of desks are in memory only.
    assert_eq!(place.browser("one").get("/api/desk/account").0, 401);
    // A stream that is open keeps nobody from ending.
    let open = lobby.events(&path(&second));
    open.until("its state", |name, _| name == "state");
    assert!(place.end(), "ends as it should");
}

/// Proves X1: Kamailio falls and runs again; a desk that was registered there does not ring before it has registered again, and the
/// ticket stays.
#[test]
fn a_fallen_proxy_comes_back() {
    let place = Place::start();
    let one = place.sign_in("one");
    let account = Credentials::of(&one.json("/api/desk/account"));
    let mut phone = Phone::connect(&place, "desk.one");
    assert_eq!(phone.register(&account).0.status(), 200);
    let stream = one.events("/api/desk/events");
    stream.until("its state", |name, _| name == "state");
    one.presence("free");
    place.enrol("lobby");
    let lobby = place.terminal(Some("lobby"));
    let ticket = lobby.take("registration");
    let watched = lobby.events(&format!(
        "/api/terminal/tickets/{}",
        ticket["id"].as_str().unwrap()
    ));
    watched.until("called", |_, state| state["phase"] == "called");
    kill(child(place.id(), "kamailio").unwrap());
    watched.until("waits", |_, state| state["phase"] == "waiting");
    until("another Kamailio", || {
        child(place.id(), "kamailio").is_some()
    });
    place.reach(5061);
    let mut phone = Phone::connect(&place, "desk.one");
    assert_eq!(phone.register(&account).0.status(), 200);
    watched.until("called again", |_, state| state["phase"] == "called");
    // Gone from the network: it does not ring any more.
    drop(phone);
    watched.until("waits again", |_, state| state["phase"] == "waiting");
}
