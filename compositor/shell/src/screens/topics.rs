// SPDX-License-Identifier: EUPL-1.2
//! The authorities, where there are several, and the topics of one in the words of citizens.

use site::{Authority, Kind};

use super::choices::{Choices, card, choices_and, question};
use super::services::card_of;
use super::{CHOICES, Cx};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::Node;
use crate::state::Way;

pub fn authorities(cx: &Cx, way: Way) -> Node {
    let site = &cx.state.site;
    let shown = cx.state.offering(way);
    let cells = shown.iter().enumerate().filter_map(|(i, authority)| {
        let authority = site.authorities.get(*authority)?;
        let icon = match authority.kind {
            Kind::ThirdParty => site::Icon::Coins,
            Kind::Federal => site::Icon::Family,
            Kind::Municipality | Kind::District | Kind::State => site::Icon::Building,
        };
        let (icon, name) = (Glyph::Department(icon), cx.site(&authority.name));
        let action = Action::Authority(i);
        let topics = some_topics(cx, authority).join(" · ");
        Some(card(cx, Some(icon), &name, &topics, action))
    });
    let head = question(cx, &cx.t("authorities-question"), None);
    let cells = cells.collect();
    let all = Choices {
        head,
        cells,
        back: true,
        at_once: false,
    };
    choices_and(cx, all, &ways(cx, way), CHOICES)
}

/// What can be had there says more than what it is.
fn some_topics(cx: &Cx, authority: &Authority) -> Vec<String> {
    let departments = cx.state.site.departments_of(&authority.id).take(3);
    let topics: Vec<String> = departments
        .map(|department| cx.site(&department.name))
        .collect();
    if !topics.is_empty() {
        return topics;
    }
    let services = cx.state.services_beside(&authority.id).into_iter().take(2);
    services
        .filter_map(|number| Some(cx.site(cx.state.catalogue.get(number)?.names())))
        .collect()
}

pub fn topics(cx: &Cx, way: Way, authority: usize) -> Node {
    let site = &cx.state.site;
    let departments = cx.state.topics(way, authority).into_iter();
    let departments = departments.filter_map(|i| {
        let department = site.departments.get(i)?;
        let (name, official) = (cx.site(&department.name), cx.site(&department.official));
        let icon = department.icon.map(Glyph::Department);
        Some(card(cx, icon, &name, &official, Action::Department(i)))
    });
    let mut cells: Vec<Node> = departments.collect();
    let beside = cx.state.authority(way, authority);
    if let Some(authority) = beside.filter(|_| way == Way::Inform) {
        let services = cx.state.services_beside(authority).into_iter();
        cells.extend(services.filter_map(|number| card_of(cx, number)));
    }
    let asks = match way {
        Way::Talk => "topics-talk",
        Way::Inform => "topics-inform",
    };
    let shown = cx.state.offering(way);
    let name = shown
        .get(authority)
        .and_then(|i| site.authorities.get(*i))
        .map(|authority| cx.site(&authority.name));
    let lead = name.filter(|_| shown.len() > 1);
    let head = question(cx, &cx.t(asks), lead.as_deref());
    let all = Choices {
        head,
        cells,
        back: true,
        at_once: false,
    };
    choices_and(cx, all, &ways(cx, way), CHOICES)
}

/// Who knows the word for it need not know where it belongs.
fn ways(cx: &Cx, way: Way) -> Vec<Node> {
    match way {
        Way::Inform => super::search::way(cx),
        Way::Talk => Vec::new(),
    }
}
