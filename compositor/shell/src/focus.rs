// SPDX-License-Identifier: EUPL-1.2
//! Which target the keyboard moves to next.

use crate::event::Action;
use crate::scene::{Scene, Target};

/// Where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the next in the order of reading, round at the end.
    Next,
    /// To the one before.
    Previous,
    /// To the nearest on the left.
    Left,
    /// To the nearest on the right.
    Right,
    /// To the nearest above.
    Up,
    /// To the nearest below.
    Down,
}

/// The target after `current`. From nowhere every step leads to the first.
pub fn step(scene: &Scene, current: Option<Action>, step: Step) -> Option<Action> {
    let targets = &scene.targets;
    let Some(at) =
        current.and_then(|action| targets.iter().position(|target| target.action == action))
    else {
        let end = if step == Step::Previous {
            targets.last()
        } else {
            targets.first()
        };
        return end.map(|target| target.action);
    };
    let n = targets.len();
    let next = match step {
        Step::Next => targets.get((at + 1) % n),
        Step::Previous => targets.get((at + n - 1) % n),
        _ => nearest(targets, targets.get(at)?, step).or_else(|| targets.get(at)),
    };
    next.map(|target| target.action)
}

/// The nearest target in a direction; one straight ahead is nearer than one aside.
fn nearest<'a>(targets: &'a [Target], from: &Target, step: Step) -> Option<&'a Target> {
    let (x, y) = from.rect.centre();
    let cost = |target: &Target| {
        let (tx, ty) = target.rect.centre();
        let (dx, dy) = (tx - x, ty - y);
        let (ahead, aside) = match step {
            Step::Left => (-dx, dy),
            Step::Right => (dx, dy),
            Step::Up => (-dy, dx),
            _ => (dy, dx),
        };
        (ahead > 1.0 && target.action != from.action).then_some(ahead + 2.5 * aside.abs())
    };
    let reachable = targets
        .iter()
        .filter_map(|target| Some((cost(target)?, target)));
    reachable
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, target)| target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::Rect;

    /// Proves T13: the keyboard reaches everything, in both ways of moving.
    #[test]
    fn keyboard_reaches_everything() {
        let target = |i: usize| {
            let (x, y) = ((i % 3) as f32 * 120.0, (i / 3) as f32 * 60.0);
            Target {
                rect: Rect::new(x, y, 100.0, 40.0),
                action: Action::Department(i),
                name: String::new(),
            }
        };
        let scene = Scene {
            targets: (0..6).map(target).collect(),
            ..Scene::default()
        };
        let is = |from: Option<usize>, way, to: usize| {
            assert_eq!(
                step(&scene, from.map(Action::Department), way),
                Some(Action::Department(to)),
                "{from:?} {way:?}"
            );
        };
        is(None, Step::Next, 0);
        is(None, Step::Previous, 5);
        is(Some(5), Step::Next, 0);
        is(Some(0), Step::Previous, 5);
        is(Some(0), Step::Down, 3);
        is(Some(4), Step::Up, 1);
        is(Some(4), Step::Right, 5);
        is(Some(3), Step::Left, 3);
        assert_eq!(step(&Scene::default(), None, Step::Next), None);
    }
}
