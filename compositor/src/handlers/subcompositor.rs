// SPDX-License-Identifier: EUPL-1.2
//! `wl_subcompositor`: surfaces as parts of others.
//!
//! smithay checks most of it. One thing is checked here before it hears of it: a part that is to be placed above or below
//! itself, which it does not expect.

use smithay::{
    reexports::wayland_server::{
        Client, DataInit, Dispatch, DisplayHandle, Resource,
        backend::ClientId,
        delegate_dispatch, delegate_global_dispatch,
        protocol::{
            wl_subcompositor::WlSubcompositor,
            wl_subsurface::{self, WlSubsurface},
        },
    },
    wayland::compositor::{CompositorState, SubsurfaceUserData},
};

use crate::state::Kiosk;

impl Dispatch<WlSubsurface, SubsurfaceUserData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        subsurface: &WlSubsurface,
        request: wl_subsurface::Request,
        data: &SubsurfaceUserData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        if let wl_subsurface::Request::PlaceAbove { sibling }
        | wl_subsurface::Request::PlaceBelow { sibling } = &request
            && sibling == data.surface()
        {
            subsurface.post_error(
                wl_subsurface::Error::BadSurface,
                "a surface is not its own sibling",
            );
            return;
        }
        <CompositorState as Dispatch<WlSubsurface, SubsurfaceUserData, Self>>::request(
            state, client, subsurface, request, data, display, init,
        );
    }

    fn destroyed(
        state: &mut Self,
        client: ClientId,
        subsurface: &WlSubsurface,
        data: &SubsurfaceUserData,
    ) {
        <CompositorState as Dispatch<WlSubsurface, SubsurfaceUserData, Self>>::destroyed(
            state, client, subsurface, data,
        );
    }
}

delegate_global_dispatch!(Kiosk: [WlSubcompositor: ()] => CompositorState);
delegate_dispatch!(Kiosk: [WlSubcompositor: ()] => CompositorState);
