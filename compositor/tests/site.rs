// SPDX-License-Identifier: EUPL-1.2
//! Newer site configurations reach the screen while it is in use.

#![allow(clippy::unwrap_used)]

mod common;

use std::{fs, path::Path};

use common::{Client, HEIGHT, Kiosk, WIDTH};
use site::LastGood;

const SITE: &str = include_str!("../../recipes/site/site.toml");

/// Puts a file into the store as the shell does with one that it has accepted.
fn accept(store: &Path, text: &str) {
    let new = store.join("site.toml.new");
    fs::write(&new, text).unwrap();
    fs::rename(new, store.join("site.toml")).unwrap();
}

fn turned(degrees: u16) -> String {
    SITE.replacen("rotation = 0", &format!("rotation = {degrees}"), 1)
}

fn until_size(kiosk: &mut Kiosk, client: &mut Client, size: (u16, u16)) {
    let size = (size.0.into(), size.1.into());
    kiosk.until(client, "the new size", |client| client.seen.size == size);
}

/// Proves O4: a newer site configuration turns and scales the screen at once, also the first of a store that comes later; a wrong one,
/// or none any more, leaves the last good one in use.
#[test]
fn a_newer_site_turns_the_screen() {
    let root = tempfile::tempdir().unwrap();
    let (image, store) = (root.path().join("site.toml"), root.path().join("lib/store"));
    fs::write(&image, SITE).unwrap();
    let mut kiosk = Kiosk::new();
    kiosk
        .compositor
        .follow(LastGood::new(image, &store))
        .unwrap();
    let mut client = kiosk.client_with_window();
    assert_eq!(client.seen.size, (WIDTH.into(), HEIGHT.into()));

    fs::create_dir_all(&store).unwrap();
    accept(&store, &turned(90));
    until_size(&mut kiosk, &mut client, (HEIGHT, WIDTH));
    accept(&store, &SITE.replacen("scale = 100", "scale = 200", 1));
    until_size(&mut kiosk, &mut client, (WIDTH / 2, HEIGHT / 2));
    accept(&store, &turned(270));
    until_size(&mut kiosk, &mut client, (HEIGHT, WIDTH));

    accept(&store, "wrong");
    kiosk.settle(&mut client);
    fs::remove_file(store.join("site.toml")).unwrap();
    kiosk.settle(&mut client);
    assert_eq!(client.seen.size, (HEIGHT.into(), WIDTH.into()));
    accept(&store, SITE);
    until_size(&mut kiosk, &mut client, (WIDTH, HEIGHT));
}

/// Proves O4 and T10: what has not changed is left alone, so that a new telephone number takes no finger off the screen.
#[test]
fn what_stays_the_same_is_not_disturbed() {
    let root = tempfile::tempdir().unwrap();
    let image = root.path().join("site.toml");
    fs::write(&image, SITE).unwrap();
    let mut kiosk = Kiosk::new();
    let site = LastGood::new(&image, root.path().join("store"));
    fs::create_dir(site.store()).unwrap();
    kiosk.compositor.follow(site.clone()).unwrap();
    let mut client = kiosk.client_showing([0xc0, 0x10, 0x20]);
    kiosk.compositor.inject(compositor::Input::TouchDown {
        slot: 0,
        at: compositor::Share { x: 0.5, y: 0.5 },
        time: 1,
    });
    kiosk.compositor.inject(compositor::Input::TouchFrame);
    kiosk.settle(&mut client);
    accept(
        site.store(),
        &SITE.replacen("Weißbach an der Löbnitz", "Schönau", 1),
    );
    kiosk.settle(&mut client);
    assert_eq!(client.seen.cancelled, 0);
    accept(site.store(), &turned(180));
    kiosk.until(&mut client, "the end of the touch", |client| {
        client.seen.cancelled == 1
    });
}
