// SPDX-License-Identifier: EUPL-1.2
//! The place beside the face, never over it, and what is said and asked there: as much as has room.

use accesskit::Role;

use super::Cx;
use crate::canvas::GAP;
use crate::icons::Glyph;
use crate::node::{Content, Look, Meaning, Node, column, glyph, grid, row, spring, words};
use crate::text::Words;
use crate::theme::{MARGIN, STROKE, Tone, size};

/// Between two things that are said, and around them.
pub const NEAR: f32 = 3.0;
/// How much of the room is of what is said: of these the first that is enough.
const ASKED: [f32; 3] = [0.5, 0.58, 0.66];
/// So much height is left to a face above.
const SIGHT: f32 = 32.0;
/// A ground wider than this, of its height, has both beside each other.
pub const WIDE: f32 = 1.1;

/// Where something lies beside the face.
#[derive(Clone, Copy)]
pub struct Place {
    is_wide: bool,
    w: f32,
    h: f32,
}

impl Place {
    /// A part of this room.
    pub fn new((w, h): (f32, f32), share: f32) -> Self {
        let is_wide = w > h * WIDE;
        let (w, h) = if is_wide {
            (w * share, h)
        } else {
            (w, h * share)
        };
        Self { is_wide, w, h }
    }

    /// What is left inside of its margins.
    pub fn inner(self) -> (f32, f32) {
        (self.w - self.before() - MARGIN, self.h - 2.0 * NEAR)
    }

    /// All that something to say may have, from the one that fits best: beside the face, and where that is too narrow below it.
    fn all((w, h): (f32, f32)) -> Vec<Self> {
        let mut all: Vec<Self> = ASKED.map(|share| Self::new((w, h), share)).into();
        let below = ASKED.map(|share| Self {
            is_wide: false,
            w,
            h: h * share,
        });
        let is_wide = all.first().is_some_and(|place| place.is_wide);
        all.extend(
            below
                .into_iter()
                .filter(|place| is_wide && h - place.h >= SIGHT),
        );
        all
    }

    /// The margin to where reading begins.
    fn before(self) -> f32 {
        if self.is_wide { MARGIN * 0.5 } else { MARGIN }
    }

    /// The face and what is beside it.
    pub fn with(self, face: Node, inside: Node) -> Node {
        let margin = |w: f32| Node::default().width(w).rigid();
        let inside = vec![margin(self.before()), inside.grow(1.0), margin(MARGIN)];
        let panel = row(0.0, inside)
            .align(taffy::AlignItems::STRETCH)
            .pad(0.0, NEAR)
            .rigid()
            .bounded();
        let both = if self.is_wide {
            row(0.0, vec![face, panel.width(self.w)]).align(taffy::AlignItems::STRETCH)
        } else {
            column(0.0, vec![face, panel.height(self.h)])
        };
        both.grow(1.0)
    }
}

/// When there may be no face beside what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faceless {
    /// Never.
    Never,
    /// Where even the least that can be said has no room beside it.
    Last,
    /// Where something that has to be looked at has none.
    Soon,
}

/// What is said: from all of it to the least, of which the first is taken that has room.
pub struct Says {
    /// Each of them as nodes below each other.
    pub texts: Vec<Vec<Node>>,
    /// So many of them say all that has to be said: they go before buttons of the conversation that can wait.
    pub whole: usize,
    /// Whether all of the room may be theirs.
    pub faceless: Faceless,
    /// What can be answered.
    pub answers: Vec<Node>,
}

/// The face, and beside it what is said, in so much room; `below` are the parts below it, from all of them to the least, with their
/// heights. Only where letters are so large that nothing else has room, or what is to be looked at, there is no face.
pub fn lay(cx: &Cx, says: &Says, face: &Node, (w, h): (f32, f32), below: &[(Node, f32)]) -> Node {
    let all: Vec<usize> = (0..says.texts.len()).collect();
    let (whole, few) = all.split_at(says.whole.min(all.len()));
    let with_whole = |faces: bool| {
        let pairs = below.iter();
        pairs.flat_map(move |below| whole.iter().map(move |i| (*i, below, faces)))
    };
    let with_few = |faces: bool| {
        let pairs = few.iter();
        pairs.flat_map(move |i| below.iter().map(move |below| (*i, below, faces)))
    };
    let soon = with_whole(false).filter(|_| says.faceless == Faceless::Soon);
    let last = with_few(false).filter(|_| says.faceless != Faceless::Never);
    let tries = with_whole(true).chain(soon).chain(with_few(true));
    // Better a word that is broken than nothing, and better that than half of an answer.
    let (mut squeezed, mut over) = (None, None);
    for (i, (below, tall), faces) in tries.chain(last) {
        let room = (w, h - tall);
        let places: Vec<Option<Place>> = if faces {
            Place::all(room).into_iter().map(Some).collect()
        } else {
            vec![None]
        };
        for place in places {
            let (across, along) =
                place.map_or_else(|| (w - 2.0 * MARGIN, room.1 - 2.0 * NEAR), Place::inner);
            let text = says.texts.get(i).cloned().unwrap_or_default();
            // The least there is to say is said without a card around it.
            let panel = if i + 1 < says.texts.len() {
                let look = Look::fill(Tone::Tint).edged(Tone::Accent, STROKE);
                let inside = panel(cx, text, &says.answers, across - 2.0 * CARD.0);
                column(0.0, vec![inside]).pad(CARD.0, CARD.1).look(look)
            } else {
                panel(cx, text, &says.answers, across)
            };
            let is_high = cx.height(&panel, across) <= along;
            let is_wide = is_high && cx.narrowest(&panel) <= across;
            let node = match place {
                Some(place) => {
                    let panel = column(0.0, vec![spring(), panel.rigid(), spring()]);
                    place.with(face.clone(), panel)
                }
                None => alone(face, panel),
            };
            let node = column(0.0, vec![node, below.clone()]);
            if is_wide {
                return node;
            }
            if is_high && squeezed.is_none() {
                squeezed = Some(node);
            } else {
                over = Some(node);
            }
        }
    }
    squeezed.or(over).unwrap_or_default()
}

/// What is said, in all of the room: of the face is left what it is called.
fn alone(face: &Node, panel: Node) -> Node {
    let margin = || Node::default().width(MARGIN).rigid();
    let inside = row(0.0, vec![margin(), panel.grow(1.0), margin()]);
    let name = Node {
        content: Content::Empty,
        ..face.clone()
    };
    column(0.0, vec![name, inside.pad(0.0, NEAR).rigid(), spring()])
        .grow(1.0)
        .bounded()
}

fn panel(cx: &Cx, mut text: Vec<Node>, answers: &[Node], w: f32) -> Node {
    // Beside each other as far as their words have room.
    let many = answers.len().max(1);
    let fits = |columns: &usize| {
        let share = (w + GAP + 0.4) / *columns as f32 - GAP - 0.4;
        answers.iter().all(|answer| cx.narrowest(answer) <= share)
    };
    let columns = (1..=many).rev().find(fits).unwrap_or(1);
    let answers: Vec<Node> = answers
        .iter()
        .map(|answer| answer.clone().at_least(0.0, HIGH))
        .collect();
    text.push(grid(columns as u16, GAP + 0.4, answers).below(NEAR));
    column(NEAR, text.into_iter().map(Node::rigid).collect())
}

/// Between what is said and the edge of its card.
const CARD: (f32, f32) = (6.0, 5.0);
/// The least height of an answer.
const HIGH: f32 = 20.0;

/// The one sentence that everything is about.
pub fn sentence(cx: &Cx, icon: Glyph, tone: Tone, text: String) -> Node {
    let text = words(Words {
        bold: true,
        ..cx.words(text, size::LABEL)
    });
    let text = text.means(Meaning::new(Role::Status, "")).live().grow(1.0);
    row(4.0, vec![glyph(icon, tone, cx.icon(11.0)), text])
}

/// The same without its icon.
pub fn bare(cx: &Cx, text: String) -> Node {
    let text = words(Words {
        bold: true,
        ..cx.words(text, size::BODY)
    });
    text.means(Meaning::new(Role::Status, "")).live()
}
