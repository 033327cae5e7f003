// SPDX-License-Identifier: EUPL-1.2
//! The scanner, and the pages that the visitor puts on it.

use std::sync::Arc;

use api::scan::{Page, Status, Work};
use tiny_skia::Pixmap;

use super::State;
use super::scan_asked::ScanAsked;

/// What the visitor wants of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To have them with this visit, to hand them in.
    Keep,
    /// To have them on paper again.
    Copy,
}

/// A small picture of a page, as it was scanned.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The page's number.
    pub page: u64,
    /// Its pixels.
    pub pixels: Arc<Pixmap>,
}

/// What there is of scanning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    /// The scanner and the pages; nothing while the service is not there.
    pub status: Option<Status>,
    /// The last page, to look at.
    pub preview: Option<Preview>,
    /// The document that is, or was, printed as a copy.
    pub copied: Option<u64>,
    /// What the other side of a conversation asks to be scanned.
    pub asked: Option<ScanAsked>,
    /// All pages have to go.
    pub clears: bool,
}

impl Scan {
    /// Whether there is a scanner.
    pub fn is_there(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.is_there)
    }

    /// What is being done, or was done last.
    pub fn work(&self) -> Work {
        self.status
            .as_ref()
            .map_or(Work::Idle, |status| status.work)
    }

    /// The pages that are there.
    pub fn pages(&self) -> &[Page] {
        self.status.as_ref().map_or(&[], |status| &status.pages)
    }

    /// The last of them, which is the one that is looked at.
    pub fn last(&self) -> Option<Page> {
        self.pages().last().copied()
    }

    /// Whether nothing is there or under way of what was scanned before.
    pub fn is_clear(&self) -> bool {
        self.pages().is_empty() && self.work() == Work::Idle
    }

    /// The picture of the last page, with its quarter turns.
    pub fn picture(&self) -> Option<(&Arc<Pixmap>, u8)> {
        let last = self.last()?;
        let preview = self
            .preview
            .as_ref()
            .filter(|preview| preview.page == last.id)?;
        Some((&preview.pixels, last.turns))
    }
}

impl State {
    /// Whether papers can be scanned here, or are there already.
    pub fn can_scan(&self) -> bool {
        self.scan.is_there() || !self.scan.pages().is_empty()
    }
}
