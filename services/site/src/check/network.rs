// SPDX-License-Identifier: EUPL-1.2
//! The section `[network]`.

use super::{Checked, fault, limits};
use crate::{Network, raw};

pub fn network(raw: Option<raw::Network>) -> Checked<Network> {
    let Some(uplink) = raw.and_then(|raw| raw.uplink) else {
        return Ok(Network::default());
    };
    let kbit = u32::try_from(*uplink.get_ref()).ok();
    match kbit.filter(|kbit| limits::UPLINK.contains(kbit)) {
        Some(kbit) => Ok(Network { uplink: Some(kbit) }),
        None => fault(
            uplink.span(),
            "site::uplink",
            format!("no line carries {} kbit/s", uplink.get_ref()),
            "what the provider promises for the way out, in kbit/s: 1 Mbit/s is `uplink = 1000`; without it nothing is held back",
        ),
    }
}
