// SPDX-License-Identifier: EUPL-1.2
//! The four ways, never more. What is out of order is said above them.

use super::Cx;
use super::choices::{Choices, card, choices, question};
use crate::canvas::GAP;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, row, words};
use crate::state::Outage;
use crate::text::Words;
use crate::theme::{STROKE, TextSize, Tone, size};

pub fn home(cx: &Cx) -> Node {
    let way = |icon, key: &str, action| {
        let more = cx.t(&format!("{key}-more"));
        card(cx, Some(icon), &cx.t(key), &more, action)
    };
    let ways = vec![
        way(Glyph::Talk, "way-talk", Action::Talk),
        way(Glyph::Read, "way-inform", Action::Inform),
        way(Glyph::Deliver, "way-deliver", Action::Deliver),
        way(Glyph::Help, "way-help", Action::Help),
    ];
    let notices = cx.state.outages.iter().map(|outage| notice(cx, *outage));
    let mut head = vec![question(cx, &cx.t("greeting"), Some(&cx.t("question")))];
    // Above everything else, unless text is so large that the ways need the room: then after them.
    let cells = if cx.state.modes.text == TextSize::Normal {
        head.extend(notices);
        ways
    } else {
        ways.into_iter().chain(notices).collect()
    };
    choices(
        cx,
        Choices {
            head: column(GAP + 0.4, head),
            cells,
            back: false,
            at_once: false,
        },
    )
}

/// Something is out of order: touching it tells all of it.
fn notice(cx: &Cx, outage: Outage) -> Node {
    let what = cx.t(super::notice::what(cx, outage));
    let text = words(Words {
        bold: true,
        color: Tone::Warning,
        ..cx.words(&what, size::BODY)
    })
    .grow(1.0);
    row(
        4.0,
        vec![glyph(Glyph::Warning, Tone::Warning, cx.icon(9.0)), text],
    )
    .pad(5.0, 2.0)
    .at_least(0.0, 16.0)
    .look(Look::fill(Tone::WarningTint).edged(Tone::Warning, STROKE))
    .on(Action::Outage(outage), &what)
}
