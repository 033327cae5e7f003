// SPDX-License-Identifier: EUPL-1.2
//! The course of signing in, as a pure state machine: no clock, no bus, no file. Time is passed in.
//!
//! ```text
//!  Unset ──Chosen──► In ──Lock, time-out──► Locked ──Try──► Right ──► In
//!                    │ ▲                      ▲───────────── Wrong
//!             SignOut│ └────Right──── Try     │
//!                    ▼                 ▲      │
//!                   Out ───────────────┘◄─ Wrong
//! ```
//!
//! A try is counted, and the count kept, before anybody looks at the password: a power cut in between is a wrong try. Every
//! wrong one makes the wait for the next longer; the wait begins anew when the service does, because no clock survives a
//! power cut.

use std::time::Duration;

use api::clerk::{ClerkState, Status, Task};

/// So many tries may be wrong before anybody has to wait.
pub const FREE_TRIES: u32 = 3;
/// The first wait; each is twice as long as the one before.
pub const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait.
pub const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// How long one has to wait after so many wrong tries.
pub fn wait_after(tries: u32) -> Duration {
    let Some(beyond) = tries.checked_sub(FREE_TRIES) else {
        return Duration::ZERO;
    };
    2u32.checked_pow(beyond)
        .and_then(|factor| FIRST_WAIT.checked_mul(factor))
        .map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
}

/// What the file says at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No password was ever chosen.
    Nothing,
    /// There is one; with so many wrong tries since the last right one.
    Password(u32),
    /// It cannot be read.
    Damaged,
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A password was chosen and is kept; lock after this time without anybody.
    Chosen(Duration),
    /// Somebody wants in with a password, which is looked at next.
    Try(Task),
    /// It is the right one; lock after this time without anybody.
    Right(Duration),
    /// It is not.
    Wrong,
    /// The clerk goes away for a while.
    Lock,
    /// The clerk is done.
    SignOut,
    /// The clerk touched something.
    Presence,
    /// Time has passed.
    Tick,
}

/// Why an event has no place here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It does not fit the state.
    #[error("not in state {}", .0.as_str())]
    NotExpected(ClerkState),
    /// Another try has to wait.
    #[error("too early for another try")]
    TooEarly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Unset,
    Out,
    In {
        /// When the clerk was last there.
        presence: Duration,
        /// How long the clerk may be away.
        away: Duration,
    },
    Locked,
    Damaged,
}

/// Where the signing in stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    state: State,
    /// Wrong tries since the last right one, with the one that is being looked at.
    tries: u32,
    /// Before this time no try is taken.
    retry: Option<Duration>,
    /// Whether a password is being looked at.
    trying: bool,
}

impl Course {
    /// The start. `was_in`: the service fell while the clerk was signed in; then it is locked.
    pub fn new(found: Found, was_in: bool, now: Duration) -> Self {
        let (state, tries) = match found {
            Found::Nothing => (State::Unset, 0),
            Found::Password(tries) if was_in => (State::Locked, tries),
            Found::Password(tries) => (State::Out, tries),
            Found::Damaged => (State::Damaged, 0),
        };
        Self {
            state,
            tries,
            retry: wait_until(now, tries),
            trying: false,
        }
    }

    /// The state's name.
    pub fn state(&self) -> ClerkState {
        match self.state {
            State::Unset => ClerkState::Unset,
            State::Out => ClerkState::SignedOut,
            State::In { .. } => ClerkState::SignedIn,
            State::Locked => ClerkState::Locked,
            State::Damaged => ClerkState::Damaged,
        }
    }

    /// Whether the clerk is signed in, locked or not.
    pub fn is_in(&self) -> bool {
        matches!(self.state, State::In { .. } | State::Locked)
    }

    /// The wrong tries, which have to be kept.
    pub fn tries(&self) -> u32 {
        self.tries
    }

    /// What is published.
    pub fn status(&self) -> Status {
        Status {
            state: self.state(),
            retry: self.retry,
        }
    }

    /// When [`Event::Tick`] changes something.
    pub fn deadline(&self) -> Option<Duration> {
        let lock = match self.state {
            State::In { presence, away } => Some(presence + away),
            _ => None,
        };
        lock.into_iter().chain(self.retry).min()
    }

    /// Whether `task` has a place at `now`; asked before anything is done for it.
    pub fn accepts(&self, now: Duration, task: Task) -> Result<(), Refusal> {
        match (self.state, task) {
            (State::Unset, Task::Choose) => Ok(()),
            (State::Out, Task::SignIn) | (State::Locked, Task::Unlock) if !self.trying => {
                match self.retry {
                    Some(retry) if now < retry => Err(Refusal::TooEarly),
                    _ => Ok(()),
                }
            }
            _ => Err(Refusal::NotExpected(self.state())),
        }
    }

    /// The course after `event` at `now` (time since boot). A refused event changes nothing.
    pub fn next(&self, now: Duration, event: Event) -> Result<Self, Refusal> {
        let mut next = *self;
        match (self.state, event) {
            (State::Unset, Event::Chosen(away)) => next.enter(now, away),
            (_, Event::Try(task)) if task != Task::Choose => {
                self.accepts(now, task)?;
                next.trying = true;
                next.tries = self.tries.saturating_add(1);
                next.retry = wait_until(now, next.tries);
            }
            (State::Out | State::Locked, Event::Right(away)) if self.trying => {
                next.enter(now, away);
            }
            (State::Out | State::Locked, Event::Wrong) if self.trying => {
                next.trying = false;
                // Looking at it takes its time too.
                next.retry = wait_until(now, self.tries);
            }
            (State::In { .. }, Event::Lock) => next.state = State::Locked,
            (State::In { .. }, Event::SignOut) => next.state = State::Out,
            (State::In { presence, away }, Event::Presence) => {
                let presence = presence.max(now);
                next.state = State::In { presence, away };
            }
            (_, Event::Presence) => {}
            (state, Event::Tick) => {
                if let State::In { presence, away } = state
                    && now >= presence + away
                {
                    next.state = State::Locked;
                }
                next.retry = self.retry.filter(|retry| now < *retry);
            }
            _ => return Err(Refusal::NotExpected(self.state())),
        }
        Ok(next)
    }

    fn enter(&mut self, now: Duration, away: Duration) {
        *self = Self {
            state: State::In {
                presence: now,
                away,
            },
            tries: 0,
            retry: None,
            trying: false,
        };
    }
}

fn wait_until(now: Duration, tries: u32) -> Option<Duration> {
    let wait = wait_after(tries);
    (!wait.is_zero()).then(|| now + wait)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AWAY: Duration = Duration::from_mins(5);

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    /// Proves C6: waits begin after a few tries, grow, and end at a length that a clerk can bear.
    #[test]
    fn waits_grow() {
        let waits: Vec<u64> = (0..8).map(|tries| wait_after(tries).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 5, 10, 20, 40, 80]);
        assert_eq!(wait_after(u32::MAX), LONGEST_WAIT);
        assert!((0..200).all(|tries| wait_after(tries) <= wait_after(tries + 1)));
    }

    /// Proves C6: the wait is there again after a restart, and a service that fell while the clerk was in is locked.
    #[test]
    fn a_restart_forgets_no_try() {
        let course = Course::new(Found::Password(5), false, secs(100));
        assert_eq!(course.status().retry, Some(secs(120)));
        let early = course.accepts(secs(119), Task::SignIn);
        assert_eq!(early, Err(Refusal::TooEarly));
        assert_eq!(course.accepts(secs(120), Task::SignIn), Ok(()));
        let fell = Course::new(Found::Password(0), true, secs(1));
        assert_eq!(fell.state(), ClerkState::Locked);
        for found in [Found::Nothing, Found::Damaged] {
            assert!(!Course::new(found, true, secs(1)).is_in());
        }
    }

    /// Proves C6: the clerk who is away for as long as the place says finds the case locked; one who is there does not.
    #[test]
    fn it_locks_by_itself() {
        let unset = Course::new(Found::Nothing, false, secs(0));
        let mut course = unset.next(secs(10), Event::Chosen(AWAY)).unwrap();
        course = course.next(secs(200), Event::Presence).unwrap();
        assert_eq!(course.deadline(), Some(secs(500)));
        course = course.next(secs(499), Event::Tick).unwrap();
        assert_eq!(course.state(), ClerkState::SignedIn);
        course = course.next(secs(500), Event::Tick).unwrap();
        assert_eq!(course.state(), ClerkState::Locked);
        // Being there is no password.
        course = course.next(secs(501), Event::Presence).unwrap();
        assert_eq!(course.state(), ClerkState::Locked);
        assert!(course.next(secs(502), Event::SignOut).is_err());
    }

    fn events() -> impl Strategy<Value = Event> {
        prop_oneof![
            Just(Event::Chosen(AWAY)),
            prop_oneof![Just(Task::Choose), Just(Task::SignIn), Just(Task::Unlock)]
                .prop_map(Event::Try),
            Just(Event::Right(AWAY)),
            Just(Event::Wrong),
            Just(Event::Lock),
            Just(Event::SignOut),
            Just(Event::Presence),
            Just(Event::Tick),
        ]
    }

    fn starts() -> impl Strategy<Value = Found> {
        prop_oneof![
            Just(Found::Nothing),
            Just(Found::Damaged),
            (0..9u32).prop_map(Found::Password)
        ]
    }

    proptest! {
        /// Proves C6: whatever happens in whatever order, nobody comes in but by a password that was tried and is right, or
        /// that was just chosen; a damaged file stays one; a chosen password is never unset; every try is counted until
        /// one is right, and none is taken before its time.
        #[test]
        fn nobody_comes_in_without_a_password(
            found in starts(),
            was_in: bool,
            steps in prop::collection::vec((events(), 0..400u64), 0..80),
        ) {
            let mut now = secs(0);
            let mut course = Course::new(found, was_in, now);
            for (event, later) in steps {
                now += secs(later);
                let Ok(next) = course.next(now, event) else { continue };
                let (before, after) = (course.state(), next.state());
                if after == ClerkState::SignedIn && before != ClerkState::SignedIn {
                    let chosen = before == ClerkState::Unset && matches!(event, Event::Chosen(_));
                    prop_assert!(chosen || course.trying && matches!(event, Event::Right(_)));
                }
                if next.trying && !course.trying {
                    prop_assert!(course.retry.is_none_or(|retry| now >= retry));
                    prop_assert_eq!(next.tries(), course.tries() + 1);
                }
                prop_assert!(next.tries() >= course.tries() || after == ClerkState::SignedIn);
                prop_assert_eq!(before == ClerkState::Damaged, after == ClerkState::Damaged);
                prop_assert!(before == ClerkState::Unset || after != ClerkState::Unset);
                // A tick at the deadline always leads on: the alarm never rings for nothing again and again.
                if let Some(at) = next.deadline() {
                    let rung = next.next(at, Event::Tick).unwrap();
                    prop_assert!(rung.deadline().is_none_or(|later| later > at));
                }
                course = next;
            }
        }
    }
}
