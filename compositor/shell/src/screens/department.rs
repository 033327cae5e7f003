// SPDX-License-Identifier: EUPL-1.2
//! One department: what it is for, when somebody is there, what to bring.

use site::{Department, Weekday};

use super::Cx;
use super::frame::{frame, sheet};
use super::parts::badge;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, row, spring, words};
use crate::text::{Along, Words};
use crate::theme::{ACCENT, CARD, INK, SOFT_INK, TINT, size};

pub fn department(cx: &Cx, i: usize) -> Node {
    let Some(department) = cx.state.site.departments.get(i) else {
        return frame(cx, Node::default());
    };
    let (about, hours) = (about(cx, department), hours(cx, department));
    let content = if cx.canvas.is_portrait() {
        column(10.0, vec![about.rigid(), hours.rigid(), spring(), back(cx)])
    } else {
        let mut left = vec![about];
        // On low screens the way back stands beside the heading, because below there is no room.
        if !cx.canvas.is_low() {
            left.extend([spring(), back(cx)]);
        }
        let left = column(8.0, left).grow(1.0);
        row(14.0, vec![left, hours.grow(0.72)]).align(taffy::AlignItems::STRETCH)
    };
    let air = Node::default().height(8.0).rigid();
    frame(cx, column(0.0, vec![content.grow(1.0), air]))
}

fn back(cx: &Cx) -> Node {
    row(
        0.0,
        vec![cx.button(Some(Glyph::Back), &cx.t("back"), Action::Back, true)],
    )
    .rigid()
}

fn about(cx: &Cx, department: &Department) -> Node {
    let authority = cx
        .state
        .site
        .authorities
        .iter()
        .find(|authority| authority.id == department.authority);
    let official = match authority {
        Some(authority) => format!(
            "{} · {}",
            cx.site(&department.official),
            cx.site(&authority.name)
        ),
        None => cx.site(&department.official),
    };
    let names = column(
        0.5,
        vec![cx.heading(cx.site(&department.name)), cx.small(official)],
    )
    .grow(1.0);
    let head = match department.icon {
        _ if cx.canvas.is_low() => vec![back(cx), names],
        Some(icon) => vec![badge(Glyph::Department(icon), 24.0), names],
        None => vec![names],
    };
    let mut parts = vec![row(7.0, head), cx.body(cx.site(&department.about))];
    if !department.bring.is_empty() {
        let items = department.bring.iter().map(|item| {
            let text = cx.body(cx.site(item)).grow(1.0);
            row(4.0, vec![glyph(Glyph::Dot, ACCENT, 7.0), text])
        });
        let mut list = vec![cx.title(cx.t("bring"))];
        list.extend(items);
        parts.push(column(2.5, list));
    }
    column(6.0, parts)
}

fn hours(cx: &Cx, department: &Department) -> Node {
    let now = &cx.state.now;
    let low = cx.canvas.is_low();
    let (open, text) = cx.speech.opening(&department.hours, now);
    let (look, ink) = if open {
        (Look::fill(ACCENT), CARD)
    } else {
        (Look::fill(TINT), INK)
    };
    let status = words(Words {
        bold: true,
        color: ink,
        ..cx.words(text, size::BODY)
    })
    .grow(1.0);
    let status = row(5.0, vec![glyph(Glyph::Clock, ink, 10.0), status])
        .pad(6.0, if low { 2.5 } else { 4.0 })
        .look(look);
    let mut parts = vec![cx.title(cx.t("hours")), status];
    parts.extend(Weekday::ALL.into_iter().map(|day| {
        let periods = department.hours.on(day);
        let today = day == now.weekday;
        let text = if periods.is_empty() {
            cx.t("closed")
        } else {
            cx.speech.periods(periods)
        };
        let color = if periods.is_empty() && !today {
            SOFT_INK
        } else {
            INK
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
        let line =
            row(6.0, vec![day, spring(), words(times)]).pad(5.0, if low { 0.5 } else { 1.4 });
        if today {
            line.look(Look::fill(TINT).round(2.5))
        } else {
            line
        }
    }));
    sheet(column(if low { 1.4 } else { 2.0 }, parts).pad(8.0, if low { 4.0 } else { 7.0 }))
}
