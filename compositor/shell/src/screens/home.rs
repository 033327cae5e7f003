// SPDX-License-Identifier: EUPL-1.2
//! The departments: at most six at once, below the authorities they belong to.

use super::frame::frame;
use super::parts::{badge, chosen};
use super::{CHOICES, Cx};
use crate::canvas::GAP;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Content, Look, Node, column, grid, row, spring, words};
use crate::text::{Along, Words};
use crate::theme::{SOFT_INK, size};

pub fn home(cx: &Cx) -> Node {
    let picture = Node {
        content: Content::Picture,
        ..Node::default()
    }
    .look(Look::default().round(7.0));
    let greeting = column(
        2.0,
        vec![cx.display(cx.t("greeting")), cx.body(cx.t("question"))],
    );
    let choices = column(GAP + 1.0, vec![authorities(cx), departments(cx)]);
    let content = if cx.canvas.is_portrait() {
        let picture = picture.height(cx.canvas.h() * 0.25).rigid();
        column(8.0, vec![picture, greeting.rigid(), choices.grow(1.0)])
    } else {
        let left = column(7.0, vec![greeting.rigid(), picture.grow(1.0)]).grow(0.62);
        row(12.0, vec![left, choices.grow(1.0)]).align(taffy::AlignItems::STRETCH)
    };
    // Air between the content and the bar.
    let air = Node::default().height(8.0).rigid();
    frame(cx, column(0.0, vec![content.grow(1.0), air]))
}

fn authorities(cx: &Cx) -> Node {
    let shown = cx.state.authorities();
    if shown.len() < 2 {
        return Node::default();
    }
    let tabs = shown.iter().enumerate().filter_map(|(i, authority)| {
        let name = cx.site(&cx.state.site.authorities.get(*authority)?.name);
        let (look, ink) = chosen(cx.state.visit.authority == i);
        let label = Words {
            bold: true,
            color: ink,
            along: Along::Centre,
            ..cx.words(&name, size::BODY)
        };
        let tab = column(0.0, vec![words(label)])
            .justify(taffy::JustifyContent::CENTER)
            .pad(3.0, 1.0);
        Some(
            tab.height(17.0)
                .grow(1.0)
                .look(look)
                .on(Action::Authority(i), &name),
        )
    });
    row(GAP + 1.0, tabs.collect())
        .rigid()
        .align(taffy::AlignItems::STRETCH)
}

fn departments(cx: &Cx) -> Node {
    let all = cx.state.departments();
    let page = cx.state.visit.page.min(cx.state.pages() - 1);
    let mut cards: Vec<Node> = all
        .iter()
        .skip(page * CHOICES)
        .take(CHOICES)
        .filter_map(|i| card(cx, *i))
        .collect();
    // The grid keeps its shape: a card is always as large, whatever is beside it.
    while cards.len() < CHOICES {
        cards.push(Node::default());
    }
    let grid = grid(2, GAP + 1.0, cards).grow(1.0);
    let mut parts = vec![grid];
    if cx.state.pages() > 1 {
        parts.push(pager(cx, page));
    }
    column(GAP + 1.0, parts).grow(1.0)
}

fn card(cx: &Cx, i: usize) -> Option<Node> {
    let department = cx.state.site.departments.get(i)?;
    let name = cx.site(&department.name);
    let title = words(Words {
        bold: true,
        ..cx.words(&name, size::LABEL)
    });
    let official = words(Words {
        color: SOFT_INK,
        ..cx.words(cx.site(&department.official), size::SMALL)
    });
    let text = column(1.0, vec![title, official]).grow(1.0);
    let mut inside = vec![text];
    if let Some(icon) = department.icon {
        inside.insert(0, badge(Glyph::Department(icon), 21.0));
    }
    Some(
        row(6.0, inside)
            .pad(6.0, 3.0)
            .look(Look::card())
            .on(Action::Department(i), &name),
    )
}

fn pager(cx: &Cx, page: usize) -> Node {
    let values = [
        ("page", (page + 1).into()),
        ("pages", cx.state.pages().into()),
    ];
    let back = cx.t("page-back");
    let next = cx.t("page-next");
    let left = if page > 0 {
        cx.button(Some(Glyph::Back), &back, Action::Page(page - 1), false)
            .grow(1.0)
    } else {
        spring()
    };
    let right = if page + 1 < cx.state.pages() {
        cx.button(Some(Glyph::Next), &next, Action::Page(page + 1), false)
            .grow(1.0)
    } else {
        spring()
    };
    let middle = Words {
        along: Along::Centre,
        ..cx.words(cx.speech.with("page", &values), size::BODY)
    };
    row(
        GAP + 1.0,
        vec![left.height(18.0), words(middle), right.height(18.0)],
    )
    .rigid()
}
