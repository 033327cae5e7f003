// SPDX-License-Identifier: EUPL-1.2
//! An input method beside the one that there is already: it is told so, and nothing that it says is heard.
//!
//! smithay would tell the first one instead, and hear both.

use smithay::reexports::{
    wayland_protocols_misc::zwp_input_method_v2::server::{
        zwp_input_method_keyboard_grab_v2::{self, ZwpInputMethodKeyboardGrabV2},
        zwp_input_method_v2::{self, ZwpInputMethodV2},
        zwp_input_popup_surface_v2::{self, ZwpInputPopupSurfaceV2},
    },
    wayland_server::{Client, DataInit, Dispatch, DisplayHandle, New},
};

use crate::state::Kiosk;

/// What it and all that belongs to it is.
#[derive(Debug)]
pub struct Unavailable;

impl Unavailable {
    /// Makes such an input method.
    pub fn init(new: New<ZwpInputMethodV2>, init: &mut DataInit<'_, Kiosk>) {
        init.init(new, Self).unavailable();
    }
}

impl Dispatch<ZwpInputMethodV2, Unavailable> for Kiosk {
    fn request(
        _: &mut Self,
        _: &Client,
        _: &ZwpInputMethodV2,
        request: zwp_input_method_v2::Request,
        _: &Unavailable,
        _: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        match request {
            zwp_input_method_v2::Request::GetInputPopupSurface { id, .. } => {
                init.init(id, Unavailable);
            }
            zwp_input_method_v2::Request::GrabKeyboard { keyboard } => {
                init.init(keyboard, Unavailable);
            }
            _ => {}
        }
    }
}

impl Dispatch<ZwpInputPopupSurfaceV2, Unavailable> for Kiosk {
    fn request(
        _: &mut Self,
        _: &Client,
        _: &ZwpInputPopupSurfaceV2,
        _: zwp_input_popup_surface_v2::Request,
        _: &Unavailable,
        _: &DisplayHandle,
        _: &mut DataInit<'_, Self>,
    ) {
    }
}

impl Dispatch<ZwpInputMethodKeyboardGrabV2, Unavailable> for Kiosk {
    fn request(
        _: &mut Self,
        _: &Client,
        _: &ZwpInputMethodKeyboardGrabV2,
        _: zwp_input_method_keyboard_grab_v2::Request,
        _: &Unavailable,
        _: &DisplayHandle,
        _: &mut DataInit<'_, Self>,
    ) {
    }
}
