// SPDX-License-Identifier: EUPL-1.2
//! A call with a terminal that is used hands-free: its microphone hears its speaker.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::time::Duration;

use api::call::CallState;
use common::children::wait_within;
use common::desk::{Counts, Desk, Sends};
use common::exchange::Exchange;
use common::terminal::Terminal;

/// So many seconds of sound are looked at together: some syllables.
const SECONDS: f64 = 3.0;
/// For so long echoes may be heard until the room is known, also where other work delays sound.
const LEARNS: Duration = Duration::from_secs(45);

/// The strength of what a desk hears between two looks, 1.0 at most.
fn strength(before: Counts, after: Counts) -> f64 {
    ((after.energy - before.energy) / (after.seconds - before.seconds)).sqrt()
}

/// Proves T1: a clerk who speaks to somebody at a terminal does not hear the own voice again from the room there.
#[test]
fn a_clerk_hears_no_echo() {
    let exchange = Exchange::start();
    let voice = Sends {
        voice: true,
        ..Sends::default()
    };
    // How strong the echo is, once it is as it is expected.
    let echo = |hands_free, what: &str, expected: &dyn Fn(f64) -> bool| {
        let desk = Desk::start_with(&exchange, "meldestelle", None, voice);
        let account = exchange.account("terminal-1", 600);
        let terminal = Terminal::start_in_room(account, hands_free);
        terminal.call().call("meldestelle".into()).unwrap();
        terminal.wait_for(CallState::Ringing);
        desk.answer();
        terminal.wait_for(CallState::Talking);
        let mut before = desk.counts();
        let echo = wait_within(LEARNS, what, || {
            let now = desk.counts();
            if now.seconds < before.seconds + SECONDS {
                return None;
            }
            let (from, heard) = (before, terminal.strength());
            before = now;
            // The other side of it: somebody has spoken.
            (heard > 0.05 && expected(strength(from, now))).then(|| strength(from, now))
        });
        desk.act("hangUp()");
        terminal.wait_for_end();
        echo
    };
    let bare = echo(false, "an echo where none is taken out", &|echo| {
        echo > 0.05
    });
    let taken = echo(true, "an end of the echo", &|echo| echo < bare / 20.0);
    println!("strength of the echo: {bare:.4}, where it is taken out {taken:.4}");
}
