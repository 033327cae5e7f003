// SPDX-License-Identifier: EUPL-1.2
//! What the service of calls publishes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zbus::zvariant::{OwnedValue, Type, Value};

/// How it stands with a call. On the wire: its name in kebab case, as a string.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Type,
    Value,
    OwnedValue,
)]
#[serde(rename_all = "kebab-case")]
#[zvariant(signature = "s", rename_all = "kebab-case")]
pub enum CallState {
    /// There is none.
    #[default]
    Idle,
    /// It was begun, and nothing rings yet: others may be first.
    Waiting,
    /// It rings at the department.
    Ringing,
    /// Both sides see and hear each other.
    Talking,
    /// We have paused it.
    Paused,
    /// The other side has paused it.
    Held,
    /// The link was lost; it goes on when it is back.
    Mending,
    /// It has ended.
    Ended,
}

impl CallState {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Idle,
        Self::Waiting,
        Self::Ringing,
        Self::Talking,
        Self::Paused,
        Self::Held,
        Self::Mending,
        Self::Ended,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Waiting => "waiting",
            Self::Ringing => "ringing",
            Self::Talking => "talking",
            Self::Paused => "paused",
            Self::Held => "held",
            Self::Mending => "mending",
            Self::Ended => "ended",
        }
    }

    /// Whether the other side has answered and the call has not ended.
    pub const fn is_answered(self) -> bool {
        matches!(
            self,
            Self::Talking | Self::Paused | Self::Held | Self::Mending
        )
    }
}

/// Why a call has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// We have hung up.
    HungUp,
    /// The other side has.
    OtherHungUp,
    /// Nobody has answered in time.
    Unanswered,
    /// Everybody there is busy.
    Busy,
    /// Nobody is at the department at this time.
    Closed,
    /// There is no such department.
    Unknown,
    /// The exchange is not reached.
    Unreachable,
    /// What answers cannot prove to be the exchange.
    Untrusted,
    /// The exchange does not take this device's credentials.
    Credentials,
    /// Calls are not set up at this device: it knows no exchange, or is not enrolled there yet.
    NotSetUp,
    /// The link was lost and did not come back in time.
    Lost,
    /// Camera, microphone or something else of the device does not work.
    Device,
    /// The other side speaks of media that we do not take, or something else went wrong.
    Failed,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::HungUp,
        Self::OtherHungUp,
        Self::Unanswered,
        Self::Busy,
        Self::Closed,
        Self::Unknown,
        Self::Unreachable,
        Self::Untrusted,
        Self::Credentials,
        Self::NotSetUp,
        Self::Lost,
        Self::Device,
        Self::Failed,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HungUp => "hung-up",
            Self::OtherHungUp => "other-hung-up",
            Self::Unanswered => "unanswered",
            Self::Busy => "busy",
            Self::Closed => "closed",
            Self::Unknown => "unknown",
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted",
            Self::Credentials => "credentials",
            Self::NotSetUp => "not-set-up",
            Self::Lost => "lost",
            Self::Device => "device",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// The properties together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `State`.
    pub state: CallState,
    /// `Department`: the id of the one that is or was called.
    pub department: String,
    /// `Reason`: why the last call ended, if there was one.
    pub reason: Option<Reason>,
    /// `Muted`: no sound of ours is sent.
    pub muted: bool,
    /// `Unseen`: our camera is away, and the other side sees nothing.
    pub unseen: bool,
    /// `Position`: the place among those who wait for the department, from 1.
    pub position: Option<u32>,
    /// `Wait`: how long it will still be, if that is known.
    pub wait: Option<Duration>,
}

impl Status {
    /// `Reason` as it is on the wire.
    pub fn reason_word(&self) -> &'static str {
        self.reason.map_or("", Reason::as_str)
    }

    /// `Wait` as it is on the wire: seconds, -1 where nothing is known.
    pub fn wait_seconds(&self) -> i64 {
        self.wait
            .map_or(-1, |wait| i64::try_from(wait.as_secs()).unwrap_or(i64::MAX))
    }

    /// `Wait` read from the wire.
    pub fn wait_of(seconds: i64) -> Option<Duration> {
        u64::try_from(seconds).ok().map(Duration::from_secs)
    }

    /// `Position` read from the wire.
    pub fn position_of(position: u32) -> Option<u32> {
        (position > 0).then_some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::is_department;

    /// Proves T1: the words on the wire are the ones the contract names.
    #[test]
    fn wire_words_are_stable() {
        for state in CallState::ALL {
            let value = Value::from(state);
            assert_eq!(value, Value::from(state.as_str()));
            assert_eq!(CallState::try_from(value).unwrap(), state);
        }
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
        }
        assert_eq!(Reason::parse(""), None);
        assert_eq!(Status::default().reason_word(), "");
        assert_eq!(Status::default().wait_seconds(), -1);
        for seconds in [0, 1, 3600] {
            let wait = Status::wait_of(seconds);
            let status = Status {
                wait,
                ..Status::default()
            };
            assert_eq!((wait.is_some(), status.wait_seconds()), (true, seconds));
        }
        assert_eq!(Status::wait_of(-7), None);
        assert_eq!(Status::position_of(0), None);
    }

    /// Proves T2: what is called is a department and never an address of somebody else's.
    #[test]
    fn departments_are_plain_words() {
        assert!(is_department("meldestelle") && is_department("t-17.b_2"));
        let long = "a".repeat(65);
        for id in ["", "a@b", "a b", "a;b", "sip:a", "a\r\nb", "ä", &long] {
            assert!(!is_department(id), "{id}");
        }
    }
}
