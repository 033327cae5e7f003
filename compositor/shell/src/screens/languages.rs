// SPDX-License-Identifier: EUPL-1.2
//! The languages, each written in itself.

use site::Language;

use super::Cx;
use super::choices::{Choices, choices, question};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, row, words};
use crate::text::Words;
use crate::theme::{TextSize, Tone, size};

pub fn languages(cx: &Cx) -> Node {
    let head = question(
        cx,
        &cx.t("languages-title"),
        Some(&cx.t("languages-explain")),
    );
    let languages = cx.state.site.languages.iter();
    let cells = languages.map(|language| choice(cx, *language)).collect();
    choices(
        cx,
        Choices {
            head,
            cells,
            back: true,
            at_once: false,
        },
    )
}

/// A language in its own words.
pub const fn name_of(language: Language) -> &'static str {
    match language {
        Language::De => "Deutsch",
        Language::DeLeicht => "Leichte Sprache",
        Language::En => "English",
        Language::Hsb => "Hornjoserbsce",
        Language::Ar => "العربية",
    }
}

fn choice(cx: &Cx, language: Language) -> Node {
    let hint = match language {
        Language::De => "Alle Texte auf Deutsch",
        Language::DeLeicht => "Kurze Sätze. Einfache Wörter.",
        Language::En => "All texts in English",
        Language::Hsb => "Wšitke teksty hornjoserbsce",
        Language::Ar => "كل النصوص بالعربية",
    };
    let name = name_of(language);
    let spoken = cx.state.language == language;
    let own = |text: &str, size| Words {
        language,
        ..cx.words(text, size)
    };
    let mut names = vec![words(Words {
        bold: true,
        ..own(name, cx.grown(size::HEADING))
    })];
    if cx.state.modes.text == TextSize::Normal {
        names.push(words(Words {
            color: Tone::SoftInk,
            ..own(hint, size::SMALL)
        }));
    }
    let mut names = column(0.5, names).grow(1.0);
    if language.is_rtl() {
        names.style.direction = taffy::Direction::Rtl;
    }
    let mut inside = vec![names];
    if spoken {
        inside.push(glyph(Glyph::Check, Tone::Accent, 12.0));
    }
    let look = if spoken {
        Look::fill(Tone::Tint).edged(Tone::Accent, 1.2)
    } else {
        Look::card()
    };
    row(6.0, inside)
        .pad(7.0, 2.0)
        .at_least(30.0, 20.0)
        .look(look)
        .on(Action::Speak(language), name)
        .described(hint)
        .speaking(language)
        .chosen(spoken)
}
