// SPDX-License-Identifier: EUPL-1.2
//! `wl_compositor`: surfaces, which show a picture when they are committed.

use std::sync::atomic::Ordering;

use smithay::{
    backend::renderer::utils::on_commit_buffer_handler,
    reexports::wayland_server::{
        Client, Resource, delegate_dispatch, delegate_global_dispatch,
        protocol::{
            wl_callback::WlCallback, wl_compositor::WlCompositor, wl_region::WlRegion,
            wl_surface::WlSurface,
        },
    },
    wayland::compositor::{
        CompositorClientState, CompositorHandler, CompositorState, RegionUserData, SurfaceUserData,
    },
};

use crate::{client::ClientState, state::Kiosk};

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
        if count.is_some_and(|count| count >= MAX_SURFACES) {
            self.disconnect_client("too many surfaces");
        }
    }

    fn commit(&mut self, surface: &WlSurface) {
        on_commit_buffer_handler::<Self>(surface);
        self.popups.commit(surface);
        self.window_committed(surface);
        self.queue_redraw();
    }

    fn destroyed(&mut self, surface: &WlSurface) {
        if let Some(client) = surface.client()
            && let Some(state) = client.get_data::<ClientState>()
        {
            state.surfaces.fetch_sub(1, Ordering::Relaxed);
        }
        self.queue_redraw();
    }
}

delegate_global_dispatch!(Kiosk: [WlCompositor: ()] => CompositorState);
delegate_dispatch!(Kiosk: [WlCompositor: ()] => CompositorState);
delegate_dispatch!(Kiosk: [WlSurface: SurfaceUserData] => CompositorState);
delegate_dispatch!(Kiosk: [WlRegion: RegionUserData] => CompositorState);
delegate_dispatch!(Kiosk: [WlCallback: ()] => CompositorState);
