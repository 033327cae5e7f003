// SPDX-License-Identifier: EUPL-1.2
//! `wl_buffer`: of a buffer nothing is kept beyond what the surfaces hold, but they are counted.

use smithay::{
    reexports::wayland_server::protocol::wl_buffer::WlBuffer, wayland::buffer::BufferHandler,
};

use super::{dmabuf, shm};
use crate::state::Kiosk;

impl BufferHandler for Kiosk {
    fn buffer_destroyed(&mut self, buffer: &WlBuffer) {
        dmabuf::forget(buffer);
        shm::forget(buffer);
    }
}
