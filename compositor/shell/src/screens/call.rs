// SPDX-License-Identifier: EUPL-1.2
//! A conversation: before it, while it rings, face to face, paused, and when it has ended. The picture of the other side is an
//! application's window in the frame, with papers beside it; below it are always the same four buttons.

use accesskit::Role;
use taffy::JustifyContent;

use super::Cx;
use super::aside::lay;
use super::department::{belongs, head, status};
use super::frame::{frame, room, whole};
use super::keys::{Ends, keyboard, least};
use super::notice::{parts, plain_with};
use super::pages::{Block, Page, block, page, step};
use super::papers;
use super::parts::badge;
use super::scan_asked;
use crate::canvas::GAP;
use crate::event::Action;
use crate::icons::Glyph;
use crate::keyboard::Keyboard;
use crate::node::{Content, Meaning, Node, column, grid, row, spring, words};
use crate::state::call::{Line, Over, Side, View};
use crate::text::{Along, Words};
use crate::theme::{MARGIN, TextSize, Tone, size};

/// No keyboard is wider: hands have to get from one end to the other.
const WIDEST: f32 = 330.0;
/// So much height is left to the face at least.
const SIGHT: f32 = 30.0;
/// Between what is written and the keys.
const NEAR: f32 = 1.4;
/// Between two buttons.
const SPACE: f32 = GAP + 0.4;

/// What there is at a department to talk to: somebody now, or later, or (without the service) nobody at this device.
pub fn talk(cx: &Cx, i: usize) -> Node {
    let Some(department) = cx.state.site.departments.get(i) else {
        return frame(cx, Node::default());
    };
    let mut blocks = belongs(cx, department);
    blocks.push(block(3.0, status(cx, department)));
    let mut ways = Vec::new();
    if !cx.state.can_call() {
        blocks.extend(parts(cx, "talk"));
    } else if cx.state.is_staffed(i) {
        blocks.push(block(5.0, cx.body(cx.t("call-explain"))));
        blocks.push(block(3.0, cx.body(cx.t("call-private"))));
        ways.push(step(cx, Glyph::Camera, "call-now", Action::Call, true));
    } else {
        blocks.extend(parts(cx, "call-closed"));
    }
    let has_way = !ways.is_empty();
    ways.push(step(cx, Glyph::Read, "inform", Action::Inform, !has_way));
    let heading = head(cx, department);
    page(
        cx,
        Page {
            heading,
            blocks,
            ways,
            back: true,
        },
    )
}

pub fn view(cx: &Cx, view: View) -> Node {
    match view {
        View::Rings => rings(cx),
        View::Talks => talks(cx),
        View::Paused => waits(cx, view, "call-paused", Glyph::Pause),
        View::Held => waits(cx, view, "call-held", Glyph::Hourglass),
        View::Mending => waits(cx, view, "call-mending", Glyph::Hourglass),
        View::Over(over) => ended(cx, over),
    }
}

fn rings(cx: &Cx) -> Node {
    let heading = match cx.state.called_department() {
        Some(i) => cx
            .state
            .site
            .departments
            .get(i)
            .map(|department| head(cx, department)),
        None => None,
    };
    let (first, then) =
        queue(cx).unwrap_or_else(|| (cx.t("call-rings"), cx.t("call-rings-explain")));
    let says = words(Words {
        bold: true,
        ..cx.words(first, size::LABEL)
    });
    let says = says.means(Meaning::new(Role::Status, "")).live();
    let blocks: Vec<Block> = vec![block(5.0, says), block(3.0, cx.body(then))];
    let cancel = step(cx, Glyph::HangUp, "call-cancel", Action::HangUp, true);
    page(
        cx,
        Page {
            heading: heading.unwrap_or_default(),
            blocks,
            ways: vec![cancel],
            back: false,
        },
    )
}

/// Who waits is told how many are first and for how long, as far as anybody knows.
fn queue(cx: &Cx) -> Option<(String, String)> {
    let status = cx.state.call.status.as_ref()?;
    let ahead = status.position?.saturating_sub(1);
    let first = cx.speech.with("call-ahead", &[("count", ahead.into())]);
    // A minute is as exact as it gets.
    let minutes = status.wait.map(|wait| wait.as_secs().div_ceil(60));
    let then = match minutes {
        Some(minutes) if ahead > 0 || minutes > 1 => {
            cx.speech.with("call-wait", &[("count", minutes.into())])
        }
        Some(_) => cx.t("call-rings-explain"),
        None => cx.t("call-wait-unknown"),
    };
    Some((first, then))
}

/// How a conversation has ended, in four parts, and what can be done.
fn ended(cx: &Cx, over: Over) -> Node {
    let (key, icon) = match over {
        Over::Ended => ("call-ended", Glyph::Check),
        Over::Busy => ("call-busy", Glyph::Clock),
        Over::Closed => ("call-closed", Glyph::Clock),
        Over::Device => ("call-device", Glyph::Warning),
        Over::Failed => ("call-failed", Glyph::Warning),
    };
    let can_again = cx.state.can_call()
        && cx
            .state
            .called_department()
            .is_some_and(|i| cx.state.is_staffed(i));
    let mut ways = Vec::new();
    if can_again && over != Over::Ended {
        ways.push(step(cx, Glyph::Camera, "call-again", Action::Call, true));
    }
    plain_with(cx, key, icon, ways)
}

/// Face to face.
fn talks(cx: &Cx) -> Node {
    let mut heading = Meaning::new(Role::Heading, &cx.t("call"));
    heading.level = 1;
    heading.description = name(cx);
    for told in told(cx) {
        heading.description = format!("{}. {told}", heading.description);
    }
    let face = Node {
        content: Content::Application,
        ..Node::default()
    };
    let face = face.grow(1.0).means(heading.clone());
    let (w, h) = room(cx);
    let air = cx.air() * 0.6;
    let buttons = buttons(cx, View::Talks);
    let below = cx.height(&buttons, w) + 2.0 * air;
    let all = w + 2.0 * MARGIN;
    let Some(keys) = &cx.state.call.keyboard else {
        let unseen = says(cx).map(|says| column(NEAR, says).pad(MARGIN, air).rigid());
        // With the largest letters on the lower half of a small screen there is no room for it: the own picture is black then.
        let high = |unseen: &Node| cx.height(unseen, all);
        let read = if cx.state.call.lines.is_empty() {
            0.0
        } else {
            cx.height(&cx.body("A"), w) * 2.0 + 2.0 * air
        };
        let unseen = unseen.filter(|unseen| h - below - high(unseen) - read >= SIGHT);
        let told = unseen.as_ref().map_or(0.0, high);
        let written = written(cx, w, (h - below - told - SIGHT).min(h * 0.3));
        let written = written.map(|written| written.pad(MARGIN, air).rigid());
        let buttons = buttons.pad(MARGIN, air).rigid();
        let mut under: Vec<Node> = unseen.into_iter().chain(written).collect();
        under.push(buttons.clone());
        let under = column(0.0, under).rigid();
        let high = cx.height(&under, all);
        let says = match (cx.state.asked(), cx.state.scan_asked()) {
            (Some(asked), _) => Some(papers::asks(cx, asked)),
            (None, Some(asked)) => Some(scan_asked::asks(cx, asked, (all, h))),
            (None, None) => None,
        };
        if let Some(says) = says {
            // The end is always within reach.
            let end = step(cx, Glyph::HangUp, "call-hang-up", Action::HangUp, false);
            let end = grid(1, SPACE, vec![end]).pad(MARGIN, air).rigid();
            let least = cx.height(&end, all);
            let below = [(under, high), (buttons, below), (end, least)];
            return whole(cx, lay(cx, &says, &face, (all, h), &below));
        }
        let sight = papers::beside(cx, face, (all, h - high));
        return whole(cx, column(0.0, vec![sight, under]));
    };
    let line = cx.height(&cx.body("A"), w);
    let most = (h - SIGHT - line - 4.0 * NEAR).max(h * 0.5);
    let (keys, high) = typing(cx, keys, (w, most));
    let left = h - high - 4.0 * NEAR;
    let least = if cx.state.call.lines.is_empty() {
        cx.height(&hint(cx), w)
    } else {
        line
    };
    if left - least < SIGHT {
        // Where letters are large and there is little room, who writes sees what is written.
        let written = written(cx, w, left).unwrap_or_else(|| hint(cx));
        let written = column(0.0, vec![spring(), written])
            .grow(1.0)
            .means(heading);
        let parts = vec![written.pad(MARGIN, NEAR), keys.pad(MARGIN, NEAR).rigid()];
        return whole(cx, column(0.0, parts));
    }
    // The buttons go where there is room for them: putting the keys away brings them back.
    let has_buttons = left - SIGHT > below + line * 2.0;
    let free = left - SIGHT - if has_buttons { below } else { 0.0 };
    let told = says(cx).map(|says| column(NEAR, says).pad(MARGIN, NEAR).rigid());
    let told = told.filter(|told| cx.height(told, all) + line <= free);
    let free = free - told.as_ref().map_or(0.0, |told| cx.height(told, all));
    let written = written(cx, w, free.min(h * 0.25)).unwrap_or_else(|| hint(cx));
    let mut parts: Vec<Node> = told.into_iter().collect();
    parts.push(written.pad(MARGIN, NEAR).rigid());
    parts.push(keys.pad(MARGIN, NEAR).rigid());
    if has_buttons {
        parts.push(buttons.pad(MARGIN, air).rigid());
    }
    let under = column(0.0, parts).rigid();
    let sight = papers::beside(cx, face, (all, h - cx.height(&under, all)));
    whole(cx, column(0.0, vec![sight, under]))
}

/// What there is to know of the picture. Who is not seen has to: the own one is only black. And what the other side shares is not its face.
fn told(cx: &Cx) -> Vec<String> {
    let status = cx.state.call.status.as_ref();
    let unseen = status.is_some_and(|status| status.unseen);
    let shares = cx.state.call.papers.status.shares;
    let told = [(unseen, "call-unseen"), (shares, "call-screen")];
    let told = told.into_iter().filter(|(is_so, _)| *is_so);
    told.map(|(_, key)| cx.t(key)).collect()
}

/// The same on the screen, and said when it changes.
fn says(cx: &Cx) -> Option<Vec<Node>> {
    let says = told(cx).into_iter().map(|told| {
        let says = words(cx.words(told, size::BODY));
        says.means(Meaning::new(Role::Status, "")).live()
    });
    let says: Vec<Node> = says.collect();
    (!says.is_empty()).then_some(says)
}

/// The keys, and how high they are.
fn typing(cx: &Cx, keys: &Keyboard, (w, h): (f32, f32)) -> (Node, f32) {
    let wide = w.min(WIDEST);
    let enter = cx.t("call-new-line");
    let ends = Ends {
        confirm: (Glyph::Check, &enter),
        hides: true,
    };
    let high = least(cx, keys, wide, ends).min(h);
    let keys = keyboard(cx, keys, (wide, high), ends);
    let node = row(0.0, vec![keys.width(wide).rigid()]).justify(JustifyContent::CENTER);
    let high = cx.height(&node, w);
    (node, high)
}

fn hint(cx: &Cx) -> Node {
    let hint = Words {
        color: Tone::SoftInk,
        ..cx.words(cx.t("call-write-hint"), size::BODY)
    };
    words(hint)
}

/// What was written, the newest last, as much as has room.
fn written(cx: &Cx, w: f32, high: f32) -> Option<Node> {
    let mut shown: Vec<Node> = Vec::new();
    let mut used = 0.0;
    for line in cx.state.call.lines.iter().rev() {
        let node = said(cx, line, line.text.expose());
        let tall = cx.height(&node, w);
        if used + tall > high {
            // Of the newest at least the end is seen.
            if shown.is_empty() {
                shown.push(end_of(cx, line, w, high));
            }
            break;
        }
        used += tall;
        shown.push(node);
    }
    shown.reverse();
    (!shown.is_empty()).then(|| column(0.0, shown))
}

/// As much of the end of a piece as has room.
fn end_of(cx: &Cx, line: &Line, w: f32, high: f32) -> Node {
    let text: Vec<&str> = line.text.expose().split(' ').collect();
    let mut from = 0;
    loop {
        from += 1;
        let part = text.get(from..).unwrap_or_default().join(" ");
        let node = said(cx, line, &format!("… {part}"));
        if from >= text.len() || cx.height(&node, w) <= high {
            return node;
        }
    }
}

fn said(cx: &Cx, line: &Line, text: &str) -> Node {
    let (key, tone) = match line.side {
        Side::Ours => ("call-ours", Tone::SoftInk),
        Side::Theirs => ("call-theirs", Tone::Accent),
    };
    let who = words(Words {
        bold: true,
        color: tone,
        wrap: false,
        ..cx.words(cx.t(key), size::BODY)
    });
    let text = cx.body(text).grow(1.0);
    let both = row(3.0, vec![who.rigid(), text]).align(taffy::AlignItems::START);
    // What the other side writes is said when it is whole: letter by letter nobody could follow.
    if line.side == Side::Theirs && line.ended {
        both.means(Meaning::new(Role::Status, "")).live()
    } else {
        both
    }
}

/// Nobody is seen or heard now, and why.
fn waits(cx: &Cx, view: View, key: &str, icon: Glyph) -> Node {
    let middle = |words: Words| Words {
        along: Along::Centre,
        ..words
    };
    let title = words(middle(Words {
        bold: true,
        ..cx.words(cx.t(&format!("{key}-title")), cx.grown(size::HEADING))
    }));
    let explain = words(middle(
        cx.words(cx.t(&format!("{key}-explain")), size::BODY),
    ));
    let (w, h) = room(cx);
    let wide = if cx.canvas.is_portrait() {
        w
    } else {
        w.min(cx.canvas.h() * 0.9)
    };
    let badge = row(0.0, vec![badge(icon, cx.icon(20.0))]).justify(JustifyContent::CENTER);
    let explain = explain.means(Meaning::new(Role::Status, "")).live();
    let says = vec![title.heads(1).rigid(), explain.rigid()];
    let air = cx.air() * 0.6;
    let buttons = buttons(cx, view).pad(MARGIN, air);
    let free = h - cx.height(&buttons, w + 2.0 * MARGIN);
    let with_badge = column(4.0, [vec![badge.rigid()], says.clone()].concat());
    // Where letters are large, words come before pictures, and use all of the screen.
    let (says, wide) = if cx.height(&with_badge, wide) <= free {
        (with_badge, wide)
    } else {
        (column(4.0, says), w)
    };
    let says = row(0.0, vec![spring(), says.width(wide).rigid(), spring()]).rigid();
    let parts = vec![
        column(0.0, vec![spring(), says, spring()])
            .grow(1.0)
            .bounded(),
        buttons.rigid(),
    ];
    whole(cx, column(0.0, parts))
}

/// Sound, pause, writing and the end, always at the same places.
fn buttons(cx: &Cx, view: View) -> Node {
    let muted = cx.state.call.status.as_ref();
    let muted = muted.is_some_and(|status| status.muted);
    let (sound, sound_icon) = if muted {
        ("call-unmute", Glyph::Microphone)
    } else {
        ("call-mute", Glyph::Mute)
    };
    let (pause, pause_icon) = if view == View::Paused {
        ("call-go-on", Glyph::Camera)
    } else {
        ("call-pause", Glyph::Pause)
    };
    let pauses = view != View::Mending;
    let cells = vec![
        step(cx, sound_icon, sound, Action::Mute, muted),
        if pauses {
            step(cx, pause_icon, pause, Action::Pause, view == View::Paused)
        } else {
            Node::default()
        },
        if view == View::Talks {
            step(cx, Glyph::Keys, "call-write", Action::Write, false)
        } else {
            Node::default()
        },
        step(cx, Glyph::HangUp, "call-hang-up", Action::HangUp, false),
    ];
    let share = (room(cx).0 + SPACE) / 4.0 - SPACE;
    let fits = cells.iter().all(|cell| cx.narrowest(cell) <= share);
    if fits && (cx.state.modes.text == TextSize::Normal || share > 60.0) {
        return grid(4, SPACE, cells);
    }
    // A row of nothing but a gap and the end would take the room of the words above.
    let cells = if pauses {
        cells
    } else {
        cells
            .into_iter()
            .filter(|cell| cell.action.is_some())
            .collect()
    };
    grid(2, SPACE, cells)
}

/// Who is talked to.
fn name(cx: &Cx) -> String {
    let department = cx.state.called_department();
    let department = department.and_then(|i| cx.state.site.departments.get(i));
    department.map_or_else(String::new, |department| cx.site(&department.name))
}
