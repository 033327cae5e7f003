// SPDX-License-Identifier: EUPL-1.2
//! While nobody is there: the place, a welcome in every language at once, and whether somebody is there to talk to.

use site::Language;

use super::Cx;
use super::frame::{frame, room, version};
use super::languages::name_of;
use crate::canvas::GAP;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Content, Look, Meaning, Node, column, glyph, grid, row, words};
use crate::text::{Along, Words};
use crate::theme::{TextSize, Tone, size};
use accesskit::Role;

pub fn attract(cx: &Cx) -> Node {
    let (w, h) = room(cx);
    let air = cx.air();
    let place = cx.site(&cx.state.site.place.name);
    let welcome = cx
        .speech
        .with("welcome", &[("place", place.clone().into())]);
    let upright = cx.canvas.is_portrait();
    let columns = if upright || cx.state.modes.text != TextSize::Normal {
        2
    } else {
        4
    };
    let others = others(cx, columns);
    let version = version(cx);
    let said = |title: Node| {
        let parts = vec![title, attendance(cx), begin(cx)];
        column(air * 0.6, parts)
    };
    let mut text = said(cx.display(&welcome));
    // The picture takes what room is left, and goes where there is too little.
    let wide = if upright { w } else { w * 0.54 };
    let high = cx.height(&text, wide);
    let least = cx.height(&version, w) + 2.5 * air;
    let below = least + cx.height(&others, w);
    let picture = Node {
        content: Content::Picture,
        ..Node::default()
    }
    .look(Look::default().round(7.0))
    .means(Meaning::new(Role::Image, &place));
    let left = h - below;
    let mut fits = true;
    let top = if upright && left - high > 0.0 {
        let mut parts = vec![text.rigid()];
        if left - high > 30.0 {
            parts.insert(0, picture.grow(1.0));
        }
        column(air, parts)
    } else if cx.state.modes.text == TextSize::Normal && left - high > -1.0 {
        let text = column(0.0, vec![text])
            .justify(taffy::JustifyContent::CENTER)
            .width(wide)
            .rigid();
        row(12.0, vec![text, picture.grow(1.0)]).align(taffy::AlignItems::STRETCH)
    } else {
        // Large text needs the room of the other languages, which the bar offers as well.
        fits = cx.height(&text, w) <= left;
        if cx.height(&text, w) > h - least {
            text = said(cx.heading(&welcome));
        }
        column(0.0, vec![text.rigid()]).justify(taffy::JustifyContent::CENTER)
    };
    let mut all = vec![top.grow(1.0).bounded()];
    if fits {
        all.push(others.rigid());
    }
    all.push(version.rigid());
    frame(cx, column(air, all))
}

/// Whether somebody is there now, or when next.
fn attendance(cx: &Cx) -> Node {
    let (open, says) = cx.speech.attendance(&cx.state.site, &cx.state.now);
    let (look, ink) = if open {
        (Look::fill(Tone::Tint).edged(Tone::Accent, 0.8), Tone::Ink)
    } else {
        (Look::fill(Tone::Card).edged(Tone::Edge, 0.5), Tone::Ink)
    };
    let says = words(Words {
        bold: open,
        color: ink,
        ..cx.words(says, size::BODY)
    })
    .grow(1.0);
    row(
        4.0,
        vec![glyph(Glyph::Clock, Tone::Accent, cx.icon(9.0)), says],
    )
    .pad(5.0, 3.0)
    .look(look)
}

/// The one thing to do here.
fn begin(cx: &Cx) -> Node {
    let text = cx.t("begin");
    let label = words(Words {
        bold: true,
        color: Tone::Card,
        along: Along::Centre,
        ..cx.words(&text, size::LABEL)
    });
    row(
        5.0,
        vec![label, glyph(Glyph::Next, Tone::Card, cx.icon(10.0))],
    )
    .justify(taffy::JustifyContent::CENTER)
    .pad(8.0, 4.0)
    .at_least(60.0, 24.0)
    .look(Look::fill(Tone::Accent))
    .on(Action::Begin, &text)
}

/// The other languages, each with its own words: whoever reads one of them begins in it.
fn others(cx: &Cx, columns: u16) -> Node {
    let spoken = cx.state.language;
    let buttons = cx
        .state
        .site
        .languages
        .iter()
        .filter(|language| **language != spoken)
        .map(|language| other(cx, *language));
    grid(columns, GAP + 0.4, buttons.collect())
}

fn other(cx: &Cx, language: Language) -> Node {
    let own = cx.speech.other(language);
    let begin = own.get("begin");
    let text = |text: &str, bold| {
        words(Words {
            bold,
            language,
            along: Along::Centre,
            ..cx.words(text, if bold { size::BODY } else { size::SMALL })
        })
    };
    let name = name_of(language);
    let mut names = column(0.0, vec![text(name, true), text(&begin, false)])
        .justify(taffy::JustifyContent::CENTER)
        .pad(2.0, 1.5)
        .at_least(30.0, 18.0)
        .look(Look::card());
    if language.is_rtl() {
        names.style.direction = taffy::Direction::Rtl;
    }
    names
        .on(Action::Speak(language), name)
        .described(begin)
        .speaking(language)
}
