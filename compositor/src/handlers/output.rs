// SPDX-License-Identifier: EUPL-1.2
//! `wl_output` and `xdg_output`: the one screen, its size in pixels and in millimetres.

use smithay::{delegate_output, wayland::output::OutputHandler};

use crate::state::Kiosk;

impl OutputHandler for Kiosk {}

delegate_output!(Kiosk);
