// SPDX-License-Identifier: EUPL-1.2
//! A screen with everything in its place, in pixels: what is painted, and what can be touched.

use taffy::prelude::{AvailableSpace, Dimension, NodeId, Size, TaffyTree};

use crate::canvas::{Canvas, Rect};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Content, Look, Node};
use crate::text::{Engine, Words};
use crate::theme::{FOCUS, PRESSED, RADIUS, Rgb};

/// Something to paint.
#[derive(Clone, Debug, PartialEq)]
pub enum Paint {
    /// A box.
    Look(Look),
    /// Text.
    Words(Words),
    /// An icon, and whether it is turned for reading from right to left.
    Glyph(Glyph, Rgb, bool),
    /// The picture of the place, with its corners' radius.
    Picture(f32),
}

/// Something to paint, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Where.
    pub rect: Rect,
    /// What.
    pub paint: Paint,
}

/// Something that can be touched.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Where.
    pub rect: Rect,
    /// What it does.
    pub action: Action,
    /// How it is called.
    pub name: String,
}

/// A screen with everything in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// What is painted, from back to front.
    pub items: Vec<Item>,
    /// What can be touched, in the order of reading.
    pub targets: Vec<Target>,
    /// Texts that do not fit their places even at the smallest size. Empty, as tests prove for all we ship.
    pub cut: Vec<String>,
    /// Whether something does not have the room it needs.
    pub crowded: bool,
}

impl Scene {
    /// What touching this point would do.
    pub fn at(&self, x: f32, y: f32) -> Option<&Target> {
        self.targets
            .iter()
            .find(|target| target.rect.contains(x, y))
    }

    /// The target that does this.
    pub fn target(&self, action: Action) -> Option<&Target> {
        self.targets.iter().find(|target| target.action == action)
    }

    /// The part of the screen in which this differs from `old`.
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

/// Gives everything in `root` its place on `canvas`.
pub fn lay_out(
    root: &Node,
    canvas: &Canvas,
    engine: &mut Engine,
    pressed: Option<Action>,
    focus: Option<Action>,
) -> Scene {
    let mut scene = Scene::default();
    let mut tree: TaffyTree<Leaf> = TaffyTree::new();
    tree.disable_rounding();
    let Some(id) = plant(&mut tree, root, canvas.scale) else {
        return scene;
    };
    let space = Size {
        width: AvailableSpace::Definite(canvas.w()),
        height: AvailableSpace::Definite(canvas.h()),
    };
    let done = tree.compute_layout_with_measure(id, space, |inputs, _, leaf, style| {
        let leaf: Option<&mut Leaf> = leaf;
        taffy::compute_leaf_layout(
            inputs,
            style,
            |_, _| 0.0,
            |known, available| {
                let words = leaf.and_then(|leaf| leaf.as_ref());
                measure(words, known, available, engine, canvas.scale)
            },
        )
    });
    if done.is_ok() {
        let mut placing = Placing {
            tree: &tree,
            canvas,
            engine,
            scene: &mut scene,
            pressed,
        };
        placing.place(root, id, (0.0, 0.0), None);
    }
    if let Some(target) = focus.and_then(|action| scene.target(action)) {
        let width = 1.3 * canvas.scale;
        let look = Look {
            fill: None,
            edge: Some((FOCUS, width)),
            radius: (RADIUS + 1.6) * canvas.scale,
        };
        let rect = target.rect.outset(1.6 * canvas.scale);
        scene.items.push(Item {
            rect,
            paint: Paint::Look(look),
        });
    }
    scene
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
    pressed: Option<Action>,
}

impl Placing<'_> {
    /// `bound`: what is shown has to stay inside.
    fn place(&mut self, node: &Node, id: NodeId, (x, y): (f32, f32), bound: Option<Rect>) {
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
        self.scene.crowded |= shown && bound.is_some_and(|bound| !rect.lies_in(&bound.outset(1.0)));
        let bound = if node.bounded { Some(rect) } else { bound };
        let mut look = node.look;
        if let Some((action, name)) = &node.action {
            self.scene.targets.push(Target {
                rect,
                action: *action,
                name: name.clone(),
            });
            if self.pressed == Some(*action) {
                look.fill = Some(PRESSED);
            }
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
            Content::Words(words) => {
                let mut words = Words {
                    size: words.size * scale,
                    ..words.clone()
                };
                let (size, fits) = self.engine.fit(&words, rect.w, rect.h);
                if !fits {
                    self.scene.cut.push(words.text.clone());
                }
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
            self.place(child, id, (x, y), bound);
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
