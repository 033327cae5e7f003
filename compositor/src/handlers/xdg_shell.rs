// SPDX-License-Identifier: EUPL-1.2
//! `xdg_wm_base`: every window fills the screen, the newest is shown.

use smithay::{
    delegate_xdg_shell,
    desktop::PopupKind,
    reexports::wayland_server::protocol::{
        wl_output::WlOutput, wl_seat::WlSeat, wl_surface::WlSurface,
    },
    utils::{Rectangle, Serial},
    wayland::{
        compositor::with_states,
        shell::xdg::{
            PopupSurface, PositionerState, ToplevelSurface, XdgPopupSurfaceData, XdgShellHandler,
            XdgShellState,
        },
    },
};

use crate::state::Kiosk;

impl XdgShellHandler for Kiosk {
    fn xdg_shell_state(&mut self) -> &mut XdgShellState {
        &mut self.globals.xdg_shell
    }

    fn new_toplevel(&mut self, surface: ToplevelSurface) {
        self.add_window(surface);
    }

    fn toplevel_destroyed(&mut self, surface: ToplevelSurface) {
        self.remove_window(&surface);
    }

    fn new_popup(&mut self, surface: PopupSurface, positioner: PositionerState) {
        if is_its_own_ancestor(&surface) {
            self.disconnect_client("a popup cannot be its own ancestor");
            return;
        }
        self.place_popup(&surface, positioner);
        if let Err(error) = self.popups.track_popup(PopupKind::Xdg(surface)) {
            tracing::debug!(%error, "a popup without a living parent");
        }
    }

    fn reposition_request(
        &mut self,
        surface: PopupSurface,
        positioner: PositionerState,
        token: u32,
    ) {
        self.place_popup(&surface, positioner);
        surface.send_repositioned(token);
    }

    /// The keyboard stays with the window.
    fn grab(&mut self, _surface: PopupSurface, _seat: WlSeat, _serial: Serial) {}

    fn fullscreen_request(&mut self, surface: ToplevelSurface, _output: Option<WlOutput>) {
        self.configure_window(&surface, true);
    }

    fn unfullscreen_request(&mut self, surface: ToplevelSurface) {
        self.configure_window(&surface, true);
    }

    fn maximize_request(&mut self, surface: ToplevelSurface) {
        self.configure_window(&surface, true);
    }

    fn unmaximize_request(&mut self, surface: ToplevelSurface) {
        self.configure_window(&surface, true);
    }
}

/// Whether following the parents from a popup comes back to it. smithay follows them until they end.
fn is_its_own_ancestor(popup: &PopupSurface) -> bool {
    let mut ancestor = popup.get_parent_surface();
    // Bounded by the number of a client's surfaces: each popup before this one has passed the same check.
    while let Some(surface) = ancestor {
        if surface == *popup.wl_surface() {
            return true;
        }
        ancestor = parent_of(&surface);
    }
    false
}

/// A popup's parent; `None` for any other surface.
fn parent_of(surface: &WlSurface) -> Option<WlSurface> {
    with_states(surface, |states| {
        let popup = states.data_map.get::<XdgPopupSurfaceData>()?;
        popup.lock().ok()?.parent.clone()
    })
}

impl Kiosk {
    /// Moves a popup so that all of it is on the screen, as far as its own rules allow.
    fn place_popup(&self, popup: &PopupSurface, positioner: PositionerState) {
        let screen = Rectangle::from_size(self.size());
        popup.with_pending_state(|state| {
            state.geometry = positioner.get_unconstrained_geometry(screen);
            state.positioner = positioner;
        });
    }

    /// Sends the first configure of a window or popup, once it asks for it by its first commit.
    pub fn window_committed(&mut self, surface: &WlSurface) {
        if let Some(window) = self
            .windows
            .iter()
            .find(|window| window.wl_surface() == surface)
        {
            if !window.is_initial_configure_sent() {
                let window = window.clone();
                self.configure_window(&window, false);
            }
        } else if let Some(PopupKind::Xdg(popup)) = self.popups.find_popup(surface)
            && !popup.is_initial_configure_sent()
            && let Err(error) = popup.send_configure()
        {
            tracing::debug!(%error, "configure a popup");
        }
    }
}

delegate_xdg_shell!(Kiosk);
