// SPDX-License-Identifier: EUPL-1.2
//! What the service of the applications publishes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zbus::zvariant::{OwnedValue, Type, Value};

use super::{MAX_APPLICATIONS, MAX_ID};

/// How it stands with the application that was started. On the wire: its name in kebab case, as a string.
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
pub enum RunState {
    /// None is.
    #[default]
    Stopped,
    /// Its program runs.
    Running,
    /// It fell, and is started again.
    Restarting,
    /// It fell, and is not started again by itself.
    Failed,
}

impl RunState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Stopped, Self::Running, Self::Restarting, Self::Failed];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Running => "running",
            Self::Restarting => "restarting",
            Self::Failed => "failed",
        }
    }
}

/// Why an application fell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fall {
    /// Its server is not reached, or was lost.
    Unreachable,
    /// Its server could not prove that it is the one the site means.
    Untrusted,
    /// Its program crashed, or did not answer any more.
    Crashed,
}

impl Fall {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Unreachable, Self::Untrusted, Self::Crashed];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted",
            Self::Crashed => "crashed",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fall| fall.as_str() == word)
    }
}

/// The properties together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `Applications`: the ids of those released.
    pub released: Vec<String>,
    /// `State`.
    pub state: RunState,
    /// `Application`: the id of the one that was started.
    pub application: String,
    /// `Reason`: why it fell last, if it did.
    pub reason: Option<Fall>,
    /// `Retry`: when it is started again, since boot.
    pub retry: Option<Duration>,
}

impl Status {
    /// `Reason` as it is on the wire.
    pub fn reason_word(&self) -> &'static str {
        self.reason.map_or("", Fall::as_str)
    }

    /// `Retry` as it is on the wire.
    pub fn retry_ms(&self) -> u64 {
        let retry = self.retry.unwrap_or_default();
        u64::try_from(retry.as_millis()).unwrap_or(u64::MAX)
    }

    /// `Retry` read from the wire.
    pub fn retry_of(ms: u64) -> Option<Duration> {
        (ms != 0).then(|| Duration::from_millis(ms))
    }
}

/// Reads the ids on the bus; what is too much or too long is left out.
pub fn released_from(words: Vec<String>) -> Vec<String> {
    let fit = words.into_iter().filter(|id| id.len() <= MAX_ID);
    fit.take(MAX_APPLICATIONS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves C2: the words on the wire are the ones the contract names; what is too much does no harm.
    #[test]
    fn wire_words_are_stable() {
        for state in RunState::ALL {
            let value = Value::from(state);
            assert_eq!(value, Value::from(state.as_str()));
            assert_eq!(RunState::try_from(value).unwrap(), state);
        }
        for fall in Fall::ALL {
            assert_eq!(Fall::parse(fall.as_str()), Some(fall));
        }
        assert_eq!(Fall::parse(""), None);
        assert_eq!(Status::default().reason_word(), "");
        assert_eq!(Status::retry_of(0), None);
        let many = vec!["a".to_owned(); 100];
        assert_eq!(released_from(many).len(), MAX_APPLICATIONS);
        assert!(released_from(vec!["a".repeat(MAX_ID + 1)]).is_empty());
    }
}
