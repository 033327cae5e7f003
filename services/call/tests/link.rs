// SPDX-License-Identifier: EUPL-1.2
//! A link that is lost and comes back.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::time::{Duration, Instant};

use api::call::{CallState, Reason};
use common::children::{wait_for, wait_within};
use common::desk::Desk;
use common::exchange::Exchange;
use common::relay::Relay;
use common::terminal::Terminal;

/// So long nothing gets through.
const BREAK: Duration = Duration::from_secs(20);

/// Proves T11, X2: a call through nothing but a relay stands; when nothing gets through for 20 s it is mended within 5 s after that,
/// without a new call; and the clerk can still end it.
#[test]
fn a_break_of_twenty_seconds_is_mended() {
    let exchange = Exchange::start();
    let relay = Relay::start();
    let desk = Desk::start(&exchange, "meldestelle", Some(&relay));
    let mut account = exchange.account("terminal-1", 600);
    account.relays = vec![relay.entry()];
    account.only_relays = true;
    let terminal = Terminal::start(account);
    terminal.call().call("meldestelle".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
    desk.answer();
    terminal.wait_for(CallState::Talking);
    let seen = || {
        let before = (desk.look().frames, terminal.arrived(|a| a.frames.len()));
        wait_for("pictures at both sides", || {
            let now = (desk.look().frames, terminal.arrived(|a| a.frames.len()));
            (now.0 > before.0 + 3 && now.1 > before.1 + 3).then_some(())
        });
    };
    seen();
    relay.cut();
    let cut = Instant::now();
    terminal.wait_within(Duration::from_secs(6), CallState::Mending);
    // All the time it is told as a break, and the call does not end.
    wait_within(2 * BREAK, "the end of the break", || {
        let state = terminal.call().state().unwrap();
        assert_eq!(state, CallState::Mending);
        (cut.elapsed() >= BREAK).then_some(())
    });
    relay.mend();
    let mended = Instant::now();
    terminal.wait_for(CallState::Talking);
    seen();
    let mended = mended.elapsed();
    println!("mended after {mended:?}");
    assert!(mended < Duration::from_secs(5), "{mended:?}");
    // Text has a way again too.
    terminal.call().send_text("wieder da".into()).unwrap();
    wait_for("text at the desk", || {
        (desk.look().text == "wieder da").then_some(())
    });
    desk.act("hangUp()");
    assert_eq!(terminal.wait_for_end(), Some(Reason::OtherHungUp));
}

/// Proves T1, T11: an exchange that falls during a call takes nothing of the call away; when it is back the call can be ended as ever.
#[test]
fn a_call_outlives_the_exchange() {
    let mut exchange = Exchange::start();
    let desk = Desk::start(&exchange, "meldestelle", None);
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    terminal.call().call("meldestelle".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
    desk.answer();
    terminal.wait_for(CallState::Talking);
    exchange.stop();
    desk.wait_for_log("disconnected");
    let before = desk.look().frames;
    wait_for("pictures without an exchange", || {
        (desk.look().frames > before + 20).then_some(())
    });
    assert_eq!(terminal.call().state().unwrap(), CallState::Talking);
    exchange.run();
    terminal.call().hang_up().unwrap();
    assert_eq!(terminal.call().reason().unwrap(), "hung-up");
}
