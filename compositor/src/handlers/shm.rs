// SPDX-License-Identifier: EUPL-1.2
//! `wl_shm`: pictures in shared memory.
//!
//! smithay checks most of what a client says about its memory. Two things are checked here before it hears of them: a
//! pool resized to nothing, which it takes for impossible, and rows that do not begin at whole pixels, which pixman
//! cannot draw.

use smithay::{
    reexports::wayland_server::{
        Client, DataInit, Dispatch, DisplayHandle, Resource, delegate_dispatch,
        delegate_global_dispatch,
        protocol::{
            wl_buffer::WlBuffer,
            wl_shm::{Error, WlShm},
            wl_shm_pool::{self, WlShmPool},
        },
    },
    wayland::shm::{ShmBufferUserData, ShmHandler, ShmPoolUserData, ShmState},
};

use crate::state::Kiosk;

/// Bytes of a pixel in every format that is offered, and so the alignment of a row.
const PIXEL: i32 = 4;

impl ShmHandler for Kiosk {
    fn shm_state(&self) -> &ShmState {
        &self.globals.shm
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
            _ => {}
        }
        <ShmState as Dispatch<WlShmPool, ShmPoolUserData, Self>>::request(
            state, client, pool, request, data, display, init,
        );
    }
}

delegate_global_dispatch!(Kiosk: [WlShm: ()] => ShmState);
delegate_dispatch!(Kiosk: [WlShm: ()] => ShmState);
delegate_dispatch!(Kiosk: [WlBuffer: ShmBufferUserData] => ShmState);
