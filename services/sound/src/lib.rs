// SPDX-License-Identifier: EUPL-1.2
//! Which sound card only one person hears.
//!
//! ```text
//! ALSA, sysfs ──► cards ──► ear::choose ──► asound.conf (ALSA's default device) ──► de.amtsnah.Sound1
//! ```
//!
//! [`ear`] and [`terminals`] are pure; [`cards`] and [`settings`] touch the system.

pub mod cards;
pub mod ear;
pub mod settings;
pub mod terminals;
