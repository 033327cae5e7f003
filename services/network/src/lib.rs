// SPDX-License-Identifier: EUPL-1.2
//! How the device's link stands.
//!
//! ```text
//!  systemd-networkd ── networkd: something has changed ──► all that it says of its cards ── describe ──► cards
//!                                                                    cards ── judge ──► de.amtsnah.Network1
//! ```

pub mod describe;
pub mod judge;
pub mod networkd;
