// SPDX-License-Identifier: EUPL-1.2
//! How a call goes on. Pure: time comes in with every event.
//!
//! ```text
//! idle, ended ── Call ──► queueing ── Called ──► waiting ── Rings ──► ringing ── Answered ──► talking
//!                          ▲   ▲                    └────────────── Answered ─────────────────►│  ▲
//!                          │   └── nobody answered ─────────┘                        Stalled ──┤  │ Flows
//!                          │                                                                   ▼  │
//!                          │                                                                mending ┘ ── Tick ──► Mend, again and again
//!                          └── handed over ─── parting ◄── OtherEnded ── talking
//! ```
//!
//! A place in the exchange's queue is held from the first to the last. While it is, who is not answered waits on, in the old place; and when
//! the other side ends a call, its place says whether it was handed over or is over: `parting` waits for that.
//!
//! Within talking each side can pause, whatever else happens; while one does, nothing is expected to flow.

use std::time::Duration;

use api::call::{CallState, Reason};

use crate::exchange::{Phase, Standing};

/// So long may it take until there is a place, and until something rings.
pub const SETUP: Duration = Duration::from_secs(20);
/// So long may it ring.
pub const RINGING: Duration = Duration::from_mins(2);
/// A link that was lost may come back by itself within so long.
pub const GRACE: Duration = Duration::from_secs(2);
/// Tries to connect anew are so far apart.
pub const RETRY: Duration = Duration::from_secs(5);
/// A new connection that the other side has agreed to has so long to come about, on a machine that is slow or busy too.
pub const HANDSHAKE: Duration = Duration::from_secs(3);
/// Where there was no way at all, it is looked for again after so long.
pub const AGAIN: Duration = Duration::from_secs(1);
/// A link that is lost for so long ends the call.
pub const LOST: Duration = Duration::from_mins(1);

/// So long may it take until the exchange says what becomes of a call that the other side has ended.
pub const PARTING: Duration = Duration::from_secs(5);

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
    /// Where the place in the queue stands.
    Stands(Standing),
    /// It is our turn, and known whom to call.
    Called,
    /// The place is gone: the conversation is over.
    Gone,
    /// There is no place, or no longer.
    Refused(Reason),
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
    /// Our camera is there, or away.
    Camera(bool),
    /// Nothing comes from the other side any more.
    Stalled,
    /// Something comes from the other side.
    Flows,
    /// The other side has agreed to a new connection.
    Agreed,
    /// There was no way to connect anew.
    NoWay,
    /// Time has passed.
    Tick,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Take a place in the queue of this department.
    Enter(String),
    /// Give the place up.
    Leave,
    /// Open the ends and call whom it was said to call.
    Begin,
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
    Queueing {
        since: Duration,
    },
    Waiting {
        since: Duration,
    },
    Ringing {
        since: Duration,
    },
    Talking(Talk),
    Parting {
        since: Duration,
    },
    Ended(Reason),
}

/// A place in the exchange's queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    /// Where it stands, once the exchange has said so.
    standing: Option<Standing>,
    /// It is our turn, and we have not called yet.
    called: bool,
    /// Somebody has answered before.
    talked: bool,
}

impl Place {
    /// Whether it is not over: the exchange tells of a call that was answered later than the other side itself.
    fn waits(&self) -> bool {
        let waits = |standing: Standing| standing.phase == Phase::Waiting;
        self.called || self.standing.is_some_and(waits)
    }
}

/// Where a call stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    state: State,
    department: String,
    muted: bool,
    unseen: bool,
    place: Option<Place>,
}

impl Course {
    /// The state's name.
    pub fn state(&self) -> CallState {
        match self.state {
            State::Idle => CallState::Idle,
            State::Queueing { .. } | State::Waiting { .. } => CallState::Waiting,
            State::Ringing { .. } => CallState::Ringing,
            State::Talking(Talk { paused: true, .. }) => CallState::Paused,
            // One moment: nobody is seen or heard.
            State::Talking(Talk { held: true, .. }) | State::Parting { .. } => CallState::Held,
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

    /// Where we stand among those who wait.
    pub fn standing(&self) -> Option<Standing> {
        match self.state {
            State::Queueing { .. } => self.place?.standing,
            _ => None,
        }
    }

    /// Whether nothing of our sound is sent.
    pub fn muted(&self) -> bool {
        self.muted
    }

    /// Whether our camera is away.
    pub fn unseen(&self) -> bool {
        self.unseen
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
            // Who has a place waits as long as it takes.
            State::Queueing { since } => match self.place {
                Some(Place {
                    standing: Some(_), ..
                }) => None,
                _ => Some(since + SETUP),
            },
            State::Waiting { since } => Some(since + SETUP),
            State::Ringing { since } => Some(since + RINGING),
            State::Parting { since } => Some(since + PARTING),
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
                next.unseen = false;
                next.place = Some(Place::default());
                next.state = State::Queueing { since: now };
                vec![Effect::Enter(department)]
            }
            (State::Idle | State::Ended(_), Event::HangUp | Event::Mute(_) | Event::Pause(_))
            | (_, Event::Call(_)) => return Err(Refusal(self.state())),
            // What comes too late.
            (State::Idle | State::Ended(_), _) => Vec::new(),
            (_, Event::HangUp) => next.end(Reason::HungUp),
            (_, Event::Camera(there)) => {
                next.unseen = !there;
                Vec::new()
            }
            (_, Event::Mute(muted)) => {
                next.muted = muted;
                if next.is_open() {
                    vec![Effect::Mute(muted)]
                } else {
                    Vec::new()
                }
            }
            (_, event @ (Event::Stands(_) | Event::Called | Event::Gone | Event::Refused(_))) => {
                next.queue(now, &event)
            }
            (State::Talking(talk), event) => return Ok(next.talking(talk, now, &event)),
            (_, Event::Pause(_)) => return Err(Refusal(self.state())),
            (State::Queueing { .. } | State::Waiting { .. }, Event::Tick) if self.is_late(now) => {
                next.end(Reason::Unreachable)
            }
            (State::Parting { .. }, Event::Tick) if self.is_late(now) => {
                next.end(Reason::OtherHungUp)
            }
            // What an ended call still tells.
            (State::Queueing { .. } | State::Parting { .. }, _) => Vec::new(),
            (State::Waiting { .. }, Event::Rings) => {
                next.state = State::Ringing { since: now };
                Vec::new()
            }
            (_, Event::Answered) => {
                next.state = State::Talking(Talk::default());
                if let Some(place) = &mut next.place {
                    place.talked = true;
                }
                Vec::new()
            }
            // Nobody has answered: who has a place waits on.
            (_, Event::Failed(Reason::Busy | Reason::Unanswered) | Event::OtherEnded)
                if self.place.is_some() =>
            {
                next.wait_on(now)
            }
            (_, Event::Failed(reason)) => next.end(reason),
            (_, Event::OtherEnded) => next.end(Reason::OtherHungUp),
            (State::Ringing { .. }, Event::Tick) if self.is_late(now) => {
                next.end(Reason::Unanswered)
            }
            // Time that changes nothing, and what has no meaning before an answer.
            _ => Vec::new(),
        };
        Ok((next, effects))
    }

    fn is_late(&self, now: Duration) -> bool {
        self.deadline().is_some_and(|deadline| now >= deadline)
    }

    /// Whether the ends are open.
    fn is_open(&self) -> bool {
        matches!(
            self.state,
            State::Waiting { .. } | State::Ringing { .. } | State::Talking(_)
        )
    }

    fn end(&mut self, reason: Reason) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.is_open() {
            effects.push(Effect::End);
        }
        if self.place.take().is_some() {
            effects.push(Effect::Leave);
        }
        self.state = State::Ended(reason);
        self.muted = false;
        effects
    }

    /// The call is over and its place is not.
    fn wait_on(&mut self, now: Duration) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.is_open() {
            effects.push(Effect::End);
        }
        self.state = State::Queueing { since: now };
        effects.extend(self.call(now));
        effects
    }

    /// Calls, if it is our turn.
    fn call(&mut self, now: Duration) -> Vec<Effect> {
        match &mut self.place {
            Some(place) if place.called => place.called = false,
            _ => return Vec::new(),
        }
        self.state = State::Waiting { since: now };
        let mut effects = vec![Effect::Begin];
        if self.muted {
            effects.push(Effect::Mute(true));
        }
        effects
    }

    /// Takes in what the exchange says of our place.
    fn queue(&mut self, now: Duration, event: &Event) -> Vec<Effect> {
        let Some(place) = &mut self.place else {
            return Vec::new();
        };
        match event {
            Event::Stands(standing) => {
                place.standing = Some(*standing);
                place.called &= standing.phase == Phase::Called;
            }
            Event::Called => place.called = true,
            Event::Gone if place.talked => return self.without_place(Reason::OtherHungUp),
            Event::Gone => return self.without_place(Reason::Failed),
            Event::Refused(reason) => return self.without_place(*reason),
            _ => return Vec::new(),
        }
        match self.state {
            State::Queueing { .. } => self.call(now),
            State::Parting { .. } if place.waits() => self.wait_on(now),
            // Whoever we talked with is gone, and somebody else takes the call.
            State::Talking(Talk { lost: Some(_), .. }) if place.called => self.wait_on(now),
            _ => Vec::new(),
        }
    }

    /// The place is gone. A conversation goes on without; one that was ended is over.
    fn without_place(&mut self, reason: Reason) -> Vec<Effect> {
        match self.state {
            State::Queueing { .. } => self.end(reason),
            State::Parting { .. } => self.end(Reason::OtherHungUp),
            _ => {
                self.place = None;
                // Nobody watches it any more.
                vec![Effect::Leave]
            }
        }
    }

    fn ended(mut self, reason: Reason) -> (Self, Vec<Effect>) {
        let effects = self.end(reason);
        (self, effects)
    }

    /// The other side has ended the call: is it over, or handed over?
    fn parted(mut self, now: Duration) -> (Self, Vec<Effect>) {
        let effects = match self.place {
            None => self.end(Reason::OtherHungUp),
            Some(place) if place.waits() => self.wait_on(now),
            Some(_) => {
                self.state = State::Parting { since: now };
                vec![Effect::End]
            }
        };
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
            Event::OtherEnded => return self.parted(now),
            Event::Failed(reason) => return self.ended(*reason),
            // Nothing has to flow while one side pauses.
            Event::Stalled if talk.lost.is_none() && !talk.paused && !talk.held => {
                if self.place.is_some_and(|place| place.called) {
                    let effects = self.wait_on(now);
                    return (self, effects);
                }
                new.lost = Some(Lost {
                    since: now,
                    next: now + GRACE,
                });
            }
            Event::Flows => new.lost = None,
            Event::Agreed => {
                if let Some(lost) = &mut new.lost {
                    lost.next = lost.next.max(now + HANDSHAKE);
                }
            }
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
mod tests;
