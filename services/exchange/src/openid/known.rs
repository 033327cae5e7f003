// SPDX-License-Identifier: EUPL-1.2
//! What is known of a provider, and when it has to be asked (anew). Pure: the time is passed in.

use std::sync::Arc;
use std::time::Duration;

use super::keys::Keys;
use super::metadata::Metadata;

/// What was read holds so long: a key that a provider takes back is worth nothing here after that.
const HOLDS: Duration = Duration::from_mins(10);
/// And it is asked how it describes itself no more often than so, in this time: whoever comes to the sign-in page may ask for that.
const WINDOW: (Duration, u32) = (Duration::from_secs(30), 8);
/// A key that is not known is asked for no more often than so.
const ANEW: Duration = Duration::from_secs(30);

/// What was read of a provider, and when.
#[derive(Debug, Default)]
pub struct Known {
    metadata: Option<(Duration, Arc<Metadata>)>,
    keys: Option<(Duration, Arc<Keys>)>,
    anew: Option<Duration>,
    window: Option<(Duration, u32)>,
}

fn fresh<T>(now: Duration, read: Option<&(Duration, Arc<T>)>) -> Option<Arc<T>> {
    let (at, value) = read?;
    // Neither from before nor from a clock that was wrong.
    (*at <= now && now < *at + HOLDS).then(|| value.clone())
}

impl Known {
    /// How the provider describes itself, as far as it was read lately.
    pub fn metadata(&self, now: Duration) -> Option<Arc<Metadata>> {
        fresh(now, self.metadata.as_ref())
    }

    /// The same, whenever it was read.
    pub fn last(&self) -> Option<Arc<Metadata>> {
        self.metadata.as_ref().map(|(_, metadata)| metadata.clone())
    }

    /// Whether it may be asked for its description now.
    pub fn asks(&mut self, now: Duration) -> bool {
        let (lasts, most) = WINDOW;
        let (since, count) = self
            .window
            .filter(|(since, _)| *since <= now && now < *since + lasts)
            .unwrap_or((now, 0));
        self.window = Some((since, count.saturating_add(1)));
        count < most
    }

    /// Its keys, as far as they were read lately.
    pub fn keys(&self, now: Duration) -> Option<Arc<Keys>> {
        fresh(now, self.keys.as_ref())
    }

    /// A description was read.
    pub fn described(&mut self, now: Duration, metadata: Metadata) -> Arc<Metadata> {
        let metadata = Arc::new(metadata);
        self.metadata = Some((now, metadata.clone()));
        metadata
    }

    /// Keys were read.
    pub fn keyed(&mut self, now: Duration, keys: Keys) -> Arc<Keys> {
        let keys = Arc::new(keys);
        self.keys = Some((now, keys.clone()));
        keys
    }

    /// A token names a key that is not among `used`: whether to read them anew. If somebody else has done so meanwhile, it is not needed.
    pub fn asks_anew(&mut self, now: Duration, used: &Arc<Keys>) -> bool {
        let same = self
            .keys
            .as_ref()
            .is_some_and(|(_, keys)| Arc::ptr_eq(keys, used));
        let rests = self.anew.is_some_and(|at| at <= now && now < at + ANEW);
        if !same || rests {
            return false;
        }
        self.anew = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: Duration = Duration::from_secs(1);

    /// Proves X1: keys hold for a while; a new one is asked for once, and not by everybody who names one.
    #[test]
    fn keys_are_read_anew() {
        let mut known = Known::default();
        assert_eq!(known.keys(S), None);
        let first = known.keyed(S, Keys::default());
        assert_eq!(known.keys(HOLDS), Some(first.clone()));
        assert_eq!(known.keys(S + HOLDS), None);
        assert!(known.asks_anew(2 * S, &first));
        assert!(!known.asks_anew(2 * S, &first));
        let second = known.keyed(2 * S, Keys::default());
        // Who has used the old ones looks at the new ones first.
        assert!(!known.asks_anew(ANEW * 2, &first));
        assert!(!known.asks_anew(S + ANEW, &second));
        assert!(known.asks_anew(2 * S + ANEW, &second));
    }

    proptest! {
        /// Proves X1: whoever comes to the sign-in page, and however often: a provider is asked to describe itself eight times in half a minute.
        #[test]
        fn nobody_has_it_asked_without_end(gaps in prop::collection::vec(0_u64..3000, 1..400)) {
            let mut known = Known::default();
            let (mut now, mut asked) = (S, 0_u64);
            for gap in gaps {
                now += Duration::from_millis(gap);
                asked += u64::from(known.asks(now));
            }
            prop_assert!(asked <= 8 * (1 + now.as_secs() / 30), "{asked}");
            prop_assert!(known.asks(now + WINDOW.0));
        }

        /// Proves X1: however many tokens name unknown keys, the provider is asked twice a minute at most.
        #[test]
        fn unknown_keys_flood_nobody(gaps in prop::collection::vec(0_u64..20, 1..200)) {
            let mut known = Known::default();
            let mut keys = known.keyed(S, Keys::default());
            let (mut now, mut asked) = (S, 0_u64);
            for gap in gaps {
                now += Duration::from_secs(gap);
                if known.asks_anew(now, &keys) {
                    asked += 1;
                    keys = known.keyed(now, Keys::default());
                }
            }
            prop_assert!(asked <= 1 + now.as_secs() / 30, "{asked}");
        }
    }
}
