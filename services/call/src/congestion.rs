// SPDX-License-Identifier: EUPL-1.2
//! What congestion control (`rtpgccbwe`) is told, and when it is asked to try more. Pure.
//!
//! It takes a single lost packet for congestion, as it averages over nothing (its mean forgets within a millisecond), and having once starved
//! the picture it needs many seconds to trust the line again. A line by radio loses some packets all the time without being full; what is
//! full shows in the delay (draft-ietf-rmcat-gcc-02, section 5), or loses more than a tenth (section 6).

use std::collections::VecDeque;
use std::time::Duration;

/// Losses are judged over so many packets: two or three seconds of a call.
const WINDOW: u64 = 200;
/// Below so many nothing is said yet.
const FEW: u64 = 50;
/// The share of lost packets, in percent, that is congestion (section 6 of the draft).
const CONGESTED: u64 = 10;

/// The losses of late: packets and lost ones of each report.
#[derive(Clone, Debug, Default)]
pub struct Losses(VecDeque<(u32, u32)>);

impl Losses {
    /// Takes in a report of so many packets, of which so many are lost. Says whether the losses are those of a line that is full.
    pub fn report(&mut self, packets: u32, lost: u32) -> bool {
        self.0.push_back((packets, lost.min(packets)));
        // The newest report stays, however long it is.
        while self.0.len() > 1 && self.packets(1) >= WINDOW {
            self.0.pop_front();
        }
        let lost: u64 = self.0.iter().map(|(_, lost)| u64::from(*lost)).sum();
        let packets = self.packets(0);
        packets >= FEW && lost * 100 > packets * CONGESTED
    }

    /// How many packets the reports are about, without the oldest of them.
    fn packets(&self, without: usize) -> u64 {
        let reports = self.0.iter().skip(without);
        reports.map(|(packets, _)| u64::from(*packets)).sum()
    }
}

/// So long the estimate stays on the step it has fallen to: what was sent less needs a round trip to show.
const STEP: Duration = Duration::from_millis(300);

/// How the estimate falls: by steps. It falls to a part of what has arrived of late, which at the start of a call, or after a picture
/// that hardly moved, is far less than what the line carries.
#[derive(Clone, Debug, Default)]
pub struct Fall {
    step: Option<(Duration, u32)>,
}

impl Fall {
    /// How far it falls at a moment, from `before` to `estimate`: to seven tenths at most within a step.
    pub fn limit(&mut self, now: Duration, before: u32, estimate: u32) -> u32 {
        let floor = match self.step {
            Some((since, floor)) if now.saturating_sub(since) < STEP => floor,
            _ => {
                let floor = before - before / 10 * 3;
                self.step = Some((now, floor));
                floor
            }
        };
        // A step that began lower says nothing against less than what it fell from.
        estimate.max(floor.min(before))
    }
}

/// So long nothing may have spoken against more, before more is tried.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest wait after trials that failed.
const LONGEST: Duration = Duration::from_mins(1);
/// A trial has failed if the estimate falls so soon after it.
const VERDICT: Duration = Duration::from_millis(1500);

/// When more is tried than what is thought to be carried.
#[derive(Clone, Debug)]
pub struct Trial {
    estimate: u32,
    /// Since when nothing has spoken against more.
    since: Duration,
    tried: Option<Duration>,
    patience: Duration,
}

impl Trial {
    /// Begins at a moment, with an estimate.
    pub fn new(now: Duration, estimate: u32) -> Self {
        Self {
            estimate,
            since: now,
            tried: None,
            patience: PATIENCE,
        }
    }

    /// Takes in the estimate of a moment, `most` being all that is ever wanted; says what to try, if it is time.
    pub fn estimate(&mut self, now: Duration, estimate: u32, most: u32) -> Option<u32> {
        let fell = estimate < self.estimate;
        self.estimate = estimate;
        if fell {
            if let Some(tried) = self.tried.take() {
                let failed = now.saturating_sub(tried) <= VERDICT;
                self.patience = if failed {
                    (self.patience * 2).min(LONGEST)
                } else {
                    PATIENCE
                };
            }
            self.since = now;
            return None;
        }
        if estimate >= most || now.saturating_sub(self.since) < self.patience {
            return None;
        }
        let more = estimate.saturating_add(estimate / 2).min(most);
        (self.since, self.tried, self.estimate) = (now, Some(now), more);
        Some(more)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves T11: lost packets here and there are no congestion, a tenth of them and more are, and that is over when they are few again.
    #[test]
    fn a_few_losses_are_no_congestion() {
        let mut losses = Losses::default();
        for n in 0..100_u32 {
            assert!(!losses.report(10, u32::from(n % 2 == 0)), "report {n}");
        }
        let full = (0..40).position(|_| losses.report(10, 3));
        assert!(full.is_some_and(|reports| reports < 10), "{full:?}");
        assert!((0..40).all(|_| losses.report(10, 3)));
        let over = (0..40).position(|_| !losses.report(10, 0));
        assert!(over.is_some_and(|reports| reports < 20), "{over:?}");
    }

    /// Proves T11: after a fall the picture is tried again soon, a line that does not carry it is asked less and less often, and never for
    /// more than is wanted.
    #[test]
    fn more_is_tried_with_patience() {
        let at = Duration::from_millis;
        let mut trial = Trial::new(at(0), 600_000);
        assert_eq!(trial.estimate(at(100), 40_000, 950_000), None);
        assert_eq!(trial.estimate(at(2000), 41_000, 950_000), None);
        assert_eq!(trial.estimate(at(2100), 42_000, 950_000), Some(63_000));
        assert_eq!(trial.estimate(at(4100), 800_000, 950_000), Some(950_000));
        assert_eq!(trial.estimate(at(9000), 950_000, 950_000), None);

        let mut trial = Trial::new(at(0), 200_000);
        let mut tries = Vec::new();
        for now in (0..120_000).step_by(100) {
            // The line carries 200 kbit/s; whoever asks for more is told half a second later.
            let late = tries.last().is_some_and(|tried| now - tried == 500);
            let estimate = if late || tries.is_empty() {
                200_000
            } else {
                trial.estimate
            };
            if trial.estimate(at(now), estimate, 950_000).is_some() {
                tries.push(now);
            }
        }
        assert!((4..=7).contains(&tries.len()), "{tries:?}");
    }

    /// Proves T11: a fall is no plunge, and a line that lasts in carrying little is followed within two seconds.
    #[test]
    fn it_falls_by_steps() {
        let mut fall = Fall::default();
        let mut estimate = 600_000;
        let mut steps = Vec::new();
        for now in (0..2000).step_by(100) {
            let lower = fall.limit(Duration::from_millis(now), estimate, 50_000);
            if lower < estimate {
                steps.push((now, lower));
            }
            estimate = lower;
        }
        assert_eq!(steps[..2], [(0, 420_000), (300, 294_000)]);
        assert!(estimate < 80_000, "{steps:?}");
        assert_eq!(fall.limit(Duration::from_secs(9), 100_000, 90_000), 90_000);
    }

    proptest! {
        /// Proves T11: whatever is reported, counts hold, and what is tried is more than the estimate and no more than is wanted.
        #[test]
        fn it_holds(reports in prop::collection::vec((0..70_000_u32, 0..70_000_u32, 0..2_000_000_u32, 0..5_000_u64), 0..200)) {
            let (mut losses, mut fall) = (Losses::default(), Fall::default());
            let mut trial = Trial::new(Duration::ZERO, 600_000);
            let mut now = Duration::ZERO;
            for (packets, lost, estimate, passed) in reports {
                losses.report(packets, lost);
                prop_assert!(losses.0.len() == 1 || losses.packets(1) < WINDOW);
                now += Duration::from_millis(passed);
                let fallen = fall.limit(now, 600_000, estimate.min(600_000));
                prop_assert!(fallen >= estimate.min(600_000) && fallen <= 600_000);
                if let Some(more) = trial.estimate(now, estimate, 950_000) {
                    prop_assert!(more > estimate && more <= 950_000);
                }
            }
        }
    }
}
