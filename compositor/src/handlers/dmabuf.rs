// SPDX-License-Identifier: EUPL-1.2
//! `linux-dmabuf`: pictures in the memory of the GPU, offered while a GPU draws, and only what it can draw with.
//!
//! smithay checks most of what a client says of its planes. An empty size is checked here before it hears of it, since it goes
//! on with one after it has ended the connection.

use std::sync::atomic::Ordering;

use smithay::{
    backend::allocator::{
        Buffer, Format,
        dmabuf::{Dmabuf, MAX_PLANES},
    },
    reexports::{
        calloop::Interest,
        wayland_protocols::wp::linux_dmabuf::zv1::server::{
            zwp_linux_buffer_params_v1::{self, ZwpLinuxBufferParamsV1},
            zwp_linux_dmabuf_feedback_v1::ZwpLinuxDmabufFeedbackV1,
            zwp_linux_dmabuf_v1::{self, ZwpLinuxDmabufV1},
        },
        wayland_server::{
            Client, DataInit, Dispatch, DisplayHandle, Resource,
            backend::ClientId,
            delegate_dispatch, delegate_global_dispatch,
            protocol::{wl_buffer::WlBuffer, wl_surface::WlSurface},
        },
    },
    wayland::{
        compositor::{BufferAssignment, SurfaceAttributes, add_blocker, with_states},
        dmabuf::{
            DmabufData, DmabufFeedbackBuilder, DmabufFeedbackData, DmabufGlobal, DmabufGlobalData,
            DmabufHandler, DmabufParamsData, DmabufState, ImportNotifier, get_dmabuf,
        },
    },
};

use crate::{
    client::{ClientState, hold},
    state::Kiosk,
};

/// So many such buffers a client may have: each holds descriptors of ours.
const MAX_BUFFERS: usize = 64;
/// So wide and high one may be, in pixels: twice the largest screen.
const MAX_SIDE: u32 = 8192;

/// What a GPU can draw with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The device number of its node.
    pub device: u64,
    /// Pixel formats, each with how its pixels lie in memory.
    pub formats: Vec<Format>,
}

/// What is offered to clients.
#[derive(Debug)]
pub struct Dmabufs {
    state: DmabufState,
    offered: Option<(DmabufGlobal, Import)>,
}

impl Dmabufs {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            state: DmabufState::new(),
            offered: None,
        }
    }
}

impl Kiosk {
    /// Offers what can be drawn with now, and nothing else.
    pub fn offer_dmabufs(&mut self) {
        let import = self.backend.import();
        let Dmabufs { state, offered } = &mut self.globals.dmabufs;
        if offered.as_ref().map(|(_, import)| import) == import.as_ref() {
            return;
        }
        if let Some((global, _)) = offered.take() {
            state.destroy_global::<Self>(&self.display, global);
        }
        let Some(import) = import else { return };
        match DmabufFeedbackBuilder::new(import.device, import.formats.iter().copied()).build() {
            Ok(feedback) => {
                let global =
                    state.create_global_with_default_feedback::<Self>(&self.display, &feedback);
                *offered = Some((global, import));
            }
            Err(error) => tracing::error!(%error, "list the formats of the GPU"),
        }
    }

    /// A surface is about to show its next buffer: it does so when whoever draws into the buffer has finished. Otherwise
    /// the GPU would wait, and everything on the screen with it.
    pub fn await_picture(&mut self, surface: &WlSurface) {
        let next = with_states(surface, |states| {
            let mut attributes = states.cached_state.get::<SurfaceAttributes>();
            match &attributes.pending().buffer {
                Some(BufferAssignment::NewBuffer(buffer)) => get_dmabuf(buffer).ok().cloned(),
                _ => None,
            }
        });
        // There is nothing to wait for where the picture is finished.
        let Some((blocker, finished)) =
            next.and_then(|next| next.generate_blocker(Interest::READ).ok())
        else {
            return;
        };
        let Some(client) = surface.client() else {
            return;
        };
        let inserted = self.events.insert_source(finished, move |(), _, kiosk| {
            if let Some(state) = client.get_data::<ClientState>() {
                let display = kiosk.display.clone();
                state.compositor.blocker_cleared(kiosk, &display);
            }
            Ok(())
        });
        match inserted {
            Ok(_) => add_blocker(surface, blocker),
            Err(error) => tracing::warn!(%error, "wait for a client's picture"),
        }
    }
}

/// Counts one more buffer of a client, if it may have one.
fn count(client: &Client) -> bool {
    client.get_data::<ClientState>().is_some_and(|state| {
        let more = |count: usize| (count < MAX_BUFFERS).then_some(count + 1);
        let (order, read) = (Ordering::Relaxed, Ordering::Relaxed);
        state.dmabufs.fetch_update(order, read, more).is_ok()
    })
}

/// A buffer is gone.
pub fn forget(buffer: &WlBuffer) {
    if get_dmabuf(buffer).is_ok()
        && let Some(client) = buffer.client()
        && let Some(state) = client.get_data::<ClientState>()
    {
        state.dmabufs.fetch_sub(1, Ordering::Relaxed);
    }
}

impl DmabufHandler for Kiosk {
    fn dmabuf_state(&mut self) -> &mut DmabufState {
        &mut self.globals.dmabufs.state
    }

    fn dmabuf_imported(&mut self, _: &DmabufGlobal, dmabuf: Dmabuf, notifier: ImportNotifier) {
        let sides = [dmabuf.width(), dmabuf.height()];
        let imported = if sides.iter().any(|side| *side > MAX_SIDE) {
            Err("it is too large".to_owned())
        } else {
            self.backend.try_import(&dmabuf)
        };
        match (imported, notifier.client()) {
            (Ok(()), Some(client)) if count(&client) => {
                // Only a client that is gone gets none.
                let _ = notifier.successful::<Self>();
            }
            (imported, _) => {
                tracing::debug!(?imported, ?sides, format = ?dmabuf.format(), "refuse a client's buffer");
                notifier.failed();
            }
        }
    }
}

impl Dispatch<ZwpLinuxDmabufV1, DmabufData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        dmabuf: &ZwpLinuxDmabufV1,
        request: zwp_linux_dmabuf_v1::Request,
        data: &DmabufData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        if matches!(request, zwp_linux_dmabuf_v1::Request::CreateParams { .. }) {
            // Who is refused is gone with all it has.
            hold(client, MAX_PLANES, display);
        }
        <DmabufState as Dispatch<ZwpLinuxDmabufV1, DmabufData, Self>>::request(
            state, client, dmabuf, request, data, display, init,
        );
    }
}

impl Dispatch<ZwpLinuxBufferParamsV1, DmabufParamsData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        params: &ZwpLinuxBufferParamsV1,
        request: zwp_linux_buffer_params_v1::Request,
        data: &DmabufParamsData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        use zwp_linux_buffer_params_v1::{Error, Request};
        if let Request::Create { width, height, .. } | Request::CreateImmed { width, height, .. } =
            request
            && (width < 1 || height < 1)
        {
            params.post_error(
                Error::InvalidDimensions,
                format!("a buffer cannot have {width} x {height} pixels"),
            );
            return;
        }
        <DmabufState as Dispatch<ZwpLinuxBufferParamsV1, DmabufParamsData, Self>>::request(
            state, client, params, request, data, display, init,
        );
    }

    fn destroyed(_: &mut Self, _: ClientId, params: &ZwpLinuxBufferParamsV1, _: &DmabufParamsData) {
        if let Some(client) = params.client()
            && let Some(state) = client.get_data::<ClientState>()
        {
            state.release(MAX_PLANES);
        }
    }
}

delegate_global_dispatch!(Kiosk: [ZwpLinuxDmabufV1: DmabufGlobalData] => DmabufState);
delegate_dispatch!(Kiosk: [ZwpLinuxDmabufFeedbackV1: DmabufFeedbackData] => DmabufState);
delegate_dispatch!(Kiosk: [WlBuffer: Dmabuf] => DmabufState);
