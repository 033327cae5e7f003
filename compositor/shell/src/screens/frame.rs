// SPDX-License-Identifier: EUPL-1.2
//! What is on every screen at the same place: the place, the time, and the bar at the bottom.

use accesskit::Role;
use site::Language;

use super::Cx;
use crate::canvas::{GAP, TARGET};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Meaning, Node, column, glyph, grid, row, words};
use crate::state::{Over, Screen, Stage};
use crate::text::{Along, Words};
use crate::theme::{MARGIN, TextSize, Theme, Tone, size};

/// A whole screen around `content`.
pub fn frame(cx: &Cx, content: Node) -> Node {
    let content = content.pad(MARGIN, 0.0).grow(1.0).bounded();
    let main = Meaning::new(Role::Main, "");
    column(0.0, vec![header(cx), content.means(main), bar(cx)])
}

/// A screen around `content` that goes from edge to edge.
pub fn whole(cx: &Cx, content: Node) -> Node {
    let main = Meaning::new(Role::Main, "");
    let content = content.grow(1.0).bounded().means(main);
    column(0.0, vec![header(cx), content, bar(cx)])
}

/// How much room there is between header and bar, without the margins, in units.
pub fn room(cx: &Cx) -> (f32, f32) {
    let (w, h) = (cx.canvas.w(), cx.canvas.h());
    let taken = cx.height(&header(cx), w) + cx.height(&bar(cx), w);
    (w - 2.0 * MARGIN, h - taken - 1.0)
}

/// The margins of the header shrink on small screens.
fn air(cx: &Cx) -> f32 {
    if cx.canvas.is_low() { 4.0 } else { 8.0 }
}

/// The header stays as large as it is, whatever the content has to do to fit.
fn header(cx: &Cx) -> Node {
    let cx = &cx.fixed();
    if cx.state.view().is_some() {
        return super::case::strip(cx).pad(MARGIN, air(cx) * 0.75);
    }
    let place = &cx.state.site.place;
    let normal = cx.state.modes.text == TextSize::Normal;
    // Upright there is less room beside the date.
    let name = if cx.canvas.is_portrait() {
        size::HEADING * 0.9
    } else {
        size::HEADING
    };
    let name = words(Words {
        bold: true,
        ..cx.words(cx.site(&place.name), cx.grown(name))
    });
    let mut names = vec![name];
    if normal {
        names.push(cx.small(cx.site(&place.region)));
    }
    let banner = Meaning::new(Role::Banner, "");
    row(8.0, vec![column(0.5, names).grow(1.0), clock(cx, normal)])
        .pad(MARGIN, air(cx))
        .rigid()
        .means(banner)
}

/// Time, and the date where there is room.
fn clock(cx: &Cx, dated: bool) -> Node {
    let now = &cx.state.now;
    let time = words(Words {
        bold: true,
        along: Along::End,
        wrap: false,
        ..cx.words(cx.speech.time(now.time), cx.grown(size::HEADING))
    });
    let mut parts = vec![time];
    if dated {
        parts.push(words(Words {
            color: Tone::SoftInk,
            along: Along::End,
            ..cx.words(cx.speech.date(now), size::SMALL)
        }));
    }
    column(0.5, parts).rigid().at_most(cx.canvas.w() * 0.5)
}

/// The bar: it never moves and never changes order.
fn bar(cx: &Cx) -> Node {
    let cx = &cx.fixed();
    let (state, modes) = (cx.state, &cx.state.modes);
    let waits = matches!(state.screen(), Screen::Wait(_));
    // Nobody can choose a language while a secret is being checked: that takes seconds.
    let language = if waits {
        Node::default()
    } else {
        let open = state.over == Some(Over::Languages);
        item(cx, Glyph::Languages, "bar-language", Action::Languages)
            .described(cx.t("language-name"))
            .lit(open)
    };
    let percent = [("percent", modes.text.percent().into())];
    let larger = item(cx, Glyph::Larger, "bar-larger", Action::Larger)
        .described(cx.speech.with("text-size", &percent))
        .lit(modes.text != TextSize::Normal);
    let theme = match modes.theme {
        Theme::Paper => "theme-paper",
        Theme::Light => "theme-light",
        Theme::Dark => "theme-dark",
    };
    let contrast = item(cx, Glyph::Contrast, "bar-contrast", Action::Contrast)
        .described(cx.t(theme))
        .lit(modes.theme != Theme::Paper);
    let voice = item(cx, Glyph::Voice, "bar-voice", Action::Voice)
        .switched(modes.voice)
        .lit(modes.voice);
    let lower = item(cx, Glyph::Lower, "bar-lower", Action::Lower)
        .switched(modes.lower)
        .lit(modes.lower);
    // Where there is nothing to end, a button would do nothing.
    let ends = !waits && state.stage != Stage::Opening && !state.is_at_rest();
    let finish = if cx.state.is_signed_in() {
        item(cx, Glyph::Lock, "bar-lock", Action::Lock)
    } else if ends && cx.state.view().is_none() {
        item(cx, Glyph::Finish, "finish", Action::Finish)
    } else {
        Node::default()
    };
    let columns = if cx.canvas.is_portrait() { 3 } else { 6 };
    let items = vec![language, larger, contrast, voice, lower, finish];
    let (air, high) = if cx.canvas.is_low() {
        (2.5, ITEM)
    } else {
        (4.0, ITEM + 2.0)
    };
    let high = high.max(high - 7.0 + 7.0 * cx.text_scale / cx.normal_scale);
    let rows = if columns == 3 { 2.0 } else { 1.0 };
    let grid = grid(columns, GAP + 0.2, items).height(rows * high + (rows - 1.0) * (GAP + 0.2));
    let line = Node::default()
        .height(0.5)
        .rigid()
        .look(Look::fill(Tone::Line).round(0.0));
    let toolbar = Meaning::new(Role::Toolbar, &cx.t("bar"));
    let bar = column(0.0, vec![grid]).pad(MARGIN, air).means(toolbar);
    column(0.0, vec![line, bar])
        .rigid()
        .look(Look::fill(Tone::Bar).round(0.0))
}

/// The height of what is in the bar.
const ITEM: f32 = TARGET + 3.0;

fn item(cx: &Cx, icon: Glyph, key: &str, action: Action) -> Node {
    let text = cx.t(key);
    let label = words(Words {
        bold: true,
        wrap: false,
        along: Along::Centre,
        ..cx.words(&text, size::SMALL)
    });
    column(0.0, vec![glyph(icon, Tone::Ink, 7.5), label])
        .align(taffy::AlignItems::CENTER)
        .justify(taffy::JustifyContent::CENTER)
        .pad(1.0, 0.5)
        .look(Look::card())
        .on(action, &text)
}

impl Node {
    /// Shows that it is on: another ground, a strong edge, and a mark beside the icon.
    fn lit(mut self, on: bool) -> Self {
        if on {
            self.look = Look::fill(Tone::Tint).edged(Tone::Accent, 1.2);
            if let Some(icon) = self.children.first_mut() {
                let both = vec![icon.clone(), glyph(Glyph::Check, Tone::Accent, 6.0)];
                *icon = row(1.0, both).rigid();
            }
        }
        self
    }
}

/// The version, for the operator.
pub fn version(cx: &Cx) -> Node {
    if cx.state.identity.version.is_empty() {
        return Node::default();
    }
    let version = format!("Amtsnah {}", cx.state.identity.version);
    words(Words {
        color: Tone::SoftInk,
        language: Language::De,
        wrap: false,
        along: Along::End,
        ..cx.words(version, size::TINY)
    })
}
