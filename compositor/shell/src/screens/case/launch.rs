// SPDX-License-Identifier: EUPL-1.2
//! While a released application is started, is started again, or is not any more.

use api::applications::Fall;
use site::Application;

use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Node, row};
use crate::screens::Cx;
use crate::screens::notice::four;
use crate::screens::pages::{Page, block, page, step};
use crate::screens::parts::badge;
use crate::state::clerk::Launch;

pub fn launch(cx: &Cx, launch: Launch) -> Node {
    let stop = |main| {
        let action = Action::StopApplication;
        step(cx, Glyph::Finish, "stop-application", action, main)
    };
    let (icon, blocks, ways) = match launch {
        Launch::Starting => {
            let keys = ["application-starting", "wait-how-long"];
            let blocks = keys.map(|key| block(4.0, cx.body(cx.t(key)).live()));
            (Glyph::Hourglass, blocks.into(), vec![stop(false)])
        }
        Launch::Restarting(fall) => {
            let blocks = says(cx, fall, "fall-restarts-do");
            (Glyph::Hourglass, blocks, vec![stop(false)])
        }
        Launch::Failed(fall) => {
            let todo = match fall {
                Fall::Untrusted => "fall-untrusted-do",
                Fall::Unreachable | Fall::Crashed => "fall-failed-do",
            };
            // What cannot prove itself is rather left alone.
            let main = fall != Fall::Untrusted;
            let again = step(cx, Glyph::Next, "start-again", Action::StartAgain, main);
            (
                Glyph::Warning,
                says(cx, fall, todo),
                vec![stop(false), again],
            )
        }
    };
    let heading = row(
        6.0,
        vec![badge(icon, 20.0), cx.heading(name(cx)).live().grow(1.0)],
    );
    page(
        cx,
        Page {
            heading,
            blocks,
            ways,
            back: false,
        },
    )
}

/// The message in four parts.
fn says(cx: &Cx, fall: Fall, todo: &str) -> Vec<crate::screens::pages::Block> {
    let means = match fall {
        Fall::Untrusted => "fall-untrusted-means",
        Fall::Unreachable | Fall::Crashed => "fall-means",
    };
    let what = format!("fall-{}-what", fall.as_str());
    four(cx, [&what, means, todo, "fall-knows"].map(|key| cx.t(key)))
}

/// What clerks call the application that was started.
pub fn name(cx: &Cx) -> String {
    let started: Option<&Application> = cx.state.started_application();
    started.map_or_else(|| cx.t("application"), |app| cx.site(&app.name))
}
