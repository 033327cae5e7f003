// SPDX-License-Identifier: EUPL-1.2
//! The papers of a conversation: what the other side shows beside its face, and what it asks to be printed. All of it is the visitor's and
//! goes with the conversation.

use std::time::Duration;

use super::State;
use super::call::View;
use crate::node::Pixels;
use api::call::papers::{Received, Shown, Status};
use api::print::Job;
use api::session::Kind;

/// A question that has just come cannot have been meant by a finger that comes down: so long it is not answered.
pub const SETTLE: Duration = Duration::from_millis(700);
/// So many characters of a document's name are shown.
const NAME: usize = 48;
/// What a document is is seen: the end of its name that says so is left out.
const ENDINGS: [&str; 5] = [".pdf", ".png", ".jpg", ".jpeg", ".txt"];

/// A page that is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wish {
    /// The document's number.
    pub document: u32,
    /// What it is.
    pub kind: Kind,
    /// Which page, the first is 1.
    pub page: u32,
    /// How many pixels across there is room for.
    pub width: u32,
    /// How many down.
    pub height: u32,
}

/// A drawn page.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Its pixels.
    pub pixels: Pixels,
    /// How many pages there are.
    pub pages: u32,
}

/// How far it is with the page that is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sheet<'a> {
    /// It is on its way.
    Comes,
    /// It cannot be shown.
    Fails,
    /// It is there.
    There(&'a Drawn),
}

/// What the other side has asked to be printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The number of what is asked.
    pub request: u32,
    /// The document's number.
    pub document: u32,
    /// What it is.
    pub kind: Kind,
    /// What it is called; empty where it has no name.
    pub name: String,
    /// How often it is printed.
    pub copies: u32,
    /// Since when it is asked (uptime).
    pub since: Duration,
    /// How far it is.
    pub step: Step,
}

/// How far it is with what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The visitor has not answered.
    Question,
    /// The visitor agrees; something else is printed first.
    Agreed,
    /// It is with the printer.
    Printing,
    /// This has become of it, and the visitor reads so.
    Over(Job),
    /// There is nothing more to say of it.
    Settled,
}

/// What there is of papers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Papers {
    /// What the service tells; nothing where it is not there.
    pub status: Status,
    /// Where the other side points, in parts of 65535 of the page.
    pub pointer: Option<(u16, u16)>,
    /// How many pixels the screen has for a page; nothing where none may be seen.
    pub room: Option<(u32, u32)>,
    /// The page that was asked for last.
    pub wish: Option<Wish>,
    /// What came of it, or of the one before; no page where it could not be drawn.
    pub drawn: Option<(Wish, Option<Drawn>)>,
    /// What is asked to be printed.
    pub asked: Option<Asked>,
}

impl Papers {
    /// Forgets everything that is a conversation's.
    pub fn forget(&mut self) {
        let room = self.room;
        *self = Self {
            room,
            ..Self::default()
        };
    }

    /// Forgets what was made of it. What the service tells stays, for a conversation that is only told of later.
    pub fn put_away(&mut self) {
        self.pointer = None;
        self.wish = None;
        self.drawn = None;
        self.asked = None;
    }

    /// The document with this number, once it is there.
    pub fn document(&self, id: u32) -> Option<&Received> {
        let mut all = self.status.received.iter();
        all.find(|document| document.id == id && document.whole)
    }

    /// Which page of which document is shown, if any.
    pub fn shown(&self) -> Option<(Shown, &Received)> {
        let shown = self.status.shown;
        let document = self.document(shown.id).filter(|_| shown.id > 0)?;
        Some((shown, document))
    }

    /// How far it is with that page.
    pub fn sheet(&self) -> Sheet<'_> {
        let shown = self.status.shown;
        match &self.drawn {
            Some((wish, drawn)) if (wish.document, wish.page) == (shown.id, shown.page) => {
                drawn.as_ref().map_or(Sheet::Fails, Sheet::There)
            }
            _ => Sheet::Comes,
        }
    }
}

/// What people call a document: nothing of it that is not seen, and no more than has room.
pub fn plain(name: &str) -> String {
    let seen = |c: &char| !c.is_control() && !is_hidden(*c);
    let mut name: String = name.chars().filter(seen).collect();
    let low = name.to_ascii_lowercase();
    if let Some(ending) = ENDINGS.iter().find(|ending| low.ends_with(**ending)) {
        name.truncate(name.len() - ending.len());
    }
    let name = name.trim();
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    let some: String = name.chars().take(NAME - 1).collect();
    format!("{}…", some.trim_end())
}

/// Signs that would turn what is beside them around, or hide something.
pub fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl State {
    /// Whether both see and hear each other, and the visitor sees that: only then papers are seen.
    pub fn sees_papers(&self) -> bool {
        self.call_view() == Some(View::Talks)
    }

    /// What the visitor is asked, or told, of printing.
    pub fn asked(&self) -> Option<&Asked> {
        let asked = self.call.papers.asked.as_ref()?;
        (asked.step != Step::Settled && self.sees_papers()).then_some(asked)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves T5: a document is called what people call it.
    #[test]
    fn names_are_plain() {
        assert_eq!(plain("Bescheid Wohngeld.PDF"), "Bescheid Wohngeld");
        assert_eq!(plain(" Foto.jpeg"), "Foto");
        assert_eq!(plain(".pdf"), "");
        assert_eq!(plain("\u{202e}fdp.exe\u{7}"), "fdp.exe");
        assert_eq!(plain(&"ä".repeat(60)).chars().count(), NAME);
    }

    proptest! {
        /// Proves T12, T17: whatever a document is called, its name stays small and has nothing in it that is not seen.
        #[test]
        fn names_are_small(name in "\\PC{0,80}|[\u{0}-\u{20}\u{2028}\u{202e}a.pdf]{0,120}") {
            let plain = plain(&name);
            prop_assert!(plain.chars().count() <= NAME);
            prop_assert!(!plain.contains(|c: char| c.is_control() || is_hidden(c)));
        }
    }
}
