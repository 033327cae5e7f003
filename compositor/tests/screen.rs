// SPDX-License-Identifier: EUPL-1.2
//! What the client is told about the screen, and what is seen of its pictures.

#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::{HEIGHT, Kiosk, PAPER, WIDTH};

const RED: [u8; 3] = [0xc0, 0x10, 0x20];
const BLUE: [u8; 3] = [0x10, 0x20, 0xc0];

/// Proves T12: without a client there is paper white, edge to edge, and nothing else.
#[test]
fn an_empty_screen_is_paper_white() {
    let mut kiosk = Kiosk::new();
    kiosk.step(None);
    let snapshot = kiosk.snapshot();
    for y in 0..usize::from(HEIGHT) {
        for x in 0..usize::from(WIDTH) {
            assert_eq!(snapshot.pixel(x, y), Some(PAPER), "at {x}, {y}");
        }
    }
}

/// What everybody may use.
const FOR_ALL: [&str; 14] = [
    "wl_compositor",
    "wl_data_device_manager",
    "wl_output",
    "wl_seat",
    "wl_shm",
    "wl_subcompositor",
    "wp_cursor_shape_manager_v1",
    "wp_fractional_scale_manager_v1",
    "wp_presentation",
    "wp_single_pixel_buffer_manager_v1",
    "wp_viewporter",
    "xdg_wm_base",
    "zwp_text_input_manager_v3",
    "zxdg_output_manager_v1",
];

/// What only the shell may use.
const FOR_THE_SHELL: [&str; 8] = [
    "ext_foreign_toplevel_list_v1",
    "ext_idle_notifier_v1",
    "ext_session_lock_manager_v1",
    "wp_security_context_manager_v1",
    "zwlr_layer_shell_v1",
    "zwlr_output_manager_v1",
    "zwp_input_method_manager_v2",
    "zwp_virtual_keyboard_manager_v1",
];

fn offered(kiosk: &mut Kiosk, client: &mut common::Client) -> Vec<String> {
    kiosk.until(client, "globals", common::Client::globals_are_known);
    let mut names: Vec<_> = client
        .seen
        .globals
        .iter()
        .map(|(_, name, _)| name.clone())
        .collect();
    names.sort_unstable();
    names
}

/// Proves T12: exactly the protocols a kiosk needs are offered; none to read the screen, the clipboard or other input, and
/// to an application none that acts on others.
#[test]
fn only_the_needed_protocols_are_offered() {
    let mut kiosk = Kiosk::new();
    let mut shell = kiosk.client();
    let mut all: Vec<_> = FOR_ALL.into_iter().chain(FOR_THE_SHELL).collect();
    all.sort_unstable();
    assert_eq!(offered(&mut kiosk, &mut shell), all);
    let mut application = kiosk.application();
    assert_eq!(offered(&mut kiosk, &mut application), FOR_ALL);
}

/// Proves T12: the window fills the screen and has the keyboard.
#[test]
fn a_window_is_told_to_fill_the_screen() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_with_window();
    let size = (i32::from(WIDTH), i32::from(HEIGHT));
    assert_eq!(client.seen.size, size);
    let states: Vec<_> = client
        .seen
        .states
        .chunks(4)
        .map(|state| u32::from_ne_bytes(state.try_into().unwrap()))
        .collect();
    let (fullscreen, activated) = (2, 4);
    assert!(
        states.contains(&fullscreen) && states.contains(&activated),
        "{states:?}"
    );
    kiosk.until(&mut client, "the screen's mode", |client| {
        client.seen.mode == Some(size)
    });
    assert_eq!(client.seen.millimetres, Some((200, 150)));
    kiosk.until(&mut client, "the keyboard", |client| {
        client.seen.keyboard_focus
    });
}

#[test]
fn a_picture_is_seen_in_its_colours() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_with_window();
    let (width, height) = client.seen.size;
    let buffer = client.buffer(width, height, |x, y| {
        [(x % 251) as u8, (y % 241) as u8, ((x + y) % 239) as u8]
    });
    client.show(&buffer, (width, height));
    kiosk.until(&mut client, "the frame to be seen", |client| {
        client.seen.presented == 1
    });
    let snapshot = kiosk.snapshot();
    for (x, y) in [
        (0, 0),
        (799, 0),
        (0, 599),
        (799, 599),
        (123, 456),
        (640, 77),
    ] {
        let expected = [(x % 251) as u8, (y % 241) as u8, ((x + y) % 239) as u8];
        assert_eq!(snapshot.pixel(x, y), Some(expected), "at {x}, {y}");
    }
    kiosk.until(&mut client, "the frame callback", |client| {
        client.seen.frames == 1
    });
}

#[test]
fn the_newest_window_is_shown() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    let first = client.surface.take().unwrap();
    client.seen.configured = None;
    client.make_window();
    kiosk.until(&mut client, "the second configure", |client| {
        client.seen.configured.is_some()
    });
    assert_eq!(
        kiosk.snapshot().pixel(400, 300),
        Some(RED),
        "no picture yet: the first stays"
    );
    client.paint(BLUE);
    kiosk.until_pixel(&mut client, (400, 300), BLUE);
    // The first one's buffer goes: nothing changes.
    first.attach(None, 0, 0);
    first.commit();
    kiosk.settle(&mut client);
    assert_eq!(kiosk.snapshot().pixel(400, 300), Some(BLUE));
}

#[test]
fn a_closed_connection_leaves_paper_white() {
    let mut kiosk = Kiosk::new();
    let client = kiosk.client_showing(RED);
    drop(client);
    let mut next = kiosk.client();
    kiosk.until_pixel(&mut next, (400, 300), PAPER);
}

/// A still screen is not drawn again, and a window that commits without a change costs no drawing.
#[test]
fn nothing_is_drawn_without_a_change() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    kiosk.until(&mut client, "the frame callback", |client| {
        client.seen.frames == 1
    });
    let frames = kiosk.compositor.frames();
    for _ in 0..5 {
        client.surface.as_ref().unwrap().commit();
        kiosk.settle(&mut client);
    }
    assert_eq!(kiosk.compositor.frames(), frames);
}

/// A turn without news lasts as long as it may, also while a frame is wanted that nobody could see.
#[test]
fn a_still_screen_wakes_nobody() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    let long = Duration::from_millis(200);
    for dark in [false, true] {
        if dark {
            kiosk.compositor.unplug("headless");
            kiosk.settle(&mut client);
            client.paint(BLUE);
        } else {
            kiosk.until(&mut client, "the frame callback", |client| {
                client.seen.frames == 1
            });
        }
        kiosk.settle(&mut client);
        let before = Instant::now();
        kiosk.compositor.turn(Some(long)).unwrap();
        assert!(before.elapsed() >= long, "dark: {dark}");
    }
}
