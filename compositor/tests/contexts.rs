// SPDX-License-Identifier: EUPL-1.2
//! Who comes by a socket that the shell has made is an application and nothing more.

#![allow(clippy::unwrap_used)]

mod common;

use std::{
    collections::BTreeSet,
    io::{PipeWriter, Write},
    os::{
        fd::AsFd,
        unix::net::{UnixListener, UnixStream},
    },
    path::Path,
};

use common::{Client, Kiosk};
use wayland_protocols::wp::security_context::v1::client::wp_security_context_manager_v1::WpSecurityContextManagerV1;
use wayland_protocols_misc::{
    zwp_input_method_v2::client::zwp_input_method_manager_v2::ZwpInputMethodManagerV2,
    zwp_virtual_keyboard_v1::client::zwp_virtual_keyboard_manager_v1::ZwpVirtualKeyboardManagerV1,
};

const RED: [u8; 3] = [0xc0, 0x10, 0x20];
const BLUE: [u8; 3] = [0x10, 0x20, 0xc0];

fn names(client: &Client) -> BTreeSet<&str> {
    let globals = client.seen.globals.iter();
    globals.map(|(_, name, _)| name.as_str()).collect()
}

/// Has the compositor listen on a descriptor until the returned pipe is closed.
fn listen(kiosk: &mut Kiosk, shell: &mut Client, descriptor: &impl AsFd) -> PipeWriter {
    let (close, open) = std::io::pipe().unwrap();
    let context = shell.bind::<WpSecurityContextManagerV1>().create_listener(
        descriptor.as_fd(),
        close.as_fd(),
        &shell.handle(),
        (),
    );
    context.set_sandbox_engine("de.amtsnah".to_owned());
    context.set_app_id("form".to_owned());
    context.commit();
    kiosk.settle(shell);
    open
}

fn connect(kiosk: &mut Kiosk, path: &Path) -> Client {
    let mut client = Client::new(UnixStream::connect(path).unwrap());
    kiosk.until(&mut client, "globals", Client::globals_are_known);
    client
}

/// Proves T12: who comes by a socket that the shell has made for an application is offered what applications are, is seen in the frame like
/// them, and cannot make such sockets itself. When the shell closes the socket nobody comes by it any more.
#[test]
fn an_applications_socket_leads_to_the_sandboxed_set() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("form.sock");
    let mut kiosk = Kiosk::new();
    let mut shell = kiosk.client_showing(BLUE);
    let listener = UnixListener::bind(&path).unwrap();
    let open = listen(&mut kiosk, &mut shell, &listener);
    drop(listener);
    let client = connect(&mut kiosk, &path);
    let mut plain = kiosk.application();
    kiosk.until(&mut plain, "globals", Client::globals_are_known);
    assert_eq!(names(&client), names(&plain));
    assert!(!client.offers("wp_security_context_manager_v1"));

    let mut client = kiosk.with_window(client);
    client.paint(RED);
    kiosk.until_pixel(&mut client, (400, 300), RED);
    drop(open);
    kiosk.settle(&mut client);
    assert!(UnixStream::connect(&path).is_err());
    assert!(!client.seen.disconnected);
}

/// Has an application ask for a global that the shell has, by the number that it has there.
fn guess(kiosk: &mut Kiosk, shell: &Client, wanted: &str, ask: impl Fn(&Client, u32)) {
    let mut client = kiosk.application();
    kiosk.until(&mut client, "globals", Client::globals_are_known);
    let mut globals = shell.seen.globals.iter();
    let global = globals.find(|(_, name, _)| name == wanted);
    ask(&client, global.unwrap().0);
    kiosk.until_disconnected(&mut client);
}

/// Proves T12 and T15: an application that asks by number for what it is not offered loses its connection: it cannot type for others, nor
/// read what they are told to type.
#[test]
fn what_is_not_offered_cannot_be_guessed() {
    let mut kiosk = Kiosk::new();
    let mut shell = kiosk.client_showing(BLUE);
    let mut hopeless = |name, ask: fn(&Client, u32)| guess(&mut kiosk, &shell, name, ask);
    hopeless("zwp_input_method_manager_v2", |client, number| {
        client.guess::<ZwpInputMethodManagerV2>(number);
    });
    hopeless("zwp_virtual_keyboard_manager_v1", |client, number| {
        client.guess::<ZwpVirtualKeyboardManagerV1>(number);
    });
    hopeless("wp_security_context_manager_v1", |client, number| {
        client.guess::<WpSecurityContextManagerV1>(number);
    });
    kiosk.settle(&mut shell);
}

/// Proves T12: a descriptor that nobody can listen on does not end the compositor.
#[test]
fn a_socket_that_is_none_is_survived() {
    let mut kiosk = Kiosk::new();
    let mut shell = kiosk.client_showing(BLUE);
    let (one, other) = UnixStream::pair().unwrap();
    let file = tempfile::tempfile().unwrap();
    let open = [
        listen(&mut kiosk, &mut shell, &one),
        listen(&mut kiosk, &mut shell, &file),
    ];
    // There is something to be accepted, it seems.
    (&other).write_all(b"x").unwrap();
    kiosk.settle(&mut shell);
    drop(other);
    kiosk.settle(&mut shell);
    drop(open);
    kiosk.settle(&mut shell);
    let mut next = kiosk.application();
    kiosk.until(&mut next, "globals", Client::globals_are_known);
}
