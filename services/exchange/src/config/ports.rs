// SPDX-License-Identifier: EUPL-1.2
//! Every listener has a port of its own.

use toml::Spanned;

use super::check::{Checked, fault};
use super::{Ports, raw};

/// The ports, checked.
pub fn ports(raw: &raw::Ports) -> Checked<Ports> {
    let mut taken: Vec<(u16, &str)> = Vec::new();
    let mut port = |raw: Option<&Spanned<i64>>, default: u16, name: &'static str| {
        let span = raw.map_or(0..0, Spanned::span);
        let written = raw.map_or(i64::from(default), |raw| *raw.get_ref());
        let port = match u16::try_from(written) {
            Ok(port) if port != 0 => port,
            _ => {
                return fault(
                    span,
                    "exchange::port",
                    format!("{written} is not a port"),
                    "from 1 to 65535",
                );
            }
        };
        if let Some((_, other)) = taken.iter().find(|(other, _)| *other == port) {
            return fault(
                span,
                "exchange::port",
                format!("`{name}` and `{other}` have the same port {port}"),
                "give each its own",
            );
        }
        taken.push((port, name));
        Ok(port)
    };
    let ports = Ports {
        https: port(raw.https.as_ref(), 443, "https")?,
        terminals: port(raw.terminals.as_ref(), 8443, "terminals")?,
        sip: port(raw.sip.as_ref(), 5061, "sip")?,
        wss: port(raw.wss.as_ref(), 8444, "wss")?,
        turn: port(raw.turn.as_ref(), 3478, "turn")?,
        turns: port(raw.turns.as_ref(), 5349, "turns")?,
        control: port(raw.control.as_ref(), 5081, "control")?,
        relay: (49_152, 50_175),
    };
    let Some(relay) = &raw.relay else {
        return Ok(ports);
    };
    let (first, last) = *relay.get_ref();
    match (u16::try_from(first), u16::try_from(last)) {
        (Ok(first), Ok(last)) if first >= 1024 && last >= first.saturating_add(15) => {
            match taken.iter().find(|(port, _)| (first..=last).contains(port)) {
                Some((port, name)) => fault(
                    relay.span(),
                    "exchange::port",
                    format!("the port {port} of `{name}` lies among those of relayed media"),
                    "keep them apart",
                ),
                None => Ok(Ports {
                    relay: (first, last),
                    ..ports
                }),
            }
        }
        _ => fault(
            relay.span(),
            "exchange::port",
            "this is not a range of ports for media",
            "at least 16 ports from 1024 on, the first and the last: `[49152, 50175]`",
        ),
    }
}
