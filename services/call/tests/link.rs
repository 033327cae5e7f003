// SPDX-License-Identifier: EUPL-1.2
//! A link that is lost and comes back.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fs;
use std::net::Ipv4Addr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use api::call::papers::Shown;
use api::call::{CallState, Reason};
use call::exchange::place::Queues;
use common::children::{wait_for, wait_within};
use common::desk::{Desk, Sends};
use common::device::{DEPARTMENTS, Files, address, sees, sees_and_hears};
use common::exchange::Exchange;
use common::firefox::Firefox;
use common::relay::Relay;
use common::terminal::Terminal;
use common::town::{Clerk, DESKS, Town};
use common::wire::Wire;

/// How long a mend takes is measured, so one test after the other has the machine.
static MACHINE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So long a desk's computer is asleep: longer than a connection may come back by itself.
const ASLEEP: Duration = Duration::from_secs(8);

/// What a desk says that cannot be rung.
const NO_LINE: &str = "Die Verbindung zur Vermittlung ist unterbrochen";

/// Proves T11, X2: a call through nothing but a relay stands; when nothing gets through for 20 s it is mended within 5 s after that,
/// without a new call; and the clerk can still end it.
#[test]
fn a_break_of_twenty_seconds_is_mended() {
    let _alone = alone();
    let exchange = Exchange::start();
    let relay = Relay::start();
    let desk = Desk::start(&exchange, "meldestelle", Some(&relay));
    breaks(&exchange, &relay, &desk, Duration::from_secs(20));
}

/// Proves T11, X2, D7: so it is with a clerk who has Firefox.
#[test]
fn a_break_is_mended_with_firefox() {
    let _alone = alone();
    let exchange = Exchange::start();
    let relay = Relay::start();
    let firefox = Firefox::start(Ipv4Addr::LOCALHOST.into(), &exchange.roots);
    let relays = Some(relay.servers());
    let desk = Desk::start_in(firefox, &exchange, "meldestelle", relays, Sends::default());
    breaks(&exchange, &relay, &desk, Duration::from_secs(8));
}

/// A call through the relay, which lets nothing through for so long.
fn breaks(exchange: &Exchange, relay: &Relay, desk: &Desk, long: Duration) {
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
    wait_within(2 * long, "the end of the break", || {
        let state = terminal.call().state().unwrap();
        assert_eq!(state, CallState::Mending);
        (cut.elapsed() >= long).then_some(())
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

/// Proves T11, D2, X2: a desk whose computer was asleep for a moment is met again: sound and picture, what was shown and what is
/// written.
#[test]
fn a_desk_that_was_asleep_is_met_again() {
    let _alone = alone();
    let town = Town::start(address(), &DEPARTMENTS);
    sleeps(&town, &town.desk());
}

/// Proves T11, X2, D7: so it is with a clerk who has Firefox.
#[test]
fn a_desk_with_firefox_that_was_asleep_is_met_again() {
    let _alone = alone();
    let town = Town::start(address(), &DEPARTMENTS);
    sleeps(&town, &Town::desk_in(Firefox::of(&town)));
}

/// A call with a clerk whose computer falls asleep.
fn sleeps(town: &Town, clerk: &Clerk) {
    let terminal = talks(town, clerk);
    let texts = terminal.texts();
    let file = town.dir().join("Plan.pdf");
    fs::write(&file, "%PDF-1.7\n").unwrap();
    clerk.picks(&file);
    clerk.reads("Wird am Terminal gezeigt");
    clerk.sleeps(true);
    let asleep = Instant::now();
    terminal.wait_for(CallState::Mending);
    // The connection of before is given up by then, and another waits for the desk.
    wait_for("the end of the sleep", || {
        let state = terminal.call().state().unwrap();
        assert_eq!(state, CallState::Mending);
        (asleep.elapsed() >= ASLEEP).then_some(())
    });
    clerk.sleeps(false);
    let awake = Instant::now();
    terminal.wait_for(CallState::Talking);
    println!("talking again after {:?}", awake.elapsed());
    sees_and_hears(&terminal, clerk);
    println!("met again after {:?}", awake.elapsed());
    clerk.reads("Wird am Terminal gezeigt");
    assert_eq!(terminal.papers().shown().unwrap(), Shown { id: 1, page: 1 });
    clerk.reads("Die Person liest mit");
    clerk.presses(9);
    clerk.writes("da");
    wait_for("text", || (texts.try_iter().last()? == "a").then_some(()));
    clerk.presses(10);
    assert_eq!(terminal.wait_for_end(), Some(Reason::OtherHungUp));
}

/// A terminal of the town that talks with its clerk.
fn talks(town: &Town, clerk: &Clerk) -> Terminal {
    let files = Files::at(town);
    files.enrol(&town.code()).unwrap();
    let terminal = Terminal::start_at(Queues(files.device()));
    clerk.signs_in();
    clerk.presses(4);
    clerk.heading("Sie sind frei");
    terminal.call().call("meldestelle".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
    clerk.heading("meldestelle");
    clerk.touches("Annehmen");
    terminal.wait_for(CallState::Talking);
    sees_and_hears(&terminal, clerk);
    terminal
}

/// Proves T11, D2, X2: a desk that has lost its line to the exchange during a call is reached again by it: nothing of sound and picture
/// is taken away, what the terminal says of the call gets there, and its end.
#[test]
fn a_desk_that_lost_the_line_is_reached_again() {
    let _alone = alone();
    let town = Town::start(address(), &DEPARTMENTS);
    let wire = Wire::lay(town.address, DESKS);
    let clerk = town.desk_by(wire.port);
    let terminal = talks(&town, &clerk);
    wire.cut();
    clerk.reads(NO_LINE);
    sees(&terminal, &clerk);
    wire.mend();
    clerk.reads_no_more(NO_LINE);
    terminal.call().pause(true).unwrap();
    clerk.reads("auf Pause gedrückt");
    terminal.call().pause(false).unwrap();
    sees(&terminal, &clerk);
    terminal.call().hang_up().unwrap();
    clerk.heading("Die Person hat das Gespräch beendet");
}

/// Proves T1, T11: an exchange that falls during a call takes nothing of the call away; when it is back the call can be ended as ever.
#[test]
fn a_call_outlives_the_exchange() {
    let _alone = alone();
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
