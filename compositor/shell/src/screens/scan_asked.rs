// SPDX-License-Identifier: EUPL-1.2
//! What is asked and told beside the face when the other side would like to see a paper: one question after the other, until it is there.

use api::scan::{MAX_PAGES, Work};

use super::Cx;
use super::aside::{Faceless, NEAR, Says, bare, sentence};
use super::end::progress;
use super::pages::{step, turn};
use super::scan::{picture, what};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Node, column, row};
use crate::state::scan_asked::{ScanAsked, ScanOver, ScanStep, Scans};
use crate::theme::Tone;

/// How much of the room a page has: from much of it to the least that is worth looking at.
const PICTURE: [f32; 3] = [0.55, 0.42, 0.3];

/// All of it, in so much room.
pub fn asks(cx: &Cx, asked: &ScanAsked, room: (f32, f32)) -> Says {
    match asked.step {
        ScanStep::Question | ScanStep::Settled => question(cx),
        ScanStep::Scans(scans) => scans_now(cx, scans, room),
        ScanStep::Goes { id, .. } => {
            let percent = cx.state.sent_percent(id);
            under_way(
                cx,
                Glyph::Deliver,
                "scan-asked-goes",
                None,
                Some(percent),
                Vec::new(),
            )
        }
        ScanStep::Over(ScanOver::Sent) => {
            let title = sentence(cx, Glyph::Check, Tone::Accent, cx.t("scan-asked-sent"));
            let take = cx.body(cx.t("scan-done-take"));
            Says {
                texts: vec![
                    vec![title.clone(), take.clone()],
                    vec![bare(cx, cx.t("scan-asked-sent")), take],
                    vec![bare(cx, cx.t("scan-asked-sent"))],
                ],
                whole: 2,
                faceless: Faceless::Last,
                answers: understood(cx),
            }
        }
        ScanStep::Over(ScanOver::NotSent) => {
            let rest = [
                "scan-asked-not-sent-means",
                "scan-asked-do",
                "scan-asked-knows",
            ];
            four(cx, "scan-asked-not-sent", rest, understood(cx))
        }
        ScanStep::Over(ScanOver::NoScanner) => {
            let rest = ["scan-asked-none-means", "scan-asked-do", "scan-asked-knows"];
            four(cx, "scan-asked-none", rest, understood(cx))
        }
    }
}

fn understood(cx: &Cx) -> Vec<Node> {
    vec![step(
        cx,
        Glyph::Check,
        "paper-understood",
        Action::Understood,
        true,
    )]
}

/// What happened, what it means, what to do, who knows.
fn four(cx: &Cx, what: &str, [means, todo, knows]: [&str; 3], answers: Vec<Node>) -> Says {
    let whole = sentence(cx, Glyph::Warning, Tone::Warning, cx.t(what));
    let [means, todo, knows] = [means, todo, knows].map(|key| cx.body(cx.t(key)));
    let said = bare(cx, cx.t(what));
    Says {
        texts: vec![
            vec![whole.clone(), means.clone(), todo.clone(), knows.clone()],
            vec![said.clone(), means, todo.clone(), knows],
            vec![whole, todo.clone()],
            vec![said.clone(), todo],
            vec![said],
        ],
        whole: 2,
        faceless: Faceless::Last,
        answers,
    }
}

fn question(cx: &Cx) -> Says {
    let asks = cx.t("scan-asked-question");
    let whole = sentence(cx, Glyph::Form, Tone::Accent, asks.clone());
    let private = cx.body(cx.t("scan-asked-private"));
    Says {
        texts: vec![
            vec![whole.clone(), private.clone()],
            vec![bare(cx, asks.clone()), private],
            vec![whole],
            vec![bare(cx, asks)],
        ],
        whole: 2,
        faceless: Faceless::Last,
        answers: vec![
            step(cx, Glyph::Form, "scan-asked-yes", Action::Agree, true),
            turn(cx, Glyph::No, "paper-no", Action::Decline),
        ],
    }
}

fn no_more(cx: &Cx) -> Node {
    turn(cx, Glyph::No, "scan-asked-stop", Action::Decline)
}

fn send(cx: &Cx) -> Node {
    step(
        cx,
        Glyph::Deliver,
        "scan-asked-send",
        Action::FinishScan,
        true,
    )
}

fn scans_now(cx: &Cx, scans: Scans, room: (f32, f32)) -> Says {
    let scan = &cx.state.scan;
    if let Some(trouble) = cx.state.scan_trouble().filter(|_| scans.is_clear) {
        let has_pages = scan.last().is_some();
        let means = if has_pages {
            "scan-failed-means-pages"
        } else {
            "scan-failed-means"
        };
        let mut answers = Vec::new();
        if scan.is_there() && scan.pages().len() < MAX_PAGES {
            let again = Action::ScanNow;
            answers.push(step(cx, Glyph::Form, "scan-again", again, !has_pages));
        }
        answers.extend(has_pages.then(|| send(cx)));
        answers.push(no_more(cx));
        let rest = [means, "scan-asked-retry", "scan-asked-knows"];
        return four(cx, what(trouble), rest, answers);
    }
    match (scan.work(), scan.last()) {
        (Work::Scanning(percent), _) => {
            let stop = turn(cx, Glyph::Finish, "scan-stop", Action::StopScanning);
            let more = Some("scanning-more");
            let icon = Glyph::Hourglass;
            under_way(cx, icon, "scanning-title", more, Some(percent), vec![stop])
        }
        (Work::Binding, _) => {
            let more = Some("scan-binding-more");
            under_way(
                cx,
                Glyph::Hourglass,
                "scan-binding-title",
                more,
                None,
                Vec::new(),
            )
        }
        (_, Some(last)) if scans.is_clear && scans.good != Some(last.id) => look(cx, room),
        (_, Some(_)) if scans.is_clear => more(cx),
        _ => lay_down(cx, scans),
    }
}

/// Where the paper has to lie.
fn lay_down(cx: &Cx, scans: Scans) -> Says {
    let title = cx.t("scan-question-title");
    let whole = sentence(cx, Glyph::Form, Tone::Accent, title.clone());
    let how = cx.body(cx.t("scan-how"));
    let now = step(cx, Glyph::Form, "scan-now", Action::ScanNow, true);
    let mut answers: Vec<Node> = scans.is_clear.then_some(now).into_iter().collect();
    answers.push(no_more(cx));
    Says {
        texts: vec![
            vec![whole, how.clone()],
            vec![bare(cx, title.clone()), how],
            vec![bare(cx, title)],
        ],
        whole: 2,
        faceless: Faceless::Last,
        answers,
    }
}

/// The page that came: is it good?
fn look(cx: &Cx, (w, h): (f32, f32)) -> Says {
    let scan = &cx.state.scan;
    let count = [("page", scan.pages().len().into())];
    let asks = cx.speech.with("scan-asked-good", &count);
    let whole = sentence(cx, Glyph::Read, Tone::Accent, asks.clone());
    let said = bare(cx, asks);
    let mut texts: Vec<Vec<Node>> = Vec::new();
    for share in PICTURE {
        for text in [&whole, &said] {
            let picture = picture(cx, (0.3 * w, h * share));
            texts.extend(picture.map(|picture| {
                let text = column(NEAR, vec![text.clone()]).grow(1.0);
                vec![row(6.0, vec![picture, text])]
            }));
        }
    }
    let shown = texts.len();
    texts.push(vec![whole]);
    texts.push(vec![said]);
    let mut answers = vec![step(
        cx,
        Glyph::Check,
        "scan-asked-good-yes",
        Action::Agree,
        true,
    )];
    answers.push(turn(cx, Glyph::Turn, "scan-turn", Action::TurnPage));
    if scan.is_there() {
        answers.push(turn(cx, Glyph::Delete, "scan-again", Action::ScanAgain));
    }
    Says {
        whole: shown.max(1),
        faceless: Faceless::Soon,
        texts,
        answers,
    }
}

/// The page is good: is there another one?
fn more(cx: &Cx) -> Says {
    let scan = &cx.state.scan;
    let count = [("page", scan.pages().len().into())];
    let asks = cx.speech.with("scan-asked-more", &count);
    let whole = sentence(cx, Glyph::Form, Tone::Accent, asks.clone());
    let how = cx.body(cx.t("scan-asked-more-how"));
    let mut answers = vec![send(cx)];
    if scan.is_there() && scan.pages().len() < MAX_PAGES {
        let other = Action::ScanNow;
        answers.push(turn(cx, Glyph::Form, "scan-other-page", other));
    }
    answers.push(no_more(cx));
    Says {
        texts: vec![
            vec![whole, how.clone()],
            vec![bare(cx, asks.clone()), how],
            vec![bare(cx, asks)],
        ],
        whole: 2,
        faceless: Faceless::Last,
        answers,
    }
}

/// Something that takes its time.
fn under_way(
    cx: &Cx,
    icon: Glyph,
    title: &str,
    more: Option<&str>,
    percent: Option<u8>,
    answers: Vec<Node>,
) -> Says {
    let whole = sentence(cx, icon, Tone::Accent, cx.t(title));
    let said = bare(cx, cx.t(title));
    let bar = percent.map(|percent| progress(cx, "done-percent", percent));
    let more = more.map(|more| cx.body(cx.t(more)));
    let all = [more.clone(), bar.clone()].into_iter().flatten();
    let all: Vec<Node> = all.collect();
    let bar: Vec<Node> = bar.into_iter().collect();
    Says {
        texts: vec![
            [vec![whole], all.clone()].concat(),
            [vec![said.clone()], all].concat(),
            [vec![said.clone()], bar].concat(),
            vec![said],
        ],
        whole: 2,
        faceless: Faceless::Last,
        answers,
    }
}
