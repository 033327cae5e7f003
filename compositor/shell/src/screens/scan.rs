// SPDX-License-Identifier: EUPL-1.2
//! Scanning: where the paper has to lie, how far it is, what came of it, and what next. What keeps a page from coming is said in four
//! parts; pages that are there stay.

use api::print::{JobState, Printer};
use api::scan::{MAX_PAGES, Trouble, Work};

use super::Cx;
use super::end::progress;
use super::frame::room;
use super::notice::four;
use super::pages::{Block, Page, block, room_on, roomy, step, turn};
use super::parts::badge;
use super::print;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Content, Look, Node, Pixels, column, row};
use crate::state::print::Paper;
use crate::state::scan::Purpose;
use crate::theme::{STROKE, TextSize, Tone};

/// How to hand something in, where papers can be scanned.
pub fn deliver(cx: &Cx) -> Node {
    let blocks = vec![
        block(4.0, cx.body(cx.t("deliver-scan"))),
        block(4.0, cx.body(cx.t("scan-safe"))),
        block(4.0, cx.body(cx.t("deliver-means"))),
    ];
    let mut ways = vec![step(
        cx,
        Glyph::Form,
        "scan",
        Action::Scan(Purpose::Keep),
        true,
    )];
    if cx.state.has_printer() {
        ways.push(turn(
            cx,
            Glyph::Print,
            "scan-copy",
            Action::Scan(Purpose::Copy),
        ));
    }
    titled(cx, Glyph::Deliver, cx.t("deliver-title"), blocks, ways)
}

pub fn scan(cx: &Cx, purpose: Purpose) -> Node {
    let scan = &cx.state.scan;
    match scan.work() {
        Work::Scanning(percent) => scanning(cx, percent),
        Work::Binding => {
            let title = cx.t("scan-binding-title");
            let blocks = vec![block(4.0, cx.body(cx.t("scan-binding-more")).live())];
            titled(cx, Glyph::Hourglass, title, blocks, Vec::new())
        }
        Work::Trouble(trouble) => said(cx, what(trouble)),
        Work::Done if purpose == Purpose::Copy && scan.copied.is_some() => copied(cx),
        Work::Done => {
            let blocks = vec![
                block(4.0, cx.body(cx.t("scan-done-take"))),
                block(4.0, cx.body(cx.t("scan-safe"))),
            ];
            let more = turn(cx, Glyph::Form, "scan-more", Action::ScanNow);
            titled(
                cx,
                Glyph::Check,
                cx.t("scan-done-title"),
                blocks,
                vec![more],
            )
        }
        Work::Idle | Work::Kept if scan.last().is_some() => kept(cx, purpose),
        _ if !scan.is_there() => said(cx, what(Trouble::Gone)),
        _ => {
            let blocks = vec![
                block(4.0, cx.body(cx.t("scan-how"))),
                block(4.0, cx.body(cx.t("scan-safe"))),
            ];
            let now = step(cx, Glyph::Form, "scan-now", Action::ScanNow, true);
            titled(
                cx,
                Glyph::Form,
                cx.t("scan-question-title"),
                blocks,
                vec![now],
            )
        }
    }
}

/// What is said of a page that did not come.
pub fn what(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Gone => "scan-gone",
        Trouble::Silent => "scan-silent",
        Trouble::Busy => "scan-busy",
        Trouble::CoverOpen => "scan-cover-open",
        Trouble::Jam => "scan-jam",
        Trouble::NoPaper => "scan-no-paper",
        Trouble::Damaged => "scan-damaged",
        Trouble::Full => "scan-full",
        Trouble::Store => "scan-store",
        Trouble::Other => "scan-other",
    }
}

fn heading(cx: &Cx, icon: Glyph, title: String) -> Node {
    let title = cx.heading(title).live().grow(1.0);
    row(6.0, vec![badge(icon, 20.0), title])
}

fn titled(cx: &Cx, icon: Glyph, title: String, blocks: Vec<Block>, ways: Vec<Node>) -> Node {
    roomy(
        cx,
        Page {
            heading: heading(cx, icon, title),
            blocks,
            ways,
            back: true,
        },
    )
}

/// A message in four parts, with the ways that are left.
fn said(cx: &Cx, what: &str) -> Node {
    let scan = &cx.state.scan;
    let has_pages = scan.last().is_some();
    let means = if has_pages {
        "scan-failed-means-pages"
    } else {
        "scan-failed-means"
    };
    let parts = [what, means, "scan-failed-do", "scan-failed-knows"].map(|key| cx.t(key));
    let mut ways = Vec::new();
    if scan.is_there() && scan.pages().len() < MAX_PAGES {
        ways.push(step(
            cx,
            Glyph::Form,
            "scan-retry",
            Action::ScanNow,
            !has_pages,
        ));
    }
    if has_pages {
        ways.push(step(
            cx,
            Glyph::Check,
            "scan-finish",
            Action::FinishScan,
            true,
        ));
    }
    titled(
        cx,
        Glyph::Warning,
        cx.t("scan-failed-title"),
        four(cx, parts),
        ways,
    )
}

fn scanning(cx: &Cx, percent: u8) -> Node {
    let blocks = vec![block(
        4.0,
        column(
            4.0,
            vec![
                cx.body(cx.t("scanning-more")),
                progress(cx, "done-percent", percent),
            ],
        ),
    )];
    let stop = turn(cx, Glyph::Finish, "scan-stop", Action::StopScanning);
    titled(
        cx,
        Glyph::Hourglass,
        cx.t("scanning-title"),
        blocks,
        vec![stop],
    )
}

/// The page that came: is it good?
fn kept(cx: &Cx, purpose: Purpose) -> Node {
    let scan = &cx.state.scan;
    let count = [("page", scan.pages().len().into())];
    let mut ways = vec![
        turn(cx, Glyph::Turn, "scan-turn", Action::TurnPage),
        turn(cx, Glyph::Delete, "scan-again", Action::ScanAgain),
    ];
    if scan.pages().len() < MAX_PAGES {
        ways.push(turn(cx, Glyph::Form, "scan-other-page", Action::ScanNow));
    }
    let done = match purpose {
        Purpose::Keep => step(cx, Glyph::Check, "scan-finish", Action::FinishScan, true),
        Purpose::Copy => step(cx, Glyph::Print, "scan-print", Action::FinishScan, true),
    };
    ways.push(done);
    let title = cx.speech.with("scan-kept-title", &count);
    let mut blocks = vec![block(4.0, cx.body(cx.t("scan-kept-more")))];
    if scan.picture().is_some() {
        let (w, h) = room(cx);
        let heading = heading(cx, Glyph::Check, title.clone());
        let share = if cx.state.modes.text == TextSize::Normal {
            0.45
        } else {
            0.3
        };
        // It is all on one page.
        let most = room_on(cx, &heading, true, &ways) - 2.0 * STROKE;
        let most = (0.4 * w, (h * share).min(most).max(1.0));
        let picture = picture(cx, most).map(|picture| row(0.0, vec![picture]));
        blocks.extend(picture.map(|picture| block(4.0, picture)));
    }
    titled(cx, Glyph::Check, title, blocks, ways)
}

/// The last page as large as it can be within this.
pub fn picture(cx: &Cx, (w, h): (f32, f32)) -> Option<Node> {
    let (pixels, turns) = cx.state.scan.picture()?;
    let (across, along) = (pixels.width() as f32, pixels.height() as f32);
    let (across, along) = if turns % 2 == 0 {
        (across, along)
    } else {
        (along, across)
    };
    let scale = (h / along).min(w / across);
    let picture = Node {
        content: Content::Preview(Pixels(pixels.clone()), turns),
        ..Node::default()
    };
    let picture = picture.size(across * scale, along * scale).rigid();
    let edge = Look::fill(Tone::Edge).round(0.0);
    let framed = row(0.0, vec![picture]).pad(STROKE, STROKE).look(edge);
    Some(framed.rigid())
}

/// The pages are on their way to paper again.
fn copied(cx: &Cx) -> Node {
    let job = cx.state.print_job(Paper::Scanned);
    match job {
        Some(job) if job.state.is_under_way() => print::under_way(cx, &job),
        Some(job) if job.state == JobState::Done => print::done(cx, &job),
        _ => {
            let again = step(cx, Glyph::Print, "print-again", Action::PrintNow, true);
            let can = cx.state.printer() == Printer::Ready && !cx.state.is_printing();
            let ways = if can { vec![again] } else { Vec::new() };
            let what = match cx.state.hindrance() {
                None => "print-failed-printer",
                hindrance => print::what(hindrance),
            };
            let keys = [
                what,
                "scan-copy-means",
                "print-failed-do",
                "print-failed-knows",
            ];
            let parts = four(cx, keys.map(|key| cx.t(key)));
            titled(cx, Glyph::Warning, cx.t("print-failed-title"), parts, ways)
        }
    }
}
