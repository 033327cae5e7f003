// SPDX-License-Identifier: EUPL-1.2
//! What the service of the printer publishes.

/// Why a printer does not print; the first ones are said before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hindrance {
    /// It does not answer.
    Offline,
    /// A cover or a tray is open.
    CoverOpen,
    /// Paper is stuck in it.
    Jam,
    /// There is no paper in it.
    PaperOut,
    /// There is no toner or ink in it, or no room for what is used up.
    TonerOut,
    /// Something else.
    Other,
}

impl Hindrance {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Offline,
        Self::CoverOpen,
        Self::Jam,
        Self::PaperOut,
        Self::TonerOut,
        Self::Other,
    ];

    /// The word on the bus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::CoverOpen => "cover-open",
            Self::Jam => "jam",
            Self::PaperOut => "paper-out",
            Self::TonerOut => "toner-out",
            Self::Other => "other",
        }
    }

    /// Reads the word; one that this version does not know is something else, an empty one is nothing.
    pub fn parse(word: &str) -> Option<Self> {
        let known = Self::ALL.into_iter().find(|this| this.as_str() == word);
        known.or((!word.is_empty()).then_some(Self::Other))
    }
}

/// Why a job came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Somebody did not want it any more.
    Cancelled,
    /// The document is locked with a password.
    Encrypted,
    /// The document cannot be drawn.
    Damaged,
    /// The document has too many pages, or is too much to draw.
    TooLarge,
    /// The printer went away.
    Gone,
    /// The printer did not take it, or gave it up.
    Rejected,
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Cancelled,
        Self::Encrypted,
        Self::Damaged,
        Self::TooLarge,
        Self::Gone,
        Self::Rejected,
    ];

    /// The word on the bus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Encrypted => "encrypted",
            Self::Damaged => "damaged",
            Self::TooLarge => "too-large",
            Self::Gone => "gone",
            Self::Rejected => "rejected",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|this| this.as_str() == word)
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum JobState {
    /// There is none.
    #[default]
    None,
    /// Nothing of it comes out yet.
    Waiting,
    /// It comes out.
    Printing,
    /// The printer does not print; it goes on when somebody has seen to it.
    Stopped(Hindrance),
    /// All of it is printed.
    Done,
    /// It will not be printed, or not all of it.
    Failed(Failure),
}

impl JobState {
    /// Whether it still has to be printed.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Waiting | Self::Printing | Self::Stopped(_))
    }

    /// State and reason as they are on the bus.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("none", ""),
            Self::Waiting => ("waiting", ""),
            Self::Printing => ("printing", ""),
            Self::Stopped(why) => ("stopped", why.as_str()),
            Self::Done => ("done", ""),
            Self::Failed(why) => ("failed", why.as_str()),
        }
    }

    /// Reads state and reason; nothing where this version does not know the state.
    pub fn from_words(state: &str, reason: &str) -> Option<Self> {
        Some(match state {
            "none" => Self::None,
            "waiting" => Self::Waiting,
            "printing" => Self::Printing,
            "stopped" => Self::Stopped(Hindrance::parse(reason).unwrap_or(Hindrance::Other)),
            "done" => Self::Done,
            "failed" => Self::Failed(Failure::parse(reason).unwrap_or(Failure::Rejected)),
            _ => return None,
        })
    }
}

/// `Job` on the bus: number, state, page, pages, reason.
pub type JobWords = (u64, String, u32, u32, String);

/// The job that was last asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Job {
    /// Its number; 0 if there is none.
    pub id: u64,
    /// Where it stands.
    pub state: JobState,
    /// The page that comes out, or came out last; 0 before the first.
    pub page: u32,
    /// All pages; 0 while nobody knows.
    pub pages: u32,
}

impl Job {
    /// As it is on the bus.
    pub fn words(&self) -> JobWords {
        let (state, reason) = self.state.words();
        let (state, reason) = (state.to_owned(), reason.to_owned());
        (self.id, state, self.page, self.pages, reason)
    }

    /// Reads what is on the bus.
    pub fn from_words((id, state, page, pages, reason): &JobWords) -> Option<Self> {
        Some(Self {
            id: *id,
            state: JobState::from_words(state, reason)?,
            page: *page,
            pages: *pages,
        })
    }
}

/// `Printer` on the bus: whether there is one, and what it lacks.
pub type PrinterWords = (bool, String);

/// The printer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Printer {
    /// There is none.
    #[default]
    Absent,
    /// It prints.
    Ready,
    /// It is there, and lacks something.
    Hindered(Hindrance),
}

impl Printer {
    /// What it lacks.
    pub fn hindrance(self) -> Option<Hindrance> {
        match self {
            Self::Hindered(hindrance) => Some(hindrance),
            Self::Absent | Self::Ready => None,
        }
    }

    /// As it is on the bus.
    pub fn words(self) -> PrinterWords {
        let reason = self.hindrance().map_or("", Hindrance::as_str).to_owned();
        (self != Self::Absent, reason)
    }

    /// Reads what is on the bus.
    pub fn from_words((present, reason): &PrinterWords) -> Self {
        match (present, Hindrance::parse(reason)) {
            (false, _) => Self::Absent,
            (true, None) => Self::Ready,
            (true, Some(hindrance)) => Self::Hindered(hindrance),
        }
    }
}

/// The properties together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `Printer`.
    pub printer: Printer,
    /// `Job`.
    pub job: Job,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves C13: every state and reason is read as it was written; what this version does not know is never taken for all is well.
    #[test]
    fn words_are_read_as_written() {
        let stopped = Hindrance::ALL.map(JobState::Stopped);
        let failed = Failure::ALL.map(JobState::Failed);
        let mut states = vec![
            JobState::None,
            JobState::Waiting,
            JobState::Printing,
            JobState::Done,
        ];
        states.extend(stopped.into_iter().chain(failed));
        for state in states {
            let job = Job {
                id: 7,
                state,
                page: 2,
                pages: 3,
            };
            assert_eq!(Job::from_words(&job.words()), Some(job));
        }
        let mut printers = vec![Printer::Absent, Printer::Ready];
        printers.extend(Hindrance::ALL.map(Printer::Hindered));
        for printer in printers {
            assert_eq!(Printer::from_words(&printer.words()), printer);
        }
        let strange = Printer::from_words(&(true, "on fire".into()));
        assert_eq!(strange, Printer::Hindered(Hindrance::Other));
        let strange = JobState::from_words("stopped", "on fire");
        assert_eq!(strange, Some(JobState::Stopped(Hindrance::Other)));
        assert_eq!(JobState::from_words("on fire", ""), None);
    }
}
