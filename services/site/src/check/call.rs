// SPDX-License-Identifier: EUPL-1.2
//! The section `[call]`.

use toml::Spanned;

use super::{Checked, fault};
use crate::call::{Call, Certificates, Domain};
use crate::raw;

pub fn call(raw: Option<raw::Call>) -> Checked<Option<Call>> {
    let Some(raw) = raw else { return Ok(None) };
    let Some(exchange) = Domain::parse(raw.exchange.get_ref()) else {
        return fault(
            raw.exchange.span(),
            "site::exchange",
            format!(
                "`{}` is not the name of an exchange",
                raw.exchange.get_ref()
            ),
            "the whole name in its certificate, such as `exchange.example`",
        );
    };
    let address = match &raw.address {
        None => None,
        Some(text) => match text.get_ref().parse() {
            Ok(address) => Some(address),
            Err(_) => {
                return fault(
                    text.span(),
                    "site::address",
                    format!("`{}` is not an address", text.get_ref()),
                    "an IPv4 or IPv6 address; leave it out where names are looked up",
                );
            }
        },
    };
    let Some(authority) = Certificates::parse(raw.authority.get_ref()) else {
        return fault(
            raw.authority.span(),
            "site::authority",
            "this is no certificate in PEM form",
            "the certificates that may have signed the exchange's, and no key: `authority.pem`",
        );
    };
    Ok(Some(Call {
        exchange,
        address,
        https: port(raw.https.as_ref(), 443)?,
        terminals: port(raw.terminals.as_ref(), 8443)?,
        authority,
    }))
}

fn port(raw: Option<&Spanned<i64>>, usual: u16) -> Checked<u16> {
    let Some(raw) = raw else { return Ok(usual) };
    match u16::try_from(*raw.get_ref()) {
        Ok(port) if port > 0 => Ok(port),
        _ => fault(
            raw.span(),
            "site::port",
            format!("{} is not a port", raw.get_ref()),
            "from 1 to 65535",
        ),
    }
}
