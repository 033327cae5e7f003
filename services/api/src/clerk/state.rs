// SPDX-License-Identifier: EUPL-1.2
//! What the clerk service publishes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zbus::zvariant::{OwnedValue, Type, Value};

use super::Clerk1ProxyBlocking;

/// Where the signing in stands. On the wire: its name in kebab case, as a string.
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
pub enum ClerkState {
    /// No password has been chosen yet.
    Unset,
    /// Nobody is signed in.
    #[default]
    SignedOut,
    /// The clerk is there.
    SignedIn,
    /// The clerk is signed in and away.
    Locked,
    /// What is kept of the password cannot be read: nobody can sign in.
    Damaged,
}

impl ClerkState {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Unset,
        Self::SignedOut,
        Self::SignedIn,
        Self::Locked,
        Self::Damaged,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::SignedOut => "signed-out",
            Self::SignedIn => "signed-in",
            Self::Locked => "locked",
            Self::Damaged => "damaged",
        }
    }
}

/// The properties together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `State`.
    pub state: ClerkState,
    /// `Retry`: before this time since boot no try is taken.
    pub retry: Option<Duration>,
}

impl Status {
    /// `Retry` as it is on the wire, rounded up: whoever waits so long is not too early.
    pub fn retry_ms(&self) -> u64 {
        let retry = self.retry.unwrap_or_default();
        u64::try_from(retry.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
    }

    /// `Retry` read from the wire.
    pub fn retry_of(ms: u64) -> Option<Duration> {
        (ms != 0).then(|| Duration::from_millis(ms))
    }

    /// Reads the properties through `proxy`.
    pub fn read(proxy: &Clerk1ProxyBlocking<'_>) -> zbus::Result<Self> {
        Ok(Self {
            state: proxy.state()?,
            retry: Self::retry_of(proxy.retry()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves C6: the words on the wire are the ones the contract names, and no wait becomes shorter on it.
    #[test]
    fn wire_words_are_stable() {
        for state in ClerkState::ALL {
            let value = Value::from(state);
            assert_eq!(value, Value::from(state.as_str()));
            assert_eq!(ClerkState::try_from(value).unwrap(), state);
        }
        assert_eq!(ClerkState::SIGNATURE, "s");
        let status = Status {
            retry: Some(Duration::from_micros(1_000_001)),
            ..Status::default()
        };
        assert_eq!(status.retry_ms(), 1001);
        assert_eq!(Status::retry_of(0), None);
    }
}
