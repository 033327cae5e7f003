// SPDX-License-Identifier: EUPL-1.2
//! The screens of a case: one strip that never leaves, and below it what the clerk does.

mod ask;
mod desk;
mod launch;
mod password;
mod strip;

use super::Cx;
use super::notice::plain;
use super::start::waiting;
use crate::icons::Glyph;
use crate::node::Node;
use crate::state::clerk::View;

pub use launch::name as application_name;
pub use strip::strip;

pub fn view(cx: &Cx, view: View) -> Node {
    match view {
        View::Choose { .. } | View::SignIn | View::Locked => password::password(cx, view),
        View::Checking(_) => {
            let texts = if cx.state.checks_slowly() {
                ["wait-slow", "start-slow-do"]
            } else {
                ["wait-password-explain", "wait-how-long"]
            };
            waiting(cx, "wait-password", texts)
        }
        View::Damaged => plain(cx, "password-damaged", Glyph::Warning, false),
        View::Desk => desk::desk(cx),
        View::Launch(launch) => launch::launch(cx, launch),
        View::Ask(ask) => ask::ask(cx, ask),
        View::Deleting => ask::deleting(cx),
    }
}
