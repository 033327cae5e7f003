// SPDX-License-Identifier: EUPL-1.2
//! `wl_shm`: pictures in shared memory.
//!
//! smithay checks most of what a client says about its memory. Two things are checked here before it hears of them: a
//! pool resized to nothing, which it takes for impossible, and rows that do not begin at whole pixels, which pixman
//! cannot draw. Pools and their buffers are counted: the last of them holds the descriptor that came with the pool.

use smithay::{
    reexports::wayland_server::{
        Client, DataInit, Dispatch, DisplayHandle, Resource,
        backend::ClientId,
        delegate_dispatch, delegate_global_dispatch,
        protocol::{
            wl_buffer::WlBuffer,
            wl_shm::{self, Error, WlShm},
            wl_shm_pool::{self, WlShmPool},
        },
    },
    wayland::shm::{ShmBufferUserData, ShmHandler, ShmPoolUserData, ShmState},
};

use crate::{
    client::{ClientState, hold},
    state::Kiosk,
};

/// Bytes of a pixel in every format that is offered, and so the alignment of a row.
const PIXEL: i32 = 4;

impl ShmHandler for Kiosk {
    fn shm_state(&self) -> &ShmState {
        &self.globals.shm
    }
}

impl Dispatch<WlShm, ()> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        shm: &WlShm,
        request: wl_shm::Request,
        data: &(),
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        if matches!(request, wl_shm::Request::CreatePool { .. }) {
            // Who is refused is gone with all it has.
            hold(client, 1, display);
        }
        <ShmState as Dispatch<WlShm, (), Self>>::request(
            state, client, shm, request, data, display, init,
        );
    }
}

/// A buffer is gone.
pub fn forget(buffer: &WlBuffer) {
    if buffer.data::<ShmBufferUserData>().is_some() {
        release(buffer.client());
    }
}

fn release(client: Option<Client>) {
    if let Some(client) = client
        && let Some(state) = client.get_data::<ClientState>()
    {
        state.release(1);
    }
}

impl Dispatch<WlShmPool, ShmPoolUserData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        pool: &WlShmPool,
        request: wl_shm_pool::Request,
        data: &ShmPoolUserData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        match request {
            wl_shm_pool::Request::Resize { size } if size <= 0 => {
                pool.post_error(
                    Error::InvalidFd,
                    format!("a pool cannot be resized to {size} bytes"),
                );
                return;
            }
            wl_shm_pool::Request::CreateBuffer { offset, stride, .. }
                if offset % PIXEL != 0 || stride % PIXEL != 0 =>
            {
                pool.post_error(
                    Error::InvalidStride,
                    "offset and stride must be whole pixels of four bytes",
                );
                return;
            }
            wl_shm_pool::Request::CreateBuffer { .. } => {
                hold(client, 1, display);
            }
            _ => {}
        }
        <ShmState as Dispatch<WlShmPool, ShmPoolUserData, Self>>::request(
            state, client, pool, request, data, display, init,
        );
    }

    fn destroyed(state: &mut Self, id: ClientId, pool: &WlShmPool, data: &ShmPoolUserData) {
        release(pool.client());
        <ShmState as Dispatch<WlShmPool, ShmPoolUserData, Self>>::destroyed(state, id, pool, data);
    }
}

delegate_global_dispatch!(Kiosk: [WlShm: ()] => ShmState);
delegate_dispatch!(Kiosk: [WlBuffer: ShmBufferUserData] => ShmState);
