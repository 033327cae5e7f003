// SPDX-License-Identifier: EUPL-1.2
//! The end of a visit: asked for more time before, what is deleted, and how it was.

use accesskit::Role;

use super::Cx;
use super::choices::{Choices, choices};
use super::parts::badge;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Meaning, Node, column, glyph, row, words};
use crate::text::{Along, Words};
use crate::theme::{Tone, size};

pub fn time_left(cx: &Cx) -> Node {
    let seconds = cx.state.seconds_left().unwrap_or_default();
    let left = cx.speech.with("time-left", &[("seconds", seconds.into())]);
    let head = column(
        2.0,
        vec![cx.heading(cx.t("time-question")), cx.body(left).live()],
    );
    let cells = vec![
        answer(cx, Glyph::Hourglass, "more-time", Action::MoreTime, true),
        answer(cx, Glyph::Finish, "no-more-time", Action::Leave, false),
    ];
    choices(
        cx,
        Choices {
            head,
            cells,
            back: false,
            at_once: true,
        },
    )
}

fn answer(cx: &Cx, icon: Glyph, key: &str, action: Action, main: bool) -> Node {
    let text = cx.t(key);
    let (look, ink) = if main {
        (Look::fill(Tone::Accent), Tone::Card)
    } else {
        (Look::card(), Tone::Ink)
    };
    let label = words(Words {
        bold: true,
        color: ink,
        ..cx.words(&text, size::LABEL)
    });
    row(5.0, vec![glyph(icon, ink, cx.icon(12.0)), label])
        .justify(taffy::JustifyContent::CENTER)
        .pad(6.0, 3.0)
        .look(look)
        .on(action, &text)
}

pub fn end(cx: &Cx) -> Node {
    let Some(ending) = cx.state.ending else {
        return super::frame::frame(cx, Node::default());
    };
    let done = ending.percent >= 100;
    let title = if done { "end-done" } else { "end-title" };
    let heading = row(
        6.0,
        vec![
            badge(if done { Glyph::Check } else { Glyph::Hourglass }, 18.0),
            cx.heading(cx.t(title)).live().grow(1.0),
        ],
    );
    let head = column(
        4.0,
        vec![heading, progress(cx, "end-percent", ending.percent)],
    );
    let faces = [
        (Glyph::Good, "face-good", 3),
        (Glyph::Fair, "face-fair", 2),
        (Glyph::Poor, "face-poor", 1),
    ];
    let mut cells: Vec<Node> = Vec::new();
    let ask = if ending.rating.is_some() {
        cx.t("rating-thanks")
    } else {
        cells.extend(faces.map(|(icon, key, rating)| face(cx, icon, key, rating)));
        cx.t("rating-question")
    };
    if done {
        cells.push(answer(cx, Glyph::Finish, "leave", Action::Leave, false));
    }
    let head = column(4.0, vec![head, question_line(cx, &ask)]);
    choices(
        cx,
        Choices {
            head,
            cells,
            back: false,
            at_once: false,
        },
    )
}

fn question_line(cx: &Cx, text: &str) -> Node {
    words(Words {
        bold: true,
        ..cx.words(text, size::LABEL)
    })
    .heads(2)
    .live()
}

/// How far something is; `key` says it with the percentage.
pub fn progress(cx: &Cx, key: &str, percent: u8) -> Node {
    let percent = percent.min(100);
    let says = cx.speech.with(key, &[("percent", percent.into())]);
    let full = f32::from(percent);
    let mut filled = Node::default().look(Look::fill(Tone::Accent).round(3.0));
    filled.style.size.width = taffy::Dimension::percent(full / 100.0);
    filled.style.size.height = taffy::Dimension::percent(1.0);
    let mut meaning = Meaning::new(Role::ProgressIndicator, &says);
    meaning.percent = Some(percent);
    let bar = row(0.0, vec![filled.rigid()])
        .height(9.0)
        .look(Look::fill(Tone::Card).edged(Tone::Edge, 0.8).round(3.0))
        .means(meaning);
    column(1.0, vec![bar, cx.small(says)])
}

fn face(cx: &Cx, icon: Glyph, key: &str, rating: u8) -> Node {
    let text = cx.t(key);
    let label = words(Words {
        bold: true,
        along: Along::Centre,
        ..cx.words(&text, size::BODY)
    });
    row(5.0, vec![glyph(icon, Tone::Ink, 14.0), label])
        .justify(taffy::JustifyContent::CENTER)
        .pad(4.0, 2.0)
        .look(Look::card())
        .on(Action::Rate(rating), &text)
}
