// SPDX-License-Identifier: EUPL-1.2
//! What the tests of the shell have in common: the sample place, a fixed moment, and a walk to every screen.

#![allow(dead_code)] // Each test uses its part.

pub mod case;
pub mod matrix;
pub mod measure;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::call::papers::{
    Print, Received, Scan, ScanAnswer, Sent, SentState, Shown, Status as PapersStatus,
};
use api::call::{self, CallState, Reason};
use api::print::{self, Failure, Hindrance, Job, JobState, Printer};
use api::scan::{self, Page, Trouble, Work};
use api::secret::Secret;
use api::session::{self, Kind, SessionState};
use api::trust::{Status, TrustState};
use shell::canvas::Canvas;
use shell::catalogue::Catalogue;
use shell::event::{Action, Call, Event, Moment, Papers, Refusal, Session, Trust};
use shell::node::Pixels;
use shell::paint::Painter;
use shell::runtime::Runtime;
use shell::state::application::Purpose as FieldPurpose;
use shell::state::papers::{Drawn, SETTLE, Wish};
use shell::state::print::{Paper, Printing};
use shell::state::scan::Purpose;
use shell::state::{Identity, Modes, Outage, State};
use shell::text::{Engine, FONT_DIR};
use shell::update::update;
use site::{Language, Site, TimeOfDay, Weekday};
use tiny_skia::Pixmap;

pub const SAMPLE: &str = include_str!("../../../../recipes/site/site.toml");

pub fn site() -> Arc<Site> {
    Arc::new(site::parse("site.toml", SAMPLE).unwrap())
}

pub fn catalogue() -> Arc<Catalogue> {
    let text = include_bytes!("../../../../recipes/site/procedures.xml");
    let procedures = procedures::parse("procedures.xml", text, &site()).unwrap();
    Arc::new(Catalogue::new(procedures, &site()))
}

pub fn moment(uptime: u64) -> Moment {
    Moment {
        uptime: Duration::from_secs(uptime),
        year: 2026,
        month: 11,
        day: 24,
        weekday: Weekday::Tuesday,
        time: TimeOfDay::from_minutes(((615 + uptime / 60) % 1440) as u16).unwrap(),
    }
}

pub fn start() -> State {
    let identity = Identity {
        version: "2026.11.1".into(),
        is_case: false,
    };
    State::new(site(), identity, moment(0), false)
}

pub fn status(state: TrustState) -> Event {
    let recovery = state == TrustState::Recovery;
    let text = |text: &str| {
        if recovery {
            text.to_owned()
        } else {
            String::new()
        }
    };
    Event::Trust(Trust::Status(Status {
        state,
        code: text("KTBV-NRHD"),
        reason: text("foreign-volume"),
    }))
}

/// What the session service tells of a visitor who speaks German.
pub fn session(state: SessionState, deadline: Option<u64>, progress: u8) -> Event {
    let is_there = state != SessionState::Idle;
    Event::Session(Session::Status(session::Status {
        state,
        deadline: deadline.map(Duration::from_secs),
        progress,
        language: if is_there { "de".into() } else { String::new() },
        manner: String::new(),
    }))
}

/// What a field can be for.
pub const PURPOSES: [FieldPurpose; 5] = [
    FieldPurpose::Text,
    FieldPurpose::Email,
    FieldPurpose::Digits,
    FieldPurpose::Date,
    FieldPurpose::Signs,
];

/// An application has a window.
pub fn application() -> Event {
    Event::Application(Some("Formular".to_owned()))
}

/// What the service of calls tells of a call to the first department.
pub fn call(state: CallState, reason: Option<Reason>) -> Event {
    let department = match state {
        CallState::Idle => String::new(),
        _ => site().departments[0].id.clone(),
    };
    Event::Call(Call::Status(call::Status {
        state,
        department,
        reason,
        ..call::Status::default()
    }))
}

/// What it tells when the camera is away in a conversation, or is back.
pub fn unseen(unseen: bool) -> Event {
    let Event::Call(Call::Status(status)) = call(CallState::Talking, None) else {
        unreachable!("it tells a status");
    };
    Event::Call(Call::Status(call::Status { unseen, ..status }))
}

/// What it tells when the other side shares its screen, or not any more.
pub fn shares(shares: bool) -> Event {
    Event::Papers(Papers::Status(PapersStatus {
        shares,
        ..PapersStatus::default()
    }))
}

/// The other side has written this.
pub fn written(text: &str) -> Event {
    Event::Call(Call::Written(Secret::new(text.to_owned()).unwrap()))
}

/// Where a visitor may call the first department.
pub fn before_call(home: State) -> State {
    let here = [Action::Talk, Action::Authority(0), Action::Department(0)];
    way(after(home, [call(CallState::Idle, None)]), &here)
}

/// The screens of a conversation, beginning at `home`.
fn conversation(home: State) -> Vec<(String, State)> {
    let mut screens: Vec<(String, State)> = Vec::new();
    let mut add = |name: &str, state: State| screens.push((format!("call-{name}"), state));
    let ready = before_call(home);
    add("ready", ready.clone());
    let night = Moment {
        time: TimeOfDay::from_minutes(22 * 60).unwrap(),
        ..moment(1)
    };
    add("closed", after(ready.clone(), [Event::Tick(night)]));
    let stands = |state, reason| after(ready.clone(), [call(state, reason)]);
    add("rings", stands(CallState::Ringing, None));
    let talks = after(stands(CallState::Talking, None), [application()]);
    add("talks", talks.clone());
    let text = "Guten Tag! Bitte halten Sie Ihren alten Ausweis bereit.\u{2028}";
    let read = after(talks.clone(), [written(text)]);
    add("read", read.clone());
    let writes = way(read, &[Action::Write]);
    add("writes", way(writes, &letters("Er liegt vor mir")));
    add("writes-first", way(talks.clone(), &[Action::Write]));
    let unseen = |state| after(state, [unseen(true)]);
    add("unseen", unseen(talks.clone()));
    add("unseen-read", unseen(after(talks.clone(), [written(text)])));
    let shares = after(talks.clone(), [shares(true)]);
    add("screen", shares.clone());
    add("screen-unseen", unseen(shares.clone()));
    add("screen-writes", way(shares, &[Action::Write]));
    screens.extend(papers(&talks));
    screens.extend(scans_for_the_desk(&talks));
    let mut add = |name: &str, state: State| screens.push((format!("call-{name}"), state));
    for state in [CallState::Paused, CallState::Held, CallState::Mending] {
        add(state.as_str(), stands(state, None));
    }
    for reason in [
        Reason::OtherHungUp,
        Reason::Busy,
        Reason::Device,
        Reason::Lost,
    ] {
        let talked = stands(CallState::Talking, None);
        let ended = after(talked, [call(CallState::Ended, Some(reason))]);
        add(reason.as_str(), ended);
    }
    screens
}

/// What the service of calls tells of papers: a document with a long name, which page of it is shown, and what is asked.
pub fn told(page: u32, print: Print) -> Event {
    let document = Received {
        id: 1,
        kind: Kind::Pdf,
        name: "Bescheid über die Bewilligung von Wohngeld.pdf".into(),
        bytes: 1,
        had: 1,
        whole: true,
    };
    let shown = Shown {
        id: u32::from(page > 0),
        page,
    };
    Event::Papers(Papers::Status(PapersStatus {
        received: vec![document],
        shown,
        print,
        ..PapersStatus::default()
    }))
}

/// The desk asks for this document, as this request.
pub fn asks(request: u32, copies: u32) -> Print {
    Print {
        request,
        id: 1,
        copies,
        answer: String::new(),
    }
}

/// There is so much room for a page.
pub const ROOM: (u32, u32) = (620, 877);

/// What is wanted of a page there.
pub fn wish(page: u32) -> Wish {
    Wish {
        document: 1,
        kind: Kind::Pdf,
        page,
        width: ROOM.0,
        height: ROOM.1,
    }
}

/// The screens of papers in a conversation.
fn papers(talks: &State) -> Vec<(String, State)> {
    let mut screens: Vec<(String, State)> = Vec::new();
    let mut add = |name: &str, state: State| screens.push((format!("call-{name}"), state));
    let room = Event::Room(Some(ROOM));
    let comes = after(talks.clone(), [room, told(12, Print::default())]);
    add("shows-soon", comes.clone());
    let fails = after(comes.clone(), [Event::Drawn(wish(12), None)]);
    add("shows-not", fails);
    let drawn = Drawn {
        pixels: Pixels(page_picture()),
        pages: 24,
    };
    let shows = after(comes, [Event::Drawn(wish(12), Some(drawn))]);
    for (name, at) in [("shows", (30_000, 50_000)), ("shows-edge", (0, u16::MAX))] {
        let points = Event::Papers(Papers::Points(Some(at)));
        add(name, after(shows.clone(), [points]));
    }
    add("shows-writes", way(shows.clone(), &[Action::Write]));
    let asked = after(shows.clone(), [told(12, asks(1, 1))]);
    add("asks", asked.clone());
    let text = "Darf ich Ihnen den Bescheid ausdrucken? Dann haben Sie ihn auf Papier.\u{2028}";
    add("asks-read", after(asked.clone(), [written(text)]));
    add("asks-many", after(shows, [told(0, asks(1, 5))]));
    let later = Event::Tick(moment(SETTLE.as_secs() + 1));
    let agree = [later, Event::Act(Action::Agree)];
    let printer = |printer, job| Event::Print(Some(print::Status { printer, job }));
    let absent = after(asked.clone(), agree.clone());
    add("print-none", absent);
    for hindrance in Hindrance::ALL {
        let out = printer(Printer::Hindered(hindrance), Job::default());
        let state = after(asked.clone(), [&[out], &agree[..]].concat());
        add(&format!("print-out-{}", hindrance.as_str()), state);
    }
    let ready = printer(Printer::Ready, Job::default());
    let agreed = after(asked, [&[ready], &agree[..]].concat());
    add("print-waits", agreed.clone());
    let taken = after(agreed, [Event::Printed(Some(1))]);
    for state in [
        JobState::Printing,
        JobState::Stopped(Hindrance::CoverOpen),
        JobState::Done,
        JobState::Failed(Failure::Cancelled),
        JobState::Failed(Failure::Gone),
        JobState::Failed(Failure::TooLarge),
    ] {
        let job = Job {
            id: 1,
            state,
            page: 12,
            pages: 60,
        };
        let name = format!("print-{}-{}", state.words().0, state.words().1);
        add(&name, after(taken.clone(), [printer(Printer::Ready, job)]));
    }
    screens
}

/// The desk asks for a paper to be scanned, and has this of a document; `answer` is what it has heard.
pub fn asks_scan(
    request: u32,
    answer: Option<ScanAnswer>,
    sent: Option<(u64, SentState)>,
) -> Event {
    let (answer, reason) = answer.map(ScanAnswer::words).unwrap_or_default();
    let sent = sent.map(|(had, state)| Sent {
        id: 1,
        kind: Kind::Pdf,
        name: "Gescannt am 24. November 2026.pdf".into(),
        bytes: 100,
        had,
        state,
    });
    Event::Papers(Papers::Status(PapersStatus {
        sent: sent.into_iter().collect(),
        scan: Scan {
            request,
            answer: answer.into(),
            reason: reason.into(),
        },
        ..PapersStatus::default()
    }))
}

/// The screens of who scans papers for the desk, in a conversation.
fn scans_for_the_desk(talks: &State) -> Vec<(String, State)> {
    let mut screens: Vec<(String, State)> = Vec::new();
    let mut add = |name: &str, state: State| screens.push((format!("call-{name}"), state));
    let asks = asks_scan(1, None, None);
    add("scan-none", after(talks.clone(), [asks.clone()]));
    let asked = after(talks.clone(), [scanner(Work::Idle, &[], None), asks]);
    add("scan-asks", asked.clone());
    let text = "Haben Sie Ihre Geburtsurkunde dabei? Dann scannen Sie sie bitte.\u{2028}";
    add("scan-asks-read", after(asked.clone(), [written(text)]));
    let later = Event::Tick(moment(SETTLE.as_secs() + 1));
    let lay = after(asked, [later, Event::Act(Action::Agree)]);
    add("scan-lay", lay.clone());
    let scanning = scanner(Work::Scanning(40), &[], None);
    add("scanning", after(lay.clone(), [scanning]));
    let pages = [Page { id: 1, turns: 0 }, Page { id: 2, turns: 1 }];
    let picture = |page| Event::Scanned(page, page_picture());
    let first = after(
        lay.clone(),
        [scanner(Work::Kept, &pages[..1], None), picture(1)],
    );
    add("scan-look", first.clone());
    add("scan-more", way(first, &[Action::Agree]));
    let kept = after(lay.clone(), [scanner(Work::Kept, &pages, None), picture(2)]);
    add("scan-look-turned", kept.clone());
    for trouble in Trouble::ALL {
        let pages = if trouble == Trouble::Jam {
            &pages[..]
        } else {
            &[]
        };
        let failed = after(lay.clone(), [scanner(Work::Trouble(trouble), pages, None)]);
        add(&format!("scan-fails-{}", trouble.as_str()), failed);
    }
    let sends = way(kept, &[Action::Agree, Action::FinishScan]);
    let binding = after(sends, [scanner(Work::Binding, &pages, None)]);
    add("scan-binding", binding.clone());
    let goes = after(binding, [scanner(Work::Done, &[], Some(3))]);
    add("scan-goes", goes.clone());
    let taken = after(goes.clone(), [Event::Sent(3, Some(1))]);
    let agreed = Some(ScanAnswer::Agreed);
    for (name, had, state) in [
        ("scan-goes-half", 50, SentState::Going),
        ("scan-sent", 100, SentState::Whole),
    ] {
        let told = asks_scan(1, agreed, Some((had, state)));
        add(name, after(taken.clone(), [told]));
    }
    add("scan-not-sent", after(goes, [Event::Sent(3, None)]));
    screens
}

/// A device that nobody uses.
pub fn open() -> State {
    let idle = session(SessionState::Idle, None, 0);
    after(start(), [status(TrustState::Open), idle])
}

pub fn after(state: State, events: impl IntoIterator<Item = Event>) -> State {
    events
        .into_iter()
        .fold(state, |state, event| update(state, event).0)
}

fn digits(digits: &str) -> Vec<Event> {
    digits
        .chars()
        .map(|c| Event::Act(Action::Digit(c)))
        .collect()
}

/// A PIN and "OK".
fn typed(pin: &str) -> Vec<Event> {
    let mut events = digits(pin);
    events.push(Event::Act(Action::Confirm));
    events
}

/// What was entered was not taken, for each reason.
fn refusals(pin: &State, recovery: &State) -> Vec<(String, State)> {
    let key: Vec<Event> = "cbdefghijklnrtuv"
        .repeat(4)
        .chars()
        .map(|c| Event::Act(Action::Letter(c)))
        .chain([Event::Act(Action::Confirm)])
        .collect();
    let refused = |state: &State, entry: &[Event], refusal| {
        let answer = Event::Trust(Trust::Answer(Err(refusal)));
        after(state.clone(), entry.iter().cloned().chain([answer]))
    };
    let mut all = Vec::new();
    for (name, for_pin, for_key) in [
        ("wrong", Refusal::WrongPin, Refusal::WrongKey),
        ("locked", Refusal::LockedOut, Refusal::LockedOut),
        ("failed", Refusal::Failed, Refusal::Failed),
    ] {
        let state = refused(pin, &typed("135790"), for_pin);
        all.push((format!("pin-{name}"), state));
        let state = refused(recovery, &key, for_key);
        all.push((format!("recovery-{name}"), state));
    }
    all
}

/// A visitor who has touched these.
pub fn way(state: State, actions: &[Action]) -> State {
    after(state, actions.iter().copied().map(Event::Act))
}

/// Every screen in every shape that differs in what can be touched or read, by name.
pub fn walk(language: Language) -> Vec<(String, State)> {
    walk_with(language, Modes::default())
}

/// The same as a visitor wants it who has chosen these modes.
#[allow(clippy::too_many_lines)] // A line or two a screen.
pub fn walk_with(language: Language, modes: Modes) -> Vec<(String, State)> {
    let in_stage = |stage| State {
        language,
        modes,
        ..after(open(), [status(stage)])
    };
    let attract = in_stage(TrustState::Open);
    let home = way(attract.clone(), &[Action::Begin]);
    let (pin, new_pin) = (in_stage(TrustState::Pin), in_stage(TrustState::NewPin));
    let recovery = in_stage(TrustState::Recovery);
    let mut screens: Vec<(String, State)> = Vec::new();
    let mut add = |name: &str, state: State| screens.push((name.to_owned(), state));
    let starting = State {
        language,
        modes,
        ..start()
    };
    add("start", starting.clone());
    add("start-slow", after(starting, [Event::Tick(moment(70))]));
    add("attract", attract.clone());
    let night = Moment {
        time: TimeOfDay::from_minutes(22 * 60).unwrap(),
        ..moment(0)
    };
    add(
        "attract-night",
        after(attract.clone(), [Event::Tick(night)]),
    );
    add("home", home.clone());
    let mut broken = home.clone();
    for outage in [Outage::Printer, Outage::Network] {
        broken = after(broken, [Event::Outage(outage, true)]);
        let name = format!("{outage:?}").to_lowercase();
        add(&name, way(broken.clone(), &[Action::Outage(outage)]));
    }
    add("home-broken", broken);
    let update = Event::Outage(Outage::Update, true);
    add("update", after(attract.clone(), [update]));
    add("authorities", way(home.clone(), &[Action::Talk]));
    add("deliver", way(home.clone(), &[Action::Deliver]));
    screens.extend(scanning(&home));
    let mut add = |name: &str, state: State| screens.push((name.to_owned(), state));
    add("help", way(home.clone(), &[Action::Help]));
    let callable = after(home.clone(), [call(CallState::Idle, None)]);
    add("help-call", way(callable, &[Action::Help]));
    add("no-voice", way(home.clone(), &[Action::Voice]));
    let listening = after(home.clone(), [Event::Ear(false), Event::Ear(true)]);
    if listening.is_read_out() {
        add("voice", way(listening, &[Action::Voice]));
    }
    add("languages", way(home.clone(), &[Action::Languages]));
    add(
        "time-left",
        after(home.clone(), [session(SessionState::Warned, Some(42), 0)]),
    );
    let running = after(home.clone(), [application()]);
    add("application", running.clone());
    for purpose in PURPOSES {
        let typing = after(running.clone(), [Event::Field(Some(purpose))]);
        add(
            &format!("application-{purpose:?}").to_lowercase(),
            typing.clone(),
        );
        if purpose == FieldPurpose::Text {
            add("application-hidden", way(typing, &[Action::HideKeys]));
        }
    }
    let end = way(home.clone(), &[Action::Finish]);
    let going = [
        session(SessionState::Active, Some(99), 0),
        session(SessionState::Ending, None, 30),
    ];
    add("end-going", after(end.clone(), going));
    let end = after(end, [session(SessionState::Erased, Some(20), 100)]);
    add("end-rated", way(end.clone(), &[Action::Rate(3)]));
    add("end", end);

    add("pin", after(pin.clone(), digits("1234567890123456")));
    add("pin-wait", after(pin.clone(), typed("135790")));
    add("new-pin", new_pin.clone());
    add("new-pin-again", after(new_pin.clone(), typed("135790")));
    let mismatch = [typed("135790"), typed("1")].concat();
    add("new-pin-mismatch", after(new_pin.clone(), mismatch));
    add("new-pin-weak", after(new_pin.clone(), typed("123456")));
    add("new-pin-short", after(new_pin, typed("1")));
    add("recovery", recovery.clone());
    add("recovery-short", way(recovery.clone(), &[Action::Confirm]));
    for (name, state) in refusals(&pin, &recovery) {
        add(&name, state);
    }
    for i in 0..home.authorities().len() {
        let topics = way(home.clone(), &[Action::Inform, Action::Authority(i)]);
        add(&format!("topics-{i}"), topics.clone());
        // All departments as the place meant them; in the other modes two of each authority.
        let many = if modes == Modes::default() { 99 } else { 2 };
        for (n, department) in topics.departments(i).into_iter().enumerate().take(many) {
            let state = way(topics.clone(), &[Action::Department(department)]);
            add(&format!("department-{department}"), state.clone());
            if n == 0 {
                let state = way(state, &[Action::Talk]);
                add(&format!("talk-{department}"), state);
            }
        }
    }
    screens.extend(conversation(home.clone()));
    screens.extend(reading(home));
    screens.extend(case::walk_with(language, modes));
    screens
}

/// What the scanning service tells.
pub fn scanner(work: Work, pages: &[Page], document: Option<u64>) -> Event {
    Event::Scan(Some(scan::Status {
        is_there: true,
        work,
        pages: pages.to_vec(),
        document,
    }))
}

/// The picture of a page: half of it black.
pub fn page_picture() -> Arc<Pixmap> {
    let mut pixmap = Pixmap::new(62, 88).unwrap();
    pixmap.fill(tiny_skia::Color::WHITE);
    for pixel in &mut pixmap.pixels_mut()[..62 * 44] {
        *pixel = tiny_skia::PremultipliedColorU8::from_rgba(0, 0, 0, 255).unwrap();
    }
    Arc::new(pixmap)
}

/// The screens of who scans papers, beginning at `home`, with the texts for every trouble.
fn scanning(home: &State) -> Vec<(String, State)> {
    let mut screens: Vec<(String, State)> = Vec::new();
    let mut add = |name: &str, state: State| screens.push((name.to_owned(), state));
    let page = [Page { id: 1, turns: 1 }];
    let printer = Event::Print(Some(print::Status {
        printer: Printer::Ready,
        job: Job::default(),
    }));
    let with = after(home.clone(), [printer, scanner(Work::Idle, &[], None)]);
    let deliver = way(with, &[Action::Deliver]);
    add("deliver-scan", deliver.clone());
    let asked = way(deliver.clone(), &[Action::Scan(Purpose::Keep)]);
    add("scan", asked.clone());
    add("scan-gone", after(asked.clone(), [Event::Scan(None)]));
    add(
        "scanning",
        after(asked.clone(), [scanner(Work::Scanning(40), &[], None)]),
    );
    let picture = Event::Scanned(1, page_picture());
    let kept = after(asked.clone(), [scanner(Work::Kept, &page, None), picture]);
    add("scan-kept", kept.clone());
    for trouble in Trouble::ALL {
        let pages = if trouble == Trouble::Gone {
            &page[..]
        } else {
            &[]
        };
        let failed = after(kept.clone(), [scanner(Work::Trouble(trouble), pages, None)]);
        add(&format!("scan-{}", trouble.as_str()), failed);
    }
    add(
        "scan-binding",
        after(kept.clone(), [scanner(Work::Binding, &page, None)]),
    );
    let stored = [
        scanner(Work::Binding, &page, None),
        scanner(Work::Done, &[], Some(3)),
    ];
    add("scan-done", after(kept, stored.clone()));
    let copy = way(deliver, &[Action::Scan(Purpose::Copy)]);
    let copy = after(copy, [scanner(Work::Kept, &page, None)]);
    add("copy-kept", copy.clone());
    let copied = after(copy, stored);
    add("copy-waiting", copied.clone());
    add("copy-failed", after(copied, [Event::Printed(None)]));
    screens
}

/// What a keyboard does with a text.
pub fn letters(text: &str) -> Vec<Action> {
    text.chars().map(Action::Type).collect()
}

/// The screens of who has come to read, beginning at `home`.
fn reading(home: State) -> Vec<(String, State)> {
    let mut screens: Vec<(String, State)> = Vec::new();
    let mut add = |name: &str, state: State| screens.push((name.to_owned(), state));
    let informed = after(home, [Event::Catalogue(catalogue())]);
    let authorities = way(informed, &[Action::Inform]);
    add("authorities-read", authorities.clone());
    // A town's and those of an authority without departments.
    let town = way(authorities.clone(), &[Action::Authority(0)]);
    add("topics-read", town.clone());
    add(
        "topics-beside",
        way(authorities.clone(), &[Action::Authority(2)]),
    );
    let search = way(authorities.clone(), &[Action::Search]);
    add("search", search.clone());
    let some = way(search.clone(), &letters("ausweis"));
    add("search-some", some.clone());
    add("search-capitals", way(some.clone(), &[Action::Shift]));
    add("search-signs", way(some.clone(), &[Action::Signs]));
    add("found", way(some, &[Action::Confirm]));
    let none = way(search.clone(), &letters(&"einhorn ".repeat(7)));
    add("search-none", none.clone());
    add("found-none", way(none, &[Action::Confirm]));
    // The keys of the other languages.
    let mut other = search;
    for n in 0..2 {
        let layout = other.search.as_ref().unwrap().keyboard.layout;
        other = way(
            other.clone(),
            &[Action::Keys(layout.next(&other.site.languages))],
        );
        add(&format!("search-keys-{n}"), other.clone());
    }
    let services = way(town.clone(), &[Action::Department(0)]);
    add("services", services.clone());
    add("service-0", way(services, &[Action::Service(0)]));
    let dog = way(town.clone(), &[Action::Department(3), Action::Service(10)]);
    add("service-10", dog.clone());
    add("form", way(dog.clone(), &[Action::Form]));
    screens.extend(printing(&dog));
    let mut add = |name: &str, state: State| screens.push((name.to_owned(), state));
    add("service-21", way(town, &[Action::Service(21)]));
    screens
}

/// The screens of who prints what is read, with the texts for every state of printer and job.
fn printing(read: &State) -> Vec<(String, State)> {
    let mut screens: Vec<(String, State)> = Vec::new();
    let mut add = |name: &str, state: State| screens.push((name.to_owned(), state));
    let told = |printer, job| Event::Print(Some(print::Status { printer, job }));
    let ready = after(read.clone(), [told(Printer::Ready, Job::default())]);
    add("service-printer", ready.clone());
    add("form-printer", way(ready.clone(), &[Action::Form]));
    let asked = way(ready, &[Action::Print]);
    add("print", asked.clone());
    let taken = way(asked.clone(), &[Action::PrintNow]);
    let taken = after(taken, [Event::Printed(Some(1))]);
    add("print-waiting", taken.clone());
    let other = State {
        printing: taken.printing.map(|printing| Printing {
            paper: Paper::Service(0),
            ..printing
        }),
        ..taken.clone()
    };
    add("print-other", other);
    let job = |state| Job {
        id: 1,
        state,
        page: 12,
        pages: 60,
    };
    let with = |printer, state| after(taken.clone(), [told(printer, job(state))]);
    for state in [
        JobState::Printing,
        JobState::Done,
        JobState::Failed(Failure::Cancelled),
        JobState::Failed(Failure::Gone),
        JobState::Failed(Failure::TooLarge),
    ] {
        let name = format!("print-{}-{}", state.words().0, state.words().1);
        add(&name, with(Printer::Ready, state));
    }
    for hindrance in Hindrance::ALL {
        let word = hindrance.as_str();
        let printer = Printer::Hindered(hindrance);
        let out = after(asked.clone(), [told(printer, Job::default())]);
        add(&format!("print-out-{word}"), out);
        let stopped = with(printer, JobState::Stopped(hindrance));
        add(&format!("print-stopped-{word}"), stopped);
    }
    screens
}

pub fn engine() -> Engine {
    Engine::new(Path::new(FONT_DIR)).unwrap()
}

/// A painter with the picture of the sample place.
pub fn painter() -> Painter {
    let mut painter = Painter::default();
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/site/picture.svg");
    painter.load_picture(&picture).unwrap();
    painter
}

pub fn runtime(state: State, canvas: Canvas) -> Runtime {
    Runtime::new(state, engine(), painter(), canvas)
}
