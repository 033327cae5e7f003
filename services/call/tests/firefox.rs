// SPDX-License-Identifier: EUPL-1.2
//! The clerk's page in Firefox ESR, as an authority's computers have it: a whole consultation, by keyboard.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use api::call::papers::Shown;
use api::call::{CallState, Reason};
use api::session::Kind;
use api::session::document::{read, seal};
use call::exchange::place::Queues;
use common::children::{DEADLINE, wait_for, wait_within};
use common::device::{DEPARTMENTS, Files, address, sees_and_hears};
use common::firefox::Firefox;
use common::terminal::{self, Terminal};
use common::town::Town;

/// Where no new picture came for so long, none flows.
const STILL: Duration = Duration::from_millis(600);

/// What a key lets a page do is over by itself after five seconds; before, it was spent.
const SPENT: Duration = Duration::from_secs(3);

/// A PDF with one page.
fn pdf() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        "<< /Length 30 >>\nstream\n1 0 0 rg 100 100 300 500 re f\n\nendstream",
    ];
    let (mut text, mut places) = ("%PDF-1.4\n".to_owned(), Vec::new());
    for (number, object) in objects.iter().enumerate() {
        places.push(text.len());
        writeln!(text, "{} 0 obj\n{object}\nendobj", number + 1).unwrap();
    }
    let begin = text.len();
    text.push_str("xref\n0 5\n0000000000 65535 f \n");
    for place in places {
        writeln!(text, "{place:010} 00000 n ").unwrap();
    }
    write!(
        text,
        "trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{begin}\n%%EOF\n"
    )
    .unwrap();
    text.into_bytes()
}

/// Proves D7, T1, T5, T13, D2, D3, D4: in Firefox, as Debian has it, a clerk signs in, is free, is rung and answers; both see and hear
/// each other, and what is heard comes out of the clerk's loudspeaker; the clerk pauses and goes on, hides and shows themself; text goes
/// both ways while it is written; a document goes each way, and is seen by the clerk as it is at the terminal; the clerk ends the call.
#[test]
fn a_consultation_in_firefox() {
    let town = Town::start(address(), &DEPARTMENTS);
    let files = Files::at(&town);
    files.enrol(&town.code()).unwrap();
    let terminal = Terminal::start_at(Queues(files.device()));
    let (call, papers) = (terminal.call(), terminal.papers());
    let texts = terminal.texts();
    let firefox = Firefox::of(&town);
    let loudspeaker = firefox.loudspeaker();
    let clerk = Town::desk_in(firefox);
    clerk.signs_in();
    clerk.presses(4);
    clerk.heading("Sie sind frei");

    call.call("meldestelle".into()).unwrap();
    terminal.wait_for(CallState::Ringing);
    clerk.heading("meldestelle");
    // What rings at a desk is heard there.
    wait_for("a ring", || {
        (loudspeaker.level(659.25) > 0.01).then_some(())
    });
    clerk.presses(2);
    terminal.wait_for(CallState::Talking);
    let tone = |there: bool| {
        wait_for(if there { "a tone" } else { "silence" }, || {
            let level = loudspeaker.level(terminal::HERTZ);
            let fits = if there { level > 0.1 } else { level < 0.001 };
            fits.then_some(())
        });
    };
    sees_and_hears(&terminal, &clerk);
    tone(true);

    clerk.presses(8);
    terminal.wait_for(CallState::Held);
    clerk.reads("Bild und Ton sind in beide Richtungen aus.");
    tone(false);
    let mut last = (0, Instant::now());
    wait_for("stillness at the terminal", || {
        let came = terminal.arrived(|arrived| arrived.frames.len());
        if came != last.0 {
            last = (came, Instant::now());
        }
        (last.1.elapsed() >= STILL).then_some(())
    });
    clerk.presses(8);
    terminal.wait_for(CallState::Talking);
    sees_and_hears(&terminal, &clerk);
    tone(true);

    clerk.presses(7);
    clerk.reads("Ihr Bild ist aus");
    clerk.presses(7);
    wait_for("the own picture", || {
        (!clerk.text().contains("Ihr Bild ist aus")).then_some(())
    });

    clerk.presses(9);
    clerk.writes("Grüß Gott");
    let mut text = String::new();
    while text != "Grüß Gott" {
        text += &texts.recv_timeout(DEADLINE).unwrap();
        assert!("Grüß Gott".starts_with(&text), "{text}");
    }
    call.send_text("Guten Tag, ich heiße Weiß".into()).unwrap();
    clerk.reads("Guten Tag, ich heiße Weiß");

    // The key opens the browser's dialog, which spends what a key lets a page do for some seconds.
    clerk.presses(2);
    wait_within(SPENT, "the dialog for files", || {
        clerk.asks("!navigator.userActivation.isActive")
    });
    let file = town.dir().join("Bescheid für Wohngeld.pdf");
    fs::write(&file, pdf()).unwrap();
    clerk.picks(&file);
    let shown = Shown { id: 1, page: 1 };
    wait_for("the document at the terminal", || {
        (papers.shown().unwrap() == shown).then_some(())
    });
    let content = read(papers.open_document(1).unwrap()).unwrap();
    assert!(*content == pdf());
    wait_for("its page at the desk", || {
        clerk.asks("document.querySelector('canvas.page')?.dataset.drawn === 'yes'")
    });
    clerk.reads("Seite 1 von 1");
    let paper = seal(&pdf()).unwrap();
    papers
        .send_document(Kind::Pdf, "Antrag.pdf".into(), paper.into())
        .unwrap();
    clerk.reads("Antrag.pdf");
    clerk.reads("Ist da");

    clerk.presses(10);
    assert_eq!(terminal.wait_for_end(), Some(Reason::OtherHungUp));
    tone(false);
    assert!(clerk.has_no_picture());
}
