// SPDX-License-Identifier: EUPL-1.2
//! How the device's link stands.
//!
//! ```text
//!  systemd-networkd ── networkd: something has changed ──► all that it says of its cards ── describe ──► cards
//!                                                                    cards ── judge ──► de.amtsnah.Network1
//!  the site's [network] ── uplink ──► a part of networkd's configuration: how much is sent at once (CAKE)
//! ```

pub mod describe;
pub mod judge;
pub mod networkd;
pub mod uplink;
