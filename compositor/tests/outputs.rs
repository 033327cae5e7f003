// SPDX-License-Identifier: EUPL-1.2
//! Screens that come, go, are turned, scaled, and stand beside each other.

mod common;

use common::{Client, HEIGHT, Kiosk, PAPER, WIDTH};
use compositor::{Input, Second, Share, Wishes};
use wayland_client::protocol::wl_compositor::WlCompositor;
use wayland_protocols_wlr::layer_shell::v1::client::{
    zwlr_layer_shell_v1::{Layer, ZwlrLayerShellV1},
    zwlr_layer_surface_v1::Anchor,
};

const RED: [u8; 3] = [0xc0, 0x10, 0x20];
const BLUE: [u8; 3] = [0x10, 0x20, 0xc0];
const FIRST: &str = "headless";
const SECOND: &str = "second";

/// The four corners of a window, each in its own colour.
const CORNERS: [[u8; 3]; 4] = [[200, 0, 0], [0, 200, 0], [0, 0, 200], [200, 200, 0]];

/// Pixels at the edge of an enlarged picture that are mixed with what lies beyond.
const EDGE: usize = 2;

fn turned(quarters: u8) -> Wishes {
    Wishes::default().turned(quarters)
}

/// Shows the four colours, a quarter of the window each: top left, top right, bottom left, bottom right.
fn paint_corners(kiosk: &mut Kiosk, client: &mut Client) {
    let (width, height) = client.seen.size;
    let buffer = client.buffer(width, height, |x, y| {
        CORNERS[usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2)]
    });
    let shown = client.seen.frames;
    client.show(&buffer, (width, height));
    kiosk.until(client, "the corners", |client| client.seen.frames > shown);
}

fn until_size(kiosk: &mut Kiosk, client: &mut Client, size: (i32, i32)) {
    kiosk.until(client, "the new size", |client| client.seen.size == size);
    kiosk.settle(client);
}

/// Proves T12: the screen goes and another one of any size comes in its place; the window is still there and fills it.
#[test]
fn a_window_outlives_its_screen() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    for (width, height) in [(1280, 720), (3840, 2160), (720, 1280), (WIDTH, HEIGHT)] {
        kiosk.compositor.unplug(FIRST);
        kiosk.settle(&mut client);
        kiosk.key(30, true);
        kiosk.touch(10.0, 10.0);
        kiosk.compositor.plug("another", width, height);
        let size = (i32::from(width), i32::from(height));
        until_size(&mut kiosk, &mut client, size);
        client.paint(BLUE);
        let corner = (usize::from(width) - 1, usize::from(height) - 1);
        kiosk.until_pixel(&mut client, corner, BLUE);
        kiosk.compositor.unplug("another");
        kiosk.compositor.plug(FIRST, WIDTH, HEIGHT);
        until_size(&mut kiosk, &mut client, (WIDTH.into(), HEIGHT.into()));
        client.paint(RED);
        kiosk.until_pixel(&mut client, (400, 300), RED);
    }
    assert!(!client.seen.disconnected);
}

/// Proves T12: a device's shell is there before its screen: it is told its size as soon as there is one, not earlier, and is seen.
#[test]
fn a_shell_that_comes_before_its_screen_is_seen() {
    let mut kiosk = Kiosk::new();
    kiosk.compositor.unplug(FIRST);
    let mut client = kiosk.client();
    kiosk.until(&mut client, "globals", Client::globals_are_known);
    client.make_window();
    let (handle, layers) = (client.handle(), client.bind::<ZwlrLayerShellV1>());
    let surface = client.bind::<WlCompositor>().create_surface(&handle, ());
    let layer = layers.get_layer_surface(&surface, None, Layer::Top, "bar".into(), &handle, ());
    layer.set_anchor(Anchor::Top | Anchor::Left | Anchor::Right);
    layer.set_size(0, 50);
    surface.commit();
    kiosk.settle(&mut client);
    assert!(client.seen.configured.is_none() && client.seen.layer_size.is_none());

    kiosk.compositor.plug(FIRST, WIDTH, HEIGHT);
    until_size(&mut kiosk, &mut client, (WIDTH.into(), HEIGHT.into()));
    assert_eq!(client.seen.layer_size, Some((WIDTH.into(), 50)));
    client.paint(RED);
    kiosk.until_pixel(&mut client, (400, 300), RED);
}

/// Proves T10: on a screen turned clockwise by 0 to 3 quarters the window stands upright, and a touch arrives at what is
/// seen under the finger.
#[test]
fn a_turned_screen_is_upright_and_hears_touches_where_they_are() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_with_window();
    let (width, height) = (i32::from(WIDTH), i32::from(HEIGHT));
    // Which corner of the window is at the panel's own top left, top right, bottom left, bottom right.
    let seen = [[0, 1, 2, 3], [1, 3, 0, 2], [3, 2, 1, 0], [2, 0, 3, 1]];
    for quarters in [0, 1, 2, 3, 0] {
        kiosk.compositor.wish(turned(quarters));
        let size = if quarters % 2 == 0 {
            (width, height)
        } else {
            (height, width)
        };
        until_size(&mut kiosk, &mut client, size);
        paint_corners(&mut kiosk, &mut client);
        let snapshot = kiosk.snapshot();
        for (place, corner) in seen[usize::from(quarters)].into_iter().enumerate() {
            let share = |far: bool| if far { 0.9 } else { 0.1 };
            let at = Share {
                x: share(place % 2 == 1),
                y: share(place >= 2),
            };
            let pixel = (
                (at.x * f64::from(WIDTH)) as usize,
                (at.y * f64::from(HEIGHT)) as usize,
            );
            let colour = snapshot.pixel(pixel.0, pixel.1);
            assert_eq!(
                colour,
                Some(CORNERS[corner]),
                "{quarters} quarters, {place}"
            );
            client.seen.touches.clear();
            kiosk.touch_at(at);
            kiosk.until(&mut client, "the touch", |client| {
                !client.seen.touches.is_empty()
            });
            let (x, y) = client.seen.touches[0];
            let touched = usize::from(x >= f64::from(size.0) / 2.0)
                + 2 * usize::from(y >= f64::from(size.1) / 2.0);
            assert_eq!(touched, corner, "{quarters} quarters, {place}: {x}, {y}");
        }
    }
}

/// Proves T10: after the screen was unplugged and comes back, turned as before, touches are where they were.
#[test]
fn touches_stay_in_place_when_the_screen_comes_back() {
    let mut kiosk = Kiosk::new();
    kiosk.compositor.wish(turned(1));
    let mut client = kiosk.client_showing_in(RED, (10, 10));
    let at = Share { x: 0.25, y: 0.75 };
    let mut heard = Vec::new();
    for _ in 0..3 {
        client.seen.touches.clear();
        kiosk.touch_at(at);
        kiosk.until(&mut client, "the touch", |client| {
            !client.seen.touches.is_empty()
        });
        heard.push(client.seen.touches[0]);
        kiosk.compositor.unplug(FIRST);
        kiosk.settle(&mut client);
        kiosk.compositor.plug(FIRST, WIDTH, HEIGHT);
        kiosk.settle(&mut client);
    }
    assert_eq!(heard, [heard[0]; 3]);
}

/// Proves T10: a finger that is down when the screen changes is taken back, it does not slide to another place.
#[test]
fn a_held_finger_ends_with_its_screen() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    let at = Share { x: 0.5, y: 0.5 };
    kiosk.compositor.inject(Input::TouchDown {
        slot: 0,
        at,
        time: 1,
    });
    kiosk.compositor.inject(Input::TouchFrame);
    kiosk.until(&mut client, "the touch", |client| {
        client.seen.touches.len() == 1
    });
    kiosk.compositor.wish(turned(2));
    kiosk.until(&mut client, "the end of the touch", |client| {
        client.seen.cancelled == 1
    });
    kiosk.compositor.inject(Input::TouchUp { slot: 0, time: 3 });
    kiosk.compositor.inject(Input::TouchFrame);
    kiosk.settle(&mut client);
    assert_eq!(client.seen.lifted, 0);
}

/// Proves T17: a second screen shows nothing of what the citizen sees, and clients do not know of it.
#[test]
fn a_second_screen_is_black() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    kiosk.compositor.plug(SECOND, 640, 480);
    kiosk.settle(&mut client);
    client.paint(BLUE);
    kiosk.until_pixel(&mut client, (400, 300), BLUE);
    assert_eq!(client.seen.size, (i32::from(WIDTH), i32::from(HEIGHT)));
    let second = kiosk.compositor.snapshot_of(SECOND).unwrap().unwrap();
    for (x, y) in [(0, 0), (320, 240), (639, 479)] {
        assert_eq!(second.pixel(x, y), Some([0, 0, 0]), "at {x}, {y}");
    }
    let outputs = client
        .seen
        .globals
        .iter()
        .filter(|(_, name, _)| name == "wl_output");
    assert_eq!(outputs.count(), 1);
}

/// Proves C16: where the site wants it, a second screen shows all of the same, upright, whatever its size.
#[test]
fn a_second_screen_mirrors_the_first() {
    let mut kiosk = Kiosk::new();
    let wishes = Wishes {
        second: Second::Mirror,
        ..turned(1)
    };
    kiosk.compositor.wish(wishes);
    kiosk.compositor.plug(SECOND, 1600, 1600);
    let mut client = kiosk.client_with_window();
    assert_eq!(client.seen.size, (600, 800));
    paint_corners(&mut kiosk, &mut client);
    let second = kiosk.compositor.snapshot_of(SECOND).unwrap().unwrap();
    // 600 x 800 becomes 1200 x 1600, with 200 pixels of paper at each side.
    for (pixel, colour) in [
        ((10, 800), PAPER),
        ((1590, 800), PAPER),
        ((300, 100), CORNERS[0]),
        ((1300, 100), CORNERS[1]),
        ((300, 1500), CORNERS[2]),
        ((1300, 1500), CORNERS[3]),
    ] {
        assert_eq!(second.pixel(pixel.0, pixel.1), Some(colour), "{pixel:?}");
    }
}

/// Proves T12: when the main screen goes, what was beside it takes its place, and gives it back only if the site says so.
#[test]
fn a_second_screen_takes_over() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_showing(RED);
    kiosk.compositor.plug(SECOND, 640, 480);
    kiosk.compositor.unplug(FIRST);
    until_size(&mut kiosk, &mut client, (640, 480));
    kiosk.compositor.plug(FIRST, WIDTH, HEIGHT);
    kiosk.settle(&mut client);
    assert_eq!(client.seen.size, (640, 480));
    let wishes = Wishes {
        main: Some(FIRST.to_owned()),
        ..Wishes::default()
    };
    kiosk.compositor.wish(wishes);
    until_size(&mut kiosk, &mut client, (WIDTH.into(), HEIGHT.into()));
}

/// Proves T13: a scaled screen has fewer and larger units, fractions among them, and all of it is filled.
#[test]
fn a_scaled_screen_is_filled() {
    let mut kiosk = Kiosk::new();
    let mut client = kiosk.client_with_window();
    for (width, height, scale, size) in [
        (3840, 2160, 2.0, (1920, 1080)),
        (3840, 2160, 1.5, (2560, 1440)),
        (1366, 768, 1.25, (1093, 614)),
        (1280, 720, 1.0, (1280, 720)),
    ] {
        let wishes = Wishes {
            scale,
            ..Wishes::default()
        };
        kiosk.compositor.wish(wishes);
        kiosk.compositor.plug(FIRST, width, height);
        until_size(&mut kiosk, &mut client, size);
        paint_corners(&mut kiosk, &mut client);
        let snapshot = kiosk.snapshot();
        let (width, height) = (usize::from(width), usize::from(height));
        for (pixel, colour) in [
            ((EDGE, EDGE), CORNERS[0]),
            ((width - 1 - EDGE, EDGE), CORNERS[1]),
            ((EDGE, height - 1 - EDGE), CORNERS[2]),
            ((width - 1 - EDGE, height - 1 - EDGE), CORNERS[3]),
        ] {
            let found = snapshot.pixel(pixel.0, pixel.1);
            assert_eq!(found, Some(colour), "{pixel:?} at scale {scale}");
        }
    }
}

/// Proves T13: a screen that does not know its size, or says it wrongly, has the one that the site has measured.
#[test]
fn the_site_knows_the_size_in_millimetres() {
    let mut kiosk = Kiosk::new();
    let wishes = Wishes {
        millimetres: Some((527, 296)),
        ..Wishes::default()
    };
    kiosk.compositor.wish(wishes);
    let mut client = kiosk.client_with_window();
    kiosk.until(&mut client, "millimetres", |client| {
        client.seen.millimetres == Some((527, 296))
    });
}
