// SPDX-License-Identifier: EUPL-1.2
//! The keyboard on the screen: its letters in rows, and below them what is not a letter.

use site::Language;

use super::Cx;
use super::languages::name_of;
use crate::canvas::{GAP, TARGET};
use crate::event::Action;
use crate::icons::Glyph;
use crate::keyboard::{Keyboard, Layout, arrange};
use crate::node::{Look, Node, column, glyph, row, words};
use crate::text::{Along, Words};
use crate::theme::{Tone, size};

/// Between two keys: as near as allowed, because there are many.
const NEAR: f32 = GAP + 0.3;
/// A key is at least so large.
const KEY: f32 = TARGET + 0.3;
/// And at most so high.
const HIGH: f32 = 22.0;
/// Where a keyboard is at least so wide, all that is no letter is in one row.
const WIDE: f32 = 250.0;

/// A keyboard this wide, in at most this height; `confirm` is what its last key shows and says.
pub fn keyboard(cx: &Cx, keyboard: &Keyboard, (w, h): (f32, f32), confirm: (Glyph, &str)) -> Node {
    let below = if w >= WIDE { 1 } else { 2 };
    let columns = fitting(w);
    let rows = fitting(h);
    let most = rows.saturating_sub(below).max(1);
    let (letters, parts) = arrange(keyboard.rows(), columns, most, keyboard.part);
    let part = keyboard.part.min(parts - 1);
    let widest = letters.iter().map(Vec::len).max().unwrap_or(1) as f32;
    let many = (letters.len() + below) as f32;
    let wide = (w - (widest - 1.0) * NEAR) / widest;
    let high = ((h - (many - 1.0) * NEAR) / many).clamp(KEY, HIGH);
    let language = keyboard.layout.language();
    // Two or three keys in a row are no wider than keys of a keypad.
    let wide = wide.min(KEY * 2.4);
    let mut all: Vec<Node> = letters
        .iter()
        .map(|letters| {
            let keys = letters.iter().map(|letter| {
                let types = keyboard.types(*letter);
                letter_key(cx, types, language).size(wide, high).rigid()
            });
            // Keys are where they are on a real keyboard, whatever is written with them.
            row(NEAR, keys.collect())
                .justify(taffy::JustifyContent::CENTER)
                .left_to_right()
        })
        .collect();
    let mut kinds = kinds(cx, keyboard);
    if parts > 1 {
        let more = word(cx, Some(Glyph::Next), &cx.t("key-more"), Language::De);
        kinds.push(more.on(Action::MoreKeys((part + 1) % parts), &cx.t("key-more")));
    }
    let acts = acts(cx, keyboard, confirm);
    let lines = if below == 1 {
        vec![kinds.into_iter().chain(acts).collect()]
    } else {
        vec![kinds, acts]
    };
    for line in lines {
        let keys = line
            .into_iter()
            .map(|key| key.stretch().at_least(KEY, 0.0).height(high));
        all.push(row(NEAR, keys.collect()));
    }
    column(NEAR, all).rigid()
}

fn letter_key(cx: &Cx, letter: char, language: Language) -> Node {
    let face = words(Words {
        bold: true,
        along: Along::Centre,
        wrap: false,
        language,
        ..cx.words(letter.to_string(), cx.grown(size::LABEL))
    });
    column(0.0, vec![face])
        .justify(taffy::JustifyContent::CENTER)
        .look(Look::card())
        .on(Action::Type(letter), &letter.to_string())
        .speaking(language)
}

/// Which letters there are: capitals, signs, other languages.
fn kinds(cx: &Cx, keyboard: &Keyboard) -> Vec<Node> {
    let layout = keyboard.layout;
    let mut keys = Vec::new();
    let own = cx.state.language;
    if layout.has_capitals() && !keyboard.signs {
        let text = cx.t("key-shift");
        let key = word(cx, None, &text, own).on(Action::Shift, &text);
        let key = key.switched(keyboard.shift);
        keys.push(if keyboard.shift { lit(key) } else { key });
    }
    if layout.signs().is_some() {
        let (says, language, name) = if keyboard.signs {
            (layout.first_letters(), layout.language(), "key-letters")
        } else {
            ("123", Language::De, "key-signs")
        };
        keys.push(word(cx, None, says, language).on(Action::Signs, &cx.t(name)));
    }
    let next = layout.next(&cx.state.site.languages);
    if next != layout {
        let language = next.language();
        let name = name_of(language);
        let key = word(cx, Some(Glyph::Languages), name, language);
        let key = key.on(Action::Keys(next), name);
        keys.push(key.described(cx.t("key-language")).speaking(language));
    }
    keys
}

/// What is done with the text.
fn acts(cx: &Cx, keyboard: &Keyboard, (icon, confirm): (Glyph, &str)) -> Vec<Node> {
    let own = cx.state.language;
    let mut keys = Vec::new();
    if keyboard.layout.has_space() {
        let text = cx.t("key-space");
        keys.push(word(cx, None, &text, own).on(Action::Type(' '), &text));
    }
    let delete = cx.t("delete");
    keys.push(word(cx, Some(Glyph::Delete), &delete, own).on(Action::Delete, &delete));
    let main = Words {
        bold: true,
        color: Tone::Card,
        along: Along::Centre,
        wrap: false,
        ..cx.words(confirm, cx.grown(size::SMALL))
    };
    let icon = glyph(icon, Tone::Card, 6.5);
    let key = row(2.0, vec![icon, words(main)])
        .justify(taffy::JustifyContent::CENTER)
        .pad(2.0, 0.0);
    let key = key.look(Look::fill(Tone::Accent));
    keys.push(key.on(Action::Confirm, confirm));
    keys
}

/// A key with words on it.
fn word(cx: &Cx, icon: Option<Glyph>, text: &str, language: Language) -> Node {
    let label = words(Words {
        bold: true,
        along: Along::Centre,
        wrap: false,
        language,
        ..cx.words(text, cx.grown(size::SMALL))
    });
    let mut inside: Vec<Node> = icon
        .map(|icon| glyph(icon, Tone::Ink, 6.5))
        .into_iter()
        .collect();
    inside.push(label);
    row(2.0, inside)
        .justify(taffy::JustifyContent::CENTER)
        .pad(2.0, 0.0)
        .look(Look::card())
}

/// The same while it is on.
fn lit(key: Node) -> Node {
    let mut key = key.look(Look::fill(Tone::Tint).edged(Tone::Accent, 1.2));
    let mark = glyph(Glyph::Check, Tone::Accent, 6.0);
    key.children.insert(0, mark);
    key
}

/// How many keys have room in this length. A hair of it may be lost in computing.
fn fitting(length: f32) -> usize {
    ((length + NEAR) / (KEY + NEAR) + 0.01).floor().max(1.0) as usize
}

/// The height that a keyboard of this width needs at least to show all letters of `layout` at once.
pub fn least(layout: Layout, w: f32) -> f32 {
    let below = if w >= WIDE { 1 } else { 2 };
    let (letters, _) = arrange(layout.rows(), fitting(w), usize::MAX, 0);
    let many = letters.len() + below;
    many as f32 * (KEY + NEAR) - NEAR
}

/// The width that a keyboard needs to look like a real one.
pub fn widest(layout: Layout) -> f32 {
    let rows = layout.rows().iter();
    let most = rows.map(|row| row.chars().count()).max().unwrap_or(1);
    most as f32 * (KEY + NEAR) - NEAR
}
