// SPDX-License-Identifier: EUPL-1.2
//! Where accounts come from: a file that is read anew for each call, since credentials last for a while only.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use api::secret::Secret;
use serde::Deserialize;
use thiserror::Error;

use crate::account::{Account, NAME, RELAYS, Relay, RelayTransport};

/// The most bytes of the file.
const FILE: u64 = 64 * 1024;

/// Why there is no account.
#[derive(Debug, Error)]
pub enum AccountError {
    /// The file is not there, or cannot be read.
    #[error("cannot read the account {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// It is none. Of what is in it nothing is said: it holds secrets.
    #[error("{0} is no account")]
    Form(PathBuf),
}

/// Gives an account for a call.
pub trait Accounts: Send {
    /// The account of now.
    fn account(&self) -> Result<Account, AccountError>;
}

/// Accounts in a file (JSON) that something else keeps new.
#[derive(Clone, Debug)]
pub struct AccountFile(pub PathBuf);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    domain: String,
    server: (String, u16),
    roots: String,
    name: String,
    user: String,
    password: String,
    #[serde(default)]
    relays: Vec<RelayText>,
    #[serde(default)]
    only_relays: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RelayText {
    host: String,
    port: u16,
    transport: String,
    user: String,
    password: String,
}

impl Accounts for AccountFile {
    fn account(&self) -> Result<Account, AccountError> {
        let read = |source| AccountError::Read {
            path: self.0.clone(),
            source,
        };
        let form = || AccountError::Form(self.0.clone());
        let mut text = String::new();
        File::open(&self.0)
            .and_then(|file| file.take(FILE).read_to_string(&mut text))
            .map_err(read)?;
        let parsed: Text = serde_json::from_str(&text).map_err(|_| form())?;
        account(parsed).ok_or_else(form)
    }
}

fn account(text: Text) -> Option<Account> {
    let relays = text.relays.into_iter().take(RELAYS);
    let account = Account {
        domain: host(text.domain)?,
        server: (host(text.server.0)?, text.server.1),
        roots: text.roots,
        name: user(text.name)?,
        user: user(text.user)?,
        password: Secret::new(text.password).ok()?,
        relays: relays.map(relay).collect::<Option<_>>()?,
        only_relays: text.only_relays,
    };
    Some(account)
}

fn relay(text: RelayText) -> Option<Relay> {
    Some(Relay {
        host: host(text.host)?,
        port: text.port,
        transport: match text.transport.as_str() {
            "udp" => RelayTransport::Udp,
            "tcp" => RelayTransport::Tcp,
            "tls" => RelayTransport::Tls,
            _ => return None,
        },
        user: user(text.user)?,
        password: Secret::new(text.password).ok()?,
    })
}

/// A name or an address, which becomes a part of others.
fn host(text: String) -> Option<String> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-.".contains(&b);
    plain(text, fits)
}

/// A user's name; one with its expiry before it has a colon.
fn user(text: String) -> Option<String> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._:".contains(&b);
    plain(text, fits)
}

fn plain(text: String, fits: impl Fn(u8) -> bool) -> Option<String> {
    let plain = !text.is_empty() && text.len() <= NAME && text.bytes().all(fits);
    plain.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = r#"{"domain": "exchange.test", "server": ["127.0.0.1", 5061], "roots": "", "name": "terminal-1",
        "user": "1800000000:terminal-1", "password": "c2VjcmV0",
        "relays": [{"host": "relay.test", "port": 3478, "transport": "udp", "user": "1:t", "password": "x/+="}]}"#;

    fn read(text: &str) -> Result<Account, AccountError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        AccountFile(file.path().to_owned()).account()
    }

    /// Proves X1: an account is read as it was written; what could become something else in an address is none, and no secret is
    /// told of.
    #[test]
    fn accounts_are_plain() {
        let account = read(ACCOUNT).unwrap();
        assert_eq!(account.user, "1800000000:terminal-1");
        assert_eq!(account.relays.len(), 1);
        assert!(!format!("{account:?}").contains("c2VjcmV0"));
        for (from, to) in [
            ("terminal-1\",", "t@other;x\","),
            ("relay.test", "relay.test?transport=udp"),
            ("\"udp\"", "\"sctp\""),
            ("exchange.test", ""),
            ("{\"domain\"", "{\"other\": 1, \"domain\""),
        ] {
            assert!(ACCOUNT.contains(from));
            let error = read(&ACCOUNT.replace(from, to)).unwrap_err();
            assert!(!error.to_string().contains("c2VjcmV0"), "{error}");
        }
    }
}
