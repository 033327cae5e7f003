// SPDX-License-Identifier: EUPL-1.2
//! The keyboard on the screen types into the text field of an application.

#![allow(clippy::unwrap_used)]

mod common;

use std::{
    fs::File,
    io::Write,
    os::fd::{AsFd, BorrowedFd},
};

use common::{Client, Kiosk};
use wayland_client::protocol::wl_seat::WlSeat;
use wayland_protocols::wp::text_input::zv3::client::{
    zwp_text_input_manager_v3::ZwpTextInputManagerV3, zwp_text_input_v3::ZwpTextInputV3,
};
use wayland_protocols_misc::{
    zwp_input_method_v2::client::{
        zwp_input_method_manager_v2::ZwpInputMethodManagerV2, zwp_input_method_v2::ZwpInputMethodV2,
    },
    zwp_virtual_keyboard_v1::client::{
        zwp_virtual_keyboard_manager_v1::ZwpVirtualKeyboardManagerV1,
        zwp_virtual_keyboard_v1::ZwpVirtualKeyboardV1,
    },
};

const RED: [u8; 3] = [0xc0, 0x10, 0x20];
const BLUE: [u8; 3] = [0x10, 0x20, 0xc0];
/// `XKB_V1` of `wl_keyboard.keymap_format`.
const XKB: u32 = 1;
/// A key map with one key.
const ONE_KEY: &str = r#"xkb_keymap {
    xkb_keycodes "one" { minimum = 8; maximum = 255; <ONE> = 38; };
    xkb_types "one" { type "ONE_LEVEL" { modifiers = none; level_name[Level1] = "Any"; }; };
    xkb_compatibility "one" { };
    xkb_symbols "one" { key <ONE> { [ ssharp ] }; };
};
"#;
/// Its key as the kernel counts it.
const KEY: u32 = 30;

/// A shell, and an application that has the keyboard.
fn both(kiosk: &mut Kiosk) -> (Client, Client) {
    let shell = kiosk.client_showing(BLUE);
    let application = kiosk.application();
    let mut application = kiosk.with_window(application);
    application.paint(RED);
    kiosk.until(&mut application, "the keyboard", |client| {
        client.seen.keyboard_focus
    });
    (shell, application)
}

fn method(shell: &Client) -> ZwpInputMethodV2 {
    let seat: WlSeat = shell.bind();
    shell
        .bind::<ZwpInputMethodManagerV2>()
        .get_input_method(&seat, &shell.handle(), ())
}

/// A field that has been entered and wants to be typed into.
fn field(kiosk: &mut Kiosk, client: &mut Client) -> ZwpTextInputV3 {
    let seat: WlSeat = client.bind();
    let fields: ZwpTextInputManagerV3 = client.bind();
    let field = fields.get_text_input(&seat, &client.handle(), ());
    kiosk.until(client, "the field's focus", |client| {
        client.seen.field.entered
    });
    want(&field);
    kiosk.settle(client);
    field
}

fn want(field: &ZwpTextInputV3) {
    field.enable();
    field.set_surrounding_text("Str".to_owned(), 3, 3);
    field.commit();
}

/// Lets the shell write, and both sides hear of it.
fn write(
    kiosk: &mut Kiosk,
    shell: &mut Client,
    client: &mut Client,
    method: &ZwpInputMethodV2,
    text: &str,
) {
    method.commit_string(text.to_owned());
    method.commit(shell.seen.method.done);
    kiosk.settle(shell);
    kiosk.settle(client);
}

fn until_active(kiosk: &mut Kiosk, shell: &mut Client) {
    kiosk.until(shell, "the field", |shell| {
        shell.seen.method.active && shell.seen.method.done > 0
    });
}

/// Proves T10: what is typed on the screen's keyboard arrives in the field, which tells it what is there already, whichever of the two came
/// first; when the field goes, the keyboard knows.
#[test]
fn the_screens_keyboard_writes_into_a_field() {
    for method_first in [true, false] {
        let mut kiosk = Kiosk::new();
        let (mut shell, mut client) = both(&mut kiosk);
        let (method, field) = if method_first {
            let method = method(&shell);
            kiosk.settle(&mut shell);
            (method, field(&mut kiosk, &mut client))
        } else {
            let field = field(&mut kiosk, &mut client);
            (method(&shell), field)
        };
        until_active(&mut kiosk, &mut shell);
        assert_eq!(shell.seen.method.surrounding, [("Str".to_owned(), 3, 3)]);

        method.set_preedit_string("Stra".to_owned(), 4, 4);
        method.commit(shell.seen.method.done);
        kiosk.settle(&mut shell);
        kiosk.settle(&mut client);
        method.delete_surrounding_text(3, 0);
        write(&mut kiosk, &mut shell, &mut client, &method, "Straße");
        assert_eq!(client.seen.field.drafts, ["Stra"]);
        assert_eq!(client.seen.field.deleted, [(3, 0)]);
        assert_eq!(client.seen.field.texts, ["Straße"]);
        // The field has committed once.
        assert_eq!(client.seen.field.done, [1, 1]);

        field.destroy();
        kiosk.settle(&mut client);
        kiosk.settle(&mut shell);
        assert!(!shell.seen.method.active);
        write(&mut kiosk, &mut shell, &mut client, &method, "lost");
        assert_eq!(client.seen.field.texts, ["Straße"]);
    }
}

/// Proves T15: only one input method writes: a second one is told so and is not heard, and the first stays what it is; when it has gone the next
/// one takes its place.
#[test]
fn only_one_input_method_writes() {
    let mut kiosk = Kiosk::new();
    let (mut shell, mut client) = both(&mut kiosk);
    let first = method(&shell);
    kiosk.settle(&mut shell);
    let field = field(&mut kiosk, &mut client);
    until_active(&mut kiosk, &mut shell);
    let second = method(&shell);
    kiosk.settle(&mut shell);
    assert_eq!(shell.seen.method.unavailable, 1);
    write(&mut kiosk, &mut shell, &mut client, &second, "second");
    let grab = second.grab_keyboard(&shell.handle(), ());
    kiosk.settle(&mut shell);
    kiosk.strike(KEY);
    kiosk.until(&mut client, "a key that is not grabbed", |client| {
        client.seen.keys == [(KEY, true), (KEY, false)]
    });
    grab.release();
    second.destroy();
    write(&mut kiosk, &mut shell, &mut client, &first, "first");
    assert_eq!(client.seen.field.texts, ["first"]);

    first.destroy();
    kiosk.settle(&mut shell);
    assert_eq!(std::mem::take(&mut shell.seen.method).unavailable, 1);
    let third = method(&shell);
    kiosk.settle(&mut shell);
    kiosk.settle(&mut client);
    want(&field);
    kiosk.settle(&mut client);
    until_active(&mut kiosk, &mut shell);
    write(&mut kiosk, &mut shell, &mut client, &third, "third");
    assert_eq!(client.seen.field.texts, ["first", "third"]);
    assert_eq!(shell.seen.method.unavailable, 0);
}

fn keyboard(shell: &Client) -> ZwpVirtualKeyboardV1 {
    let seat: WlSeat = shell.bind();
    shell
        .bind::<ZwpVirtualKeyboardManagerV1>()
        .create_virtual_keyboard(&seat, &shell.handle(), ())
}

fn file_of(content: &str) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

/// Proves T10: keys of the screen's keyboard arrive with its own key map, and those of a real one with theirs again.
#[test]
fn the_screens_keyboard_strikes_keys() {
    let mut kiosk = Kiosk::new();
    let (mut shell, mut client) = both(&mut kiosk);
    let real = client.seen.keymaps.clone();
    assert_eq!(real.len(), 1);
    let keyboard = keyboard(&shell);
    let file = file_of(ONE_KEY);
    keyboard.keymap(XKB, file.as_fd(), ONE_KEY.len().try_into().unwrap());
    keyboard.key(1, KEY, 1);
    keyboard.key(2, KEY, 0);
    kiosk.settle(&mut shell);
    kiosk.settle(&mut client);
    assert_eq!(client.seen.keys, [(KEY, true), (KEY, false)]);
    assert_eq!(client.seen.keymaps.len(), 2);
    assert!(client.seen.keymaps[1].0.contains("ssharp") && client.seen.keymaps[1] != real[0]);
    kiosk.strike(KEY);
    kiosk.until(&mut client, "the real keys", |client| {
        client.seen.keys.len() == 4
    });
    assert_eq!(client.seen.keymaps[2..], real);
}

/// Proves T12: a key map that is shorter than its maker says, or no file at all, ends nobody but who goes on to type with it.
#[test]
fn a_keymap_that_is_not_there_is_survived() {
    let (pipe, _open) = std::io::pipe().unwrap();
    let (empty, text) = (file_of(""), file_of("no key map"));
    let cases: [(BorrowedFd<'_>, u32); 5] = [
        (empty.as_fd(), 4096),
        (text.as_fd(), 1 << 16),
        (text.as_fd(), 10),
        (text.as_fd(), u32::MAX),
        (pipe.as_fd(), 4096),
    ];
    for (keymap, size) in cases {
        let mut kiosk = Kiosk::new();
        let (mut shell, mut client) = both(&mut kiosk);
        let keyboard = keyboard(&shell);
        keyboard.keymap(XKB, keymap, size);
        kiosk.settle(&mut shell);
        keyboard.key(1, KEY, 1);
        kiosk.until_disconnected(&mut shell);
        kiosk.settle(&mut client);
        assert_eq!(client.seen.keys, []);
    }
}
