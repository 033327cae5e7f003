// SPDX-License-Identifier: EUPL-1.2
//! Looking for a service by words: a field, a keyboard, and what is found while one types. Where there is no room for all
//! three, what is found is on a screen of its own, one key away.

use accesskit::Role;
use site::Language;

use super::Cx;
use super::choices::{Choices, choices_and, question};
use super::frame::{frame, room};
use super::keys::{Ends, keyboard, least, widest};
use super::notice::parts;
use super::pages::{Page, footer, page, step};
use super::services::card_of;
use crate::canvas::GAP;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Content, Look, Meaning, Node, column, glyph, grid, row, words};
use crate::state::Search;
use crate::text::Words;
use crate::theme::{STROKE, TextSize, Tone, size};

/// At most so many results at once.
const RESULTS: usize = 5;
/// Between two results.
const SPACE: f32 = GAP + 0.4;
/// Between field and keyboard.
const NEAR: f32 = GAP + 0.3;

/// The button that leads here.
pub fn way(cx: &Cx) -> Vec<Node> {
    if cx.state.catalogue.is_empty() {
        return Vec::new();
    }
    vec![step(cx, Glyph::Search, "search", Action::Search, true)]
}

pub fn search(cx: &Cx) -> Node {
    let Some(search) = &cx.state.search else {
        return frame(cx, Node::default());
    };
    let (w, h) = room(cx);
    let air = if cx.canvas.is_low() { NEAR } else { cx.air() };
    let foot = |page, pages| {
        let talk = step(cx, Glyph::Talk, "talk", Action::Talk, false);
        footer(cx, true, page, pages, vec![talk])
    };
    let high = h - cx.height(&foot(0, 3), w).max(cx.height(&foot(1, 3), w)) - 2.0 * air;
    let normal = cx.state.modes.text == TextSize::Normal && !cx.canvas.is_low();
    let room = (w, high);
    let (content, pages) = match (normal, cx.canvas.is_portrait()) {
        (true, true) => stacked(cx, search, room, air).unwrap_or_else(|| compact(cx, search, room)),
        (true, false) => beside(cx, search, room),
        (false, _) => compact(cx, search, room),
    };
    let at = cx.state.page().min(pages - 1);
    let all = vec![content.grow(1.0).bounded(), foot(at, pages).rigid()];
    let below = Node::default().height(air).rigid();
    frame(cx, column(0.0, vec![column(air, all).grow(1.0), below]))
}

/// Field and keyboard, and the results beside them.
fn beside(cx: &Cx, search: &Search, (w, high): (f32, f32)) -> (Node, usize) {
    let left = (w * 0.58).max(widest(search.keyboard.layout).min(w * 0.66));
    let right = w - left - BETWEEN;
    let head = cx.heading(cx.t("search-question"));
    let field = field(cx, search, left, None);
    let free = high - cx.height(&head, left) - cx.height(&field, left) - 2.0 - NEAR;
    let keys = keyboard(
        cx,
        &search.keyboard,
        (left, free),
        searches(&cx.t("search")),
    );
    let (found, pages) = results(cx, search, right, high);
    // Read, and reached by the keyboard: the field, what it found, and only then the many keys.
    let places = [(1, 1, 1), (2, 1, 2), (1, 2, 1)];
    let parts = [column(2.0, vec![head, field]), found, keys];
    let parts = places.into_iter().zip(parts);
    let parts = parts.map(|((column, row, rows), mut part)| {
        part.style.grid_column = taffy::style_helpers::line(column);
        part.style.grid_row = taffy::Line {
            start: taffy::style_helpers::line(row),
            end: taffy::style_helpers::span(rows),
        };
        part
    });
    let mut both = grid(2, NEAR, parts.collect());
    both.style.gap.width = taffy::LengthPercentage::length(BETWEEN);
    both.style.grid_template_columns = vec![
        taffy::style_helpers::length(left),
        taffy::style_helpers::length(right),
    ];
    both.style.grid_auto_rows = vec![taffy::style_helpers::auto()];
    both.style.align_content = taffy::AlignContent::START;
    (both, pages)
}

/// Field, results and keyboard below each other, if there is room for one result at least.
fn stacked(cx: &Cx, search: &Search, (w, high): (f32, f32), air: f32) -> Option<(Node, usize)> {
    let field = field(cx, search, w, None);
    let says = cx.t("search");
    let tall = least(cx, &search.keyboard, w, searches(&says)).max(high * 0.3);
    let keys = keyboard(cx, &search.keyboard, (w, tall), searches(&cx.t("search")));
    let head = column(2.0, vec![cx.heading(cx.t("search-question")), field]).rigid();
    let free = high - cx.height(&head, w) - cx.height(&keys, w) - 2.0 * air;
    if free < ONE {
        return None;
    }
    let (found, pages) = results(cx, search, w, free);
    Some((column(air, vec![head, found.grow(1.0), keys]), pages))
}

/// The height of a result with the line above it.
const ONE: f32 = 45.0;

/// Field and keyboard; the results are one key away.
fn compact(cx: &Cx, search: &Search, (w, high): (f32, f32)) -> (Node, usize) {
    let field = field(cx, search, w, Some(count(cx, search)));
    let free = high - cx.height(&field, w) - NEAR;
    let keys = keyboard(cx, &search.keyboard, (w, free), searches(&cx.t("search")));
    (column(NEAR, vec![field, keys]), 1)
}

/// The last key.
const fn searches(says: &str) -> Ends<'_> {
    Ends {
        confirm: (Glyph::Search, says),
        hides: false,
    }
}

/// How far the results are from the keyboard.
const BETWEEN: f32 = 12.0;

/// How many were found, said as soon as it changes.
fn count(cx: &Cx, search: &Search) -> Node {
    let text = if search.text.chars() == 0 {
        String::new()
    } else {
        let count = [("count", search.found.len().into())];
        cx.speech.with("search-count", &count)
    };
    let text = Words {
        color: Tone::SoftInk,
        wrap: false,
        ..cx.words(text, cx.grown(size::SMALL))
    };
    let status = Meaning::new(Role::Status, "");
    words(text).rigid().means(status).live()
}

/// The field: what was typed, and where the next character goes. Of a text that is too long its end is shown.
fn field(cx: &Cx, search: &Search, width: f32, beside: Option<Node>) -> Node {
    let typed = search.text.expose();
    let language = written_in(typed, cx.state.language);
    let shown = Words {
        wrap: false,
        language,
        ..cx.words(typed, cx.grown(size::LABEL))
    };
    let mut meaning = Meaning::new(Role::SearchInput, &cx.t("search-question"));
    typed.clone_into(&mut meaning.value);
    meaning.language = Some(language);
    let besides = beside.as_ref().map_or(0.0, |node| match &node.content {
        Content::Words(words) => broad(cx, words) + 4.0,
        _ => 0.0,
    });
    let text = if typed.is_empty() && beside.is_some() {
        // There is no heading here that says it.
        let hint = Words {
            color: Tone::SoftInk,
            wrap: false,
            ..cx.words(cx.t("search-question"), cx.grown(size::LABEL))
        };
        words(hint)
    } else {
        words(tail(cx, shown, width - besides - 24.0))
    };
    let high = cx.grown(size::LABEL) * cx.text_scale * 1.3;
    let caret = Node::default().size(0.9, high).rigid();
    let caret = caret.look(Look::fill(Tone::Accent).round(0.0));
    let mut text = if typed.is_empty() {
        row(1.0, vec![caret, text])
    } else {
        row(0.6, vec![text, caret])
    };
    if !language.is_rtl() && !typed.is_empty() {
        text = text.left_to_right();
    }
    let icon = glyph(Glyph::Search, Tone::Accent, 8.0);
    let inside = row(4.0, vec![icon, text.grow(1.0)])
        .means(meaning)
        .grow(1.0);
    let mut all = vec![inside];
    all.extend(beside);
    row(4.0, all)
        .pad(5.0, 1.5)
        .at_least(0.0, if cx.canvas.is_low() { 11.0 } else { 15.5 })
        .look(Look::fill(Tone::Card).edged(Tone::Accent, STROKE * 2.0))
        .rigid()
}

/// The language to show a text in by its last letter: where it stands, and which font it needs.
pub fn written_in(text: &str, default: Language) -> Language {
    let strong = text.chars().rev().find(|c| c.is_alphabetic());
    match strong {
        Some('\u{600}'..='\u{6ff}') => Language::Ar,
        Some(_) => Language::De,
        None => default,
    }
}

/// As much of the end of `words` as has room.
pub fn tail(cx: &Cx, mut words: Words, width: f32) -> Words {
    while broad(cx, &words) > width && !words.text.is_empty() {
        words.text.remove(0);
    }
    words
}

/// How wide `words` are on one line.
fn broad(cx: &Cx, words: &Words) -> f32 {
    let scale = cx.canvas.scale;
    let words = Words {
        size: words.size * scale,
        ..words.clone()
    };
    cx.engine.borrow_mut().measure(&words, None).0 / scale
}

/// What was found, and on how many pages.
fn results(cx: &Cx, search: &Search, width: f32, high: f32) -> (Node, usize) {
    if search.text.chars() == 0 {
        let hint = Words {
            color: Tone::SoftInk,
            ..cx.words(cx.t("search-hint"), size::BODY)
        };
        return (column(0.0, vec![words(hint)]), 1);
    }
    if search.found.is_empty() {
        let what = words(Words {
            bold: true,
            ..cx.words(cx.t("nothing-found-what"), size::BODY)
        });
        let status = Meaning::new(Role::Status, "");
        let what = what.means(status).live();
        let text = column(3.0, vec![what, cx.body(cx.t("nothing-found-means"))]);
        return (text, 1);
    }
    let found = search.found.iter();
    let cards: Vec<Node> = found.filter_map(|number| card_of(cx, *number)).collect();
    let title = count(cx, search);
    let tall = |card: &Node| cx.height(card, width);
    let tallest = cards.iter().map(tall).fold(16.0, f32::max);
    let free = high - cx.height(&title, width) - SPACE;
    let many = ((free + SPACE) / (tallest + SPACE)).floor().max(1.0) as usize;
    let many = many.min(RESULTS);
    let pages = cards.len().div_ceil(many).max(1);
    let at = cx.state.page().min(pages - 1);
    let mut shown = vec![title];
    let cards = cards.into_iter().skip(at * many).take(many);
    shown.extend(cards.map(|card| card.height(tallest).rigid()));
    (column(SPACE, shown), pages)
}

/// What was found, on a screen of its own.
pub fn found(cx: &Cx) -> Node {
    let talk = || step(cx, Glyph::Talk, "talk", Action::Talk, true);
    let found = cx.state.search.iter().flat_map(|search| &search.found);
    let cells: Vec<Node> = found.filter_map(|number| card_of(cx, *number)).collect();
    if cells.is_empty() {
        let page_of = Page {
            heading: cx.heading(cx.t("nothing-found-title")),
            blocks: parts(cx, "nothing-found"),
            ways: vec![talk()],
            back: true,
        };
        return page(cx, page_of);
    }
    let count = [("count", cells.len().into())];
    let head = question(cx, &cx.speech.with("search-count", &count), None);
    let all = Choices {
        head,
        cells,
        back: true,
        at_once: false,
    };
    choices_and(cx, all, &[talk()], RESULTS)
}
