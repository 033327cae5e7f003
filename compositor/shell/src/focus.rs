// SPDX-License-Identifier: EUPL-1.2
//! Which control the keyboard moves to next.

use crate::access::{Control, Tree};
use crate::canvas::Rect;
use crate::event::Action;

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

/// The control after `current`. From nowhere every step leads to the first.
pub fn step(tree: &Tree, current: Option<Action>, step: Step) -> Option<Action> {
    let controls: Vec<Control> = tree.controls().collect();
    let Some(at) = current.and_then(|action| controls.iter().position(|c| c.action == action))
    else {
        let end = if step == Step::Previous {
            controls.last()
        } else {
            controls.first()
        };
        return end.map(|control| control.action);
    };
    let n = controls.len();
    let next = match step {
        Step::Next => controls.get((at + 1) % n),
        Step::Previous => controls.get((at + n - 1) % n),
        _ => nearest(&controls, controls.get(at)?, step).or_else(|| controls.get(at)),
    };
    next.map(|control| control.action)
}

/// The control nearest to a place, such as that of one which is gone.
pub fn near(tree: &Tree, place: &Rect) -> Option<Action> {
    let (x, y) = place.centre();
    let away = |control: &Control| {
        let (to_x, to_y) = control.rect.centre();
        (to_x - x).hypot(to_y - y)
    };
    tree.controls()
        .min_by(|a, b| away(a).total_cmp(&away(b)))
        .map(|control| control.action)
}

/// The nearest control in a direction: of those straight ahead, which have a part of the same row or column, else of the others.
fn nearest<'a>(controls: &'a [Control<'a>], from: &Control, step: Step) -> Option<&'a Control<'a>> {
    let (x, y) = from.rect.centre();
    let gap =
        |a: f32, a_long: f32, b: f32, b_long: f32| (a - b - b_long).max(b - a - a_long).max(0.0);
    let way = |control: &Control| {
        let (own, other) = (&from.rect, &control.rect);
        let (tx, ty) = other.centre();
        let (dx, dy) = (tx - x, ty - y);
        let across = gap(own.x, own.w, other.x, other.w);
        let along = gap(own.y, own.h, other.y, other.h);
        let (ahead, beside, off) = match step {
            Step::Left => (-dx, along, dy),
            Step::Right => (dx, along, dy),
            Step::Up => (-dy, across, dx),
            _ => (dy, across, dx),
        };
        let is_ahead = ahead > 1.0 && control.action != from.action;
        is_ahead.then_some((beside > 0.0, ahead + 2.5 * beside + 0.2 * off.abs()))
    };
    let reachable = controls
        .iter()
        .filter_map(|control| Some((way(control)?, control)));
    reachable
        .min_by(|((a, near), _), ((b, far), _)| a.cmp(b).then(near.total_cmp(far)))
        .map(|(_, control)| control)
}

#[cfg(test)]
mod tests {
    use accesskit::Role;
    use site::Language;

    use super::*;
    use crate::canvas::Rect;
    use crate::node::Meaning;

    /// Proves T13: the keyboard reaches everything, in both ways of moving.
    #[test]
    fn keyboard_reaches_everything() {
        let mut tree = Tree::new(Language::De, &Rect::new(0.0, 0.0, 400.0, 200.0));
        for i in 0..6 {
            let (x, y) = ((i % 3) as f32 * 120.0, (i / 3) as f32 * 60.0);
            let rect = Rect::new(x, y, 100.0, 40.0);
            let number = tree.add(0, &Meaning::new(Role::Button, "name"), &rect);
            tree.enable(number, Action::Department(i));
        }
        let is = |from: Option<usize>, way, to: usize| {
            assert_eq!(
                step(&tree, from.map(Action::Department), way),
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
        assert_eq!(step(&Tree::default(), None, Step::Next), None);
    }
}
