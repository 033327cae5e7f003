// SPDX-License-Identifier: EUPL-1.2
//! What the session service publishes, and the words of its calls.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zbus::zvariant::{OwnedValue, Type, Value};

use super::{MAX_WORD, Session1ProxyBlocking};

/// Where the session stands. On the wire: its name in kebab case, as a string.
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
pub enum SessionState {
    /// Nobody is there, and nothing of anybody.
    #[default]
    Idle,
    /// Somebody uses the device.
    Active,
    /// It will end soon unless somebody says that they need more time.
    Warned,
    /// Everything of it is being erased.
    Ending,
    /// Everything is erased. The device says so for a while.
    Erased,
}

impl SessionState {
    /// All states, in the order of a session.
    pub const ALL: [Self; 5] = [
        Self::Idle,
        Self::Active,
        Self::Warned,
        Self::Ending,
        Self::Erased,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Active => "active",
            Self::Warned => "warned",
            Self::Ending => "ending",
            Self::Erased => "erased",
        }
    }

    /// Whether somebody is being served.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Active | Self::Warned)
    }
}

/// How a session went. On the wire: its name in kebab case, as a string.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Type,
    Value,
    OwnedValue,
)]
#[serde(rename_all = "kebab-case")]
#[zvariant(signature = "s", rename_all = "kebab-case")]
pub enum Outcome {
    /// The person got what they came for.
    Done,
    /// The person was told where and when to go on.
    Referred,
    /// The person left, or nobody was there any more.
    Abandoned,
    /// The device could not do what was asked.
    Failed,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 4] = [Self::Done, Self::Referred, Self::Abandoned, Self::Failed];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Referred => "referred",
            Self::Abandoned => "abandoned",
            Self::Failed => "failed",
        }
    }
}

/// Whether `word` can be a language tag: lower-case letters, digits and `-`, not too long.
pub fn is_language(word: &str) -> bool {
    word.len() >= 2 && is_manner(word)
}

/// Whether `word` can say how a person wants the screen: the same letters, or nothing at all.
pub fn is_manner(word: &str) -> bool {
    word.len() <= MAX_WORD
        && word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The properties together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `State`.
    pub state: SessionState,
    /// `Deadline`: when the next time-out comes, in time since boot.
    pub deadline: Option<Duration>,
    /// `Progress`: how much is erased, 0 to 100.
    pub progress: u8,
    /// `Language`: what the person speaks; empty in `idle`.
    pub language: String,
    /// `Manner`: how the person wants the screen; empty in `idle`.
    pub manner: String,
}

impl Status {
    /// Reads the properties through `proxy`.
    pub fn read(proxy: &Session1ProxyBlocking<'_>) -> zbus::Result<Self> {
        Ok(Self {
            state: proxy.state()?,
            deadline: Self::deadline_of(proxy.deadline()?),
            progress: proxy.progress()?,
            language: proxy.language()?,
            manner: proxy.manner()?,
        })
    }

    /// What the number on the wire means.
    pub fn deadline_of(milliseconds: u64) -> Option<Duration> {
        (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
    }

    /// The number on the wire.
    pub fn deadline_ms(&self) -> u64 {
        // Nobody waits for 500 million years.
        self.deadline
            .map_or(0, |at| u64::try_from(at.as_millis()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T15: the words on the wire are the ones the contract names.
    #[test]
    fn wire_words_are_stable() {
        for state in SessionState::ALL {
            let value = Value::from(state);
            assert_eq!(value, Value::from(state.as_str()));
            assert_eq!(SessionState::try_from(value).unwrap(), state);
        }
        for outcome in Outcome::ALL {
            let value = Value::from(outcome);
            assert_eq!(value, Value::from(outcome.as_str()));
            assert_eq!(Outcome::try_from(value).unwrap(), outcome);
        }
        assert_eq!(SessionState::SIGNATURE, "s");
        assert_eq!(Outcome::SIGNATURE, "s");
    }

    /// Proves O5: what is no language tag is not counted as one.
    #[test]
    fn languages_are_tags() {
        for good in ["de", "de-leicht", "hsb", "ar"] {
            assert!(is_language(good), "{good}");
        }
        for bad in ["", "d", "DE", "de_DE", "Müller", &"x".repeat(MAX_WORD + 1)] {
            assert!(!is_language(bad), "{bad}");
        }
    }
}
