// SPDX-License-Identifier: EUPL-1.2
//! Faults of the store: whatever lies in it, the device starts with the last good configuration.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use site::{LastGood, Loaded, Notice, Origin};

const SAMPLE: &str = include_str!("../../../recipes/site/site.toml");

struct Device {
    _root: tempfile::TempDir,
    store: PathBuf,
    image: PathBuf,
}

impl Device {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (store, image) = (
            root.path().join("store"),
            root.path().join("image/site.toml"),
        );
        fs::create_dir_all(image.parent().unwrap()).unwrap();
        fs::create_dir_all(&store).unwrap();
        fs::write(&image, SAMPLE).unwrap();
        Self {
            _root: root,
            store,
            image,
        }
    }

    fn load(&self) -> Loaded {
        LastGood::new(&self.image, &self.store).load().unwrap()
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.store.join(name), bytes).unwrap();
    }

    fn has(&self, name: &str) -> bool {
        self.store.join(name).symlink_metadata().is_ok()
    }

    /// A configuration of another place, to tell files apart.
    fn other(name: &str) -> String {
        SAMPLE.replacen("Weißbach an der Löbnitz", name, 1)
    }

    fn name(loaded: &Loaded) -> &str {
        loaded.site.place.name.get(site::Language::De)
    }
}

/// Proves O4: a good candidate is used and stays, at this start and the next ones.
#[test]
fn good_candidate_is_kept() {
    let device = Device::new();
    device.put("candidate.toml", Device::other("Schönau"));
    let loaded = device.load();
    assert_eq!(
        (Device::name(&loaded), loaded.origin, loaded.notices.len()),
        ("Schönau", Origin::Candidate, 0)
    );
    assert!(!device.has("candidate.toml") && !device.has("site.toml.new"));
    let loaded = device.load();
    assert_eq!(
        (Device::name(&loaded), loaded.origin),
        ("Schönau", Origin::Store)
    );
    assert!(loaded.picture.ends_with("image/picture.svg"));
    device.put("picture.svg", "<svg/>");
    assert!(device.load().picture.ends_with("store/picture.svg"));
}

/// Proves O4: a truncated, garbled, oversized or wrong candidate is rejected, named, and the last good one is used.
#[test]
fn bad_candidate_is_rejected() {
    let unknown = SAMPLE
        .replacen("authority = \"town\"", "authority = \"twon\"", 1)
        .into_bytes();
    let oversized = format!("{SAMPLE}# {}", "ü".repeat(site::limits::FILE)).into_bytes();
    let mut garbled = SAMPLE.as_bytes().to_vec();
    garbled[2000] = 0xff;
    for bad in [
        SAMPLE.as_bytes()[..3000].to_vec(),
        unknown,
        oversized,
        garbled,
        Vec::new(),
    ] {
        let device = Device::new();
        device.put("site.toml", Device::other("Schönau"));
        device.put("candidate.toml", &bad);
        let loaded = device.load();
        assert_eq!(
            (Device::name(&loaded), loaded.origin),
            ("Schönau", Origin::Store)
        );
        assert!(
            matches!(loaded.notices.as_slice(), [Notice::Invalid(_)]),
            "{:?}",
            loaded.notices
        );
        assert!(
            loaded.notices[0].to_string().contains("candidate.toml:"),
            "{}",
            loaded.notices[0]
        );
        assert!(device.has("candidate.rejected") && !device.has("candidate.toml"));
        assert!(device.load().notices.is_empty(), "rejected only once");
    }
}

/// Proves O4: a power cut between any two steps leaves a whole configuration, and the next start finishes.
#[test]
fn power_cut_leaves_a_whole_file() {
    // Before the rename: half a new file, candidate still there.
    let device = Device::new();
    device.put("site.toml", Device::other("Alt"));
    device.put("site.toml.new", "half");
    device.put("candidate.toml", Device::other("Neu"));
    assert_eq!(Device::name(&device.load()), "Neu");
    assert!(!device.has("site.toml.new") && !device.has("candidate.toml"));

    // After the rename, before the candidate was removed.
    device.put("candidate.toml", Device::other("Neu"));
    assert_eq!(
        (Device::name(&device.load()), device.has("candidate.toml")),
        ("Neu", false)
    );

    // Half a new file and nothing else.
    let device = Device::new();
    device.put("site.toml.new", "half");
    assert_eq!(device.load().origin, Origin::Image);
}

/// Proves O4: a store that is missing, full of the wrong things or not writable never keeps the device from starting.
#[test]
fn store_cannot_stop_the_start() {
    let device = Device::new();
    fs::remove_dir(&device.store).unwrap();
    assert_eq!(
        (device.load().origin, device.load().notices.len()),
        (Origin::Image, 0)
    );

    // A file instead of the directory.
    fs::write(&device.store, "").unwrap();
    assert_eq!(device.load().origin, Origin::Image);

    // A damaged last good file.
    let device = Device::new();
    device.put("site.toml", "damaged");
    assert_eq!(
        (device.load().origin, device.load().notices.len()),
        (Origin::Image, 1)
    );

    // A link, a directory: nothing is followed.
    let device = Device::new();
    symlink("/etc/passwd", device.store.join("candidate.toml")).unwrap();
    fs::create_dir(device.store.join("site.toml")).unwrap();
    assert_eq!(device.load().origin, Origin::Image);

    // Not writable, also for root: the new file's name is taken by a directory.
    let device = Device::new();
    device.put("candidate.toml", Device::other("Neu"));
    fs::create_dir(device.store.join("site.toml.new")).unwrap();
    let loaded = device.load();
    assert_eq!(
        loaded.origin,
        Origin::Image,
        "what cannot be kept is not used"
    );
    assert!(
        matches!(
            loaded.notices.as_slice(),
            [Notice::Store {
                operation: "keep",
                ..
            }]
        ),
        "{:?}",
        loaded.notices
    );
}

/// Proves O4: without a usable file in the image there is an error, not a guess.
#[test]
fn broken_image_is_an_error() {
    let device = Device::new();
    fs::write(&device.image, "no").unwrap();
    let error = LastGood::new(&device.image, &device.store)
        .load()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the image's site configuration is not valid"
    );
    assert!(format!("{:?}", miette::Report::new(error)).contains("site.toml"));
}

/// Proves O4: a program that does not decide uses what was accepted, leaves a candidate where it is, and writes nothing.
#[test]
fn what_was_accepted_is_used_by_others() {
    let device = Device::new();
    let accepted = || {
        let loaded = LastGood::new(&device.image, &device.store).accepted();
        let loaded = loaded.unwrap();
        (Device::name(&loaded).to_owned(), loaded.origin)
    };
    device.put("candidate.toml", Device::other("Schönau"));
    assert_eq!(accepted().1, Origin::Image);
    assert!(device.has("candidate.toml"));
    device.load();
    assert_eq!(accepted(), ("Schönau".to_owned(), Origin::Store));
    device.put("candidate.toml", "not a site");
    assert_eq!(accepted(), ("Schönau".to_owned(), Origin::Store));
    assert!(device.has("candidate.toml"));
    device.put("site.toml", "not a site");
    assert_eq!(accepted().1, Origin::Image);
}
