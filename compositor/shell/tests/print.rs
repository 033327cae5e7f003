// SPDX-License-Identifier: EUPL-1.2
//! Printing, from the touch to the paper's bytes: the way through the screens, the paper itself as poppler reads it, and the link to
//! the printing service over a real bus. What comes out of a printer is proven in `services/print`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod bus;
mod common;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use api::print::{
    BUS_NAME, Call, Failure, Hindrance, Job, JobState, PrintError, Printer, Reply, Status, serve,
};
use api::session::{Kind, SessionState, document};
use bus::Bus;
use common::{after, open, session, way};
use shell::event::{Action, Effect, Event};
use shell::i18n::Texts;
use shell::paper::paper;
use shell::print::{Link, News, Request};
use shell::state::{Outage, Place, Screen, State};
use shell::text::FONT_DIR;
use shell::theme::TextSize;
use shell::update::update;
use site::Language;
use zbus::blocking::connection::Builder;

const DEADLINE: Duration = Duration::from_secs(20);

fn told(printer: Printer, job: Job) -> Event {
    Event::Print(Some(Status { printer, job }))
}

fn job(id: u64, state: JobState) -> Job {
    Job {
        id,
        state,
        page: 1,
        pages: 2,
    }
}

/// A visitor who reads the first service, with a printer.
fn reader() -> State {
    let ready = told(Printer::Ready, Job::default());
    let informed = after(open(), [Event::Catalogue(common::catalogue()), ready]);
    let actions = [
        Action::Begin,
        Action::Inform,
        Action::Authority(0),
        Action::Department(0),
        Action::Service(0),
    ];
    way(informed, &actions)
}

/// Proves T5, T7: printing is offered only where there is a printer, is asked first, and each state is told until the paper is there; it
/// can be stopped, and done again.
#[test]
fn printing_is_asked_and_told() {
    let at = |state: &State| assert_eq!(state.screen(), Screen::At(Place::Print(0)));
    let without = after(reader(), [Event::Print(None)]);
    assert_eq!(way(without.clone(), &[Action::Print]), without);
    let asked = way(reader(), &[Action::Print]);
    at(&asked);
    assert_eq!(asked.print_job(0), None);
    let (made, effects) = update(asked, Event::Act(Action::PrintNow));
    assert_eq!(effects, [Effect::Print(0)]);
    assert_eq!(made.print_job(0).unwrap().state, JobState::Waiting);
    // A second touch is no second paper.
    let (made, effects) = update(made, Event::Act(Action::PrintNow));
    assert_eq!(effects, []);
    let taken = after(made, [Event::Printed(Some(5))]);
    let printing = told(Printer::Ready, job(5, JobState::Printing));
    let printing = after(taken, [printing]);
    assert_eq!(printing.print_job(0), Some(job(5, JobState::Printing)));
    let (stopped, effects) = update(printing.clone(), Event::Act(Action::StopPrinting));
    assert_eq!(effects, [Effect::StopPrinting(5)]);
    let failed = job(5, JobState::Failed(Failure::Cancelled));
    let failed = after(stopped, [told(Printer::Ready, failed)]);
    at(&failed);
    let (_, effects) = update(failed, Event::Act(Action::PrintNow));
    assert_eq!(effects, [Effect::Print(0)]);
    let done = after(printing, [told(Printer::Ready, job(5, JobState::Done))]);
    let again = way(done, &[Action::Back, Action::Print]);
    at(&again);
    assert_eq!(again.print_job(0), None);
    // The next visitor finds nothing of it.
    let over = [
        session(SessionState::Ending, None, 1),
        session(SessionState::Idle, None, 0),
    ];
    assert_eq!(after(again, over).printing, None);
}

/// Proves C13: a printer that does not print is out of order on the first screen too; nothing is printed on it, and what was asked for
/// waits.
#[test]
fn a_printer_out_of_order_is_told() {
    let jam = told(Printer::Hindered(Hindrance::Jam), Job::default());
    let state = after(way(reader(), &[Action::Print]), [jam]);
    assert!(state.outages.contains(&Outage::Printer));
    let (state, effects) = update(state, Event::Act(Action::PrintNow));
    assert_eq!(effects, []);
    let whole = after(state, [told(Printer::Ready, Job::default())]);
    assert!(!whole.outages.contains(&Outage::Printer));
    let waits = way(whole, &[Action::PrintNow]);
    let empty = Hindrance::PaperOut;
    let stopped = told(Printer::Hindered(empty), job(1, JobState::Stopped(empty)));
    let waits = after(waits, [Event::Printed(Some(1)), stopped]);
    assert!(waits.is_printing());
    // Who printed has gone: it is told, and not waited for.
    let gone = after(waits, [Event::Print(None)]);
    let state = gone.print_job(0).unwrap().state;
    assert_eq!(state, JobState::Failed(Failure::Gone));
    assert!(!gone.outages.contains(&Outage::Printer));
}

fn save(dir: &Path, pdf: &[u8]) -> PathBuf {
    let path = dir.join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    path
}

fn run(command: &mut Command) -> String {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{command:?}");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// Proves T4, T13, T14: the paper of every service, in every language, is a tagged PDF of a few pages with what the screen says: name,
/// place, day, who is responsible; large letters on the screen are large on paper.
#[test]
fn every_service_becomes_a_paper() {
    let dir = tempfile::tempdir().unwrap();
    let texts = Texts::default();
    let base = reader();
    let services = base.catalogue.len();
    assert!(services >= 20);
    for language in Language::ALL {
        for number in 0..services {
            let state = State {
                language,
                ..base.clone()
            };
            let leaflet = paper(&state, &texts, number).unwrap();
            let path = save(dir.path(), &leaflet.pdf(Path::new(FONT_DIR)).unwrap());
            let info = run(Command::new("pdfinfo").arg(&path));
            assert!(
                info.contains("Tagged:          yes"),
                "{language:?} {number}"
            );
            let about = run(Command::new("pdfinfo").arg("-meta").arg(&path));
            assert!(about.contains("pdfuaid"), "{language:?} {number}");
            // Only what is read from left to right is copied as it was written.
            if language.is_rtl() {
                continue;
            }
            let text = run(Command::new("pdftotext").arg("-layout").arg(&path).arg("-"));
            let words: String = text.split_whitespace().collect();
            let name = state.catalogue.get(number).unwrap().name(language);
            let place = state.site.place.name.get(language);
            for part in [name, place, "2026"] {
                let part: String = part.split_whitespace().collect();
                assert!(
                    words.contains(&part),
                    "{language:?} {number} {part}: {text}"
                );
            }
        }
    }
    let pages = |text: TextSize| {
        let mut state = base.clone();
        state.modes.text = text;
        let pdf = paper(&state, &texts, 0)
            .unwrap()
            .pdf(Path::new(FONT_DIR))
            .unwrap();
        let info = run(Command::new("pdfinfo").arg(save(dir.path(), &pdf)));
        let line = info
            .lines()
            .find(|line| line.starts_with("Pages:"))
            .unwrap();
        line.split_whitespace()
            .last()
            .unwrap()
            .parse::<u32>()
            .unwrap()
    };
    assert!(pages(TextSize::Largest) > pages(TextSize::Normal));
}

fn next(news: &Receiver<News>) -> News {
    news.recv_timeout(DEADLINE).expect("news")
}

/// What came of a request; where the service stands may be told twice when it has just come.
fn answer(news: &Receiver<News>) -> Option<u64> {
    loop {
        if let News::Answer(job) = next(news) {
            return job;
        }
    }
}

/// Proves T7, T15: the shell learns how printer and job stand; a paper arrives at the service as sealed memory, and what it says of it
/// comes back.
#[test]
fn papers_and_news_arrive() {
    let bus = Bus::start();
    let (sender, news) = channel();
    let address = bus.address.clone();
    let link = Link::start_on(
        move || Builder::address(address.as_str())?.build(),
        PathBuf::from(FONT_DIR),
        move |told| sender.send(told).is_ok(),
    )
    .unwrap();
    let connection = bus.connect();
    let (publisher, requests) = serve(&connection).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    while next(&news) != News::Status(Some(Status::default())) {}
    let service = std::thread::spawn(move || {
        let none = PrintError::NoPrinter("none".into());
        for answer in [Ok(Reply::Job(7)), Err(none), Ok(Reply::Done)] {
            let request = requests.recv_blocking().unwrap();
            match request.call {
                Call::Print(kind, content, copies) => {
                    assert_eq!((kind, copies), (Kind::Pdf, 1));
                    assert!(document::read(content).unwrap().starts_with(b"%PDF-1."));
                }
                Call::Cancel(job) => assert_eq!(job, 7),
                Call::Draw(_) => panic!("nothing is shown"),
            }
            request.answer.send(answer);
        }
    });
    let leaflet = || paper(&reader(), &Texts::default(), 0).unwrap();
    link.ask(Request::Print(leaflet()));
    assert_eq!(answer(&news), Some(7));
    link.ask(Request::Print(leaflet()));
    assert_eq!(answer(&news), None);
    link.ask(Request::Cancel(7));
    service.join().unwrap();
    let (printer, job) = (
        Printer::Hindered(Hindrance::Jam),
        job(7, JobState::Printing),
    );
    let status = Status { printer, job };
    publisher.set(&status).unwrap();
    while next(&news) != News::Status(Some(status)) {}
    connection.release_name(BUS_NAME).unwrap();
    while next(&news) != News::Status(None) {}
}
