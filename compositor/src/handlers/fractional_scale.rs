// SPDX-License-Identifier: EUPL-1.2
//! `wp_fractional_scale`: always 1, a client paints in the screen's own pixels.

use smithay::{
    delegate_fractional_scale,
    reexports::wayland_server::protocol::wl_surface::WlSurface,
    wayland::{
        compositor::with_states,
        fractional_scale::{FractionalScaleHandler, with_fractional_scale},
    },
};

use crate::state::Kiosk;

impl FractionalScaleHandler for Kiosk {
    fn new_fractional_scale(&mut self, surface: WlSurface) {
        with_states(&surface, |states| {
            with_fractional_scale(states, |scale| scale.set_preferred_scale(1.0));
        });
    }
}

delegate_fractional_scale!(Kiosk);
