// SPDX-License-Identifier: EUPL-1.2
//! Where on the screen the fingers are, and what keys of the Braille line do. Pure.

use site::Language;

use super::passage::Passage;
use crate::event::Action;
use crate::reading::Kind;
use crate::runtime::Key;
use crate::state::Screen;

/// What a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Read on.
    Forward,
    /// Read what was before.
    Backward,
    /// The next piece of the screen.
    Next,
    /// The piece before.
    Previous,
    /// The first piece.
    First,
    /// The last piece.
    Last,
    /// The beginning of this piece.
    Begin,
    /// The end of this piece.
    End,
    /// What the screen is about.
    Home,
    /// Do what is read.
    Choose,
    /// Do what is in this cell, the first being 0.
    Route(usize),
    /// What this key of a keyboard does.
    Key(Key),
}

/// What comes of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Nothing but another place to read.
    Nothing,
    /// The focus of the keyboard comes along.
    Focus(Option<Action>),
    /// This is done.
    Act(Action),
    /// What the screen takes as "yes" is done.
    Confirm,
    /// A key is pressed.
    Key(Key),
}

/// Which screen it is: another one is read from its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The screen.
    pub screen: Screen,
    /// Its page.
    pub page: usize,
    /// Its language.
    pub language: Language,
}

/// What is said where nothing follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edges {
    /// Before the first piece.
    pub start: String,
    /// After the last piece.
    pub end: String,
}

/// What is to be felt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The text, never longer than there are cells.
    pub text: String,
    /// The cell of the cursor, the first being 0.
    pub cursor: Option<usize>,
    /// In which language.
    pub language: Language,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Start,
    End,
}

/// The reader at the Braille line.
#[derive(Debug, Default)]
pub struct Reader {
    cells: usize,
    stand: Option<Stand>,
    passages: Vec<Passage>,
    edges: Edges,
    /// The passage that is read, and the number of its part.
    at: usize,
    part: usize,
    /// The keyboard's focus as last known.
    focus: Option<Action>,
    /// Nothing follows there: said until the next command.
    notice: Option<Edge>,
    /// A key was pressed that may have typed something.
    typing: bool,
    /// Nobody has moved the fingers since this screen came.
    arrived: bool,
}

impl Reader {
    /// The line has so many cells now; without any there is none.
    pub fn resize(&mut self, cells: usize) {
        let first = self.window().start;
        self.cells = cells;
        self.notice = None;
        self.part = self.part_of(first);
    }

    /// Whether there is a line.
    pub fn is_there(&self) -> bool {
        self.cells > 0
    }

    /// The screen has these passages now, and the keyboard this focus. The fingers stay where they are, unless the screen is another
    /// one, the focus has moved or something was typed. Until somebody moves them they are at the heading, even if it comes later
    /// than the rest of its screen.
    pub fn show(
        &mut self,
        stand: Stand,
        passages: Vec<Passage>,
        focus: Option<Action>,
        edges: Edges,
    ) {
        let first = self.window().start;
        let old = std::mem::replace(&mut self.passages, passages);
        self.edges = edges;
        let moved = self.focus != focus;
        self.focus = focus;
        if self.stand != Some(stand) {
            self.stand = Some(stand);
            self.notice = None;
            self.typing = false;
            self.arrived = true;
            self.go(self.home());
            return;
        }
        let typed = self.typed(&old);
        if let Some(field) = typed {
            self.typing = false;
            self.go(field);
            self.part = self.parts() - 1;
        } else if let Some(focused) = self.focused().filter(|_| moved) {
            self.arrived = false;
            self.go(focused);
        } else if self.arrived && self.at != self.home() {
            self.go(self.home());
        } else {
            let stays = self.same(&old);
            self.at = stays;
            self.part = self.part_of(first);
        }
    }

    /// What a command does.
    pub fn press(&mut self, command: Command) -> Deed {
        let noticed = self.notice.take().is_some();
        self.typing = false;
        self.arrived = false;
        let last = self.passages.len().saturating_sub(1);
        match command {
            Command::Forward if self.part + 1 < self.parts() => self.part += 1,
            Command::Forward | Command::Next if self.at < last => self.go(self.at + 1),
            Command::Forward | Command::Next => self.notice = Some(Edge::End),
            Command::Backward if self.part > 0 => self.part -= 1,
            Command::Backward if self.at > 0 => {
                self.go(self.at - 1);
                self.part = self.parts() - 1;
            }
            Command::Previous if self.at > 0 => self.go(self.at - 1),
            Command::Backward | Command::Previous => self.notice = Some(Edge::Start),
            Command::First => self.go(0),
            Command::Last => self.go(last),
            Command::Begin => self.part = 0,
            Command::End => self.part = self.parts() - 1,
            Command::Home => self.go(self.home()),
            Command::Choose => {
                return match self.action() {
                    Some(action) => Deed::Act(action),
                    None if self.focus.is_none() => Deed::Confirm,
                    // What has the focus is not what is read.
                    None => Deed::Nothing,
                };
            }
            Command::Route(cell) => {
                let there = !noticed && cell < self.visible().len();
                let action = self.action().filter(|_| there);
                return action.map_or(Deed::Nothing, Deed::Act);
            }
            Command::Key(key) => {
                self.typing = matches!(key, Key::Char(_) | Key::Space | Key::Backspace);
                return Deed::Key(key);
            }
        }
        let action = self.action();
        if action == self.focus {
            return Deed::Nothing;
        }
        self.focus = action;
        Deed::Focus(action)
    }

    /// What is to be felt; nothing if there is no line.
    pub fn shown(&self) -> Option<Shown> {
        let stand = self.stand.filter(|_| self.is_there())?;
        if let Some(edge) = self.notice {
            let text = match edge {
                Edge::Start => &self.edges.start,
                Edge::End => &self.edges.end,
            };
            return Some(Shown {
                text: text.chars().take(self.cells).collect(),
                cursor: None,
                language: stand.language,
            });
        }
        let (visible, window) = (self.visible(), self.window());
        let passage = self.passages.get(self.at);
        let at_end =
            passage.is_some_and(|passage| passage.typed && window.end == passage.text.len());
        let focused = self.focus.is_some() && self.action() == self.focus && self.part == 0;
        let cursor = if at_end {
            Some(visible.len().min(self.cells - 1))
        } else {
            focused.then_some(0)
        };
        Some(Shown {
            text: visible.iter().collect(),
            cursor,
            language: passage.map_or(stand.language, |passage| passage.language),
        })
    }

    fn go(&mut self, to: usize) {
        self.at = to;
        self.part = 0;
    }

    fn action(&self) -> Option<Action> {
        self.passages.get(self.at)?.action
    }

    fn parts(&self) -> usize {
        let passage = self.passages.get(self.at);
        passage.map_or(1, |passage| passage.windows(self.cells).len())
    }

    fn window(&self) -> std::ops::Range<usize> {
        let windows = self
            .passages
            .get(self.at)
            .map(|passage| passage.windows(self.cells));
        windows
            .and_then(|windows| windows.get(self.part).cloned())
            .unwrap_or(0..0)
    }

    /// The characters under the fingers.
    fn visible(&self) -> &[char] {
        let text = self
            .passages
            .get(self.at)
            .and_then(|passage| passage.text.get(self.window()));
        let text = text.unwrap_or_default();
        text.strip_suffix(&[' ']).unwrap_or(text)
    }

    /// The part of this passage that has the character with this number, or the last one.
    fn part_of(&self, character: usize) -> usize {
        let windows = self
            .passages
            .get(self.at)
            .map(|passage| passage.windows(self.cells));
        let windows = windows.unwrap_or_default();
        let found = windows
            .iter()
            .position(|window| window.contains(&character));
        found.unwrap_or(windows.len().saturating_sub(1))
    }

    /// What the screen is about: its heading.
    fn home(&self) -> usize {
        let heading = |passage: &Passage| passage.kind == Kind::Heading;
        self.passages.iter().position(heading).unwrap_or(0)
    }

    fn focused(&self) -> Option<usize> {
        let focus = self.focus?;
        self.passages
            .iter()
            .position(|passage| passage.action == Some(focus))
    }

    /// The field into which something was typed since `old`.
    fn typed(&self, old: &[Passage]) -> Option<usize> {
        let at = self.passages.iter().position(|passage| passage.typed)?;
        let before = old.iter().find(|passage| passage.typed)?;
        (self.typing && before.text != self.passages[at].text).then_some(at)
    }

    /// Where that is which was read in `old`: the same control, else the same text, the nearest if there are several, else what is in
    /// its place.
    fn same(&self, old: &[Passage]) -> usize {
        let last = self.passages.len().saturating_sub(1);
        let Some(before) = old.get(self.at) else {
            return self.at.min(last);
        };
        let is_same = |now: &Passage| match before.action {
            Some(action) => now.action == Some(action),
            None => now.kind == before.kind && now.text == before.text && now.action.is_none(),
        };
        let same = self
            .passages
            .iter()
            .enumerate()
            .filter(|(_, now)| is_same(now));
        same.map(|(at, _)| at)
            .min_by_key(|at| at.abs_diff(self.at))
            .unwrap_or(self.at.min(last))
    }
}

#[cfg(test)]
mod tests;
