// SPDX-License-Identifier: EUPL-1.2
//! A conversation with somebody at a department: what the service of calls tells, and what was written meanwhile.

use std::time::Duration;

use api::call::{CallState, Reason, Status};
use api::secret::Secret;

use super::papers::Papers;
use super::{Stage, State};
use crate::keyboard::Keyboard;

/// Who talks to somebody is there, touching the screen or not: the session service hears of it this often.
pub const PRESENCE: Duration = Duration::from_secs(20);
/// So many pieces of what was written are kept, the newest.
pub const MAX_LINES: usize = 40;

/// Where a conversation stands, for whoever looks at the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// The department is being called, or others are first.
    Rings,
    /// Both see and hear each other.
    Talks,
    /// It is paused from here.
    Paused,
    /// It is paused from the other side.
    Held,
    /// The link was lost; it goes on when it is back.
    Mending,
    /// It has ended, and not by hanging up here.
    Over(Over),
}

/// How a conversation has ended, as far as it makes a difference to the visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Over {
    /// The other side has hung up.
    Ended,
    /// Nobody had time.
    Busy,
    /// Nobody is there any more at this time.
    Closed,
    /// Camera or microphone of the device do not work.
    Device,
    /// The town hall is not reached, or no longer.
    Failed,
}

impl Over {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Ended,
        Self::Busy,
        Self::Closed,
        Self::Device,
        Self::Failed,
    ];

    /// What an end means to the visitor; nothing where they have wanted it.
    pub fn of(reason: Option<Reason>) -> Option<Self> {
        match reason {
            Some(Reason::HungUp) => None,
            Some(Reason::OtherHungUp) => Some(Self::Ended),
            Some(Reason::Unanswered | Reason::Busy) => Some(Self::Busy),
            Some(Reason::Closed) => Some(Self::Closed),
            Some(Reason::Device) => Some(Self::Device),
            None
            | Some(
                Reason::Unknown
                | Reason::Unreachable
                | Reason::Untrusted
                | Reason::Credentials
                | Reason::NotSetUp
                | Reason::Lost
                | Reason::Failed,
            ) => Some(Self::Failed),
        }
    }
}

/// Who has written something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The visitor.
    Ours,
    /// Somebody at the department.
    Theirs,
}

/// A piece of what was written. It is the visitor's, and overwritten when it is no longer needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// By whom.
    pub side: Side,
    /// What.
    pub text: Secret,
    /// Whether its writer has gone on to the next one.
    pub ended: bool,
}

/// What there is of conversations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    /// What the service tells; nothing while it is not there, and then nobody can be called.
    pub status: Option<Status>,
    /// How the last one has ended, until the visitor has read it.
    pub over: Option<Over>,
    /// Whether the other side has answered in this visit.
    pub was_answered: bool,
    /// Whether the service was asked to end it and has not told of anything since.
    pub ends: bool,
    /// What was written, the newest last.
    pub lines: Vec<Line>,
    /// The keys, while the visitor writes.
    pub keyboard: Option<Keyboard>,
    /// When the session service hears next that somebody is there (uptime).
    pub presence: Option<Duration>,
    /// The papers.
    pub papers: Papers,
    /// How many pixels the picture has in the frame, once there was one.
    pub room: Option<(u32, u32)>,
    /// What of it the service was told in this conversation.
    pub told_room: Option<(u32, u32)>,
}

impl Call {
    /// Where the service stands.
    pub fn stands(&self) -> CallState {
        self.status
            .as_ref()
            .map_or(CallState::Idle, |status| status.state)
    }

    /// Whether there is one that has not ended.
    pub fn is_on(&self) -> bool {
        !matches!(self.stands(), CallState::Idle | CallState::Ended)
    }

    /// Forgets everything that is a visitor's.
    pub fn forget(&mut self) {
        let status = self.status.take();
        let ends = self.ends;
        let mut papers = std::mem::take(&mut self.papers);
        papers.forget();
        let room = self.room;
        *self = Self {
            status,
            ends,
            papers,
            room,
            ..Self::default()
        };
    }
}

impl State {
    /// What is seen of a conversation, if there is one.
    pub fn call_view(&self) -> Option<View> {
        let there = self.stage == Stage::Open && self.clerk.is_none();
        if !there || self.session.is_none() || self.visit.here().is_none() {
            return None;
        }
        match self.call.stands() {
            CallState::Waiting | CallState::Ringing => Some(View::Rings),
            CallState::Talking => Some(View::Talks),
            CallState::Paused => Some(View::Paused),
            CallState::Held => Some(View::Held),
            CallState::Mending => Some(View::Mending),
            CallState::Idle | CallState::Ended => self.call.over.map(View::Over),
        }
    }

    /// Whether somebody can be called at this device, if anybody is there.
    pub fn can_call(&self) -> bool {
        self.call.status.is_some()
    }

    /// Whether somebody is there to be called at this department (by its number in the site) now.
    pub fn is_staffed(&self, department: usize) -> bool {
        let department = self.site.departments.get(department);
        department.is_some_and(|department| {
            let now = &self.now;
            department.hours.running(now.weekday, now.time).is_some()
        })
    }

    /// The department (by its number in the site) that can be called now for help at the device itself.
    pub fn helper(&self) -> Option<usize> {
        let helper = self.site.help.filter(|_| self.can_call());
        helper.filter(|department| self.is_staffed(*department))
    }

    /// The department (by its number in the site) that the conversation is with.
    pub fn called_department(&self) -> Option<usize> {
        let id = &self.call.status.as_ref()?.department;
        let mut all = self.site.departments.iter();
        all.position(|department| department.id == *id)
    }

    /// When the session service has to hear of the visitor again (uptime), if nothing changes.
    pub(super) fn call_deadline(&self) -> Option<Duration> {
        self.call.presence
    }
}
