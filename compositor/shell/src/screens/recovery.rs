// SPDX-License-Identifier: EUPL-1.2
//! The data volume does not open by itself: what happened, who to call, and a field for the recovery key.

use api::trust::{MODHEX, RECOVERY_GROUP, RECOVERY_GROUPS, RECOVERY_LETTERS};
use site::Language;

use super::Cx;
use super::frame::{frame, room};
use super::pages::{Block, Own, Page, block, edge, page_with};
use crate::canvas::{GAP, TARGET};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Node, column, glyph, grid, row, spring, words};
use crate::state::{Problem, Stage};
use crate::text::{Along, Words};
use crate::theme::{RADIUS, Tone, size};

pub fn recovery(cx: &Cx) -> Node {
    let below = Node::default().height(GAP + 0.3).rigid();
    let (w, h) = room(cx);
    let h = h - GAP - 0.3;
    // Two rows of eight keys need this much.
    let right = (w * 0.55).max(8.0 * 15.5 + 7.0 * NEAR);
    let upright = cx.canvas.is_portrait();
    let explained = column(5.0, explain(cx, if upright { w } else { w - right - 12.0 }));
    let has_room = if upright {
        cx.height(&explained, w) + 14.0 + cx.height(&field(cx, w, None), w) <= h
    } else {
        let beside = cx.height(&explained, w - right - 12.0);
        beside.max(cx.height(&field(cx, right, None), right)) <= h
    };
    // Everything at once, if there is room for it.
    if has_room {
        let content = if upright {
            column(7.0, vec![explained, spring(), field(cx, w, None)])
        } else {
            let field = field(cx, right, None).width(right).rigid();
            row(12.0, vec![explained.grow(1.0), field]).align(taffy::AlignItems::STRETCH)
        };
        return frame(cx, column(0.0, vec![content.grow(1.0), below]));
    }
    // Otherwise first what there is to read, and the keys after it.
    let mut parts = explain(cx, w);
    let heading = parts.remove(0);
    let mut blocks: Vec<Block> = parts.into_iter().map(|part| block(5.0, part)).collect();
    if let Some(problem) = cx.state.problem {
        let parts = cx.message_parts(super::pin::key(problem));
        blocks.splice(0..0, parts.map(|part| block(3.0, part)));
    }
    let page = Page {
        heading,
        blocks,
        ways: Vec::new(),
        back: false,
    };
    let make = &|at, pages| {
        // In a few words, beside the way back: the pages before have said all of it.
        let says = cx.state.problem.map(|problem| match problem {
            Problem::KeyShort(_) => problem_line(cx, problem),
            _ => warning(cx, cx.t(&format!("{}-what", super::pin::key(problem)))),
        });
        let foot = edge(cx, at, pages, says);
        let own = |tight| field(cx, w, Some((&foot, tight)));
        let has_room = |node: &Node| cx.height(node, w) <= h;
        let ways = [Tight::No, Tight::Untitled].map(own).into_iter();
        ways.into_iter()
            .find(has_room)
            .unwrap_or_else(|| own(Tight::Low))
    };
    let first = false;
    page_with(cx, page, Some(Own { first, make }))
}

/// Between the letters: as near as allowed, because there are sixteen of them.
const NEAR: f32 = GAP + 0.3;

/// What happened, what it means, what can be done now, who to call.
fn explain(cx: &Cx, width: f32) -> Vec<Node> {
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
            glyph(Glyph::Phone, Tone::Accent, cx.icon(10.0)),
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
        });
        let code = Words {
            bold: true,
            spaced: true,
            wrap: false,
            language: Language::De,
            ..cx.words(code, cx.grown(size::DISPLAY))
        };
        let look = Look::fill(Tone::Tint);
        let code = words(code).rigid();
        let beside = row(6.0, vec![label.clone().stretch(), code.clone()]).pad(7.0, 3.0);
        parts.push(if cx.narrowest(&beside) > width {
            column(0.5, vec![label, code]).pad(7.0, 3.0).look(look)
        } else {
            beside.look(look)
        });
    }
    parts
}

/// How a page of keys saves height.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tight {
    No,
    /// It has no title.
    Untitled,
    /// And its groups are as low as their letters.
    Low,
}

/// The field and its keys; on a page of their own with its last row.
fn field(cx: &Cx, width: f32, own: Option<(&Node, Tight)>) -> Node {
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
    let tight = own.map_or(Tight::No, |(_, tight)| tight);
    let least = if low || tight == Tight::Low {
        11.5
    } else {
        15.0
    };
    let groups = Some(groups(cx, width, least));
    let title = (tight == Tight::No).then_some(title);
    let parts = match problem {
        _ if own.is_some() => [title, groups, None],
        Some(problem) if low => [Some(problem), groups, None],
        problem => [title, groups, problem],
    };
    let mut parts: Vec<Node> = parts.into_iter().flatten().collect();
    if !low {
        parts.push(spring());
    }
    parts.push(letters(cx, width));
    parts.extend(confirm(cx, width));
    parts.extend(own.map(|(foot, _)| foot.clone()));
    column(NEAR, parts)
}

/// The keys that take a letter away, and that say it is all: below each other where words are too long.
fn confirm(cx: &Cx, width: f32) -> Vec<Node> {
    let delete = cx.t("delete");
    let delete = cx.word_key(Some(Glyph::Delete), &delete, Action::Delete, false, false);
    let check = cx.word_key(None, &cx.t("check-key"), Action::Confirm, true, false);
    let (one, other) = (cx.narrowest(&delete), cx.narrowest(&check));
    let least = if cx.canvas.is_low() {
        TARGET + 0.3
    } else {
        17.0
    };
    let high = |key: &Node| cx.height(key, width).max(least);
    let (delete_high, check_high) = (high(&delete), high(&check));
    if one + other + NEAR + 4.0 > width {
        return vec![
            delete.height(delete_high).rigid(),
            check.height(check_high).rigid(),
        ];
    }
    let high = delete_high.max(check_high);
    // Each as wide as it has to be, and the rest for both.
    let share = |key: Node, narrowest: f32| {
        let mut key = key.grow(1.0).height(high);
        key.style.flex_basis = taffy::Dimension::length(narrowest + 2.0);
        key
    };
    vec![row(NEAR, vec![share(delete, one), share(check, other)]).rigid()]
}

/// One line: here there is no room for four parts, and the left side has told them already.
pub fn problem_line(cx: &Cx, problem: Problem) -> Node {
    let key = super::pin::key(problem);
    let missing = if let Problem::KeyShort(missing) = problem {
        missing
    } else {
        0
    };
    let line = cx
        .speech
        .with(&format!("{key}-short"), &[("missing", missing.into())]);
    warning(cx, line)
}

/// What was wrong, on a line.
pub fn warning(cx: &Cx, line: String) -> Node {
    let line = words(Words {
        bold: true,
        color: Tone::Warning,
        ..cx.words(line, size::SMALL)
    })
    .grow(1.0);
    row(
        4.0,
        vec![glyph(Glyph::Warning, Tone::Warning, cx.icon(8.0)), line],
    )
    .rigid()
}

/// The key as it is written down: eight groups of eight letters, filling one after the other.
fn groups(cx: &Cx, width: f32, least: f32) -> Node {
    let entered: Vec<char> = cx.state.entry.expose().chars().collect();
    // Eight of the widest letters decide how many groups stand beside each other, and how high they are.
    let widest = words(letters_of(cx, "n".repeat(RECOVERY_GROUP)));
    let columns = if cx.narrowest(&widest) + 3.0 > (width - 9.0) / 4.0 {
        2
    } else {
        4
    };
    let rows = RECOVERY_GROUPS.div_ceil(columns) as f32;
    let high = (cx.height(&widest, width) * 0.85).max(least);
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
        let words = words(letters_of(cx, letters)).height(high);
        column(0.0, vec![words])
            .justify(taffy::JustifyContent::CENTER)
            .pad(1.0, 0.0)
            .look(look)
    });
    grid(columns as u16, 3.0, boxes.collect())
        .height(rows * high + (rows - 1.0) * 3.0)
        .rigid()
        .left_to_right()
        .means(super::pin::field(cx, "recovery-key", entered.len()))
}

/// Letters of a key.
fn letters_of(cx: &Cx, letters: String) -> Words {
    Words {
        bold: true,
        spaced: true,
        wrap: false,
        color: Tone::Ink,
        along: Along::Centre,
        language: Language::De,
        ..cx.words(letters, size::LABEL)
    }
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
