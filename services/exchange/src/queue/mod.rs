// SPDX-License-Identifier: EUPL-1.2
//! Who waits, which desks ring, who talks: a pure state machine. It knows no clock, no network and no database.
//!
//! ```text
//!            take                 a desk is free           INVITE            a desk answers
//!  terminal ──────► Waiting ───────────────────► Called ─────────► Ringing ────────────────► Talking ──► gone
//!                     ▲  ▲                          │                 │                         │  (end)
//!                     │  └──── all its desks left ──┴─────────────────┘                         │
//!                     └─────────────────────────── the desk was lost ───────────────────────────┘
//! ```
//!
//! * First come, first served: a ticket is called only if no older one could be called for the same desks.
//! * A desk rings for one ticket at a time, and all free desks of a department ring for it.
//! * A desk that practises (`practice.rs`) rings for no ticket.
//! * A ticket leaves only by its terminal's will, at the call's end, or when its terminal has been gone for [`GRACE`].

mod estimate;
mod practice;
mod routing;
mod view;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use estimate::Pace;
pub use practice::{PRACTICE_GRACE, Practising};
pub use view::{Phase, Standing, Waiter};

/// A terminal has so long to call once its ticket is called.
pub const CALL: Duration = Duration::from_secs(20);
/// Desks ring so long. The proxy gives up before ([`RING_PROXY`]), so that it tells first.
pub const RING: Duration = Duration::from_secs(35);
/// The proxy lets desks ring so long.
pub const RING_PROXY: Duration = Duration::from_secs(30);
/// A terminal or a desk whose connection broke has so long to come back.
pub const GRACE: Duration = Duration::from_mins(1);
/// Desks that ring at once: the proxy forks no further.
pub const FORKS: usize = 24;
/// Tickets that may wait for one department.
pub const WAITING: usize = 200;

/// The departments and desks there are, as the configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Departments by id.
    pub departments: BTreeMap<String, DepartmentPlan>,
    /// Desks by id, with the departments they serve.
    pub desks: BTreeMap<String, BTreeSet<String>>,
}

/// What the queue has to know of a department.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DepartmentPlan {
    /// Whose desks help out, and after which time of waiting.
    pub overflow: Option<(String, Duration)>,
}

/// What a clerk says of themself.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// May ring.
    Free,
    /// Has to finish something.
    Busy,
    /// Is away.
    Break,
}

/// A desk at which somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Desk {
    presence: Presence,
    /// The page is there (its stream of events).
    watched: bool,
    /// Since when it is not.
    unwatched_since: Option<Duration>,
    /// Until when the proxy knows where to reach it.
    registered: Option<Duration>,
    /// The ticket it rings for.
    rings: Option<String>,
    /// The ticket it talks with.
    talks: Option<String>,
    /// When its last conversation began, for which department: until it is free again.
    work: Option<(String, Duration)>,
    /// How that conversation was left has not been said yet.
    unsaid: bool,
    /// It practises: nobody else rings it.
    practice: Option<practice::Practice>,
}

/// How far a ticket is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Waiting,
    /// Its terminal has to call now; these desks are kept for it.
    Called {
        until: Duration,
        desks: BTreeSet<String>,
    },
    /// These desks ring.
    Ringing {
        until: Duration,
        desks: BTreeSet<String>,
    },
    Talking {
        desk: String,
    },
}

/// Somebody who waits, as it is kept on disk: nothing of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Not to be guessed, and the user part of the address that its terminal calls.
    pub id: String,
    /// The order in which tickets were taken.
    pub number: u64,
    /// Whose it is.
    pub terminal: String,
    /// For which department.
    pub department: String,
    /// When it was taken.
    pub taken: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    ticket: Ticket,
    step: Step,
    /// Streams of its terminal that watch it.
    watched: bool,
    /// Since when none does.
    unwatched_since: Option<Duration>,
}

/// Why a call came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The terminal gave up.
    Cancelled,
    /// Desks rang, and nobody was there.
    Unanswered,
    /// The proxy does not know where the desks are.
    Unreached,
}

/// What has to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Keep this ticket on disk.
    Keep(Ticket),
    /// It is gone.
    Forget(String),
    /// A conversation for this department took so long; this is its pace now.
    Learned(String, Pace),
    /// A conversation was left in this way: a day, a department and a word, and nobody.
    Counted {
        /// The day, `YYYY-MM-DD`.
        day: String,
        /// The department.
        department: String,
        /// How it was left.
        outcome: &'static str,
    },
}

/// Why something cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such department.
    #[error("there is no such department")]
    NoDepartment,
    /// There is no such ticket, or it is somebody else's.
    #[error("there is no such ticket")]
    NoTicket,
    /// There is no such desk, or nobody is signed in there.
    #[error("nobody is signed in at this desk")]
    NoDesk,
    /// The terminal has a ticket already.
    #[error("this terminal already has a ticket")]
    HasTicket,
    /// Too many wait.
    #[error("too many people are waiting for this department")]
    Full,
    /// There is no conversation, or none any more.
    #[error("nobody is talking at this desk")]
    NoConversation,
    /// Somebody rings or talks at this desk.
    #[error("somebody rings or talks at this desk")]
    Occupied,
    /// The desk practises already.
    #[error("this desk practises already")]
    Practises,
    /// There is no such practice, or none any more.
    #[error("there is no such practice")]
    NoPractice,
    /// It is not this ticket's turn, or not any more.
    #[error("it is not this ticket's turn")]
    NotItsTurn,
}

/// All tickets and desks. Every call takes the time, which never goes back.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    plan: Plan,
    desks: BTreeMap<String, Desk>,
    /// By number: the order of service.
    entries: BTreeMap<u64, Entry>,
    paces: BTreeMap<String, Pace>,
    next_number: u64,
}

impl Queue {
    /// An empty queue.
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            ..Self::default()
        }
    }

    /// Takes back what was kept on disk. Tickets wait again; their terminals have [`GRACE`] to come back.
    pub fn restore(
        &mut self,
        now: Duration,
        tickets: Vec<Ticket>,
        paces: impl IntoIterator<Item = (String, Pace)>,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        for ticket in tickets {
            let known = self.plan.departments.contains_key(&ticket.department);
            if !known
                || self.entries.contains_key(&ticket.number)
                || self.find(&ticket.id).is_some()
            {
                effects.push(Effect::Forget(ticket.id));
                continue;
            }
            self.next_number = self.next_number.max(ticket.number.saturating_add(1));
            let number = ticket.number;
            let entry = Entry {
                ticket,
                step: Step::Waiting,
                watched: false,
                unwatched_since: Some(now),
            };
            self.entries.insert(number, entry);
        }
        let known =
            |(department, _): &(String, Pace)| self.plan.departments.contains_key(department);
        self.paces = paces.into_iter().filter(known).collect();
        effects
    }

    fn find(&self, id: &str) -> Option<u64> {
        self.entries
            .iter()
            .find(|(_, entry)| entry.ticket.id == id)
            .map(|(number, _)| *number)
    }

    fn of_terminal(&self, id: &str, terminal: &str) -> Result<u64, Refusal> {
        let owned = |number: &u64| {
            self.entries
                .get(number)
                .is_some_and(|entry| entry.ticket.terminal == terminal)
        };
        self.find(id).filter(owned).ok_or(Refusal::NoTicket)
    }

    /// A terminal takes a ticket; `id` is new and not to be guessed.
    pub fn take(
        &mut self,
        now: Duration,
        id: String,
        terminal: &str,
        department: &str,
    ) -> Result<Vec<Effect>, Refusal> {
        if !self.plan.departments.contains_key(department) {
            return Err(Refusal::NoDepartment);
        }
        if self.entries.values().any(|e| e.ticket.terminal == terminal) {
            return Err(Refusal::HasTicket);
        }
        let waiting = |e: &&Entry| e.ticket.department == department;
        if self.entries.values().filter(waiting).count() >= WAITING || self.find(&id).is_some() {
            return Err(Refusal::Full);
        }
        let ticket = Ticket {
            id,
            number: self.next_number,
            terminal: terminal.to_owned(),
            department: department.to_owned(),
            taken: now,
        };
        self.next_number += 1;
        let mut effects = vec![Effect::Keep(ticket.clone())];
        let entry = Entry {
            ticket,
            step: Step::Waiting,
            watched: false,
            unwatched_since: Some(now),
        };
        self.entries.insert(entry.ticket.number, entry);
        self.settle(now, &mut effects);
        Ok(effects)
    }

    /// The terminal gives its ticket back.
    pub fn leave(
        &mut self,
        now: Duration,
        id: &str,
        terminal: &str,
    ) -> Result<Vec<Effect>, Refusal> {
        let number = self.of_terminal(id, terminal)?;
        let mut effects = Vec::new();
        self.remove(number, &mut effects);
        self.settle(now, &mut effects);
        Ok(effects)
    }

    /// The terminal watches its ticket, or its connection broke.
    pub fn watch_ticket(
        &mut self,
        now: Duration,
        id: &str,
        terminal: &str,
        watched: bool,
    ) -> Result<Vec<Effect>, Refusal> {
        let number = self.of_terminal(id, terminal)?;
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.watched = watched;
            entry.unwatched_since = (!watched).then_some(now);
        }
        Ok(self.after(now))
    }

    /// Somebody signs in at a desk; they take calls once they say so.
    pub fn sign_in(&mut self, now: Duration, desk: &str) -> Result<Vec<Effect>, Refusal> {
        if !self.plan.desks.contains_key(desk) {
            return Err(Refusal::NoDesk);
        }
        let known = self.desks.entry(desk.to_owned()).or_insert(Desk {
            presence: Presence::Break,
            watched: false,
            unwatched_since: Some(now),
            registered: None,
            rings: None,
            talks: None,
            work: None,
            unsaid: false,
            practice: None,
        });
        // It belonged to the session before.
        known.practice = None;
        Ok(self.after(now))
    }

    /// They sign out. A ticket that talked with them waits again, before all others.
    pub fn sign_out(&mut self, now: Duration, desk: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.lose(desk, &mut effects);
        self.desks.remove(desk);
        self.settle(now, &mut effects);
        effects
    }

    /// A clerk says whether they may ring.
    pub fn presence(
        &mut self,
        now: Duration,
        desk: &str,
        presence: Presence,
    ) -> Result<Vec<Effect>, Refusal> {
        let known = self.desks.get_mut(desk).ok_or(Refusal::NoDesk)?;
        known.presence = presence;
        let mut effects = Vec::new();
        if presence == Presence::Free
            && known.talks.is_none()
            && let Some((department, since)) = known.work.take()
        {
            let pace = self.paces.entry(department.clone()).or_default();
            pace.learn(now.saturating_sub(since));
            effects.push(Effect::Learned(department, *pace));
        }
        if presence != Presence::Free {
            self.unreserve(desk);
        }
        self.settle(now, &mut effects);
        Ok(effects)
    }

    /// The page of a desk is there, or its connection broke.
    pub fn watch_desk(
        &mut self,
        now: Duration,
        desk: &str,
        watched: bool,
    ) -> Result<Vec<Effect>, Refusal> {
        let known = self.desks.get_mut(desk).ok_or(Refusal::NoDesk)?;
        known.watched = watched;
        known.unwatched_since = (!watched).then_some(now);
        Ok(self.after(now))
    }

    /// The proxy knows where to reach a desk until then, or does not any more.
    pub fn register(
        &mut self,
        now: Duration,
        desk: &str,
        until: Option<Duration>,
    ) -> Result<Vec<Effect>, Refusal> {
        let known = self.desks.get_mut(desk).ok_or(Refusal::NoDesk)?;
        known.registered = until.filter(|until| *until > now);
        Ok(self.after(now))
    }

    /// Whether somebody is signed in there.
    pub fn is_signed_in(&self, desk: &str) -> bool {
        self.desks.contains_key(desk)
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Duration) -> Vec<Effect> {
        self.after(now)
    }

    fn after(&mut self, now: Duration) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.settle(now, &mut effects);
        effects
    }
}
