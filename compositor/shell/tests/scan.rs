// SPDX-License-Identifier: EUPL-1.2
//! Scanning, from the touch to the wish: the way through the screens, and the link to the scanning service over a real bus. What comes
//! out of a scanner is proven in `services/scan`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod bus;
mod common;

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use api::print::{Job, JobState, Printer};
use api::scan::{self, BUS_NAME, Call, Page, Reply, Trouble, Work, serve};
use api::session::{SessionState, document};
use bus::Bus;
use common::{after, open, page_picture, scanner, session, way};
use shell::event::{Action, Effect, Event, ScanRequest};
use shell::scan::{Link, News, Request};
use shell::state::print::Paper;
use shell::state::scan::Purpose;
use shell::state::{Place, Screen, State};
use shell::update::update;
use zbus::blocking::connection::Builder;

const DEADLINE: Duration = Duration::from_secs(20);
const PAGE: Page = Page { id: 1, turns: 0 };

fn printer(job: Job) -> Event {
    let printer = Printer::Ready;
    Event::Print(Some(api::print::Status { printer, job }))
}

/// A visitor before the scanner.
fn before(purpose: Purpose) -> State {
    let ready = after(
        open(),
        [scanner(Work::Idle, &[], None), printer(Job::default())],
    );
    way(
        ready,
        &[Action::Begin, Action::Deliver, Action::Scan(purpose)],
    )
}

fn does(state: State, action: Action) -> (State, Vec<Effect>) {
    let (state, effects) = update(state, Event::Act(action));
    // That somebody is there is told too.
    let effects = effects.into_iter();
    (
        state,
        effects
            .filter(|effect| !matches!(effect, Effect::Session(_)))
            .collect(),
    )
}

/// Proves T6: scanning is offered only where there is a scanner, is asked first, and goes page by page: looked at, turned, done again,
/// until the visitor says that it is all.
#[test]
fn scanning_is_asked_and_guided() {
    let without = way(open(), &[Action::Begin, Action::Deliver]);
    assert_eq!(
        way(without.clone(), &[Action::Scan(Purpose::Keep)]),
        without
    );
    let asked = before(Purpose::Keep);
    assert_eq!(asked.screen(), Screen::At(Place::Scan(Purpose::Keep)));
    assert_eq!(does(asked.clone(), Action::FinishScan).1, []);
    let (asked, effects) = does(asked, Action::ScanNow);
    assert_eq!(effects, [Effect::Scan(ScanRequest::Scan)]);
    let scanning = after(asked, [scanner(Work::Scanning(10), &[], None)]);
    // A second touch is no second page.
    assert_eq!(does(scanning.clone(), Action::ScanNow).1, []);
    let (_, effects) = does(scanning.clone(), Action::StopScanning);
    assert_eq!(effects, [Effect::Scan(ScanRequest::Cancel)]);
    let (kept, effects) = update(scanning, scanner(Work::Kept, &[PAGE], None));
    assert_eq!(effects, [Effect::Scan(ScanRequest::Preview(1))]);
    let kept = after(kept, [Event::Scanned(9, page_picture())]);
    assert_eq!(kept.scan.picture(), None);
    let kept = after(kept, [Event::Scanned(1, page_picture())]);
    assert!(kept.scan.picture().is_some());
    for (action, request) in [
        (Action::TurnPage, ScanRequest::Turn(1)),
        (Action::ScanAgain, ScanRequest::Again(1)),
        (Action::ScanNow, ScanRequest::Scan),
        (Action::FinishScan, ScanRequest::Finish),
    ] {
        assert_eq!(does(kept.clone(), action).1, [Effect::Scan(request)]);
    }
    let stored = [
        scanner(Work::Binding, &[PAGE], None),
        scanner(Work::Done, &[], Some(3)),
    ];
    let done = after(kept, stored);
    assert_eq!((done.printing, done.scan.preview), (None, None));
}

/// Proves T6, C13: what keeps a page from coming does not take those that are there: they can still be finished, without a scanner too.
#[test]
fn trouble_leaves_the_pages() {
    let kept = after(before(Purpose::Keep), [scanner(Work::Kept, &[PAGE], None)]);
    for trouble in Trouble::ALL {
        let failed = scan::Status {
            is_there: false,
            work: Work::Trouble(trouble),
            pages: vec![PAGE],
            document: None,
        };
        let failed = after(kept.clone(), [Event::Scan(Some(failed))]);
        assert_eq!(does(failed.clone(), Action::ScanNow).1, []);
        let (_, effects) = does(failed, Action::FinishScan);
        assert_eq!(effects, [Effect::Scan(ScanRequest::Finish)]);
    }
}

/// Proves T6, T7: a copy goes to the printer by itself, once; where it cannot be printed it can be tried again; the next visitor finds
/// nothing of it.
#[test]
fn a_copy_is_printed() {
    let kept = after(before(Purpose::Copy), [scanner(Work::Kept, &[PAGE], None)]);
    let binding = after(kept, [scanner(Work::Binding, &[PAGE], None)]);
    let done = scanner(Work::Done, &[], Some(3));
    let (done, effects) = update(binding, done.clone());
    assert_eq!(effects, [Effect::Copy(3)]);
    let (done, effects) = update(done, scanner(Work::Done, &[], Some(3)));
    assert_eq!(effects, []);
    let refused = after(done.clone(), [Event::Printed(None)]);
    let (again, effects) = does(refused, Action::PrintNow);
    assert_eq!(effects, [Effect::Copy(3)]);
    let job = Job {
        id: 5,
        state: JobState::Done,
        page: 1,
        pages: 1,
    };
    let printed = after(again, [Event::Printed(Some(5)), printer(job)]);
    assert_eq!(printed.print_job(Paper::Scanned), Some(job));
    let over = [
        session(SessionState::Ending, None, 1),
        session(SessionState::Idle, None, 0),
    ];
    let next = after(printed, over);
    assert_eq!((next.printing, next.scan.copied), (None, None));
}

fn next(news: &Receiver<News>) -> News {
    news.recv_timeout(DEADLINE).expect("news")
}

fn small_png() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 2, 3);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[0, 255, 0, 255, 0, 255]).unwrap();
    writer.finish().unwrap();
    out
}

/// Proves T6, T15: the shell learns how scanner and pages stand; what the visitor wants arrives at the service, and a page's picture,
/// sealed memory, comes back.
#[test]
fn wishes_and_news_arrive() {
    let bus = Bus::start();
    let (sender, news) = channel();
    let address = bus.address.clone();
    let link = Link::start_on(
        move || Builder::address(address.as_str())?.build(),
        move |told| sender.send(told).is_ok(),
    )
    .unwrap();
    let connection = bus.connect();
    let (publisher, requests) = serve(&connection).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    while next(&news) != News::Status(Some(scan::Status::default())) {}
    let finish = Call::Finish {
        title: "Gescannt".into(),
        language: "de".into(),
    };
    let service = std::thread::spawn(move || {
        let picture = document::seal(&small_png()).unwrap();
        let broken = document::seal(b"no picture").unwrap();
        for (call, reply) in [
            (Call::Scan, Reply::Page(1)),
            (Call::Preview(1), Reply::Preview(broken)),
            (Call::Preview(1), Reply::Preview(picture)),
            (Call::Again(1), Reply::Page(2)),
            (Call::Turn(2), Reply::Done),
            (Call::Cancel, Reply::Done),
            (finish, Reply::Done),
        ] {
            let request = requests.recv_blocking().unwrap();
            assert_eq!(request.call, call);
            request.answer.send(Ok(reply));
        }
    });
    for wish in [
        ScanRequest::Scan,
        ScanRequest::Preview(1),
        ScanRequest::Preview(1),
        ScanRequest::Again(1),
        ScanRequest::Turn(2),
        ScanRequest::Cancel,
    ] {
        link.ask(Request::Wish(wish));
    }
    link.ask(Request::Finish("Gescannt".into(), "de".into()));
    let pixels = loop {
        if let News::Picture(1, pixels) = next(&news) {
            break pixels;
        }
    };
    assert_eq!((pixels.width(), pixels.height()), (2, 3));
    service.join().unwrap();
    let status = scan::Status {
        is_there: true,
        work: Work::Trouble(Trouble::Gone),
        pages: vec![PAGE, Page { id: 2, turns: 3 }],
        document: Some(4),
    };
    publisher.set(&status).unwrap();
    while next(&news) != News::Status(Some(status.clone())) {}
    connection.release_name(BUS_NAME).unwrap();
    while next(&news) != News::Status(None) {}
}
