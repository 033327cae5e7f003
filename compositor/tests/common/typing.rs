// SPDX-License-Identifier: EUPL-1.2
//! What a client hears as a text field, as the keyboard on the screen that types into it, and as one that makes sockets.

use wayland_client::{Connection, Dispatch, QueueHandle, delegate_noop};
use wayland_protocols::wp::{
    security_context::v1::client::{
        wp_security_context_manager_v1::WpSecurityContextManagerV1,
        wp_security_context_v1::WpSecurityContextV1,
    },
    text_input::zv3::client::{
        zwp_text_input_manager_v3::ZwpTextInputManagerV3,
        zwp_text_input_v3::{self, ZwpTextInputV3},
    },
};
use wayland_protocols_misc::{
    zwp_input_method_v2::client::{
        zwp_input_method_keyboard_grab_v2::ZwpInputMethodKeyboardGrabV2,
        zwp_input_method_manager_v2::ZwpInputMethodManagerV2,
        zwp_input_method_v2::{self, ZwpInputMethodV2},
        zwp_input_popup_surface_v2::ZwpInputPopupSurfaceV2,
    },
    zwp_virtual_keyboard_v1::client::{
        zwp_virtual_keyboard_manager_v1::ZwpVirtualKeyboardManagerV1,
        zwp_virtual_keyboard_v1::ZwpVirtualKeyboardV1,
    },
};

use super::client::Seen;

/// What a text field has heard.
#[derive(Debug, Default)]
pub struct Field {
    pub entered: bool,
    pub drafts: Vec<String>,
    pub texts: Vec<String>,
    pub deleted: Vec<(u32, u32)>,
    pub done: Vec<u32>,
}

/// What an input method has heard.
#[derive(Debug, Default)]
pub struct Method {
    pub active: bool,
    pub surrounding: Vec<(String, u32, u32)>,
    /// How often: the serial of what it says.
    pub done: u32,
    pub unavailable: u32,
}

impl Dispatch<ZwpTextInputV3, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &ZwpTextInputV3,
        event: zwp_text_input_v3::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        let field = &mut seen.field;
        match event {
            zwp_text_input_v3::Event::Enter { .. } => field.entered = true,
            zwp_text_input_v3::Event::Leave { .. } => field.entered = false,
            zwp_text_input_v3::Event::PreeditString { text, .. } => field.drafts.extend(text),
            zwp_text_input_v3::Event::CommitString { text } => field.texts.extend(text),
            zwp_text_input_v3::Event::DeleteSurroundingText {
                before_length,
                after_length,
            } => field.deleted.push((before_length, after_length)),
            zwp_text_input_v3::Event::Done { serial } => field.done.push(serial),
            _ => {}
        }
    }
}

impl Dispatch<ZwpInputMethodV2, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &ZwpInputMethodV2,
        event: zwp_input_method_v2::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        let method = &mut seen.method;
        match event {
            zwp_input_method_v2::Event::Activate => method.active = true,
            zwp_input_method_v2::Event::Deactivate => method.active = false,
            zwp_input_method_v2::Event::SurroundingText {
                text,
                cursor,
                anchor,
            } => method.surrounding.push((text, cursor, anchor)),
            zwp_input_method_v2::Event::Done => method.done += 1,
            zwp_input_method_v2::Event::Unavailable => method.unavailable += 1,
            _ => {}
        }
    }
}

delegate_noop!(Seen: ignore ZwpTextInputManagerV3);
delegate_noop!(Seen: ignore ZwpInputMethodManagerV2);
delegate_noop!(Seen: ignore ZwpInputMethodKeyboardGrabV2);
delegate_noop!(Seen: ignore ZwpInputPopupSurfaceV2);
delegate_noop!(Seen: ignore ZwpVirtualKeyboardManagerV1);
delegate_noop!(Seen: ignore ZwpVirtualKeyboardV1);
delegate_noop!(Seen: ignore WpSecurityContextManagerV1);
delegate_noop!(Seen: ignore WpSecurityContextV1);
