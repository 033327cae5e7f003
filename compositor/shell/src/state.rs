// SPDX-License-Identifier: EUPL-1.2
//! What the shell knows. Only [`crate::update`] changes it.
//!
//! ```text
//! Start ──► Pin | NewPin | Recovery ──► Attract ──► Home ──► places, one after the other, and back
//!               (each ◄──► Wait)           ▲                    │
//!                                          └──────── End ◄──────┘
//!   Languages, Voice and NoVoice lie over any of them but Wait, and "back" takes them away
//!   A case has no visitors: see `clerk`. A conversation (`call`) goes before places. An application lies over places and desk. TimeLeft lies over all of them when the visit is about to end by itself
//! ```

pub mod application;
pub mod call;
pub mod clerk;
pub mod link;
mod offering;
pub mod papers;
pub mod print;
pub mod scan;
pub mod scan_asked;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use api::print::Status as PrintStatus;
use api::secret::Secret;
use api::session::{self, SessionState};
use api::trust::Task;
use site::{Language, Site};

use crate::catalogue::Catalogue;
use crate::event::{Action, Moment};
use crate::keyboard::{Keyboard, Layout};
use crate::theme::{TextSize, Theme};
use crate::voice;

/// After this time without anybody what was chosen or entered is forgotten, where no session has begun: those the session
/// service ends.
pub const IDLE: Duration = Duration::from_secs(90);
/// A recovery key is dictated on the telephone: that takes longer.
pub const IDLE_RECOVERY: Duration = Duration::from_mins(10);
/// For this long before that the screen says so.
pub const IDLE_NOTICE: Duration = Duration::from_secs(30);
/// A start or a check that takes longer says so.
pub const SLOW: Duration = Duration::from_mins(1);
/// A check that takes longer has failed.
pub const LOST: Duration = Duration::from_mins(3);

/// Where the device stands with its data volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Work is under way, or the service is not there yet.
    Opening,
    /// A PIN has to be chosen; the first of the two entries, once it is made.
    NewPin(Option<Secret>),
    /// The PIN is needed.
    Pin,
    /// The recovery key is needed.
    Recovery {
        /// What is read to the operator.
        code: String,
        /// The machine word for the cause.
        reason: String,
    },
    /// All is open.
    Open,
}

/// What a visitor has come for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// To talk to somebody.
    Talk,
    /// To read.
    Inform,
}

/// Where a visitor can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The four ways.
    Home,
    /// The authorities, if there are several.
    Authorities(Way),
    /// The topics of an authority, by its number in [`State::offering`].
    Topics(Way, usize),
    /// The services of a department, by its number in the site.
    Services(usize),
    /// The description of a service, by its number.
    Service(usize),
    /// How to get the form of a service, by the service's number.
    Form(usize),
    /// Printing the description of a service, by its number.
    Print(usize),
    /// A field for words to look for, and what they find.
    Search,
    /// What the words have found.
    Found,
    /// One department, by its number in the site.
    Department(usize),
    /// How to talk to somebody of this department.
    Talk(usize),
    /// How to hand something in or collect it.
    Deliver,
    /// Scanning papers.
    Scan(scan::Purpose),
    /// How to get help at the place itself.
    Help,
    /// What is out of order.
    Outage(Outage),
}

/// What is out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outage {
    /// The printer does not print.
    Printer,
    /// There is no connection.
    Network,
    /// A new version is being set up.
    Update,
}

impl Outage {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Printer, Self::Network, Self::Update];
}

/// A place on the way of a visitor, and the page looked at there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Where.
    pub place: Place,
    /// The page. Screens show the last one they have where there are fewer.
    pub page: usize,
}

/// The way of a visitor: "back" takes its last stop away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// The stops; none before anybody has begun.
    pub stops: Vec<Stop>,
}

impl Visit {
    /// Goes on to `place`.
    pub fn go(&mut self, place: Place) {
        self.stops.push(Stop { place, page: 0 });
    }

    /// Goes on to `place`, or back to it where the way has led through it: no way goes in circles.
    pub fn turn(&mut self, place: Place) {
        match self.stops.iter().position(|stop| stop.place == place) {
            Some(at) => self.stops.truncate(at + 1),
            None => self.go(place),
        }
    }

    /// Where the visitor is.
    pub fn here(&self) -> Option<Stop> {
        self.stops.last().copied()
    }
}

/// The longest text that can be looked for, in characters.
pub const MAX_QUERY: usize = 60;

/// What a visitor looks for. It is the visitor's, and overwritten when it is no longer needed.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// What was typed.
    pub text: Secret,
    /// The numbers of the services that fit, the best first.
    pub found: Vec<usize>,
    /// The keys to type with.
    pub keyboard: Keyboard,
}

impl Search {
    /// Nothing typed yet, with keys for `language`.
    pub fn new(language: Language) -> Self {
        Self {
            text: Secret::with_room(),
            found: Vec::new(),
            keyboard: Keyboard::new(Layout::of(language)),
        }
    }
}

/// How the visitor wants the screen. All of it ends with the visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modes {
    /// How large text is.
    pub text: TextSize,
    /// The colours.
    pub theme: Theme,
    /// Whether everything is as low as a wheelchair needs it.
    pub lower: bool,
    /// Whether the screen is read out.
    pub voice: bool,
    /// How loud, from -2 to 2.
    pub volume: i8,
    /// How fast, from -2 to 2.
    pub rate: i8,
}

/// Steps of volume and of rate, each way from the usual.
pub const STEPS: i8 = 2;

/// What lies over the screen until it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Over {
    /// The languages.
    Languages,
    /// How loud and how fast is read out.
    Voice,
    /// Nothing can be read out: there is no ear, or no voice for the language.
    NoVoice,
}

/// The end of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// How much is deleted.
    pub percent: u8,
    /// What the visitor said of it.
    pub rating: Option<u8>,
}

/// Why what was entered was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// Not the right PIN.
    WrongPin,
    /// Too few digits.
    TooShort,
    /// Too easy to guess.
    Weak,
    /// The two entries of a new PIN differ.
    Mismatch,
    /// The recovery key is not complete; so many letters are missing.
    KeyShort(usize),
    /// Well formed, but not the key of this device.
    WrongKey,
    /// Too many wrong attempts.
    LockedOut,
    /// The service failed.
    Failed,
}

/// A request that was made and not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    /// Which.
    pub task: Task,
    /// Since when (uptime).
    pub since: Duration,
}

/// Which screen is shown. Derived from the [`State`], so that the two cannot disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Screen {
    /// The device is starting.
    Start,
    /// A secret is being checked.
    Wait(Task),
    /// A PIN has to be chosen: first entry or second.
    NewPin {
        /// Whether it is the second entry.
        again: bool,
    },
    /// The PIN is needed.
    Pin,
    /// The recovery key is needed.
    Recovery,
    /// Nobody is there: whoever comes is welcomed.
    Attract,
    /// A visitor is here.
    At(Place),
    /// The languages.
    Languages,
    /// How loud and how fast is read out.
    Voice,
    /// Nothing can be read out.
    NoVoice,
    /// The visit is about to end by itself.
    TimeLeft,
    /// The visit has ended.
    End,
    /// A conversation.
    Call(call::View),
    /// A screen of a case.
    Case(clerk::View),
    /// An application is in front.
    Application,
}

/// What the device is, from the image.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Identity {
    /// The image's version.
    pub version: String,
    /// Whether it is a case and no terminal.
    pub is_case: bool,
}

/// Everything the shell knows.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The place.
    pub site: Arc<Site>,
    /// What there is to read.
    pub catalogue: Arc<Catalogue>,
    /// The device.
    pub identity: Identity,
    /// The present moment.
    pub now: Moment,
    /// When somebody was last there (uptime).
    pub last_presence: Duration,
    /// The language spoken.
    pub language: Language,
    /// Where the device stands.
    pub stage: Stage,
    /// Since when (uptime).
    pub stage_since: Duration,
    /// Where the session stands; nothing while the service is not there, and then nobody is let in.
    pub session: Option<session::Status>,
    /// What only a case has.
    pub clerk: Option<clerk::Clerk>,
    /// What a visitor looks at.
    pub visit: Visit,
    /// What the visitor looks for.
    pub search: Option<Search>,
    /// What there is of conversations.
    pub call: call::Call,
    /// The application in front.
    pub application: Option<application::Application>,
    /// Its field that is typed into.
    pub typing: Option<application::Typing>,
    /// The end of the visit, once it has come.
    pub ending: Option<Ending>,
    /// How the visitor wants the screen.
    pub modes: Modes,
    /// What lies over the screen.
    pub over: Option<Over>,
    /// The page of a screen that is no place.
    pub over_page: usize,
    /// Whether there is something that only one person hears; nothing before the sound service has told.
    pub ear: Option<bool>,
    /// How the link stands.
    pub link: link::Standing,
    /// The printer and the job; nothing while the service is not there.
    pub print: Option<PrintStatus>,
    /// What the visitor wanted printed last.
    pub printing: Option<print::Printing>,
    /// What there is of scanning.
    pub scan: scan::Scan,
    /// What is out of order.
    pub outages: BTreeSet<Outage>,
    /// What was entered so far.
    pub entry: Secret,
    /// What was wrong with the last entry.
    pub problem: Option<Problem>,
    /// What is being checked.
    pub busy: Option<Busy>,
    /// What a finger is on.
    pub pressed: Option<Action>,
    /// What the keyboard would choose.
    pub focus: Option<Action>,
}

impl State {
    /// The state at the start: nothing can be begun before the services have told where they stand. With `alone`, for
    /// development, it is as if they had.
    pub fn new(site: Arc<Site>, identity: Identity, now: Moment, alone: bool) -> Self {
        let clerk = identity.is_case.then(clerk::Clerk::default);
        Self {
            clerk,
            site,
            catalogue: Arc::default(),
            identity,
            now,
            last_presence: now.uptime,
            language: Language::De,
            stage: if alone { Stage::Open } else { Stage::Opening },
            stage_since: now.uptime,
            session: alone.then(session::Status::default),
            visit: Visit::default(),
            search: None,
            call: call::Call::default(),
            application: None,
            typing: None,
            ending: None,
            modes: Modes::default(),
            over: None,
            over_page: 0,
            ear: None,
            link: link::Standing::default(),
            print: None,
            printing: None,
            scan: scan::Scan::default(),
            outages: BTreeSet::new(),
            entry: Secret::with_room(),
            problem: None,
            busy: None,
            pressed: None,
            focus: None,
        }
    }

    /// The screen this state shows.
    pub fn screen(&self) -> Screen {
        if let Some(busy) = self.busy {
            return Screen::Wait(busy.task);
        }
        if self.seconds_left().is_some() {
            return Screen::TimeLeft;
        }
        if self.ending.is_some() {
            return Screen::End;
        }
        match self.over {
            Some(Over::Languages) => return Screen::Languages,
            Some(Over::Voice) => return Screen::Voice,
            Some(Over::NoVoice) => return Screen::NoVoice,
            None => {}
        }
        match &self.stage {
            Stage::Opening => Screen::Start,
            Stage::NewPin(first) => Screen::NewPin {
                again: first.is_some(),
            },
            Stage::Pin => Screen::Pin,
            Stage::Recovery { .. } => Screen::Recovery,
            Stage::Open if self.call_view().is_some() => {
                self.call_view().map_or(Screen::Start, Screen::Call)
            }
            Stage::Open if self.shows_application() => Screen::Application,
            Stage::Open if self.clerk.is_some() => self.view().map_or(Screen::Start, Screen::Case),
            // While a new version is set up nothing can be begun.
            Stage::Open if self.session.is_none() => Screen::Start,
            Stage::Open if self.outages.contains(&Outage::Update) => {
                Screen::At(Place::Outage(Outage::Update))
            }
            Stage::Open => self
                .visit
                .here()
                .map_or(Screen::Attract, |stop| Screen::At(stop.place)),
        }
    }

    /// The page of the present screen.
    pub fn page(&self) -> usize {
        match (self.screen(), self.visit.here()) {
            (Screen::At(_), Some(stop)) => stop.page,
            _ => self.over_page,
        }
    }

    /// Whether there is something that only one person hears.
    pub fn has_ear(&self) -> bool {
        self.ear == Some(true)
    }

    /// Whether the screen can be read out: there is an ear, and a voice for the language.
    pub fn can_speak(&self) -> bool {
        self.has_ear() && voice::speaks(self.language)
    }

    /// Whether the screen is read out.
    pub fn is_read_out(&self) -> bool {
        self.modes.voice && self.can_speak()
    }

    /// Whether there is anything to go back from when nobody is there.
    pub fn is_at_rest(&self) -> bool {
        self.language == Language::De
            && self.modes == Modes::default()
            && self.over.is_none()
            && self.visit.stops.is_empty()
            && self.ending.is_none()
            && self.entry.chars() == 0
            && self.problem.is_none()
            && !matches!(self.stage, Stage::NewPin(Some(_)))
    }

    /// Whether the session service counts the visitor's time.
    pub fn is_active(&self) -> bool {
        self.stands(SessionState::Active)
    }

    /// Whether the session service will end the visit soon.
    pub fn is_warned(&self) -> bool {
        self.stands(SessionState::Warned)
    }

    /// Whether the session service has erased the visit, and waits for what the visitor says of it.
    pub fn is_erased(&self) -> bool {
        self.stands(SessionState::Erased)
    }

    fn stands(&self, state: SessionState) -> bool {
        let session = self.session.as_ref();
        session.is_some_and(|status| status.state == state)
    }

    /// When what was chosen or entered is forgotten if nobody comes (uptime); the session service says so itself of a session.
    pub fn idle_end(&self) -> Option<Duration> {
        // What a clerk has typed is forgotten by itself, and so is the clerk.
        let is_case = self.clerk.is_some() && self.stage == Stage::Open;
        if is_case || self.is_active() || self.is_warned() {
            return None;
        }
        let starts =
            self.stage == Stage::Opening || self.session.is_none() && self.stage == Stage::Open;
        let waits = self.busy.is_some() || starts && self.over.is_none();
        let idle = if matches!(self.stage, Stage::Recovery { .. }) {
            IDLE_RECOVERY
        } else {
            IDLE
        };
        (!self.is_at_rest() && !waits && self.ending.is_none()).then(|| self.last_presence + idle)
    }

    /// The whole seconds left of the visit, if they are so few that the screen has to say so.
    pub fn seconds_left(&self) -> Option<u64> {
        let (end, says) = self.end()?;
        let left = end.saturating_sub(self.now.uptime);
        (left <= says).then(|| left.as_millis().div_ceil(1000) as u64)
    }

    /// When the visit ends by itself, and for how long before the screen says so.
    fn end(&self) -> Option<(Duration, Duration)> {
        if self.ending.is_none() && self.is_warned() && self.clerk.is_none() {
            let deadline = self.session.as_ref()?.deadline?;
            return Some((deadline, Duration::MAX));
        }
        Some((self.idle_end()?, IDLE_NOTICE))
    }

    /// Whether starting or checking takes longer than usual.
    pub fn is_slow(&self) -> bool {
        let since = self.busy.map_or(self.stage_since, |busy| busy.since);
        self.now.uptime.saturating_sub(since) >= SLOW
    }

    /// When the next [`crate::event::Event::Tick`] changes something besides the clock (uptime).
    pub fn next_deadline(&self) -> Option<Duration> {
        let idle = self
            .end()
            .and_then(|(end, says)| match self.seconds_left() {
                None => Some(end.saturating_sub(says)),
                // The session service ends it.
                Some(0) if self.is_warned() => None,
                // The next whole second before the end.
                Some(seconds) => {
                    Some(end.saturating_sub(Duration::from_secs(seconds.saturating_sub(1))))
                }
            });
        let busy = self
            .busy
            .map(|busy| busy.since + if self.is_slow() { LOST } else { SLOW });
        let opening = self.screen() == Screen::Start && !self.is_slow();
        let slow = opening.then(|| self.stage_since + SLOW);
        let (case, link, call) = (
            self.case_deadline(),
            self.link_deadline(),
            self.call_deadline(),
        );
        [idle, busy, slow, case, link, call]
            .into_iter()
            .flatten()
            .min()
    }
}
