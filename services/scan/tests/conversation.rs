// SPDX-License-Identifier: EUPL-1.2
//! A paper for a desk, as it goes on a device: SANE's backend `test`, the service, the session's own store, the shell's state machine with
//! its links to the services, and the service of calls' own papers; the desk is what says and takes in their frames.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use api::call::papers::{self, ScanAnswer};
use api::call::{self as calls, CallState};
use api::scan::{Trouble, Work};
use api::session::SessionState;
use api::trust::TrustState;
use call::papers::{Frame, Inbox, Scanning};
use call::paperwork::Paperwork;
use common::paper::{info, run};
use common::{DEADLINE, Place};
use shell::event::{Action, Call, Effect, Event, Moment, PapersRequest, ScanRequest};
use shell::event::{Session, Trust};
use shell::state::papers::SETTLE;
use shell::state::scan_asked::{ScanOver, ScanStep};
use shell::state::{Identity, State};
use shell::update::update;
use shell::{papers as links, scan};
use site::{Site, TimeOfDay, Weekday};

const SITE: &str = include_str!("../../../recipes/site/site.toml");
const NAME: &str = "Gescannt.pdf";

/// What reaches the worker of the service of calls.
enum Wake {
    Shell(papers::Request),
    Desk(Frame),
    /// The link is lost, and there is another one.
    Cut,
}

/// The service of calls, as far as it has papers, in an answered call; what it says comes out at the desk.
fn paperwork(connection: &zbus::blocking::Connection) -> (Sender<Wake>, Receiver<Frame>) {
    let (publisher, requests) = papers::serve(connection).unwrap();
    let talks = calls::Status {
        state: CallState::Talking,
        ..calls::Status::default()
    };
    calls::serve(connection, talks).unwrap();
    connection.request_name(calls::BUS_NAME).unwrap();
    let (sender, inbox) = channel();
    let (says, heard) = channel();
    let asks = sender.clone();
    std::thread::spawn(move || {
        while let Ok(request) = requests.recv_blocking() {
            if asks.send(Wake::Shell(request)).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        let mut paperwork = Paperwork::new(publisher);
        let send = |bytes: &[u8]| drop(says.send(Frame::decode(bytes).unwrap()));
        for wake in inbox {
            let mut answer = None;
            match wake {
                Wake::Shell(request) => {
                    let reply = paperwork.call(request.call, send);
                    answer = Some((request.answer, reply));
                }
                Wake::Desk(frame) => paperwork.take(&frame.encode(), send),
                Wake::Cut => paperwork.open(send),
            }
            paperwork.publish().unwrap();
            if let Some((answer, reply)) = answer {
                answer.send(reply);
            }
        }
    });
    (sender, heard)
}

/// The desk.
struct Desk {
    calls: Sender<Wake>,
    heard: Receiver<Frame>,
    inbox: Inbox,
    says: Vec<Scanning>,
    /// So many chunks are taken in before the link is lost.
    breaks: Option<usize>,
}

impl Desk {
    fn say(&self, frame: Frame) {
        self.calls.send(Wake::Desk(frame)).unwrap();
    }

    /// What it has heard, without that it goes on: a page that fails at once is not seen to have begun.
    fn news(&self) -> Vec<Scanning> {
        let (first, rest) = self.says.split_at(self.says.len().min(1));
        let rest = rest.iter().copied();
        let rest = rest.filter(|says| *says != Scanning::Answered(ScanAnswer::Agreed));
        first.iter().copied().chain(rest).collect()
    }

    /// Takes in what has come.
    fn listen(&mut self) {
        while let Ok(frame) = self.heard.try_recv() {
            let reply = match frame {
                Frame::Hello { ids, .. } => {
                    self.inbox.keep(&ids);
                    None
                }
                Frame::Offer { turn, offer } => {
                    assert_eq!(offer.name, NAME);
                    Some(self.inbox.offer(turn, offer))
                }
                Frame::Chunk { .. } if self.breaks == Some(0) => {
                    // What is under way is lost with the link.
                    self.breaks = None;
                    while self.heard.try_recv().is_ok() {}
                    self.calls.send(Wake::Cut).unwrap();
                    return;
                }
                Frame::Chunk { id, from, bytes } => {
                    self.breaks = self.breaks.map(|chunks| chunks - 1);
                    self.inbox.chunk(id, from, &bytes).reply
                }
                Frame::Scanning { says, .. } => {
                    if self.says.last() != Some(&says) {
                        self.says.push(says);
                    }
                    None
                }
                frame => panic!("{frame:?}"),
            };
            if let Some(reply) = reply {
                self.say(reply);
            }
        }
    }
}

/// The screen's state, and what it does.
struct Visitor {
    state: State,
    events: Receiver<Event>,
    scan: scan::Link,
    papers: links::Link,
    desk: Desk,
}

fn moment(seconds: u64) -> Moment {
    Moment {
        uptime: Duration::from_secs(seconds),
        year: 2026,
        month: 11,
        day: 30,
        weekday: Weekday::Monday,
        time: TimeOfDay::from_minutes(600).unwrap(),
    }
}

impl Visitor {
    /// One who talks to somebody at a department.
    fn start(place: &Place) -> Self {
        let connection = place.connect();
        let (calls, heard) = paperwork(&connection);
        let (sender, events) = channel();
        let address = place.address().to_owned();
        let connect = move || zbus::blocking::connection::Builder::address(&*address)?.build();
        let news = sender.clone();
        let scan = scan::Link::start_on(connect.clone(), move |told| {
            let event = match told {
                scan::News::Status(status) => Event::Scan(status),
                scan::News::Picture(page, pixels) => Event::Scanned(page, pixels),
            };
            news.send(event).is_ok()
        });
        let papers = links::Link::start_on(connect, move |told| {
            let event = match told {
                links::News::Papers(told) => Event::Papers(told),
                links::News::Drawn(wish, drawn) => Event::Drawn(wish, drawn),
                links::News::Printed(job) => Event::Printed(job),
                links::News::Sent(document, id) => Event::Sent(document, id),
            };
            sender.send(event).is_ok()
        });
        let site: Arc<Site> = Arc::new(site::parse("site.toml", SITE).unwrap());
        let identity = Identity {
            version: "1".into(),
            is_case: false,
        };
        let mut visitor = Self {
            state: State::new(site, identity, moment(1), false),
            events,
            scan: scan.unwrap(),
            papers: papers.unwrap(),
            desk: Desk {
                calls,
                heard,
                inbox: Inbox::default(),
                says: Vec::new(),
                breaks: None,
            },
        };
        let open = api::trust::Status {
            state: TrustState::Open,
            code: String::new(),
            reason: String::new(),
        };
        let active = api::session::Status {
            state: SessionState::Active,
            language: "de".into(),
            ..api::session::Status::default()
        };
        let talks = calls::Status {
            state: CallState::Talking,
            ..calls::Status::default()
        };
        visitor.handle(Event::Trust(Trust::Status(open)));
        visitor.handle(Event::Session(Session::Status(
            api::session::Status::default(),
        )));
        visitor.handle(Event::Act(Action::Begin));
        visitor.handle(Event::Session(Session::Status(active)));
        visitor.handle(Event::Call(Call::Status(talks)));
        visitor
    }

    /// As the shell's window does it.
    fn handle(&mut self, event: Event) {
        let (state, effects) = update(self.state.clone(), event);
        self.state = state;
        for effect in effects {
            match effect {
                Effect::Scan(ScanRequest::Finish) => {
                    let request = scan::Request::Finish("Gescannt".into(), "de".into());
                    self.scan.ask(request);
                }
                Effect::Scan(request) => self.scan.ask(scan::Request::Wish(request)),
                Effect::Send(document) => {
                    self.papers.ask(links::Request::Send(document, NAME.into()));
                }
                Effect::Papers(request @ PapersRequest::AnswerScan(..)) => {
                    self.papers.ask(links::Request::Wish(request));
                }
                Effect::Session(_) => {}
                effect => panic!("{effect:?}"),
            }
        }
    }

    /// Waits for what happens until this is so.
    fn until(&mut self, what: &str, is_so: impl Fn(&State, &Desk) -> bool) {
        let start = std::time::Instant::now();
        loop {
            self.desk.listen();
            if is_so(&self.state, &self.desk) {
                return;
            }
            let told = (
                self.state.scan.asked,
                &self.state.scan.status,
                &self.desk.says,
            );
            assert!(start.elapsed() < DEADLINE, "no {what}: {told:?}");
            // The desk hears of something only after something has happened here, or soon after.
            if let Ok(event) = self.events.recv_timeout(Duration::from_millis(20)) {
                self.handle(event);
            }
        }
    }

    fn act(&mut self, action: Action) {
        self.handle(Event::Act(action));
    }

    /// The desk asks, and the visitor can answer.
    fn is_asked(&mut self, request: u32) {
        self.until("scanner", |state, _| state.scan.is_there());
        self.desk.say(Frame::Scan { request });
        self.until("question", |state, _| {
            step(state) == Some(ScanStep::Question)
        });
        let now = self.state.now.uptime + SETTLE + Duration::from_secs(1);
        self.handle(Event::Tick(moment(now.as_secs() + 1)));
    }

    /// Scans a page, and finds it good.
    fn page(&mut self, count: usize) {
        self.act(Action::ScanNow);
        self.until("page", |state, _| {
            let kept = state.scan.work() == Work::Kept && state.scan.pages().len() == count;
            kept && state.scan.picture().is_some()
        });
        self.act(Action::Agree);
    }
}

fn step(state: &State) -> Option<ScanStep> {
    state.scan_asked().map(|asked| asked.step)
}

fn said(answers: &[ScanAnswer]) -> Vec<Scanning> {
    answers.iter().copied().map(Scanning::Answered).collect()
}

/// Checks a document at the desk, which is a PDF of so many pages.
fn check(place: &Path, content: &[u8], pages: usize) {
    let path = place.join("desk.pdf");
    fs::write(&path, content).unwrap();
    run(Command::new("qpdf").arg("--check").arg(&path));
    let said = info(&path);
    let is_count = |line: &str| {
        line.strip_prefix("Pages:")
            .is_some_and(|count| count.trim() == pages.to_string())
    };
    assert!(said.lines().any(is_count), "{said}");
}

/// Proves T6, D4, T11, T15: a desk asks for a paper; the visitor agrees, scans two pages and sends them; they come to the desk as they
/// are in the session's store, through a break of the link; what was scanned before is not among them.
#[test]
fn a_paper_goes_to_the_desk() {
    let place = Place::new();
    let sane = place.scanner("test-picture \"Color pattern\"");
    let service = place.service(&sane);
    service.until_scanner(true);
    // Somebody scanned something before, and it lies there.
    service.page();
    let mut visitor = Visitor::start(&place);
    visitor.until("page of before", |state, _| state.scan.last().is_some());
    visitor.is_asked(1);
    assert_eq!(visitor.desk.says, []);
    visitor.act(Action::Agree);
    visitor.until("clear glass", |state, desk| {
        state.scan.is_clear() && desk.says == said(&[ScanAnswer::Agreed])
    });
    visitor.page(1);
    visitor.act(Action::TurnPage);
    visitor.until("turned page", |state, _| {
        state.scan.last().is_some_and(|page| page.turns == 1)
    });
    visitor.page(2);
    visitor.desk.breaks = Some(1);
    visitor.act(Action::FinishScan);
    let over = Some(ScanStep::Over(ScanOver::Sent));
    visitor.until("paper at the desk", |state, _| step(state) == over);
    visitor.until("word of it", |_, desk| {
        desk.says == said(&[ScanAnswer::Agreed, ScanAnswer::Sent])
    });
    assert_eq!(visitor.desk.breaks, None, "the link was not lost");
    let content = visitor.desk.inbox.content(1).unwrap();
    let stored = fs::read(place.document(1)).unwrap();
    assert!(content == stored);
    check(place.dir.path(), content, 2);
    assert_eq!(service.pages(), [] as [u64; 0]);
}

/// Proves C13, D4: a jam and an open cover are told to the desk while the visitor can try again; who gives up leaves nobody waiting, and
/// no page on the device; a scanner that is gone is told at once. Then it can be asked again.
#[test]
fn what_goes_wrong_is_told_to_the_desk() {
    let place = Place::new();
    let sane = place.scanner("test-picture \"Grid\"");
    let service = place.service(&sane);
    service.until_scanner(true);
    let mut visitor = Visitor::start(&place);
    visitor.is_asked(1);
    visitor.act(Action::Agree);
    visitor.page(1);
    let mut heard = vec![ScanAnswer::Agreed];
    for (status, trouble) in [
        ("SANE_STATUS_JAMMED", Trouble::Jam),
        ("SANE_STATUS_COVER_OPEN", Trouble::CoverOpen),
        // As where it is pulled out in the middle of a page.
        ("SANE_STATUS_IO_ERROR", Trouble::Gone),
    ] {
        place.scanner(&format!("read-status-code \"{status}\""));
        visitor.until("scanner", |state, _| state.scan.is_there());
        visitor.act(Action::ScanNow);
        heard.push(ScanAnswer::Hindered(trouble));
        let heard = said(&heard);
        visitor.until(status, |_, desk| desk.news() == heard);
        assert_eq!(visitor.state.scan.pages().len(), 1);
    }
    visitor.act(Action::Decline);
    heard.push(ScanAnswer::Failed(Trouble::Gone));
    let told = said(&heard);
    visitor.until("end", |state, desk| {
        desk.news() == told && state.scan.is_clear() && step(state).is_none()
    });
    assert_eq!((service.pages().len(), place.documents()), (0, 0));

    place.scanner("test-picture \"Grid\"");
    visitor.desk.says.clear();
    visitor.is_asked(2);
    visitor.act(Action::Decline);
    let no = said(&[ScanAnswer::Declined]);
    visitor.until("a no", |_, desk| desk.says == no);
    drop(service);
    visitor.until("nobody at the scanner", |state, _| {
        state.scan.status.is_none()
    });
    visitor.desk.says.clear();
    visitor.desk.say(Frame::Scan { request: 3 });
    let none = said(&[ScanAnswer::Failed(Trouble::Gone)]);
    visitor.until("word of it", |_, desk| desk.says == none);
    let over = Some(ScanStep::Over(ScanOver::NoScanner));
    assert_eq!(step(&visitor.state), over);
}
