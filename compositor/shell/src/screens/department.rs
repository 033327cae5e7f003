// SPDX-License-Identifier: EUPL-1.2
//! One department: what it is for, when somebody is there, what to bring.

use site::{Department, Weekday};

use super::Cx;
use super::frame::frame;
use super::pages::{Block, Page, block, page, step};
use super::parts::badge;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, row, spring, words};
use crate::text::{Along, Words};
use crate::theme::{TextSize, Tone, size};

pub fn department(cx: &Cx, i: usize) -> Node {
    let Some(department) = cx.state.site.departments.get(i) else {
        return frame(cx, Node::default());
    };
    let mut blocks = belongs(cx, department);
    blocks.push(block(3.0, cx.body(cx.site(&department.about))));
    blocks.extend(bring(cx, department));
    blocks.extend(hours(cx, department));
    page(
        cx,
        Page {
            heading: head(cx, department),
            blocks,
            ways: vec![step(cx, Glyph::Talk, "talk", Action::Talk, true)],
            back: true,
        },
    )
}

/// The name, and the official one where there is room on every page.
pub fn head(cx: &Cx, department: &Department) -> Node {
    let mut names = vec![cx.heading(cx.site(&department.name))];
    if cx.state.modes.text == TextSize::Normal {
        names.push(cx.small(official(cx, department)));
    }
    let names = column(0.5, names).grow(1.0);
    let normal = cx.state.modes.text == TextSize::Normal && !cx.canvas.is_low();
    match department.icon.filter(|_| normal) {
        Some(icon) => row(7.0, vec![badge(Glyph::Department(icon), 24.0), names]),
        None => row(0.0, vec![names]),
    }
}

/// The official name, where the heading does not have it.
pub fn belongs(cx: &Cx, department: &Department) -> Vec<Block> {
    if cx.state.modes.text == TextSize::Normal {
        return Vec::new();
    }
    vec![block(0.0, cx.small(official(cx, department)))]
}

fn official(cx: &Cx, department: &Department) -> String {
    let mut authorities = cx.state.site.authorities.iter();
    let authority = authorities.find(|authority| authority.id == department.authority);
    let official = cx.site(&department.official);
    match authority {
        Some(authority) => format!("{official} · {}", cx.site(&authority.name)),
        None => official,
    }
}

fn bring(cx: &Cx, department: &Department) -> Vec<Block> {
    let item = |item: &site::Text| {
        let text = cx.body(cx.site(item)).grow(1.0);
        // The mark stands beside the first line.
        let line = size::BODY * cx.text_scale * 1.32;
        let mark = glyph(Glyph::Dot, Tone::Accent, 7.0).below(((line - 7.0) / 2.0).max(0.0));
        row(4.0, vec![mark, text]).align(taffy::AlignItems::START)
    };
    let mut items = department.bring.iter().map(item);
    let Some(first) = items.next() else {
        return Vec::new();
    };
    // A title is never the last thing of a page.
    let mut blocks = vec![block(
        7.0,
        column(2.0, vec![cx.title(cx.t("bring")), first]),
    )];
    blocks.extend(items.map(|item| block(2.0, item)));
    blocks
}

/// Whether somebody is there now, or when next.
pub fn status(cx: &Cx, department: &Department) -> Node {
    let (open, text) = cx.speech.opening(&department.hours, &cx.state.now);
    let (look, ink) = if open {
        (Look::fill(Tone::Accent), Tone::Card)
    } else {
        (Look::fill(Tone::Tint), Tone::Ink)
    };
    let status = words(Words {
        bold: true,
        color: ink,
        ..cx.words(text, size::BODY)
    })
    .grow(1.0);
    row(5.0, vec![glyph(Glyph::Clock, ink, cx.icon(9.0)), status])
        .pad(5.0, if cx.canvas.is_low() { 2.0 } else { 3.0 })
        .look(look)
}

fn hours(cx: &Cx, department: &Department) -> Vec<Block> {
    let status = status(cx, department);
    let title = cx.title(cx.t("hours"));
    let mut days: Vec<Node> = Weekday::ALL
        .into_iter()
        .map(|day| weekday(cx, department, day))
        .collect();
    // Where all days have room in one column they stay together, and a title is never the last thing of a page.
    if cx.state.modes.text == TextSize::Normal {
        let head = column(2.0, vec![title, status]);
        return vec![block(7.0, head), block(2.0, column(0.4, days))];
    }
    let first = column(2.0, vec![title, days.remove(0)]);
    let days = days.into_iter().map(|day| block(0.4, day));
    let head = [block(7.0, status), block(5.0, first)];
    head.into_iter().chain(days).collect()
}

fn weekday(cx: &Cx, department: &Department, day: Weekday) -> Node {
    let periods = department.hours.on(day);
    let today = day == cx.state.now.weekday;
    let text = if periods.is_empty() {
        cx.t("closed")
    } else {
        cx.speech.periods(periods)
    };
    let color = if periods.is_empty() && !today {
        Tone::SoftInk
    } else {
        Tone::Ink
    };
    let day = words(Words {
        bold: today,
        color,
        wrap: false,
        ..cx.words(cx.speech.weekday(day), size::BODY)
    });
    let times = Words {
        bold: today,
        color,
        along: Along::End,
        ..cx.words(text, size::BODY)
    };
    let air = if cx.canvas.is_low() { 0.1 } else { 0.3 };
    let line = row(6.0, vec![day.rigid(), spring(), words(times)]).pad(5.0, air);
    if today {
        line.look(Look::fill(Tone::Tint).round(2.5))
    } else {
        line
    }
}
