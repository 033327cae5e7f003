// SPDX-License-Identifier: EUPL-1.2
//! The section `[scan]`.

use super::{Checked, count, fault, limits};
use crate::{Scan, ScannerAddress, raw};

pub fn scan(raw: Option<raw::Scan>) -> Checked<Scan> {
    let Some(list) = raw.and_then(|raw| raw.scanners) else {
        return Ok(Scan::default());
    };
    count(&list, 0, limits::SCANNERS, "scanners")?;
    let mut scanners = Vec::new();
    for item in list.into_inner() {
        let Some(address) = ScannerAddress::parse(item.get_ref()) else {
            return fault(
                item.span(),
                "site::scanner",
                format!("`{}` is not the address of a scanner", item.get_ref()),
                "such as `https://192.0.2.7/eSCL`, with a whole host name or an address",
            );
        };
        scanners.push(address);
    }
    Ok(Scan { scanners })
}
