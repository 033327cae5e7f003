// SPDX-License-Identifier: EUPL-1.2
//! A terminal and a clerk, face to face: the service, a real exchange, a real browser.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::time::{Duration, Instant};

use api::call::{CallState, Reason};
use common::children::{DEADLINE, wait_for};
use common::desk::{self, Desk};
use common::exchange::Exchange;
use common::terminal::{self, Terminal};

/// Where no new picture came for so long, none flows: longer than between two of a bad link.
const STILL: Duration = Duration::from_millis(600);

/// The bars of the terminal's picture, as a desk sees them: white, yellow, cyan, green, magenta, red, blue.
fn has_bars(colours: &[[u8; 3]]) -> bool {
    let bits = |[r, g, b]: [u8; 3]| [r, g, b].map(|c| c > 110);
    let bars = [
        [true, true, true],
        [true, true, false],
        [false, true, true],
        [false, true, false],
        [true, false, true],
        [true, false, false],
        [false, false, true],
    ];
    colours.iter().copied().map(bits).eq(bars)
}

/// A call that is answered.
fn talk(terminal: &Terminal, desk: &Desk) {
    terminal.call().call("meldestelle".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
    desk.answer();
    terminal.wait_for(CallState::Talking);
}

/// Waits until both sides see and hear each other.
fn face_to_face(terminal: &Terminal, desk: &Desk) {
    wait_for("bars and tone at the desk", || {
        let seen = desk.look();
        let heard = (seen.hertz - terminal::HERTZ).abs() < 12.0 && seen.decibels > -40.0;
        (heard && has_bars(&seen.colours)).then_some(())
    });
    wait_for("red, blue and tone at the terminal", || {
        let colours = terminal.arrived(|arrived| {
            let frame = arrived.frame.as_ref()?;
            Some((colour(frame, 1, 4)?, colour(frame, 3, 4)?))
        });
        let ([r, _, b], [red, _, blue]) = colours?;
        let seen = r > 180 && b < 80 && red < 80 && blue > 180;
        (seen && terminal.level(desk::HERTZ) > 0.1).then_some(())
    });
}

/// The colour at so many `parts` of the width, in the upper half.
fn colour(frame: &call::media::Frame, part: usize, parts: usize) -> Option<[u8; 3]> {
    let at = (frame.height / 3 * frame.width + frame.width * part / parts) * 3;
    frame.rgb.get(at..at + 3)?.try_into().ok()
}

/// Proves T1, D2, X1: both sides see and hear each other: the clerk sees the terminal's colour bars and hears its tone, the terminal
/// sees the desk's numbered pictures in their order and hears its tone; it is quick; the clerk ends it.
#[test]
fn they_see_and_hear_each_other() {
    let exchange = Exchange::start();
    let desk = Desk::start(&exchange, "meldestelle", None);
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    let begun = Instant::now();
    terminal.call().call("meldestelle".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
    let rung = begun.elapsed();
    desk.answer();
    terminal.wait_for(CallState::Talking);
    let answered = Instant::now();
    face_to_face(&terminal, &desk);
    let first = terminal.arrived(|arrived| arrived.frames.first().map(|(at, ..)| *at));
    let first = first.unwrap().saturating_duration_since(answered);
    terminal.arrived(|arrived| arrived.frames.clear());
    let (before, begun) = (desk.look().frames, Instant::now());
    let frames = wait_for("pictures one after the other", || {
        let frames = terminal.arrived(|arrived| arrived.frames.clone());
        (frames.len() >= 30).then_some(frames)
    });
    let at_the_desk = (desk.look().frames - before) as f64 / begun.elapsed().as_secs_f64();
    let at_the_terminal = frames.len() as f64 / begun.elapsed().as_secs_f64();
    println!(
        "rung after {rung:?}, a picture {first:?} after the answer, \
         {at_the_desk:.1} pictures a second at the desk, {at_the_terminal:.1} at the terminal"
    );
    let numbers: Vec<u32> = frames.iter().filter_map(|(_, _, number)| *number).collect();
    // A number between two pictures may be torn; order and pace are not.
    assert!(numbers.len() * 10 >= frames.len() * 8, "{numbers:?}");
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert!(numbers.last() > numbers.first());
    assert!(desk.look().frames > before);
    desk.act("hangUp()");
    assert_eq!(terminal.wait_for_end(), Some(Reason::OtherHungUp));
}

/// Proves T1, T13, D2: text goes both ways at once beside sound and picture; who is muted is seen and not heard; a pause from either
/// side stops sound and picture both ways, and the call goes on after it; the terminal ends it, and can call again.
#[test]
fn they_write_mute_and_pause() {
    let exchange = Exchange::start();
    let desk = Desk::start(&exchange, "meldestelle", None);
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    let call = terminal.call();
    let texts = terminal.texts();
    talk(&terminal, &desk);
    face_to_face(&terminal, &desk);

    wait_for("channels", || {
        let open = desk.look().open;
        (open.contains(&"text".into()) && open.contains(&"papers".into())).then_some(())
    });
    let sent = Instant::now();
    call.send_text("Guten Tag, ich hei\u{df}e K\u{8}Weiß".into())
        .unwrap();
    wait_for("text at the desk", || {
        (!desk.look().text.is_empty()).then_some(())
    });
    println!("text at the desk after {:?}", sent.elapsed());
    assert_eq!(desk.look().text, "Guten Tag, ich hei\u{df}e K\u{8}Weiß");
    desk.act("send('Willkommen\\u0007')");
    assert_eq!(texts.recv_timeout(DEADLINE).unwrap(), "Willkommen");

    call.mute(true).unwrap();
    assert!(call.muted().unwrap());
    wait_for("silence at the desk", || {
        (desk.look().decibels < -70.0).then_some(())
    });
    let frames = desk.look().frames;
    wait_for("pictures at the desk all the same", || {
        (desk.look().frames > frames + 5).then_some(())
    });
    call.mute(false).unwrap();
    face_to_face(&terminal, &desk);

    for (pause, state, go_on) in [
        ("", CallState::Paused, ""),
        ("hold()", CallState::Held, "unhold()"),
    ] {
        if pause.is_empty() {
            call.pause(true).unwrap();
            desk.wait_for_log("hold remote");
        } else {
            desk.act(pause);
        }
        terminal.wait_for(state);
        let mut last = (0, 0, Instant::now());
        wait_for("stillness at both sides", || {
            let (shown, came) = (desk.look().frames, terminal.arrived(|a| a.frames.len()));
            if (shown, came) != (last.0, last.1) {
                last = (shown, came, Instant::now());
            }
            (last.2.elapsed() >= STILL).then_some(())
        });
        assert!(desk.look().decibels < -70.0, "{:?}", desk.look());
        assert!(call.send_text("nichts".into()).is_err());
        if go_on.is_empty() {
            call.pause(false).unwrap();
            desk.wait_for_log("unhold remote");
        } else {
            desk.act(go_on);
        }
        terminal.wait_for(CallState::Talking);
        let before = (desk.look().frames, terminal.arrived(|a| a.frames.len()));
        wait_for("pictures at both sides", || {
            let after = (desk.look().frames, terminal.arrived(|a| a.frames.len()));
            (after.0 > before.0 + 3 && after.1 > before.1 + 3).then_some(())
        });
        terminal.arrived(|arrived| arrived.samples.clear());
        face_to_face(&terminal, &desk);
    }

    call.hang_up().unwrap();
    assert_eq!(call.state().unwrap(), CallState::Ended);
    assert_eq!(call.reason().unwrap(), "hung-up");
    desk.wait_for_log("ended remote Terminated");
    call.call("meldestelle".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
}
