// SPDX-License-Identifier: EUPL-1.2
//! The section `[print]`.

use super::applications::fingerprint;
use super::{Checked, count, fault, limits, words};
use crate::{Address, Print, Printer, raw};

pub fn print(raw: Option<raw::Print>) -> Checked<Print> {
    let Some(raw) = raw else {
        return Ok(Print::default());
    };
    let outlet = raw.outlet.map(|text| words(text, limits::ITEM));
    let outlet = outlet.transpose()?;
    let Some(list) = raw.printers else {
        return Ok(Print {
            outlet,
            ..Print::default()
        });
    };
    count(&list, 0, limits::PRINTERS, "printers")?;
    let mut printers = Vec::new();
    for item in list.into_inner() {
        let Some(address) = Address::parse(item.address.get_ref()) else {
            return fault(
                item.address.span(),
                "site::printer",
                format!(
                    "`{}` is not the address of a printer",
                    item.address.get_ref()
                ),
                "such as `ipps://192.0.2.7/ipp/print`, with a whole host name or an address",
            );
        };
        let certificate = item.certificate.as_ref().map(fingerprint).transpose()?;
        printers.push(Printer {
            address,
            certificate,
        });
    }
    Ok(Print { printers, outlet })
}
