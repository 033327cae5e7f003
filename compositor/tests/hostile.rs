// SPDX-License-Identifier: EUPL-1.2
//! Clients that are not the shell, or no longer well.

#![allow(clippy::unwrap_used)]

mod common;

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use common::{Kiosk, PAPER};
use proptest::prelude::*;
use wayland_client::protocol::{
    wl_compositor::WlCompositor, wl_seat::WlSeat, wl_shm::Format, wl_subcompositor::WlSubcompositor,
};
use wayland_protocols::{
    wp::text_input::zv3::client::zwp_text_input_manager_v3::ZwpTextInputManagerV3,
    xdg::shell::client::xdg_wm_base::XdgWmBase,
};

const RED: [u8; 3] = [0xc0, 0x10, 0x20];
const BLUE: [u8; 3] = [0x10, 0x20, 0xc0];

/// Waits until the compositor has closed a raw connection.
fn until_closed(kiosk: &mut Kiosk, stream: &mut UnixStream) {
    stream.set_nonblocking(true).unwrap();
    let start = Instant::now();
    loop {
        kiosk.step(None);
        match stream.read(&mut [0; 4096]) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "the connection is still open"
        );
    }
}

/// Proves T12: while the shell is there, nobody else gets in, and the shell does not notice.
#[test]
fn a_second_connection_is_refused() {
    let mut kiosk = Kiosk::new();
    let mut shell = kiosk.client_showing(RED);
    let mut intruder = kiosk.connect();
    until_closed(&mut kiosk, &mut intruder);
    kiosk.settle(&mut shell);
    assert_eq!(kiosk.snapshot().pixel(400, 300), Some(RED));
}

/// Proves T12: a shell that died is replaced by the next connection, even if both are seen in the same turn.
#[test]
fn a_dead_client_makes_room() {
    let mut kiosk = Kiosk::new();
    let shell = kiosk.client_showing(RED);
    drop(shell);
    kiosk.client_showing(BLUE);
}

/// Proves T12: garbage ends only the connection it came on.
#[test]
fn garbage_ends_only_its_connection() {
    let mut kiosk = Kiosk::new();
    let mut stream = kiosk.connect();
    stream.write_all(&[0xff; 4096]).unwrap();
    until_closed(&mut kiosk, &mut stream);
    kiosk.client_showing(BLUE);
}

/// A buffer whose memory is taken away after it was sent: the client goes, the compositor stays.
#[test]
fn memory_cut_short_ends_only_the_client() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_with_window();
    let (width, height) = client.seen.size;
    let buffer = client.buffer(width, height, |_, _| RED);
    client.last_memory().set_len(0).unwrap();
    client.show(&buffer, (width, height));
    kiosk.until_disconnected(&mut client);
    kiosk.step(None);
    assert_eq!(kiosk.snapshot().pixel(400, 300), Some(PAPER));
    kiosk.client_showing(BLUE);
}

/// What a client says about its memory is checked.
#[test]
fn impossible_memory_ends_only_the_client() {
    let mut kiosk = Kiosk::new();
    for size in [0, -1, i32::MIN] {
        let mut client = kiosk.client();
        kiosk.until(&mut client, "globals", common::Client::globals_are_known);
        client.pool(&[0; 64]).resize(size);
        kiosk.until_disconnected(&mut client);
    }
    let buffers = [
        (0, 5, 4, 16, Format::Xrgb8888),
        (1, 1, 1, 4, Format::Xrgb8888),
        (-4, 1, 1, 4, Format::Xrgb8888),
        (0, 1, 1, 7, Format::Xrgb8888),
        (0, 1, 1, 0, Format::Xrgb8888),
        (0, -1, -1, -4, Format::Xrgb8888),
        (0, 1, 17, 4, Format::Xrgb8888),
        (0, i32::MAX / 4, i32::MAX, i32::MAX - 3, Format::Xrgb8888),
        (0, 4, 4, 16, Format::Nv12),
    ];
    for (offset, width, height, stride, format) in buffers {
        let mut client = kiosk.client();
        kiosk.until(&mut client, "globals", common::Client::globals_are_known);
        let pool = client.pool(&[0; 64]);
        pool.create_buffer(offset, width, height, stride, format, &client.handle(), ());
        kiosk.until_disconnected(&mut client);
    }
    kiosk.client_showing(BLUE);
}

/// A pool that says to be two gigabytes large costs nothing until it is read, and reading beyond the file ends the client.
#[test]
fn a_huge_pool_is_harmless() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_with_window();
    let pool = client.pool(&[0; 64]);
    pool.resize(i32::MAX);
    let buffer = pool.create_buffer(
        0,
        20_000,
        20_000,
        80_000,
        Format::Xrgb8888,
        &client.handle(),
        (),
    );
    client.show(&buffer, (20_000, 20_000));
    kiosk.until_disconnected(&mut client);
    kiosk.client_showing(BLUE);
}

/// Trees are walked by recursion: there is an end to a client's surfaces.
#[test]
fn endless_surfaces_end_only_the_client() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_with_window();
    let compositor: WlCompositor = client.bind();
    let subcompositor: WlSubcompositor = client.bind();
    let mut parent = client.surface.clone().unwrap();
    for _ in 0..2_000 {
        let child = compositor.create_surface(&client.handle(), ());
        subcompositor.get_subsurface(&child, &parent, &client.handle(), ());
        parent = child;
    }
    kiosk.until_disconnected(&mut client);
    kiosk.client_showing(BLUE);
}

/// A subsurface above itself.
#[test]
fn a_surface_above_itself_ends_only_the_client() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_with_window();
    let handle = client.handle();
    let child = client.bind::<WlCompositor>().create_surface(&handle, ());
    let window = client.surface.clone().unwrap();
    let part = client
        .bind::<WlSubcompositor>()
        .get_subsurface(&child, &window, &handle, ());
    part.place_above(&window);
    kiosk.settle(&mut client);
    part.place_above(&child);
    kiosk.until_disconnected(&mut client);
    kiosk.client_showing(BLUE);
}

/// Proves T12: a popup below one that has no parent, whom nobody may follow into nothing.
#[test]
fn a_popup_of_an_orphan_is_survived() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_with_window();
    let handle = client.handle();
    let compositor: WlCompositor = client.bind();
    let base: XdgWmBase = client.bind();
    let positioner = base.create_positioner(&handle, ());
    positioner.set_size(10, 10);
    positioner.set_anchor_rect(0, 0, 10, 10);
    let [one, two] = [(); 2]
        .map(|()| base.get_xdg_surface(&compositor.create_surface(&handle, ()), &handle, ()));
    one.get_popup(None, &positioner, &handle, ());
    let popup = two.get_popup(Some(&one), &positioner, &handle, ());
    popup.reposition(&positioner, 1);
    kiosk.settle(&mut client);
}

/// Proves T12: memory that is handed over without end: who does it goes, before there is no room for anybody else's. Memory that is given back
/// does not count.
#[test]
fn a_flood_of_memory_ends_only_the_client() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    for _ in 0..600 {
        let pool = client.pool(&[0; 64]);
        let handle = client.handle();
        let buffer = pool.create_buffer(0, 1, 1, 4, Format::Xrgb8888, &handle, ());
        pool.destroy();
        buffer.destroy();
        client.forget_memory();
    }
    kiosk.settle(&mut client);
    for _ in 0..600 {
        client.pool(&[0; 64]);
        client.forget_memory();
    }
    kiosk.until_disconnected(&mut client);
    kiosk.client_showing(BLUE);
}

/// A field of text that commits without end while no input method is there.
#[test]
fn a_field_that_floods_is_survived() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    let handle = client.handle();
    let seat: WlSeat = client.bind();
    let manager: ZwpTextInputManagerV3 = client.bind();
    let field = manager.get_text_input(&seat, &handle, ());
    for round in 0..200 {
        for _ in 0..100 {
            field.enable();
            field.set_surrounding_text("text".to_owned(), round, -round);
            field.set_cursor_rectangle(round, -round, i32::MIN, i32::MAX);
            field.commit();
        }
        kiosk.settle(&mut client);
    }
    field.destroy();
    kiosk.settle(&mut client);
}

/// Two popups, each the parent of the other: nobody may follow them in circles.
#[test]
fn popups_in_a_circle_end_only_the_client() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_with_window();
    let handle = client.handle();
    let compositor: WlCompositor = client.bind();
    let base: XdgWmBase = client.bind();
    let positioner = base.create_positioner(&handle, ());
    positioner.set_size(10, 10);
    positioner.set_anchor_rect(0, 0, 10, 10);
    let [one, two] = [(); 2]
        .map(|()| base.get_xdg_surface(&compositor.create_surface(&handle, ()), &handle, ()));
    one.get_popup(Some(&two), &positioner, &handle, ());
    two.get_popup(Some(&one), &positioner, &handle, ());
    kiosk.until_disconnected(&mut client);
    kiosk.client_showing(BLUE);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64,
        failure_persistence: None, ..ProptestConfig::default() })]

    /// Proves T12: whatever bytes come, well-formed messages to existing objects among them, the next client is served.
    #[test]
    fn any_bytes_are_survived(messages in prop::collection::vec((0u32..6, 0u16..12, prop::collection::vec(any::<u32>(), 0..8)), 0..40)) {
        let mut kiosk = Kiosk::new();
        let mut stream = kiosk.connect();
        // wl_display.get_registry(2), then binds of the first globals, so that the random messages meet real objects.
        let mut bytes = message(1, 1, &[2]);
        for (object, opcode, arguments) in &messages {
            bytes.extend(message(*object, *opcode, arguments));
        }
        let _ = stream.write_all(&bytes);
        for _ in 0..5 {
            kiosk.step(None);
        }
        drop(stream);
        let mut next = kiosk.client();
        kiosk.until(&mut next, "globals", common::Client::globals_are_known);
    }
}

fn message(object: u32, opcode: u16, arguments: &[u32]) -> Vec<u8> {
    let length = (8 + arguments.len() * 4) as u32;
    let mut bytes = [
        object.to_ne_bytes(),
        (length << 16 | u32::from(opcode)).to_ne_bytes(),
    ]
    .concat();
    bytes.extend(arguments.iter().flat_map(|argument| argument.to_ne_bytes()));
    bytes
}
