// SPDX-License-Identifier: EUPL-1.2
//! A screen in the order of reading: what voice and Braille have to say of it, taken from its accessibility tree alone.

use accesskit::{Node, Role, Toggled};
use site::Language;

use crate::access::{Tree, from_tag};
use crate::canvas::Rect;
use crate::event::Action;
use crate::i18n::Speech;

/// Where on the screen something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The place and the time, above everything.
    Banner,
    /// What the screen is about.
    Main,
    /// The bar below everything.
    Toolbar,
}

/// What kind of thing something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text.
    Text,
    /// A heading.
    Heading,
    /// Something that can be chosen.
    Control,
    /// A field that shows what is in it.
    Field,
    /// A field that only says how much is in it.
    Secret,
    /// A picture.
    Picture,
    /// How far something is.
    Progress,
}

/// One thing of a screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// What kind of thing.
    pub kind: Kind,
    /// Where on the screen it belongs.
    pub part: Part,
    /// How it is called, or the text itself.
    pub name: String,
    /// What else there is to say.
    pub description: String,
    /// What is in it: the text of a field, the number of characters of a secret, the percentage of a progress.
    pub value: String,
    /// Whether it is on or off, or the chosen one of several or not.
    pub on: Option<bool>,
    /// Its language.
    pub language: Language,
    /// What choosing it does.
    pub action: Option<Action>,
    /// Whether its changes are told at once.
    pub live: bool,
    /// Where it is, in pixels.
    pub rect: Rect,
}

/// All there is to say of a screen, in the order of reading. Boxes that only hold something say nothing themselves.
pub fn pieces(tree: &Tree) -> Vec<Piece> {
    let Some(root) = tree.nodes().first() else {
        return Vec::new();
    };
    let screen = root.language().and_then(from_tag).unwrap_or(Language::De);
    let mut pieces = Vec::new();
    collect(tree, root, (Part::Main, screen), &mut pieces);
    pieces
}

fn collect(tree: &Tree, node: &Node, around: (Part, Language), pieces: &mut Vec<Piece>) {
    let (part, screen) = around;
    for id in node.children() {
        let number = id.0 as usize;
        let Some(child) = tree.nodes().get(number) else {
            continue;
        };
        let part = match child.role() {
            Role::Banner => Part::Banner,
            Role::Main => Part::Main,
            Role::Toolbar => Part::Toolbar,
            _ => part,
        };
        let language = child.language().and_then(from_tag).unwrap_or(screen);
        pieces.extend(piece(tree, number, child, (part, language)));
        collect(tree, child, (part, language), pieces);
    }
}

fn piece(tree: &Tree, number: usize, node: &Node, around: (Part, Language)) -> Option<Piece> {
    let (part, language) = around;
    let kind = match node.role() {
        Role::Banner | Role::Main | Role::Toolbar => return None,
        Role::Heading => Kind::Heading,
        Role::Button => Kind::Control,
        Role::SearchInput | Role::TextInput => Kind::Field,
        Role::PasswordInput => Kind::Secret,
        Role::Image => Kind::Picture,
        Role::ProgressIndicator => Kind::Progress,
        _ => Kind::Text,
    };
    let (label, value) = (
        node.label().unwrap_or_default(),
        node.value().unwrap_or_default(),
    );
    // A label's text is its value.
    let (name, value) = if node.role() == Role::Label {
        (value, "")
    } else {
        (label, value)
    };
    let value = match node.numeric_value() {
        Some(percent) => format!("{percent:.0}"),
        None => value.to_owned(),
    };
    if name.trim().is_empty() && value.is_empty() {
        return None;
    }
    Some(Piece {
        kind,
        part,
        name: name.to_owned(),
        description: node.description().unwrap_or_default().to_owned(),
        value,
        on: node.toggled().map_or_else(
            || node.is_selected(),
            |toggled| Some(toggled == Toggled::True),
        ),
        language,
        action: tree.action(number),
        live: node.live().is_some(),
        rect: tree.rect(number)?,
    })
}

impl Piece {
    /// Everything that is to be said of it in one line: its name, what it is, how it stands.
    pub fn line(&self, speech: &Speech<'_>) -> String {
        let mut parts = vec![self.name.clone()];
        match self.kind {
            Kind::Control => parts.push(speech.get("say-control")),
            Kind::Field => parts.push(if self.value.is_empty() {
                speech.get("say-empty")
            } else {
                self.value.clone()
            }),
            Kind::Secret => {
                let count = [("count", self.secret_length().into())];
                parts.push(speech.with("say-secret", &count));
            }
            Kind::Picture => parts.insert(0, speech.get("say-picture")),
            Kind::Text | Kind::Heading | Kind::Progress => {}
        }
        match self.on {
            Some(true) => parts.push(speech.get("say-on")),
            // What is not chosen needs no word; what is off does.
            Some(false) if self.kind == Kind::Control => parts.push(speech.get("say-off")),
            _ => {}
        }
        if !self.description.is_empty() && self.description != self.name {
            parts.push(self.description.clone());
        }
        parts.retain(|part| !part.trim().is_empty());
        join(&parts)
    }

    /// How many characters a secret has.
    pub fn secret_length(&self) -> usize {
        self.value.parse().unwrap_or_default()
    }
}

/// The parts beside each other, each with its own end: a voice pauses there, a finger feels it.
fn join(parts: &[String]) -> String {
    let mut line = String::new();
    for part in parts {
        let part = part.trim();
        if !line.is_empty() {
            let ended = line.ends_with(['.', '?', '!', ':', ',', '؟', '،']);
            line.push_str(if ended { " " } else { ", " });
        }
        line.push_str(part);
    }
    line
}

/// The smallest piece at a point of the screen.
pub fn at(pieces: &[Piece], x: f32, y: f32) -> Option<&Piece> {
    let there = pieces.iter().filter(|piece| piece.rect.contains(x, y));
    there.min_by(|a, b| (a.rect.w * a.rect.h).total_cmp(&(b.rect.w * b.rect.h)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Texts;
    use crate::node::Meaning;

    fn tree() -> Tree {
        let rect = Rect::new(0.0, 0.0, 400.0, 200.0);
        let mut tree = Tree::new(Language::De, &rect);
        let banner = tree.add(0, &Meaning::new(Role::Banner, ""), &rect);
        tree.add(banner, &Meaning::new(Role::Label, "13:05"), &rect);
        let main = tree.add(0, &Meaning::new(Role::Main, ""), &rect);
        let mut heading = Meaning::new(Role::Heading, "Guten Tag");
        heading.level = 1;
        tree.add(main, &heading, &rect);
        let mut button = Meaning::new(Role::Button, "English");
        button.language = Some(Language::En);
        button.description = "Touch to begin".to_owned();
        let small = Rect::new(10.0, 10.0, 50.0, 20.0);
        let number = tree.add(main, &button, &small);
        tree.enable(number, Action::Speak(Language::En));
        let mut secret = Meaning::new(Role::PasswordInput, "PIN");
        secret.value = "4".to_owned();
        tree.add(main, &secret, &rect);
        let bar = tree.add(0, &Meaning::new(Role::Toolbar, "Leiste"), &rect);
        let mut voice = Meaning::new(Role::Button, "Vorlesen");
        voice.on = Some(false);
        let number = tree.add(bar, &voice, &rect);
        tree.enable(number, Action::Voice);
        tree
    }

    /// Proves T13: what is said of a screen is all of it, in order, each with its kind, state and language.
    #[test]
    fn a_screen_is_read_in_order() {
        let pieces = pieces(&tree());
        let texts = Texts::default();
        let speech = texts.speak(Language::De);
        let lines: Vec<_> = pieces.iter().map(|piece| piece.line(&speech)).collect();
        assert_eq!(lines[0], "13:05");
        assert_eq!(lines[1], "Guten Tag");
        assert!(lines[2].starts_with("English, ") && lines[2].ends_with("Touch to begin"));
        assert!(lines[3].starts_with("PIN, ") && lines[3].contains('4'));
        assert!(lines[4].starts_with("Vorlesen, "));
        assert_eq!(lines.len(), 5);
        let parts: Vec<_> = pieces.iter().map(|piece| piece.part).collect();
        assert_eq!(parts[0], Part::Banner);
        assert_eq!(parts[4], Part::Toolbar);
        assert_eq!(pieces[2].language, Language::En);
        assert_eq!(pieces[2].action, Some(Action::Speak(Language::En)));
        assert_eq!(pieces[3].kind, Kind::Secret);
        let found = at(&pieces, 20.0, 20.0).and_then(|piece| piece.action);
        assert_eq!(found, Some(Action::Speak(Language::En)));
    }
}
