// SPDX-License-Identifier: EUPL-1.2
//! `xdg_wm_base` itself: which surfaces may become windows and popups. smithay checks none of it.

use smithay::{
    reexports::{
        wayland_protocols::xdg::shell::server::xdg_wm_base::{self, XdgWmBase},
        wayland_server::{
            Client, DataInit, Dispatch, DisplayHandle, Resource, backend::ClientId,
            protocol::wl_surface::WlSurface,
        },
    },
    wayland::{
        compositor::{BufferAssignment, SurfaceAttributes, get_role, with_states},
        shell::xdg::{XDG_POPUP_ROLE, XDG_TOPLEVEL_ROLE, XdgShellState, XdgWmBaseUserData},
    },
};

use super::configured::mark_bare;
use crate::{state::Kiosk, windows::has_picture};

impl Dispatch<XdgWmBase, XdgWmBaseUserData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        base: &XdgWmBase,
        request: xdg_wm_base::Request,
        data: &XdgWmBaseUserData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        let surface = match &request {
            xdg_wm_base::Request::GetXdgSurface { surface, .. } => Some(surface.clone()),
            _ => None,
        };
        let refusal = surface.as_ref().and_then(refusal);
        <XdgShellState as Dispatch<XdgWmBase, XdgWmBaseUserData, Self>>::request(
            state, client, base, request, data, display, init,
        );
        if let Some((code, message)) = refusal {
            base.post_error(code, message);
        } else if let Some(surface) = surface {
            mark_bare(&surface);
        }
    }

    fn destroyed(state: &mut Self, client: ClientId, base: &XdgWmBase, data: &XdgWmBaseUserData) {
        <XdgShellState as Dispatch<XdgWmBase, XdgWmBaseUserData, Self>>::destroyed(
            state, client, base, data,
        );
    }
}

/// Why a surface cannot become a window or popup.
fn refusal(surface: &WlSurface) -> Option<(xdg_wm_base::Error, &'static str)> {
    if get_role(surface).is_some_and(|role| role != XDG_TOPLEVEL_ROLE && role != XDG_POPUP_ROLE) {
        return Some((xdg_wm_base::Error::Role, "the surface has another role"));
    }
    let attached = with_states(surface, |states| {
        let mut state = states.cached_state.get::<SurfaceAttributes>();
        matches!(state.pending().buffer, Some(BufferAssignment::NewBuffer(_)))
    });
    (attached || has_picture(surface)).then_some((
        xdg_wm_base::Error::InvalidSurfaceState,
        "the surface has a buffer already",
    ))
}
