// SPDX-License-Identifier: EUPL-1.2
//! A screen as a tree of boxes. Sizes are units; [`crate::scene`] gives every box its place.

use std::sync::Arc;

use accesskit::Role;
use site::Language;
use taffy::prelude::{
    Dimension, Display, FlexDirection, LengthPercentage, LengthPercentageAuto, Rect, Size, Style,
};
use taffy::{AlignItems, FlexWrap, JustifyContent};
use tiny_skia::Pixmap;

use crate::event::Action;
use crate::icons::Glyph;
use crate::text::Words;
use crate::theme::{RADIUS, STROKE, Tone};

/// How a box looks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// Its ground.
    pub fill: Option<Tone>,
    /// Its edge: colour and width.
    pub edge: Option<(Tone, f32)>,
    /// How round its corners are.
    pub radius: f32,
}

impl Look {
    /// A plain ground.
    pub const fn fill(fill: Tone) -> Self {
        Self {
            fill: Some(fill),
            edge: None,
            radius: RADIUS,
        }
    }

    /// A card: white with a clear edge.
    pub const fn card() -> Self {
        Self {
            fill: Some(Tone::Card),
            edge: Some((Tone::Edge, STROKE)),
            radius: RADIUS,
        }
    }

    /// The same with another edge.
    #[must_use]
    pub const fn edged(self, color: Tone, width: f32) -> Self {
        Self {
            edge: Some((color, width)),
            ..self
        }
    }

    /// The same with other corners.
    #[must_use]
    pub const fn round(self, radius: f32) -> Self {
        Self { radius, ..self }
    }
}

/// Pixels that are shared: the same ones are known as such without a look at each.
#[derive(Clone, Debug)]
pub struct Pixels(pub Arc<Pixmap>);

impl PartialEq for Pixels {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

/// What is in a box, mostly one without children.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Content {
    /// Nothing.
    #[default]
    Empty,
    /// Text.
    Words(Words),
    /// An icon beside words.
    Glyph(Glyph, Tone),
    /// The picture of the place, filling the box.
    Picture,
    /// A small picture of a page, turned so often by a quarter, filling the box.
    Preview(Pixels, u8),
    /// Nothing of ours: here the compositor shows an application.
    Application,
    /// The room for a page of the other side's papers; what is seen of it is inside.
    Sheet,
}

/// What something is for those who do not see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    /// What kind of thing.
    pub role: Role,
    /// How it is called. Text that names itself has none.
    pub name: String,
    /// What else there is to say.
    pub description: String,
    /// What is in it, such as the text of a field.
    pub value: String,
    /// Its language, where it is not that of the screen.
    pub language: Option<Language>,
    /// Whether it is on or off.
    pub on: Option<bool>,
    /// Whether it is the chosen one of several.
    pub chosen: Option<bool>,
    /// The level of a heading; 0 for anything else.
    pub level: usize,
    /// How far it is, in percent.
    pub percent: Option<u8>,
    /// Whether its changes are said at once.
    pub live: bool,
}

impl Default for Meaning {
    fn default() -> Self {
        Self::new(Role::GenericContainer, "")
    }
}

impl Meaning {
    /// A thing of this kind, called `name`.
    pub fn new(role: Role, name: &str) -> Self {
        Self {
            role,
            name: name.to_owned(),
            description: String::new(),
            value: String::new(),
            language: None,
            on: None,
            chosen: None,
            level: 0,
            percent: None,
            live: false,
        }
    }
}

/// A box.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// How it is laid out.
    pub style: Style,
    /// How it looks.
    pub look: Look,
    /// What is in it.
    pub content: Content,
    /// What touching it does.
    pub action: Option<Action>,
    /// What it is for those who do not see it. Text says so by itself, and everything in a control belongs to it.
    pub meaning: Option<Box<Meaning>>,
    /// Whether it stays from left to right in every language.
    pub keeps_direction: bool,
    /// Whether everything in it has to have room: if not, the screen is made again with smaller text.
    pub bounded: bool,
    /// What is inside.
    pub children: Vec<Node>,
}

fn flex(direction: FlexDirection, gap: f32, children: Vec<Node>) -> Node {
    let gap = Size {
        width: LengthPercentage::length(gap),
        height: LengthPercentage::length(gap),
    };
    let style = Style {
        display: Display::Flex,
        flex_direction: direction,
        gap,
        ..Style::default()
    };
    Node {
        style,
        children,
        ..Node::default()
    }
}

/// Boxes beside each other, in the direction of reading.
pub fn row(gap: f32, children: Vec<Node>) -> Node {
    flex(FlexDirection::Row, gap, children).align(AlignItems::CENTER)
}

/// Boxes below each other.
pub fn column(gap: f32, children: Vec<Node>) -> Node {
    flex(FlexDirection::Column, gap, children)
}

/// Boxes in `columns` columns of the same width, and rows of the same height.
pub fn grid(columns: u16, gap: f32, children: Vec<Node>) -> Node {
    let gap = Size {
        width: LengthPercentage::length(gap),
        height: LengthPercentage::length(gap),
    };
    let style = Style {
        display: Display::Grid,
        grid_template_columns: taffy::style_helpers::evenly_sized_tracks(columns),
        grid_auto_rows: vec![taffy::style_helpers::fr(1.0)],
        gap,
        ..Style::default()
    };
    Node {
        style,
        children,
        ..Node::default()
    }
}

/// Text.
pub fn words(words: Words) -> Node {
    let mut node = Node {
        content: Content::Words(words),
        ..Node::default()
    };
    // Text gives way before anything else does.
    node.style.min_size.width = LengthPercentageAuto::length(0.0);
    node
}

/// An icon in a square.
pub fn glyph(glyph: Glyph, color: Tone, side: f32) -> Node {
    Node {
        content: Content::Glyph(glyph, color),
        ..Node::default()
    }
    .size(side, side)
    .rigid()
}

/// What takes the room that is left.
pub fn spring() -> Node {
    Node::default().grow(1.0)
}

impl Node {
    /// With this look.
    #[must_use]
    pub fn look(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    /// Touching it does `action`; `name` is how it is called.
    #[must_use]
    pub fn on(mut self, action: Action, name: &str) -> Self {
        self.action = Some(action);
        self.means(Meaning::new(Role::Button, name))
    }

    /// What it is for those who do not see it.
    #[must_use]
    pub fn means(mut self, meaning: Meaning) -> Self {
        self.meaning = Some(Box::new(meaning));
        self
    }

    /// Changes what it is for those who do not see it.
    fn meaning(mut self, change: impl FnOnce(&mut Meaning)) -> Self {
        change(self.meaning.get_or_insert_default());
        self
    }

    /// Says more about it than its name does.
    #[must_use]
    pub fn described(self, description: impl Into<String>) -> Self {
        self.meaning(|meaning| meaning.description = description.into())
    }

    /// Something that is on or off.
    #[must_use]
    pub fn switched(self, on: bool) -> Self {
        self.meaning(|meaning| meaning.on = Some(on))
    }

    /// One of several of which one is chosen.
    #[must_use]
    pub fn chosen(self, is: bool) -> Self {
        self.meaning(|meaning| meaning.chosen = Some(is))
    }

    /// In another language than the screen.
    #[must_use]
    pub fn speaking(self, language: Language) -> Self {
        self.meaning(|meaning| meaning.language = Some(language))
    }

    /// A heading: 1 is the screen's.
    #[must_use]
    pub fn heads(self, level: usize) -> Self {
        self.meaning(|meaning| {
            meaning.role = Role::Heading;
            meaning.level = level;
        })
    }

    /// What changes in it is said at once.
    #[must_use]
    pub fn live(self) -> Self {
        self.meaning(|meaning| meaning.live = true)
    }

    /// With this size.
    #[must_use]
    pub fn size(self, w: f32, h: f32) -> Self {
        self.width(w).height(h)
    }

    /// With this width.
    #[must_use]
    pub fn width(mut self, w: f32) -> Self {
        self.style.size.width = Dimension::length(w);
        self
    }

    /// With this height.
    #[must_use]
    pub fn height(mut self, h: f32) -> Self {
        self.style.size.height = Dimension::length(h);
        self
    }

    /// At least this wide and high.
    #[must_use]
    pub fn at_least(mut self, w: f32, h: f32) -> Self {
        self.style.min_size = Size {
            width: LengthPercentageAuto::length(w),
            height: LengthPercentageAuto::length(h),
        };
        self
    }

    /// At most this wide.
    #[must_use]
    pub fn at_most(mut self, w: f32) -> Self {
        self.style.max_size.width = LengthPercentageAuto::length(w);
        self
    }

    /// Takes its share of the room that is left, whatever is in it.
    #[must_use]
    pub fn grow(mut self, share: f32) -> Self {
        self.style.flex_grow = share;
        self.style.flex_basis = Dimension::length(0.0);
        self.style.min_size = Size {
            width: LengthPercentageAuto::length(0.0),
            height: LengthPercentageAuto::length(0.0),
        };
        self
    }

    /// Grows from its own size.
    #[must_use]
    pub fn stretch(mut self) -> Self {
        self.style.flex_grow = 1.0;
        self
    }

    /// Never gives way.
    #[must_use]
    pub fn rigid(mut self) -> Self {
        self.style.flex_shrink = 0.0;
        self
    }

    /// With this distance from its edge to what is inside: beside and above/below.
    #[must_use]
    pub fn pad(mut self, x: f32, y: f32) -> Self {
        let (x, y) = (LengthPercentage::length(x), LengthPercentage::length(y));
        self.style.padding = Rect {
            left: x,
            right: x,
            top: y,
            bottom: y,
        };
        self
    }

    /// Moved down from what is above.
    #[must_use]
    pub fn below(mut self, by: f32) -> Self {
        self.style.margin.top = LengthPercentageAuto::length(by);
        self
    }

    /// Pushed to the end of what it is in.
    #[must_use]
    pub fn last(mut self) -> Self {
        self.style.margin.top = LengthPercentageAuto::auto();
        self
    }

    /// How what is inside stands across its direction.
    #[must_use]
    pub fn align(mut self, align: AlignItems) -> Self {
        self.style.align_items = align;
        self
    }

    /// How what is inside stands along its direction.
    #[must_use]
    pub fn justify(mut self, justify: JustifyContent) -> Self {
        self.style.justify_content = justify;
        self
    }

    /// What is inside goes on in the next row when one is full.
    #[must_use]
    pub fn wrapping(mut self) -> Self {
        self.style.flex_wrap = FlexWrap::Wrap;
        self
    }

    /// Everything in it has to have room.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.bounded = true;
        self
    }

    /// Stays from left to right in every language: digits on a keypad, the letters of a key.
    #[must_use]
    pub fn left_to_right(mut self) -> Self {
        self.keeps_direction = true;
        self
    }
}
