// SPDX-License-Identifier: EUPL-1.2
//! The authorities, where there are several, and the topics of one in the words of citizens.

use site::Kind;

use super::Cx;
use super::choices::{Choices, card, choices, question};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::Node;
use crate::state::Way;

pub fn authorities(cx: &Cx) -> Node {
    let site = &cx.state.site;
    let shown = cx.state.authorities();
    let cells = shown.iter().enumerate().filter_map(|(i, authority)| {
        let authority = site.authorities.get(*authority)?;
        // What can be had there says more than what it is.
        let topics: Vec<String> = site
            .departments_of(&authority.id)
            .take(3)
            .map(|department| cx.site(&department.name))
            .collect();
        let icon = match authority.kind {
            Kind::ThirdParty => site::Icon::Coins,
            Kind::Federal => site::Icon::Family,
            Kind::Municipality | Kind::District | Kind::State => site::Icon::Building,
        };
        let (icon, name) = (Glyph::Department(icon), cx.site(&authority.name));
        let action = Action::Authority(i);
        Some(card(cx, Some(icon), &name, &topics.join(" · "), action))
    });
    let head = question(cx, &cx.t("authorities-question"), None);
    let cells = cells.collect();
    choices(
        cx,
        Choices {
            head,
            cells,
            back: true,
        },
    )
}

pub fn topics(cx: &Cx, way: Way, authority: usize) -> Node {
    let site = &cx.state.site;
    let cells = cx.state.departments(authority).into_iter().filter_map(|i| {
        let department = site.departments.get(i)?;
        let (name, official) = (cx.site(&department.name), cx.site(&department.official));
        let icon = department.icon.map(Glyph::Department);
        Some(card(cx, icon, &name, &official, Action::Department(i)))
    });
    let asks = match way {
        Way::Talk => "topics-talk",
        Way::Inform => "topics-inform",
    };
    let shown = cx.state.authorities();
    let name = shown
        .get(authority)
        .and_then(|i| site.authorities.get(*i))
        .map(|authority| cx.site(&authority.name));
    let lead = name.filter(|_| shown.len() > 1);
    let head = question(cx, &cx.t(asks), lead.as_deref());
    let cells = cells.collect();
    choices(
        cx,
        Choices {
            head,
            cells,
            back: true,
        },
    )
}
