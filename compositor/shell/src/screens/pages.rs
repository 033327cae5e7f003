// SPDX-License-Identifier: EUPL-1.2
//! Screens to read: a heading, and blocks that fill one page after the other. Nothing scrolls.

use std::collections::VecDeque;
use std::ops::Range;

use super::Cx;
use super::divide::divide;
use super::frame::{frame, room};
use crate::canvas::GAP;
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Content, Look, Node, column, glyph, row, spring, words};
use crate::text::{Along, Words};
use crate::theme::{MARGIN, TextSize, Tone, size};

/// A piece of a page, and its distance from what is above it.
pub struct Block {
    piece: Piece,
    gap: f32,
}

/// Makes a node of a part of a text, the first part or a later one, for this width.
type Draw = Box<dyn Fn(&Cx, &str, bool, f32) -> Node>;

enum Piece {
    /// Divided between words or the things of a list, and only where it is longer than a page.
    Whole(Box<Node>),
    /// A text that is divided where a page is too small for it.
    Text(String, Draw),
}

/// A block this far below the one before.
pub fn block(gap: f32, node: Node) -> Block {
    let piece = Piece::Whole(Box::new(node));
    Block { piece, gap }
}

/// A text this far below the block before, drawn by `draw`.
pub fn divisible(
    gap: f32,
    text: String,
    draw: impl Fn(&Cx, &str, bool, f32) -> Node + 'static,
) -> Block {
    let piece = Piece::Text(text, Box::new(draw));
    Block { piece, gap }
}

/// A screen to read.
pub struct Page {
    /// What it is.
    pub heading: Node,
    /// What is on it.
    pub blocks: Vec<Block>,
    /// The buttons at the end of the last row, besides those that turn pages.
    pub ways: Vec<Node>,
    /// Whether there is a way back.
    pub back: bool,
}

/// A page that is not for reading, such as one with keys. It comes before or after those that are.
pub struct Own<'f> {
    /// Whether it comes first.
    pub first: bool,
    /// Makes it, as this page of so many.
    pub make: &'f dyn Fn(usize, usize) -> Node,
}

/// So many ways have room below a text in large words.
const WAYS: usize = 2;

/// Lays out a page: the one the state is at, or the last there is.
pub fn page(cx: &Cx, page: Page) -> Node {
    page_with(cx, page, None)
}

/// The same for many ways: in large words the main one, which is the last, stays below what is read, and where there are more than
/// [`WAYS`] the others come after it.
pub fn roomy(cx: &Cx, mut page: Page) -> Node {
    let main = page.ways.split_off(moved(cx, page.ways.len()));
    let others = std::mem::replace(&mut page.ways, main);
    if !others.is_empty() {
        let others = others.into_iter().map(Node::rigid).collect();
        page.blocks.push(block(7.0, column(GAP + 0.4, others)));
    }
    page_with(cx, page, None)
}

/// How many of so many ways come after what is read.
fn moved(cx: &Cx, ways: usize) -> usize {
    if cx.state.modes.text == TextSize::Normal || ways <= WAYS {
        0
    } else {
        ways - 1
    }
}

/// How high a block of a [`roomy`] page can be.
pub fn room_on(cx: &Cx, heading: &Node, back: bool, ways: &[Node]) -> f32 {
    let ways = ways.get(moved(cx, ways.len())..).unwrap_or_default();
    left(cx, heading, back, ways)
}

/// How much is left between heading and foot, which is as high with pages to turn as without.
fn left(cx: &Cx, heading: &Node, back: bool, ways: &[Node]) -> f32 {
    let (w, h) = room(cx);
    let foot = |at: usize, of: usize| cx.height(&footer(cx, back, at, of, ways.to_vec()), w);
    h - cx.height(heading, w) - foot(0, 2).max(foot(1, 3)) - 3.0 * cx.air()
}

/// The same with a page of its own.
pub fn page_with(cx: &Cx, page: Page, own: Option<Own>) -> Node {
    let (w, _) = room(cx);
    let columns = if cx.canvas.is_portrait() || cx.state.modes.text != TextSize::Normal {
        1
    } else {
        2
    };
    let between = 14.0;
    let width = (w - between * (columns - 1) as f32) / columns as f32;
    let feet = |at: usize, of: usize| footer(cx, page.back, at, of, page.ways.clone());
    let air = cx.air();
    let high = left(cx, &page.heading, page.back, &page.ways);
    let filled = fill(cx, page.blocks, width, high);
    let to_read = filled.len().div_ceil(columns).max(1);
    let pages = to_read + usize::from(own.is_some());
    let at = cx.state.page().min(pages - 1);
    let below = Node::default().height(air).rigid();
    let before = usize::from(own.as_ref().is_some_and(|own| own.first));
    if let Some(own) = own.filter(|own| at == if own.first { 0 } else { pages - 1 }) {
        return frame(
            cx,
            column(0.0, vec![(own.make)(at, pages).grow(1.0), below]),
        );
    }
    let shown: Vec<Node> = filled
        .into_iter()
        .skip((at - before) * columns)
        .take(columns)
        .map(|column| column.width(width).rigid())
        .collect();
    let body = row(between, shown)
        .align(taffy::AlignItems::START)
        .grow(1.0)
        .bounded();
    let all = vec![page.heading.rigid(), body, feet(at, pages).rigid()];
    frame(cx, column(0.0, vec![column(air, all).grow(1.0), below]))
}

/// Distributes blocks to columns of this size. Text that is longer than a column goes on in the next.
fn fill(cx: &Cx, blocks: Vec<Block>, width: f32, high: f32) -> Vec<Node> {
    let mut columns = Columns::default();
    for Block { piece, gap } in blocks {
        match piece {
            Piece::Whole(node) => {
                let mut left = VecDeque::from([*node]);
                while let Some(node) = left.pop_front() {
                    let tall = cx.height(&node, width);
                    if tall > high
                        && let Some([part, rest]) = divided(cx, &node, width, high)
                    {
                        left.push_front(rest);
                        left.push_front(part);
                    } else {
                        columns.add(node, gap, tall, high);
                    }
                }
            }
            Piece::Text(text, draw) => {
                let parts = divide(&text, |part, first| {
                    cx.height(&draw(cx, part, first, width), width) <= high
                });
                for (i, part) in parts.into_iter().enumerate() {
                    let node = draw(cx, part, i == 0, width);
                    let tall = cx.height(&node, width);
                    columns.add(node, gap, tall, high);
                }
            }
        }
    }
    columns.end()
}

/// Columns that fill one after the other.
#[derive(Default)]
struct Columns {
    full: Vec<Node>,
    current: Vec<Node>,
    used: f32,
}

impl Columns {
    fn add(&mut self, node: Node, gap: f32, tall: f32, high: f32) {
        let gap = if self.current.is_empty() { 0.0 } else { gap };
        if self.used + gap + tall > high && !self.current.is_empty() {
            self.turn();
            self.used = tall;
            self.current.push(node.rigid());
        } else {
            self.used += gap + tall;
            self.current.push(node.below(gap).rigid());
        }
    }

    fn turn(&mut self) {
        let current = std::mem::take(&mut self.current);
        self.full.push(column(0.0, current));
    }

    fn end(mut self) -> Vec<Node> {
        if !self.current.is_empty() {
            self.turn();
        }
        self.full
    }
}

/// As much of a text or of a list as has room, and the rest.
fn divided(cx: &Cx, node: &Node, width: f32, high: f32) -> Option<[Node; 2]> {
    let list = node.style.flex_direction == taffy::FlexDirection::Column
        && node.look == Look::default()
        && node.action.is_none();
    let all = match &node.content {
        Content::Words(words) => words.text.split_whitespace().count(),
        Content::Empty if list => node.children.len(),
        _ => return None,
    };
    let (mut fits, mut too_many) = (0, all);
    while too_many - fits > 1 {
        let middle = usize::midpoint(fits, too_many);
        if cx.height(&part(node, 0..middle), width) <= high {
            fits = middle;
        } else {
            too_many = middle;
        }
    }
    (fits > 0).then(|| [part(node, 0..fits), part(node, fits..all)])
}

/// Some words of a text, or some things of a list.
fn part(node: &Node, range: Range<usize>) -> Node {
    let mut part = node.clone();
    if let Content::Words(words) = &mut part.content {
        let all: Vec<&str> = words.text.split_whitespace().collect();
        words.text = all.get(range).unwrap_or_default().join(" ");
    } else {
        part.children = node.children.get(range).unwrap_or_default().to_vec();
    }
    part
}

fn position(cx: &Cx, page: usize, pages: usize) -> String {
    let values = [("page", (page + 1).into()), ("pages", pages.into())];
    cx.speech.with("page", &values)
}

/// The last row of a page that is the first or the last: the one way there is to turn, and beside it `says`, or the page's
/// number.
pub fn edge(cx: &Cx, page: usize, pages: usize, says: Option<Node>) -> Node {
    let position = position(cx, page, pages);
    let (icon, key, to) = if page == 0 {
        (Glyph::Down, "page-down", 1)
    } else {
        (Glyph::Up, "page-up", page - 1)
    };
    let button = turn(cx, icon, key, Action::Page(to)).described(&position);
    let number = words(Words {
        along: Along::Centre,
        ..cx.words(&position, size::SMALL)
    });
    let says = says.unwrap_or(number).grow(1.0);
    let both = if page == 0 {
        vec![says, button.rigid()]
    } else {
        vec![button.rigid(), says]
    };
    row(GAP + 0.4, both).rigid()
}

/// The last row of a screen: back on one side; on the other what else can be done, and the pages.
pub fn footer(cx: &Cx, back: bool, page: usize, pages: usize, ways: Vec<Node>) -> Node {
    let mut inside = Vec::new();
    if back {
        inside.push(turn(cx, Glyph::Back, "back", Action::Back));
    }
    inside.extend(ways);
    if pages > 1 {
        let says = position(cx, page, pages);
        if page > 0 {
            let up = turn(cx, Glyph::Up, "page-up", Action::Page(page - 1));
            inside.push(up.described(&says));
        } else {
            inside.push(Node::default());
        }
        inside.push(words(Words {
            along: Along::Centre,
            ..cx.words(&says, size::SMALL)
        }));
        if page + 1 < pages {
            let down = turn(cx, Glyph::Down, "page-down", Action::Page(page + 1));
            inside.push(down.described(says));
        } else {
            inside.push(Node::default());
        }
    }
    if inside.is_empty() {
        return Node::default();
    }
    // In few columns, and those of the same width: what is at the same place stays there.
    let many = inside.len();
    let narrow = cx.canvas.is_portrait() || cx.state.modes.text != TextSize::Normal;
    let mut rows: Vec<Vec<Node>> = vec![inside];
    let share = (cx.canvas.w() - 2.0 * MARGIN + GAP + 0.4) / many as f32 - GAP - 0.4;
    let squeezed = |cells: &[Node]| cells.iter().any(|cell| cx.narrowest(cell) > share);
    if narrow
        && many > 3
        && let Some(first) = rows.first_mut()
        && (many > 4 || squeezed(first))
    {
        let rest = first.split_off(many - 3);
        rows.push(rest);
    }
    // Large words need half of an upright screen each.
    if cx.canvas.is_portrait()
        && cx.state.modes.text != TextSize::Normal
        && let Some(first) = rows.first_mut()
        && many - if pages > 1 { 3 } else { 0 } == 3
    {
        let last = first.split_off(2);
        rows.insert(1, last);
    }
    let rows = rows.into_iter().map(|cells| {
        let few = cells.len() < 3 && !narrow;
        let mut cells: Vec<Node> = cells
            .into_iter()
            .map(|cell| {
                if few {
                    cell
                } else {
                    cell.grow(1.0).at_least(0.0, HIGH)
                }
            })
            .collect();
        if few {
            cells.insert(1.min(cells.len()), spring());
        }
        row(GAP + 0.4, cells).align(taffy::AlignItems::STRETCH)
    });
    column(GAP + 0.4, rows.collect()).rigid()
}

/// The least height of the last row.
const HIGH: f32 = 18.0;

/// A button of the last row.
pub fn turn(cx: &Cx, icon: Glyph, key: &str, action: Action) -> Node {
    step(cx, icon, key, action, false)
}

/// The buttons of most last rows, which have a shorter word too.
const SHORT: [&str; 7] = [
    "call-now",
    "talk",
    "hours",
    "page-up",
    "page-down",
    "end-case",
    "stop-application",
];

/// A button of the last row; `main` is the one most people want.
pub fn step(cx: &Cx, icon: Glyph, key: &str, action: Action, main: bool) -> Node {
    let text = cx.t(key);
    let (look, ink) = if main {
        (Look::fill(Tone::Accent), Tone::Card)
    } else {
        (Look::card(), Tone::Ink)
    };
    // Large words want few letters; who hears it hears all of it.
    let shown = if cx.state.modes.text != TextSize::Normal && SHORT.contains(&key) {
        cx.t(&format!("{key}-short"))
    } else {
        text.clone()
    };
    let label = words(Words {
        bold: true,
        color: ink,
        along: Along::Centre,
        ..cx.words(shown, size::BODY)
    });
    let inside = if cx.canvas.is_portrait() && !cx.canvas.is_low() {
        let icon = row(0.0, vec![glyph(icon, ink, 8.0)]).justify(taffy::JustifyContent::CENTER);
        column(0.5, vec![icon, label])
    } else {
        row(3.0, vec![glyph(icon, ink, cx.icon(8.0)), label])
    };
    inside
        .justify(taffy::JustifyContent::CENTER)
        .pad(5.0, 1.0)
        .at_least(42.0, HIGH)
        .look(look)
        .on(action, &text)
}
