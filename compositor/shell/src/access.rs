// SPDX-License-Identifier: EUPL-1.2
//! The accessibility tree of a screen: what there is, how it is called, where it is and what can be done with it.
//!
//! It is made together with the picture, from the same boxes. Fingers, keyboard, voice and Braille all go by it, so
//! none of them can meet something that another does not.

use accesskit::{Live, Node, NodeId, Role, Toggled};
use site::Language;

use crate::canvas::Rect;
use crate::event::Action;
use crate::node::Meaning;

/// The tree of one screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// All nodes in the order of reading; the first is the root, and a node's number is its id.
    nodes: Vec<Node>,
    /// What the nodes that can be touched do.
    controls: Vec<(NodeId, Action)>,
}

/// Something that can be touched, or chosen by the keyboard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Control<'a> {
    /// What it does.
    pub action: Action,
    /// Where it is, in pixels.
    pub rect: Rect,
    /// How it is called.
    pub name: &'a str,
}

/// The language as speech and Braille know it.
pub const fn tag(language: Language) -> &'static str {
    match language {
        // Leichte Sprache is written for readers; whoever speaks it speaks German.
        Language::De | Language::DeLeicht => "de",
        Language::En => "en",
        Language::Hsb => "hsb",
        Language::Ar => "ar",
    }
}

/// The language that [`tag`] names; Leichte Sprache is German there.
pub fn from_tag(tag: &str) -> Option<Language> {
    [Language::De, Language::En, Language::Hsb, Language::Ar]
        .into_iter()
        .find(|language| self::tag(*language) == tag)
}

impl Tree {
    /// A screen in `language` that fills `rect`.
    pub fn new(language: Language, rect: &Rect) -> Self {
        let mut root = Node::new(Role::Window);
        root.set_language(tag(language));
        root.set_bounds(bounds(rect));
        Self {
            nodes: vec![root],
            controls: Vec::new(),
        }
    }

    /// Adds something below `parent`; returns its number.
    pub fn add(&mut self, parent: usize, meaning: &Meaning, rect: &Rect) -> usize {
        let mut node = Node::new(meaning.role);
        node.set_bounds(bounds(rect));
        // Text is the value of a label and the name of anything else.
        if meaning.role == Role::Label {
            node.set_value(meaning.name.as_str());
        } else if !meaning.name.is_empty() {
            node.set_label(meaning.name.as_str());
        }
        if !meaning.value.is_empty() {
            node.set_value(meaning.value.as_str());
        }
        if !meaning.description.is_empty() {
            node.set_description(meaning.description.as_str());
        }
        if let Some(language) = meaning.language {
            node.set_language(tag(language));
        }
        if let Some(on) = meaning.on {
            node.set_toggled(if on { Toggled::True } else { Toggled::False });
        }
        if let Some(chosen) = meaning.chosen {
            node.set_selected(chosen);
        }
        if meaning.level > 0 {
            node.set_level(meaning.level);
        }
        if let Some(percent) = meaning.percent {
            node.set_min_numeric_value(0.0);
            node.set_max_numeric_value(100.0);
            node.set_numeric_value(f64::from(percent));
        }
        if meaning.live {
            node.set_live(Live::Polite);
        }
        let number = self.nodes.len();
        self.nodes.push(node);
        if let Some(parent) = self.nodes.get_mut(parent) {
            parent.push_child(NodeId(number as u64));
        }
        number
    }

    /// The node with this number can be touched and does `action`.
    pub fn enable(&mut self, number: usize, action: Action) {
        if let Some(node) = self.nodes.get_mut(number) {
            node.add_action(accesskit::Action::Click);
            node.add_action(accesskit::Action::Focus);
            self.controls.push((NodeId(number as u64), action));
        }
    }

    /// All nodes in the order of reading, the root first.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Everything that can be touched, in the order of reading.
    pub fn controls(&self) -> impl DoubleEndedIterator<Item = Control<'_>> {
        self.controls.iter().filter_map(|(id, action)| {
            let node = self.nodes.get(id.0 as usize)?;
            Some(Control {
                action: *action,
                rect: rect(node)?,
                name: node.label().unwrap_or_default(),
            })
        })
    }

    /// What the node with this number does, if it can be touched.
    pub fn action(&self, number: usize) -> Option<Action> {
        let mut controls = self.controls.iter();
        let (_, action) = controls.find(|(id, _)| id.0 == number as u64)?;
        Some(*action)
    }

    /// Where the node with this number is, in pixels.
    pub fn rect(&self, number: usize) -> Option<Rect> {
        rect(self.nodes.get(number)?)
    }

    /// What can be touched at this point.
    pub fn at(&self, x: f32, y: f32) -> Option<Control<'_>> {
        self.controls().find(|control| control.rect.contains(x, y))
    }

    /// What does this.
    pub fn control(&self, action: Action) -> Option<Control<'_>> {
        self.controls().find(|control| control.action == action)
    }

    /// The node that does this.
    pub fn node(&self, action: Action) -> Option<&Node> {
        let (id, _) = self.controls.iter().find(|(_, other)| *other == action)?;
        self.nodes.get(id.0 as usize)
    }
}

fn bounds(rect: &Rect) -> accesskit::Rect {
    accesskit::Rect {
        x0: f64::from(rect.x),
        y0: f64::from(rect.y),
        x1: f64::from(rect.right()),
        y1: f64::from(rect.bottom()),
    }
}

fn rect(node: &Node) -> Option<Rect> {
    let bounds = node.bounds()?;
    Some(Rect::new(
        bounds.x0 as f32,
        bounds.y0 as f32,
        bounds.width() as f32,
        bounds.height() as f32,
    ))
}
