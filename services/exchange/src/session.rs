// SPDX-License-Identifier: EUPL-1.2
//! Who is signed in at which desk, and how often somebody may try. In memory only: a restart signs everybody out. Pure: the time is
//! passed in.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

/// A session ends after so long, a working day.
pub const LONGEST: Duration = Duration::from_hours(12);
/// A session that says nothing for so long ends.
pub const IDLE: Duration = Duration::from_hours(1);
/// Sessions at once.
const SESSIONS: usize = 32_768;

/// The sessions of desks, by the digest of their token: the table alone signs nobody in.
#[derive(Debug, Default)]
pub struct Sessions(HashMap<[u8; 32], Session>);

#[derive(Debug)]
struct Session {
    desk: String,
    since: Duration,
    seen: Duration,
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Sessions {
    /// A desk signed in; its older sessions end. False if there are too many.
    pub fn begin(&mut self, now: Duration, token: &str, desk: &str) -> bool {
        self.0
            .retain(|_, session| session.desk != desk && !session.is_over(now));
        if self.0.len() >= SESSIONS {
            return false;
        }
        let session = Session {
            desk: desk.to_owned(),
            since: now,
            seen: now,
        };
        self.0.insert(digest(token), session);
        true
    }

    /// The desk whose token this is.
    pub fn desk(&mut self, now: Duration, token: &str) -> Option<String> {
        let session = self.0.get_mut(&digest(token))?;
        if session.is_over(now) {
            return None;
        }
        session.seen = now;
        Some(session.desk.clone())
    }

    /// The pages of these desks are open: their sessions are in use.
    pub fn touch(&mut self, now: Duration, desks: &BTreeSet<String>) {
        for session in self.0.values_mut() {
            if desks.contains(&session.desk) && !session.is_over(now) {
                session.seen = now;
            }
        }
    }

    /// A token ends; the desk whose it was.
    pub fn end(&mut self, token: &str) -> Option<String> {
        self.0.remove(&digest(token)).map(|session| session.desk)
    }

    /// Desks whose sessions are over now.
    pub fn expire(&mut self, now: Duration) -> Vec<String> {
        let mut over = Vec::new();
        self.0.retain(|_, session| {
            let stays = !session.is_over(now);
            if !stays {
                over.push(session.desk.clone());
            }
            stays
        });
        over
    }
}

impl Session {
    fn is_over(&self, now: Duration) -> bool {
        now >= self.since + LONGEST || now >= self.seen + IDLE
    }
}

/// A terminal that was looked up so long ago is not known any more without the database.
const KNOWN: Duration = Duration::from_hours(1);
/// Terminals that are remembered.
const TERMINALS: usize = 8192;

/// Terminals that were looked up lately, by the digest of their certificate: for while the database is away.
#[derive(Debug, Default)]
pub struct Known(HashMap<[u8; 32], (String, Duration)>);

impl Known {
    /// This is what was found.
    pub fn remember(&mut self, now: Duration, certificate: &[u8], found: Option<&str>) {
        let key = Sha256::digest(certificate).into();
        let Some(id) = found else {
            self.0.remove(&key);
            return;
        };
        if self.0.len() >= TERMINALS {
            self.0.retain(|_, (_, at)| now < *at + KNOWN);
        }
        if self.0.len() < TERMINALS {
            self.0.insert(key, (id.to_owned(), now));
        }
    }

    /// The terminal whose certificate this is, as far as is known.
    pub fn terminal(&self, now: Duration, certificate: &[u8]) -> Option<String> {
        let key: [u8; 32] = Sha256::digest(certificate).into();
        let (id, at) = self.0.get(&key)?;
        (now < *at + KNOWN).then(|| id.clone())
    }
}

/// Wrong tries that cost nothing.
const FREE: u32 = 4;
/// The first wait after them; each is twice the one before.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest.
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// Tries are forgotten after so long.
const FORGET: Duration = Duration::from_hours(1);
/// Sources that are remembered; the oldest are forgotten first.
const SOURCES: usize = 16_384;

/// Counts wrong tries by who tries what from where. Somebody elsewhere cannot lock a clerk out.
#[derive(Debug, Default)]
pub struct Tries(BTreeMap<(IpAddr, String), Wrong>);

#[derive(Clone, Copy, Debug)]
struct Wrong {
    count: u32,
    last: Duration,
}

impl Wrong {
    fn until(self) -> Duration {
        match self.count.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(over) => {
                let factor = 1_u32.checked_shl(over).unwrap_or(u32::MAX);
                self.last + FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
            }
        }
    }
}

/// A network that one person has: a whole /64 of IPv6.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let bits = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        }
        address @ IpAddr::V4(_) => address,
    }
}

impl Tries {
    /// Counts a try before anything is looked at; an error says how long to wait. A right one is taken back by [`Self::right`].
    pub fn begin(&mut self, now: Duration, from: IpAddr, what: &str) -> Result<(), Duration> {
        // For this name from there, and for all names from there: ten times as many.
        let key = (source(from), what.to_owned());
        let all = (source(from), String::new());
        for (key, share) in [(&key, 1), (&all, 10)] {
            if let Some(wrong) = self.0.get(key) {
                let wrong = Wrong {
                    count: wrong.count / share,
                    ..*wrong
                };
                let until = wrong.until();
                if until > now {
                    return Err(until.saturating_sub(now));
                }
            }
        }
        self.0.retain(|_, wrong| now < wrong.last + FORGET);
        if self.0.len() >= SOURCES {
            let oldest = self.0.iter().min_by_key(|(_, wrong)| wrong.last);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                self.0.remove(&key);
            }
        }
        for key in [key, all] {
            let wrong = self.0.entry(key).or_insert(Wrong {
                count: 0,
                last: now,
            });
            wrong.count = wrong.count.saturating_add(1);
            wrong.last = now;
        }
        Ok(())
    }

    /// The try was right.
    pub fn right(&mut self, from: IpAddr, what: &str) {
        self.0.remove(&(source(from), what.to_owned()));
        if let Some(all) = self.0.get_mut(&(source(from), String::new())) {
            all.count = all.count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: Duration = Duration::from_secs(1);

    /// Proves D2, X1: a session ends by signing out, by silence, after a day, and when the desk signs in again.
    #[test]
    fn sessions_end() {
        let mut sessions = Sessions::default();
        assert!(sessions.begin(S, "one", "a"));
        assert_eq!(sessions.desk(IDLE, "one").as_deref(), Some("a"));
        assert_eq!(sessions.desk(S, "two"), None);
        assert!(sessions.begin(S, "two", "a"));
        assert_eq!(sessions.desk(2 * S, "one"), None);
        assert_eq!(sessions.end("two").as_deref(), Some("a"));
        assert_eq!(sessions.desk(2 * S, "two"), None);
        assert!(sessions.begin(S, "three", "a"));
        assert_eq!(sessions.expire(S + IDLE), ["a"]);
        // An open page is in use, without a word.
        assert!(sessions.begin(S, "five", "a"));
        sessions.touch(IDLE, &BTreeSet::from(["a".to_owned()]));
        assert_eq!(sessions.expire(S + IDLE), [""; 0]);
        assert!(sessions.begin(S, "four", "a"));
        for hour in 1..24 {
            sessions.desk(S + Duration::from_mins(59) * hour, "four");
        }
        assert_eq!(sessions.desk(S + LONGEST, "four"), None);
    }

    /// Proves X1: a terminal is remembered for a while; one that was revoked is not.
    #[test]
    fn terminals_are_remembered_for_a_while() {
        let mut known = Known::default();
        known.remember(S, b"lobby's", Some("lobby"));
        assert_eq!(known.terminal(KNOWN, b"lobby's").as_deref(), Some("lobby"));
        assert_eq!(known.terminal(S + KNOWN, b"lobby's"), None);
        assert_eq!(known.terminal(S, b"library's"), None);
        known.remember(S, b"lobby's", None);
        assert_eq!(known.terminal(S, b"lobby's"), None);
        for n in 0..=TERMINALS {
            known.remember(S, &n.to_be_bytes(), Some("many"));
        }
        assert_eq!(known.0.len(), TERMINALS);
        known.remember(S + KNOWN, b"another", Some("another"));
        assert_eq!(known.0.len(), 1);
    }

    /// Proves X1: wrong tries are made slower and slower, for one name from one network; others are not locked out.
    #[test]
    fn wrong_tries_wait() {
        let mut tries = Tries::default();
        let here: IpAddr = "2001:db8::1".parse().unwrap();
        let beside: IpAddr = "2001:db8::ffff".parse().unwrap();
        let elsewhere: IpAddr = "192.0.2.7".parse().unwrap();
        for _ in 0..FREE {
            tries.begin(S, here, "a").unwrap();
        }
        assert_eq!(tries.begin(S, beside, "a"), Err(FIRST_WAIT));
        tries.begin(S, here, "b").unwrap();
        tries.begin(S, elsewhere, "a").unwrap();
        tries.begin(S + FIRST_WAIT, here, "a").unwrap();
        assert_eq!(tries.begin(S + FIRST_WAIT, here, "a"), Err(FIRST_WAIT * 2));
        tries.right(here, "a");
        tries.begin(S + FIRST_WAIT, here, "a").unwrap();
    }

    proptest! {
        /// Proves X1: however somebody tries, in an hour no more than some tries are looked at.
        #[test]
        fn no_pattern_of_tries_gets_through(gaps in prop::collection::vec(0_u64..120, 1..400), names in 1_usize..400) {
            let mut tries = Tries::default();
            let here: IpAddr = "192.0.2.7".parse().unwrap();
            let (mut now, mut seen) = (S, 0);
            for (n, gap) in gaps.into_iter().enumerate() {
                now += Duration::from_secs(gap);
                if now > FORGET {
                    break;
                }
                seen += u32::from(tries.begin(now, here, &format!("n{}", n % names)).is_ok());
            }
            prop_assert!(seen <= 140, "{seen}");
        }
    }
}
