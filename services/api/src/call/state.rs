// SPDX-License-Identifier: EUPL-1.2
//! What the service of calls publishes.

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
    /// It was begun, and nothing rings yet.
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
    /// There is no such department.
    Unknown,
    /// The exchange is not reached.
    Unreachable,
    /// What answers cannot prove to be the exchange.
    Untrusted,
    /// The exchange does not take this device's credentials, or there are none.
    Credentials,
    /// The link was lost and did not come back in time.
    Lost,
    /// Camera, microphone or something else of the device does not work.
    Device,
    /// The other side speaks of media that we do not take, or something else went wrong.
    Failed,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::HungUp,
        Self::OtherHungUp,
        Self::Unanswered,
        Self::Busy,
        Self::Unknown,
        Self::Unreachable,
        Self::Untrusted,
        Self::Credentials,
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
            Self::Unknown => "unknown",
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted",
            Self::Credentials => "credentials",
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
}

impl Status {
    /// `Reason` as it is on the wire.
    pub fn reason_word(&self) -> &'static str {
        self.reason.map_or("", Reason::as_str)
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
