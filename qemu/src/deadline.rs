// SPDX-License-Identifier: EUPL-1.2
//! The moment until which something is awaited.

use std::time::{Duration, Instant};

/// A moment until which something is awaited, remembering when the waiting began.
///
/// One deadline can be handed to several waits in a row: they share its time.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    began: Instant,
    span: Duration,
}

impl Deadline {
    /// A deadline `span` from now.
    pub fn after(span: Duration) -> Self {
        Self {
            began: Instant::now(),
            span,
        }
    }

    /// A deadline `seconds` from now.
    pub fn secs(seconds: u64) -> Self {
        Self::after(Duration::from_secs(seconds))
    }

    /// No deadline as far as people are concerned: for a machine that a person uses.
    pub fn never() -> Self {
        // A century, not the largest number: sums with it must not overflow.
        Self::secs(100 * 365 * 24 * 3600)
    }

    /// What is left; zero when it has passed.
    pub fn left(&self) -> Duration {
        self.span.saturating_sub(self.began.elapsed())
    }

    /// Whether it has passed.
    pub fn passed(&self) -> bool {
        self.left().is_zero()
    }

    /// How long the waiting has taken so far.
    pub fn waited(&self) -> Duration {
        self.began.elapsed()
    }

    /// The earlier of this deadline and one `span` from now, as a duration to wait.
    pub(crate) fn left_at_most(&self, span: Duration) -> Duration {
        self.left().min(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O9: a deadline never reports negative or growing time.
    #[test]
    fn passes_once_and_for_good() {
        let deadline = Deadline::after(Duration::ZERO);
        assert!(deadline.passed());
        assert_eq!(deadline.left(), Duration::ZERO);
        let later = Deadline::secs(60);
        assert!(!later.passed());
        assert!(later.left_at_most(Duration::from_millis(5)) <= Duration::from_millis(5));
    }
}
