// SPDX-License-Identifier: EUPL-1.2
//! Practice (O10): a second page of a desk plays a terminal and calls that desk, and no other. It is kept apart from tickets: nobody
//! waits in it, nothing is counted, nothing is kept on disk.
//!
//! A desk that practises is rung by nobody else. What its clerk has chosen to be stays as it is, and holds again afterwards.

use std::time::Duration;

use super::{CALL, Effect, Failure, Queue, RING, Refusal};

/// The page that plays the terminal has so long to come back; then the practice is over.
pub const PRACTICE_GRACE: Duration = Duration::from_secs(10);

/// A practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Practice {
    /// Not to be guessed; its account has this name.
    id: String,
    /// Its page is there (its stream of events).
    watched: bool,
    /// Since when it is not.
    unwatched_since: Option<Duration>,
    /// The call that was begun last.
    call: Option<Call>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    /// Not to be guessed, and the user part of the address that is called.
    id: String,
    department: String,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The page has to call now.
    Called {
        until: Duration,
    },
    /// The desk rings.
    Ringing {
        until: Duration,
    },
    Talking,
}

impl Practice {
    /// When time alone changes something.
    pub(super) fn deadlines(&self) -> [Option<Duration>; 2] {
        let call = self.call.as_ref().and_then(|call| match call.step {
            Step::Called { until } | Step::Ringing { until } => Some(until),
            Step::Talking => None,
        });
        [
            call,
            self.unwatched_since.map(|since| since + PRACTICE_GRACE),
        ]
    }

    /// The proxy has started anew: it tells of no call any more.
    pub(super) fn proxy_fell(&mut self) {
        self.call = None;
    }
}

/// What a desk is told of its practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practising {
    /// The department that is called.
    pub department: Option<String>,
}

impl Queue {
    /// A second page of this desk begins to play a terminal; `id` is new and not to be guessed. Citizens are first: not while somebody
    /// rings or talks here. A practice whose page is gone gives way to the new one.
    pub fn begin_practice(
        &mut self,
        now: Duration,
        desk: &str,
        id: String,
    ) -> Result<Vec<Effect>, Refusal> {
        let known = self.desks.get_mut(desk).ok_or(Refusal::NoDesk)?;
        if known.rings.is_some() || known.talks.is_some() {
            return Err(Refusal::Occupied);
        }
        if known.practice.as_ref().is_some_and(|old| old.watched) {
            return Err(Refusal::Practises);
        }
        // How long the last conversation takes is not learned from practice.
        known.work = None;
        known.practice = Some(Practice {
            id,
            watched: false,
            unwatched_since: Some(now),
            call: None,
        });
        Ok(self.after(now))
    }

    /// The page of a practice is there, or its connection broke.
    pub fn watch_practice(
        &mut self,
        now: Duration,
        desk: &str,
        id: &str,
        watched: bool,
    ) -> Result<Vec<Effect>, Refusal> {
        let practice = self.practice_mut(desk, id)?;
        practice.watched = watched;
        practice.unwatched_since = (!watched).then_some(now);
        Ok(self.after(now))
    }

    /// The page wants to call its desk for one of its departments: `call` is new, not to be guessed, and takes the place of a call of
    /// before.
    pub fn call_practice(
        &mut self,
        now: Duration,
        desk: &str,
        id: &str,
        call: String,
        department: &str,
    ) -> Result<Vec<Effect>, Refusal> {
        let served = self.plan.desks.get(desk).ok_or(Refusal::NoDesk)?;
        if !served.contains(department) {
            return Err(Refusal::NoDepartment);
        }
        self.practice_mut(desk, id)?.call = Some(Call {
            id: call,
            department: department.to_owned(),
            step: Step::Called { until: now + CALL },
        });
        Ok(self.after(now))
    }

    /// The page calls, by the account of its practice: the one desk that rings.
    pub fn invite_practice(
        &mut self,
        now: Duration,
        call: &str,
        id: &str,
    ) -> Result<(String, Vec<Effect>), Refusal> {
        let effects = self.after(now);
        let desk = self
            .desks
            .iter_mut()
            .find(|(_, desk)| desk.practice.as_ref().is_some_and(|p| p.id == id));
        let (desk, known) = desk.ok_or(Refusal::NoTicket)?;
        let begun = known.practice.as_mut().and_then(|p| p.call.as_mut());
        let begun = begun
            .filter(|begun| begun.id == call)
            .ok_or(Refusal::NoTicket)?;
        if !matches!(begun.step, Step::Called { .. }) {
            return Err(Refusal::NotItsTurn);
        }
        begun.step = Step::Ringing { until: now + RING };
        Ok((desk.clone(), effects))
    }

    /// The desk took the call of its practice. Said twice, it is true once.
    pub(super) fn practice_answered(&mut self, call: &str, desk: &str) -> Result<(), Refusal> {
        let (called, begun) = self.practice_call(call)?;
        if called != desk || matches!(begun.step, Step::Called { .. }) {
            return Err(Refusal::NotItsTurn);
        }
        begun.step = Step::Talking;
        Ok(())
    }

    /// The call of a practice came to nothing. Whoever lets it ring stays what they were.
    pub(super) fn practice_failed(&mut self, call: &str, failure: Failure) -> Result<(), Refusal> {
        let desk = self.practice_call(call)?.0.to_owned();
        if let Some(desk) = self.desks.get_mut(&desk) {
            if failure == Failure::Unreached {
                desk.registered = None;
            }
            if let Some(practice) = &mut desk.practice {
                practice.call = None;
            }
        }
        Ok(())
    }

    /// The call of a practice is over.
    pub(super) fn practice_ended(&mut self, call: &str) -> Result<(), Refusal> {
        let desk = self.practice_call(call)?.0.to_owned();
        let practice = self.desks.get_mut(&desk).and_then(|d| d.practice.as_mut());
        if let Some(practice) = practice {
            practice.call = None;
        }
        Ok(())
    }

    /// A practice is over: this one, or whichever there is. The desk is what its clerk chose before.
    pub fn end_practice(
        &mut self,
        now: Duration,
        desk: &str,
        id: Option<&str>,
    ) -> Result<Vec<Effect>, Refusal> {
        if let Some(id) = id {
            self.practice_mut(desk, id)?;
        }
        let known = self.desks.get_mut(desk).ok_or(Refusal::NoDesk)?;
        known.practice = None;
        Ok(self.after(now))
    }

    /// Ends what nobody watches any more, and calls that came to nothing.
    pub(super) fn expire_practice(&mut self, now: Duration) {
        for desk in self.desks.values_mut() {
            let Some(practice) = &mut desk.practice else {
                continue;
            };
            let [call, gone] = practice.deadlines();
            if call.is_some_and(|until| now >= until) {
                practice.call = None;
            }
            if gone.is_some_and(|at| now >= at) {
                desk.practice = None;
            }
        }
    }

    /// What a desk practises, if it does.
    pub fn practice_of(&self, desk: &str) -> Option<Practising> {
        let practice = self.desks.get(desk)?.practice.as_ref()?;
        let department = practice.call.as_ref().map(|call| call.department.clone());
        Some(Practising { department })
    }

    /// Whether the desk of this practice can be rung; nothing where the practice is over.
    pub fn reaches(&self, now: Duration, desk: &str, id: &str) -> Option<bool> {
        let known = self.desks.get(desk)?;
        let mine = known.practice.as_ref().is_some_and(|p| p.id == id);
        mine.then(|| known.is_reachable(now))
    }

    fn practice_mut(&mut self, desk: &str, id: &str) -> Result<&mut Practice, Refusal> {
        let known = self.desks.get_mut(desk).ok_or(Refusal::NoDesk)?;
        known
            .practice
            .as_mut()
            .filter(|practice| practice.id == id)
            .ok_or(Refusal::NoPractice)
    }

    /// The call with this word, and whose it is.
    fn practice_call(&mut self, call: &str) -> Result<(&str, &mut Call), Refusal> {
        self.desks
            .iter_mut()
            .find_map(|(id, desk)| {
                let begun = desk.practice.as_mut()?.call.as_mut()?;
                (begun.id == call).then_some((id.as_str(), begun))
            })
            .ok_or(Refusal::NoTicket)
    }
}
