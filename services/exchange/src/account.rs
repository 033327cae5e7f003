// SPDX-License-Identifier: EUPL-1.2
//! Short-lived accounts: the user is "EXPIRY:name", the password an HMAC of it. Kamailio (`auth_ephemeral`) and coturn
//! (`use-auth-secret`) check them with the secret alone, so that there is no list of passwords anywhere.

use std::net::IpAddr;
use std::time::Duration;

use api::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use serde::Serialize;
use sha1::Sha1;

use crate::config::Config;

/// An account holds so long; whoever needs more asks again.
pub const LIFETIME: Duration = Duration::from_mins(10);

/// Who an account is for. SIP addresses of desks and terminals cannot be taken for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder<'a> {
    /// A desk: registers, and is called.
    Desk(&'a str),
    /// A terminal: calls.
    Terminal(&'a str),
    /// A practice of a desk: calls this desk.
    Practice(&'a str),
}

impl std::fmt::Display for Holder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Desk(id) => write!(f, "desk.{id}"),
            Self::Terminal(id) => write!(f, "terminal.{id}"),
            Self::Practice(id) => write!(f, "practice.{id}"),
        }
    }
}

impl<'a> Holder<'a> {
    /// Reads the user part of an address.
    pub fn parse(user: &'a str) -> Option<Self> {
        if let Some(id) = user.strip_prefix("desk.") {
            return Some(Self::Desk(id));
        }
        if let Some(id) = user.strip_prefix("practice.") {
            return Some(Self::Practice(id));
        }
        user.strip_prefix("terminal.").map(Self::Terminal)
    }
}

/// All that is needed to call or to be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The own address, `sip:desk.one@DOMAIN`.
    pub uri: String,
    /// The realm of digest authentication.
    pub realm: String,
    /// The user of digest authentication: "EXPIRY:name".
    pub user: String,
    /// Its password.
    pub password: String,
    /// Seconds since 1970 at which both end.
    pub expires: u64,
    /// SIP over secure WebSocket.
    pub wss: String,
    /// SIP over TLS, `HOST:PORT`.
    pub sip: String,
    /// What ICE is told, in the form of browsers (`RTCIceServer`).
    pub ice: Vec<IceServer>,
}

/// A STUN or TURN server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IceServer {
    /// `turn:` and `turns:` addresses.
    pub urls: Vec<String>,
    /// "EXPIRY:name".
    pub username: String,
    /// Its password.
    pub credential: String,
}

/// The password of `user`.
pub fn password(secret: &Secret, user: &str) -> String {
    // HMAC takes keys of every length: this cannot fail.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.expose().as_bytes()) else {
        return String::new();
    };
    mac.update(user.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// An account that begins now (`now`: since 1970).
pub fn account(
    config: &Config,
    sip_secret: &Secret,
    turn_secret: &Secret,
    holder: Holder<'_>,
    now: Duration,
) -> Account {
    let expires = (now + LIFETIME).as_secs();
    let user = format!("{expires}:{holder}");
    let (domain, ports) = (&config.domain, config.ports);
    let host = match config.outside() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    Account {
        uri: format!("sip:{holder}@{domain}"),
        realm: domain.clone(),
        password: password(sip_secret, &user),
        expires,
        wss: format!("wss://{domain}:{}/", ports.wss),
        sip: format!("{domain}:{}", ports.sip),
        ice: vec![IceServer {
            urls: vec![
                // By address where no certificate is checked: a call goes on when names are not resolved.
                format!("turn:{host}:{}?transport=udp", ports.turn),
                format!("turns:{domain}:{}?transport=tcp", ports.turns),
            ],
            username: user.clone(),
            credential: password(turn_secret, &user),
        }],
        user,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves X1: passwords are what `auth_ephemeral` and coturn compute (as `openssl dgst -sha1 -hmac` does).
    #[test]
    fn a_password_is_the_hmac_of_the_user() {
        let secret = Secret::new("geheim".to_owned()).unwrap();
        // printf 1700000000:desk.one | openssl dgst -sha1 -hmac geheim -binary | base64
        assert_eq!(
            password(&secret, "1700000000:desk.one"),
            "O6UI95VyN6levn0hR4YIhGjD120="
        );
        assert_ne!(
            password(&secret, "1700000001:desk.one"),
            password(&secret, "1700000000:desk.one")
        );
    }

    #[test]
    fn holders_are_told_apart() {
        for holder in [
            Holder::Desk("a.b"),
            Holder::Terminal("desk.x"),
            Holder::Practice("terminal.x"),
        ] {
            assert_eq!(Holder::parse(&holder.to_string()), Some(holder));
        }
        assert_eq!(Holder::parse("other"), None);
    }
}
