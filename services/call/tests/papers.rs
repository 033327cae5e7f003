// SPDX-License-Identifier: EUPL-1.2
//! Papers between a terminal and a desk: real media, a real browser, and what the clerk's page itself has for papers.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fmt::Write;
use std::sync::mpsc::channel;

use api::call::CallState;
use api::call::papers::{PapersError, Received, Shown};
use api::session::Kind;
use api::session::document::{read, seal};
use common::children::{DEADLINE, wait_for};
use common::desk::Desk;
use common::exchange::Exchange;
use common::relay::Relay;
use common::terminal::Terminal;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A document as `add` of the desk's page makes it.
fn document(size: usize, seed: usize) -> Vec<u8> {
    let byte = |n: usize| ((n * 7 + (n >> 8) + seed) & 0xff) as u8;
    let mut content: Vec<u8> = (0..size).map(byte).collect();
    let begin = b"%PDF-1.7\n";
    content[..begin.len()].copy_from_slice(begin);
    content
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
}

/// Waits until the desk's documents at the terminal are whole.
fn received(terminal: &Terminal, count: usize) -> Vec<Received> {
    wait_for("whole documents at the terminal", || {
        let received = terminal.papers().received().unwrap();
        (received.len() == count && received.iter().all(|one| one.whole)).then_some(received)
    })
}

/// Waits for what the desk says of one of its documents or of the terminal's.
fn pile(desk: &Desk, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    wait_for(what, || {
        let pile = desk.look().pile;
        fits(&pile).then_some(pile)
    })
}

/// Proves T5, D3: what the clerk shows arrives at the terminal as it is, is handed on as sealed memory, and page and pointer follow;
/// what is no frame is left out; what is taken back is gone, and after the call everything is.
#[test]
fn the_clerk_shows_a_document() {
    let exchange = Exchange::start();
    let desk = Desk::start(&exchange, "meldestelle", None);
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    let papers = terminal.papers();
    let early = papers.send_document(Kind::Pdf, "a.pdf".into(), seal(b"%PDF-").unwrap().into());
    assert!(matches!(early, Err(PapersError::NotExpected(_))));
    talk(&terminal, &desk);
    let (sender, points) = channel();
    let signals = papers.receive_pointer().unwrap();
    std::thread::spawn(move || {
        for signal in signals {
            let args = signal.args().unwrap();
            if sender.send((args.points, args.x, args.y)).is_err() {
                return;
            }
        }
    });
    desk.act("raw([0xff, 1, 2, 3])");
    desk.act("raw([])");
    desk.act("papers.point([1, 2])");
    desk.act("add('Bescheid für Wohngeld.pdf', 300000, 1)");
    let there = received(&terminal, 1);
    assert_eq!(there[0].name, "Bescheid für Wohngeld.pdf");
    assert_eq!((there[0].kind, there[0].bytes), (Kind::Pdf, 300_000));
    let shown = |shown| {
        wait_for("what is shown", || {
            (papers.shown().unwrap() == shown).then_some(())
        });
    };
    shown(Shown { id: 1, page: 1 });
    let content = read(papers.open_document(1).unwrap()).unwrap();
    assert!(*content == document(300_000, 1));
    desk.act("papers.show(1, 2)");
    shown(Shown { id: 1, page: 2 });
    desk.act("papers.point([100, 65535])");
    assert_eq!(points.recv_timeout(DEADLINE).unwrap(), (true, 100, 65_535));
    desk.act("papers.point(null)");
    assert_eq!(points.recv_timeout(DEADLINE).unwrap(), (false, 0, 0));
    desk.act("papers.hide()");
    shown(Shown::default());
    desk.act("add('Plan.pdf', 100, 2)");
    received(&terminal, 2);
    shown(Shown { id: 2, page: 1 });
    desk.act("papers.drop(2)");
    shown(Shown::default());
    received(&terminal, 1);
    let gone = papers.open_document(2);
    assert!(matches!(gone, Err(PapersError::NotFound(_))));
    terminal.call().hang_up().unwrap();
    assert_eq!(papers.received().unwrap(), []);
    let gone = papers.open_document(1);
    assert!(matches!(gone, Err(PapersError::NotExpected(_))));
}

/// Proves T6, D4: a document of the terminal arrives at the desk as it is; what is none is refused before it is sent.
#[test]
fn a_document_of_the_terminal_arrives_at_the_desk() {
    let exchange = Exchange::start();
    let desk = Desk::start(&exchange, "meldestelle", None);
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    talk(&terminal, &desk);
    let papers = terminal.papers();
    let send = |name: &str, content: &[u8]| {
        papers.send_document(Kind::Pdf, name.into(), seal(content).unwrap().into())
    };
    for (name, content) in [
        ("../a.pdf", &b"%PDF-"[..]),
        ("a.pdf", b"<html>"),
        ("a.pdf", b""),
    ] {
        let refused = send(name, content);
        assert!(matches!(refused, Err(PapersError::BadInput(_))), "{name}");
    }
    let content = document(200_000, 9);
    assert_eq!(send("Personalausweis.pdf", &content), Ok(1));
    let pile = pile(&desk, "the document at the desk", |pile| {
        pile["theirs"][0]["whole"] == true
    });
    assert_eq!(pile["theirs"][0]["name"], "Personalausweis.pdf");
    let mut hash = String::new();
    for byte in Sha256::digest(&content) {
        write!(hash, "{byte:02x}").unwrap();
    }
    assert_eq!(desk.ask("papers.hash(1)"), json!(hash));
    assert_eq!(desk.ask("papers.came(1).length"), json!(200_000));
    wait_for("the receipt", || {
        let going = papers.sent().unwrap();
        (going[0].had == 200_000).then_some(())
    });
}

/// Proves T7, D4: the clerk asks for a print, the citizen is asked first and answers, and the answer goes back.
#[test]
fn the_citizen_is_asked_before_the_clerk_prints() {
    let exchange = Exchange::start();
    let desk = Desk::start(&exchange, "meldestelle", None);
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    talk(&terminal, &desk);
    let papers = terminal.papers();
    desk.act("add('Antrag.pdf', 5000, 1)");
    received(&terminal, 1);
    let asked = |request| {
        wait_for("what is asked", || {
            let print = papers.print().unwrap();
            (print.request == request).then_some(print)
        })
    };
    let told = |answer: &str| pile(&desk, answer, |pile| pile["ours"][0]["print"] == answer);
    desk.act("papers.ask(1, 2)");
    let print = asked(1);
    assert_eq!((print.id, print.copies, &*print.answer), (1, 2, ""));
    let early = papers.answer_print(1, "printed".into());
    assert!(matches!(early, Err(PapersError::NotExpected(_))));
    told("asked");
    papers.answer_print(1, "declined".into()).unwrap();
    told("declined");
    desk.act("papers.ask(1, 1)");
    asked(2);
    papers.answer_print(2, "agreed".into()).unwrap();
    told("agreed");
    papers.answer_print(2, "printed".into()).unwrap();
    told("printed");
    assert_eq!(papers.print().unwrap().answer, "printed");
}

/// Proves T6, D4: the clerk asks for a paper, the citizen is asked first, and what becomes of it goes back, with what keeps the scanner; then
/// the clerk can ask again.
#[test]
fn the_citizen_is_asked_before_the_clerk_scans() {
    let exchange = Exchange::start();
    let desk = Desk::start(&exchange, "meldestelle", None);
    let terminal = Terminal::start(exchange.account("terminal-1", 600));
    talk(&terminal, &desk);
    let papers = terminal.papers();
    let asked = |request| {
        wait_for("what is asked", || {
            let scan = papers.scan().unwrap();
            (scan.request == request).then_some(scan)
        })
    };
    let told = |says: &str, reason: Value| {
        let fits = |pile: &Value| pile["scan"] == json!({"says": says, "reason": reason});
        pile(&desk, says, fits)
    };
    let answer =
        |request, word: &str, reason: &str| papers.answer_scan(request, word.into(), reason.into());
    desk.act("papers.askScan()");
    assert_eq!(&*asked(1).answer, "");
    let early = answer(1, "sent", "");
    assert!(matches!(early, Err(PapersError::NotExpected(_))));
    told("asked", Value::Null);
    // One at a time.
    desk.act("papers.askScan()");
    answer(1, "declined", "").unwrap();
    told("declined", Value::Null);
    desk.act("papers.askScan()");
    asked(2);
    answer(2, "agreed", "").unwrap();
    told("agreed", Value::Null);
    answer(2, "hindered", "jam").unwrap();
    told("hindered", json!("jam"));
    answer(2, "agreed", "").unwrap();
    let content = document(200_000, 9);
    let sealed = seal(&content).unwrap();
    papers
        .send_document(Kind::Pdf, "Gescannt.pdf".into(), sealed.into())
        .unwrap();
    pile(&desk, "the document at the desk", |pile| {
        pile["theirs"][0]["whole"] == true
    });
    answer(2, "sent", "").unwrap();
    told("sent", Value::Null);
    assert_eq!(papers.scan().unwrap().answer, "sent");
    desk.act("papers.askScan()");
    asked(3);
    terminal.call().hang_up().unwrap();
    assert_eq!(papers.scan().unwrap().request, 0);
}

/// Proves T5, T11: a link that is lost while documents go both ways takes nothing of them away: they go on with the call.
#[test]
fn papers_go_on_after_a_break() {
    let exchange = Exchange::start();
    let relay = Relay::start();
    let desk = Desk::start(&exchange, "meldestelle", Some(&relay));
    let mut account = exchange.account("terminal-1", 600);
    account.relays = vec![relay.entry()];
    account.only_relays = true;
    let terminal = Terminal::start(account);
    talk(&terminal, &desk);
    let papers = terminal.papers();
    let (size, content) = (12_000_000, document(12_000_000, 4));
    let sealed = seal(&content).unwrap();
    papers
        .send_document(Kind::Pdf, "Akte.pdf".into(), sealed.into())
        .unwrap();
    desk.act(&format!("add('Bescheid.pdf', {size}, 5)"));
    let had = wait_for("a part of the document", || {
        let received = papers.received().unwrap();
        let had = received.first().map_or(0, |one| one.had);
        (had > 0).then_some(had)
    });
    relay.cut();
    assert!(had < size as u64, "it was there before the link was cut");
    terminal.wait_for(CallState::Mending);
    relay.mend();
    terminal.wait_for(CallState::Talking);
    received(&terminal, 1);
    let there = read(papers.open_document(1).unwrap()).unwrap();
    assert!(*there == document(size, 5));
    pile(&desk, "the document at the desk", |pile| {
        pile["theirs"][0]["whole"] == true
    });
    wait_for("what is shown", || {
        (papers.shown().unwrap() == Shown { id: 1, page: 1 }).then_some(())
    });
}
