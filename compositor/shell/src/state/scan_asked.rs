// SPDX-License-Identifier: EUPL-1.2
//! What the other side of a conversation asks to be scanned: the visitor is asked, puts pages on the scanner, and sends them. Until then
//! the other side has nothing of them.

use std::time::Duration;

use api::call::papers::{Sent, SentState};
use api::scan::{Trouble, Work};

use super::State;

/// A paper that the other side would like to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanAsked {
    /// The number of what is asked.
    pub request: u32,
    /// Since when it is asked (uptime).
    pub since: Duration,
    /// How far it is.
    pub step: ScanStep,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanStep {
    /// The visitor has not answered.
    Question,
    /// Pages are put on the scanner.
    Scans(Scans),
    /// The document goes to the other side.
    Goes {
        /// Its number in the session's store.
        document: u64,
        /// Its number in the conversation, once it has one.
        id: Option<u32>,
    },
    /// This has become of it, and the visitor reads so.
    Over(ScanOver),
    /// There is nothing more to say of it.
    Settled,
}

/// Pages on their way to be a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scans {
    /// Nothing of what was scanned before is left: it is not what was asked for.
    pub is_clear: bool,
    /// What the other side has heard of that keeps the scanner.
    pub told: Option<Trouble>,
    /// The page that the visitor has looked at and finds good.
    pub good: Option<u64>,
    /// The visitor wants all of it sent.
    pub sends: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanOver {
    /// The other side has it.
    Sent,
    /// It could not be sent.
    NotSent,
    /// There is no scanner.
    NoScanner,
}

impl ScanStep {
    /// Whether the other side waits for something.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Question | Self::Scans(_) | Self::Goes { .. })
    }
}

impl State {
    /// What the visitor is asked, or told, of scanning for the other side.
    pub fn scan_asked(&self) -> Option<&ScanAsked> {
        let asked = self.scan.asked.as_ref()?;
        (asked.step != ScanStep::Settled && self.sees_papers()).then_some(asked)
    }

    /// What keeps a page from coming.
    pub fn scan_trouble(&self) -> Option<Trouble> {
        match self.scan.work() {
            Work::Trouble(trouble) => Some(trouble),
            Work::Idle | Work::Kept if !self.scan.is_there() && self.scan.last().is_none() => {
                Some(Trouble::Gone)
            }
            Work::Idle | Work::Kept | Work::Scanning(_) | Work::Binding | Work::Done => None,
        }
    }

    /// What the service of calls tells of a document that goes to the other side.
    pub fn sent(&self, id: Option<u32>) -> Option<&Sent> {
        let mut all = self.call.papers.status.sent.iter();
        all.find(|sent| Some(sent.id) == id)
    }

    /// How much of it the other side has, in percent: never all before it is all.
    pub fn sent_percent(&self, id: Option<u32>) -> u8 {
        self.sent(id).map_or(0, |sent| {
            let percent = sent.had.saturating_mul(100) / sent.bytes.max(1);
            match sent.state {
                SentState::Whole => 100,
                SentState::Going | SentState::Refused => percent.min(99) as u8,
            }
        })
    }
}
