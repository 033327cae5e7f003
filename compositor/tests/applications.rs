// SPDX-License-Identifier: EUPL-1.2
//! Applications beside the shell: what they may show, hear and keep.

#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{Client, HEIGHT, Kiosk, PAPER, WIDTH};
use compositor::{Input, Rules, Second, Share, Wishes};
use wayland_client::protocol::{
    wl_compositor::WlCompositor, wl_data_device_manager::WlDataDeviceManager, wl_seat::WlSeat,
    wl_subcompositor::WlSubcompositor, wl_surface::WlSurface,
};
use wayland_protocols::{
    ext::{
        foreign_toplevel_list::v1::client::ext_foreign_toplevel_list_v1::ExtForeignToplevelListV1,
        idle_notify::v1::client::ext_idle_notifier_v1::ExtIdleNotifierV1,
        session_lock::v1::client::ext_session_lock_manager_v1::ExtSessionLockManagerV1,
    },
    xdg::shell::client::xdg_wm_base::XdgWmBase,
};
use wayland_protocols_wlr::layer_shell::v1::client::{
    zwlr_layer_shell_v1::{Layer, ZwlrLayerShellV1},
    zwlr_layer_surface_v1::{Anchor, ZwlrLayerSurfaceV1},
};

const RED: [u8; 3] = [0xc0, 0x10, 0x20];
const BLUE: [u8; 3] = [0x10, 0x20, 0xc0];
const GREEN: [u8; 3] = [0x10, 0xa0, 0x20];
const YELLOW: [u8; 3] = [0xf0, 0xd0, 0x10];
/// What the bar reserves, and how much of it its picture fills; the shell's window is seen between it and the frame.
const BAR: i32 = 100;
const PICTURE: i32 = 80;

/// A shell with a window and a bar at the top.
fn shell_with_bar(kiosk: &mut Kiosk) -> Client {
    bar(kiosk).0
}

/// The same, and its bar.
fn bar(kiosk: &mut Kiosk) -> (Client, ZwlrLayerSurfaceV1, WlSurface) {
    let mut shell = kiosk.client_showing(BLUE);
    let handle = shell.handle();
    let surface = shell.bind::<WlCompositor>().create_surface(&handle, ());
    let layer = shell.bind::<ZwlrLayerShellV1>().get_layer_surface(
        &surface,
        None,
        Layer::Top,
        "bar".to_owned(),
        &handle,
        (),
    );
    layer.set_anchor(Anchor::Top | Anchor::Left | Anchor::Right);
    layer.set_size(0, PICTURE.unsigned_abs());
    layer.set_exclusive_zone(BAR);
    surface.commit();
    kiosk.until(&mut shell, "the bar's size", |shell| {
        shell.seen.layer_size.is_some()
    });
    let width = i32::from(WIDTH);
    assert_eq!(
        shell.seen.layer_size,
        Some((u32::from(WIDTH), PICTURE.unsigned_abs()))
    );
    let picture = shell.buffer(width, PICTURE, |_, _| GREEN);
    surface.attach(Some(&picture), 0, 0);
    surface.damage_buffer(0, 0, width, PICTURE);
    surface.commit();
    kiosk.until_pixel(&mut shell, (400, 50), GREEN);
    (shell, layer, surface)
}

/// An application whose window is filled with a colour and seen.
fn application(kiosk: &mut Kiosk, colour: [u8; 3]) -> Client {
    let application = kiosk.application();
    let mut application = kiosk.with_window(application);
    application.paint(colour);
    kiosk.until_pixel(&mut application, (400, 300), colour);
    application
}

/// Lets a window draw beyond its upper edge, as high as the bar is, and as far below it.
fn draw_above(client: &mut Client, colour: [u8; 3]) {
    let handle = client.handle();
    let window = client.surface.clone().unwrap();
    let part = client.bind::<WlCompositor>().create_surface(&handle, ());
    let role = client
        .bind::<WlSubcompositor>()
        .get_subsurface(&part, &window, &handle, ());
    role.set_position(0, -BAR);
    role.set_desync();
    let picture = client.buffer(i32::from(WIDTH), 2 * BAR, |_, _| colour);
    part.attach(Some(&picture), 0, 0);
    part.damage_buffer(0, 0, i32::from(WIDTH), 2 * BAR);
    part.commit();
    window.commit();
}

/// Proves T12: an application has the frame that the shell leaves free, and whatever it draws, nothing of the shell's.
#[test]
fn an_application_stays_in_the_frame() {
    let mut kiosk = Kiosk::new();
    let _shell = shell_with_bar(&mut kiosk);
    let mut client = application(&mut kiosk, RED);
    let frame = (i32::from(WIDTH), i32::from(HEIGHT) - BAR);
    assert_eq!(client.seen.size, frame);
    draw_above(&mut client, YELLOW);
    kiosk.until_pixel(&mut client, (400, 150), YELLOW);
    for (y, colour) in [(50, GREEN), (80, BLUE), (99, BLUE), (100, YELLOW)] {
        assert_eq!(kiosk.snapshot().pixel(400, y), Some(colour), "at {y}");
    }
    // Nor does it hear what is touched there.
    kiosk.touch(400.0, 50.0);
    kiosk.settle(&mut client);
    assert_eq!(client.seen.touches, []);
}

/// Proves T12, C6: where the shell leaves no room an application is neither seen, touched nor typed into, and keeps its size; the same when the
/// shell is gone, until the next one shows itself.
#[test]
fn without_a_frame_an_application_is_not_there() {
    let mut kiosk = Kiosk::new();
    let (mut shell, layer, surface) = bar(&mut kiosk);
    let mut client = application(&mut kiosk, RED);
    kiosk.until(&mut client, "the keyboard", |client| {
        client.seen.keyboard_focus
    });
    let size = client.seen.size;

    layer.set_exclusive_zone(i32::from(HEIGHT));
    surface.commit();
    kiosk.until_pixel(&mut shell, (400, 300), BLUE);
    kiosk.until(&mut shell, "the keyboard", |shell| {
        shell.seen.keyboard_focus
    });
    kiosk.touch(400.0, 300.0);
    kiosk.strike(30);
    kiosk.until(&mut shell, "the key", |shell| shell.seen.keys.len() == 2);
    kiosk.settle(&mut client);
    assert_eq!((client.seen.touches.len(), client.seen.keys.len()), (0, 0));
    assert_eq!(client.seen.size, size);
    // One that comes now is not seen either, and is told a size.
    let late = kiosk.application();
    let mut late = kiosk.with_window(late);
    assert_eq!(late.seen.size, (i32::from(WIDTH), i32::from(HEIGHT)));
    late.paint(YELLOW);
    kiosk.settle(&mut late);
    assert_eq!(kiosk.snapshot().pixel(400, 300), Some(BLUE));

    layer.set_exclusive_zone(BAR);
    surface.commit();
    kiosk.until_pixel(&mut shell, (400, 300), YELLOW);
    kiosk.until(&mut late, "the keyboard", |late| late.seen.keyboard_focus);

    drop((layer, surface, shell));
    kiosk.until_pixel(&mut late, (400, 300), PAPER);
    kiosk.until(&mut late, "the loss of the keyboard", |late| {
        !late.seen.keyboard_focus
    });
    let mut next = kiosk.client_with_window();
    kiosk.settle(&mut next);
    assert_eq!(kiosk.snapshot().pixel(400, 300), Some(PAPER));
    next.paint(BLUE);
    kiosk.until_pixel(&mut next, (400, 300), YELLOW);
}

/// Proves C6: an open menu has the keyboard; it closes when the shell leaves no room any more, and what is typed then is the shell's.
#[test]
fn a_menu_closes_with_the_frame() {
    let mut kiosk = Kiosk::new();
    let (mut shell, layer, surface) = bar(&mut kiosk);
    let mut client = application(&mut kiosk, RED);
    let handle = client.handle();
    let base: XdgWmBase = client.bind();
    let seat: WlSeat = client.bind();
    let positioner = base.create_positioner(&handle, ());
    positioner.set_size(100, 100);
    positioner.set_anchor_rect(300, 100, 10, 10);
    let menu = client.bind::<WlCompositor>().create_surface(&handle, ());
    let role = base.get_xdg_surface(&menu, &handle, ());
    let window = client.role.clone().unwrap().0;
    let popup = role.get_popup(Some(&window), &positioner, &handle, ());
    popup.grab(&seat, 0);
    client.seen.configured = None;
    menu.commit();
    kiosk.until(&mut client, "the menu's configure", |client| {
        client.seen.configured.is_some()
    });
    role.ack_configure(client.seen.configured.unwrap());
    let picture = client.buffer(100, 100, |_, _| YELLOW);
    menu.attach(Some(&picture), 0, 0);
    menu.commit();
    kiosk.until_pixel(&mut client, (305, 205), YELLOW);
    kiosk.strike(30);
    kiosk.until(&mut client, "a key for the menu", |client| {
        client.seen.keys.len() == 2
    });

    layer.set_exclusive_zone(i32::from(HEIGHT));
    surface.commit();
    kiosk.until_pixel(&mut shell, (305, 205), BLUE);
    kiosk.settle(&mut shell);
    kiosk.strike(30);
    kiosk.until(&mut shell, "the key", |shell| shell.seen.keys.len() == 2);
    kiosk.settle(&mut client);
    assert_eq!(client.seen.keys.len(), 2);
}

/// Proves C6: the key that locks a case is the shell's while an application has the keyboard, which gets it back, and hears nothing of the key.
#[test]
fn the_key_that_locks_is_the_shells() {
    const PAUSE: u32 = 119;
    let mut kiosk = Kiosk::new();
    let mut shell = shell_with_bar(&mut kiosk);
    let mut client = application(&mut kiosk, RED);
    kiosk.until(&mut client, "the keyboard", |client| {
        client.seen.keyboard_focus
    });
    kiosk.strike(PAUSE);
    kiosk.until(&mut shell, "the key", |shell| {
        shell.seen.keys == [(PAUSE, true), (PAUSE, false)]
    });
    kiosk.until(&mut client, "the keyboard again", |client| {
        client.seen.keyboard_focus
    });
    kiosk.strike(30);
    kiosk.until(&mut client, "its own key", |client| {
        client.seen.keys == [(30, true), (30, false)]
    });
}

/// Proves T13: nobody who has only a keyboard is caught in an application: one key leads to the shell and back, and so does a touch.
#[test]
fn a_key_leads_out_of_an_application() {
    const MENU: u32 = 127;
    let mut kiosk = Kiosk::new();
    let mut shell = shell_with_bar(&mut kiosk);
    let mut client = application(&mut kiosk, RED);
    let has_it = |kiosk: &mut Kiosk, client: &mut Client| {
        kiosk.settle(client);
        kiosk.until(client, "the keyboard", |client| client.seen.keyboard_focus);
    };
    has_it(&mut kiosk, &mut client);
    kiosk.strike(MENU);
    has_it(&mut kiosk, &mut shell);
    kiosk.strike(30);
    kiosk.until(&mut shell, "a key", |shell| {
        shell.seen.keys == [(30, true), (30, false)]
    });
    kiosk.strike(MENU);
    has_it(&mut kiosk, &mut client);
    kiosk.strike(MENU);
    has_it(&mut kiosk, &mut shell);
    kiosk.touch(400.0, 300.0);
    has_it(&mut kiosk, &mut client);
    assert_eq!(client.seen.keys, []);
}

/// Proves T12: the frame holds on a screen that is turned and scaled, and on the one that mirrors it.
#[test]
fn the_frame_holds_on_any_screen() {
    let mut kiosk = Kiosk::new();
    let mut shell = shell_with_bar(&mut kiosk);
    let mut client = application(&mut kiosk, RED);
    kiosk.compositor.plug("second", 960, 1280);
    let wishes = Wishes {
        scale: 1.25,
        second: Second::Mirror,
        ..Wishes::default()
    };
    kiosk.compositor.wish(wishes.turned(1));
    // 800 x 600 pixels are 480 x 640 units now.
    kiosk.until(&mut shell, "the bar's new size", |shell| {
        shell.seen.layer_size == Some((480, PICTURE.unsigned_abs()))
    });
    kiosk.until(&mut client, "the frame's new size", |client| {
        client.seen.size == (480, 640 - BAR)
    });
    client.paint(RED);
    draw_above(&mut client, YELLOW);
    // Downwards is to the right on the turned panel, and 1.25 pixels are a unit.
    kiosk.until_pixel(&mut client, (130, 300), YELLOW);
    for (x, colour) in [
        (50, GREEN),
        (110, BLUE),
        (123, BLUE),
        (127, YELLOW),
        (795, RED),
    ] {
        assert_eq!(kiosk.snapshot().pixel(x, 300), Some(colour), "at {x}");
    }
    // Two pixels are a unit.
    let mirror = kiosk.compositor.snapshot_of("second").unwrap().unwrap();
    for (y, colour) in [
        (80, GREEN),
        (180, BLUE),
        (198, BLUE),
        (202, YELLOW),
        (1275, RED),
    ] {
        assert_eq!(mirror.pixel(480, y), Some(colour), "at {y}");
    }
    kiosk.touch_at(Share { x: 0.1, y: 0.5 });
    kiosk.settle(&mut client);
    assert_eq!(client.seen.touches, []);
    kiosk.touch_at(Share { x: 0.5, y: 0.5 });
    kiosk.until(&mut client, "the touch", |client| client.seen.lifted == 1);
    assert_eq!(client.seen.touches, [(240.0, 220.0)]);
}

/// A dialog is in the middle of the frame and no larger than it.
#[test]
fn a_dialog_fits_the_frame() {
    let mut kiosk = Kiosk::new();
    let _shell = shell_with_bar(&mut kiosk);
    let mut client = application(&mut kiosk, RED);
    let handle = client.handle();
    let base: XdgWmBase = client.bind();
    let parent = client.role.clone().unwrap().1;
    let surface = client.bind::<WlCompositor>().create_surface(&handle, ());
    let xdg_surface = base.get_xdg_surface(&surface, &handle, ());
    let dialog = xdg_surface.get_toplevel(&handle, ());
    dialog.set_parent(Some(&parent));
    client.seen.configured = None;
    surface.commit();
    kiosk.until(&mut client, "the dialog's first configure", |client| {
        client.seen.configured.is_some()
    });
    assert_eq!(client.seen.size, (0, 0), "it chooses");
    xdg_surface.ack_configure(client.seen.configured.unwrap());
    let picture = client.buffer(200, 100, |_, _| GREEN);
    surface.attach(Some(&picture), 0, 0);
    surface.commit();
    // The frame is 800 x 500 below the bar: its middle is at (400, 350).
    kiosk.until_pixel(&mut client, (400, 350), GREEN);
    for (x, y, colour) in [
        (300, 300, GREEN),
        (499, 399, GREEN),
        (299, 350, RED),
        (400, 299, RED),
        (400, 400, RED),
    ] {
        assert_eq!(kiosk.snapshot().pixel(x, y), Some(colour), "at {x}, {y}");
    }
    let large = client.buffer(2000, 700, |_, _| GREEN);
    surface.attach(Some(&large), 0, 0);
    surface.commit();
    let frame = (i32::from(WIDTH), i32::from(HEIGHT) - BAR);
    kiosk.until(&mut client, "the frame's size", |client| {
        client.seen.size == frame
    });
}

/// Proves T12: an application that does not answer loses its window, and the shell hears of it.
#[test]
fn an_application_that_hangs_is_ended() {
    let rules = Rules {
        answer_within: Duration::from_millis(50),
        ..Rules::kiosk()
    };
    let mut kiosk = Kiosk::with_rules(rules);
    let mut shell = shell_with_bar(&mut kiosk);
    let _: ExtForeignToplevelListV1 = shell.bind();
    kiosk.settle(&mut shell);
    let mut client = application(&mut kiosk, RED);
    client.role.as_ref().unwrap().1.set_title("form".to_owned());
    kiosk.settle(&mut client);
    kiosk.until(&mut shell, "the application's title", |shell| {
        shell.seen.titles.contains(&"form".to_owned())
    });
    // One that answers stays.
    kiosk.touch(400.0, 300.0);
    kiosk.until(&mut client, "the touch", |client| client.seen.lifted == 1);
    kiosk.settle(&mut client);
    assert_eq!(shell.seen.closed, 0);
    client.seen.silent = true;
    kiosk.touch(400.0, 300.0);
    kiosk.until_disconnected(&mut client);
    kiosk.until(&mut shell, "that the window is gone", |shell| {
        shell.seen.closed == 1
    });
    kiosk.until_pixel(&mut shell, (400, 300), BLUE);
}

/// Proves T15: what one application has copied no other is offered, and it is forgotten with it.
#[test]
fn the_clipboard_is_an_applications_own() {
    let mut kiosk = Kiosk::new();
    let _shell = kiosk.client_showing(BLUE);
    let mut one = application(&mut kiosk, RED);
    let copy = |client: &mut Client| {
        let handle = client.handle();
        let manager: WlDataDeviceManager = client.bind();
        let seat: WlSeat = client.bind();
        let device = manager.get_data_device(&seat, &handle, ());
        let source = manager.create_data_source(&handle, ());
        source.offer("text/plain".to_owned());
        (device, source)
    };
    kiosk.until(&mut one, "the keyboard", |client| {
        client.seen.keyboard_focus
    });
    let (device, source) = copy(&mut one);
    device.set_selection(Some(&source), 0);
    kiosk.until(&mut one, "its own clipboard", |client| {
        client.seen.selections.last() == Some(&true)
    });
    let mut two = kiosk.application();
    kiosk.until(&mut two, "globals", Client::globals_are_known);
    let _device = copy(&mut two);
    kiosk.settle(&mut two);
    let mut two = kiosk.with_window(two);
    two.paint(GREEN);
    kiosk.until_pixel(&mut two, (400, 300), GREEN);
    kiosk.until(&mut two, "the keyboard", |client| {
        client.seen.keyboard_focus
    });
    kiosk.settle(&mut two);
    assert_eq!(two.seen.offers, 0, "{:?}", two.seen.selections);
    drop(two);
    kiosk.settle(&mut one);
    kiosk.until(&mut one, "the keyboard again", |client| {
        client.seen.keyboard_focus
    });
    assert_eq!(one.seen.selections.last(), Some(&false));
}

/// While the session is locked by `ext_session_lock` (the shell's own lock is a screen, and leaves no frame) nothing of it is seen, not even when whoever has locked it dies.
#[test]
fn a_locked_session_is_not_seen() {
    let mut kiosk = Kiosk::new();
    let mut shell = kiosk.client_showing(BLUE);
    let mut client = application(&mut kiosk, RED);
    let manager: ExtSessionLockManagerV1 = shell.bind();
    let _lock = manager.lock(&shell.handle(), ());
    kiosk.until(&mut shell, "the lock", |shell| shell.seen.locked);
    assert_eq!(kiosk.snapshot().pixel(400, 300), Some(PAPER));
    kiosk.touch(400.0, 300.0);
    kiosk.settle(&mut client);
    assert_eq!(client.seen.touches, []);
    drop(shell);
    let mut next = kiosk.client_with_window();
    next.paint(BLUE);
    kiosk.settle(&mut next);
    kiosk.settle(&mut client);
    assert_eq!(kiosk.snapshot().pixel(400, 300), Some(PAPER));
}

/// The shell is told when nobody has touched anything, and when somebody does.
#[test]
fn the_shell_hears_of_idleness() {
    let mut kiosk = Kiosk::new();
    let mut shell = kiosk.client_showing(BLUE);
    let seat: WlSeat = shell.bind();
    let notifier: ExtIdleNotifierV1 = shell.bind();
    let _notification = notifier.get_idle_notification(20, &seat, &shell.handle(), ());
    kiosk.until(&mut shell, "idleness", |shell| shell.seen.idled);
    // A mouse that trembles, and a key that nobody hears of, are nobody.
    let (dx, dy) = (1.0, -1.0);
    kiosk
        .compositor
        .inject(Input::PointerBy { dx, dy, time: 1 });
    kiosk.strike(59);
    kiosk.settle(&mut shell);
    assert!(shell.seen.idled);
    kiosk.touch(1.0, 1.0);
    kiosk.until(&mut shell, "an end of it", |shell| !shell.seen.idled);
}
