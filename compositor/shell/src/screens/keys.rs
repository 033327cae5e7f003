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
/// Where a keyboard is at least so wide, all that is no letter may be in one row.
const WIDE: f32 = 250.0;

/// What a keyboard ends with.
#[derive(Clone, Copy)]
pub struct Ends<'t> {
    /// What its last key shows and says.
    pub confirm: (Glyph, &'t str),
    /// Whether there is a key that puts it away.
    pub hides: bool,
}

/// A keyboard this wide, in at most this height.
pub fn keyboard(cx: &Cx, keyboard: &Keyboard, (w, h): (f32, f32), ends: Ends) -> Node {
    let (broad, tall) = least_key(cx, keyboard);
    let columns = fitting(w, broad);
    let rows = fitting(h, tall);
    let around = |below: usize| {
        let most = rows.saturating_sub(below).max(1);
        arrange(keyboard.rows(), columns, most, keyboard.part)
    };
    let mut lines = lines(cx, keyboard, w, ends, None);
    let (mut letters, mut parts) = around(lines.len());
    if parts > 1 {
        // The key for the other parts takes room too.
        lines = self::lines(cx, keyboard, w, ends, Some(0));
        (letters, parts) = around(lines.len());
        let next = (keyboard.part.min(parts - 1) + 1) % parts;
        lines = self::lines(cx, keyboard, w, ends, Some(next));
    }
    let below = lines.len();
    let widest = letters.iter().map(Vec::len).max().unwrap_or(1) as f32;
    let many = (letters.len() + below) as f32;
    let wide = (w - (widest - 1.0) * NEAR) / widest;
    let high = ((h - (many - 1.0) * NEAR) / many).clamp(tall, HIGH.max(tall));
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
    for line in lines {
        let keys = line
            .into_iter()
            .map(|key| key.stretch().at_least(KEY, 0.0).height(high));
        all.push(row(NEAR, keys.collect()));
    }
    column(NEAR, all).rigid()
}

/// What is no letter: in one row where all of it has room beside each other, else in as few as it needs. `next` is the part of
/// the letters that one of the keys leads to, if there is more than one.
fn lines(cx: &Cx, keyboard: &Keyboard, w: f32, ends: Ends, next: Option<usize>) -> Vec<Vec<Node>> {
    let (mut kinds, acts) = (kinds(cx, keyboard), acts(cx, keyboard, ends));
    kinds.extend(next.map(|next| {
        let says = cx.t("key-more");
        let more = word(cx, Some(Glyph::Next), &says, cx.state.language);
        more.on(Action::MoreKeys(next), &says)
    }));
    if w >= WIDE {
        let all: Vec<Node> = kinds.iter().chain(&acts).cloned().collect();
        let one = packed(cx, all, w);
        if one.len() == 1 {
            return one;
        }
    }
    [packed(cx, kinds, w), packed(cx, acts, w)].concat()
}

/// Keys in rows that are not too full.
fn packed(cx: &Cx, keys: Vec<Node>, w: f32) -> Vec<Vec<Node>> {
    let mut rows: Vec<Vec<Node>> = vec![Vec::new()];
    let mut left = w;
    for key in keys {
        let wide = cx.narrowest(&key).max(KEY);
        match rows.last_mut() {
            Some(row) if row.is_empty() || wide <= left => row.push(key),
            _ => {
                rows.push(vec![key]);
                left = w;
            }
        }
        left -= wide + NEAR;
    }
    rows
}

/// The least width and height of a key: that of a target, or of its letter where that is large.
fn least_key(cx: &Cx, keyboard: &Keyboard) -> (f32, f32) {
    if cx.text_scale <= cx.normal_scale {
        return (KEY, KEY);
    }
    let letters = keyboard.rows().iter().flat_map(|row| row.chars());
    let sizes = letters.map(|letter| {
        let face = face(cx, keyboard.types(letter), keyboard.layout.language());
        let wide = cx.narrowest(&face);
        (wide, cx.height(&face, wide))
    });
    sizes.fold((KEY, KEY), |(wide, high), (w, h)| {
        (wide.max(w), high.max(h))
    })
}

fn face(cx: &Cx, letter: char, language: Language) -> Node {
    words(Words {
        bold: true,
        along: Along::Centre,
        wrap: false,
        language,
        ..cx.words(letter.to_string(), cx.grown(size::LABEL))
    })
}

fn letter_key(cx: &Cx, letter: char, language: Language) -> Node {
    column(0.0, vec![face(cx, letter, language)])
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
fn acts(cx: &Cx, keyboard: &Keyboard, ends: Ends) -> Vec<Node> {
    let own = cx.state.language;
    let (icon, confirm) = ends.confirm;
    let mut keys = Vec::new();
    if ends.hides {
        let hide = cx.t("key-hide");
        let key = word(cx, Some(Glyph::Down), &cx.t("key-hide-short"), own);
        keys.push(key.on(Action::HideKeys, &hide));
    }
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

/// How many keys of this size have room in this length. A hair of it may be lost in computing.
fn fitting(length: f32, key: f32) -> usize {
    ((length + NEAR) / (key + NEAR) + 0.01).floor().max(1.0) as usize
}

/// The height that a keyboard of this width needs at least to show all its letters at once.
pub fn least(cx: &Cx, keyboard: &Keyboard, w: f32, ends: Ends) -> f32 {
    let below = lines(cx, keyboard, w, ends, None).len();
    let (broad, tall) = least_key(cx, keyboard);
    let (letters, _) = arrange(keyboard.rows(), fitting(w, broad), usize::MAX, 0);
    let many = letters.len() + below;
    many as f32 * (tall + NEAR) - NEAR
}

/// The width that a keyboard needs to look like a real one.
pub fn widest(layout: Layout) -> f32 {
    let rows = layout.rows().iter();
    let most = rows.map(|row| row.chars().count()).max().unwrap_or(1);
    most as f32 * (KEY + NEAR) - NEAR
}
