// SPDX-License-Identifier: EUPL-1.2
//! From the desk to the screen and to the paper: what the shell makes of a conversation's papers, joined with the service as it runs on a
//! device and a real printer. The service of calls is there by its contract alone: what it tells is proven in `services/call`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use api::call::papers::{
    Call, Print, PrintAnswer, Publisher, Received, Reply, Shown, Status, serve,
};
use api::call::{self, BUS_NAME, CallState};
use api::print::Printer;
use api::session::{Kind, document};
use common::documents::{as_pdf, pdf_of, pixels};
use common::{DEADLINE, Place};
use shell::event::{Action, Effect, Event, Moment};
use shell::papers::{News, Request};
use shell::state::papers::{SETTLE, Sheet, Step};
use shell::state::{Identity, State};
use shell::update::update;
use shell::{papers, print};
use site::{TimeOfDay, Weekday};
use zbus::blocking::{Connection, connection::Builder};

const SITE: &str = include_str!("../../../recipes/site/site.toml");
const PWG: &str = "image/pwg-raster";
/// What real printers do: they count each page.
const COUNTS: &str = "echo 'ATTR: job-impressions-completed=1' >&2";

fn moment(uptime: Duration) -> Moment {
    Moment {
        uptime,
        year: 2026,
        month: 11,
        day: 24,
        weekday: Weekday::Tuesday,
        time: TimeOfDay::from_minutes(615).unwrap(),
    }
}

/// The shell without its window.
struct Terminal {
    state: State,
    papers: papers::Link,
    news: Receiver<Event>,
    _print: print::Link,
}

impl Terminal {
    /// Somebody talks, on a screen that has so much room for a page.
    fn talking(place: &Place, room: (u32, u32)) -> Self {
        let (sender, news) = channel();
        let to = |sender: &Sender<Event>| {
            let sender = sender.clone();
            move |event| sender.send(event).is_ok()
        };
        let bus = |address: String| move || Builder::address(address.as_str())?.build();
        let tell = to(&sender);
        let told = move |news| {
            tell(match news {
                News::Papers(told) => Event::Papers(told),
                News::Drawn(wish, drawn) => Event::Drawn(wish, drawn),
                News::Printed(job) => Event::Printed(job),
                News::Sent(document, id) => Event::Sent(document, id),
            })
        };
        let papers = papers::Link::start_on(bus(place.address()), told).unwrap();
        let tell = to(&sender);
        let told = move |news| match news {
            print::News::Status(status) => tell(Event::Print(status)),
            print::News::Answer(_) => true,
        };
        let print = print::Link::start_on(bus(place.address()), PathBuf::new(), told).unwrap();
        let site = site::parse("site.toml", SITE).unwrap().into();
        let now = moment(Duration::from_secs(1));
        let mut terminal = Self {
            state: State::new(site, Identity::default(), now, true),
            papers,
            news,
            _print: print,
        };
        let talks = call::Status {
            state: CallState::Talking,
            ..call::Status::default()
        };
        terminal.take(Event::Act(Action::Begin));
        terminal.take(Event::Call(shell::event::Call::Status(talks)));
        terminal.take(Event::Room(Some(room)));
        terminal
    }

    /// Takes in an event, and does what follows.
    fn take(&mut self, event: Event) {
        let (state, effects) = update(self.state.clone(), event);
        self.state = state;
        for effect in effects {
            match effect {
                Effect::Papers(request) => self.papers.ask(Request::Wish(request)),
                Effect::Draw(wish) => self.papers.draw(wish),
                _ => {}
            }
        }
    }

    fn until(&mut self, what: &str, happened: impl Fn(&State) -> bool) {
        let end = Instant::now() + DEADLINE;
        while !happened(&self.state) {
            let left = end.saturating_duration_since(Instant::now());
            let event = self.news.recv_timeout(left);
            let event = event.unwrap_or_else(|_| panic!("{what}: {:?}", self.state.call.papers));
            self.take(event);
        }
    }
}

/// A desk with one document.
struct Desk {
    _connection: Connection,
    publisher: Publisher,
    answers: Receiver<(u32, PrintAnswer)>,
    status: Status,
}

impl Desk {
    fn with(place: &Place, content: Vec<u8>) -> Self {
        let builder = Builder::address(place.address().as_str()).unwrap();
        let connection = api::bus::connect(builder).unwrap();
        let (publisher, requests) = serve(&connection).unwrap();
        connection.request_name(BUS_NAME).unwrap();
        let (tell, answers) = channel();
        let bytes = content.len() as u64;
        std::thread::spawn(move || {
            while let Ok(request) = requests.recv_blocking() {
                let reply = match request.call {
                    Call::Open(1) => Reply::Opened(document::seal(&content).unwrap()),
                    Call::Answer(number, answer) => {
                        tell.send((number, answer)).unwrap();
                        Reply::Done
                    }
                    call => panic!("{call:?}"),
                };
                request.answer.send(Ok(reply));
            }
        });
        let status = Status {
            received: vec![Received {
                id: 1,
                kind: Kind::Pdf,
                name: "Bescheid.pdf".into(),
                bytes,
                had: bytes,
                whole: true,
            }],
            ..Status::default()
        };
        Self {
            _connection: connection,
            publisher,
            answers,
            status,
        }
    }

    fn tell(&mut self, change: impl FnOnce(&mut Status)) {
        change(&mut self.status);
        self.publisher.set(&self.status).unwrap();
    }

    fn answer(&self) -> (u32, PrintAnswer) {
        self.answers.recv_timeout(DEADLINE).expect("an answer")
    }
}

/// Proves T7, D3, D4: the page that the desk shows is on the screen; what it asks to be printed is asked about, comes out of the printer
/// when the citizen agrees and not before, and the desk hears of it.
#[test]
fn what_the_desk_shows_and_prints_arrives() {
    let place = Place::new();
    let printer = place.printer(PWG, COUNTS);
    let service = place.service(printer.port);
    service.until_printer(Printer::Ready);
    let a4 = "[0 0 595 842]";
    let square = "0 g 200 300 195 242 re f";
    let mut desk = Desk::with(&place, pdf_of(&[(a4, ""), (a4, square)]));
    let mut terminal = Terminal::talking(&place, (595, 842));
    terminal.until("the printer", |state| state.printer() == Printer::Ready);

    desk.tell(|status| status.shown = Shown { id: 1, page: 2 });
    terminal.until("the page", |state| {
        matches!(state.call.papers.sheet(), Sheet::There(_))
    });
    let Sheet::There(drawn) = terminal.state.call.papers.sheet() else {
        panic!("no page")
    };
    assert_eq!(
        (drawn.pixels.0.width(), drawn.pixels.0.height()),
        (595, 842)
    );
    assert_eq!(drawn.pages, 2);
    let grey = |x, y| drawn.pixels.0.pixel(x, y).unwrap().red();
    assert_eq!((grey(297, 421), grey(297, 100)), (0, 255));
    desk.tell(|status| status.shown = Shown { id: 1, page: 3 });
    terminal.until("that there is no such page", |state| {
        state.call.papers.status.shown.page == 3 && state.call.papers.sheet() == Sheet::Fails
    });

    desk.tell(|status| {
        status.print = Print {
            request: 1,
            id: 1,
            copies: 1,
            answer: String::new(),
        };
    });
    terminal.until("the question", |state| {
        state
            .asked()
            .is_some_and(|asked| asked.step == Step::Question)
    });
    assert!(!place.path("arrived").exists());
    let later = moment(Duration::from_secs(2) + SETTLE);
    terminal.take(Event::Tick(later));
    terminal.take(Event::Act(Action::Agree));
    assert_eq!(desk.answer(), (1, PrintAnswer::Agreed));
    terminal.until("the end of it", |state| {
        let asked = state.asked();
        asked.is_some_and(|asked| matches!(asked.step, Step::Over(_)))
    });
    assert_eq!(desk.answer(), (1, PrintAnswer::Printed));
    let arrived = place.path("arrived.pdf");
    as_pdf(&place.path("arrived"), PWG, &arrived);
    let (width, height, pixels) = pixels(&arrived, 2, 30);
    assert!(pixels[height / 2 * width + width / 2] < 40);
}
