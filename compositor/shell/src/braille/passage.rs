// SPDX-License-Identifier: EUPL-1.2
//! A piece of the screen as a line of characters.

use std::ops::Range;

use site::Language;

use crate::event::Action;
use crate::i18n::Speech;
use crate::reading::{Kind, Piece};

/// All dots: one of these stands for a character that is nobody's business.
const SECRET: char = '\u{28ff}';

/// A piece of the screen, to be felt.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// What kind of thing.
    pub kind: Kind,
    /// Its characters, one a cell; never two spaces beside each other, and none at the ends.
    pub text: Vec<char>,
    /// Its language.
    pub language: Language,
    /// What choosing it does.
    pub action: Option<Action>,
    /// Whether the next character is typed at its end.
    pub typed: bool,
}

impl Passage {
    /// All there is to feel of a screen. What has its own words beside it, such as a bar with its percentage, is there once.
    pub fn all(pieces: &[Piece], speech: &Speech<'_>) -> Vec<Self> {
        let of = |piece: &Piece| Self::of(piece, &speech.other(piece.language));
        let mut passages: Vec<Self> = pieces.iter().map(of).collect();
        passages.dedup_by(|now, before| now.action.is_none() && now.text == before.text);
        passages
    }

    /// What there is to feel of a piece, in its language.
    pub fn of(piece: &Piece, speech: &Speech<'_>) -> Self {
        let line = match (piece.kind, piece.secret_length()) {
            (Kind::Secret, count @ 1..) => {
                let dots = std::iter::repeat_n(SECRET, count.min(MOST));
                format!("{} {}", piece.name, dots.collect::<String>())
            }
            // The last character of a field is where the next one goes.
            (Kind::Field, _) if !piece.value.is_empty() => {
                format!("{} {}", piece.name, piece.value)
            }
            _ => piece.line(speech),
        };
        Self {
            kind: piece.kind,
            text: characters(&line),
            language: piece.language,
            action: piece.action,
            typed: matches!(piece.kind, Kind::Field | Kind::Secret),
        }
    }

    /// The parts that `cells` cells can show one after the other. Together they are the whole text; each but the last ends after a
    /// word where there is one. A space at the end of a part may be one character too many: it is not shown.
    pub fn windows(&self, cells: usize) -> Vec<Range<usize>> {
        let cells = cells.max(1);
        let (mut windows, mut start) = (Vec::new(), 0);
        while start < self.text.len() {
            let rest = &self.text[start..];
            let length = if rest.len() <= cells {
                rest.len()
            } else {
                let space = rest[..=cells].iter().rposition(|c| *c == ' ');
                space.map_or(cells, |space| space + 1)
            };
            windows.push(start..start + length);
            start += length;
        }
        if windows.is_empty() {
            windows.push(0..0);
        }
        windows
    }
}

/// The longest secret that is shown dot by dot.
const MOST: usize = 256;

/// One character a cell: marks that only steer how a line is set are not felt, and any white space is one space.
fn characters(line: &str) -> Vec<char> {
    let steers = |c: &char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let mut text = Vec::new();
    for c in line.chars().filter(|c| !steers(c)) {
        if !(c.is_whitespace() || c.is_control()) {
            text.push(c);
        } else if text.last().is_some_and(|last| *last != ' ') {
            text.push(' ');
        }
    }
    if text.last() == Some(&' ') {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use accesskit::Role;
    use proptest::prelude::*;

    use super::*;
    use crate::access::Tree;
    use crate::canvas::Rect;
    use crate::i18n::Texts;
    use crate::node::Meaning;
    use crate::reading::pieces;

    fn of(role: Role, value: &str) -> Passage {
        let rect = Rect::new(0.0, 0.0, 9.0, 9.0);
        let mut tree = Tree::new(Language::De, &rect);
        let mut meaning = Meaning::new(role, "Name");
        meaning.value = value.to_owned();
        tree.add(0, &meaning, &rect);
        Passage::of(&pieces(&tree)[0], &Texts::default().speak(Language::De))
    }

    /// Proves T13: of a secret only dots are felt, as many as there are characters.
    #[test]
    fn secrets_are_dots() {
        let text: String = of(Role::PasswordInput, "4").text.iter().collect();
        assert_eq!(text, format!("Name {}", SECRET.to_string().repeat(4)));
        let empty: String = of(Role::PasswordInput, "0").text.iter().collect();
        assert!(!empty.contains(SECRET), "{empty}");
        assert_eq!(
            of(Role::PasswordInput, &usize::MAX.to_string()).text.len(),
            5 + MOST
        );
    }

    /// Proves T13: a key that goes on never seems to do nothing.
    #[test]
    fn nothing_is_said_twice() {
        let rect = Rect::new(0.0, 0.0, 9.0, 9.0);
        let mut tree = Tree::new(Language::De, &rect);
        let words = "60 Prozent gelöscht";
        for role in [Role::ProgressIndicator, Role::Label, Role::Button] {
            let number = tree.add(0, &Meaning::new(role, words), &rect);
            if role == Role::Button {
                tree.enable(number, Action::Help);
            }
        }
        let texts = Texts::default();
        let all = Passage::all(&pieces(&tree), &texts.speak(Language::De));
        let kinds: Vec<Kind> = all.iter().map(|passage| passage.kind).collect();
        assert_eq!(kinds, [Kind::Progress, Kind::Control]);
    }

    #[test]
    fn marks_of_direction_take_no_cell() {
        let text: String = characters(" \u{2066}9:00\u{2069}\u{a0}\n Uhr\t")
            .iter()
            .collect();
        assert_eq!(text, "9:00 Uhr");
    }

    proptest! {
        /// Proves T13: the parts of any text are the whole text in its order, no part is longer than the cells, and no word is torn
        /// that fits.
        #[test]
        fn parts_are_the_whole(text in "[a-zß \u{28ff}]{0,120}", cells in 0usize..50) {
            let passage = Passage { text: characters(&text), ..of(Role::Label, "") };
            let windows = passage.windows(cells);
            let cells = cells.max(1);
            let joined: Vec<char> = windows.iter().flat_map(|w| passage.text[w.clone()].to_vec()).collect();
            prop_assert_eq!(&joined, &passage.text);
            for window in &windows {
                let part: String = passage.text[window.clone()].iter().collect();
                prop_assert!(part.trim_end().chars().count() <= cells);
                let torn = window.end < passage.text.len() && !part.ends_with(' ');
                prop_assert!(!torn || !part.contains(' '));
            }
        }
    }
}
