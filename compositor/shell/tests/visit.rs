// SPDX-License-Identifier: EUPL-1.2
//! A visit from begin to end: the shell and the course of the session service, both pure, joined as the bus joins them.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::time::Duration;

use api::session::{Outcome, SessionState};
use api::trust::TrustState;
use common::{moment, start, status, way};
use proptest::prelude::*;
use session::course::{self, Course, ERASED, Record};
use shell::event::{Action, Effect, Event, Session, SessionRequest};
use shell::state::{Modes, Place, Screen, State, Way};
use shell::theme::{TextSize, Theme};
use shell::update::update;
use site::Language;

/// Shell and service.
struct Device {
    shell: State,
    course: Course,
    now: u64,
    /// Whether the service erases, and with it the process of the shell.
    erases: bool,
    counted: Vec<Record>,
}

impl Device {
    fn new() -> Self {
        let mut device = Self {
            shell: start(),
            course: Course::idle(),
            now: 0,
            erases: false,
            counted: Vec::new(),
        };
        device.connect();
        device
    }

    /// A new process of the shell hears where the services stand.
    fn connect(&mut self) {
        self.shell = start();
        self.shell(Event::Tick(moment(self.now)));
        self.tell();
        self.shell(status(TrustState::Open));
    }

    fn tell(&mut self) {
        let status = self.course.status();
        self.shell(Event::Session(Session::Status(status)));
    }

    fn shell(&mut self, event: Event) {
        let (state, effects) = update(self.shell.clone(), event);
        self.shell = state;
        for effect in effects {
            let Effect::Session(request) = effect else {
                panic!("{effect:?}")
            };
            let event = match request.clone() {
                SessionRequest::Begin(language) => {
                    course::Event::Begin(language, self.shell.site.session)
                }
                SessionRequest::Speak(language) => course::Event::Speak(language),
                SessionRequest::Prefer(manner) => course::Event::Prefer(manner),
                SessionRequest::Presence => course::Event::Presence,
                SessionRequest::Extend => course::Event::Extend,
                SessionRequest::Note(service) => course::Event::Note(service),
                SessionRequest::End(outcome) => course::Event::End(outcome),
                SessionRequest::Rate(rating) => course::Event::Rate(rating),
            };
            if !self.course(event) {
                self.shell(Event::Session(Session::Refused(request)));
            }
        }
    }

    /// Whether the service took it.
    fn course(&mut self, event: course::Event) -> bool {
        let now = Duration::from_secs(self.now);
        let Ok((next, effects)) = self.course.next(now, event) else {
            return false;
        };
        let is_news = next.status() != self.course.status();
        self.course = next;
        for effect in effects {
            match effect {
                course::Effect::Open => {}
                course::Effect::Erase => self.erases = true,
                course::Effect::Count(record) => self.counted.push(record),
            }
        }
        if is_news {
            self.tell();
        }
        true
    }

    fn touch(&mut self, actions: &[Action]) {
        for action in actions {
            self.shell(Event::Act(*action));
        }
    }

    /// Time passes for both, second by second.
    fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now += 1;
            self.shell(Event::Tick(moment(self.now)));
            if self
                .course
                .deadline()
                .is_some_and(|at| at <= Duration::from_secs(self.now))
            {
                self.course(course::Event::Tick);
            }
        }
    }

    /// The service erases, if it has to: the shell starts anew.
    fn erase(&mut self) {
        if std::mem::take(&mut self.erases) {
            self.course(course::Event::Progress(30));
            self.connect();
            self.course(course::Event::Progress(90));
            assert!(self.course(course::Event::Clean));
        }
    }
}

/// Proves T15, O5: a visit begins a session, its end erases it in view of the visitor, and it is counted with what it was about.
#[test]
fn a_visit_is_a_session() {
    let mut device = Device::new();
    assert_eq!(device.shell.screen(), Screen::Attract);
    device.touch(&[Action::Begin, Action::Inform, Action::Authority(1)]);
    device.touch(&[Action::Department(8), Action::Talk]);
    assert_eq!(device.course.state(), SessionState::Active);
    device.pass(50);
    device.touch(&[Action::Finish]);
    assert_eq!(device.course.state(), SessionState::Ending);
    assert_eq!(device.shell.screen(), Screen::End);
    // Nobody else can begin before all is erased.
    device.touch(&[Action::Leave, Action::Begin]);
    assert_eq!(device.shell.screen(), Screen::End);
    device.erase();
    assert_eq!(device.shell.ending.unwrap().percent, 100);
    device.touch(&[Action::Rate(3)]);
    assert_eq!(device.shell.screen(), Screen::End);
    device.pass(3);
    assert_eq!(
        (device.shell.screen(), device.course.state()),
        (Screen::Attract, SessionState::Idle)
    );
    assert!(device.shell.is_at_rest());
    let [record] = &device.counted[..] else {
        panic!("{:?}", device.counted)
    };
    let department = &device.shell.site.departments[8].id;
    assert_eq!(record.services.iter().collect::<Vec<_>>(), [department]);
    assert_eq!(
        (record.outcome, record.rating, record.lasted),
        (Outcome::Referred, 3, Duration::from_secs(50))
    );
}

/// Proves T13: language, large letters, colours and height are the visitor's to the last screen, although another process
/// shows it, and nobody else's.
#[test]
fn the_last_screen_is_the_visitors() {
    let mut device = Device::new();
    device.touch(&[Action::Larger, Action::Speak(Language::En)]);
    device.touch(&[Action::Larger, Action::Contrast, Action::Lower]);
    device.touch(&[Action::Languages, Action::Speak(Language::Ar)]);
    let modes = Modes {
        text: TextSize::Largest,
        theme: Theme::Light,
        lower: true,
        ..Modes::default()
    };
    device.touch(&[Action::Finish]);
    device.erase();
    assert_eq!(
        (
            device.shell.screen(),
            device.shell.language,
            device.shell.modes
        ),
        (Screen::End, Language::Ar, modes)
    );
    device.touch(&[Action::Leave]);
    assert_eq!(device.shell.screen(), Screen::Attract);
    assert!(device.shell.is_at_rest());
    // The next visitor does not have to wait for the last one's twenty seconds.
    device.touch(&[Action::Begin]);
    assert_eq!(device.course.state(), SessionState::Active);
    assert_eq!(device.course.status().manner, "");
    assert_eq!(device.counted[0].language, Language::Ar);
}

/// Proves T13, T15: a visit that nobody goes on with ends by itself and is erased; before that the screen asks, and the
/// time-out can be put off, again and again.
#[test]
fn visit_ends_by_itself() {
    let mut device = Device::new();
    device.touch(&[Action::Begin, Action::Help]);
    let limits = device.shell.site.session;
    for _ in 0..5 {
        device.pass(limits.idle.as_secs() - 1);
        assert_eq!(device.shell.screen(), Screen::At(Place::Help));
        device.pass(2);
        let left = device.shell.seconds_left();
        assert_eq!(
            (device.shell.screen(), left),
            (Screen::TimeLeft, Some(limits.warning.as_secs() - 1))
        );
        // Somebody passing by is no answer.
        device.shell(Event::Presence);
        assert_eq!(device.shell.screen(), Screen::TimeLeft);
        device.touch(&[Action::MoreTime]);
        assert_eq!(device.shell.screen(), Screen::At(Place::Help));
    }
    // Whoever reads on is not asked.
    for _ in 0..5 {
        device.pass(limits.idle.as_secs() - 1);
        device.shell(Event::Presence);
    }
    assert_eq!(device.shell.screen(), Screen::At(Place::Help));
    device.pass((limits.idle + limits.warning).as_secs());
    assert_eq!(device.shell.screen(), Screen::End);
    device.erase();
    device.pass(ERASED.as_secs());
    assert_eq!(device.shell.screen(), Screen::Attract);
    assert!(device.shell.is_at_rest());
    assert_eq!(device.counted[0].outcome, Outcome::Abandoned);
}

/// Proves O2: a shell that fell goes on with the visitor who is there, in their language and manner; without the session
/// service nobody is let in, and a service that fell erases first.
#[test]
fn falls_are_no_dead_end() {
    let mut device = Device::new();
    device.touch(&[
        Action::Speak(Language::Hsb),
        Action::Contrast,
        Action::Inform,
    ]);
    device.connect();
    assert_eq!(device.shell.screen(), Screen::At(Place::Home));
    assert_eq!(
        (device.shell.language, device.shell.modes.theme),
        (Language::Hsb, Theme::Light)
    );
    device.touch(&[Action::Inform]);
    assert_eq!(
        device.shell.screen(),
        Screen::At(Place::Authorities(Way::Inform))
    );

    device.shell(Event::Session(Session::Gone));
    assert_eq!(device.shell.screen(), Screen::Start);
    device.touch(&[Action::Begin]);
    assert_eq!(device.shell.screen(), Screen::Start);
    assert!(!device.shell.is_slow());
    device.pass(70);
    assert!(device.shell.is_slow());
    device.course = Course::interrupted();
    device.erases = true;
    device.tell();
    assert_eq!(device.shell.screen(), Screen::End);
    device.erase();
    device.pass(ERASED.as_secs());
    assert_eq!(device.shell.screen(), Screen::Attract);
}

/// Proves T15: a service that cannot take a visitor in keeps nobody on a screen that leads nowhere.
#[test]
fn refused_is_not_let_in() {
    let shell = common::open();
    let begun = way(shell, &[Action::Begin, Action::Inform]);
    let refused = SessionRequest::Begin(Language::De);
    let (state, effects) = update(begun, Event::Session(Session::Refused(refused)));
    assert_eq!(
        (state.screen(), effects.as_slice()),
        (Screen::Attract, &[][..])
    );
}

fn actions() -> impl Strategy<Value = Action> {
    prop_oneof![
        (0usize..3).prop_map(Action::Authority),
        (0usize..16).prop_map(Action::Department),
        (0usize..5).prop_map(|i| Action::Speak(Language::ALL[i])),
        (0..5u8).prop_map(Action::Rate),
        prop::sample::select(
            &[
                Action::Begin,
                Action::Talk,
                Action::Inform,
                Action::Help,
                Action::Back,
                Action::Finish,
                Action::Leave,
                Action::MoreTime,
                Action::Languages,
                Action::Larger,
                Action::Contrast,
                Action::Lower,
            ][..]
        ),
    ]
}

/// What can happen to a device.
#[derive(Clone, Debug)]
enum Step {
    Touch(Action),
    Pass(u64),
    Erase,
    ShellFalls,
    ServiceFalls,
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => actions().prop_map(Step::Touch),
        3 => (0..200u64).prop_map(Step::Pass),
        4 => Just(Step::Erase),
        1 => Just(Step::ShellFalls),
        1 => Just(Step::ServiceFalls),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Proves T15: whatever happens, what the shell shows and where the service stands belong together, and nothing of a visitor
    /// is left when the device is free.
    #[test]
    fn shell_and_service_agree(steps in prop::collection::vec(steps(), 0..80)) {
        let mut device = Device::new();
        for step in steps {
            match step {
                Step::Touch(action) => device.touch(&[action]),
                Step::Pass(seconds) => device.pass(seconds),
                Step::Erase => device.erase(),
                Step::ShellFalls => device.connect(),
                Step::ServiceFalls => {
                    device.shell(Event::Session(Session::Gone));
                    // Only a session leaves a mark that a new process of the service finds.
                    let had = !matches!(device.course.state(), SessionState::Idle | SessionState::Erased);
                    device.course = if had { Course::interrupted() } else { Course::idle() };
                    device.erases = had;
                    device.tell();
                }
            }
            let (shell, stands) = (&device.shell, device.course.state());
            let visit = !shell.visit.stops.is_empty();
            prop_assert_eq!(visit, stands.is_open(), "{:?} {:?}", shell.screen(), stands);
            prop_assert!(!visit || shell.ending.is_none());
            prop_assert_eq!(stands == SessionState::Ending, shell.ending.is_some_and(|end| end.percent < 100));
            prop_assert_eq!(stands == SessionState::Warned, visit && shell.screen() == Screen::TimeLeft);
        }
        device.erase();
        device.pass(4000);
        device.erase();
        device.pass(100);
        prop_assert_eq!(device.course.state(), SessionState::Idle);
        prop_assert!(device.shell.is_at_rest());
        prop_assert_eq!(device.shell.screen(), Screen::Attract);
    }
}
