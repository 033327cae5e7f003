// SPDX-License-Identifier: EUPL-1.2
//! `wl_buffer`: nothing is kept for a buffer beyond what the surfaces hold.

use smithay::{
    reexports::wayland_server::protocol::wl_buffer::WlBuffer, wayland::buffer::BufferHandler,
};

use crate::state::Kiosk;

impl BufferHandler for Kiosk {
    fn buffer_destroyed(&mut self, _buffer: &WlBuffer) {}
}
