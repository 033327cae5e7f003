// SPDX-License-Identifier: EUPL-1.2
//! Screens with a question: a heading, at most six choices at once, and pages where there are more or text is large.

use site::Language;

use super::frame::{frame, room};
use super::pages::footer;
use super::parts::badge;
use super::reader::soft;
use super::{CHOICES, Cx};
use crate::canvas::GAP;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, grid, row, words};
use crate::text::Words;
use crate::theme::{TextSize, Tone, size};

/// Shapes of the grid: columns and rows, the largest first.
const WIDE: [(u16, usize); 7] = [(2, 3), (3, 2), (2, 2), (3, 1), (2, 1), (1, 2), (1, 1)];
const UPRIGHT: [(u16, usize); 7] = [(1, 6), (1, 5), (1, 4), (1, 3), (2, 2), (1, 2), (1, 1)];

/// A screen with a question.
pub struct Choices {
    /// The question, and what else stands above the choices.
    pub head: Node,
    /// The choices.
    pub cells: Vec<Node>,
    /// Whether there is a way back.
    pub back: bool,
    /// Whether all of them have to be seen at once, whatever that does to the text.
    pub at_once: bool,
}

/// Lays out the choices of the page the state is at, or of the last there is.
pub fn choices(cx: &Cx, choices: Choices) -> Node {
    choices_and(cx, choices, &[], CHOICES)
}

/// The same with buttons at the end of the last row, besides those that turn pages, and `most` choices at once.
pub fn choices_and(cx: &Cx, all: Choices, ways: &[Node], most: usize) -> Node {
    let Choices {
        head,
        cells,
        back,
        at_once,
    } = all;
    let (w, h) = room(cx);
    let air = cx.air();
    let foot = |page, pages| footer(cx, back, page, pages, ways.to_vec());
    let above = h - cx.height(&head, w) - 3.0 * air;
    let free = |pages: usize| {
        above
            - cx.height(&foot(0, pages), w)
                .max(cx.height(&foot(1, pages), w))
    };
    let shapes = if cx.canvas.is_portrait() {
        UPRIGHT
    } else {
        WIDE
    };
    let fits = |(columns, rows): (u16, usize)| {
        let n = f32::from(columns);
        let width = (w - (n - 1.0) * SPACE) / n;
        if cells.iter().any(|cell| cx.narrowest(cell) > width + 0.5) {
            return None;
        }
        let high = |cell: &Node| cx.height(cell, width);
        let tallest = cells.iter().map(high).fold(CELL, f32::max);
        let pages = cells.len().div_ceil(usize::from(columns) * rows).max(1);
        let all = tallest * rows as f32 + (rows as f32 - 1.0) * SPACE;
        (all <= free(pages)).then_some((pages, columns, rows))
    };
    // The fewest pages; among those the first shape that is not larger than it has to be.
    let spare = |(_, columns, rows): &(usize, u16, usize)| usize::from(*columns) * rows;
    let (pages, columns, rows) = shapes
        .into_iter()
        .filter(|(columns, rows)| usize::from(*columns) * rows <= most)
        .filter_map(fits)
        .min_by_key(|shape| (shape.0, spare(shape)))
        .unwrap_or((cells.len().max(1), 1, 1));
    let (pages, columns, rows) = if at_once && pages > 1 {
        (1, 1, cells.len())
    } else {
        (pages, columns, rows)
    };
    let n = f32::from(columns);
    let width = (w - (n - 1.0) * SPACE) / n;
    let heights = cells.iter().map(|cell| cx.height(cell, width));
    let tallest = heights.fold(CELL, f32::max);
    let many = (usize::from(columns) * rows).min(CHOICES);
    let page = cx.state.page().min(pages - 1);
    let mut shown: Vec<Node> = cells.into_iter().skip(page * many).take(many).collect();
    // The grid keeps its shape: a choice is always as large, whatever is beside it.
    while shown.len() < many {
        shown.push(Node::default());
    }
    let mut grid = grid(columns, SPACE, shown).stretch();
    let most = rows as f32 * MOST.max(tallest) + (rows as f32 - 1.0) * SPACE;
    grid.style.max_size.height =
        taffy::LengthPercentageAuto::length(most.max(free(pages).min(most)));
    let mut parts = vec![head.rigid(), grid];
    if back || pages > 1 || !ways.is_empty() {
        parts.push(foot(page, pages).rigid().last());
    }
    let below = Node::default().height(air).rigid();
    let mut all = column(air, parts).grow(1.0);
    if cx.state.modes.lower {
        // Where room is scarce the distance to the bar stays, and text becomes a little smaller.
        all = all.bounded();
    }
    frame(cx, column(0.0, vec![all, below]))
}

/// Between two choices.
const SPACE: f32 = GAP + 1.0;
/// The least and the most height of a choice.
const CELL: f32 = 20.0;
const MOST: f32 = 62.0;

/// Between the icon of a choice and its words, and from its edge to them.
const BESIDE: f32 = 5.0;
const PAD: f32 = 5.0;

/// A question, and a line below it.
pub fn question(cx: &Cx, heading: &str, lead: Option<&str>) -> Node {
    let mut parts = vec![cx.heading(heading)];
    if let Some(lead) = lead {
        parts.push(cx.body(lead));
    }
    column(1.5, parts)
}

/// A choice: an icon, what it is, and a line below it where text is not large.
pub fn card(cx: &Cx, icon: Option<Glyph>, name: &str, more: &str, action: Action) -> Node {
    let language = cx.state.language;
    card_in(cx, icon, (name, language), (more, language), action)
}

/// The same in the languages that name and line really are in.
pub fn card_in(
    cx: &Cx,
    icon: Option<Glyph>,
    (name, spoken): (&str, Language),
    (more, written): (&str, Language),
    action: Action,
) -> Node {
    let normal = cx.state.modes.text == TextSize::Normal;
    let written_name = Words {
        bold: true,
        language: spoken,
        along: cx.begin(spoken),
        ..cx.words(name, size::LABEL)
    };
    let side = if normal { 20.0 } else { 14.0 };
    let beside = icon.map_or(0.0, |_| side + BESIDE);
    let mut text = vec![if normal {
        words(written_name)
    } else {
        // A large word may be wider than the whole screen.
        soft(cx, written_name, room(cx).0 - 2.0 * PAD - beside)
    }];
    if normal && !more.is_empty() {
        text.push(words(Words {
            color: Tone::SoftInk,
            language: written,
            along: cx.begin(written),
            ..cx.words(more, size::SMALL)
        }));
    }
    let mut inside = vec![column(1.0, text).grow(1.0)];
    if let Some(icon) = icon {
        inside.insert(0, badge(icon, side));
    }
    let card = row(BESIDE, inside)
        .pad(PAD, 2.5)
        .look(Look::card())
        .on(action, name)
        .described(more);
    if spoken == cx.state.language {
        card
    } else {
        card.speaking(spoken)
    }
}
