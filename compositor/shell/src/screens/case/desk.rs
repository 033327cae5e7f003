// SPDX-License-Identifier: EUPL-1.2
//! The desk: in the middle the released applications, beside them the papers of the case, below what can be done with it.

use site::Application;

use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, grid, row, words};
use crate::screens::Cx;
use crate::screens::choices::card;
use crate::screens::frame::{frame, room};
use crate::screens::pages::{Page, block, footer, page, step};
use crate::text::Words;
use crate::theme::{STROKE, TextSize, Tone, size};

pub fn desk(cx: &Cx) -> Node {
    let has_case = cx.state.has_case();
    let title = if has_case {
        "desk-open-title"
    } else {
        "desk-title"
    };
    let away = cx.state.has_application_away();
    let heading = || cx.heading(cx.t(title));
    let ways = || {
        let case = if has_case {
            step(cx, Glyph::Delete, "end-case", Action::EndCase, !away)
        } else {
            step(cx, Glyph::Folder, "begin-case", Action::BeginCase, true)
        };
        let resume = away.then(|| step(cx, Glyph::Form, "resume", Action::Resume, true));
        let leave = step(cx, Glyph::Finish, "sign-out", Action::SignOut, false);
        resume.into_iter().chain([case, leave]).collect()
    };
    let applications = || applications(cx, away);
    // There are none yet: no device makes any.
    let papers = || [cx.title(cx.t("papers")), cx.body(cx.t("papers-none"))];
    if cx.state.modes.text == TextSize::Normal && !cx.canvas.is_portrait() {
        let air = cx.air();
        let mut parts = vec![heading()];
        parts.extend(proof(cx));
        let line = Node::default()
            .width(0.5)
            .rigid()
            .look(Look::fill(Tone::Line).round(0.0));
        let (tiles, says) = applications();
        let mut middle = vec![cx.title(cx.t("applications"))];
        middle.extend(says.map(|text| cx.body(text)));
        if !tiles.is_empty() {
            middle.push(grid(2, SPACE, tiles));
        }
        let middle = column(3.0, middle).grow(1.6);
        let beside = column(3.0, papers().into()).grow(1.0);
        let both = row(10.0, vec![middle, line, beside]).align(taffy::AlignItems::STRETCH);
        let foot = footer(cx, false, 0, 1, ways()).rigid();
        let (w, h) = room(cx);
        let head = column(air, parts);
        let needed = [&head, &both, &foot].map(|part| cx.height(part, w));
        if needed.iter().sum::<f32>() + 3.0 * air <= h {
            let below = Node::default().height(air).rigid();
            let all = column(air, vec![head.rigid(), both.grow(1.0), foot]);
            return frame(cx, column(0.0, vec![all.grow(1.0), below]));
        }
    }
    let mut blocks: Vec<_> = proof(cx)
        .map(|proof| block(4.0, proof))
        .into_iter()
        .collect();
    let (tiles, says) = applications();
    blocks.push(block(6.0, cx.title(cx.t("applications"))));
    blocks.extend(says.map(|text| block(2.0, cx.body(text))));
    blocks.extend(tiles.into_iter().map(|tile| block(SPACE, tile)));
    let [title, text] = papers();
    blocks.extend([block(6.0, title), block(2.0, text)]);
    page(
        cx,
        Page {
            heading: heading(),
            blocks,
            ways: ways(),
            back: false,
        },
    )
}

/// The tiles of the applications that can be started now, and what there is to say where there are none.
fn applications(cx: &Cx, away: bool) -> (Vec<Node>, Option<String>) {
    let says = |key: &str| (Vec::new(), Some(cx.t(key)));
    if away {
        return match cx.state.started_application() {
            Some(started) => {
                let named = [("application", cx.site(&started.name).into())];
                let text = cx.speech.with("application-left", &named);
                (Vec::new(), Some(text))
            }
            None => says("application-open"),
        };
    }
    if cx.state.site.applications.is_empty() {
        return says("applications-none");
    }
    let Some(released) = cx.state.released_applications() else {
        return says("applications-gone");
    };
    if !cx.state.has_case() {
        return says("applications-wait");
    }
    let tile = |(i, application): (usize, &&Application)| {
        let icon = application.icon.map_or(Glyph::Form, Glyph::Department);
        let name = cx.site(&application.name);
        card(cx, Some(icon), &name, "", Action::Application(i))
    };
    (released.iter().enumerate().map(tile).collect(), None)
}

/// Between two tiles.
const SPACE: f32 = crate::canvas::GAP + 1.0;

/// That the last case is deleted, as the service has told that did it.
pub fn proof(cx: &Cx) -> Option<Node> {
    let at = cx.state.clerk.as_ref()?.deleted?;
    let time = cx.speech.time(at);
    let text = cx.speech.with("case-deleted", &[("time", time.into())]);
    let text = words(Words {
        bold: true,
        ..cx.words(text, size::BODY)
    })
    .live()
    .grow(1.0);
    let inside = vec![glyph(Glyph::Check, Tone::Accent, cx.icon(9.0)), text];
    let look = Look::fill(Tone::Tint).edged(Tone::Accent, STROKE);
    Some(row(4.0, inside).pad(5.0, 2.5).look(look))
}
