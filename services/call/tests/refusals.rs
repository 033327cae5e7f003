// SPDX-License-Identifier: EUPL-1.2
//! Calls that do not come about: each ends with its own reason, at both sides, and the next one is possible.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::time::{Duration, Instant};

use api::call::{CallState, Reason};
use common::desk::Desk;
use common::exchange::Exchange;
use common::terminal::Terminal;

/// Proves T1: a call that is given up while it rings stops ringing; one that is refused is busy; a department that does not exist is
/// unknown; and none of them is in the way of the next.
#[test]
fn a_call_can_be_given_up_and_refused() {
    let exchange = Exchange::start();
    let desk = Desk::start(&exchange, "meldestelle", None);
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    let call = terminal.call();
    call.call("standesamt".into()).unwrap();
    assert_eq!(terminal.wait_for_end(), Some(Reason::Unknown));

    call.call("meldestelle".into()).unwrap();
    assert!(call.call("meldestelle".into()).is_err());
    terminal.wait_for(CallState::Ringing);
    call.hang_up().unwrap();
    assert_eq!(call.reason().unwrap(), "hung-up");
    desk.wait_for_log("failed remote Canceled");

    call.call("meldestelle".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
    desk.act("refuse()");
    assert_eq!(terminal.wait_for_end(), Some(Reason::Busy));

    // Given up before anything could ring.
    call.call("meldestelle".into()).unwrap();
    call.hang_up().unwrap();
    assert_eq!(call.state().unwrap(), CallState::Ended);
}

/// Proves X1: credentials that are wrong, foreign or expired get no call; neither does who cannot prove to be the exchange, nor what
/// is not there; each is told from the others.
#[test]
fn nobody_calls_without_proof() {
    let mut exchange = Exchange::start();
    let good = exchange.account("terminal-1", 600);
    let mut wrong = good.clone();
    wrong.password = api::secret::Secret::new("wrong".into()).unwrap();
    let mut foreign = good.clone();
    foreign.name = "terminal-2".into();
    let mut stranger = good.clone();
    stranger.roots = Exchange::start().roots;
    let mut elsewhere = good.clone();
    elsewhere.domain = "other.test".into();
    let mut nobody = good.clone();
    nobody.roots = String::new();
    for (account, reason) in [
        (wrong, Reason::Credentials),
        (foreign, Reason::Credentials),
        (exchange.account("terminal-1", -10), Reason::Credentials),
        (stranger, Reason::Untrusted),
        (elsewhere, Reason::Untrusted),
        (nobody, Reason::Untrusted),
    ] {
        let terminal = Terminal::start(account);
        terminal.call().call("meldestelle".into()).unwrap();
        assert_eq!(terminal.wait_for_end(), Some(reason));
    }
    let terminal = Terminal::start(good);
    terminal.call().call("meldestelle".into()).unwrap();
    assert_eq!(terminal.wait_for_end(), Some(Reason::Unknown));
    exchange.stop();
    let begun = Instant::now();
    terminal.call().call("meldestelle".into()).unwrap();
    assert_eq!(terminal.wait_for_end(), Some(Reason::Unreachable));
    assert!(begun.elapsed() < Duration::from_secs(10));
    exchange.run();
    terminal.call().call("meldestelle".into()).unwrap();
    assert_eq!(terminal.wait_for_end(), Some(Reason::Unknown));
}

/// Proves T1: an exchange that falls while it rings ends the call at the terminal in time, not for ever.
#[test]
fn an_exchange_that_falls_is_no_trap() {
    let mut exchange = Exchange::start();
    let desk = Desk::start(&exchange, "meldestelle", None);
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    terminal.call().call("meldestelle".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
    exchange.stop();
    terminal.call().hang_up().unwrap();
    assert_eq!(terminal.call().reason().unwrap(), "hung-up");
    drop(desk);
}
