// SPDX-License-Identifier: EUPL-1.2
//! Signing in at an authority's own identity provider (D2), by OpenID Connect: the authorization code with PKCE. The exchange asks the provider
//! who somebody is, once, and nothing afterwards: a session of ours does not depend on it.
//!
//! | module | |
//! |---|---|
//! | [`pending`] | who is at a provider, and has to come back with the same browser; pure |
//! | [`callback`] | what they bring back; pure |
//! | [`metadata`], [`known`] | how a provider describes itself, and when to ask again; pure |
//! | [`keys`], [`token`] | whether a token is right; pure, but for ring's signatures |
//! | [`person`] | who it is, and where they may sit; pure |
//! | [`client`] | HTTPS to a provider |
//! | [`provider`] | what is asked of it, and what of its answers is believed |
//!
//! The protocol is ours, its cryptography is ring's, which TLS has already: what the libraries for all of it leave to their users (who is under way,
//! limits, new keys, `azp`, desks) is most of it, and they bring a second family of cryptography.

pub mod callback;
pub mod client;
pub mod keys;
pub mod known;
pub mod metadata;
pub mod pending;
pub mod person;
pub mod provider;
pub mod token;

use std::collections::BTreeMap;

use hyper::StatusCode;

use crate::config::Config;
use crate::given::GivenError;
use client::ClientError;
pub use provider::Provider;
use token::TokenError;

/// Characters of what proves that a code is for us: 260 bits.
pub const VERIFIER: usize = 52;

/// Why a provider cannot be used, before it is asked anything.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ProviderError {
    /// A file cannot be used.
    #[error("{error} (identity provider of `{authority}`)")]
    #[diagnostic(help(
        "`[authority.identity-provider]` names files that the exchange's user may read; the secret's is for nobody else (`chmod o= FILE`)"
    ))]
    File {
        /// Whose.
        authority: String,
        /// Which, and why not.
        error: GivenError,
    },
    /// There is no secret.
    #[error("there is no secret for the identity provider of `{authority}`")]
    #[diagnostic(help(
        "the provider knows it: write it into a file and name that (`secret = \"provider.secret\"`), or give it to systemd as the credential `exchange.provider.{authority}`"
    ))]
    NoSecret {
        /// Whose.
        authority: String,
    },
    /// It is believed by nobody.
    #[error("cannot trust the identity provider of `{authority}`: {why}")]
    #[diagnostic(help(
        "`authority` names who certifies it, in PEM form; without it this machine has to trust somebody (the package `ca-certificates`)"
    ))]
    Trust {
        /// Whose.
        authority: String,
        /// Why not.
        why: String,
    },
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The provider is not to be had.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// It is, but fails.
    #[error("it fails ({0})")]
    Fails(StatusCode),
    /// Too many are asked about already, or it took too long.
    #[error("too many sign in at once, or it is slow")]
    Busy,
    /// What it says is not what it has to be.
    #[error("{0}")]
    Odd(&'static str),
    /// Its token is not right.
    #[error("its token is not taken: {0}")]
    Token(#[from] TokenError),
    /// It does not know us, or our secret.
    #[error("it does not take `client` and its secret ({0})")]
    Unknown(String),
    /// The code is none any more.
    #[error("it does not take the code (invalid_grant)")]
    Over,
    /// It, or the person, said no.
    #[error("it refuses ({0})")]
    Refused(String),
    /// The person has no desk.
    #[error("none of the groups that it names has a desk")]
    NoDesk,
}

impl Fault {
    /// The word for the page.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Client(ClientError::Unreachable(_) | ClientError::Silent)
            | Self::Fails(_)
            | Self::Busy => "away",
            Self::Client(_) | Self::Odd(_) | Self::Token(_) | Self::Unknown(_) => "untrusted",
            Self::Over => "late",
            Self::Refused(_) => "refused",
            Self::NoDesk => "no-desk",
        }
    }
}

/// Somebody who was at a provider.
#[derive(Debug)]
pub struct Arrived {
    /// What the provider calls them.
    pub subject: String,
    /// What they are called on the page.
    pub name: String,
    /// Where they may sit, of these the first that is not taken.
    pub desks: Vec<String>,
    /// What the provider wants to see again when they sign out.
    pub hint: Option<String>,
}

/// The identity providers, by whose they are.
#[derive(Debug, Default)]
pub struct Providers(BTreeMap<String, Provider>);

impl Providers {
    /// Reads what the configuration names; nothing is asked of the network.
    pub fn read(config: &Config) -> Result<Self, ProviderError> {
        let mut all = BTreeMap::new();
        for authority in &config.authorities {
            if let Some(named) = &authority.provider {
                let provider = Provider::read(named, &authority.id, &config.page())?;
                all.insert(authority.id.clone(), provider);
            }
        }
        Ok(Self(all))
    }

    /// The one of this authority.
    pub fn of(&self, authority: &str) -> Option<&Provider> {
        self.0.get(authority)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
