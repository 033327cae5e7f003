// SPDX-License-Identifier: EUPL-1.2
//! `xdg_positioner`: an anchor rectangle may be empty ("Only non-negative values are allowed"), which smithay refuses. It is
//! told one pixel then, which moves a popup by one pixel at most.

use smithay::{
    reexports::{
        wayland_protocols::xdg::shell::server::xdg_positioner::{self, XdgPositioner},
        wayland_server::{Client, DataInit, Dispatch, DisplayHandle},
    },
    wayland::shell::xdg::{XdgPositionerUserData, XdgShellState},
};

use crate::state::Kiosk;

impl Dispatch<XdgPositioner, XdgPositionerUserData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        positioner: &XdgPositioner,
        mut request: xdg_positioner::Request,
        data: &XdgPositionerUserData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        if let xdg_positioner::Request::SetAnchorRect { width, height, .. } = &mut request {
            for length in [width, height] {
                if *length == 0 {
                    *length = 1;
                }
            }
        }
        <XdgShellState as Dispatch<XdgPositioner, XdgPositionerUserData, Self>>::request(
            state, client, positioner, request, data, display, init,
        );
    }
}
