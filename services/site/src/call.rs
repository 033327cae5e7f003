// SPDX-License-Identifier: EUPL-1.2
//! Where departments are called: the exchange, and whose word is taken for it.

use std::net::IpAddr;

/// The exchange that a terminal is enrolled at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its name, as its certificate has it.
    pub exchange: Domain,
    /// Its address, where the place's network does not know the name.
    pub address: Option<IpAddr>,
    /// Where enrolment is.
    pub https: u16,
    /// Where enrolled terminals are heard.
    pub terminals: u16,
    /// Who may have signed its certificate.
    pub authority: Certificates,
}

/// A whole domain name (RFC 1123).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// The most characters.
    const MOST: usize = 253;

    /// Reads `exchange.example`.
    pub fn parse(text: &str) -> Option<Self> {
        let label = |label: &str| {
            let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
            let ends = label.starts_with('-') || label.ends_with('-');
            !label.is_empty() && label.len() <= 63 && !ends && label.bytes().all(plain)
        };
        let last = text.rsplit('.').next().unwrap_or_default();
        let is_name = last.bytes().any(|c| c.is_ascii_alphabetic());
        let is_good =
            text.len() <= Self::MOST && text.contains('.') && is_name && text.split('.').all(label);
        is_good.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Certificates as PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificates(String);

impl Certificates {
    /// The most characters.
    pub const MOST: usize = 32 * 1024;
    /// The most certificates.
    const MANY: usize = 8;

    /// Reads certificates and nothing beside them: no key lies in a site configuration.
    pub fn parse(text: &str) -> Option<Self> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        if text.len() > Self::MOST {
            return None;
        }
        let (mut inside, mut many, mut lines) = (false, 0, 0);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match (inside, line) {
                (false, BEGIN) => (inside, lines) = (true, 0),
                (true, END) if lines > 0 => {
                    inside = false;
                    many += 1;
                }
                (true, body) if body.bytes().all(is_base64) => lines += 1,
                _ => return None,
            }
        }
        let is_good = !inside && (1..=Self::MANY).contains(&many);
        is_good.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_base64(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"+/=".contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves X1: an exchange has a whole name, which its certificate can have.
    #[test]
    fn names_are_whole() {
        for good in ["exchange.example", "Vermittlung.Stadt-1.example", "a.b"] {
            assert_eq!(
                Domain::parse(good).unwrap().as_str(),
                good.to_ascii_lowercase()
            );
        }
        let long = format!("{}.example", "a".repeat(64));
        for bad in [
            "",
            "exchange",
            "192.0.2.7",
            "-a.example",
            "a-.example",
            "a..example",
            "a.example.",
            "a@b.example",
            "a.example:443",
            &long,
        ] {
            assert_eq!(Domain::parse(bad), None, "{bad}");
        }
    }

    /// Proves X1: only certificates are taken, and no key.
    #[test]
    fn only_certificates_are_taken() {
        let one = "-----BEGIN CERTIFICATE-----\nMIIB+/=\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(Certificates::parse(one).unwrap().as_str(), one);
        assert!(Certificates::parse(&format!("\n{one}\n{one}")).is_some());
        for bad in [
            String::new(),
            one.replace("END CERTIFICATE", "END KEY"),
            one.replace("CERTIFICATE", "PRIVATE KEY"),
            one.replace("MIIB", "a b"),
            one.replace("MIIB+/=\nAAAA\n", ""),
            one.lines().take(2).collect::<Vec<_>>().join("\n"),
            format!("words\n{one}"),
            one.repeat(9),
        ] {
            assert_eq!(Certificates::parse(&bad), None, "{bad}");
        }
    }
}
