// SPDX-License-Identifier: EUPL-1.2
//! The link, and when people at a terminal are told that there is none.

use std::time::Duration;

use api::network::Link;

use super::{Outage, State};

/// A link that is gone for less is not told of: an address is asked for again, a cable is put elsewhere.
pub const LINK_GRACE: Duration = Duration::from_secs(5);
/// Before this time after power-on nobody is told of a missing link: a switch may let nobody through for half a minute, and an
/// address is asked for only then.
pub const LINK_START: Duration = Duration::from_mins(1);

/// How the link stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What is told of it; nothing while nobody tells.
    pub told: Option<Link>,
    /// Since when it is told not to be connected (uptime).
    pub lost: Option<Duration>,
}

impl State {
    /// When people are told that there is no link (uptime), if nothing changes. A clerk reads of it in the strip.
    pub fn link_outage(&self) -> Option<Duration> {
        let lost = self.link.lost.filter(|_| self.clerk.is_none())?;
        Some((lost + LINK_GRACE).max(LINK_START))
    }

    /// The same, while they are not told yet.
    pub(super) fn link_deadline(&self) -> Option<Duration> {
        let told = self.outages.contains(&Outage::Network);
        self.link_outage().filter(|_| !told)
    }
}
