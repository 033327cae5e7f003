// SPDX-License-Identifier: EUPL-1.2
//! The link comes and goes. A terminal says that there is none only when that lasts.

use api::network::Link;

use super::outage;
use crate::state::{Outage, State};

/// News of the link.
pub fn news(state: &mut State, told: Option<Link>) {
    state.link.told = told;
    match told {
        Some(link) if !link.is_connected() && link != Link::UNKNOWN => {
            state.link.lost.get_or_insert(state.now.uptime);
        }
        // There is one, or nobody knows: neither is an outage.
        _ => {
            state.link.lost = None;
            outage(state, Outage::Network, false);
        }
    }
}

/// Time has passed.
pub fn tick(state: &mut State) {
    let tells = state.link_outage();
    if tells.is_some_and(|at| state.now.uptime >= at) {
        outage(state, Outage::Network, true);
    }
}
