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

/// Somebody whom a provider knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Whose provider it is.
    pub authority: String,
    /// What it calls them.
    pub subject: String,
    /// What they are called on the page.
    pub name: String,
    /// What the provider wants to see again when they sign out.
    pub hint: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Person").field(&self.authority).finish()
    }
}

/// Why somebody who may sit at a desk does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// Others sit there.
    Taken,
    /// There are too many sessions.
    Full,
}

#[derive(Debug)]
struct Session {
    desk: String,
    /// Nobody who is known by name, where it was the desk's own password.
    person: Option<Person>,
    since: Duration,
    seen: Duration,
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Sessions {
    /// A desk signed in; its older sessions end. False if there are too many.
    pub fn begin(&mut self, now: Duration, token: &str, desk: &str) -> bool {
        self.put(now, token, desk, None)
    }

    /// Somebody whom a provider knows sits down where they sat already, or at the first of these desks that nobody sits at. Which it is.
    pub fn sit(
        &mut self,
        now: Duration,
        token: &str,
        desks: &[String],
        person: Person,
    ) -> Result<String, NoPlace> {
        let at = |desk: &String| {
            let mut all = self.0.values();
            all.find(|session| session.desk == *desk && !session.is_over(now))
        };
        let is_theirs = |session: &Session| {
            session.person.as_ref().is_some_and(|other| {
                (&other.authority, &other.subject) == (&person.authority, &person.subject)
            })
        };
        let theirs = desks.iter().find(|desk| at(desk).is_some_and(is_theirs));
        let free = || desks.iter().find(|desk| at(desk).is_none());
        let desk = theirs.or_else(free).ok_or(NoPlace::Taken)?.clone();
        if self.put(now, token, &desk, Some(person)) {
            Ok(desk)
        } else {
            Err(NoPlace::Full)
        }
    }

    fn put(&mut self, now: Duration, token: &str, desk: &str, person: Option<Person>) -> bool {
        self.0
            .retain(|_, session| session.desk != desk && !session.is_over(now));
        if self.0.len() >= SESSIONS {
            return false;
        }
        let session = Session {
            desk: desk.to_owned(),
            person,
            since: now,
            seen: now,
        };
        self.0.insert(digest(token), session);
        true
    }

    /// Who it is whose token this is, where a provider said so.
    pub fn person(&self, token: &str) -> Option<&Person> {
        self.0.get(&digest(token))?.person.as_ref()
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

    /// A token ends; the desk whose it was, and who it was.
    pub fn end(&mut self, token: &str) -> Option<(String, Option<Person>)> {
        let session = self.0.remove(&digest(token))?;
        Some((session.desk, session.person))
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
pub fn source(address: IpAddr) -> IpAddr {
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
        assert_eq!(sessions.end("two"), Some(("a".to_owned(), None)));
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

    fn person(subject: &str) -> Person {
        Person {
            authority: "town".to_owned(),
            subject: subject.to_owned(),
            name: String::new(),
            hint: None,
        }
    }

    /// Proves D2: who signs in with an account of the authority gets a desk that is free, the one they had already, or none; nobody is
    /// put out by somebody else.
    #[test]
    fn people_sit_down() {
        let mut sessions = Sessions::default();
        let desks = ["a".to_owned(), "b".to_owned()];
        let mut sit = |now, token: &str, subject| sessions.sit(now, token, &desks, person(subject));
        assert_eq!(sit(S, "one", "17").as_deref(), Ok("a"));
        assert_eq!(sit(S, "two", "18").as_deref(), Ok("b"));
        assert_eq!(sit(S, "three", "19"), Err(NoPlace::Taken));
        assert_eq!(sit(2 * S, "four", "18").as_deref(), Ok("b"));
        assert_eq!(sessions.desk(2 * S, "two"), None);
        assert_eq!(sessions.person("four"), Some(&person("18")));
        // The same word of another provider is somebody else.
        let other = Person {
            authority: "district".to_owned(),
            ..person("18")
        };
        assert_eq!(
            sessions.sit(3 * S, "five", &desks, other),
            Err(NoPlace::Taken)
        );
        // Whoever knows a desk's password may end what goes on there.
        assert!(sessions.begin(3 * S, "six", "a"));
        assert_eq!(sessions.desk(3 * S, "one"), None);
        assert_eq!(sessions.person("six"), None);
        let over = 4 * S + IDLE;
        assert_eq!(
            sessions.sit(over, "seven", &desks, person("19")).as_deref(),
            Ok("a")
        );
    }

    proptest! {
        /// Proves D2: at each desk sits at most one, only where they may, and whoever is turned away finds all of them taken.
        #[test]
        fn each_desk_has_one(people in prop::collection::vec((0_u8..5, prop::collection::vec(0_u8..4, 0..4)), 0..40)) {
            let mut sessions = Sessions::default();
            let mut seats: BTreeMap<String, u8> = BTreeMap::new();
            for (n, (who, desks)) in people.into_iter().enumerate() {
                let desks: Vec<String> = desks.iter().map(u8::to_string).collect();
                let token = n.to_string();
                match sessions.sit(S, &token, &desks, person(&who.to_string())) {
                    Ok(desk) => {
                        prop_assert!(desks.contains(&desk));
                        prop_assert!(seats.get(&desk).is_none_or(|other| *other == who));
                        let found = sessions.desk(S, &token);
                        prop_assert_eq!(found.as_deref(), Some(desk.as_str()));
                        seats.insert(desk, who);
                    }
                    Err(refusal) => {
                        prop_assert_eq!(refusal, NoPlace::Taken);
                        prop_assert!(desks.iter().all(|desk| seats.get(desk).is_some_and(|other| *other != who)));
                    }
                }
                prop_assert_eq!(sessions.0.len(), seats.len());
            }
        }
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
