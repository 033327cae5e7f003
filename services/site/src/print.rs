// SPDX-License-Identifier: EUPL-1.2
//! What documents are printed on. A printer that is plugged in is found by itself; one in the network is used only if it is named here, and
//! only by TLS: what is printed in the clear can be read on the way, and what a printer does not take stays in the network's buffers.

use std::fmt;
use std::net::Ipv6Addr;

use crate::{Fingerprint, Host, Text};

/// What documents are printed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Print {
    /// Printers in the network, in the order in which they are tried.
    pub printers: Vec<Printer>,
    /// Where the paper comes out, in a sentence.
    pub outlet: Option<Text>,
}

/// A printer in the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printer {
    /// Where it is.
    pub address: Address,
    /// By what it is known; without it any printer that answers there is taken for it.
    pub certificate: Option<Fingerprint>,
}

/// The address of a printer: `ipps://192.0.2.7/ipp/print`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The most characters.
    const MOST: usize = 200;

    /// Reads an address with a whole host name, an IPv4 or an IPv6 address, a port or none, and a path of plain characters.
    pub fn parse(text: &str) -> Option<Self> {
        let is_good = is_place(text.strip_prefix("ipps://")?);
        (is_good && text.len() <= Self::MOST).then(|| Self(text.to_owned()))
    }
}

/// Whether this is a whole host name, an IPv4 or an IPv6 address, a port or none, and a path of plain characters.
pub(crate) fn is_place(rest: &str) -> bool {
    let Some((authority, path)) = rest.split_once('/') else {
        return false;
    };
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"/-_.~".contains(&c);
    let is_path = !path.is_empty() && path.bytes().all(plain);
    let (is_host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        let port = match port {
            "" => None,
            // What is no colon is no port either.
            port => Some(port.strip_prefix(':').unwrap_or_default()),
        };
        (address.parse::<Ipv6Addr>().is_ok(), port)
    } else {
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        (Host::parse(host).is_some(), port)
    };
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    is_path && is_host && is_port
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T7, T15: printers are named by whole addresses, never in the clear, and nothing that could be mistaken for anything else is one.
    #[test]
    fn addresses_are_whole() {
        for good in [
            "ipps://192.0.2.7/ipp/print",
            "ipps://printer.rathaus.example:8631/ipp/print/tray-2",
            "ipps://[fd00::5]:631/ipp/print",
            "ipps://[fd00::5]/ipp",
        ] {
            assert_eq!(Address::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "192.0.2.7",
            "http://192.0.2.7/ipp",
            "ipp://192.0.2.7/ipp",
            "ipps://printer/ipp",
            "ipps://192.0.2.7",
            "ipps://192.0.2.7/",
            "ipps://192.0.2.7:0/ipp",
            "ipps://192.0.2.7:99999/ipp",
            "ipps://192.0.2.7:/ipp",
            "ipps://user@192.0.2.7/ipp",
            "ipps://192.0.2.7/ipp?a=b",
            "ipps://192.0.2.7/ipp print",
            "ipps://[fd00::5/ipp",
            "ipps://[fd00::5]631/ipp",
            "ipps://[fd00::zz]/ipp",
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
        let long = format!("ipps://192.0.2.7/{}", "a".repeat(200));
        assert_eq!(Address::parse(&long), None);
    }
}
