// SPDX-License-Identifier: EUPL-1.2
//! `xdg_wm_base`: windows and popups.

mod configured;
mod positioner;
mod wm_base;

use smithay::{
    reexports::{
        wayland_protocols::xdg::shell::server::{
            xdg_popup::XdgPopup,
            xdg_toplevel::{State, XdgToplevel},
            xdg_wm_base::XdgWmBase,
        },
        wayland_server::{
            delegate_dispatch, delegate_global_dispatch,
            protocol::{wl_output::WlOutput, wl_seat::WlSeat, wl_surface::WlSurface},
        },
    },
    utils::Serial,
    wayland::shell::xdg::{
        Configure, PopupSurface, PositionerState, ShellClient, ToplevelSurface, XdgShellHandler,
        XdgShellState, XdgShellSurfaceUserData,
    },
};

use crate::state::Kiosk;

impl XdgShellHandler for Kiosk {
    fn xdg_shell_state(&mut self) -> &mut XdgShellState {
        &mut self.globals.xdg_shell
    }

    fn new_toplevel(&mut self, surface: ToplevelSurface) {
        self.mark_made(surface.wl_surface());
        self.add_window(surface);
    }

    fn toplevel_destroyed(&mut self, surface: ToplevelSurface) {
        self.remove_window(&surface);
    }

    fn new_popup(&mut self, surface: PopupSurface, positioner: PositionerState) {
        self.mark_made(surface.wl_surface());
        self.add_popup(surface, positioner);
    }

    fn client_pong(&mut self, client: ShellClient) {
        self.answered(&client);
    }

    fn client_destroyed(&mut self, client: ShellClient) {
        self.answered(&client);
    }

    fn title_changed(&mut self, surface: ToplevelSurface) {
        self.rename_window(&surface);
    }

    fn app_id_changed(&mut self, surface: ToplevelSurface) {
        self.rename_window(&surface);
    }

    fn popup_destroyed(&mut self, _surface: PopupSurface) {
        // While the surface is still there, so that the pointer can leave it.
        self.aim_resting_pointer();
        self.queue_redraw();
    }

    fn ack_configure(&mut self, surface: WlSurface, configure: Configure) {
        if let Configure::Popup(configure) = configure {
            self.popup_acknowledged(&surface, &configure.state);
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

    fn grab(&mut self, surface: PopupSurface, _seat: WlSeat, serial: Serial) {
        self.grab_for_popup(surface, serial);
    }

    fn fullscreen_request(&mut self, surface: ToplevelSurface, _output: Option<WlOutput>) {
        self.set_window_state(&surface, State::Fullscreen, true);
    }

    fn unfullscreen_request(&mut self, surface: ToplevelSurface) {
        self.set_window_state(&surface, State::Fullscreen, false);
    }

    fn maximize_request(&mut self, surface: ToplevelSurface) {
        self.set_window_state(&surface, State::Maximized, true);
    }

    fn unmaximize_request(&mut self, surface: ToplevelSurface) {
        self.set_window_state(&surface, State::Maximized, false);
    }
}

delegate_global_dispatch!(Kiosk: [XdgWmBase: ()] => XdgShellState);
delegate_dispatch!(Kiosk: [XdgToplevel: XdgShellSurfaceUserData] => XdgShellState);
delegate_dispatch!(Kiosk: [XdgPopup: XdgShellSurfaceUserData] => XdgShellState);
