// SPDX-License-Identifier: EUPL-1.2
//! `zwp_input_method` and `zwp_virtual_keyboard`: the keyboard on the screen; only for the shell.

use smithay::{
    delegate_input_method_manager, delegate_virtual_keyboard_manager,
    desktop::{PopupKind, PopupManager},
    reexports::wayland_server::protocol::wl_surface::WlSurface,
    utils::{Logical, Rectangle},
    wayland::input_method::{InputMethodHandler, PopupSurface},
};

use crate::{state::Kiosk, windows::Window};

impl InputMethodHandler for Kiosk {
    fn new_popup(&mut self, surface: PopupSurface) {
        if let Err(error) = self.popups.track_popup(PopupKind::from(surface)) {
            tracing::debug!(%error, "an input method's popup without a living parent");
        }
    }

    fn dismiss_popup(&mut self, surface: PopupSurface) {
        if let Some(parent) = surface.get_parent().map(|parent| parent.surface.clone())
            && let Err(error) = PopupManager::dismiss_popup(&parent, &PopupKind::from(surface))
        {
            tracing::debug!(%error, "dismiss an input method's popup");
        }
    }

    fn popup_repositioned(&mut self, _surface: PopupSurface) {
        self.queue_redraw();
    }

    fn parent_geometry(&self, parent: &WlSurface) -> Rectangle<i32, Logical> {
        self.window(parent)
            .map(Window::geometry)
            .unwrap_or_default()
    }
}

delegate_input_method_manager!(Kiosk);
delegate_virtual_keyboard_manager!(Kiosk);
