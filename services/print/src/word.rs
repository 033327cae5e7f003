// SPDX-License-Identifier: EUPL-1.2
//! What the process of a job, or of a page for the screen, says of its work: a line each, on its standard output. Nothing of the document is in it.

use std::fmt;

use api::print::Failure;

/// The longest line.
pub const LINE: u64 = 64;

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// There are so many pages, all copies together.
    Pages(u32),
    /// The printer has given it this number.
    Taken(i32),
    /// This page, from 1 on, is sent.
    Page(u32),
    /// All of it is sent, and the printer has taken it.
    Sent,
    /// It cannot be printed, or drawn.
    Failed(Failure),
    /// A page for the screen is there, beside this word; the document has so many.
    Drawn(u32),
    /// There is no such page; the document has so many.
    NoPage(u32),
}

impl Word {
    /// Reads a line.
    pub fn parse(line: &str) -> Option<Self> {
        let (word, rest) = line
            .trim_end()
            .split_once(' ')
            .unwrap_or((line.trim_end(), ""));
        Some(match word {
            "pages" => Self::Pages(rest.parse().ok()?),
            "taken" => Self::Taken(rest.parse().ok()?),
            "page" => Self::Page(rest.parse().ok()?),
            "sent" => Self::Sent,
            "failed" => Self::Failed(Failure::parse(rest)?),
            "drawn" => Self::Drawn(rest.parse().ok()?),
            "no-page" => Self::NoPage(rest.parse().ok()?),
            _ => return None,
        })
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pages(pages) => write!(f, "pages {pages}"),
            Self::Taken(number) => write!(f, "taken {number}"),
            Self::Page(page) => write!(f, "page {page}"),
            Self::Sent => f.write_str("sent"),
            Self::Failed(failure) => write!(f, "failed {}", failure.as_str()),
            Self::Drawn(pages) => write!(f, "drawn {pages}"),
            Self::NoPage(pages) => write!(f, "no-page {pages}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T7: every word is read as it was written, and nothing else is taken for one.
    #[test]
    fn words_are_read_as_written() {
        let mut words = vec![
            Word::Pages(60),
            Word::Taken(-1),
            Word::Taken(i32::MAX),
            Word::Page(3),
            Word::Sent,
            Word::Drawn(1),
            Word::NoPage(60),
        ];
        words.extend(Failure::ALL.map(Word::Failed));
        for word in words {
            let line = format!("{word}\n");
            assert!((line.len() as u64) < LINE);
            assert_eq!(Word::parse(&line), Some(word));
        }
        for line in ["", "pages", "page -1", "failed", "failed on fire", "a b c"] {
            assert_eq!(Word::parse(line), None, "{line}");
        }
    }
}
