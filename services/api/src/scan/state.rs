// SPDX-License-Identifier: EUPL-1.2
//! What the service of the scanner publishes.

/// Why a page, or a document of pages, came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// The scanner went away.
    Gone,
    /// The scanner says nothing any more.
    Silent,
    /// Somebody else uses the scanner.
    Busy,
    /// A cover is open.
    CoverOpen,
    /// Paper is stuck in it.
    Jam,
    /// There is no paper in its feeder.
    NoPaper,
    /// What the scanner sent is no page.
    Damaged,
    /// The page is too much for the document.
    Full,
    /// The session's store did not take the document.
    Store,
    /// Something else.
    Other,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Gone,
        Self::Silent,
        Self::Busy,
        Self::CoverOpen,
        Self::Jam,
        Self::NoPaper,
        Self::Damaged,
        Self::Full,
        Self::Store,
        Self::Other,
    ];

    /// The word on the bus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Silent => "silent",
            Self::Busy => "busy",
            Self::CoverOpen => "cover-open",
            Self::Jam => "jam",
            Self::NoPaper => "no-paper",
            Self::Damaged => "damaged",
            Self::Full => "full",
            Self::Store => "store",
            Self::Other => "other",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|this| this.as_str() == word)
    }
}

/// `Work` on the bus: state, percent, reason.
pub type WorkWords = (String, u8, String);

/// What is being done, or was done last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Work {
    /// Nothing.
    #[default]
    Idle,
    /// A page is scanned; so many percent of it are there.
    Scanning(u8),
    /// A page is there.
    Kept,
    /// The pages become a document.
    Binding,
    /// The document is in the session's store.
    Done,
    /// It came to nothing.
    Trouble(Trouble),
}

impl Work {
    /// Whether something is being done.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Scanning(_) | Self::Binding)
    }

    /// As it is on the bus.
    pub fn words(self) -> WorkWords {
        let (state, percent, reason) = match self {
            Self::Idle => ("idle", 0, ""),
            Self::Scanning(percent) => ("scanning", percent, ""),
            Self::Kept => ("kept", 100, ""),
            Self::Binding => ("binding", 0, ""),
            Self::Done => ("done", 100, ""),
            Self::Trouble(why) => ("trouble", 0, why.as_str()),
        };
        (state.to_owned(), percent, reason.to_owned())
    }

    /// Reads what is on the bus; nothing where this version does not know the state.
    pub fn from_words((state, percent, reason): &WorkWords) -> Option<Self> {
        Some(match state.as_str() {
            "idle" => Self::Idle,
            "scanning" => Self::Scanning((*percent).min(100)),
            "kept" => Self::Kept,
            "binding" => Self::Binding,
            "done" => Self::Done,
            "trouble" => Self::Trouble(Trouble::parse(reason).unwrap_or(Trouble::Other)),
            _ => return None,
        })
    }
}

/// A page on the bus: number, quarter turns.
pub type PageWords = (u64, u8);

/// A page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Page {
    /// Its number, which no other page of this service has.
    pub id: u64,
    /// How often it was turned by a quarter, clockwise: 0 to 3.
    pub turns: u8,
}

impl Page {
    /// As it is on the bus.
    pub fn words(self) -> PageWords {
        (self.id, self.turns)
    }

    /// Reads what is on the bus.
    pub fn from_words((id, turns): &PageWords) -> Self {
        Self {
            id: *id,
            turns: turns % 4,
        }
    }
}

/// The properties together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `Scanner`.
    pub is_there: bool,
    /// `Work`.
    pub work: Work,
    /// `Pages`.
    pub pages: Vec<Page>,
    /// `Document`: nothing on the bus is 0.
    pub document: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves C13, T6: every state and reason is read as it was written; what this version does not know is never taken for all is well.
    #[test]
    fn words_are_read_as_written() {
        let mut works = vec![
            Work::Idle,
            Work::Scanning(0),
            Work::Scanning(42),
            Work::Kept,
            Work::Binding,
            Work::Done,
        ];
        works.extend(Trouble::ALL.map(Work::Trouble));
        for work in works {
            assert_eq!(Work::from_words(&work.words()), Some(work));
        }
        let read = |state: &str, percent, reason: &str| {
            Work::from_words(&(state.to_owned(), percent, reason.to_owned()))
        };
        assert_eq!(read("on fire", 0, ""), None);
        let strange = read("trouble", 0, "on fire");
        assert_eq!(strange, Some(Work::Trouble(Trouble::Other)));
        assert_eq!(read("scanning", 255, ""), Some(Work::Scanning(100)));
        let page = Page { id: 7, turns: 3 };
        assert_eq!(Page::from_words(&page.words()), page);
        assert_eq!(Page::from_words(&(7, 7)), page);
    }
}
