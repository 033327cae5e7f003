// SPDX-License-Identifier: EUPL-1.2
//! Printing the description of a service: asked first in one sentence, then how far it is and where the paper comes out. What keeps
//! the printer from printing is said in four parts.

use api::print::{Failure, Hindrance, Job, JobState};

use super::Cx;
use super::end::progress;
use super::frame::frame;
use super::notice::four;
use super::pages::{Block, Page, block, page, step, turn};
use super::parts::badge;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Node, column, row};

pub fn print(cx: &Cx, number: usize) -> Node {
    let Some(service) = cx.state.catalogue.get(number) else {
        return frame(cx, Node::default());
    };
    let name = service.name(cx.state.language);
    let job = cx.state.print_job(number);
    let again = || step(cx, Glyph::Print, "print-again", Action::PrintNow, true);
    match (job, cx.state.hindrance()) {
        (Some(job), _) if job.state.is_under_way() => under_way(cx, &job),
        (Some(job), _) if job.state == JobState::Done => done(cx, &job),
        (_, Some(hindrance)) => said(cx, what(Some(hindrance)), "no-printer", Vec::new()),
        (_, None) if !cx.state.has_printer() => {
            said(cx, what(Some(Hindrance::Offline)), "no-printer", Vec::new())
        }
        (Some(job), None) => match job.state {
            JobState::Failed(Failure::Cancelled) => {
                let blocks = vec![block(5.0, cx.body(cx.t("print-cancelled-more")))];
                titled(cx, Glyph::Finish, "print-cancelled", blocks, vec![again()])
            }
            JobState::Failed(Failure::Damaged | Failure::Encrypted | Failure::TooLarge) => {
                said(cx, "print-failed-paper", "print-failed", Vec::new())
            }
            _ => said(cx, "print-failed-printer", "print-failed", vec![again()]),
        },
        (None, None) => {
            // Another paper is on its way: one after the other.
            let (more, ways) = if cx.state.is_printing() {
                ("print-other", Vec::new())
            } else {
                let now = step(cx, Glyph::Print, "print-now", Action::PrintNow, true);
                ("print-more", vec![now])
            };
            let blocks = vec![
                block(4.0, cx.title(name)),
                block(4.0, cx.body(cx.t(more))),
                block(4.0, outlet(cx)),
            ];
            titled(cx, Glyph::Print, "print-question", blocks, ways)
        }
    }
}

/// What is said of a printer that does not print.
pub fn what(hindrance: Option<Hindrance>) -> &'static str {
    match hindrance {
        None | Some(Hindrance::PaperOut) => "no-printer-what",
        Some(Hindrance::Jam) => "printer-jam",
        Some(Hindrance::CoverOpen) => "printer-cover-open",
        Some(Hindrance::TonerOut) => "printer-toner-out",
        Some(Hindrance::Offline) => "printer-offline",
        Some(Hindrance::Other) => "printer-other",
    }
}

/// A message in four parts, of which the first depends on the cause.
pub fn said(cx: &Cx, what: &str, rest: &str, ways: Vec<Node>) -> Node {
    let rest_of = |part: &str| cx.t(&format!("{rest}-{part}"));
    let [means, todo, knows] = ["means", "do", "knows"].map(rest_of);
    let blocks = four(cx, [cx.t(what), means, todo, knows]);
    titled(cx, Glyph::Warning, rest, blocks, ways)
}

fn titled(cx: &Cx, icon: Glyph, key: &str, blocks: Vec<Block>, ways: Vec<Node>) -> Node {
    let title = cx.heading(cx.t(&format!("{key}-title"))).live().grow(1.0);
    page(
        cx,
        Page {
            heading: row(6.0, vec![badge(icon, 20.0), title]),
            blocks,
            ways,
            back: true,
        },
    )
}

/// Where the paper comes out.
pub fn outlet(cx: &Cx) -> Node {
    let place = cx.state.site.print.outlet.as_ref();
    cx.body(place.map_or_else(|| cx.t("print-outlet"), |place| cx.site(place)))
}

pub fn under_way(cx: &Cx, job: &Job) -> Node {
    let stop = turn(cx, Glyph::Finish, "print-stop", Action::StopPrinting);
    if let JobState::Stopped(hindrance) = job.state {
        return said(cx, what(Some(hindrance)), "print-stopped", vec![stop]);
    }
    let (says, percent) = if job.state == JobState::Printing && job.pages > 0 {
        let page = job.page.max(1);
        let values = [("page", page.into()), ("pages", job.pages.into())];
        let percent = 100 * (page - 1) / job.pages.max(1);
        (cx.speech.with("print-page", &values), percent)
    } else {
        (cx.t("print-waiting"), 0)
    };
    let blocks = vec![
        block(
            4.0,
            column(
                4.0,
                vec![
                    cx.body(says).live(),
                    progress(cx, "done-percent", percent as u8),
                ],
            ),
        ),
        block(5.0, outlet(cx)),
    ];
    titled(cx, Glyph::Print, "printing", blocks, vec![stop])
}

pub fn done(cx: &Cx, job: &Job) -> Node {
    let count = [("pages", job.pages.into())];
    let blocks = vec![
        block(4.0, cx.body(cx.speech.with("print-done-count", &count))),
        block(4.0, outlet(cx)),
        block(4.0, cx.body(cx.t("print-done-take"))),
    ];
    titled(cx, Glyph::Check, "print-done", blocks, Vec::new())
}
