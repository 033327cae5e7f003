// SPDX-License-Identifier: EUPL-1.2
//! The line that leads to the town hall.

/// The line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// What it carries away from the device, in kbit/s; nothing where that is not known.
    pub uplink: Option<u32>,
}
