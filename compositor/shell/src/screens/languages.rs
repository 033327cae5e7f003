// SPDX-License-Identifier: EUPL-1.2
//! The languages, each written in itself.

use site::Language;

use super::Cx;
use super::frame::frame;
use crate::canvas::GAP;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, grid, row, spring, words};
use crate::text::Words;
use crate::theme::{ACCENT, INK, SOFT_INK, TINT, size};

pub fn languages(cx: &Cx) -> Node {
    let mut choices: Vec<Node> = cx
        .state
        .site
        .languages
        .iter()
        .map(|language| choice(cx, *language))
        .collect();
    // Few rows on low screens, one column on narrow ones.
    let (columns, rows) = match (cx.canvas.is_portrait(), cx.canvas.is_low()) {
        (true, _) => (1, 5.0),
        (false, true) => (3, 2.0),
        (false, false) => (2, 3.0),
    };
    // The last row keeps the width of the others.
    while columns > 1 && choices.len() < CELLS {
        choices.push(Node::default());
    }
    let head = column(
        2.0,
        vec![
            cx.display(cx.t("languages-title")),
            cx.body(cx.t("languages-explain")),
        ],
    )
    .rigid();
    let back = row(
        0.0,
        vec![cx.button(Some(Glyph::Back), &cx.t("back"), Action::Back, true)],
    )
    .rigid();
    let mut choices = grid(columns, GAP + 2.0, choices).stretch();
    choices.style.max_size.height = taffy::LengthPercentageAuto::length(rows * 36.0);
    let air = Node::default().height(8.0).rigid();
    frame(
        cx,
        column(
            9.0,
            vec![
                head,
                choices,
                spring(),
                column(0.0, vec![back, air]).rigid(),
            ],
        ),
    )
}

/// Five languages and one free place, so that the grid is even.
const CELLS: usize = 6;

fn choice(cx: &Cx, language: Language) -> Node {
    let (name, hint) = match language {
        Language::De => ("Deutsch", "Alle Texte auf Deutsch"),
        Language::DeLeicht => ("Leichte Sprache", "Kurze Sätze. Einfache Wörter."),
        Language::En => ("English", "All texts in English"),
        Language::Hsb => ("Hornjoserbsce", "Wšitke teksty hornjoserbsce"),
        Language::Ar => ("العربية", "كل النصوص بالعربية"),
    };
    let spoken = cx.state.language == language;
    let own = |text: &str, size| Words {
        language,
        ..cx.words(text, size)
    };
    let title = words(Words {
        bold: true,
        ..own(name, size::HEADING)
    });
    let hint = words(Words {
        color: SOFT_INK,
        ..own(hint, size::SMALL)
    });
    let mut names = column(0.5, vec![title, hint]).grow(1.0);
    if language.is_rtl() {
        names.style.direction = taffy::Direction::Rtl;
    }
    let mut inside = vec![names];
    if spoken {
        inside.push(glyph(Glyph::Check, ACCENT, 12.0));
    }
    let look = if spoken {
        Look::fill(TINT).edged(ACCENT, 1.2)
    } else {
        Look::card()
    };
    row(6.0, inside)
        .pad(9.0, 2.0)
        .at_least(30.0, 20.0)
        .look(look)
        .on(Action::Speak(language), if spoken { "✓" } else { name })
}

// The colour of text on every card is the theme's ink.
const _: () = assert!(INK.0 < 0x40);
