// SPDX-License-Identifier: EUPL-1.2
//! What the program `painter` shows.

/// The colour of its first picture: red, green, blue.
pub const FIRST: [u8; 3] = [0x10, 0x40, 0xd0];
/// And of its second.
pub const SECOND: [u8; 3] = [0xd0, 0x20, 0x60];
