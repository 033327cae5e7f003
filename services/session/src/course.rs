// SPDX-License-Identifier: EUPL-1.2
//! The course of a session, as a pure state machine: no clock, no bus, no process. Time is passed in.
//!
//! ```text
//!          Begin              idle or longest time over
//!  Idle ─────────► Active ◄─────────────────────────────► Warned
//!   ▲                │  Presence: idle time anew    Extend   │  Speak, Note: as in Active
//!   │                │                                       │
//!   │             End│                              End, time over
//!   │                ▼                                       │
//!   │             Ending ◄───────────────────────────────────┘
//!   │                │ everything is erased
//!   │                ▼
//!   └───────────── Erased ──Begin──► Active
//!     Rate, time over
//! ```
//!
//! There is no other way out of a session than through `Ending` and `Erased`. What a person did is known only as a
//! [`Record`], which has nothing of theirs in it, and leaves as [`Effect::Count`] once.

use std::collections::BTreeSet;
use std::time::Duration;

use api::session::{MAX_RATING, Outcome, SessionState, Status};
use site::{Language, Session as Limits};

/// How long the device says that everything is erased, and asks how it was: after that, or after the last sign of somebody who
/// reads it, by Braille for example (EN 301 549 9.2.2.1).
pub const ERASED: Duration = Duration::from_secs(45);
/// How long it says so after the answer, or the last sign of somebody since.
pub const THANKS: Duration = Duration::from_secs(3);
/// The most services of a session that are counted.
pub const MAX_SERVICES: usize = 16;

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody has come.
    Begin(Language, Limits),
    /// Somebody speaks this language from now on.
    Speak(Language),
    /// Somebody wants the screen in this manner from now on.
    Prefer(String),
    /// Somebody touched something.
    Presence,
    /// Somebody needs more time.
    Extend,
    /// A service was used, by its id in the site configuration.
    Note(String),
    /// Somebody is done, or has gone.
    End(Outcome),
    /// How satisfied somebody was; 0 is no answer.
    Rate(u8),
    /// Time has passed.
    Tick,
    /// So much is erased, in percent.
    Progress(u8),
    /// Everything is erased.
    Clean,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Note that a session has begun, before anything of it can exist.
    Open,
    /// Erase everything of the session.
    Erase,
    /// Count it.
    Count(Record),
}

/// Why an event has no place in the present state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It does not fit the state.
    #[error("not in state {}", .0.as_str())]
    NotExpected(SessionState),
    /// There is no such answer.
    #[error("a rating is at most {MAX_RATING}")]
    BadRating,
    /// It was answered before.
    #[error("the session is rated already")]
    RatedAlready,
}

/// What is counted of a session: nothing that anybody typed, showed or is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The services used.
    pub services: BTreeSet<String>,
    /// How long it took.
    pub lasted: Duration,
    /// The language spoken last.
    pub language: Language,
    /// How it went.
    pub outcome: Outcome,
    /// How satisfied the person was; 0 is no answer.
    pub rating: u8,
}

/// Somebody's visit.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Visit {
    limits: Limits,
    language: Language,
    manner: String,
    services: BTreeSet<String>,
    began: Duration,
    /// When somebody was last there.
    presence: Duration,
    /// When somebody last asked for more time, or came.
    extended: Duration,
}

impl Visit {
    fn warning_at(&self) -> Duration {
        (self.presence + self.limits.idle).min(self.extended + self.limits.longest)
    }

    fn record(self, now: Duration, outcome: Outcome) -> Record {
        Record {
            services: self.services,
            lasted: now.saturating_sub(self.began),
            language: self.language,
            outcome,
            rating: 0,
        }
    }
}

/// An ended session.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ended {
    /// Nothing if it is not known: the service fell with it.
    record: Option<Record>,
    /// How the person wants to see the last screen.
    manner: String,
    rated: bool,
}

impl Ended {
    /// How long the last screen stays for somebody who reads it.
    fn stays(&self) -> Duration {
        if self.rated { THANKS } else { ERASED }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Idle,
    Active(Visit),
    Warned {
        visit: Visit,
        until: Duration,
    },
    Ending {
        ended: Ended,
        progress: u8,
    },
    Erased {
        ended: Ended,
        until: Duration,
    },
}

/// Where a session stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course(State);

impl Course {
    /// A device on which nobody has been since it was switched on.
    pub fn idle() -> Self {
        Self::default()
    }

    /// A service that fell during a session: whatever it was, it ends now. [`Effect::Erase`] is due.
    pub fn interrupted() -> Self {
        Self(State::Ending {
            ended: Ended {
                record: None,
                manner: String::new(),
                rated: true,
            },
            progress: 0,
        })
    }

    /// The state's name.
    pub fn state(&self) -> SessionState {
        match &self.0 {
            State::Idle => SessionState::Idle,
            State::Active(_) => SessionState::Active,
            State::Warned { .. } => SessionState::Warned,
            State::Ending { .. } => SessionState::Ending,
            State::Erased { .. } => SessionState::Erased,
        }
    }

    /// When [`Event::Tick`] changes something.
    pub fn deadline(&self) -> Option<Duration> {
        match &self.0 {
            State::Active(visit) => Some(visit.warning_at()),
            State::Warned { until, .. } | State::Erased { until, .. } => Some(*until),
            State::Idle | State::Ending { .. } => None,
        }
    }

    /// What is published.
    pub fn status(&self) -> Status {
        let language = match &self.0 {
            State::Idle => None,
            State::Active(visit) | State::Warned { visit, .. } => Some(visit.language),
            State::Ending { ended, .. } | State::Erased { ended, .. } => {
                ended.record.as_ref().map(|record| record.language)
            }
        };
        Status {
            state: self.state(),
            deadline: self.deadline(),
            progress: match &self.0 {
                State::Ending { progress, .. } => *progress,
                State::Erased { .. } => 100,
                _ => 0,
            },
            language: language.map_or_else(String::new, |language| language.tag().to_owned()),
            manner: match &self.0 {
                State::Idle => String::new(),
                State::Active(visit) | State::Warned { visit, .. } => visit.manner.clone(),
                State::Ending { ended, .. } | State::Erased { ended, .. } => ended.manner.clone(),
            },
        }
    }

    /// The course after `event` at `now` (time since boot), and what has to be done. A refused event changes nothing.
    pub fn next(&self, now: Duration, event: Event) -> Result<(Self, Vec<Effect>), Refusal> {
        let mut effects = Vec::new();
        let state = match (self.0.clone(), event) {
            (State::Idle, Event::Begin(language, limits)) => {
                begin(now, language, limits, &mut effects)
            }
            (State::Erased { ended, .. }, Event::Begin(language, limits)) => {
                effects.extend(ended.record.map(Effect::Count));
                begin(now, language, limits, &mut effects)
            }
            (State::Active(visit), event) => active(visit, now, &event, &mut effects)?,
            (State::Warned { visit, until }, event) => {
                warned(visit, until, now, &event, &mut effects)?
            }
            (State::Ending { ended, progress }, event) => ending(ended, progress, now, &event)?,
            (State::Erased { ended, until }, Event::Rate(rating)) => State::Erased {
                ended: rate(ended, rating)?,
                until: until.min(now + THANKS),
            },
            (State::Erased { ended, until }, Event::Presence) => State::Erased {
                until: until.max(now + ended.stays()),
                ended,
            },
            (State::Erased { ended, until }, Event::Tick) if now >= until => {
                effects.extend(ended.record.map(Effect::Count));
                State::Idle
            }
            (state, Event::Tick) => state,
            _ => return Err(Refusal::NotExpected(self.state())),
        };
        Ok((Self(state), effects))
    }
}

fn begin(now: Duration, language: Language, limits: Limits, effects: &mut Vec<Effect>) -> State {
    effects.push(Effect::Open);
    State::Active(Visit {
        limits,
        language,
        manner: String::new(),
        services: BTreeSet::new(),
        began: now,
        presence: now,
        extended: now,
    })
}

fn end(visit: Visit, now: Duration, outcome: Outcome, effects: &mut Vec<Effect>) -> State {
    effects.push(Effect::Erase);
    State::Ending {
        ended: Ended {
            manner: visit.manner.clone(),
            record: Some(visit.record(now, outcome)),
            rated: false,
        },
        progress: 0,
    }
}

/// What changes a visit without ending it; nothing if the event is another.
fn change(visit: &mut Visit, now: Duration, event: &Event) -> Option<()> {
    match event {
        Event::Speak(language) => visit.language = *language,
        Event::Prefer(manner) => visit.manner.clone_from(manner),
        Event::Note(service) => {
            if visit.services.len() < MAX_SERVICES {
                visit.services.insert(service.clone());
            }
        }
        Event::Extend => {
            visit.presence = now;
            visit.extended = now;
        }
        _ => return None,
    }
    Some(())
}

fn active(
    mut visit: Visit,
    now: Duration,
    event: &Event,
    effects: &mut Vec<Effect>,
) -> Result<State, Refusal> {
    if change(&mut visit, now, event).is_some() {
        return Ok(State::Active(visit));
    }
    match event {
        Event::Presence => {
            visit.presence = visit.presence.max(now);
            Ok(State::Active(visit))
        }
        Event::End(outcome) => Ok(end(visit, now, *outcome, effects)),
        Event::Tick if now >= visit.warning_at() => {
            let until = now + visit.limits.warning;
            Ok(State::Warned { visit, until })
        }
        Event::Tick => Ok(State::Active(visit)),
        _ => Err(Refusal::NotExpected(SessionState::Active)),
    }
}

fn warned(
    mut visit: Visit,
    until: Duration,
    now: Duration,
    event: &Event,
    effects: &mut Vec<Effect>,
) -> Result<State, Refusal> {
    if change(&mut visit, now, event).is_some() {
        return Ok(match event {
            Event::Extend => State::Active(visit),
            _ => State::Warned { visit, until },
        });
    }
    match event {
        Event::End(outcome) => Ok(end(visit, now, *outcome, effects)),
        // Nobody said that they need more time. What was used until then is not known to have worked.
        Event::Tick if now >= until => Ok(end(visit, now, Outcome::Abandoned, effects)),
        // A hand on the screen may be the next person's.
        Event::Presence | Event::Tick => Ok(State::Warned { visit, until }),
        _ => Err(Refusal::NotExpected(SessionState::Warned)),
    }
}

fn ending(ended: Ended, progress: u8, now: Duration, event: &Event) -> Result<State, Refusal> {
    match event {
        // Only what is clean is whole.
        Event::Progress(percent) => Ok(State::Ending {
            ended,
            progress: progress.max((*percent).min(99)),
        }),
        Event::Clean => Ok(State::Erased {
            until: now + ended.stays(),
            ended,
        }),
        Event::Rate(rating) => Ok(State::Ending {
            ended: rate(ended, *rating)?,
            progress,
        }),
        Event::Tick => Ok(State::Ending { ended, progress }),
        _ => Err(Refusal::NotExpected(SessionState::Ending)),
    }
}

fn rate(mut ended: Ended, rating: u8) -> Result<Ended, Refusal> {
    if rating > MAX_RATING {
        return Err(Refusal::BadRating);
    }
    if std::mem::replace(&mut ended.rated, true) {
        return Err(Refusal::RatedAlready);
    }
    if let Some(record) = &mut ended.record {
        record.rating = rating;
    }
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    fn limits() -> Limits {
        Limits::default()
    }

    fn begin_event() -> Event {
        Event::Begin(Language::Hsb, limits())
    }

    /// The course after events at their seconds, and all that was to be done.
    fn after(events: impl IntoIterator<Item = (u64, Event)>) -> (Course, Vec<Effect>) {
        let mut all = Vec::new();
        let course = events
            .into_iter()
            .fold(Course::idle(), |course, (at, event)| {
                let (next, effects) = course.next(S(at), event).unwrap();
                all.extend(effects);
                next
            });
        (course, all)
    }

    /// Proves T13, T15: a session nobody ends is warned after the idle time, ends after the warning, and is erased.
    #[test]
    fn a_forgotten_session_ends_by_itself() {
        let (course, effects) = after([(0, begin_event()), (10, Event::Presence)]);
        assert_eq!(course.deadline(), Some(S(130)));
        assert_eq!(effects, [Effect::Open]);
        let (course, _) = after([
            (0, begin_event()),
            (10, Event::Presence),
            (130, Event::Tick),
        ]);
        assert_eq!(course.status().deadline, Some(S(190)));
        let (course, _) = course.next(S(150), Event::Presence).unwrap();
        assert_eq!(
            course.state(),
            SessionState::Warned,
            "it may be the next person"
        );
        let (course, effects) = course.next(S(190), Event::Tick).unwrap();
        assert_eq!(course.state(), SessionState::Ending);
        assert_eq!(effects, [Effect::Erase]);
        assert_eq!(course.deadline(), None, "erasing takes as long as it takes");
        let (course, _) = course.next(S(195), Event::Progress(120)).unwrap();
        assert_eq!(course.status().progress, 99);
        let (course, _) = course.next(S(196), Event::Clean).unwrap();
        assert_eq!(
            (course.state(), course.status().progress),
            (SessionState::Erased, 100)
        );
        assert_eq!(course.status().language, "hsb");
        let (course, effects) = course.next(S(196) + ERASED, Event::Tick).unwrap();
        assert_eq!(
            (course.state(), course.status()),
            (SessionState::Idle, Status::default())
        );
        let [Effect::Count(record)] = &effects[..] else {
            panic!("{effects:?}")
        };
        assert_eq!(
            (record.outcome, record.lasted),
            (Outcome::Abandoned, S(190))
        );
    }

    /// Proves T13: whoever needs more time gets all of it again, as often as they want, also after the longest time.
    #[test]
    fn more_time_is_given_without_end() {
        let mut course = after([(0, begin_event())]).0;
        let mut now = 0;
        for _ in 0..30 {
            while course.state() == SessionState::Active {
                now = course.deadline().unwrap().as_secs().min(now + 100);
                course = course.next(S(now), Event::Tick).unwrap().0;
                if course.state() == SessionState::Active {
                    course = course.next(S(now), Event::Presence).unwrap().0;
                }
            }
            assert_eq!(course.state(), SessionState::Warned);
            course = course.next(S(now + 59), Event::Extend).unwrap().0;
            now += 59;
            assert_eq!(course.deadline(), Some(S(now + 120)));
        }
    }

    /// Proves O5: a rating is taken once, during or after erasing, and only a possible one.
    #[test]
    fn ratings_are_taken_once() {
        let (ending, _) = after([(0, begin_event()), (60, Event::End(Outcome::Done))]);
        assert_eq!(ending.next(S(61), Event::Rate(4)), Err(Refusal::BadRating));
        let (rated, _) = ending.next(S(61), Event::Rate(3)).unwrap();
        assert_eq!(
            rated.next(S(62), Event::Rate(1)),
            Err(Refusal::RatedAlready)
        );
        let (erased, _) = rated.next(S(63), Event::Clean).unwrap();
        assert_eq!(erased.deadline(), Some(S(63) + THANKS));
        let (_, effects) = erased.next(S(70), Event::Tick).unwrap();
        assert!(matches!(
            &effects[..],
            [Effect::Count(Record { rating: 3, .. })]
        ));

        let (erased, _) = ending.next(S(61), Event::Clean).unwrap();
        let (rated, _) = erased.next(S(62), Event::Rate(1)).unwrap();
        assert_eq!(rated.deadline(), Some(S(62) + THANKS));
        // Who has answered may read what the screen says to it, and who has not may take the time for it.
        let (rated, _) = rated.next(S(64), Event::Presence).unwrap();
        assert_eq!(rated.deadline(), Some(S(64) + THANKS));
        let (read, _) = erased.next(S(100), Event::Presence).unwrap();
        assert_eq!(read.deadline(), Some(S(100) + ERASED));
        // The next person does not have to wait.
        let (next, effects) = rated.next(S(62), begin_event()).unwrap();
        assert!(matches!(
            &effects[..],
            [Effect::Count(Record { rating: 1, .. }), Effect::Open]
        ));
        assert_eq!(next.state(), SessionState::Active);
    }

    /// Proves T15: a service that fell during a session erases it before anybody else comes.
    #[test]
    fn an_interrupted_session_is_erased_first() {
        let course = Course::interrupted();
        assert_eq!(course.state(), SessionState::Ending);
        assert!(course.next(S(1), begin_event()).is_err());
        assert!(course.next(S(1), Event::Rate(3)).is_err());
        let (course, effects) = course.next(S(2), Event::Clean).unwrap();
        assert_eq!(
            (course.state(), effects),
            (SessionState::Erased, Vec::new())
        );
    }

    fn events() -> impl Strategy<Value = Event> {
        prop_oneof![
            3 => Just(begin_event()),
            1 => Just(Event::Begin(Language::De, Limits { idle: S(30), warning: S(20), longest: S(300) })),
            1 => Just(Event::Speak(Language::Ar)),
            1 => "[a-z]{0,3}".prop_map(Event::Prefer),
            2 => Just(Event::Presence),
            2 => Just(Event::Extend),
            2 => "[a-z]{1,3}".prop_map(Event::Note),
            1 => prop::sample::select(&Outcome::ALL[..]).prop_map(Event::End),
            1 => (0..5u8).prop_map(Event::Rate),
            4 => Just(Event::Tick),
            1 => any::<u8>().prop_map(Event::Progress),
            2 => Just(Event::Clean),
        ]
    }

    /// The states that may follow a state.
    fn may_follow(from: SessionState, to: SessionState) -> bool {
        use SessionState::{Active, Ending, Erased, Idle, Warned};
        from == to
            || matches!(
                (from, to),
                (Idle, Active)
                    | (Active, Warned | Ending)
                    | (Warned, Active | Ending)
                    | (Ending, Erased)
                    | (Erased, Idle | Active)
            )
    }

    proptest! {
        /// Proves T15: from somebody's session no path leads to nobody's, or to the next person's, but through erasing all
        /// of it; whatever happens, every session is erased and counted exactly once.
        #[test]
        fn no_path_leads_around_erasing(steps in prop::collection::vec((0..200u64, events()), 0..200)) {
            let (mut course, mut now) = (Course::idle(), Duration::ZERO);
            let (mut opened, mut erased, mut counted) = (0, 0, 0);
            for (pause, event) in steps {
                now += S(pause);
                let before = course.clone();
                let Ok((next, effects)) = course.next(now, event) else { continue };
                course = next;
                prop_assert!(may_follow(before.state(), course.state()), "{before:?} -> {course:?}");
                for effect in &effects {
                    match effect {
                        Effect::Open => opened += 1,
                        Effect::Erase => erased += 1,
                        Effect::Count(record) => {
                            counted += 1;
                            prop_assert!(record.services.len() <= MAX_SERVICES && record.rating <= MAX_RATING);
                        }
                    }
                }
                prop_assert_eq!(effects.contains(&Effect::Erase), before.state().is_open() && course.state() == SessionState::Ending);
                let status = course.status();
                prop_assert_eq!(status.progress == 100, course.state() == SessionState::Erased);
                let in_session = u32::from(course.state() != SessionState::Idle);
                prop_assert_eq!(opened - counted, in_session);
                prop_assert_eq!(opened - erased, u32::from(course.state().is_open()));
            }
        }

        /// Proves T15: time alone ends every session that nobody is there for, and no deadline is in the past twice.
        #[test]
        fn time_alone_leads_to_erasing(steps in prop::collection::vec((0..200u64, events()), 0..60)) {
            let (mut course, mut now) = (Course::idle(), Duration::ZERO);
            for (pause, event) in steps {
                now += S(pause);
                if let Ok((next, _)) = course.next(now, event) {
                    course = next;
                }
            }
            for _ in 0..3 {
                if let Some(deadline) = course.deadline() {
                    now = now.max(deadline);
                    course = course.next(now, Event::Tick).unwrap().0;
                    prop_assert!(course.deadline().is_none_or(|next| next > now));
                }
            }
            prop_assert!(matches!(course.state(), SessionState::Idle | SessionState::Ending));
        }
    }
}
