// SPDX-License-Identifier: EUPL-1.2
//! `wp_fractional_scale`: tells a client the main screen's scale, so that it paints in the screen's own pixels.

use smithay::{
    delegate_fractional_scale,
    desktop::PopupManager,
    reexports::wayland_server::protocol::wl_surface::WlSurface,
    wayland::{
        compositor::{TraversalAction, with_states, with_surface_tree_downward},
        fractional_scale::{FractionalScaleHandler, with_fractional_scale},
    },
};

use crate::state::Kiosk;

impl FractionalScaleHandler for Kiosk {
    fn new_fractional_scale(&mut self, surface: WlSurface) {
        let scale = self.scale();
        with_states(&surface, |states| {
            with_fractional_scale(states, |told| told.set_preferred_scale(scale));
        });
    }
}

impl Kiosk {
    /// Tells a surface and all that belongs to it the scale of a screen that is new or has changed.
    pub fn tell_scale(&self, root: &WlSurface) {
        self.tell_scale_to_tree(root);
        for (popup, _) in PopupManager::popups_for_surface(root) {
            self.tell_scale_to_tree(popup.wl_surface());
        }
    }

    fn tell_scale_to_tree(&self, root: &WlSurface) {
        let scale = self.scale();
        with_surface_tree_downward(
            root,
            (),
            |_, _, ()| TraversalAction::DoChildren(()),
            |_, states, ()| with_fractional_scale(states, |told| told.set_preferred_scale(scale)),
            |_, _, ()| true,
        );
    }
}

delegate_fractional_scale!(Kiosk);
