// SPDX-License-Identifier: EUPL-1.2
//! What is asked before a case is deleted, and how far that is.

use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Node, row};
use crate::screens::Cx;
use crate::screens::end::progress;
use crate::screens::pages::{Page, block, page, step};
use crate::screens::parts::badge;
use crate::state::clerk::Ask;

pub fn ask(cx: &Cx, ask: Ask) -> Node {
    let (title, more, way) = match ask {
        Ask::EndCase => (
            "end-case-title",
            "end-case-more",
            step(cx, Glyph::Delete, "erase", Action::Erase, true),
        ),
        Ask::SignOut => (
            "sign-out-title",
            "sign-out-more",
            step(cx, Glyph::Finish, "erase-sign-out", Action::SignOut, true),
        ),
    };
    let heading = row(
        6.0,
        vec![
            badge(Glyph::Delete, 20.0),
            cx.heading(cx.t(title)).grow(1.0),
        ],
    );
    page(
        cx,
        Page {
            heading,
            blocks: vec![
                block(4.0, cx.body(cx.t("end-case-what"))),
                block(4.0, cx.body(cx.t(more))),
            ],
            ways: vec![way],
            back: true,
        },
    )
}

pub fn deleting(cx: &Cx) -> Node {
    let session = cx.state.session.as_ref();
    let percent = session.map_or(0, |session| session.progress);
    let heading = row(
        6.0,
        vec![
            badge(Glyph::Hourglass, 20.0),
            cx.heading(cx.t("deleting-title")).live().grow(1.0),
        ],
    );
    page(
        cx,
        Page {
            heading,
            blocks: vec![
                block(4.0, progress(cx, "end-percent", percent)),
                block(5.0, cx.body(cx.t("end-case-what"))),
            ],
            ways: Vec::new(),
            back: false,
        },
    )
}
