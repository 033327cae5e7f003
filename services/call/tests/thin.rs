// SPDX-License-Identifier: EUPL-1.2
//! A village's line from a clerk's browser to the terminal: what is lost of a picture is sent again, and not all of it anew.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::call::CallState;
use common::children::wait_within;
use common::desk::{Desk, Sends};
use common::exchange::Exchange;
use common::relay::Relay;
use common::shaper::{Line, Shaper};
use common::terminal::Terminal;
use serde::Deserialize;

/// What a line carries is shared, so one test after the other has the machine.
static MACHINE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nothing takes longer, on a thin line too.
const PATIENCE: Duration = Duration::from_mins(2);

/// What a browser counts of a picture that it sends.
#[derive(Debug, Default, Deserialize)]
struct Sent {
    frames: u64,
    /// Of these, whole ones.
    keys: u64,
    width: u32,
}

/// The face's and the screen's.
fn sent(desk: &Desk) -> [Sent; 2] {
    let all: Vec<Sent> = serde_json::from_value(desk.ask("sent()")).unwrap();
    let (screens, mut faces): (Vec<Sent>, Vec<Sent>) =
        all.into_iter().partition(|sent| sent.width > 640);
    faces.sort_by_key(|sent| sent.frames);
    [faces.pop(), screens.into_iter().next()].map(Option::unwrap_or_default)
}

/// Both talk, over a line of so many bits a second that loses this share of its packets, there and back again in 80 ms.
fn talk(rate: f64, loss: f64) -> (Exchange, Relay, Shaper, Desk, Terminal) {
    let exchange = Exchange::start();
    let relay = Relay::start();
    let line = Line {
        rate,
        delay: Duration::from_millis(40),
        loss,
        queue: Duration::from_millis(200),
    };
    let line = Shaper::lay(relay.address().ip(), relay.address(), line);
    let sends = Sends {
        bars: true,
        ..Sends::default()
    };
    let desk = Desk::start_with(&exchange, "desk", Some(relay.servers()), sends);
    let mut account = exchange.account("terminal", 600);
    account.relays = vec![Relay::entry_at(line.address())];
    account.only_relays = true;
    let terminal = Terminal::start(account);
    terminal.call().call("desk".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
    desk.answer();
    terminal.wait_for(CallState::Talking);
    (exchange, relay, line, desk, terminal)
}

/// Proves T11: over 1 Mbit/s with 2 % of the packets lost, nearly all pictures that are sent are seen, and nearly none of them is a whole one.
#[test]
fn what_is_lost_is_sent_again() {
    let _alone = alone();
    let (_exchange, _relay, _line, desk, terminal) = talk(1e6, 0.02);
    let seen = || terminal.arrived(|arrived| arrived.frames.len()) as u64;
    let pictures = |more: u64| {
        wait_within(PATIENCE, "pictures", || {
            let [face, _] = sent(&desk);
            (face.frames > more).then(|| (face, seen()))
        })
    };
    // Before, it is found out what the line carries.
    let (before, seen_before) = pictures(150);
    let (after, seen_after) = pictures(before.frames + 400);
    let [all, whole, seen] = [
        after.frames - before.frames,
        after.keys - before.keys,
        seen_after - seen_before,
    ];
    println!("{all} sent, {whole} of them whole; {seen} seen");
    assert!(seen * 10 > all * 8, "{seen} of {all}");
    assert!(whole * 50 < all, "{whole} of {all}");
}

/// Proves D3, T11: over 200 kbit/s, where a screen takes long to come, the face moves on beside it.
#[test]
fn a_screen_on_a_thin_line_stops_nobody() {
    let _alone = alone();
    let (_exchange, _relay, _line, desk, terminal) = talk(2e5, 0.0);
    let moves = |what| {
        let seen = || terminal.arrived(|arrived| arrived.frames.len());
        let before = seen();
        wait_within(PATIENCE, what, || (seen() > before + 40).then_some(()));
    };
    moves("the face");
    desk.act("share()");
    wait_within(PATIENCE, "the screen", || {
        terminal.arrived(|arrived| {
            let frame = arrived.frame.as_ref()?;
            (frame.width >= 1000).then_some(())
        })
    });
    moves("the face beside it");
    let [_, screen] = sent(&desk);
    println!("{screen:?}");
    assert!(screen.keys * 2 <= screen.frames.max(2), "{screen:?}");
}
