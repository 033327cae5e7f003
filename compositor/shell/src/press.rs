// SPDX-License-Identifier: EUPL-1.2
//! From fingers to actions, for hands that tremble.
//!
//! ```text
//! Up ──down on a target──► Held ──up near it──► done
//!  ▲                        │
//!  └── moved far away, another finger, cancelled
//! ```
//!
//! What counts is where the finger came down. It may slide a little over the edge before it leaves the screen.

use crate::canvas::Canvas;
use crate::event::Action;
use crate::scene::Scene;

/// How far over the edge of a target a finger may slide, in units.
const SLACK: f32 = 8.0;

/// Which finger: the number of a touch, or the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finger {
    /// A touch.
    Touch(i32),
    /// The mouse.
    Pointer,
}

/// What a finger does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Motion {
    /// It comes down here.
    Down(f32, f32),
    /// It moves to here.
    Move(f32, f32),
    /// It leaves.
    Up,
    /// The touch was taken from us.
    Cancel,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This is held now, or nothing any more.
    Holds(Option<Action>),
    /// This is to be done.
    Done(Action),
    /// Nothing changes.
    Nothing,
}

/// The finger that counts, if one is down.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Press {
    held: Option<(Finger, Action)>,
    inside: bool,
}

impl Press {
    /// Forgets the finger: the screen below it has changed.
    pub fn forget(&mut self) {
        self.held = None;
    }

    /// Takes in what `finger` does on `scene`.
    pub fn on(
        &mut self,
        finger: Finger,
        motion: Motion,
        scene: &Scene,
        canvas: &Canvas,
    ) -> Outcome {
        match (motion, self.held) {
            (Motion::Down(x, y), None) => match scene.tree.at(x, y) {
                Some(control) => {
                    self.held = Some((finger, control.action));
                    self.inside = true;
                    Outcome::Holds(Some(control.action))
                }
                None => Outcome::Nothing,
            },
            (_, Some((holder, _))) if holder != finger => Outcome::Nothing,
            (Motion::Move(x, y), Some((_, action))) => {
                let near =
                    |rect: &crate::canvas::Rect| rect.outset(SLACK * canvas.scale).contains(x, y);
                let inside = scene
                    .tree
                    .control(action)
                    .is_some_and(|control| near(&control.rect));
                let changed = inside != self.inside;
                self.inside = inside;
                if changed {
                    Outcome::Holds(inside.then_some(action))
                } else {
                    Outcome::Nothing
                }
            }
            (Motion::Up, Some((_, action))) => {
                self.held = None;
                if self.inside && scene.tree.control(action).is_some() {
                    Outcome::Done(action)
                } else {
                    Outcome::Holds(None)
                }
            }
            (Motion::Cancel, Some(_)) => {
                self.held = None;
                Outcome::Holds(None)
            }
            // A second finger, such as the ball of the hand, changes nothing.
            (Motion::Down(..), Some(_))
            | (Motion::Move(..) | Motion::Up | Motion::Cancel, None) => Outcome::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use accesskit::Role;
    use site::Language;

    use crate::access::Tree;
    use crate::canvas::Rect;
    use crate::node::Meaning;

    fn scene() -> (Scene, Canvas) {
        let mut tree = Tree::new(Language::De, &Rect::new(0.0, 0.0, 1280.0, 800.0));
        for (x, action) in [(0.0, Action::Back), (200.0, Action::Finish)] {
            let rect = Rect::new(x, 0.0, 100.0, 100.0);
            let number = tree.add(0, &Meaning::new(Role::Button, "name"), &rect);
            tree.enable(number, action);
        }
        (
            Scene {
                tree,
                ..Scene::default()
            },
            Canvas::new(1280, 800, None),
        )
    }

    /// Proves T10: a trembling finger, a second finger and a finger that slides away do what is meant.
    #[test]
    fn trembling_hands_are_understood() {
        let (scene, canvas) = scene();
        let mut press = Press::default();
        let mut on = |finger, motion| press.on(finger, motion, &scene, &canvas);
        let (one, two) = (Finger::Touch(1), Finger::Touch(2));
        assert_eq!(
            on(one, Motion::Down(50.0, 50.0)),
            Outcome::Holds(Some(Action::Back))
        );
        assert_eq!(on(two, Motion::Down(250.0, 50.0)), Outcome::Nothing);
        assert_eq!(on(one, Motion::Move(110.0, 50.0)), Outcome::Nothing);
        assert_eq!(on(two, Motion::Up), Outcome::Nothing);
        assert_eq!(on(one, Motion::Up), Outcome::Done(Action::Back));
        assert_eq!(
            on(one, Motion::Down(50.0, 50.0)),
            Outcome::Holds(Some(Action::Back))
        );
        assert_eq!(on(one, Motion::Move(400.0, 50.0)), Outcome::Holds(None));
        assert_eq!(on(one, Motion::Up), Outcome::Holds(None));
        assert_eq!(on(one, Motion::Down(150.0, 50.0)), Outcome::Nothing);
        assert_eq!(on(one, Motion::Up), Outcome::Nothing);
    }

    proptest! {
        /// Proves T12: nothing is ever done that the finger did not come down on.
        #[test]
        fn only_what_was_touched_is_done(motions in proptest::collection::vec((0i32..3, 0u8..4, 0f32..400.0, 0f32..200.0), 0..60)) {
            let (scene, canvas) = scene();
            let mut press = Press::default();
            let mut held = None;
            for (finger, kind, x, y) in motions {
                let motion = match kind { 0 => Motion::Down(x, y), 1 => Motion::Move(x, y), 2 => Motion::Up, _ => Motion::Cancel };
                match press.on(Finger::Touch(finger), motion, &scene, &canvas) {
                    Outcome::Done(action) => prop_assert_eq!(Some(action), held.take()),
                    Outcome::Holds(Some(action)) if kind == 0 => held = Some(action),
                    _ => {}
                }
            }
        }
    }
}
