// SPDX-License-Identifier: EUPL-1.2
//! Around an application: header and bar as everywhere, in the middle the frame in which the compositor shows it, and below
//! that the keyboard while a field is typed into.

use accesskit::Role;
use taffy::JustifyContent;

use super::Cx;
use super::case::application_name;
use super::frame::{room, whole};
use super::keys::{Ends, keyboard, least};
use super::pages::step;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Content, Meaning, Node, column, row};
use crate::theme::MARGIN;

/// No keyboard is wider: hands have to get from one end to the other.
const WIDEST: f32 = 330.0;
/// So much height is left to the application, so that the field stays in sight.
const SIGHT: f32 = 34.0;

pub fn application(cx: &Cx) -> Node {
    let mut meaning = Meaning::new(Role::Heading, &cx.t("application"));
    meaning.level = 1;
    if cx.state.started_application().is_some() {
        meaning.description = application_name(cx);
    } else if let Some(application) = &cx.state.application {
        meaning.description.clone_from(&application.title);
    }
    let free = Node {
        content: Content::Application,
        ..Node::default()
    };
    let mut parts = vec![free.grow(1.0).means(meaning)];
    let typing = cx.state.typing.as_ref();
    if let Some(typing) = typing.filter(|typing| !typing.away) {
        let (w, h) = room(cx);
        let wide = w.min(WIDEST);
        let enter = cx.t("key-enter");
        let ends = Ends {
            confirm: (Glyph::Check, &enter),
            hides: true,
        };
        let air = cx.air() * 0.6;
        let most = (h - SIGHT - 2.0 * air).max(h / 2.0);
        let high = least(cx, &typing.keyboard, wide, ends).min(most);
        let keys = keyboard(cx, &typing.keyboard, (wide, high), ends);
        let keys = row(0.0, vec![keys.width(wide).rigid()]).justify(JustifyContent::CENTER);
        parts.push(keys.pad(MARGIN, air).rigid());
        return whole(cx, column(0.0, parts));
    }
    let mut ways = Vec::new();
    if cx.state.clerk.is_some() {
        ways.push(step(cx, Glyph::Back, "to-case", Action::Back, false));
    }
    // Large words leave no room for a third way; a session on a server has no field of its own.
    if typing.is_none() && cx.state.started_application().is_some() {
        let action = Action::StopApplication;
        ways.push(step(cx, Glyph::Finish, "stop-application", action, false));
    }
    if typing.is_some() {
        ways.push(step(cx, Glyph::Keys, "show-keys", Action::ShowKeys, false));
    }
    if !ways.is_empty() {
        let ways = row(crate::canvas::GAP + 0.4, ways).justify(JustifyContent::SPACE_BETWEEN);
        parts.push(ways.pad(MARGIN, cx.air() * 0.6).rigid());
    }
    whole(cx, column(0.0, parts))
}
