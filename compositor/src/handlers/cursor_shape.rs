// SPDX-License-Identifier: EUPL-1.2
//! `wp_cursor_shape`: accepted and ignored, the compositor has one pointer picture.

use smithay::{delegate_cursor_shape, wayland::tablet_manager::TabletSeatHandler};

use crate::state::Kiosk;

impl TabletSeatHandler for Kiosk {}

delegate_cursor_shape!(Kiosk);
