// SPDX-License-Identifier: EUPL-1.2
//! How long somebody will wait, from how long others took. Without enough of those nothing is said: a guess is no estimate.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// So many conversations have to be known.
pub const LEAST: u32 = 3;
/// What weighs as one observation at least: newer ones count more than older ones.
const MEMORY: u32 = 20;
/// A page left open over night is no long conversation.
const LONGEST: Duration = Duration::from_hours(2);

/// How long conversations of a department take, with what a clerk has to do after them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// The mean.
    pub mean: Duration,
    /// How many were seen.
    pub count: u32,
}

impl Pace {
    /// Another one took so long.
    pub fn learn(&mut self, took: Duration) {
        let took = took.min(LONGEST);
        self.count = self.count.saturating_add(1);
        let weight = self.count.min(MEMORY);
        // mean += (took - mean) / weight, without going below zero.
        self.mean = (self.mean * (weight - 1) + took) / weight;
    }

    /// The mean, once enough are known.
    pub fn known(self) -> Option<Duration> {
        (self.count >= LEAST).then_some(self.mean)
    }
}

/// The time until the one after `ahead` others is served, by desks that are free after these times.
/// None without desks.
pub fn wait(
    desks: impl IntoIterator<Item = Duration>,
    ahead: usize,
    pace: Duration,
) -> Option<Duration> {
    let mut free: BinaryHeap<Reverse<Duration>> = desks.into_iter().map(Reverse).collect();
    for _ in 0..ahead {
        let Reverse(at) = free.pop()?;
        free.push(Reverse(at.saturating_add(pace)));
    }
    free.pop().map(|Reverse(at)| at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    /// Proves T2 (an honest estimate): nothing is said before enough is known, and then the mean of what was seen.
    #[test]
    fn a_pace_is_learned() {
        let mut pace = Pace::default();
        for minutes in [10, 20] {
            pace.learn(MINUTE * minutes);
            assert_eq!(pace.known(), None);
        }
        pace.learn(MINUTE * 30);
        assert_eq!(pace.known(), Some(MINUTE * 20));
        pace.learn(MINUTE * 6000);
        assert!(pace.mean <= LONGEST);
    }

    #[test]
    fn two_desks_halve_the_wait() {
        assert_eq!(wait([MINUTE * 4], 2, MINUTE * 10), Some(MINUTE * 24));
        assert_eq!(
            wait([MINUTE * 4, MINUTE * 9], 2, MINUTE * 10),
            Some(MINUTE * 14)
        );
        assert_eq!(wait([], 0, MINUTE), None);
    }

    proptest! {
        /// Proves T2: who is further behind never waits less, and another desk never makes it longer.
        #[test]
        fn waits_are_in_order(
            desks in prop::collection::vec(0_u64..7200, 1..6),
            ahead in 0_usize..20,
            pace in 0_u64..7200,
        ) {
            let desks: Vec<_> = desks.into_iter().map(Duration::from_secs).collect();
            let pace = Duration::from_secs(pace);
            let here = wait(desks.clone(), ahead, pace);
            prop_assert!(wait(desks.clone(), ahead + 1, pace) >= here);
            let more = desks.into_iter().chain([pace]);
            prop_assert!(wait(more, ahead, pace) <= here);
        }

        /// Proves T2: no observation breaks the mean.
        #[test]
        fn any_time_is_safe(seconds in prop::collection::vec(any::<u64>(), 0..60)) {
            let mut pace = Pace::default();
            for second in seconds {
                pace.learn(Duration::from_secs(second));
                prop_assert!(pace.mean <= LONGEST);
            }
        }
    }
}
