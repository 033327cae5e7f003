// SPDX-License-Identifier: EUPL-1.2
//! What the client hears of keyboards, fingers and mice.

mod common;

use common::{Kiosk, PAPER};
use compositor::{Input, Share};
use proptest::prelude::*;

const RED: [u8; 3] = [0xc0, 0x10, 0x20];
const KEY_A: u32 = 30;
const KEY_LEFTCTRL: u32 = 29;
const KEY_LEFTALT: u32 = 56;
const KEY_LEFTSHIFT: u32 = 42;
const KEY_DELETE: u32 = 111;
const KEY_F2: u32 = 60;
const KEY_SYSRQ: u32 = 99;
const KEY_POWER: u32 = 116;

#[test]
fn a_touch_arrives_where_it_was() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    for (x, y) in [(0.0, 0.0), (123.0, 456.0), (799.0, 599.0)] {
        kiosk.touch(x, y);
    }
    kiosk.until(&mut client, "three touches", |client| {
        client.seen.lifted == 3
    });
    for ((x, y), expected) in
        client
            .seen
            .touches
            .iter()
            .zip([(0.0, 0.0), (123.0, 456.0), (799.0, 599.0)])
    {
        assert!(
            (x - expected.0).abs() < 0.01 && (y - expected.1).abs() < 0.01,
            "{x}, {y} for {expected:?}"
        );
    }
}

/// Proves T12: Ctrl+Alt+F2, Ctrl+Alt+Delete, `SysRq` and the power key never reach the client, nor do the modifiers.
#[test]
fn command_keys_do_not_arrive() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    kiosk.until(&mut client, "the keyboard", |client| {
        client.seen.keyboard_focus
    });
    client.seen.modifiers.clear();
    kiosk.key(KEY_LEFTCTRL, true);
    kiosk.key(KEY_LEFTALT, true);
    kiosk.strike(KEY_F2);
    kiosk.strike(KEY_DELETE);
    kiosk.strike(KEY_A);
    kiosk.key(KEY_LEFTALT, false);
    kiosk.key(KEY_LEFTCTRL, false);
    kiosk.strike(KEY_SYSRQ);
    kiosk.strike(KEY_POWER);
    kiosk.strike(KEY_DELETE);
    kiosk.until(&mut client, "the last key", |client| {
        client.seen.keys.len() >= 2
    });
    kiosk.settle(&mut client);
    assert_eq!(client.seen.keys, [(KEY_DELETE, true), (KEY_DELETE, false)]);
    assert!(
        client
            .seen
            .modifiers
            .iter()
            .all(|depressed| *depressed == 0),
        "{:?}",
        client.seen.modifiers
    );
}

#[test]
fn text_keys_arrive() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    kiosk.until(&mut client, "the keyboard", |client| {
        client.seen.keyboard_focus
    });
    kiosk.key(KEY_LEFTSHIFT, true);
    kiosk.strike(KEY_A);
    kiosk.key(KEY_LEFTSHIFT, false);
    kiosk.until(&mut client, "four events", |client| {
        client.seen.keys.len() == 4
    });
    assert_eq!(
        client.seen.keys,
        [
            (KEY_LEFTSHIFT, true),
            (KEY_A, true),
            (KEY_A, false),
            (KEY_LEFTSHIFT, false)
        ]
    );
    assert!(
        client.seen.modifiers.contains(&1),
        "Shift is known: {:?}",
        client.seen.modifiers
    );
}

/// A key held while the shell is restarted is not stuck in the new one.
#[test]
fn a_new_client_begins_without_held_keys() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    kiosk.key(KEY_A, true);
    kiosk.until(&mut client, "the key", |client| {
        client.seen.keys == [(KEY_A, true)]
    });
    drop(client);
    let mut next = kiosk.client_showing(RED);
    kiosk.key(KEY_A, false);
    kiosk.strike(KEY_DELETE);
    kiosk.until(&mut next, "a key", |client| client.seen.keys.len() == 2);
    assert_eq!(next.seen.keys, [(KEY_DELETE, true), (KEY_DELETE, false)]);
}

#[test]
fn the_pointer_is_seen_until_a_finger_comes() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    let at = Share { x: 0.5, y: 0.5 };
    kiosk.compositor.inject(Input::PointerAt { at, time: 1 });
    kiosk.until(&mut client, "the pointer", |client| {
        client.seen.pointer == Some((400.0, 300.0))
    });
    let dark = [0x1a, 0x1a, 0x1a];
    kiosk.until_pixel(&mut client, (406, 321), dark);
    let (left, right) = (0x110, 0x111);
    for button in [right, left] {
        for pressed in [true, false] {
            kiosk.compositor.inject(Input::Button {
                button,
                pressed,
                time: 2,
            });
        }
    }
    kiosk.until(&mut client, "the button", |client| {
        client.seen.buttons.len() == 2
    });
    assert_eq!(client.seen.buttons, [left, left]);
    kiosk.touch(10.0, 10.0);
    kiosk.until_pixel(&mut client, (406, 321), RED);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Proves T10: any number of fingers anywhere, beyond the screen and without an end among them, leave a client that
    /// hears the next touch where it is, and no finger that is stuck.
    #[test]
    fn any_touches_do_no_harm(events in prop::collection::vec((0u32..40, -2.0f64..3.0, -2.0f64..3.0, 0u8..6), 0..200)) {
        let mut kiosk = Kiosk::new();
        let mut client = kiosk.client_showing(RED);
        for (slot, x, y, kind) in events {
            let at = Share { x, y };
            kiosk.compositor.inject(match kind {
                0 | 1 => Input::TouchDown { slot, at, time: 1 },
                2 => Input::TouchMotion { slot, at, time: 1 },
                3 => Input::TouchUp { slot, time: 1 },
                4 => Input::TouchFrame,
                _ => Input::TouchCancel,
            });
        }
        kiosk.compositor.inject(Input::TouchCancel);
        kiosk.compositor.inject(Input::TouchFrame);
        kiosk.settle(&mut client);
        prop_assert!(!client.seen.disconnected);
        client.seen.touches.clear();
        client.seen.lifted = 0;
        kiosk.touch(123.0, 456.0);
        kiosk.until(&mut client, "the touch", |client| client.seen.lifted == 1);
        prop_assert_eq!(client.seen.touches.len(), 1);
        let (x, y) = client.seen.touches[0];
        prop_assert!((x - 123.0).abs() < 0.01 && (y - 456.0).abs() < 0.01);
    }
}

#[test]
fn input_without_a_client_is_harmless() {
    let mut kiosk = Kiosk::new();
    kiosk.touch(f64::NAN, f64::INFINITY);
    kiosk.strike(KEY_A);
    kiosk
        .compositor
        .inject(Input::TouchUp { slot: 77, time: 0 });
    kiosk.compositor.inject(Input::TouchCancel);
    kiosk.compositor.inject(Input::Scroll {
        down: -1e300,
        time: 0,
    });
    kiosk.compositor.inject(Input::PointerBy {
        dx: 1e300,
        dy: f64::NAN,
        time: 0,
    });
    kiosk.step(None);
    assert_eq!(kiosk.snapshot().pixel(400, 300), Some(PAPER));
}
