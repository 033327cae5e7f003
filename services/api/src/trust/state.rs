// SPDX-License-Identifier: EUPL-1.2
//! What the trust service publishes.

use serde::{Deserialize, Serialize};
use zbus::zvariant::{OwnedValue, Type, Value};

use super::Trust1ProxyBlocking;

/// Where the opening of the data volume stands. On the wire: its name in kebab case, as a string.
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
pub enum TrustState {
    /// Work is under way; nobody can do anything but wait.
    #[default]
    Opening,
    /// First boot of a case: a PIN has to be chosen.
    NewPin,
    /// The PIN is needed.
    Pin,
    /// The volume cannot be opened the usual way: the operator's recovery key is needed.
    Recovery,
    /// The volume is open and mounted.
    Open,
}

impl TrustState {
    /// All states, in the order of a boot.
    pub const ALL: [Self; 5] = [
        Self::Opening,
        Self::NewPin,
        Self::Pin,
        Self::Recovery,
        Self::Open,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::NewPin => "new-pin",
            Self::Pin => "pin",
            Self::Recovery => "recovery",
            Self::Open => "open",
        }
    }
}

/// The three properties together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `State`.
    pub state: TrustState,
    /// `Code`: what a person reads to the operator, two groups of four letters; empty unless `state` is recovery.
    pub code: String,
    /// `Reason`: one short machine word such as `tpm-mismatch` or `foreign-volume`; empty if there is none.
    pub reason: String,
}

impl Status {
    /// Reads the three properties through `proxy`.
    pub fn read(proxy: &Trust1ProxyBlocking<'_>) -> zbus::Result<Self> {
        Ok(Self {
            state: proxy.state()?,
            code: proxy.code()?,
            reason: proxy.reason()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O2: the words on the wire are the ones the contract names.
    #[test]
    fn wire_words_are_stable() {
        for state in TrustState::ALL {
            let value = Value::from(state);
            assert_eq!(value, Value::from(state.as_str()));
            assert_eq!(TrustState::try_from(value).unwrap(), state);
        }
        assert_eq!(TrustState::SIGNATURE, "s");
    }
}
