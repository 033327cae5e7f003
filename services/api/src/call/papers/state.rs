// SPDX-License-Identifier: EUPL-1.2
//! What is published of a call's papers.

use serde::{Deserialize, Serialize};
use zbus::zvariant::{OwnedValue, Type, Value};

use crate::scan::Trouble;
use crate::session::Kind;

/// A document of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type, Value, OwnedValue)]
pub struct Received {
    /// Its number in this call.
    pub id: u32,
    /// What it is.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// How large it is.
    pub bytes: u64,
    /// How much of it has come.
    pub had: u64,
    /// It is there.
    pub whole: bool,
}

/// How far it is with a document of the terminal. On the wire: its name in kebab case, as a string.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type, Value, OwnedValue,
)]
#[serde(rename_all = "kebab-case")]
#[zvariant(signature = "s", rename_all = "kebab-case")]
pub enum SentState {
    /// It is on its way.
    Going,
    /// The desk has it.
    Whole,
    /// The desk does not take it.
    Refused,
}

/// A document of the terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type, Value, OwnedValue)]
pub struct Sent {
    /// Its number in this call, apart from those of the desk.
    pub id: u32,
    /// What it is.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// How large it is.
    pub bytes: u64,
    /// How much of it the desk has.
    pub had: u64,
    /// How far it is.
    pub state: SentState,
}

/// What the desk shows.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type, Value, OwnedValue,
)]
pub struct Shown {
    /// Which of its documents; 0 is none.
    pub id: u32,
    /// Which page, the first is 1; 0 where there is no document.
    pub page: u32,
}

/// An answer to a print. On the wire: its name in kebab case, as a string; empty where there is none yet.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type, Value, OwnedValue,
)]
#[serde(rename_all = "kebab-case")]
#[zvariant(signature = "s", rename_all = "kebab-case")]
pub enum PrintAnswer {
    /// The citizen agrees.
    Agreed,
    /// The citizen does not.
    Declined,
    /// It has come out.
    Printed,
    /// It could not be printed.
    Failed,
}

impl PrintAnswer {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Agreed, Self::Declined, Self::Printed, Self::Failed];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Declined => "declined",
            Self::Printed => "printed",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == word)
    }
}

/// What the desk has asked to be printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type, Value, OwnedValue)]
pub struct Print {
    /// The number of what is asked; 0 where nothing was.
    pub request: u32,
    /// Which document of the desk.
    pub id: u32,
    /// How often.
    pub copies: u32,
    /// A word of [`PrintAnswer`], or empty.
    pub answer: String,
}

/// An answer to what was asked to be scanned. On the wire: a word, and with some of them a word of [`Trouble`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanAnswer {
    /// The citizen agrees, and puts pages on the scanner.
    Agreed,
    /// That is held up by this; it may go on.
    Hindered(Trouble),
    /// The citizen does not agree, or not any more.
    Declined,
    /// The desk has the document.
    Sent,
    /// It came to nothing, because of this.
    Failed(Trouble),
}

impl ScanAnswer {
    /// As it is on the bus: the word, and the reason where there is one.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Agreed => ("agreed", ""),
            Self::Hindered(trouble) => ("hindered", trouble.as_str()),
            Self::Declined => ("declined", ""),
            Self::Sent => ("sent", ""),
            Self::Failed(trouble) => ("failed", trouble.as_str()),
        }
    }

    /// Reads what is on the bus.
    pub fn parse(word: &str, reason: &str) -> Option<Self> {
        let trouble = Trouble::parse(reason);
        match (word, trouble) {
            ("hindered", Some(trouble)) => Some(Self::Hindered(trouble)),
            ("failed", Some(trouble)) => Some(Self::Failed(trouble)),
            ("agreed", None) if reason.is_empty() => Some(Self::Agreed),
            ("declined", None) if reason.is_empty() => Some(Self::Declined),
            ("sent", None) if reason.is_empty() => Some(Self::Sent),
            _ => None,
        }
    }

    /// Whether nothing comes after it.
    pub const fn is_last(self) -> bool {
        !matches!(self, Self::Agreed | Self::Hindered(_))
    }

    /// Whether it may come after `before`, the answer until then.
    pub fn follows(self, before: Option<Self>) -> bool {
        match before {
            // Who has no scanner need not be asked.
            None => matches!(self, Self::Agreed | Self::Declined | Self::Failed(_)),
            Some(before) => !before.is_last() && before != self,
        }
    }
}

/// What the desk has asked to be scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type, Value, OwnedValue)]
pub struct Scan {
    /// The number of what is asked; 0 where nothing was.
    pub request: u32,
    /// A word of [`ScanAnswer`], or empty.
    pub answer: String,
    /// Its reason, or empty.
    pub reason: String,
}

/// The properties together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `Received`: documents of the desk.
    pub received: Vec<Received>,
    /// `Sent`: documents of the terminal.
    pub sent: Vec<Sent>,
    /// `Shown`: what the desk shows.
    pub shown: Shown,
    /// `Shares`: it shows its screen instead, in the picture of the call.
    pub shares: bool,
    /// `Print`: what the desk has asked to be printed.
    pub print: Print,
    /// `Scan`: what the desk has asked to be scanned.
    pub scan: Scan,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T5: the words on the wire are the ones the contract names.
    #[test]
    fn wire_words_are_stable() {
        for answer in PrintAnswer::ALL {
            assert_eq!(Value::from(answer), Value::from(answer.as_str()));
            assert_eq!(PrintAnswer::parse(answer.as_str()), Some(answer));
        }
        assert_eq!(PrintAnswer::parse(""), None);
        let troubles = Trouble::ALL.into_iter();
        let reasons = troubles.flat_map(|one| [ScanAnswer::Hindered(one), ScanAnswer::Failed(one)]);
        let others = [ScanAnswer::Agreed, ScanAnswer::Declined, ScanAnswer::Sent];
        for answer in reasons.chain(others) {
            let (word, reason) = answer.words();
            assert_eq!(ScanAnswer::parse(word, reason), Some(answer));
        }
        for (word, reason) in [
            ("", ""),
            ("failed", ""),
            ("sent", "jam"),
            ("agreed", "fire"),
        ] {
            assert_eq!(ScanAnswer::parse(word, reason), None, "{word} {reason}");
        }
        let words = [SentState::Going, SentState::Whole, SentState::Refused].map(Value::from);
        assert_eq!(words, ["going", "whole", "refused"].map(Value::from));
    }
}
