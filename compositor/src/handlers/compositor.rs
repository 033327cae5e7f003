// SPDX-License-Identifier: EUPL-1.2
//! `wl_compositor` and `wl_subcompositor`: surfaces and their trees.

use smithay::{
    backend::renderer::utils::on_commit_buffer_handler,
    delegate_compositor,
    reexports::wayland_server::{Client, protocol::wl_surface::WlSurface},
    wayland::compositor::{CompositorClientState, CompositorHandler, CompositorState},
};

use crate::{client::ClientState, state::Kiosk};

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

    fn commit(&mut self, surface: &WlSurface) {
        on_commit_buffer_handler::<Self>(surface);
        self.popups.commit(surface);
        self.window_committed(surface);
        self.queue_redraw();
    }

    fn destroyed(&mut self, _surface: &WlSurface) {
        self.queue_redraw();
    }
}

delegate_compositor!(Kiosk);
