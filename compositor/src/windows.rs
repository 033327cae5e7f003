// SPDX-License-Identifier: EUPL-1.2
//! Windows: each fills the screen, the newest with a picture is shown and has the keyboard.

use smithay::{
    backend::renderer::utils::with_renderer_surface_state,
    desktop::PopupManager,
    reexports::{
        wayland_protocols::xdg::shell::server::xdg_toplevel,
        wayland_server::{Resource, protocol::wl_surface::WlSurface},
    },
    utils::SERIAL_COUNTER,
    wayland::shell::xdg::ToplevelSurface,
};

use crate::{scene::Scene, state::Kiosk};

/// The client's windows, oldest first.
pub type Windows = Vec<ToplevelSurface>;

impl Kiosk {
    /// A window was made; it is configured when it first commits.
    pub fn add_window(&mut self, window: ToplevelSurface) {
        if let Some(lit) = &self.lit {
            lit.output.enter(window.wl_surface());
        }
        self.windows.push(window);
    }

    /// A window is gone.
    pub fn remove_window(&mut self, window: &ToplevelSurface) {
        self.windows.retain(|other| other != window);
        self.queue_redraw();
    }

    /// The window to show.
    pub fn shown(&self) -> Option<&ToplevelSurface> {
        let alive = || self.windows.iter().rev().filter(|window| window.alive());
        alive()
            .find(|window| has_picture(window.wl_surface()))
            .or_else(|| alive().next())
    }

    /// Tells a window to fill the screen; while there is no screen, nothing is told yet.
    ///
    /// With `answer` the client has asked and hears the same again, else it hears only of changes.
    pub fn configure_window(&self, window: &ToplevelSurface, answer: bool) {
        let Some(lit) = &self.lit else { return };
        let size = self.size();
        let client = window.wl_surface().client();
        let output = client.and_then(|client| lit.output.client_outputs(&client).next());
        window.with_pending_state(|state| {
            state.size = Some(size);
            state.bounds = Some(size);
            state.fullscreen_output.clone_from(&output);
            state.states.set(xdg_toplevel::State::Fullscreen);
            state.states.set(xdg_toplevel::State::Activated);
        });
        if answer && window.is_initial_configure_sent() {
            window.send_configure();
        } else {
            window.send_pending_configure();
        }
    }

    /// Tells all windows after the screen has changed.
    pub fn configure_windows(&self) {
        let Some(lit) = &self.lit else { return };
        for window in self.windows.iter().filter(|window| window.alive()) {
            lit.output.enter(window.wl_surface());
            self.configure_window(window, false);
        }
    }

    /// Gives the keyboard to the shown window.
    pub fn refocus(&mut self) {
        let shown = self.shown().map(|window| window.wl_surface().clone());
        let keyboard = self.devices.keyboard.clone();
        if keyboard.current_focus() != shown {
            self.release_keys();
            keyboard.set_focus(self, shown, SERIAL_COUNTER.next_serial());
            let time = self.clock.now().as_millis();
            if self.pointer.drawn().is_some() {
                self.aim_pointer(time);
            }
        }
    }

    /// What is to be seen now.
    pub fn scene(&self) -> Scene {
        let mut scene = Scene {
            pointer: self.pointer.drawn(),
            surfaces: Vec::new(),
        };
        if let Some(window) = self.shown() {
            let window = window.wl_surface();
            for (popup, offset) in PopupManager::popups_for_surface(window) {
                let place = offset - popup.geometry().loc;
                scene
                    .surfaces
                    .push((popup.wl_surface().clone(), place.to_physical(1)));
            }
            scene.surfaces.push((window.clone(), (0, 0).into()));
        }
        scene
    }
}

fn has_picture(surface: &WlSurface) -> bool {
    with_renderer_surface_state(surface, |state| state.buffer().is_some()).unwrap_or(false)
}
