// SPDX-License-Identifier: EUPL-1.2
//! What tests of calls have in common: a real exchange (Kamailio), real desks (Chromium, Firefox), a real relay (coturn), a terminal; and a
//! town, where all of it is the product's own.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // Not each test uses all; a test ends at the first surprise.

pub mod browser;
pub mod built;
pub mod children;
pub mod desk;
pub mod device;
pub mod exchange;
pub mod firefox;
pub mod loudspeaker;
pub mod relay;
pub mod room;
pub mod shaper;
pub mod terminal;
pub mod town;
pub mod wire;
