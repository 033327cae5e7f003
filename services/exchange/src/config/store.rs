// SPDX-License-Identifier: EUPL-1.2
//! Which database of PostgreSQL is used, if one is.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use url::Url;

use super::check::{Checked, fault, path};
use super::raw;

/// The port of PostgreSQL.
const PORT: u16 = 5432;
/// PostgreSQL cuts longer names.
const NAME: usize = 63;
/// What an address looks like.
const SHAPE: &str = "`postgres://USER@HOST/DATABASE`, or with a local socket in /run/postgresql `postgres://USER@%2Frun%2Fpostgresql/DATABASE`";

/// A database of PostgreSQL. No password is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postgres {
    /// Where its server is.
    pub server: Server,
    /// The port there; of a socket it is part of the file's name.
    pub port: u16,
    /// Whom the exchange is there.
    pub user: String,
    /// The name of the database.
    pub database: String,
    /// The file with the password.
    pub password: Option<PathBuf>,
    /// Who certifies the server, in PEM, beside the authorities of this machine.
    pub authority: Option<PathBuf>,
}

/// Where a server of PostgreSQL is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// In this directory is its socket.
    Socket(PathBuf),
    /// A name or an address; it is talked to by TLS, and has to prove that it is it.
    Host(String),
}

impl fmt::Display for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            port,
            user,
            database,
            ..
        } = self;
        match &self.server {
            Server::Socket(dir) => write!(
                f,
                "PostgreSQL by the socket {}/.s.PGSQL.{port}, database `{database}`, user `{user}`",
                dir.display()
            ),
            Server::Host(host) => write!(
                f,
                "PostgreSQL by TLS at {host}, port {port}, database `{database}`, user `{user}`"
            ),
        }
    }
}

pub fn store(raw: raw::Store) -> Checked<Postgres> {
    let span = raw.url.span();
    let wrong = |message: &str, help: &str| fault(span.clone(), "exchange::store", message, help);
    let Ok(url) = Url::parse(raw.url.get_ref()) else {
        return wrong("this is not the address of a database", SHAPE);
    };
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return wrong(
            "only PostgreSQL is used beside the exchange's own file",
            SHAPE,
        );
    }
    if url.password().is_some() {
        return wrong(
            "no password belongs here: this file is read by many",
            "write it into a file that only the exchange's user can read, and name that: `password = \"database.password\"`",
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong(
            "an address of a database has no options here",
            "TLS is always used and checked in full, but for a local socket; `authority` names who certifies the server",
        );
    }
    if !is_name(url.username()) {
        return wrong("this address names no user", SHAPE);
    }
    let database = url.path().strip_prefix('/').unwrap_or_default();
    if !is_name(database) {
        return wrong("this address names no database", SHAPE);
    }
    let Some(server) = server(&url) else {
        return wrong("this address names no server", SHAPE);
    };
    let (user, database) = (url.username().to_owned(), database.to_owned());
    if let (Server::Socket(_), Some(authority)) = (&server, &raw.authority) {
        return fault(
            authority.span(),
            "exchange::store",
            "nobody certifies a local socket",
            "leave `authority` out: TLS is used with a server in the network",
        );
    }
    Ok(Postgres {
        server,
        port: url.port().unwrap_or(PORT),
        user,
        database,
        password: raw
            .password
            .map(|raw| path(raw, "a file with the password, and nothing else"))
            .transpose()?,
        authority: raw
            .authority
            .map(|raw| path(raw, "a file in PEM form"))
            .transpose()?,
    })
}

/// What needs no quoting, in no place where it is used.
fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (1..=NAME).contains(&text.len()) && text.chars().all(allowed)
}

fn server(url: &Url) -> Option<Server> {
    let host = url.host_str()?;
    let plain = host.replace("%2F", "/").replace("%2f", "/");
    let bare = plain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(&plain);
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '/');
    if bare.is_empty() || !bare.chars().all(allowed) {
        return None;
    }
    match bare.starts_with('/') {
        true => Some(Server::Socket(PathBuf::from(bare))),
        false if bare.contains('/') => None,
        false => Some(Server::Host(bare.to_owned())),
    }
}

/// The same text, of the same length, with stars where addresses in it have passwords.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    for (at, marker) in text.match_indices("://") {
        let start = at + marker.len();
        let rest = text.get(start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        // A password may have any character, an `@` too.
        let Some((before, _)) = line.rsplit_once('@') else {
            continue;
        };
        let Some((user, password)) = before.split_once(':') else {
            continue;
        };
        let from = start + user.len() + 1;
        out.to_mut()
            .replace_range(from..from + password.len(), &"*".repeat(password.len()));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::parse;

    fn parsed(store: &str) -> Result<Option<Postgres>, String> {
        let sample = include_str!("../../sample.toml");
        let text = sample.replacen("[ports]", &format!("[store]\n{store}\n[ports]"), 1);
        match parse("sample.toml", &text) {
            Ok(config) => Ok(config.store),
            Err(error) => Err(format!("{:?}", miette::Report::from(*error))),
        }
    }

    /// Proves X6: a database is named by an address, on a socket or by TLS; what cannot be is told before anything is tried.
    #[test]
    fn a_database_is_named_by_its_address() {
        let url = |url: &str| parsed(&format!("url = \"{url}\"")).map(Option::unwrap);
        let by_tls = url("postgres://exchange@database.example/town").unwrap();
        assert_eq!(by_tls.server, Server::Host("database.example".to_owned()));
        assert_eq!(
            (by_tls.port, &*by_tls.user, &*by_tls.database),
            (PORT, "exchange", "town")
        );
        let six = url("postgresql://exchange@[2001:db8::1]:5433/town").unwrap();
        assert_eq!(
            (six.server, six.port),
            (Server::Host("2001:db8::1".to_owned()), 5433)
        );
        let socket = url("postgres://exchange@%2Frun%2Fpostgresql/town").unwrap();
        assert_eq!(socket.server, Server::Socket("/run/postgresql".into()));
        for (wrong, said) in [
            ("mysql://a@b/c", "only PostgreSQL"),
            ("town", "not the address"),
            ("postgres://exchange@/town", "not the address"),
            ("postgres://database.example/town", "no user"),
            ("postgres://exchange@database.example", "no database"),
            ("postgres://exchange@database.example/a/b", "no database"),
            ("postgres://exchange@data%20base/town", "no server"),
            ("postgres://exchange@b/town?sslmode=disable", "no options"),
        ] {
            let told = url(wrong).unwrap_err();
            assert!(told.contains(said), "{wrong}: {told}");
        }
        let both = "url = \"postgres://a@%2Frun/b\"\nauthority = \"ca.pem\"";
        assert!(parsed(both).unwrap_err().contains("local socket"));
    }

    /// Proves X1, X6: a password in the address is refused, and shown by no mistake in the file, wherever that is.
    #[test]
    fn a_password_is_not_shown() {
        let told =
            parsed("url = \"postgres://exchange:ge:h@im@database.example/town\"").unwrap_err();
        assert!(
            told.contains("no password belongs here") && told.contains("exchange:*"),
            "{told}"
        );
        assert!(!told.contains("ge:h") && !told.contains("im@"), "{told}");
        let told = parsed("url = \"postgres://exchange:geheim@database.example/town\"\nnonsense")
            .unwrap_err();
        assert!(!told.contains("geheim"), "{told}");
    }

    proptest! {
        /// Proves X1: no text panics, and places in it stay where they are.
        #[test]
        fn redacting_keeps_places(text in "[a:/@ü\"\n]{0,60}") {
            let redacted = redacted(&text);
            prop_assert_eq!(redacted.len(), text.len());
            prop_assert_eq!(redacted.matches('\n').count(), text.matches('\n').count());
            let _ = parsed(&format!("url = {text:?}"));
        }
    }
}
