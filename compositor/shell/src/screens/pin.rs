// SPDX-License-Identifier: EUPL-1.2
//! The PIN of a case: asked for, or chosen by entering it twice.

use accesskit::Role;
use api::trust::{MAX_PIN_DIGITS, MIN_PIN_DIGITS};

use super::Cx;
use super::frame::{frame, room};
use super::pages::{Own, Page, block, edge, page_with, step};
use super::parts::badge;
use super::recovery::problem_line;
use crate::canvas::{GAP, TARGET};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Meaning, Node, column, grid, row, spring};
use crate::state::Problem;
use crate::theme::{RADIUS, Tone};

pub fn pin(cx: &Cx) -> Node {
    page(cx, "pin-title", "pin-explain", false)
}

pub fn new_pin(cx: &Cx, again: bool) -> Node {
    let (title, explain) = if again {
        ("new-pin-again-title", "new-pin-again-explain")
    } else {
        ("new-pin-title", "new-pin-explain")
    };
    page(cx, title, explain, again)
}

fn page(cx: &Cx, title: &str, explain: &str, again: bool) -> Node {
    let explain = cx.speech.with(explain, &[("count", MIN_PIN_DIGITS.into())]);
    let (w, h) = room(cx);
    let h = h - BELOW;
    let head = row(
        7.0,
        vec![badge(Glyph::Lock, 22.0), cx.heading(cx.t(title)).grow(1.0)],
    );
    let mut parts = vec![head, cx.body(&explain), dots(cx)];
    parts.extend(cx.state.problem.map(|problem| cx.message(key(problem))));
    parts.extend(again.then(|| start_over(cx)));
    // Everything at once, if there is room for it.
    if let Some(all) = beside_keys(cx, column(8.0, parts), (w, h)) {
        let below = Node::default().height(BELOW).rigid();
        return frame(cx, column(0.0, vec![all.grow(1.0), below]));
    }
    // Otherwise the keys first, and what there is to read after them.
    let mut blocks = Vec::new();
    if let Some(problem) = cx.state.problem {
        blocks.extend(cx.message_parts(key(problem)).map(|part| block(3.0, part)));
    }
    blocks.push(block(5.0, cx.body(explain)));
    let own = |at, pages| {
        // What was wrong comes before what is asked.
        let first = match cx.state.problem {
            Some(problem) => problem_line(cx, problem),
            None => cx.heading(cx.t(title)),
        };
        let foot = edge(cx, at, pages, None);
        let parts = column(4.5, vec![first, dots(cx), spring(), foot]);
        beside_keys(cx, parts.clone(), (w, h)).unwrap_or_else(|| aside(cx, parts, (w, h)))
    };
    let over = || step(cx, Glyph::Back, "start-over", Action::StartOver, false);
    let page = Page {
        heading: cx.heading(cx.t(title)),
        blocks,
        ways: again.then(over).into_iter().collect(),
        back: false,
    };
    let (first, make) = (true, &own);
    page_with(cx, page, Some(Own { first, make }))
}

/// Below everything.
const BELOW: f32 = 8.0;

fn start_over(cx: &Cx) -> Node {
    let text = cx.t("start-over");
    row(
        0.0,
        vec![cx.button(Some(Glyph::Back), &text, Action::StartOver, false)],
    )
}

/// The keypad below `parts` or beside them, as the screen stands; nothing if that has no room.
fn beside_keys(cx: &Cx, parts: Node, (w, h): (f32, f32)) -> Option<Node> {
    if !cx.canvas.is_portrait() {
        return (cx.height(&parts, w - keys_width(cx) - BESIDE) <= h)
            .then(|| aside(cx, parts, (w, h)));
    }
    let left = h - cx.height(&parts, w) - ABOVE;
    if left < least(cx) {
        return None;
    }
    let keys = keypad(cx, left.min(MOST)).width(w.min(keys_width(cx).max(170.0)));
    let keys = row(0.0, vec![spring(), keys, spring()]).rigid();
    Some(column(ABOVE, vec![parts.rigid().stretch(), keys, spring()]))
}

/// The keypad beside `parts`.
fn aside(cx: &Cx, parts: Node, (_, h): (f32, f32)) -> Node {
    let keys = keypad(cx, h.min(MOST).max(least(cx))).width(keys_width(cx));
    let keys = column(0.0, vec![spring(), keys, spring()]).rigid();
    row(BESIDE, vec![parts.grow(1.0), keys]).align(taffy::AlignItems::STRETCH)
}

/// Between the keypad and what it stands beside or below.
const BESIDE: f32 = 16.0;
const ABOVE: f32 = 9.0;
/// How high a keypad is at most: no larger than a thumb needs.
const MOST: f32 = 142.0;

/// How high it is at least: four rows of keys with room for their words.
fn least(cx: &Cx) -> f32 {
    let wide = keys_width(cx) / 3.0;
    let words = cx
        .height(&delete(cx), wide)
        .max(cx.height(&confirm(cx), wide));
    4.0 * words.max(TARGET + 0.3) + 3.0 * (GAP + 1.0)
}

/// How wide the keypad is beside something: no narrower than its words.
fn keys_width(cx: &Cx) -> f32 {
    let narrow = cx.narrowest(&delete(cx)).max(cx.narrowest(&confirm(cx)));
    let words = 3.0 * narrow + 2.0 * (GAP + 1.0) + 2.0;
    (cx.canvas.w() * 0.36).max(90.0).max(words)
}

/// The message for a problem.
pub fn key(problem: Problem) -> &'static str {
    match problem {
        Problem::WrongPin => "wrong-pin",
        Problem::TooShort => "too-short",
        Problem::Weak => "weak-pin",
        Problem::Mismatch => "mismatch",
        Problem::KeyShort(_) => "key-short",
        Problem::WrongKey => "wrong-key",
        Problem::LockedOut => "locked-out",
        Problem::Failed => "failed",
    }
}

/// A dot for every digit, on places for as many as are needed at least.
fn dots(cx: &Cx) -> Node {
    let entered = cx.state.entry.chars().min(MAX_PIN_DIGITS);
    let side = 5.5;
    let dots = (0..entered.max(MIN_PIN_DIGITS)).map(|i| {
        let look = if i < entered {
            Look::fill(Tone::Ink)
        } else {
            Look::default().edged(Tone::Edge, 0.8)
        };
        Node::default()
            .size(side, side)
            .rigid()
            .look(look.round(side / 2.0))
    });
    row(3.6, dots.collect())
        .wrapping()
        .pad(6.5, 4.0)
        .at_least(0.0, 18.0)
        .look(Look::card().edged(Tone::Accent, 1.0).round(RADIUS))
        .left_to_right()
        .means(field(cx, "pin-entry", entered))
}

/// A field for a secret: how many characters are in it is all it tells.
pub fn field(cx: &Cx, name: &str, entered: usize) -> Meaning {
    let mut meaning = Meaning::new(Role::PasswordInput, &cx.t(name));
    meaning.value = entered.to_string();
    meaning
}

fn keypad(cx: &Cx, high: f32) -> Node {
    let digit = |c: char| cx.key(&c.to_string(), Action::Digit(c), &c.to_string());
    let mut keys: Vec<Node> = ('1'..='9').map(digit).collect();
    keys.extend([delete(cx), digit('0'), confirm(cx)]);
    grid(3, GAP + 1.0, keys)
        .height(high)
        .rigid()
        .left_to_right()
}

fn delete(cx: &Cx) -> Node {
    let icon = Some(Glyph::Delete);
    cx.word_key(icon, &cx.t("delete"), Action::Delete, false, true)
}

fn confirm(cx: &Cx) -> Node {
    cx.word_key(None, &cx.t("ok"), Action::Confirm, true, true)
}
