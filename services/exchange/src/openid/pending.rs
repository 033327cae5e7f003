// SPDX-License-Identifier: EUPL-1.2
//! Sign-ins that were begun and have not come back from the provider. In memory only: whoever is at the provider while the exchange starts
//! anew begins again. Pure: the time is passed in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::session::source;

/// Somebody has so long to prove who they are.
pub const LASTS: Duration = Duration::from_mins(10);
/// Sign-ins at once.
const OPEN: usize = 4096;
/// Of these, from one network: an office may have one address for all. Of more the oldest end.
const FROM_ONE: usize = 256;

/// What has to be known again when somebody comes back.
#[derive(Clone, PartialEq, Eq)]
pub struct Begun {
    /// Whose provider it is.
    pub authority: String,
    /// What the provider's token has to repeat.
    pub nonce: String,
    /// What proves that the code is for us (RFC 7636).
    pub verifier: Zeroizing<String>,
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Begun").field(&self.authority).finish()
    }
}

#[derive(Debug)]
struct Open {
    begun: Begun,
    browser: [u8; 32],
    from: IpAddr,
    since: Duration,
}

/// All of them, by the digest of their `state`.
#[derive(Debug, Default)]
pub struct Pending(HashMap<[u8; 32], Open>);

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

impl Pending {
    /// Somebody begins from there, in the browser that has this word in a cookie. False if there are too many.
    pub fn begin(
        &mut self,
        now: Duration,
        from: IpAddr,
        (state, browser): (&str, &str),
        begun: Begun,
    ) -> bool {
        self.0.retain(|_, open| now < open.since + LASTS);
        let from = source(from);
        let of_them = || self.0.iter().filter(|(_, open)| open.from == from);
        if of_them().count() >= FROM_ONE {
            let oldest = of_them().min_by_key(|(_, open)| open.since);
            if let Some(key) = oldest.map(|(key, _)| *key) {
                self.0.remove(&key);
            }
        }
        if self.0.len() >= OPEN {
            return false;
        }
        let open = Open {
            begun,
            browser: digest(browser),
            from,
            since: now,
        };
        self.0.insert(digest(state), open);
        true
    }

    /// Somebody comes back: once, in time, with the browser that began it. Whatever it is, it is over then.
    pub fn take(&mut self, now: Duration, state: &str, browser: &str) -> Option<Begun> {
        let open = self.0.remove(&digest(state))?;
        let is_theirs = open.browser == digest(browser);
        (is_theirs && now < open.since + LASTS).then_some(open.begun)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: Duration = Duration::from_secs(1);
    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

    fn begun(nonce: usize) -> Begun {
        Begun {
            authority: "town".to_owned(),
            nonce: nonce.to_string(),
            verifier: Zeroizing::default(),
        }
    }

    /// Proves X1: one source has its share of open sign-ins, of which the oldest end; all sources together have an end too.
    #[test]
    fn there_is_an_end() {
        let mut pending = Pending::default();
        for n in 0..=FROM_ONE {
            let now = S * u32::try_from(n).unwrap() / 100;
            assert!(pending.begin(now, HERE, (&n.to_string(), "b"), begun(n)));
        }
        assert_eq!(pending.0.len(), FROM_ONE);
        assert_eq!(pending.take(S, "0", "b"), None);
        assert_eq!(pending.take(S, "1", "b"), Some(begun(1)));
        for n in 0..OPEN {
            let from = IpAddr::from(
                0x0a00_0000_u32
                    .wrapping_add(u32::try_from(n).unwrap())
                    .to_be_bytes(),
            );
            pending.begin(S, from, (&format!("other {n}"), "b"), begun(n));
        }
        assert_eq!(pending.0.len(), OPEN);
        let elsewhere = IpAddr::from([198, 51, 100, 1]);
        assert!(!pending.begin(S, elsewhere, ("late", "b"), begun(0)));
        // Until they are over.
        assert!(pending.begin(4 * S + LASTS, elsewhere, ("late", "b"), begun(0)));
        assert_eq!(pending.0.len(), 1);
    }

    #[derive(Clone, Debug)]
    enum Deed {
        Begin(u8),
        Take(u8, u8),
        Wait(u16),
    }

    fn deed() -> impl Strategy<Value = Deed> {
        prop_oneof![
            (0..6_u8).prop_map(Deed::Begin),
            (0..6_u8, 0..3_u8).prop_map(|(state, browser)| Deed::Take(state, browser)),
            (0..400_u16).prop_map(Deed::Wait),
        ]
    }

    proptest! {
        /// Proves X1: nobody gets through but once, in time, and with the browser that began it.
        #[test]
        fn once_in_time_and_by_the_same_browser(deeds in prop::collection::vec(deed(), 0..60)) {
            let mut pending = Pending::default();
            let mut now = S;
            let mut model: HashMap<u8, (usize, Duration)> = HashMap::new();
            for (n, deed) in deeds.into_iter().enumerate() {
                match deed {
                    Deed::Begin(state) => {
                        let browser = format!("browser {}", state % 3);
                        prop_assert!(pending.begin(now, HERE, (&state.to_string(), &browser), begun(n)));
                        model.insert(state, (n, now));
                    }
                    Deed::Take(state, browser) => {
                        let expected = model.remove(&state).filter(|(_, since)| state % 3 == browser && now < *since + LASTS);
                        let taken = pending.take(now, &state.to_string(), &format!("browser {browser}"));
                        prop_assert_eq!(taken, expected.map(|(n, _)| begun(n)));
                    }
                    Deed::Wait(seconds) => now += S * u32::from(seconds),
                }
            }
        }
    }
}
