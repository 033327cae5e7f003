// SPDX-License-Identifier: EUPL-1.2
//! The PIN of a case: asked for, or chosen by entering it twice.

use accesskit::Role;
use api::trust::{MAX_PIN_DIGITS, MIN_PIN_DIGITS};

use super::Cx;
use super::frame::frame;
use super::parts::badge;
use crate::canvas::GAP;
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
    let head = row(
        7.0,
        vec![badge(Glyph::Lock, 22.0), cx.heading(cx.t(title)).grow(1.0)],
    );
    let mut parts = vec![head, cx.body(explain), dots(cx)];
    if let Some(problem) = cx.state.problem {
        parts.push(cx.message(key(problem)));
    }
    if again {
        parts.push(row(
            0.0,
            vec![cx.button(
                Some(Glyph::Back),
                &cx.t("start-over"),
                Action::StartOver,
                false,
            )],
        ));
    }
    let air = Node::default().height(8.0).rigid();
    let content = if cx.canvas.is_portrait() {
        let keys = row(
            0.0,
            vec![
                spring(),
                keypad(cx).width((cx.canvas.w() - 24.0).min(170.0)),
                spring(),
            ],
        )
        .rigid();
        column(9.0, vec![column(8.0, parts), spring(), keys, spring()])
    } else {
        parts.push(spring());
        let pad = keypad(cx).width((cx.canvas.w() * 0.36).max(90.0)).rigid();
        let pad = column(0.0, vec![spring(), pad, spring()]).rigid();
        row(16.0, vec![column(8.0, parts).grow(1.0), pad]).align(taffy::AlignItems::STRETCH)
    };
    frame(cx, column(0.0, vec![content.grow(1.0), air]))
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
    row(4.0, dots.collect())
        .wrapping()
        .pad(8.0, 4.0)
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

fn keypad(cx: &Cx) -> Node {
    let digit = |c: char| cx.key(&c.to_string(), Action::Digit(c), &c.to_string());
    let mut keys: Vec<Node> = ('1'..='9').map(digit).collect();
    keys.push(cx.word_key(
        Some(Glyph::Delete),
        &cx.t("delete"),
        Action::Delete,
        false,
        true,
    ));
    keys.push(digit('0'));
    keys.push(cx.word_key(None, &cx.t("ok"), Action::Confirm, true, true));
    // Room for four rows between header and bar, and no larger than a thumb needs.
    let free = if cx.canvas.is_portrait() {
        150.0
    } else {
        cx.canvas.h() - 88.0
    };
    let height = free.clamp(4.0 * 16.0 + 3.0 * GAP, 142.0);
    grid(3, GAP + 1.0, keys)
        .height(height)
        .rigid()
        .left_to_right()
}
