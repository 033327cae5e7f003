// SPDX-License-Identifier: EUPL-1.2
//! What is on every screen at the same place: the place, time, and the bar at the bottom.

use site::Language;

use super::Cx;
use crate::canvas::TARGET;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, row, spring, words};
use crate::state::{Screen, Stage};
use crate::text::{Along, Words};
use crate::theme::{BAR, CARD, INK, LINE, MARGIN, SOFT_INK, TINT, WARNING, size};

/// A whole screen around `content`.
pub fn frame(cx: &Cx, content: Node) -> Node {
    // These stay as large as they are, whatever the content has to do to fit.
    let fixed = Cx {
        state: cx.state,
        speech: cx.speech,
        canvas: cx.canvas,
        text_scale: cx.canvas.text_scale(),
    };
    let mut parts = vec![header(&fixed), content.pad(MARGIN, 0.0).grow(1.0).bounded()];
    parts.push(bar(&fixed));
    column(0.0, parts)
}

/// The margins of the header shrink on small screens.
fn air(cx: &Cx) -> f32 {
    if cx.canvas.is_low() { 5.0 } else { 8.0 }
}

fn header(cx: &Cx) -> Node {
    let place = &cx.state.site.place;
    // Upright there is less room beside the date.
    let name = if cx.canvas.is_portrait() {
        size::HEADING * 0.9
    } else {
        size::HEADING
    };
    let name = words(Words {
        bold: true,
        ..cx.words(cx.site(&place.name), name)
    });
    let names = column(0.5, vec![name, cx.small(cx.site(&place.region))]).grow(1.0);
    row(8.0, vec![names, clock(cx)])
        .pad(MARGIN, air(cx))
        .rigid()
}

/// Date and time; instead of them the time left when it matters.
fn clock(cx: &Cx) -> Node {
    if let Some(seconds) = cx.state.seconds_left() {
        let text = cx.speech.with("time-left", &[("seconds", seconds.into())]);
        let notice = words(Words {
            bold: true,
            color: WARNING,
            along: Along::End,
            ..cx.words(text, size::BODY)
        });
        let how = words(Words {
            color: SOFT_INK,
            along: Along::End,
            ..cx.words(cx.t("time-left-stay"), size::SMALL)
        });
        return column(0.5, vec![notice, how])
            .rigid()
            .at_most(cx.canvas.w() * 0.5);
    }
    let now = &cx.state.now;
    let clock = Words {
        bold: true,
        along: Along::End,
        wrap: false,
        ..cx.words(cx.speech.time(now.time), size::HEADING)
    };
    let date = Words {
        color: SOFT_INK,
        along: Along::End,
        ..cx.words(cx.speech.date(now), size::SMALL)
    };
    column(0.5, vec![words(clock), words(date)])
        .rigid()
        .at_most(cx.canvas.w() * 0.5)
}

/// The bar: it never moves and never changes order. Language first, end last, the version in its corner.
fn bar(cx: &Cx) -> Node {
    let screen = cx.state.screen();
    let mut inside = Vec::new();
    if !matches!(screen, Screen::Start | Screen::Wait(_)) {
        inside.push(language(cx, screen == Screen::Languages));
    }
    inside.push(spring());
    // Where there is nothing to end, a button would do nothing.
    if cx.state.stage == Stage::Open && !cx.state.is_at_rest() {
        let text = cx.t("finish");
        let label = words(Words {
            bold: true,
            wrap: false,
            ..cx.words(&text, size::LABEL)
        });
        let inside_button = vec![glyph(Glyph::Finish, INK, 9.0), label];
        inside.push(
            pill(row(4.0, inside_button))
                .look(Look::card())
                .on(Action::Finish, &text),
        );
    }
    if !cx.state.identity.version.is_empty() {
        let version = format!("Amtsnah {}", cx.state.identity.version);
        inside.push(words(Words {
            color: SOFT_INK,
            language: Language::De,
            wrap: false,
            ..cx.words(version, size::TINY)
        }));
    }
    let bar = row(8.0, inside).pad(MARGIN, 4.0).height(26.0).rigid();
    let line = Node::default()
        .height(0.5)
        .rigid()
        .look(Look::fill(LINE).round(0.0));
    column(0.0, vec![line, bar])
        .rigid()
        .look(Look::fill(BAR).round(0.0))
}

fn language(cx: &Cx, open: bool) -> Node {
    let text = cx.t("language-name");
    let look = if open {
        Look::fill(TINT).edged(crate::theme::ACCENT, 1.0)
    } else {
        Look::card()
    };
    let label = words(Words {
        bold: true,
        wrap: false,
        ..cx.words(&text, size::LABEL)
    });
    let mut inside = vec![glyph(Glyph::Languages, INK, 9.0), label];
    // Whoever does not read German has to find this: the word in other languages beside it.
    if cx.state.language == Language::De && (cx.state.is_at_rest() || !cx.canvas.is_portrait()) {
        let others = Words {
            color: SOFT_INK,
            wrap: false,
            ..cx.words("Language · العربية", size::SMALL)
        };
        inside.push(words(others));
    }
    let button = pill(row(4.0, inside)).look(look);
    button.on(Action::Languages, &text)
}

fn pill(row: Node) -> Node {
    row.pad(6.0, 1.0).at_least(TARGET * 2.0, 18.0).rigid()
}

/// The light ground inside which a screen's main thing lies.
pub fn sheet(content: Node) -> Node {
    content
        .look(Look::fill(CARD).edged(LINE, 0.5).round(6.0))
        .bounded()
}
