// SPDX-License-Identifier: EUPL-1.2
//! What papers are scanned on. A scanner that is plugged in is found by itself; one in the network is used only if it is named here, and
//! only by TLS: what comes in the clear can be read on the way, and stays in the buffers of the network card after a session.

use std::fmt;

use crate::print::is_place;

/// What papers are scanned on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Scanners in the network, in the order in which they are tried.
    pub scanners: Vec<ScannerAddress>,
}

/// The address of a scanner that speaks eSCL: `https://192.0.2.7/eSCL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannerAddress(String);

impl ScannerAddress {
    /// The most characters.
    const MOST: usize = 200;

    /// Reads an address with a whole host name, an IPv4 or an IPv6 address, a port or none, and a path of plain characters.
    pub fn parse(text: &str) -> Option<Self> {
        let is_good = is_place(text.strip_prefix("https://")?);
        (is_good && text.len() <= Self::MOST).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for ScannerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T6, T15: scanners are named by whole addresses, never in the clear, and nothing that SANE's configuration could mistake for anything else is one.
    #[test]
    fn addresses_are_whole() {
        for good in [
            "https://192.0.2.7/eSCL",
            "https://scanner.rathaus.example:8443/eSCL",
            "https://[fd00::5]:443/eSCL",
        ] {
            assert_eq!(ScannerAddress::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "192.0.2.7",
            "http://192.0.2.7/eSCL",
            "ipp://192.0.2.7/eSCL",
            "https://192.0.2.7",
            "https://192.0.2.7/eSCL, WSD",
            "https://192.0.2.7/eSCL\n[options]",
            "https://192.0.2.7/eSCL;",
            "https://scanner/eSCL",
            "https://[fd00::5]80/eSCL",
        ] {
            assert_eq!(ScannerAddress::parse(bad), None, "{bad}");
        }
    }
}
