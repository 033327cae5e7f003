// SPDX-License-Identifier: EUPL-1.2
//! While nobody can do anything yet: what is being waited for, and what to do if it takes long.

use api::trust::Task;

use super::Cx;
use super::frame::{frame, room};
use super::pages::{Page, block, page};
use super::parts::badge;
use crate::icons::Glyph;
use crate::node::{Content, Look, Node, column, row, spring, words};
use crate::text::{Along, Words};
use crate::theme::size;

pub fn start(cx: &Cx) -> Node {
    let texts = if cx.state.is_slow() {
        ["start-slow", "start-slow-do"]
    } else {
        ["start-explain", "start-how-long"]
    };
    waiting(cx, "start-title", texts)
}

pub fn wait(cx: &Cx, task: Task) -> Node {
    let title = match task {
        Task::ChoosePin => "wait-new-pin",
        Task::SubmitPin => "wait-pin",
        Task::SubmitRecoveryKey => "wait-key",
    };
    let texts = if cx.state.is_slow() {
        ["wait-slow", "start-slow-do"]
    } else {
        ["wait-explain", "wait-how-long"]
    };
    waiting(cx, title, texts)
}

pub fn waiting(cx: &Cx, title: &str, [what, how_long]: [&str; 2]) -> Node {
    let middle = |words: Words| Words {
        along: Along::Centre,
        ..words
    };
    let operator = &cx.state.site.operator;
    let phone = cx.speech.phone(&operator.phone);
    let values = [
        ("operator", cx.site(&operator.name).into()),
        ("phone", phone.into()),
    ];
    let says = |key: &str| cx.speech.with(key, &values);
    let (w, h) = room(cx);
    let wide = if cx.canvas.is_portrait() {
        w
    } else {
        cx.canvas.h() * 0.66
    };
    let text = column(
        4.0,
        vec![
            words(middle(Words {
                bold: true,
                ..cx.words(says(title), size::DISPLAY)
            }))
            .heads(1),
            words(middle(cx.words(says(what), size::LABEL))),
            words(middle(cx.words(says(how_long), size::BODY))),
        ],
    );
    let head = if title == "start-title" {
        let picture = Node {
            content: Content::Picture,
            ..Node::default()
        };
        picture
            .look(Look::default().round(7.0))
            .size(wide, wide * 0.5)
    } else {
        badge(Glyph::Hourglass, 34.0)
    };
    let head = row(0.0, vec![head]).rigid();
    let needed = cx.height(&text, w) + cx.height(&head, wide) + 3.0 * APART;
    if needed > h {
        return read(cx, says(title), [says(what), says(how_long)]);
    }
    let all = vec![spring(), head, text, spring()];
    frame(cx, column(APART, all).align(taffy::AlignItems::CENTER))
}

/// Between the picture and the text.
const APART: f32 = 9.0;

/// Without the picture, and on pages if it has to be.
fn read(cx: &Cx, title: String, [what, how_long]: [String; 2]) -> Node {
    let what = words(cx.words(what, size::LABEL));
    let blocks = vec![block(0.0, what), block(5.0, cx.body(how_long))];
    page(
        cx,
        Page {
            heading: cx.heading(title),
            blocks,
            ways: Vec::new(),
            back: false,
        },
    )
}
