// SPDX-License-Identifier: EUPL-1.2
//! The password of the clerk: chosen by entering it twice, or asked for. A field, its keys, and what there is to know.

use accesskit::Role;
use api::clerk::MIN_PASSWORD_CHARS;

use super::desk::proof;
use crate::canvas::{GAP, TARGET};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Meaning, Node, column, glyph, row, words};
use crate::screens::Cx;
use crate::screens::frame::{frame, room};
use crate::screens::keys::{Ends, keyboard, least};
use crate::screens::pages::{Block, Own, Page, block, edge, page_with, step};
use crate::screens::recovery::warning;
use crate::screens::search::{tail, written_in};
use crate::state::clerk::{Clerk, Password, Problem, View};
use crate::text::Words;
use crate::theme::{RADIUS, Tone, size};

/// Between field and keyboard.
const NEAR: f32 = GAP + 0.3;

pub fn password(cx: &Cx, view: View) -> Node {
    let Some(clerk) = &cx.state.clerk else {
        return frame(cx, Node::default());
    };
    let name = name(view);
    let again = view == View::Choose { again: true };
    let (w, h) = room(cx);
    let h = h - cx.air();
    let wide = w.min(MOST);
    let confirm = cx.t(&format!("{name}-confirm"));
    let field = field(cx, &clerk.password, wide);
    let ends = Ends {
        confirm: (Glyph::Check, &confirm),
        hides: false,
    };
    let keys = |high: f32| keyboard(cx, &clerk.password.keyboard, (wide, high), ends);
    let heading = || cx.heading(cx.t(&format!("{name}-title")));
    let trouble = trouble(cx, clerk);
    // Everything at once, if there is room for it.
    let mut above = vec![heading()];
    above.extend(proof(cx).filter(|_| view == View::SignIn));
    above.push(match trouble {
        Some(key) => cx.message(key),
        None => cx.body(explain(cx, name)),
    });
    above.extend(waiting(cx, "password-wait"));
    above.push(narrow(field.clone(), wide));
    let above = column(cx.air(), above).rigid();
    let foot = again.then(|| step(cx, Glyph::Back, "start-over", Action::StartOver, false));
    let foot = row(0.0, foot.into_iter().collect()).rigid();
    let below = if again {
        cx.height(&foot, w) + NEAR
    } else {
        0.0
    };
    let left = h - cx.height(&above, w) - NEAR - below;
    if left >= least(cx, &clerk.password.keyboard, wide, ends) {
        let all = column(NEAR, vec![above, narrow(keys(left), wide), foot]);
        return frame(cx, all);
    }
    // Otherwise the keys first, and what there is to read after them.
    let mut blocks: Vec<Block> = Vec::new();
    if let Some(key) = trouble {
        blocks.extend(cx.message_parts(key).map(|part| block(3.0, part)));
    }
    blocks.push(block(5.0, cx.body(explain(cx, name))));
    blocks.extend(
        proof(cx)
            .filter(|_| view == View::SignIn)
            .map(|proof| block(5.0, proof)),
    );
    let own = |at, pages| {
        let says = match (waiting(cx, "password-wait-short"), trouble) {
            (Some(waits), _) => waits,
            (None, Some(key)) => warning(cx, cx.t(&format!("{key}-short"))),
            (None, None) => words(Words {
                bold: true,
                ..cx.words(cx.t(&format!("{name}-title")), cx.grown(size::LABEL))
            })
            .heads(1),
        };
        let top = edge(cx, at, pages, Some(says));
        let left = h - cx.height(&top, w) - cx.height(&field, wide) - 2.0 * NEAR;
        let keys = narrow(keys(left), wide);
        column(NEAR, vec![top, narrow(field.clone(), wide), keys])
    };
    let over = || step(cx, Glyph::Back, "start-over", Action::StartOver, false);
    let page = Page {
        heading: heading(),
        blocks,
        ways: again.then(over).into_iter().collect(),
        back: false,
    };
    let (first, make) = (true, &own);
    page_with(cx, page, Some(Own { first, make }))
}

/// No keyboard is wider: hands have to get from one end to the other.
const MOST: f32 = 330.0;

/// As wide as that, where reading begins.
fn narrow(node: Node, wide: f32) -> Node {
    row(0.0, vec![node.width(wide).rigid()]).rigid()
}

/// What the texts of a view are called by.
const fn name(view: View) -> &'static str {
    match view {
        View::Choose { again: false } => "choose-password",
        View::Choose { again: true } => "choose-password-again",
        View::Locked => "locked",
        _ => "sign-in",
    }
}

fn explain(cx: &Cx, name: &str) -> String {
    let count = [("count", MIN_PASSWORD_CHARS.into())];
    cx.speech.with(&format!("{name}-explain"), &count)
}

/// The message for what was wrong.
fn trouble(cx: &Cx, clerk: &Clerk) -> Option<&'static str> {
    // What one has to wait for is more important, and says it too.
    let waits = cx.state.seconds_to_retry().is_some();
    clerk
        .problem
        .filter(|_| !waits)
        .map(|problem| match problem {
            Problem::Wrong => "wrong-password",
            Problem::Short => "short-password",
            Problem::Weak => "weak-password",
            Problem::Mismatch => "password-mismatch",
            Problem::Failed => "password-failed",
        })
}

/// For how long no password is taken.
fn waiting(cx: &Cx, key: &str) -> Option<Node> {
    let seconds = cx.state.seconds_to_retry()?;
    let text = cx.speech.with(key, &[("seconds", seconds.into())]);
    Some(warning(cx, text))
}

/// The field: a dot for every character, or the characters where the clerk wants to see them, and the button for that.
fn field(cx: &Cx, password: &Password, width: f32) -> Node {
    let (key, icon) = if password.shown {
        ("hide-password", Glyph::Eye)
    } else {
        ("show-password", Glyph::Eye)
    };
    let says = cx.t(key);
    let label = words(Words {
        bold: true,
        wrap: false,
        ..cx.words(&says, cx.grown(size::SMALL))
    });
    let reveal = row(2.0, vec![glyph(icon, Tone::Ink, 7.0), label])
        .justify(taffy::JustifyContent::CENTER)
        .pad(4.0, 1.0)
        .at_least(TARGET + 0.3, TARGET + 0.3)
        .look(Look::card())
        .rigid()
        .on(Action::Reveal, &says);
    let count = password.text.chars();
    let (text, language) = if password.shown {
        let typed = password.text.expose();
        (typed.to_owned(), written_in(typed, cx.state.language))
    } else {
        ("•".repeat(count), cx.state.language)
    };
    let besides = cx.narrowest(&reveal) + GAP + 24.0;
    let shown = Words {
        wrap: false,
        language,
        ..cx.words(text, cx.grown(size::LABEL))
    };
    let text = words(tail(cx, shown, width - besides));
    let high = cx.grown(size::LABEL) * cx.text_scale * 1.3;
    let caret = Node::default().size(0.9, high).rigid();
    let caret = caret.look(Look::fill(Tone::Accent).round(0.0));
    let mut inside = row(0.6, vec![text, caret]);
    if !language.is_rtl() {
        inside = inside.left_to_right();
    }
    let mut meaning = Meaning::new(Role::PasswordInput, &cx.t("password-entry"));
    meaning.value = count.to_string();
    let lock = glyph(Glyph::Lock, Tone::Accent, 8.0);
    let entry = row(4.0, vec![lock, inside.grow(1.0)])
        .pad(5.0, 1.5)
        .at_least(0.0, TARGET + 0.3)
        .look(Look::card().edged(Tone::Accent, 1.0).round(RADIUS))
        .means(meaning);
    row(GAP + 0.3, vec![entry.grow(1.0), reveal]).align(taffy::AlignItems::STRETCH)
}
