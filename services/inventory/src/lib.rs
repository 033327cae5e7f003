// SPDX-License-Identifier: EUPL-1.2
//! Which devices are plugged in, and which should be.
//!
//! ```text
//!  /sys/bus/usb/devices ── look ──► what each says of itself ──┐
//!  site: what is used, what is expected ───────────────────────┴── judge ──► de.amtsnah.Inventory1
//!  /run/udev/data ── watch: something has come, gone or been bound ──► look again
//! ```

pub mod judge;
pub mod look;
pub mod watch;
