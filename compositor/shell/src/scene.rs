// SPDX-License-Identifier: EUPL-1.2
//! A screen with everything in its place, in pixels: what is painted, and what it is for those who do not see it.

use taffy::prelude::{AvailableSpace, Dimension, NodeId, Size, TaffyTree};

use accesskit::Role;
use site::Language;

use crate::access::Tree;
use crate::canvas::{Canvas, Rect};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Content, Look, Meaning, Node, Pixels};
use crate::text::{Engine, Words};
use crate::theme::{RADIUS, Theme, Tone};

/// Something to paint.
#[derive(Clone, Debug, PartialEq)]
pub enum Paint {
    /// A box.
    Look(Look),
    /// Text.
    Words(Words),
    /// An icon, and whether it is turned for reading from right to left.
    Glyph(Glyph, Tone, bool),
    /// The picture of the place, with its corners' radius.
    Picture(f32),
    /// A page, turned so often by a quarter.
    Preview(Pixels, u8),
}

/// Something to paint, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Where.
    pub rect: Rect,
    /// What.
    pub paint: Paint,
}

/// A screen with everything in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// What is painted, from back to front.
    pub items: Vec<Item>,
    /// What there is, in the order of reading, and what can be touched.
    pub tree: Tree,
    /// Where an application is seen; nothing where none may be.
    pub frame: Option<Rect>,
    /// Where a page of the other side's papers has room; nothing where none may be seen.
    pub sheet: Option<Rect>,
    /// The colours.
    pub theme: Theme,
    /// Texts that do not fit their places even at the smallest size. Empty, as tests prove for all we ship.
    pub cut: Vec<String>,
    /// Whether something does not have the room it needs.
    pub crowded: bool,
    /// How large the smallest text became, of what was asked for: 1 where nothing had to shrink.
    pub shrunk: f32,
}

impl Scene {
    /// The part of the screen in which this differs from `old`, which has the same theme.
    pub fn damage(&self, old: &Self) -> Option<Rect> {
        let mut damage: Option<Rect> = None;
        let mut add = |rect: &Rect| {
            // Edges and the focus ring reach a little over their rectangle.
            let rect = rect.outset(2.0);
            damage = Some(damage.map_or(rect, |damage| damage.union(&rect)));
        };
        for i in 0..self.items.len().max(old.items.len()) {
            match (self.items.get(i), old.items.get(i)) {
                (Some(new), Some(old)) if new == old => {}
                (new, old) => [new, old]
                    .into_iter()
                    .flatten()
                    .for_each(|item| add(&item.rect)),
            }
        }
        damage
    }
}

/// What a leaf of the layout has to know: its text, or that it is only a box.
type Leaf = Option<Words>;

/// What a screen looks like besides its boxes.
#[derive(Clone, Copy, Debug)]
pub struct Dress {
    /// The language of the screen.
    pub language: Language,
    /// The colours.
    pub theme: Theme,
    /// What a finger is on.
    pub pressed: Option<Action>,
    /// What the keyboard would choose.
    pub focus: Option<Action>,
}

/// Gives everything in `root` its place on `canvas`.
pub fn lay_out(root: &Node, canvas: &Canvas, engine: &mut Engine, dress: Dress) -> Scene {
    let all = Rect::new(0.0, 0.0, canvas.width as f32, canvas.height as f32);
    let mut scene = Scene {
        tree: Tree::new(dress.language, &all),
        theme: dress.theme,
        shrunk: 1.0,
        ..Scene::default()
    };
    let space = Size {
        width: AvailableSpace::Definite(canvas.w()),
        height: AvailableSpace::Definite(canvas.h()),
    };
    if let Some((tree, id)) = grow(root, space, canvas.scale, engine) {
        let mut placing = Placing {
            tree: &tree,
            canvas,
            engine,
            scene: &mut scene,
            dress,
        };
        let inside = Inside {
            bound: None,
            parent: 0,
            control: false,
        };
        placing.place(root, id, (0.0, 0.0), inside);
    }
    if let Some(control) = dress.focus.and_then(|action| scene.tree.control(action)) {
        // The ground shows between the control and its ring, so that the ring stands out whatever the control looks like.
        let (width, gap) = (1.2 * canvas.scale, (0.7 * canvas.scale).max(2.0));
        let look = Look {
            fill: None,
            edge: Some((Tone::Focus, width)),
            radius: RADIUS * canvas.scale + gap + width,
        };
        let rect = control.rect.outset((gap + width).round());
        scene.items.push(Item {
            rect,
            paint: Paint::Look(look),
        });
    }
    scene
}

/// How large `node` becomes where it may be `width` wide; all in units.
pub fn measure_node(node: &Node, width: f32, canvas: &Canvas, engine: &mut Engine) -> Size<f32> {
    let mut node = node.clone();
    node.style.size.width = Dimension::length(width);
    let space = Size {
        width: AvailableSpace::Definite(width),
        height: AvailableSpace::MaxContent,
    };
    grow(&node, space, canvas.scale, engine)
        .and_then(|(tree, id)| tree.layout(id).ok().map(|layout| layout.size))
        .unwrap_or(Size::ZERO)
}

/// How narrow `node` can be without breaking a word, in units.
pub fn narrowest(node: &Node, canvas: &Canvas, engine: &mut Engine) -> f32 {
    let space = Size {
        width: AvailableSpace::MinContent,
        height: AvailableSpace::MaxContent,
    };
    grow(node, space, canvas.scale, engine)
        .and_then(|(tree, id)| tree.layout(id).ok().map(|layout| layout.size.width))
        .unwrap_or_default()
}

/// The layout of everything in `root`.
fn grow(
    root: &Node,
    space: Size<AvailableSpace>,
    scale: f32,
    engine: &mut Engine,
) -> Option<(TaffyTree<Leaf>, NodeId)> {
    let mut tree: TaffyTree<Leaf> = TaffyTree::new();
    tree.disable_rounding();
    let id = plant(&mut tree, root, scale)?;
    let done = tree.compute_layout_with_measure(id, space, |inputs, _, leaf, style| {
        let leaf: Option<&mut Leaf> = leaf;
        taffy::compute_leaf_layout(
            inputs,
            style,
            |_, _| 0.0,
            |known, available| {
                let words = leaf.and_then(|leaf| leaf.as_ref());
                measure(words, known, available, engine, scale)
            },
        )
    });
    done.ok().map(|()| (tree, id))
}

/// The same tree for the layout. Text is measured in pixels, as it will be drawn.
fn plant(tree: &mut TaffyTree<Leaf>, node: &Node, scale: f32) -> Option<NodeId> {
    let children: Option<Vec<_>> = node
        .children
        .iter()
        .map(|child| plant(tree, child, scale))
        .collect();
    if let Content::Words(words) = &node.content {
        let words = Words {
            size: words.size * scale,
            ..words.clone()
        };
        return tree
            .new_leaf_with_context(node.style.clone(), Some(words))
            .ok();
    }
    tree.new_with_children(node.style.clone(), &children?).ok()
}

fn measure(
    words: Option<&Words>,
    known: Size<Option<f32>>,
    available: Size<AvailableSpace>,
    engine: &mut Engine,
    scale: f32,
) -> Size<f32> {
    let Some(words) = words else {
        return Size {
            width: known.width.unwrap_or(0.0),
            height: known.height.unwrap_or(0.0),
        };
    };
    let limit = match (known.width, available.width) {
        (Some(width), _) | (None, AvailableSpace::Definite(width)) => Some(width * scale),
        (None, AvailableSpace::MinContent) if words.wrap => Some(engine.longest_word(words)),
        (None, AvailableSpace::MaxContent | AvailableSpace::MinContent) => None,
    };
    let (w, h) = engine.measure(words, limit);
    Size {
        width: known.width.unwrap_or(w / scale),
        height: known.height.unwrap_or(h / scale),
    }
}

struct Placing<'a> {
    tree: &'a TaffyTree<Leaf>,
    canvas: &'a Canvas,
    engine: &'a mut Engine,
    scene: &'a mut Scene,
    dress: Dress,
}

/// What a box lies in.
#[derive(Clone, Copy)]
struct Inside {
    /// What is shown has to stay in here.
    bound: Option<Rect>,
    /// The number of the node of the accessibility tree.
    parent: usize,
    /// Whether that is a control, which speaks for all that is in it.
    control: bool,
}

impl Placing<'_> {
    fn place(&mut self, node: &Node, id: NodeId, (x, y): (f32, f32), inside: Inside) {
        let Ok(layout) = self.tree.layout(id) else {
            return;
        };
        let scale = self.canvas.scale;
        let (x, y) = (x + layout.location.x, y + layout.location.y);
        // Edges are rounded, not sizes: boxes that touch still touch, and lines are sharp.
        let edge = |v: f32| (v * scale).round();
        let rect = Rect::new(
            edge(x),
            edge(y),
            edge(x + layout.size.width) - edge(x),
            edge(y + layout.size.height) - edge(y),
        );
        let shown =
            node.content != Content::Empty || node.look != Look::default() || node.action.is_some();
        self.scene.crowded |= shown
            && inside
                .bound
                .is_some_and(|bound| !rect.lies_in(&bound.outset(1.0)));
        let mut look = node.look;
        let mut inside = self.tell(node, &rect, inside);
        if node.bounded {
            inside.bound = Some(rect);
        }
        if node.action.is_some() && node.action == self.dress.pressed {
            look.fill = Some(if look.fill == Some(Tone::Accent) {
                Tone::PressedAccent
            } else {
                Tone::Pressed
            });
        }
        if look.fill.is_some() || look.edge.is_some() {
            look.radius = (look.radius * scale).min(rect.w.min(rect.h) / 2.0);
            look.edge = look
                .edge
                .map(|(color, width)| (color, (width * scale).max(1.0)));
            self.scene.items.push(Item {
                rect,
                paint: Paint::Look(look),
            });
        }
        match &node.content {
            Content::Empty => {}
            Content::Application => self.scene.frame = Some(rect),
            Content::Sheet => self.scene.sheet = Some(rect),
            Content::Glyph(glyph, color) => self.scene.items.push(Item {
                rect,
                paint: Paint::Glyph(
                    *glyph,
                    *color,
                    node.style.direction == taffy::Direction::Rtl,
                ),
            }),
            Content::Picture => {
                self.scene.items.push(Item {
                    rect,
                    paint: Paint::Picture(node.look.radius * scale),
                });
            }
            Content::Preview(pixels, turns) => self.scene.items.push(Item {
                rect,
                paint: Paint::Preview(pixels.clone(), *turns),
            }),
            Content::Words(words) => {
                let mut words = Words {
                    size: words.size * scale,
                    ..words.clone()
                };
                let (size, fits) = self.engine.fit(&words, rect.w, rect.h);
                if !fits {
                    self.scene.cut.push(words.text.clone());
                }
                self.scene.shrunk = self.scene.shrunk.min(size / words.size.max(f32::EPSILON));
                words.size = size;
                self.scene.items.push(Item {
                    rect,
                    paint: Paint::Words(words),
                });
            }
        }
        let Ok(ids) = self.tree.children(id) else {
            return;
        };
        for (child, id) in node.children.iter().zip(ids) {
            self.place(child, id, (x, y), inside);
        }
    }
}

impl Placing<'_> {
    /// Adds what `node` is to the accessibility tree.
    fn tell(&mut self, node: &Node, rect: &Rect, inside: Inside) -> Inside {
        // What a control contains belongs to its name.
        if inside.control {
            return inside;
        }
        let text = match &node.content {
            Content::Words(words) if !words.text.is_empty() => Some(words),
            _ => None,
        };
        let meaning = match (&node.meaning, text) {
            (None, None) => return inside,
            (Some(meaning), None) => Meaning::clone(meaning),
            (meaning, Some(words)) => {
                let mut meaning = meaning.as_ref().map_or_else(
                    || Meaning::new(Role::Label, ""),
                    |meaning| Meaning::clone(meaning),
                );
                if meaning.name.is_empty() {
                    meaning.name.clone_from(&words.text);
                }
                if meaning.role == Role::GenericContainer {
                    meaning.role = Role::Label;
                }
                if words.language != self.dress.language {
                    meaning.language.get_or_insert(words.language);
                }
                meaning
            }
        };
        let number = self.scene.tree.add(inside.parent, &meaning, rect);
        if let Some(action) = node.action {
            self.scene.tree.enable(number, action);
        }
        Inside {
            parent: number,
            // A field for a secret tells how much is in it, and not what; any other tells its text once.
            control: node.action.is_some()
                || matches!(meaning.role, Role::PasswordInput | Role::SearchInput),
            ..inside
        }
    }
}

/// A root that is exactly as large as `canvas`.
#[must_use]
pub fn fill(mut node: Node, canvas: &Canvas) -> Node {
    node.style.size = Size {
        width: Dimension::length(canvas.w()),
        height: Dimension::length(canvas.h()),
    };
    node
}
