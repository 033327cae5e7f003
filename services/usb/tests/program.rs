// SPDX-License-Identifier: EUPL-1.2
//! The program as udev has it started, on a device whose directory is a copy.

#![allow(clippy::unwrap_used)]

use std::{fs, path::Path, process::Command};

const SITE: &str = include_str!("../../../recipes/site/site.toml");

/// The descriptors of a device of its maker's own kind, such as no site uses unless it names it.
const OWN_KIND: [u8; 36] = [
    18, 1, 0, 2, 0, 0, 0, 64, 0xb8, 0x04, 0x42, 0x01, 0, 1, 1, 2, 3, 1, // 04b8:0142
    9, 2, 18, 0, 1, 1, 0, 0x80, 50, // one configuration
    9, 4, 0, 0, 0, 0xff, 0, 0, 0, // one interface
];

fn is_authorised(image: &Path, store: &Path) -> bool {
    let device = tempfile::tempdir().unwrap();
    fs::write(device.path().join("descriptors"), OWN_KIND).unwrap();
    fs::write(device.path().join("authorized"), "0").unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_usb-authorise"))
        .arg("--site")
        .arg(image)
        .arg("--site-store")
        .arg(store)
        .arg(device.path())
        .status();
    assert!(status.unwrap().success());
    fs::read_to_string(device.path().join("authorized")).unwrap() == "1"
}

/// Proves O4 and T12 (USB): the site configuration that was accepted last decides on the next device; one that is wrong, or that nobody
/// has accepted yet, does not.
#[test]
fn the_newest_site_decides() {
    let root = tempfile::tempdir().unwrap();
    let (image, store) = (root.path().join("image.toml"), root.path().join("store"));
    let naming = SITE.replacen("usb = []", "usb = [\"04b8:0142\"]", 1);
    assert_ne!(naming, SITE);
    fs::write(&image, SITE).unwrap();
    assert!(!is_authorised(&image, &store), "no store yet");
    fs::create_dir(&store).unwrap();
    fs::write(store.join("candidate.toml"), &naming).unwrap();
    assert!(!is_authorised(&image, &store), "not accepted yet");
    fs::rename(store.join("candidate.toml"), store.join("site.toml")).unwrap();
    assert!(is_authorised(&image, &store));
    fs::write(store.join("site.toml"), "wrong").unwrap();
    assert!(!is_authorised(&image, &store), "the image's again");
    fs::write(&image, &naming).unwrap();
    assert!(is_authorised(&image, &store));
}
