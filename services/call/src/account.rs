// SPDX-License-Identifier: EUPL-1.2
//! What a terminal calls with: where the exchange is, whom it trusts, and credentials that last for a while.

use api::secret::Secret;

/// The most bytes of a name in an account.
pub const NAME: usize = 255;
/// More relays than are tried.
pub const RELAYS: usize = 4;

/// The exchange, and who we are to it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The domain of all addresses, for which the exchange has to have a certificate.
    pub domain: String,
    /// Where its SIP over TLS is: a name or an address, and a port.
    pub server: (String, u16),
    /// The certificates that may have signed the exchange's, as PEM.
    pub roots: String,
    /// Our own address' name: `sip:NAME@DOMAIN`.
    pub name: String,
    /// The name for the exchange's challenge: `EXPIRY:NAME`.
    pub user: String,
    /// And the password for it.
    pub password: Secret,
    /// Where media are relayed if they don't get through otherwise.
    pub relays: Vec<Relay>,
    /// Whether nothing but relays is used.
    pub only_relays: bool,
}

/// A TURN server.
#[derive(Clone, Debug)]
pub struct Relay {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is reached.
    pub transport: RelayTransport,
    /// The name, good for a while.
    pub user: String,
    /// And its password.
    pub password: Secret,
}

/// How a relay is reached. What it relays is encrypted end to end in each case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayTransport {
    /// By UDP.
    Udp,
    /// By TCP, where UDP is not let through.
    Tcp,
    /// By TLS over TCP.
    Tls,
}
