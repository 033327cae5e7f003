// SPDX-License-Identifier: EUPL-1.2
//! The services of a department, by name; and how to get the form of one.

use procedures::{Kind, Part};
use site::Language;

use super::choices::{Choices, card_in, choices_and};
use super::department::head;
use super::frame::frame;
use super::notice::parts;
use super::pages::{Page, page, step, turn};
use super::reader::{heading, only_german, part, print_way};
use super::{CHOICES, Cx};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::Node;

pub fn services(cx: &Cx, department: usize) -> Node {
    let Some(shown) = cx.state.site.departments.get(department) else {
        return frame(cx, Node::default());
    };
    let services = cx.state.services(department).into_iter();
    let cells = services.filter_map(|number| card_of(cx, number));
    let ways = [
        turn(cx, Glyph::Clock, "hours", Action::Hours),
        step(cx, Glyph::Talk, "talk", Action::Talk, true),
    ];
    choices_and(
        cx,
        Choices {
            head: head(cx, shown),
            cells: cells.collect(),
            back: true,
            at_once: false,
        },
        &ways,
        CHOICES,
    )
}

/// A service to choose: its name, and what the authority calls it.
pub fn card_of(cx: &Cx, number: usize) -> Option<Node> {
    let service = cx.state.catalogue.get(number)?;
    let language = cx.state.language;
    let spoken = service.names().language(language);
    let (name, official) = (service.name(language), service.official(Language::De));
    let action = Action::Service(number);
    // The official name is what stands on letters, and those are German.
    let more = (official.unwrap_or_default(), Language::De);
    Some(card_in(cx, None, (name, spoken), more, action))
}

/// Forms are not kept here: where they are.
pub fn form(cx: &Cx, number: usize) -> Node {
    let Some(service) = cx.state.catalogue.get(number) else {
        return frame(cx, Node::default());
    };
    let language = cx.state.language;
    let forms: Vec<Part> = service.of_kind(Kind::Forms, language).collect();
    let mut blocks = parts(cx, "form");
    blocks.extend(only_german(cx, forms.iter().map(|part| part.language)));
    for shown in forms {
        blocks.extend(part(cx, &shown));
    }
    page(
        cx,
        Page {
            heading: heading(cx, service),
            blocks,
            ways: print_way(cx)
                .into_iter()
                .chain([step(cx, Glyph::Talk, "talk", Action::Talk, true)])
                .collect(),
            back: true,
        },
    )
}
