// SPDX-License-Identifier: EUPL-1.2
//! What the exchange answers, checked: what becomes a part of an address, a request or a setting is plain.

use std::net::IpAddr;
use std::time::Duration;

use api::secret::Secret;
use serde::Deserialize;

use super::client::Way;
use super::{Phase, Standing};
use crate::account::{Account, NAME, RELAYS, Relay, RelayTransport};

/// The most bytes of a ticket's id.
const TICKET: usize = 64;
/// The longest wait that is told of.
const WAIT: u64 = 24 * 3600;

/// A ticket: a place in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its name in requests.
    pub id: String,
    /// The name at the exchange that is called.
    pub callee: String,
    /// Where it stands.
    pub standing: Standing,
}

#[derive(Deserialize)]
struct TicketText {
    id: String,
    uri: String,
    phase: Phase,
    position: u32,
    wait: Option<u64>,
}

#[derive(Deserialize)]
struct AccountText {
    uri: String,
    user: String,
    password: String,
    sip: String,
    ice: Vec<IceText>,
}

#[derive(Deserialize)]
struct IceText {
    urls: Vec<String>,
    username: String,
    credential: String,
}

/// The word of a refusal.
pub fn word(answer: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let refusal = serde_json::from_slice(answer).ok();
    refusal
        .and_then(|Refusal { error }| plain(error, |b| b.is_ascii_lowercase() || b == b'-'))
        .unwrap_or_default()
}

/// A ticket at `domain`.
pub fn ticket(answer: &[u8], domain: &str) -> Option<Ticket> {
    checked(serde_json::from_slice(answer).ok()?, domain)
}

/// Tickets at `domain`.
pub fn tickets(answer: &[u8], domain: &str) -> Option<Vec<Ticket>> {
    let all: Vec<TicketText> = serde_json::from_slice(answer).ok()?;
    all.into_iter().map(|text| checked(text, domain)).collect()
}

fn checked(text: TicketText, domain: &str) -> Option<Ticket> {
    let id = plain(text.id, |b| b.is_ascii_alphanumeric())?;
    Some(Ticket {
        callee: name(&text.uri, domain)?,
        id: (id.len() <= TICKET).then_some(id)?,
        standing: Standing {
            phase: text.phase,
            position: text.position.max(1),
            wait: text.wait.map(|wait| Duration::from_secs(wait.min(WAIT))),
        },
    })
}

/// An account, to be used on this way.
pub fn account(answer: &[u8], way: &Way) -> Option<Account> {
    let text: AccountText = serde_json::from_slice(answer).ok()?;
    let (host, port) = at(&text.sip)?;
    let relays = text.ice.into_iter().flat_map(|ice| {
        let IceText {
            urls,
            username,
            credential,
        } = ice;
        urls.into_iter()
            .map(move |url| (url, username.clone(), credential.clone()))
    });
    let relays = relays
        .take(RELAYS)
        .map(|(url, user, password)| relay(&url, user, password, way));
    Some(Account {
        domain: way.domain.clone(),
        server: (reached(host, way), port),
        roots: way.roots.clone(),
        name: name(&text.uri, &way.domain)?,
        user: user(text.user)?,
        password: Secret::new(text.password).ok()?,
        relays: relays.collect::<Option<_>>()?,
        only_relays: false,
    })
}

/// `turn:HOST:PORT?transport=udp` (RFC 7065).
fn relay(url: &str, name: String, password: String, way: &Way) -> Option<Relay> {
    let (scheme, rest) = url.split_once(':')?;
    let (place, transport) = rest.split_once("?transport=")?;
    let (host, port) = at(place)?;
    Some(Relay {
        host: reached(host, way),
        port,
        transport: match (scheme, transport) {
            ("turn", "udp") => RelayTransport::Udp,
            ("turn", "tcp") => RelayTransport::Tcp,
            ("turns", "tcp") => RelayTransport::Tls,
            _ => return None,
        },
        user: user(name)?,
        password: Secret::new(password).ok()?,
    })
}

/// How a host of the exchange is reached where names are not looked up.
fn reached(host: String, way: &Way) -> String {
    match way.address {
        Some(address) if host == way.domain => address.to_string(),
        _ => host,
    }
}

/// `HOST:PORT`, or `[ADDRESS]:PORT`.
fn at(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port > 0)?;
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let host = match bare {
        Some(bare) => bare.parse::<IpAddr>().ok()?.to_string(),
        None => plain(host.to_owned(), |b| {
            b.is_ascii_alphanumeric() || b"-.".contains(&b)
        })?,
    };
    Some((host, port))
}

/// The name in `sip:NAME@DOMAIN`, of this domain and no other.
fn name(uri: &str, domain: &str) -> Option<String> {
    let (name, at) = uri.strip_prefix("sip:")?.split_once('@')?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    (at == domain).then(|| plain(name.to_owned(), fits))?
}

/// A user's name with its expiry before it.
fn user(text: String) -> Option<String> {
    plain(text, |b| b.is_ascii_alphanumeric() || b"-._:".contains(&b))
}

fn plain(text: String, fits: impl Fn(u8) -> bool) -> Option<String> {
    let plain = !text.is_empty() && text.len() <= NAME && text.bytes().all(fits);
    plain.then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TICKET: &str = r#"{"id": "abc2345", "uri": "sip:abc2345@exchange.test", "phase": "called", "position": 2, "wait": 60}"#;
    const ACCOUNT: &str = r#"{"uri": "sip:terminal.lobby@exchange.test", "realm": "exchange.test",
        "user": "1800000000:terminal.lobby", "password": "c2VjcmV0", "expires": 1800000000, "wss": "wss://exchange.test:8444/",
        "sip": "exchange.test:5061", "ice": [{"urls": ["turn:[2001:db8::7]:3478?transport=udp",
        "turns:exchange.test:5349?transport=tcp"], "username": "1:terminal.lobby", "credential": "x/+="}]}"#;

    fn way(address: Option<&str>) -> Way {
        Way {
            domain: "exchange.test".into(),
            address: address.map(|address| address.parse().unwrap()),
            roots: "PEM".into(),
        }
    }

    /// Proves X1: an account is read as the exchange gives it, with its own name by the address the site knows; what could become
    /// something else in an address is none, and no secret is told of.
    #[test]
    fn accounts_are_plain() {
        let read = |text: &str| account(text.as_bytes(), &way(Some("192.0.2.7")));
        let account = read(ACCOUNT).unwrap();
        assert_eq!(account.server, ("192.0.2.7".to_owned(), 5061));
        assert_eq!(account.name, "terminal.lobby");
        assert_eq!(account.user, "1800000000:terminal.lobby");
        let relays: Vec<_> = account
            .relays
            .iter()
            .map(|relay| (relay.host.as_str(), relay.port, relay.transport))
            .collect();
        assert_eq!(
            relays,
            [
                ("2001:db8::7", 3478, RelayTransport::Udp),
                ("192.0.2.7", 5349, RelayTransport::Tls)
            ]
        );
        assert!(!format!("{account:?}").contains("c2VjcmV0"));
        for (from, to) in [
            ("terminal.lobby@", "t@other;x@"),
            ("@exchange.test", "@other.test"),
            ("turn:", "stun:"),
            ("[2001:db8::7]", "[relay]"),
            (":3478", ":0"),
            ("exchange.test:5061", "exchange.test"),
            ("exchange.test:5061", "a b:5061"),
            ("1:terminal.lobby", "1:terminal lobby"),
        ] {
            assert!(ACCOUNT.contains(from));
            assert!(read(&ACCOUNT.replace(from, to)).is_none(), "{from}: {to}");
        }
        let named = super::account(ACCOUNT.as_bytes(), &way(None)).unwrap();
        assert_eq!(named.server.0, "exchange.test");
    }

    /// Proves X1, X4: a ticket is read with its place; one that leads elsewhere is none.
    #[test]
    fn tickets_are_ours() {
        let read = |text: &str| ticket(text.as_bytes(), "exchange.test");
        let found = read(TICKET).unwrap();
        assert_eq!(
            (found.id.as_str(), found.callee.as_str()),
            ("abc2345", "abc2345")
        );
        assert_eq!(
            found.standing,
            Standing {
                phase: Phase::Called,
                position: 2,
                wait: Some(Duration::from_mins(1)),
            }
        );
        let unknown = read(&TICKET.replace("60", "null")).unwrap();
        assert_eq!(unknown.standing.wait, None);
        for (from, to) in [
            ("@exchange.test", "@other.test"),
            ("\"abc2345\"", "\"../tickets\""),
            ("called", "asleep"),
            ("sip:", "sips:"),
        ] {
            assert!(read(&TICKET.replace(from, to)).is_none(), "{from}: {to}");
        }
        assert_eq!(tickets(b"[]", "exchange.test"), Some(Vec::new()));
        let own = tickets(format!("[{TICKET}]").as_bytes(), "exchange.test");
        assert_eq!(own, Some(vec![found]));
    }

    proptest! {
        /// Proves X1: no answer panics, and what is kept of it is short.
        #[test]
        fn any_answer_is_safe(answer in prop::collection::vec(any::<u8>(), 0..600), text in ".{0,300}") {
            for answer in [answer.as_slice(), text.as_bytes()] {
                let _ = (ticket(answer, "exchange.test"), tickets(answer, "x"), account(answer, &way(None)));
                prop_assert!(word(answer).len() <= NAME);
            }
            let _ = (at(&text), name(&text, "x"), relay(&text, text.clone(), text.clone(), &way(None)));
        }
    }
}
