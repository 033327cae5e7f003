// SPDX-License-Identifier: EUPL-1.2
//! `zwlr_layer_shell`: bars, keyboards and backgrounds; only for the shell.

use smithay::{
    delegate_layer_shell,
    reexports::wayland_server::protocol::wl_output::WlOutput,
    wayland::shell::{
        wlr_layer::{Layer, LayerSurface, WlrLayerShellHandler, WlrLayerShellState},
        xdg::PopupSurface,
    },
};

use crate::state::Kiosk;

impl WlrLayerShellHandler for Kiosk {
    fn shell_state(&mut self) -> &mut WlrLayerShellState {
        &mut self.globals.layer_shell
    }

    fn new_layer_surface(
        &mut self,
        surface: LayerSurface,
        _output: Option<WlOutput>,
        _layer: Layer,
        _namespace: String,
    ) {
        self.add_layer(surface);
    }

    fn new_popup(&mut self, _parent: LayerSurface, popup: PopupSurface) {
        self.popup_has_parent(&popup);
    }

    fn layer_destroyed(&mut self, surface: LayerSurface) {
        self.remove_layer(&surface);
    }
}

delegate_layer_shell!(Kiosk);
