// SPDX-License-Identifier: EUPL-1.2
//! The configuration of an exchange: one TOML file, in which everything refers to something that exists, or a
//! [`Diagnostic`](site::Diagnostic) that points at the line.

mod check;
mod ports;
mod provider;
mod raw;
mod store;

use std::collections::BTreeSet;
use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use site::{Diagnostic, Hours, Kind, Text};

pub use check::limits;
pub use provider::Provider;
pub use store::{Postgres, Server};

/// Everything an exchange has to know, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name by which it is reached, and the domain of all SIP addresses.
    pub domain: String,
    /// The address it listens on.
    pub address: IpAddr,
    /// The address that others see, where a router passes everything on to [`Self::address`].
    pub public_address: Option<IpAddr>,
    /// Whose clock opening hours mean.
    pub time_zone: TimeZone,
    /// Whose holidays are kept.
    pub holidays: Holidays,
    /// Where it listens.
    pub ports: Ports,
    /// The certificate for its domain; without one it makes its own, for trying out.
    pub certificate: Option<Certificate>,
    /// The database where what outlives a restart is kept; without one it is a file in the state directory.
    pub store: Option<Postgres>,
    /// How much of everything.
    pub limits: Limits,
    /// The authorities, in the order of the file.
    pub authorities: Vec<Authority>,
    /// The departments, in the order of the file.
    pub departments: Vec<Department>,
    /// The desks.
    pub desks: Vec<Desk>,
    /// The terminals that may be enrolled.
    pub terminals: Vec<Terminal>,
    /// When somebody is away.
    pub absences: Vec<Absence>,
}

/// Whose public holidays are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holidays {
    /// Those of Saxony.
    #[default]
    Saxony,
    /// None: all of them are written as absences.
    None,
}

/// The ports it listens on. All but `control` are reached from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The desk's page and its API; enrolment.
    pub https: u16,
    /// The terminals' API, with certificates on both sides.
    pub terminals: u16,
    /// SIP over TLS.
    pub sip: u16,
    /// SIP over secure WebSocket.
    pub wss: u16,
    /// TURN and STUN over UDP.
    pub turn: u16,
    /// TURN over TLS.
    pub turns: u16,
    /// What Kamailio asks, on loopback.
    pub control: u16,
    /// Relayed media, UDP.
    pub relay: (u16, u16),
}

/// A certificate of the operator's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The chain in PEM, its own first.
    pub chain: PathBuf,
    /// The private key in PEM.
    pub key: PathBuf,
}

/// What one source may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// SIP requests a second from one address.
    pub sip_requests: u16,
    /// Relayed kbit/s of one call's side.
    pub relay_kbit: u32,
}

/// Who is responsible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// A short word.
    pub id: String,
    /// Its level.
    pub kind: Kind,
    /// What people call it.
    pub name: Text,
    /// Where its clerks sign in, if it has accounts of its own.
    pub provider: Option<Provider>,
}

/// What people come for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// A short word.
    pub id: String,
    /// Whose it is.
    pub authority: String,
    /// In the words of citizens.
    pub name: Text,
    /// When somebody is there.
    pub hours: Hours,
    /// A department of the same authority whose desks help out after so long.
    pub overflow: Option<(String, Duration)>,
}

/// A workplace where calls are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// A short word; it signs in with it.
    pub id: String,
    /// Whose it is.
    pub authority: String,
    /// What it serves, all of that authority.
    pub departments: BTreeSet<String>,
}

/// A terminal that may be enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// A short word.
    pub id: String,
    /// The authorities it may call.
    pub authorities: BTreeSet<String>,
}

/// Days on which nobody is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Who.
    pub of: Absent,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// What people are told.
    pub note: Option<Text>,
}

/// Who is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absent {
    /// All departments of an authority.
    Authority(String),
    /// One department.
    Department(String),
}

impl Config {
    /// The authority of this id.
    pub fn authority(&self, id: &str) -> Option<&Authority> {
        self.authorities.iter().find(|authority| authority.id == id)
    }

    /// Whether this desk may be signed in at with a password of its own.
    pub fn takes_password(&self, desk: &Desk) -> bool {
        let provider = self.authority(&desk.authority);
        let provider = provider.and_then(|authority| authority.provider.as_ref());
        provider.is_none_or(|provider| provider.passwords)
    }

    /// The department of this id.
    pub fn department(&self, id: &str) -> Option<&Department> {
        self.departments
            .iter()
            .find(|department| department.id == id)
    }

    /// The desk of this id.
    pub fn desk(&self, id: &str) -> Option<&Desk> {
        self.desks.iter().find(|desk| desk.id == id)
    }

    /// The terminal of this id.
    pub fn terminal(&self, id: &str) -> Option<&Terminal> {
        self.terminals.iter().find(|terminal| terminal.id == id)
    }

    /// The address that others use.
    pub fn outside(&self) -> IpAddr {
        self.public_address.unwrap_or(self.address)
    }

    /// Where it listens at `port`.
    pub fn listen(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.address, port)
    }

    /// Where Kamailio asks.
    pub fn control(&self) -> SocketAddr {
        SocketAddr::new(std::net::Ipv4Addr::LOCALHOST.into(), self.ports.control)
    }

    /// The address of the desk's page.
    pub fn page(&self) -> String {
        match self.ports.https {
            443 => format!("https://{}", self.domain),
            port => format!("https://{}:{port}", self.domain),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}", .path.display())]
    #[diagnostic(help("name a file that this user may read"))]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// It says something that cannot be.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Wrong(#[from] Box<Diagnostic>),
}

/// Reads and checks a configuration; `name` is how diagnostics call the file.
pub fn parse(name: &str, text: &str) -> Result<Config, Box<Diagnostic>> {
    // A diagnostic shows lines of the file, and ends up in logs: no password may be in it.
    check::run(text).map_err(|fault| fault.in_file(name, &store::redacted(text)))
}

/// Reads and checks a file. Paths in it are relative to it.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let failed = |source| ConfigError::Read {
        path: path.to_owned(),
        source,
    };
    let mut text = String::new();
    std::fs::File::open(path)
        .map_err(failed)?
        .take(limits::FILE as u64 + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    let mut config = parse(&path.display().to_string(), &text)?;
    let dir = path.parent().unwrap_or(Path::new("."));
    let certificate = config.certificate.iter_mut();
    let certificate = certificate.flat_map(|files| [&mut files.chain, &mut files.key]);
    let store = config.store.iter_mut();
    let store = store.flat_map(|store| store.password.iter_mut().chain(&mut store.authority));
    let providers = config.authorities.iter_mut();
    let providers = providers.filter_map(|authority| authority.provider.as_mut());
    let providers =
        providers.flat_map(|provider| provider.secret.iter_mut().chain(&mut provider.authority));
    for file in certificate.chain(store).chain(providers) {
        *file = dir.join(&file);
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves X1, X4: the sample that is also the reference is right, and says every key there is.
    #[test]
    fn the_sample_is_right() {
        let text = include_str!("../../sample.toml");
        let config = parse("sample.toml", text).unwrap();
        assert_eq!(
            (config.authorities.len(), config.departments.len()),
            (5, 14)
        );
        // What is commented out is right as well.
        let text = text.replace("# public-address", "public-address");
        let text = text
            .replace("# [certificate]", "[certificate]")
            .replace("# chain", "chain")
            .replace("# key", "key")
            .replace("# [store]", "[store]")
            .replace("# url", "url")
            .replace("# password", "password")
            .replace("# authority", "authority")
            .replace("# [authority.", "[authority.");
        let text = [
            "issuer", "client", "secret", "scopes", "person", "groups", "label", "desks",
        ]
        .iter()
        .fold(text, |text, key| {
            text.replace(&format!("# {key} = "), &format!("{key} = "))
        });
        let config = parse("sample.toml", &text).unwrap();
        assert!(config.public_address.is_some() && config.certificate.is_some());
        assert!(config.store.is_some());
        let provider = config.authority("town").unwrap().provider.as_ref();
        assert_eq!(provider.unwrap().desks.len(), 2);
    }
}
