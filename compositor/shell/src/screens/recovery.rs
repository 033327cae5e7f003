// SPDX-License-Identifier: EUPL-1.2
//! The data volume does not open by itself: what happened, who to call, and a field for the recovery key.

use api::trust::{MODHEX, RECOVERY_GROUP, RECOVERY_GROUPS, RECOVERY_LETTERS};
use site::Language;

use super::Cx;
use super::frame::frame;
use crate::canvas::{GAP, TARGET};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, grid, row, spring, words};
use crate::state::{Problem, Stage};
use crate::text::{Along, Words};
use crate::theme::{RADIUS, Tone, size};

pub fn recovery(cx: &Cx) -> Node {
    let air = Node::default().height(GAP + 0.3).rigid();
    let content = if cx.canvas.is_portrait() {
        column(
            7.0,
            vec![explain(cx), spring(), field(cx, cx.canvas.w() - 24.0)],
        )
    } else {
        // Two rows of eight keys need this much.
        let right = ((cx.canvas.w() - 24.0) * 0.55).max(8.0 * 15.5 + 7.0 * NEAR);
        let left = explain(cx).grow(1.0);
        row(12.0, vec![left, field(cx, right).width(right).rigid()])
            .align(taffy::AlignItems::STRETCH)
    };
    frame(cx, column(0.0, vec![content.grow(1.0), air]))
}

/// Between the letters: as near as allowed, because there are sixteen of them.
const NEAR: f32 = GAP + 0.3;

/// What happened, what it means, what can be done now, who to call.
fn explain(cx: &Cx) -> Node {
    let (code, reason) = match &cx.state.stage {
        Stage::Recovery { code, reason } => (code.as_str(), reason.as_str()),
        _ => ("", ""),
    };
    let what = match reason {
        "tpm-mismatch" => "recovery-tpm-mismatch",
        "foreign-volume" => "recovery-foreign-volume",
        _ => "recovery-unknown",
    };
    let operator = &cx.state.site.operator;
    let phone = cx.speech.phone(&operator.phone);
    let call = [
        ("operator", cx.site(&operator.name).into()),
        ("phone", phone.clone().into()),
    ];
    let call = row(
        5.0,
        vec![
            glyph(Glyph::Phone, Tone::Accent, 10.0),
            cx.body(cx.speech.with("recovery-call", &call)).grow(1.0),
        ],
    );
    let mut parts = vec![
        cx.heading(cx.t("recovery-title")),
        cx.body(cx.t(what)),
        cx.body(cx.t("recovery-means")),
        call,
    ];
    if !code.is_empty() {
        let label = words(Words {
            color: Tone::SoftInk,
            ..cx.words(cx.t("recovery-code"), size::SMALL)
        })
        .grow(1.0);
        let code = Words {
            bold: true,
            spaced: true,
            wrap: false,
            language: Language::De,
            ..cx.words(code, size::DISPLAY)
        };
        parts.push(
            row(6.0, vec![label, words(code).rigid()])
                .pad(7.0, 3.0)
                .look(Look::fill(Tone::Tint)),
        );
    }
    column(5.0, parts)
}

fn field(cx: &Cx, width: f32) -> Node {
    let entered = cx.state.entry.chars();
    let count = [
        ("count", entered.into()),
        ("missing", RECOVERY_LETTERS.saturating_sub(entered).into()),
    ];
    let title = row(
        4.0,
        vec![
            cx.title(cx.t("recovery-key")).grow(1.0),
            cx.small(cx.speech.with("recovery-count", &count)).rigid(),
        ],
    );
    // On low screens there is no room for both: what is wrong comes first.
    let problem = cx.state.problem.map(|problem| problem_line(cx, problem));
    let low = cx.canvas.is_low();
    let mut parts = match problem {
        Some(problem) if low => vec![problem, groups(cx)],
        problem => [Some(title), Some(groups(cx)), problem]
            .into_iter()
            .flatten()
            .collect(),
    };
    if !low {
        parts.push(spring());
    }
    let high = if low { TARGET + 0.3 } else { 17.0 };
    parts.extend([
        letters(cx, width),
        row(
            NEAR,
            vec![
                cx.word_key(
                    Some(Glyph::Delete),
                    &cx.t("delete"),
                    Action::Delete,
                    false,
                    false,
                )
                .grow(1.0)
                .height(high),
                cx.word_key(None, &cx.t("check-key"), Action::Confirm, true, false)
                    .grow(1.4)
                    .height(high),
            ],
        )
        .rigid(),
    ]);
    column(NEAR, parts)
}

/// One line: here there is no room for four parts, and the left side has told them already.
fn problem_line(cx: &Cx, problem: Problem) -> Node {
    let key = super::pin::key(problem);
    let missing = if let Problem::KeyShort(missing) = problem {
        missing
    } else {
        0
    };
    let line = cx
        .speech
        .with(&format!("{key}-short"), &[("missing", missing.into())]);
    let line = words(Words {
        bold: true,
        color: Tone::Warning,
        ..cx.words(line, size::SMALL)
    })
    .grow(1.0);
    row(4.0, vec![glyph(Glyph::Warning, Tone::Warning, 8.0), line]).rigid()
}

/// The key as it is written down: eight groups of eight letters, filling one after the other.
fn groups(cx: &Cx) -> Node {
    let entered: Vec<char> = cx.state.entry.expose().chars().collect();
    let current = entered.len() / RECOVERY_GROUP;
    let boxes = (0..RECOVERY_GROUPS).map(|i| {
        let letters: String = entered
            .iter()
            .skip(i * RECOVERY_GROUP)
            .take(RECOVERY_GROUP)
            .collect();
        let full = letters.len() == RECOVERY_GROUP;
        let edge = if i == current {
            (Tone::Accent, 1.1)
        } else {
            (Tone::Edge, 0.55)
        };
        let look = Look {
            fill: Some(if full { Tone::Tint } else { Tone::Card }),
            edge: Some(edge),
            radius: RADIUS * 0.6,
        };
        let words = words(Words {
            bold: true,
            spaced: true,
            wrap: false,
            color: Tone::Ink,
            along: Along::Centre,
            language: Language::De,
            ..cx.words(letters, size::LABEL)
        });
        column(0.0, vec![words])
            .justify(taffy::JustifyContent::CENTER)
            .pad(1.0, 0.0)
            .look(look)
    });
    grid(4, 3.0, boxes.collect())
        .height(if cx.canvas.is_low() {
            2.0 * 11.5 + 3.0
        } else {
            2.0 * 15.0 + 3.0
        })
        .rigid()
        .left_to_right()
        .means(super::pin::field(cx, "recovery-key", entered.len()))
}

fn letters(cx: &Cx, width: f32) -> Node {
    // In the order of the alphabet: that is how people look for a letter.
    let mut alphabet = MODHEX;
    alphabet.sort_unstable();
    let keys = alphabet.map(|c| cx.key(&c.to_string(), Action::Letter(c), &c.to_string()));
    let (columns, rows) = if (width - 7.0 * NEAR) / 8.0 >= TARGET + 0.3 {
        (8, 2.0)
    } else {
        (6, 3.0)
    };
    let rows_high = |row: f32| rows * row + (rows - 1.0) * NEAR;
    let mut grid = grid(columns, NEAR, keys.to_vec())
        .stretch()
        .at_least(0.0, rows_high(TARGET + 0.3))
        .left_to_right();
    grid.style.max_size.height = taffy::LengthPercentageAuto::length(rows_high(26.0));
    grid
}
