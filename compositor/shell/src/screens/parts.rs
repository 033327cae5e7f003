// SPDX-License-Identifier: EUPL-1.2
//! What several screens are made of.

use site::{Language, Text};

use super::Cx;
use crate::canvas::TARGET;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, row, words};
use crate::text::{Along, Words};
use crate::theme::{
    ACCENT, CARD, EDGE, INK, RADIUS, Rgb, SOFT_INK, STROKE, TINT, WARNING, WARNING_TINT, size,
};

impl Cx<'_> {
    /// The text called `key`.
    pub fn t(&self, key: &str) -> String {
        self.speech.get(key)
    }

    /// A text of the site in the language spoken.
    pub fn site(&self, text: &Text) -> String {
        text.get(self.state.language).to_owned()
    }

    /// Words of this size in the language spoken.
    pub fn words(&self, text: impl Into<String>, size: f32) -> Words {
        Words {
            text: text.into(),
            size: size * self.text_scale,
            bold: false,
            color: INK,
            along: Along::Start,
            language: self.state.language,
            wrap: true,
            spaced: false,
        }
    }

    /// Ordinary text.
    pub fn body(&self, text: impl Into<String>) -> Node {
        words(self.words(text, size::BODY))
    }

    /// Text of second rank.
    pub fn small(&self, text: impl Into<String>) -> Node {
        words(Words {
            color: SOFT_INK,
            ..self.words(text, size::SMALL)
        })
    }

    /// A heading.
    pub fn heading(&self, text: impl Into<String>) -> Node {
        words(Words {
            bold: true,
            ..self.words(text, size::HEADING)
        })
    }

    /// The one largest text.
    pub fn display(&self, text: impl Into<String>) -> Node {
        words(Words {
            bold: true,
            ..self.words(text, size::DISPLAY)
        })
    }

    /// A bold line over something.
    pub fn title(&self, text: impl Into<String>) -> Node {
        words(Words {
            bold: true,
            color: ACCENT,
            ..self.words(text, size::LABEL)
        })
    }

    /// A wide button: an icon and words.
    pub fn button(&self, icon: Option<Glyph>, text: &str, action: Action, main: bool) -> Node {
        let (look, ink) = if main {
            (Look::card().edged(ACCENT, 1.1), INK)
        } else {
            (Look::card(), INK)
        };
        let label = words(Words {
            bold: true,
            color: ink,
            along: Along::Centre,
            ..self.words(text, size::LABEL)
        });
        let mut inside: Vec<Node> = icon.map(|icon| glyph(icon, ink, 9.0)).into_iter().collect();
        inside.push(label);
        row(4.0, inside)
            .justify(taffy::JustifyContent::CENTER)
            .pad(7.0, 2.0)
            .at_least(TARGET * 3.5, 18.0)
            .look(look)
            .on(action, text)
    }

    /// A key of a keypad.
    pub fn key(&self, face: &str, action: Action, name: &str) -> Node {
        let label = Words {
            bold: true,
            along: Along::Centre,
            wrap: false,
            ..self.words(face, size::HEADING)
        };
        let label = words(Words {
            language: Language::De,
            ..label
        });
        column(0.0, vec![label])
            .justify(taffy::JustifyContent::CENTER)
            .at_least(TARGET, TARGET)
            .look(Look::card())
            .on(action, name)
    }

    /// A key with an icon or words.
    pub fn word_key(
        &self,
        icon: Option<Glyph>,
        text: &str,
        action: Action,
        main: bool,
        stacked: bool,
    ) -> Node {
        let (look, ink) = if main {
            (Look::fill(ACCENT), CARD)
        } else {
            (Look::card(), INK)
        };
        let mut inside: Vec<Node> = icon.map(|icon| glyph(icon, ink, 8.0)).into_iter().collect();
        inside.push(words(Words {
            bold: true,
            color: ink,
            along: Along::Centre,
            wrap: false,
            ..self.words(
                text,
                if stacked && icon.is_some() {
                    size::SMALL
                } else {
                    size::LABEL
                },
            )
        }));
        // Wide keys have both beside each other, those of a keypad below each other.
        let both = if stacked {
            column(0.5, inside).align(taffy::AlignItems::CENTER)
        } else {
            row(3.0, inside)
        };
        both.justify(taffy::JustifyContent::CENTER)
            .pad(1.0, 0.0)
            .at_least(TARGET, TARGET)
            .look(look)
            .on(action, text)
    }

    /// A message in four parts: what happened, what it means, what can be done now, who already knows.
    pub fn message(&self, key: &str) -> Node {
        let part = |name: &str| self.t(&format!("{key}-{name}"));
        let what = words(Words {
            bold: true,
            color: WARNING,
            ..self.words(part("what"), size::BODY)
        });
        let rest = [part("means"), part("do"), part("knows")].join(" ");
        let text = column(1.5, vec![what, words(self.words(rest, size::SMALL))]).grow(1.0);
        row(5.0, vec![glyph(Glyph::Warning, WARNING, 11.0), text])
            .pad(6.0, 4.0)
            .look(Look::fill(WARNING_TINT).edged(WARNING, STROKE))
    }
}

/// An icon in a tinted square.
pub fn badge(icon: Glyph, side: f32) -> Node {
    column(0.0, vec![glyph(icon, ACCENT, side * 0.72)])
        .size(side, side)
        .rigid()
        .justify(taffy::JustifyContent::CENTER)
        .align(taffy::AlignItems::CENTER)
        .look(Look::fill(TINT).round(RADIUS * 0.8))
}

/// The look of one of several where one is chosen.
pub fn chosen(is: bool) -> (Look, Rgb) {
    if is {
        (Look::fill(ACCENT), CARD)
    } else {
        (Look::fill(CARD).edged(EDGE, STROKE), INK)
    }
}
