// SPDX-License-Identifier: EUPL-1.2
//! Types into the field of an application: characters as an input method (`zwp_input_method_v2`), keys that are no characters by
//! a keyboard of its own (`zwp_virtual_keyboard_v1`), the same protocols that any other keyboard on a screen uses.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;

use rustix::fs::{MemfdFlags, memfd_create};
use smithay_client_toolkit::dispatch2::Dispatch2;
use smithay_client_toolkit::reexports::client::globals::GlobalList;
use smithay_client_toolkit::reexports::client::protocol::wl_keyboard::KeymapFormat;
use smithay_client_toolkit::reexports::client::protocol::wl_seat::WlSeat;
use smithay_client_toolkit::reexports::client::{Connection, QueueHandle, WEnum};
use smithay_client_toolkit::reexports::protocols::wp::text_input::zv3::client::zwp_text_input_v3::ContentPurpose;
use smithay_client_toolkit::reexports::protocols_misc::zwp_input_method_v2::client::{
    zwp_input_method_manager_v2::ZwpInputMethodManagerV2,
    zwp_input_method_v2::{Event as MethodEvent, ZwpInputMethodV2},
};
use smithay_client_toolkit::reexports::protocols_misc::zwp_virtual_keyboard_v1::client::{
    zwp_virtual_keyboard_manager_v1::ZwpVirtualKeyboardManagerV1,
    zwp_virtual_keyboard_v1::ZwpVirtualKeyboardV1,
};

use super::silent::Silent;
use super::window::App;
use crate::event::{Event, Typed};
use crate::state::application::Purpose;

/// The keys that are no characters, as the kernel counts them (`KEY_BACKSPACE`, `KEY_ENTER`); XKB counts from 8 on.
const BACKSPACE: u32 = 14;
const ENTER: u32 = 28;
/// What they mean.
const KEYMAP: &str = r#"xkb_keymap {
    xkb_keycodes "keys" { minimum = 8; maximum = 255; <BKSP> = 22; <RTRN> = 36; };
    xkb_types "keys" { type "ONE_LEVEL" { modifiers = none; level_name[Level1] = "Any"; }; };
    xkb_compatibility "keys" { };
    xkb_symbols "keys" { key <BKSP> { [ BackSpace ] }; key <RTRN> { [ Return ] }; };
};
"#;

/// What types.
pub struct Typist {
    method: ZwpInputMethodV2,
    keyboard: ZwpVirtualKeyboardV1,
    /// The number of the compositor's last word, which it wants to hear with ours.
    serial: u32,
    pending: Option<Purpose>,
    /// The field that is typed into.
    field: Option<Purpose>,
    /// The time of the next key: they only have to differ.
    time: u32,
}

/// What hears the compositor's words to the input method.
pub struct Ear;

impl Typist {
    /// Begins, unless the compositor does not offer what it takes.
    pub fn new(globals: &GlobalList, queue: &QueueHandle<App>, seat: &WlSeat) -> Option<Self> {
        let methods: ZwpInputMethodManagerV2 = globals.bind(queue, 1..=1, Silent).ok()?;
        let keyboards: ZwpVirtualKeyboardManagerV1 = globals.bind(queue, 1..=1, Silent).ok()?;
        let keymap = match keymap() {
            Ok(file) => file,
            Err(error) => {
                tracing::error!("cannot make the keys of the keyboard on the screen: {error}");
                return None;
            }
        };
        let keyboard = keyboards.create_virtual_keyboard(seat, queue, Silent);
        let size = KEYMAP.len() as u32;
        keyboard.keymap(KeymapFormat::XkbV1.into(), keymap.as_fd(), size);
        Some(Self {
            method: methods.get_input_method(seat, queue, Ear),
            keyboard,
            serial: 0,
            pending: None,
            field: None,
            time: 0,
        })
    }

    /// Types, if there is a field.
    pub fn type_in(&mut self, typed: Typed) {
        if self.field.is_none() {
            return;
        }
        match typed {
            Typed::Char(c) => {
                self.method.commit_string(c.to_string());
                self.method.commit(self.serial);
            }
            Typed::Backspace => self.strike(BACKSPACE),
            Typed::Enter => self.strike(ENTER),
        }
    }

    fn strike(&mut self, key: u32) {
        for pressed in [1, 0] {
            self.time = self.time.wrapping_add(1);
            self.keyboard.key(self.time, key, pressed);
        }
    }

    /// Takes in what the compositor says; returns whether the field is another one now.
    fn hears(&mut self, event: &MethodEvent) -> bool {
        match event {
            MethodEvent::Activate => self.pending = Some(Purpose::Text),
            MethodEvent::Deactivate | MethodEvent::Unavailable => self.pending = None,
            MethodEvent::ContentType { purpose, .. } if self.pending.is_some() => {
                self.pending = Some(meaning(*purpose));
            }
            MethodEvent::Done => {
                self.serial = self.serial.wrapping_add(1);
                return std::mem::replace(&mut self.field, self.pending) != self.pending;
            }
            _ => {}
        }
        false
    }
}

/// What a field is for.
fn meaning(purpose: WEnum<ContentPurpose>) -> Purpose {
    match purpose {
        WEnum::Value(ContentPurpose::Email) => Purpose::Email,
        WEnum::Value(ContentPurpose::Digits | ContentPurpose::Pin) => Purpose::Digits,
        WEnum::Value(ContentPurpose::Date) => Purpose::Date,
        WEnum::Value(
            ContentPurpose::Number
            | ContentPurpose::Phone
            | ContentPurpose::Time
            | ContentPurpose::Datetime,
        ) => Purpose::Signs,
        _ => Purpose::Text,
    }
}

fn keymap() -> std::io::Result<File> {
    let mut file = File::from(memfd_create("keymap", MemfdFlags::CLOEXEC)?);
    file.write_all(KEYMAP.as_bytes())?;
    Ok(file)
}

impl Dispatch2<ZwpInputMethodV2, App> for Ear {
    fn event(
        &self,
        app: &mut App,
        _: &ZwpInputMethodV2,
        event: MethodEvent,
        _: &Connection,
        _: &QueueHandle<App>,
    ) {
        let Some(typist) = &mut app.typist else {
            return;
        };
        if typist.hears(&event) {
            let purpose = typist.field;
            app.event(Event::Field(purpose));
        }
    }
}
