// SPDX-License-Identifier: EUPL-1.2
//! `zwp_virtual_keyboard`: keys of the keyboard on the screen; only for the shell.
//!
//! smithay maps the file of a key map into our memory, where one that is too short would end us. So it gets a copy.

use std::{
    fs::File,
    io::{self, Write},
    os::{fd::OwnedFd, unix::fs::FileExt},
};

use rustix::fs::{FileType, MemfdFlags};
use smithay::{
    reexports::{
        wayland_protocols_misc::zwp_virtual_keyboard_v1::server::{
            zwp_virtual_keyboard_manager_v1::ZwpVirtualKeyboardManagerV1,
            zwp_virtual_keyboard_v1::{Request, ZwpVirtualKeyboardV1},
        },
        wayland_server::{
            Client, DataInit, Dispatch, DisplayHandle, delegate_dispatch, delegate_global_dispatch,
        },
    },
    wayland::virtual_keyboard::{
        VirtualKeyboardManagerGlobalData, VirtualKeyboardManagerState, VirtualKeyboardUserData,
    },
};

use crate::state::Kiosk;

/// So many bytes a key map may have; usual ones have 60,000.
const MAX_KEYMAP: u32 = 1 << 20;

/// Copies the first bytes of a plain file into memory of our own.
fn copy(keymap: OwnedFd, size: u32) -> io::Result<OwnedFd> {
    if size > MAX_KEYMAP {
        return Err(io::Error::other("too large"));
    }
    // A pipe would make us wait.
    let kind = FileType::from_raw_mode(rustix::fs::fstat(&keymap)?.st_mode);
    if kind != FileType::RegularFile {
        return Err(io::Error::other("not a plain file"));
    }
    let mut bytes = vec![0; size as usize];
    // Where its client has read it to does not matter.
    File::from(keymap).read_exact_at(&mut bytes, 0)?;
    let mut copy = File::from(rustix::fs::memfd_create("keymap", MemfdFlags::CLOEXEC)?);
    copy.write_all(&bytes)?;
    Ok(copy.into())
}

impl Dispatch<ZwpVirtualKeyboardV1, VirtualKeyboardUserData<Self>> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        keyboard: &ZwpVirtualKeyboardV1,
        request: Request,
        data: &VirtualKeyboardUserData<Self>,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        let request = match request {
            Request::Keymap { format, fd, size } => match copy(fd, size) {
                Ok(fd) => Request::Keymap { format, fd, size },
                Err(error) => {
                    tracing::warn!(%error, size, "read a virtual keyboard's key map");
                    return;
                }
            },
            request => request,
        };
        <VirtualKeyboardManagerState as Dispatch<
            ZwpVirtualKeyboardV1,
            VirtualKeyboardUserData<Self>,
            Self,
        >>::request(state, client, keyboard, request, data, display, init);
    }
}

delegate_global_dispatch!(Kiosk: [ZwpVirtualKeyboardManagerV1: VirtualKeyboardManagerGlobalData] => VirtualKeyboardManagerState);
delegate_dispatch!(Kiosk: [ZwpVirtualKeyboardManagerV1: ()] => VirtualKeyboardManagerState);
