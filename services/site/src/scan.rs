// SPDX-License-Identifier: EUPL-1.2
//! What papers are scanned on. A scanner that is plugged in is found by itself; one in the network is used only if it is named here,
//! and what is scanned crosses that network as it is.

use std::fmt;

use crate::print::is_place;

/// What papers are scanned on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Scanners in the network, in the order in which they are tried.
    pub scanners: Vec<ScannerAddress>,
}

/// The address of a scanner that speaks eSCL: `http://192.0.2.7/eSCL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannerAddress(String);

impl ScannerAddress {
    /// The most characters.
    const MOST: usize = 200;

    /// Reads an address with a whole host name, an IPv4 or an IPv6 address, a port or none, and a path of plain characters.
    pub fn parse(text: &str) -> Option<Self> {
        let is_good = is_place(text.strip_prefix("http://")?);
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

    /// Proves T6: scanners are named by whole addresses, and nothing that SANE's configuration could mistake for anything else is one.
    #[test]
    fn addresses_are_whole() {
        for good in [
            "http://192.0.2.7/eSCL",
            "http://scanner.rathaus.example:8080/eSCL",
            "http://[fd00::5]:80/eSCL",
        ] {
            assert_eq!(ScannerAddress::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "192.0.2.7",
            "ipp://192.0.2.7/eSCL",
            "http://192.0.2.7",
            "http://192.0.2.7/eSCL, WSD",
            "http://192.0.2.7/eSCL\n[options]",
            "http://192.0.2.7/eSCL;",
            "http://scanner/eSCL",
            "http://[fd00::5]80/eSCL",
        ] {
            assert_eq!(ScannerAddress::parse(bad), None, "{bad}");
        }
    }
}
