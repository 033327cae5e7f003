// SPDX-License-Identifier: EUPL-1.2
//! coturn's configuration: a relay for those who have a short-lived account, and for nothing but media of calls.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::kamailio::CIPHERS;
use crate::state::Secrets;

/// Networks that a relay must not lead into: this machine itself, and what is no host.
const NEVER: &[&str] = &[
    "0.0.0.0-0.255.255.255",
    "127.0.0.0-127.255.255.255",
    "169.254.0.0-169.254.255.255",
    "224.0.0.0-255.255.255.255",
    "::1",
    "fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
];

/// The files that coturn uses.
#[derive(Clone, Debug)]
pub struct Files {
    /// `turnserver.conf`.
    pub main: PathBuf,
    /// The certificate chain.
    pub chain: PathBuf,
    /// The private key.
    pub key: PathBuf,
    /// Its database of users, which stays empty.
    pub users: PathBuf,
    /// Its process id.
    pub pid: PathBuf,
}

/// `turnserver.conf`.
pub fn main(config: &Config, secrets: &Secrets, files: &Files) -> String {
    let ports = config.ports;
    let (first, last) = ports.relay;
    let mut text = format!(
        "# Made by `exchange` from its own configuration: what is changed here is overwritten.\n\
         listening-ip={address}\n\
         relay-ip={address}\n\
         listening-port={turn}\n\
         tls-listening-port={turns}\n\
         min-port={first}\n\
         max-port={last}\n\
         realm={domain}\n\
         server-name={domain}\n\
         fingerprint\n\
         use-auth-secret\n\
         static-auth-secret={secret}\n\
         stale-nonce=600\n\
         max-allocate-lifetime=3600\n\
         user-quota=16\n\
         total-quota={total}\n\
         max-bps={bps}\n\
         cert={chain}\n\
         pkey={key}\n\
         cipher-list=\"{CIPHERS}\"\n\
         no-tlsv1\n\
         no-tlsv1_1\n\
         # Plain TCP is not offered: TURN over TCP is encrypted, and over UDP what is relayed is.\n\
         no-tcp\n\
         no-dtls\n\
         no-tcp-relay\n\
         no-multicast-peers\n\
         no-cli\n\
         no-rfc5780\n\
         no-stun-backward-compatibility\n\
         response-origin-only-with-rfc5780\n\
         no-software-attribute\n\
         userdb={users}\n\
         pidfile={pid}\n\
         log-file=stdout\n\
         simple-log\n\
         no-stdout-log\n",
        address = config.address,
        turn = ports.turn,
        turns = ports.turns,
        domain = config.domain,
        secret = secrets.turn.expose(),
        total = u32::from(last - first) + 1,
        // Bytes a second of one session.
        bps = config.limits.relay_kbit * 1000 / 8,
        chain = files.chain.display(),
        key = files.key.display(),
        users = files.users.display(),
        pid = files.pid.display(),
    );
    if let Some(public) = config.public_address {
        // Writing to a String does not fail.
        let _ = writeln!(text, "external-ip={public}/{}", config.address);
    }
    for network in NEVER {
        // An exchange that is tried out on loopback has to relay there.
        if config.address.is_loopback() && matches!(*network, "127.0.0.0-127.255.255.255" | "::1") {
            continue;
        }
        let _ = writeln!(text, "denied-peer-ip={network}");
    }
    if config.address.is_loopback() {
        text.push_str("allow-loopback-peers\n");
    } else if let IpAddr::V4(address) = config.address {
        // Its own other ports are reached by nobody through the relay, except for the relay itself.
        let _ = writeln!(
            text,
            "# {address} is its own relay's address: two relayed sides of a call meet there."
        );
    }
    text
}

/// The arguments.
pub fn arguments(files: &Files) -> Vec<String> {
    let path: &Path = &files.main;
    vec!["-c".to_owned(), path.display().to_string()]
}
