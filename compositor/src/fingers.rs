// SPDX-License-Identifier: EUPL-1.2
//! Which fingers are down, and on what, as far as the clients have heard.
//!
//! ```text
//!   up --- down, and fewer than MOST are ---> down at a place --- moved ---> down at another
//!   ^                                          |
//!   +------- lifted, or all are taken back ----+
//! ```

use std::collections::BTreeMap;

use smithay::utils::{Logical, Point};

/// So many fingers count; a hand, a sleeve or a wet cloth on the screen is no more than that.
pub const MOST: usize = 10;

/// A finger that is down.
#[derive(Clone, Debug)]
struct Finger<S> {
    at: Point<f64, Logical>,
    on: Option<S>,
}

/// Remembers which fingers are down on which surface and decides of which events the clients hear.
///
/// Whatever the device says, clients hear of at most [`MOST`] fingers at once, of each only once that it comes down, and of
/// moves and of the end exactly when they have heard of the beginning.
#[derive(Clone, Debug)]
pub struct Fingers<S> {
    down: BTreeMap<u32, Finger<S>>,
}

impl<S> Default for Fingers<S> {
    fn default() -> Self {
        Self {
            down: BTreeMap::new(),
        }
    }
}

impl<S: PartialEq> Fingers<S> {
    /// A finger comes down on a surface, or beside all; returns whether clients hear of it.
    pub fn down(&mut self, slot: u32, at: Point<f64, Logical>, on: Option<S>) -> bool {
        if self.down.len() >= MOST || self.down.contains_key(&slot) {
            return false;
        }
        self.down.insert(slot, Finger { at, on });
        true
    }

    /// A finger moves; returns whether clients hear of it.
    pub fn motion(&mut self, slot: u32, to: Point<f64, Logical>) -> bool {
        self.down
            .get_mut(&slot)
            .map(|finger| finger.at = to)
            .is_some()
    }

    /// A finger is lifted; returns whether clients hear of it.
    pub fn up(&mut self, slot: u32) -> bool {
        self.down.remove(&slot).is_some()
    }

    /// The fingers that came down on a surface.
    pub fn on(&self, surface: &S) -> Vec<u32> {
        let on = |finger: &Finger<S>| finger.on.as_ref() == Some(surface);
        self.down
            .iter()
            .filter(|(_, finger)| on(finger))
            .map(|(slot, _)| *slot)
            .collect()
    }

    /// All fingers are taken back; returns those that clients have to forget, and where they are.
    pub fn cancel(&mut self) -> BTreeMap<u32, Point<f64, Logical>> {
        std::mem::take(&mut self.down)
            .into_iter()
            .map(|(slot, finger)| (slot, finger.at))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[derive(Clone, Copy, Debug)]
    enum Event {
        Down(u32),
        Motion(u32),
        Up(u32),
        Cancel,
    }

    fn event() -> impl Strategy<Value = Event> {
        let slot = || 0u32..24;
        prop_oneof![
            6 => slot().prop_map(Event::Down),
            6 => slot().prop_map(Event::Motion),
            4 => slot().prop_map(Event::Up),
            1 => Just(Event::Cancel),
        ]
    }

    /// Where a finger comes down: on one of two surfaces or beside them.
    fn surface_of(slot: u32) -> Option<u32> {
        (slot % 3 < 2).then_some(slot % 3)
    }

    proptest! {
        /// Proves T10: a palm, ten fingers and a confused device do no harm: over any sequence of events the client hears of
        /// ten fingers at most, of no end without a beginning, and it is known which of them are on a surface.
        #[test]
        fn fingers_begin_and_end(events in prop::collection::vec(event(), 0..300)) {
            let mut fingers = Fingers::default();
            let mut heard = BTreeSet::new();
            let at = Point::from((1.0, 2.0));
            for event in events {
                match event {
                    Event::Down(slot) => {
                        let room = heard.len() < MOST && !heard.contains(&slot);
                        prop_assert_eq!(fingers.down(slot, at, surface_of(slot)), room);
                        if room {
                            heard.insert(slot);
                        }
                    }
                    Event::Motion(slot) => {
                        prop_assert_eq!(fingers.motion(slot, at), heard.contains(&slot));
                    }
                    Event::Up(slot) => prop_assert_eq!(fingers.up(slot), heard.remove(&slot)),
                    Event::Cancel => {
                        let forgotten: Vec<u32> = fingers.cancel().into_keys().collect();
                        let expected: Vec<u32> = std::mem::take(&mut heard).into_iter().collect();
                        prop_assert_eq!(forgotten, expected);
                    }
                }
                prop_assert!(heard.len() <= MOST);
                for surface in 0..2 {
                    let on = |slot: &&u32| surface_of(**slot) == Some(surface);
                    let expected: Vec<u32> = heard.iter().filter(on).copied().collect();
                    prop_assert_eq!(fingers.on(&surface), expected);
                }
            }
        }
    }
}
