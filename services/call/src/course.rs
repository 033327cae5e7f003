// SPDX-License-Identifier: EUPL-1.2
//! How a call goes on. Pure: time comes in with every event.
//!
//! ```text
//! idle, ended ── Call ──► waiting ── Rings ──► ringing ── Answered ──► talking
//!                            └────────────── Answered ─────────────────►│  ▲
//!                                                         Stalled ──────┤  │ Flows
//! waiting, ringing, talking ── HangUp, OtherEnded, Failed, time ──► ended  ▼  │
//!                                                                    mending ┘ ── Tick ──► Mend, again and again, then ended
//! ```
//!
//! Within talking each side can pause, whatever else happens; while one does, nothing is expected to flow.

use std::time::Duration;

use api::call::{CallState, Reason};

/// So long may it take until something rings.
pub const SETUP: Duration = Duration::from_secs(20);
/// So long may it ring.
pub const RINGING: Duration = Duration::from_mins(2);
/// A link that was lost may come back by itself within so long.
pub const GRACE: Duration = Duration::from_secs(2);
/// Tries to connect anew are so far apart.
pub const RETRY: Duration = Duration::from_secs(5);
/// Where there was no way at all, it is looked for again after so long.
pub const AGAIN: Duration = Duration::from_secs(1);
/// A link that is lost for so long ends the call.
pub const LOST: Duration = Duration::from_mins(1);

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody wants to call this department.
    Call(String),
    /// Somebody wants to end the call.
    HangUp,
    /// Somebody wants to pause it, or to go on.
    Pause(bool),
    /// Somebody wants to be heard no more, or again.
    Mute(bool),
    /// It rings.
    Rings,
    /// The other side has answered.
    Answered,
    /// The call did not come about, or cannot go on.
    Failed(Reason),
    /// The other side pauses, or goes on.
    Held(bool),
    /// The other side has ended the call.
    OtherEnded,
    /// Nothing comes from the other side any more.
    Stalled,
    /// Something comes from the other side.
    Flows,
    /// There was no way to connect anew.
    NoWay,
    /// Time has passed.
    Tick,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open the ends and call this department.
    Begin(String),
    /// End the call and close the ends.
    End,
    /// Tell the other side that we pause, or go on.
    Tell(bool),
    /// Let sound and picture flow, or not.
    Hush(bool),
    /// Send our sound, or not.
    Mute(bool),
    /// Connect anew.
    Mend,
}

/// A call that has no place in the present state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not in state {}", .0.as_str())]
pub struct Refusal(pub CallState);

/// An answered call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Talk {
    /// We have paused it.
    paused: bool,
    /// The other side has.
    held: bool,
    /// The link was lost.
    lost: Option<Lost>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lost {
    since: Duration,
    /// When it is tried next to connect anew.
    next: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Idle,
    Waiting {
        since: Duration,
    },
    Ringing {
        since: Duration,
    },
    Talking(Talk),
    Ended(Reason),
}

/// Where a call stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    state: State,
    department: String,
    muted: bool,
}

impl Course {
    /// The state's name.
    pub fn state(&self) -> CallState {
        match self.state {
            State::Idle => CallState::Idle,
            State::Waiting { .. } => CallState::Waiting,
            State::Ringing { .. } => CallState::Ringing,
            State::Talking(Talk { paused: true, .. }) => CallState::Paused,
            State::Talking(Talk { held: true, .. }) => CallState::Held,
            State::Talking(Talk { lost: Some(_), .. }) => CallState::Mending,
            State::Talking(_) => CallState::Talking,
            State::Ended(_) => CallState::Ended,
        }
    }

    /// The department that is or was called.
    pub fn department(&self) -> &str {
        &self.department
    }

    /// Why the last call has ended.
    pub fn reason(&self) -> Option<Reason> {
        match self.state {
            State::Ended(reason) => Some(reason),
            _ => None,
        }
    }

    /// Whether nothing of our sound is sent.
    pub fn muted(&self) -> bool {
        self.muted
    }

    /// Whether we have paused the call.
    pub fn paused(&self) -> bool {
        matches!(self.state, State::Talking(Talk { paused: true, .. }))
    }

    /// Whether something has to come from the other side.
    pub fn expects_flow(&self) -> bool {
        matches!(
            self.state,
            State::Talking(Talk {
                paused: false,
                held: false,
                ..
            })
        )
    }

    /// Whether the link is lost.
    pub fn lost(&self) -> bool {
        matches!(self.state, State::Talking(Talk { lost: Some(_), .. }))
    }

    /// When [`Event::Tick`] changes something.
    pub fn deadline(&self) -> Option<Duration> {
        match self.state {
            State::Idle | State::Ended(_) => None,
            State::Waiting { since } => Some(since + SETUP),
            State::Ringing { since } => Some(since + RINGING),
            State::Talking(Talk { lost, .. }) => {
                lost.map(|Lost { since, next }| next.min(since + LOST))
            }
        }
    }

    /// The course after `event` at `now`, and what has to be done.
    pub fn next(&self, now: Duration, event: Event) -> Result<(Self, Vec<Effect>), Refusal> {
        let mut next = self.clone();
        let effects = match (self.state, event) {
            (State::Idle | State::Ended(_), Event::Call(department)) => {
                next.department.clone_from(&department);
                next.muted = false;
                next.state = State::Waiting { since: now };
                vec![Effect::Begin(department)]
            }
            (State::Idle | State::Ended(_), Event::HangUp | Event::Mute(_))
            | (State::Waiting { .. } | State::Ringing { .. } | State::Talking(_), Event::Call(_)) =>
            {
                return Err(Refusal(self.state()));
            }
            (_, Event::HangUp) => next.end(Reason::HungUp),
            (_, Event::Mute(muted)) => {
                next.muted = muted;
                vec![Effect::Mute(muted)]
            }
            (State::Talking(talk), event) => return Ok(next.talking(talk, now, &event)),
            (_, Event::Pause(_)) => return Err(Refusal(self.state())),
            (State::Waiting { .. }, Event::Rings) => {
                next.state = State::Ringing { since: now };
                Vec::new()
            }
            (State::Waiting { .. } | State::Ringing { .. }, Event::Answered) => {
                next.state = State::Talking(Talk::default());
                Vec::new()
            }
            (State::Waiting { .. } | State::Ringing { .. }, Event::Failed(reason)) => {
                next.end(reason)
            }
            (State::Waiting { .. } | State::Ringing { .. }, Event::OtherEnded) => {
                next.end(Reason::OtherHungUp)
            }
            (State::Waiting { since }, Event::Tick) if now >= since + SETUP => {
                next.end(Reason::Unreachable)
            }
            (State::Ringing { since }, Event::Tick) if now >= since + RINGING => {
                next.end(Reason::Unanswered)
            }
            // What comes too late, and time that changes nothing.
            (
                _,
                Event::Rings
                | Event::Answered
                | Event::Failed(_)
                | Event::Held(_)
                | Event::OtherEnded
                | Event::Stalled
                | Event::Flows
                | Event::NoWay
                | Event::Tick,
            ) => Vec::new(),
        };
        Ok((next, effects))
    }

    fn end(&mut self, reason: Reason) -> Vec<Effect> {
        self.state = State::Ended(reason);
        self.muted = false;
        vec![Effect::End]
    }

    fn ended(mut self, reason: Reason) -> (Self, Vec<Effect>) {
        let effects = self.end(reason);
        (self, effects)
    }

    fn talking(mut self, talk: Talk, now: Duration, event: &Event) -> (Self, Vec<Effect>) {
        let mut new = talk;
        let mut effects = Vec::new();
        match event {
            Event::Pause(paused) => {
                new.paused = *paused;
                if new.paused != talk.paused {
                    effects.push(Effect::Tell(new.paused));
                }
            }
            Event::Held(held) => new.held = *held,
            Event::OtherEnded => return self.ended(Reason::OtherHungUp),
            Event::Failed(reason) => return self.ended(*reason),
            // Nothing has to flow while one side pauses.
            Event::Stalled if talk.lost.is_none() && !talk.paused && !talk.held => {
                new.lost = Some(Lost {
                    since: now,
                    next: now + GRACE,
                });
            }
            Event::Flows => new.lost = None,
            // It costs nobody anything to look again soon.
            Event::NoWay => {
                if let Some(lost) = &mut new.lost {
                    lost.next = lost.next.min(now + AGAIN);
                }
            }
            Event::Tick => match talk.lost {
                Some(lost) if now >= lost.since + LOST => {
                    return self.ended(Reason::Lost);
                }
                Some(lost) if now >= lost.next => {
                    new.lost = Some(Lost {
                        next: now + RETRY,
                        ..lost
                    });
                    effects.push(Effect::Mend);
                }
                _ => {}
            },
            _ => {}
        }
        let (was, is) = (talk.paused || talk.held, new.paused || new.held);
        if was != is {
            effects.push(Effect::Hush(is));
        }
        self.state = State::Talking(new);
        (self, effects)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn call() -> Event {
        Event::Call("meldestelle".into())
    }

    fn after(course: &Course, now: u64, event: Event) -> (Course, Vec<Effect>) {
        course.next(seconds(now), event).unwrap()
    }

    fn talking() -> Course {
        let mut course = Course::default();
        for event in [call(), Event::Rings, Event::Answered] {
            course = after(&course, 0, event).0;
        }
        assert_eq!(course.state(), CallState::Talking);
        course
    }

    /// Proves T1, T2: a department is called, rings and answers; a second call beside it is refused.
    #[test]
    fn a_call_comes_about() {
        let (course, effects) = after(&Course::default(), 0, call());
        assert_eq!(course.state(), CallState::Waiting);
        assert_eq!(effects, [Effect::Begin("meldestelle".into())]);
        assert_eq!(
            course.next(seconds(1), call()),
            Err(Refusal(CallState::Waiting))
        );
        let pause = course.next(seconds(1), Event::Pause(true));
        assert_eq!(pause, Err(Refusal(CallState::Waiting)));
        let course = after(&course, 1, Event::Rings).0;
        assert_eq!(course.state(), CallState::Ringing);
        let course = after(&course, 2, Event::Answered).0;
        let (course, effects) = after(&course, 3, Event::OtherEnded);
        assert_eq!(course.reason(), Some(Reason::OtherHungUp));
        assert_eq!(effects, [Effect::End]);
        assert_eq!(after(&course, 4, call()).0.state(), CallState::Waiting);
    }

    /// Proves T1: nobody waits for ever: not for the exchange, not for a clerk, not for a link.
    #[test]
    fn nothing_is_waited_for_without_end() {
        let waiting = after(&Course::default(), 0, call()).0;
        assert_eq!(waiting.deadline(), Some(SETUP));
        let (ended, effects) = after(&waiting, 20, Event::Tick);
        assert_eq!(
            (ended.reason(), effects),
            (Some(Reason::Unreachable), vec![Effect::End])
        );
        let ringing = after(&waiting, 5, Event::Rings).0;
        assert_eq!(ringing.deadline(), Some(seconds(5) + RINGING));
        let ended = after(&ringing, 125, Event::Tick).0;
        assert_eq!(ended.reason(), Some(Reason::Unanswered));
    }

    /// Proves D2: each side can pause; nothing flows until both go on.
    #[test]
    fn both_sides_can_pause() {
        let (course, effects) = after(&talking(), 1, Event::Pause(true));
        assert_eq!(course.state(), CallState::Paused);
        assert_eq!(effects, [Effect::Tell(true), Effect::Hush(true)]);
        let (course, effects) = after(&course, 2, Event::Held(true));
        assert_eq!((course.state(), effects), (CallState::Paused, vec![]));
        let (course, effects) = after(&course, 3, Event::Pause(false));
        assert_eq!(
            (course.state(), effects),
            (CallState::Held, vec![Effect::Tell(false)])
        );
        let (course, effects) = after(&course, 4, Event::Held(false));
        assert_eq!(
            (course.state(), effects),
            (CallState::Talking, vec![Effect::Hush(false)])
        );
        // A pause is no loss.
        let held = after(&course, 5, Event::Held(true)).0;
        assert_eq!(after(&held, 6, Event::Stalled).0, held);
    }

    /// Proves T11: a lost link is mended: first it may come back by itself, then it is tried again and again, and at last given up.
    #[test]
    fn a_lost_link_is_mended() {
        let lost = after(&talking(), 10, Event::Stalled).0;
        assert_eq!(lost.state(), CallState::Mending);
        assert_eq!(after(&lost, 11, Event::Flows).0.state(), CallState::Talking);
        let (mut course, mut tries) = (lost, Vec::new());
        while let Some(at) = course.deadline() {
            let (next, effects) = course.next(at, Event::Tick).unwrap();
            if effects == [Effect::Mend] {
                tries.push(at.as_secs() - 10);
            }
            course = next;
        }
        assert_eq!(tries, (2..60).step_by(5).collect::<Vec<_>>());
        assert_eq!(course.reason(), Some(Reason::Lost));
    }

    fn anything() -> impl Strategy<Value = Event> {
        prop_oneof![
            1 => Just(call()),
            1 => Just(Event::HangUp),
            1 => any::<bool>().prop_map(Event::Pause),
            1 => any::<bool>().prop_map(Event::Mute),
            1 => Just(Event::Rings),
            3 => Just(Event::Answered),
            1 => prop::sample::select(Reason::ALL.to_vec()).prop_map(Event::Failed),
            1 => any::<bool>().prop_map(Event::Held),
            1 => Just(Event::OtherEnded),
            3 => Just(Event::Stalled),
            1 => Just(Event::Flows),
            1 => Just(Event::NoWay),
            3 => Just(Event::Tick),
        ]
    }

    proptest! {
        /// Proves T1, T15: what was begun is ended exactly once, and never is a second call beside it; sound and picture flow exactly
        /// while nobody pauses; whatever is waited for has a time at which it is given up.
        #[test]
        fn every_call_ends(events in prop::collection::vec((0_u64..30, anything()), 0..80)) {
            let (mut course, mut now, mut open, mut hushed) = (Course::default(), 0, false, false);
            for (passed, event) in events {
                now += passed;
                let Ok((next, effects)) = course.next(seconds(now), event) else { continue };
                for effect in effects {
                    match effect {
                        Effect::Begin(_) => {
                            prop_assert!(!open);
                            (open, hushed) = (true, false);
                        }
                        Effect::End => {
                            prop_assert!(open);
                            open = false;
                        }
                        Effect::Hush(is) => {
                            prop_assert!(open && hushed != is);
                            hushed = is;
                        }
                        Effect::Tell(_) | Effect::Mute(_) | Effect::Mend => prop_assert!(open),
                    }
                }
                course = next;
                let state = course.state();
                prop_assert_eq!(open, !matches!(state, CallState::Idle | CallState::Ended));
                prop_assert_eq!(course.reason().is_some(), state == CallState::Ended);
                if open && state.is_answered() {
                    prop_assert_eq!(hushed, !course.expects_flow());
                }
                if matches!(state, CallState::Waiting | CallState::Ringing | CallState::Mending) {
                    prop_assert!(course.deadline().is_some());
                }
            }
        }
    }
}
