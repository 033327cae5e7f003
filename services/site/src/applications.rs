// SPDX-License-Identifier: EUPL-1.2
//! The applications that a site releases to its clerks. Each runs in the data centre and is seen through an RDP session; what
//! is written here ends in the arguments of a program, so only what cannot be mistaken for anything else is taken.

use std::net::Ipv4Addr;

use crate::{Icon, Text};

/// An application that clerks may start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// A short word, unique in the file.
    pub id: String,
    /// What clerks call it.
    pub name: Text,
    /// The picture beside the name, if any.
    pub icon: Option<Icon>,
    /// Where it runs.
    pub rdp: Rdp,
}

/// A session on a terminal server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rdp {
    /// The server.
    pub host: Host,
    /// Its port, by default 3389.
    pub port: u16,
    /// By what it is known: the clerk is never asked whether to trust another one.
    pub certificate: Fingerprint,
    /// What it starts there instead of a desktop, as the server knows it.
    pub program: Option<Program>,
    /// The domain that the server's sign-in is for.
    pub domain: Option<Domain>,
}

/// The port of RDP.
pub const RDP_PORT: u16 = 3389;

/// Whether it is a host name (RFC 1123): labels of letters, digits and inner hyphens, with dots between them.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

/// Whether it ends in digits: an address or nothing, `192.0.2.7777` is no name.
fn is_number(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    last.bytes().all(|c| c.is_ascii_digit())
}

/// A whole host name (RFC 1123) or an IPv4 address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// Reads `registry.example` or `192.0.2.7`. A name without a dot is none: a device in a stranger's network has no domain of its
    /// own to look it up in.
    pub fn parse(text: &str) -> Option<Self> {
        let is_good = if is_number(text) {
            text.parse::<Ipv4Addr>().is_ok()
        } else {
            is_name(text) && text.contains('.')
        };
        is_good.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The SHA-256 of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Reads 64 hexadecimal digits, in pairs with colons between them as OpenSSL writes them, or without.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = if text.contains(':') {
            let pairs: Vec<&str> = text.split(':').collect();
            if pairs.iter().any(|pair| pair.len() != 2) {
                return None;
            }
            pairs.concat()
        } else {
            text.to_owned()
        };
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() || !digits.bytes().all(|c| c.is_ascii_hexdigit()) {
            return None;
        }
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// 64 small hexadecimal digits, as [`Fingerprint::parse`] reads them.
    pub fn hex(&self) -> String {
        let halves = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        halves
            .filter_map(|half| char::from_digit(u32::from(half), 16))
            .collect()
    }
}

impl From<[u8; 32]> for Fingerprint {
    fn from(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }
}

/// The path of a program on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(String);

impl Program {
    /// The most characters.
    pub const MOST: usize = 200;

    /// Reads `C:\Fachverfahren\Meldewesen.exe`: letters, digits, spaces between them and what paths are made of.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || " \\/:._-()".contains(c);
        let is_good = (1..=Self::MOST).contains(&text.len())
            && text.chars().all(plain)
            && text.trim() == text
            && !text.starts_with('-');
        is_good.then(|| Self(text.to_owned()))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// Reads `STADT` or `stadt.example`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_good = is_name(text) && !is_number(text);
        is_good.then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves C3, C7: a host is a name or an address; nothing that a program could take for an option or a second host.
    #[test]
    fn hosts_are_names_or_addresses() {
        for good in [
            "registry.example",
            "TS1.example",
            "192.0.2.7",
            "a-b.c1",
            "7.example",
        ] {
            let host = Host::parse(good).map(|host| host.as_str().to_owned());
            assert_eq!(host, Some(good.to_ascii_lowercase()));
        }
        for wrong in [
            "",
            ".",
            "-x",
            "x-",
            "a..b",
            "a.",
            "/v:x",
            "a b",
            "a:3389",
            "a,b",
            "a\nb",
            "ä.example",
            "192.0.2.777",
            "192.0.2",
            "7",
            "[::1]",
            "a_b",
            "TS1",
            "user@host",
        ] {
            assert_eq!(Host::parse(wrong), None, "{wrong:?}");
        }
        assert_eq!(Host::parse(&"a".repeat(64)), None);
        assert_eq!(Host::parse(&vec!["a"; 128].join(".")), None);
    }

    /// Proves C3: a server is known by all 256 bits, however they are written.
    #[test]
    fn fingerprints_are_whole() {
        let plain = "0123456789abcdef".repeat(4);
        let known = Fingerprint::parse(&plain).unwrap();
        assert_eq!(known.hex(), plain);
        let pairs: Vec<String> = plain
            .to_uppercase()
            .as_bytes()
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair).into_owned())
            .collect();
        assert_eq!(Fingerprint::parse(&pairs.join(":")), Some(known));
        let halves = format!("{}:{}", &plain[..32], &plain[32..]);
        for wrong in ["", &plain[..62], &plain[..63], &halves, &"é".repeat(32)] {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Fingerprint::parse(&plain.replacen('0', "+", 1)), None);
    }

    /// Proves C7: a program is a path, a domain a name.
    #[test]
    fn programs_and_domains_are_plain() {
        for good in [
            r"C:\Program Files (x86)\Meldewesen\m.exe",
            "/opt/m/m",
            "||Meldewesen",
        ] {
            assert_eq!(
                Program::parse(good).is_some(),
                !good.contains('|'),
                "{good}"
            );
        }
        for wrong in ["", " a", "a ", "-a", "a,b", "a\"b", "a%b", "a\tb", "ä"] {
            assert_eq!(Program::parse(wrong), None, "{wrong:?}");
        }
        assert_eq!(Program::parse(&"a".repeat(Program::MOST + 1)), None);
        assert!(Domain::parse("STADT").is_some());
        for wrong in ["", "a\\b", "192.0.2.7", "-a", "a b"] {
            assert_eq!(Domain::parse(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        /// Proves C7: whatever is written, what is taken has no character that separates anything.
        #[test]
        fn nothing_is_smuggled(text in "\\PC{0,40}") {
            let separates = |text: &str| text.contains([',', '|', '\n', '"', '\'', '$', '@', ' ', '/']) || text.starts_with('-');
            if let Some(host) = Host::parse(&text) {
                prop_assert!(!separates(host.as_str()) && !host.as_str().contains(':'));
            }
            if let Some(domain) = Domain::parse(&text) {
                prop_assert!(!separates(domain.as_str()));
            }
        }
    }
}
