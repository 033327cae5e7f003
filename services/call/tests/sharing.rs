// SPDX-License-Identifier: EUPL-1.2
//! A clerk shows a screen: real media, a real browser, and what the clerk's page itself has to send one.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use api::call::papers::Shown;
use api::call::{CallState, Reason};
use call::exchange::place::Queues;
use call::media::Frame;
use common::children::wait_for;
use common::desk::{self, Desk, Sends};
use common::device::{DEPARTMENTS, Files, address, sees, sees_and_hears};
use common::exchange::Exchange;
use common::firefox::Firefox;
use common::relay::Relay;
use common::shaper::{Line, Shaper};
use common::terminal::Terminal;
use common::town::Town;
use serde_json::json;

const RED: [bool; 3] = [true, false, false];
const BLUE: [bool; 3] = [false, false, true];
const GREEN: [bool; 3] = [false, true, false];
const YELLOW: [bool; 3] = [true, true, false];
const BLACK: [bool; 3] = [false, false, false];

/// Where no new picture came for so long, none flows.
const STILL: Duration = Duration::from_millis(600);

/// Which colours are at so many hundredths of the width and of the height.
fn at(frame: &Frame, x: usize, y: usize) -> Option<[bool; 3]> {
    let pixel = (frame.height * y / 100 * frame.width + frame.width * x / 100) * 3;
    let rgb: [u8; 3] = frame.rgb.get(pixel..pixel + 3)?.try_into().ok()?;
    Some(rgb.map(|colour| colour > 110))
}

/// Waits for a picture that has these colours there, and is of this size.
fn pictures(
    terminal: &Terminal,
    what: &str,
    size: (usize, usize),
    at: &[(usize, usize, [bool; 3])],
) {
    wait_for(what, || {
        terminal.arrived(|arrived| {
            let frame = arrived.frame.as_ref()?;
            let fits = (frame.width, frame.height) == size
                && at
                    .iter()
                    .all(|(x, y, colour)| self::at(frame, *x, *y) == Some(*colour));
            fits.then_some(())
        })
    });
}

/// The face alone: red on the left, blue on the right.
fn face(terminal: &Terminal) {
    wait_for("the face alone", || {
        terminal.arrived(|arrived| {
            let frame = arrived.frame.as_ref()?;
            let face = at(frame, 10, 30)? == RED && at(frame, 90, 30)? == BLUE;
            (face && frame.width * 3 == frame.height * 4).then_some(())
        })
    });
}

/// The screen, green and yellow, and beside it the face.
fn screen(terminal: &Terminal) {
    let colours = [
        (20, 10, GREEN),
        (60, 10, YELLOW),
        (20, 48, GREEN),
        (60, 48, YELLOW),
        (82, 48, RED),
        (98, 48, BLUE),
        (90, 10, BLACK),
    ];
    pictures(terminal, "a screen beside a face", (1000, 600), &colours);
}

/// So many pictures more come.
fn moves(terminal: &Terminal, more: usize) -> Duration {
    let begun = Instant::now();
    let before = terminal.arrived(|arrived| arrived.frames.len());
    wait_for("pictures", || {
        terminal.arrived(|arrived| (arrived.frames.len() > before + more).then_some(()))
    });
    begun.elapsed()
}

/// A call that is answered, with its way for papers open.
fn talk(terminal: &Terminal, desk: &Desk) {
    terminal.call().call("meldestelle".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
    desk.answer();
    terminal.wait_for(CallState::Talking);
    wait_for("a way for papers", || {
        (desk.look().pile["open"] == true).then_some(())
    });
    face(terminal);
}

fn shares(terminal: &Terminal, shares: bool) {
    wait_for("what the shell is told", || {
        (terminal.papers().shares().unwrap() == shares).then_some(())
    });
}

/// Proves D3, T1: what the clerk shows of a screen is seen large at the terminal, with the face beside it that goes on moving as does the
/// sound; a page takes its place and it takes a page's; in a pause nothing of it flows; it is laid out in the room that there is; and when
/// it is over the face is seen as before.
#[test]
fn a_screen_is_seen_beside_the_face() {
    let exchange = Exchange::start();
    let desk = Desk::start(&exchange, "meldestelle", None);
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    talk(&terminal, &desk);
    assert!(!terminal.papers().shares().unwrap());
    let begun = Instant::now();
    desk.act("share()");
    shares(&terminal, true);
    screen(&terminal);
    println!("seen after {:?}", begun.elapsed());
    let took = moves(&terminal, 40);
    println!("40 pictures in {took:?}");
    // The screen alone would need eight seconds.
    assert!(took < Duration::from_secs(6), "{took:?}");
    wait_for("the desk's tone", || {
        (terminal.level(desk::HERTZ) > 0.1).then_some(())
    });
    keep(&terminal, "screen");
    // In an upright room the face is below.
    terminal.call().room(1080, 1400).unwrap();
    let colours = [
        (25, 20, GREEN),
        (75, 20, YELLOW),
        (30, 80, RED),
        (70, 80, BLUE),
    ];
    pictures(&terminal, "a screen above a face", (800, 1036), &colours);
    terminal.call().room(1000, 600).unwrap();
    screen(&terminal);

    desk.act("add('Plan.pdf', 100, 1)");
    let shown = |id, page| {
        wait_for("what is shown", || {
            (terminal.papers().shown().unwrap() == Shown { id, page }).then_some(())
        });
    };
    shown(1, 1);
    shares(&terminal, false);
    face(&terminal);
    desk.act("share()");
    shown(0, 0);
    screen(&terminal);

    terminal.call().pause(true).unwrap();
    desk.wait_for_log("hold remote");
    let mut last = (0, Instant::now());
    wait_for("stillness", || {
        let came = terminal.arrived(|arrived| arrived.frames.len());
        if came != last.0 {
            last = (came, Instant::now());
        }
        (last.1.elapsed() >= STILL).then_some(())
    });
    terminal.call().pause(false).unwrap();
    desk.wait_for_log("unhold remote");
    terminal.arrived(|arrived| arrived.frame = None);
    screen(&terminal);

    desk.act("unshare()");
    shares(&terminal, false);
    face(&terminal);
    desk.act("share()");
    screen(&terminal);
    terminal.call().hang_up().unwrap();
    assert!(!terminal.papers().shares().unwrap());
}

/// Proves D3, T11: over a line of 1 Mbit/s a full page of small letters can be read after a few seconds, while sound and face go on.
#[test]
fn letters_can_be_read_over_a_megabit() {
    let exchange = Exchange::start();
    let relay = Relay::start();
    let line = Line {
        rate: 1e6,
        delay: Duration::from_millis(40),
        loss: 0.0,
        queue: Duration::from_millis(200),
    };
    let line = Shaper::lay(relay.address().ip(), relay.address(), line);
    let desk = Desk::start(&exchange, "meldestelle", Some(&relay));
    let mut account = exchange.account("terminal-1", 600);
    account.relays = vec![Relay::entry_at(line.address())];
    account.only_relays = true;
    let terminal = Terminal::start(account);
    talk(&terminal, &desk);
    desk.act("share('letters')");
    let begun = Instant::now();
    // Lines of two pixels, two pixels apart.
    let mean = |frame: &Frame, first: usize| {
        let row = 20 * frame.width;
        let columns = (40..360).filter(|x| x % 4 == first);
        let light = |x| frame.rgb.get((row + x) * 3).copied().map(u32::from);
        let light: Vec<u32> = columns.filter_map(light).collect();
        light.iter().sum::<u32>() / light.len().max(1) as u32
    };
    wait_for("lines that can be told apart", || {
        terminal.arrived(|arrived| {
            let frame = arrived.frame.as_ref()?;
            let is_page = (frame.width, frame.height) == (2000, 900);
            let reads = is_page && mean(frame, 0) < 70 && mean(frame, 2) > 185;
            reads.then_some(())
        })
    });
    let took = begun.elapsed();
    println!("letters after {took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    moves(&terminal, 20);
    wait_for("the desk's tone", || {
        (terminal.level(desk::HERTZ) > 0.1).then_some(())
    });
    keep(&terminal, "letters");
}

/// Proves D3, T11: a link that is lost while a screen is shown takes nothing of it away: it is seen again with the face.
#[test]
fn a_screen_is_seen_after_a_break() {
    let exchange = Exchange::start();
    let relay = Relay::start();
    let desk = Desk::start(&exchange, "meldestelle", Some(&relay));
    let mut account = exchange.account("terminal-1", 600);
    account.relays = vec![relay.entry()];
    account.only_relays = true;
    let terminal = Terminal::start(account);
    talk(&terminal, &desk);
    desk.act("share()");
    screen(&terminal);
    relay.cut();
    terminal.wait_for(CallState::Mending);
    terminal.arrived(|arrived| arrived.frame = None);
    relay.mend();
    terminal.wait_for(CallState::Talking);
    screen(&terminal);
    assert!(terminal.papers().shares().unwrap());
    desk.act("unshare()");
    face(&terminal);
}

/// Proves D3, D7: so it is with a clerk who has Firefox, also after a pause.
#[test]
fn a_screen_comes_from_firefox() {
    let exchange = Exchange::start();
    let firefox = Firefox::start(Ipv4Addr::LOCALHOST.into(), &exchange.roots);
    let desk = Desk::start_in(firefox, &exchange, "meldestelle", None, Sends::default());
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    talk(&terminal, &desk);
    desk.act("share()");
    screen(&terminal);
    moves(&terminal, 20);
    desk.act("unshare()");
    face(&terminal);
    desk.act("hold()");
    terminal.wait_for(CallState::Held);
    desk.act("unhold()");
    terminal.wait_for(CallState::Talking);
    desk.act("share()");
    screen(&terminal);
}

/// Proves D3, D2: on the clerk's page a key is enough: what the browser gives of a screen is seen at the terminal, the page says so, a pause
/// ends it and what was paused does not bring it back, and so does the end of the call.
#[test]
fn the_clerks_page_shows_a_screen() {
    let town = Town::start(address(), &DEPARTMENTS);
    let clerk = town.desk();
    let files = Files::at(&town);
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
    sees_and_hears(&terminal, &clerk);
    let size = || {
        let size = |frame: &Frame| (frame.width, frame.height);
        terminal.arrived(|arrived| arrived.frame.as_ref().map(size))
    };
    let alone = size();
    let shows = |shows: bool| {
        shares(&terminal, shows);
        wait_for("another picture", || {
            let now = size();
            ((now == alone) != shows && now.is_some()).then_some(())
        });
    };
    let room = "document.querySelector('#share:not([aria-disabled])') !== null";
    wait_for("a way for it", || clerk.asks(room));
    clerk.presses(6);
    clerk.reads("Die Person sieht");
    shows(true);
    println!("{alone:?} alone, {:?} with a screen", size());
    sees(&terminal, &clerk);
    clerk.presses(8);
    terminal.wait_for(CallState::Held);
    shares(&terminal, false);
    clerk.reads_no_more("Die Person sieht");
    clerk.presses(8);
    terminal.wait_for(CallState::Talking);
    sees(&terminal, &clerk);
    assert!(!terminal.papers().shares().unwrap());
    clerk.presses(6);
    shows(true);
    clerk.presses(6);
    shows(false);
    clerk.presses(6);
    shows(true);
    clerk.presses(10);
    assert_eq!(terminal.wait_for_end(), Some(Reason::OtherHungUp));
    assert!(!terminal.papers().shares().unwrap() && clerk.has_no_picture());
}

/// Proves T1, D2: whoever refuses to send a screen is talked to as ever, and pauses and goes on.
#[test]
fn who_refuses_a_screen_is_talked_to() {
    let exchange = Exchange::start();
    let sends = Sends {
        no_screen: true,
        ..Sends::default()
    };
    let desk = Desk::start_with(&exchange, "meldestelle", None, sends);
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    talk(&terminal, &desk);
    let ways = desk.ask("ways()");
    let both = |ways: &serde_json::Value| {
        let ways = ways.as_array().unwrap().iter();
        ways.filter(|way| **way == json!("sendrecv")).count() == 2
    };
    assert!(both(&ways), "{ways}");
    for (pause, state) in [("hold()", CallState::Held), ("", CallState::Paused)] {
        if pause.is_empty() {
            terminal.call().pause(true).unwrap();
            desk.wait_for_log("hold remote");
        } else {
            desk.act(pause);
        }
        terminal.wait_for(state);
        if pause.is_empty() {
            terminal.call().pause(false).unwrap();
            desk.wait_for_log("unhold remote");
        } else {
            desk.act("unhold()");
        }
        terminal.wait_for(CallState::Talking);
        moves(&terminal, 5);
        face(&terminal);
    }
    wait_for("the desk's tone", || {
        (terminal.level(desk::HERTZ) > 0.1).then_some(())
    });
}

/// Keeps what is seen, for whoever wants to look at it.
fn keep(terminal: &Terminal, name: &str) {
    let Some(dir) = std::env::var_os("CALL_PICTURES") else {
        return;
    };
    terminal.arrived(|arrived| {
        let frame = arrived.frame.as_ref().unwrap();
        let mut picture = format!("P6\n{} {}\n255\n", frame.width, frame.height).into_bytes();
        picture.extend(&frame.rgb);
        std::fs::write(Path::new(&dir).join(format!("{name}.ppm")), picture).unwrap();
    });
}
