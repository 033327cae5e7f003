// SPDX-License-Identifier: EUPL-1.2
//! What lies beside the face in a conversation, never over it: the page that the other side shows, with a ring where it points; or what is
//! asked and told of printing.

use accesskit::Role;
use api::print::{Failure, Hindrance, Job, JobState};
use taffy::prelude::LengthPercentageAuto;
use taffy::{JustifyContent, Position};

use super::Cx;
use super::aside::{Faceless, NEAR, Place, Says, WIDE, bare, sentence};
use super::end::progress;
use super::pages::{step, turn};
use super::print::{outlet, what};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Content, Look, Meaning, Node, column, glyph, row, words};
use crate::state::papers::{Asked, Drawn, Sheet, Step, plain};
use crate::state::print::Paper;
use crate::text::{Along, Words};
use crate::theme::{STROKE, Tone, size};

/// The ring of the pointer: how wide it is, and its line.
const RING: (f32, f32) = (18.0, 2.2);
/// The ring may reach so far over the edge of a page, and over nothing that is beside it.
const EDGE: f32 = 1.5;
/// Where there is less height nothing lies beside the face: nobody could read it.
const LEAST: f32 = 48.0;
/// How much of the room is a page's, beside the face and below it.
const SHARE: (f32, f32) = (0.44, 0.56);
/// The face, and beside it the page that is shown, in so much room.
pub fn beside(cx: &Cx, face: Node, (w, h): (f32, f32)) -> Node {
    if cx.state.call.papers.shown().is_none() || h < LEAST {
        return face;
    }
    let share = if w > h * WIDE { SHARE.0 } else { SHARE.1 };
    let place = Place::new((w, h), share);
    place.with(face, page(cx, place.inner()))
}

/// The page, and below it what it is.
fn page(cx: &Cx, (w, h): (f32, f32)) -> Node {
    let papers = &cx.state.call.papers;
    let Some((shown, document)) = papers.shown() else {
        return Node::default();
    };
    let sheet = papers.sheet();
    let name = named(cx, &plain(&document.name));
    let says = match sheet {
        Sheet::Comes => cx.t("paper-comes"),
        Sheet::Fails => cx.t("paper-fails"),
        Sheet::There(drawn) => {
            let values = [("page", shown.page.into()), ("pages", drawn.pages.into())];
            cx.speech.with("page", &values)
        }
    };
    let shown = match sheet {
        Sheet::There(_) => [format!("{says} · {name}"), says.clone()],
        Sheet::Comes | Sheet::Fails => [name.clone(), name.clone()],
    };
    let mut meaning = Meaning::new(Role::Status, &name);
    meaning.description.clone_from(&says);
    meaning.live = true;
    let caption = shown.map(|shown| {
        words(Words {
            color: Tone::SoftInk,
            along: Along::Centre,
            ..cx.words(shown, size::SMALL)
        })
    });
    // One line is enough: more of them would be the page's room.
    let [long, short] = caption;
    let is_one = cx.height(&long, w) < cx.height(&cx.small("A"), w) * 1.5;
    let caption = if is_one { long } else { short };
    let caption = caption.means(meaning).rigid();
    // The page's edge lies around it: each of its pixels is one of the screen's.
    let (w, h) = (w - 2.0 * STROKE, h - 2.0 * STROKE);
    let (across, along) = (w, h - cx.height(&caption, w) - NEAR);
    let inside = match sheet {
        Sheet::There(drawn) => vec![fitted(cx, drawn, (across, along))],
        Sheet::Comes => vec![instead(cx, Glyph::Hourglass, &says, (across, along))],
        Sheet::Fails => vec![instead(cx, Glyph::Warning, &says, (across, along))],
    };
    let place = Node {
        content: Content::Sheet,
        ..column(0.0, inside)
    };
    // Where it will be is seen before it is there.
    let place = match sheet {
        Sheet::There(_) => place,
        Sheet::Comes | Sheet::Fails => place.look(Look::card()),
    };
    let place = place
        .size(across, along.max(1.0))
        .rigid()
        .align(taffy::AlignItems::CENTER)
        .justify(JustifyContent::CENTER);
    column(NEAR, vec![place, caption]).align(taffy::AlignItems::CENTER)
}

/// What a document is called.
fn named(cx: &Cx, name: &str) -> String {
    if name.is_empty() {
        cx.t("paper-unnamed")
    } else {
        name.to_owned()
    }
}

/// What is said where there is no page.
fn instead(cx: &Cx, icon: Glyph, says: &str, (w, h): (f32, f32)) -> Node {
    let text = words(Words {
        along: Along::Centre,
        ..cx.words(says, size::BODY)
    });
    // The name below says the same to who hears it.
    let icon = row(0.0, vec![glyph(icon, Tone::Accent, cx.icon(12.0))])
        .justify(JustifyContent::CENTER)
        .rigid();
    let text = text.rigid();
    let both = column(NEAR, vec![icon, text.clone()]).width(w).rigid();
    // Where letters are large, words come before pictures.
    if cx.height(&both, w) <= h {
        both
    } else {
        column(0.0, vec![text]).width(w).rigid()
    }
}

/// The page as large as it has room, with the ring of the pointer.
fn fitted(cx: &Cx, drawn: &Drawn, (w, h): (f32, f32)) -> Node {
    let (across, along) = (
        drawn.pixels.0.width() as f32,
        drawn.pixels.0.height() as f32,
    );
    let scale = (w / across).min(h / along).max(0.0);
    let (w, h) = ((across * scale).max(1.0), (along * scale).max(1.0));
    let picture = Node {
        content: Content::Preview(drawn.pixels.clone(), 0),
        ..Node::default()
    };
    let mut inside = vec![picture.size(w, h).rigid()];
    inside.extend(cx.state.call.papers.pointer.map(|at| ring(at, (w, h))));
    row(0.0, inside)
        .pad(STROKE, STROKE)
        .look(Look::fill(Tone::Edge).round(0.0))
        .left_to_right()
        .rigid()
}

/// Where the other side points. Near the edge it stays on the page as far as it has to not to lie over anything else.
fn ring((x, y): (u16, u16), (w, h): (f32, f32)) -> Node {
    let (side, line) = (RING.0.min(h * 0.3).max(RING.0 * 0.6), RING.1);
    let from = |at: u16, length: f32| {
        let middle = f32::from(at) / f32::from(u16::MAX) * length;
        let least = side / 2.0 - EDGE;
        let middle = middle.clamp(least.min(length / 2.0), (length - least).max(length / 2.0));
        STROKE + middle - side / 2.0
    };
    let mut ring = Node::default()
        .size(side, side)
        .look(Look::default().edged(Tone::Pointer, line).round(side / 2.0));
    ring.style.position = Position::Absolute;
    ring.style.inset.left = LengthPercentageAuto::length(from(x, w));
    ring.style.inset.top = LengthPercentageAuto::length(from(y, h));
    ring
}

/// What is asked or told of printing.
pub fn asks(cx: &Cx, asked: &Asked) -> Says {
    match asked.step {
        Step::Over(job) => ended(cx, &job),
        Step::Printing => {
            let job = cx.state.print_job(Paper::Asked(asked.request));
            under_way(cx, &job.unwrap_or_default())
        }
        Step::Agreed => under_way(cx, &Job::default()),
        Step::Question | Step::Settled => question(cx, asked),
    }
}

fn question(cx: &Cx, asked: &Asked) -> Says {
    let name = named(cx, &asked.name);
    let values = [("name", name.into()), ("copies", asked.copies.into())];
    let asks = cx.speech.with("paper-question", &values);
    let yes = step(cx, Glyph::Print, "paper-yes", Action::Agree, true);
    let no = turn(cx, Glyph::No, "paper-no", Action::Decline);
    let whole = sentence(cx, Glyph::Print, Tone::Accent, asks.clone());
    Says {
        texts: vec![
            vec![whole.clone(), outlet(cx)],
            vec![whole],
            vec![bare(cx, asks)],
        ],
        whole: 2,
        faceless: Faceless::Never,
        answers: vec![yes, no],
    }
}

fn under_way(cx: &Cx, job: &Job) -> Says {
    let stop = turn(cx, Glyph::No, "print-stop", Action::StopPrinting);
    // What waits for something else cannot be stopped yet.
    let answers = if job.id > 0 { vec![stop] } else { Vec::new() };
    if let JobState::Stopped(hindrance) = job.state {
        let says = cx.t(what(Some(hindrance)));
        let whole = sentence(cx, Glyph::Warning, Tone::Warning, says.clone());
        let means = cx.body(cx.t("print-stopped-means"));
        return Says {
            texts: vec![
                vec![whole.clone(), means],
                vec![whole],
                vec![bare(cx, says)],
            ],
            whole: 2,
            faceless: Faceless::Never,
            answers,
        };
    }
    let (says, percent) = if job.state == JobState::Printing && job.pages > 0 {
        let page = job.page.max(1);
        let values = [("page", page.into()), ("pages", job.pages.into())];
        let percent = 100 * (page - 1) / job.pages.max(1);
        (cx.speech.with("print-page", &values), percent)
    } else {
        (cx.t("print-waiting"), 0)
    };
    let says = cx.body(says).live();
    let bar = progress(cx, "done-percent", percent.min(100) as u8);
    let title = sentence(cx, Glyph::Print, Tone::Accent, cx.t("printing-title"));
    Says {
        texts: vec![
            vec![title, says.clone(), bar.clone(), outlet(cx)],
            vec![says.clone(), bar.clone(), outlet(cx)],
            vec![says.clone(), outlet(cx)],
            vec![says],
        ],
        whole: 3,
        faceless: Faceless::Never,
        answers,
    }
}

/// What became of it: where the paper is, or what is wrong, what that means and what to do.
fn ended(cx: &Cx, job: &Job) -> Says {
    let seen = step(
        cx,
        Glyph::Check,
        "paper-understood",
        Action::Understood,
        true,
    );
    let answers = vec![seen];
    if job.state == JobState::Done {
        let title = sentence(cx, Glyph::Check, Tone::Accent, cx.t("print-done-title"));
        let count = [("pages", job.pages.into())];
        let count = cx.body(cx.speech.with("print-done-count", &count));
        let take = cx.body(cx.t("print-done-take"));
        return Says {
            texts: vec![
                vec![title.clone(), count, outlet(cx), take.clone()],
                vec![title.clone(), outlet(cx), take],
                vec![title, outlet(cx)],
                vec![bare(cx, cx.t("print-done-title"))],
            ],
            whole: 3,
            faceless: Faceless::Never,
            answers,
        };
    }
    let (key, rest) = match (job.state, cx.state.hindrance()) {
        (JobState::Failed(Failure::Cancelled), _) => {
            ("print-cancelled-title", vec!["print-cancelled-more"])
        }
        (JobState::Failed(Failure::Damaged | Failure::Encrypted | Failure::TooLarge), _) => {
            ("print-failed-paper", vec!["paper-failed-do"])
        }
        (_, Some(hindrance)) => (what(Some(hindrance)), vec!["paper-failed-do"]),
        (_, None) if !cx.state.has_printer() => {
            (what(Some(Hindrance::Offline)), vec!["paper-failed-do"])
        }
        (_, None) => ("print-failed-printer", vec!["paper-failed-do"]),
    };
    let whole = sentence(cx, Glyph::Warning, Tone::Warning, cx.t(key));
    let rest: Vec<Node> = rest.into_iter().map(|key| cx.body(cx.t(key))).collect();
    Says {
        texts: vec![
            [vec![whole.clone()], rest.clone()].concat(),
            [vec![bare(cx, cx.t(key))], rest].concat(),
            vec![bare(cx, cx.t(key))],
        ],
        whole: 2,
        faceless: Faceless::Never,
        answers,
    }
}
