// SPDX-License-Identifier: EUPL-1.2
//! What several screens are made of.

use site::{Language, Text};

use super::Cx;
use crate::canvas::TARGET;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, row, words};
use crate::scene::{measure_node, narrowest};
use crate::text::{Along, Words};
use crate::theme::{RADIUS, STROKE, Tone, size};

impl Cx<'_, '_> {
    /// The text called `key`.
    pub fn t(&self, key: &str) -> String {
        self.speech.get(key)
    }

    /// A text of the site in the language spoken.
    pub fn site(&self, text: &Text) -> String {
        text.get(self.state.language).to_owned()
    }

    /// The same for what stays as large as the visitor asked for, whatever the content has to do to fit.
    pub fn fixed(&self) -> Self {
        Self {
            state: self.state,
            speech: self.speech,
            canvas: self.canvas,
            text_scale: self.normal_scale * self.state.modes.text.factor(),
            normal_scale: self.normal_scale,
            engine: self.engine,
        }
    }

    /// How high `node` is when it is `width` wide, in units.
    pub fn height(&self, node: &Node, width: f32) -> f32 {
        let mut engine = self.engine.borrow_mut();
        measure_node(node, width, self.canvas, &mut engine).height
    }

    /// How narrow `node` can be without breaking a word, in units.
    pub fn narrowest(&self, node: &Node) -> f32 {
        let mut engine = self.engine.borrow_mut();
        narrowest(node, self.canvas, &mut engine)
    }

    /// The distance between the parts of a screen.
    pub fn air(&self) -> f32 {
        if self.canvas.is_low() { 4.2 } else { 7.0 }
    }

    /// A size of large text: it is large already and grows half as much as other text.
    pub fn grown(&self, size: f32) -> f32 {
        let factor = self.text_scale / self.normal_scale;
        if factor > 1.0 {
            size * (1.0 + factor) / (2.0 * factor)
        } else {
            size
        }
    }

    /// Where a single line in `language` stands so that it begins where reading begins on this screen.
    pub fn begin(&self, language: Language) -> Along {
        if language.is_rtl() == self.state.language.is_rtl() {
            Along::Start
        } else {
            Along::End
        }
    }

    /// The side of an icon beside words: it grows half as much as they do.
    pub fn icon(&self, side: f32) -> f32 {
        side * (1.0 + self.text_scale / self.normal_scale).max(2.0) / 2.0
    }

    /// Words of this size in the language spoken.
    pub fn words(&self, text: impl Into<String>, size: f32) -> Words {
        Words {
            text: text.into(),
            size: size * self.text_scale,
            bold: false,
            color: Tone::Ink,
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
            color: Tone::SoftInk,
            ..self.words(text, size::SMALL)
        })
    }

    /// A heading.
    pub fn heading(&self, text: impl Into<String>) -> Node {
        words(Words {
            bold: true,
            ..self.words(text, self.grown(size::HEADING))
        })
        .heads(1)
    }

    /// The one largest text.
    pub fn display(&self, text: impl Into<String>) -> Node {
        words(Words {
            bold: true,
            ..self.words(text, self.grown(size::DISPLAY))
        })
        .heads(1)
    }

    /// A bold line over something.
    pub fn title(&self, text: impl Into<String>) -> Node {
        words(Words {
            bold: true,
            color: Tone::Accent,
            ..self.words(text, size::LABEL)
        })
        .heads(2)
    }

    /// A wide button: an icon and words.
    pub fn button(&self, icon: Option<Glyph>, text: &str, action: Action, main: bool) -> Node {
        let (look, ink) = if main {
            (Look::card().edged(Tone::Accent, 1.1), Tone::Ink)
        } else {
            (Look::card(), Tone::Ink)
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
            ..self.words(face, self.grown(size::HEADING))
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
            (Look::fill(Tone::Accent), Tone::Card)
        } else {
            (Look::card(), Tone::Ink)
        };
        let mut inside: Vec<Node> = icon.map(|icon| glyph(icon, ink, 8.0)).into_iter().collect();
        inside.push(words(Words {
            bold: true,
            color: ink,
            along: Along::Centre,
            wrap: false,
            ..self.words(
                text,
                match (stacked, icon) {
                    (true, Some(_)) => size::SMALL,
                    // As large as the digits beside it.
                    (true, None) => self.grown(size::LABEL),
                    (false, _) => size::LABEL,
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
            .pad(2.0, 1.0)
            .at_least(TARGET, TARGET)
            .look(look)
            .on(action, text)
    }

    /// A message in four parts: what happened, what it means, what can be done now, who already knows.
    pub fn message(&self, key: &str) -> Node {
        let [what, rest] = self.message_parts(key);
        let text = column(1.5, vec![what, rest]).grow(1.0);
        row(
            5.0,
            vec![glyph(Glyph::Warning, Tone::Warning, self.icon(11.0)), text],
        )
        .pad(6.0, 4.0)
        .look(Look::fill(Tone::WarningTint).edged(Tone::Warning, STROKE))
    }

    /// What happened, and the other three parts.
    pub fn message_parts(&self, key: &str) -> [Node; 2] {
        let part = |name: &str| self.t(&format!("{key}-{name}"));
        let what = words(Words {
            bold: true,
            color: Tone::Warning,
            ..self.words(part("what"), size::BODY)
        });
        let rest = [part("means"), part("do"), part("knows")].join(" ");
        [what, words(self.words(rest, size::SMALL))]
    }
}

/// An icon in a tinted square.
pub fn badge(icon: Glyph, side: f32) -> Node {
    column(0.0, vec![glyph(icon, Tone::Accent, side * 0.72)])
        .size(side, side)
        .rigid()
        .justify(taffy::JustifyContent::CENTER)
        .align(taffy::AlignItems::CENTER)
        .look(Look::fill(Tone::Tint).round(RADIUS * 0.8))
}
