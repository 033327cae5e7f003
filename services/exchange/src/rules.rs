// SPDX-License-Identifier: EUPL-1.2
//! What a firewall has to let through: for nftables, and as a table for people (X1).

use std::fmt::Write as _;
use std::net::IpAddr;

use crate::config::Config;

/// One thing that is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// `tcp` or `udp`.
    pub protocol: &'static str,
    /// The first and the last port.
    pub ports: (u16, u16),
    /// Who comes.
    pub from: &'static str,
    /// What for.
    pub what: &'static str,
}

/// Everything that has to reach an exchange. Nothing else does, and it begins no connection to desks or terminals.
pub fn rules(config: &Config) -> Vec<Rule> {
    let ports = config.ports;
    let rule = |protocol, port: u16, from, what| Rule {
        protocol,
        ports: (port, port),
        from,
        what,
    };
    vec![
        rule(
            "tcp",
            ports.https,
            "desks, terminals",
            "HTTPS: the desk's page; enrolment of terminals",
        ),
        rule(
            "tcp",
            ports.terminals,
            "terminals",
            "HTTPS with certificates on both sides: directory, tickets",
        ),
        rule("tcp", ports.sip, "terminals", "SIP over TLS"),
        rule(
            "tcp",
            ports.wss,
            "desks, terminals",
            "SIP over secure WebSocket",
        ),
        rule("udp", ports.turn, "desks, terminals", "STUN and TURN"),
        rule(
            "tcp",
            ports.turns,
            "desks, terminals",
            "TURN over TLS, where UDP does not pass",
        ),
        Rule {
            protocol: "udp",
            ports: ports.relay,
            from: "desks, terminals",
            what: "relayed media (DTLS-SRTP, encrypted end to end)",
        },
    ]
}

/// A file for `nft -f`.
pub fn nftables(config: &Config) -> String {
    let address = match config.address {
        IpAddr::V4(address) => format!("ip daddr {address}"),
        IpAddr::V6(address) => format!("ip6 daddr {address}"),
    };
    let mut text = "#!/usr/sbin/nft -f\n\
        # Made by `exchange rules`. What comes in on all other ports is dropped; a shell (ssh) is the operator's to add.\n\
        table inet exchange\n\
        delete table inet exchange\n\
        table inet exchange {\n\
        \tchain input {\n\
        \t\ttype filter hook input priority filter; policy drop;\n\
        \t\tct state established,related accept\n\
        \t\tct state invalid drop\n\
        \t\tiif \"lo\" accept\n\
        \t\tmeta l4proto { icmp, ipv6-icmp } accept\n"
        .to_owned();
    for rule in rules(config) {
        let ports = match rule.ports {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first}-{last}"),
        };
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "\t\t{address} {} dport {ports} accept comment \"{}\"",
            rule.protocol, rule.what
        );
    }
    text.push_str("\t}\n}\n");
    text
}

/// A table for the people who keep a firewall in front of it.
pub fn table(config: &Config) -> String {
    let mut rows = vec![[
        "to".to_owned(),
        "protocol".to_owned(),
        "port".to_owned(),
        "from".to_owned(),
        "what for".to_owned(),
    ]];
    rows.extend(rules(config).into_iter().map(|rule| {
        let ports = match rule.ports {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first}-{last}"),
        };
        [
            config.outside().to_string(),
            rule.protocol.to_owned(),
            ports,
            rule.from.to_owned(),
            rule.what.to_owned(),
        ]
    }));
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..4).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "{cell:<width$}  ");
        }
        text.push_str(&row[4]);
        text.push('\n');
    }
    text.push_str("\nTerminals and desks begin every connection. From the exchange outward nothing has to be allowed but answers, and relayed media (udp) to where desks and terminals are.\n");
    let mut issuers: Vec<&str> = config
        .authorities
        .iter()
        .filter_map(|authority| authority.provider.as_ref())
        .map(|provider| provider.issuer.as_str())
        .collect();
    issuers.sort_unstable();
    issuers.dedup();
    if !issuers.is_empty() {
        let _ = writeln!(
            text,
            "It also asks identity providers by HTTPS (tcp): {}",
            issuers.join(", ")
        );
    }
    text
}
