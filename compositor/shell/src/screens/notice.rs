// SPDX-License-Identifier: EUPL-1.2
//! Messages in four parts: what happened, what it means, what can be done now, who already knows. Also what is said
//! honestly where this device cannot do something yet.

use super::Cx;
use super::pages::{Block, Page, block, page, step};
use super::print::said;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, row, words};
use crate::state::{Outage, Screen};
use crate::text::Words;
use crate::theme::{STROKE, TextSize, Tone, size};
use crate::voice;

pub fn deliver(cx: &Cx) -> Node {
    plain(cx, "deliver", Glyph::Deliver, true)
}

/// Somebody of the place comes, or speaks from there; where nobody can be called from here, by telephone.
pub fn help(cx: &Cx) -> Node {
    if cx.state.helper().is_none() {
        return plain(cx, "help", Glyph::Help, true);
    }
    let mut blocks = parts(cx, "help-call");
    blocks.push(block(3.0, cx.body(cx.t("call-private"))));
    let call = step(cx, Glyph::Camera, "help-call-now", Action::Call, true);
    titled(cx, "help", Glyph::Help, blocks, vec![call], true)
}

pub fn no_voice(cx: &Cx) -> Node {
    // What is missing: a voice for the language, or something to hear it with.
    let key = if voice::speaks(cx.state.language) {
        "no-ear"
    } else {
        "no-voice"
    };
    plain(cx, key, Glyph::Voice, true)
}

pub fn outage(cx: &Cx, outage: Outage) -> Node {
    if outage == Outage::Printer {
        return said(cx, what(cx, outage), "no-printer", Vec::new());
    }
    // While a new version is set up there is nothing to go back to.
    let back = cx.state.screen() != Screen::At(crate::state::Place::Outage(Outage::Update));
    plain(cx, key(outage), Glyph::Warning, back)
}

/// The texts for what is out of order.
pub fn key(outage: Outage) -> &'static str {
    match outage {
        Outage::Printer => "no-printer",
        Outage::Network => "no-network",
        Outage::Update => "new-version",
    }
}

/// What happened, in a sentence.
pub fn what(cx: &Cx, outage: Outage) -> &'static str {
    match outage {
        Outage::Printer => super::print::what(cx.state.hindrance()),
        Outage::Network => "no-network-what",
        Outage::Update => "new-version-what",
    }
}

/// A message on a screen of its own.
pub fn plain(cx: &Cx, key: &str, icon: Glyph, back: bool) -> Node {
    message(cx, key, icon, back, Vec::new())
}

/// The same with a way back and others.
pub fn plain_with(cx: &Cx, key: &str, icon: Glyph, ways: Vec<Node>) -> Node {
    message(cx, key, icon, true, ways)
}

fn message(cx: &Cx, key: &str, icon: Glyph, back: bool, ways: Vec<Node>) -> Node {
    titled(cx, key, icon, parts(cx, key), ways, back)
}

fn titled(
    cx: &Cx,
    key: &str,
    icon: Glyph,
    blocks: Vec<Block>,
    ways: Vec<Node>,
    back: bool,
) -> Node {
    let title = cx.heading(cx.t(&format!("{key}-title"))).grow(1.0);
    let heading = row(6.0, vec![super::parts::badge(icon, 20.0), title]);
    page(
        cx,
        Page {
            heading,
            blocks,
            ways,
            back,
        },
    )
}

/// The four parts of this message.
pub fn parts(cx: &Cx, key: &str) -> Vec<Block> {
    let says = |part: &str| cx.t(&format!("{key}-{part}"));
    four(cx, ["what", "means", "do", "knows"].map(says))
}

/// The four parts; what can be done is what stands out.
pub fn four(cx: &Cx, [what, means, todo, knows]: [String; 4]) -> Vec<Block> {
    let what = words(Words {
        bold: true,
        ..cx.words(what, size::LABEL)
    });
    let act = words(Words {
        bold: true,
        ..cx.words(todo, size::BODY)
    });
    let stands_out = |inside: Vec<Node>| {
        column(3.0, inside)
            .pad(6.0, 4.0)
            .look(Look::fill(Tone::Tint).edged(Tone::Accent, STROKE))
    };
    let mut blocks = vec![block(5.0, what), block(3.0, cx.body(means))];
    // Large text, and the lower part of an upright screen, may not have room for both on one page.
    let is_scarce = cx.state.modes.lower && cx.canvas.is_portrait();
    if cx.state.modes.text == TextSize::Normal && !is_scarce {
        blocks.push(block(5.0, stands_out(vec![act, call(cx)])));
    } else {
        blocks.push(block(5.0, stands_out(vec![act])));
        blocks.push(block(3.0, stands_out(vec![call(cx)])));
    }
    blocks.push(block(5.0, cx.body(knows)));
    blocks
}

/// Who to call.
pub fn call(cx: &Cx) -> Node {
    let operator = &cx.state.site.operator;
    let who = words(cx.words(cx.site(&operator.name), size::BODY));
    let number = words(Words {
        bold: true,
        ..cx.words(cx.speech.phone(&operator.phone), size::LABEL)
    });
    let names = column(0.5, vec![who, number]).grow(1.0);
    row(
        4.0,
        vec![glyph(Glyph::Phone, Tone::Accent, cx.icon(9.0)), names],
    )
}
