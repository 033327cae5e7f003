// SPDX-License-Identifier: EUPL-1.2
//! `wl_compositor`: surfaces, which show a picture when they are committed.

use std::sync::atomic::Ordering;

use smithay::{
    backend::renderer::utils::on_commit_buffer_handler,
    reexports::wayland_server::{
        Client, DataInit, Dispatch, DisplayHandle, Resource,
        backend::ClientId,
        delegate_dispatch, delegate_global_dispatch,
        protocol::{
            wl_callback::WlCallback,
            wl_compositor::WlCompositor,
            wl_region::WlRegion,
            wl_surface::{self, WlSurface},
        },
    },
    wayland::compositor::{
        CompositorClientState, CompositorHandler, CompositorState, RegionUserData, SurfaceUserData,
    },
};

use super::subcompositor::{apply_places, commit_places};
use crate::{
    client::{ClientState, disconnect},
    state::Kiosk,
};

/// So many surfaces a client may have. Trees of surfaces are walked by recursion, so their depth must have an end.
const MAX_SURFACES: usize = 256;

impl CompositorHandler for Kiosk {
    fn compositor_state(&mut self) -> &mut CompositorState {
        &mut self.globals.compositor
    }

    fn client_compositor_state<'a>(&self, client: &'a Client) -> &'a CompositorClientState {
        // Every client is inserted by `Admission` with this type of data; there is no other way in.
        #[allow(clippy::expect_used)]
        let state = client
            .get_data::<ClientState>()
            .expect("clients are inserted by Admission only");
        &state.compositor
    }

    fn new_surface(&mut self, surface: &WlSurface) {
        let count = surface.client().and_then(|client| {
            let state = client.get_data::<ClientState>()?;
            Some(state.surfaces.fetch_add(1, Ordering::Relaxed))
        });
        if count.is_some_and(|count| count >= MAX_SURFACES)
            && let Some(client) = surface.client()
        {
            disconnect(&client, &self.display, "too many surfaces");
        }
    }

    fn commit(&mut self, surface: &WlSurface) {
        apply_places(surface);
        on_commit_buffer_handler::<Self>(surface);
        self.popups.commit(surface);
        self.window_committed(surface);
        self.layer_committed(surface);
        self.popup_committed(surface);
        self.queue_redraw();
    }

    fn destroyed(&mut self, surface: &WlSurface) {
        if let Some(client) = surface.client()
            && let Some(state) = client.get_data::<ClientState>()
        {
            state.surfaces.fetch_sub(1, Ordering::Relaxed);
        }
        self.lift_touches(surface);
        self.queue_redraw();
    }
}

impl Dispatch<WlSurface, SurfaceUserData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        surface: &WlSurface,
        request: wl_surface::Request,
        data: &SurfaceUserData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        match &request {
            wl_surface::Request::Attach {
                buffer: Some(_), ..
            } if !state.may_attach(client, surface) => {
                return;
            }
            wl_surface::Request::Commit if !state.may_commit(surface) => return,
            wl_surface::Request::Commit => {
                commit_places(surface);
                state.await_picture(surface);
            }
            _ => {}
        }
        <CompositorState as Dispatch<WlSurface, SurfaceUserData, Self>>::request(
            state, client, surface, request, data, display, init,
        );
    }

    fn destroyed(state: &mut Self, client: ClientId, surface: &WlSurface, data: &SurfaceUserData) {
        <CompositorState as Dispatch<WlSurface, SurfaceUserData, Self>>::destroyed(
            state, client, surface, data,
        );
    }
}

delegate_global_dispatch!(Kiosk: [WlCompositor: ()] => CompositorState);
delegate_dispatch!(Kiosk: [WlCompositor: ()] => CompositorState);
delegate_dispatch!(Kiosk: [WlRegion: RegionUserData] => CompositorState);
delegate_dispatch!(Kiosk: [WlCallback: ()] => CompositorState);
