// SPDX-License-Identifier: EUPL-1.2
//! Faults of the store: whatever lies in it, people read the last good descriptions.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fs;
use std::path::PathBuf;

use common::{SAMPLE, message, service, site};
use procedures::{LastGood, Loaded};
use site::{Notice, Origin};

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
            root.path().join("procedures.xml"),
        );
        fs::create_dir(&store).unwrap();
        fs::write(&image, SAMPLE).unwrap();
        Self {
            _root: root,
            store,
            image,
        }
    }

    fn load(&self) -> Loaded {
        LastGood::new(&self.image, &self.store).load(&site())
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.store.join(name), text).unwrap();
    }

    fn has(&self, name: &str) -> bool {
        self.store.join(name).exists()
    }
}

/// How many there are, where they came from, and how much was wrong.
fn facts(loaded: &Loaded) -> (usize, Origin, usize) {
    let many = loaded.procedures.all().len();
    (many, loaded.origin, loaded.notices.len())
}

/// Proves T4, O4: newer descriptions are used and stay; wrong ones are put aside with the place that is wrong, and the last
/// good ones stay; without any in the store, or a store at all, the image's are used.
#[test]
fn last_good_descriptions_stay() {
    let device = Device::new();
    assert_eq!(facts(&device.load()), (30, Origin::Image, 0));
    device.put("candidate.xml", &message(&service("1", "")));
    assert_eq!(facts(&device.load()), (1, Origin::Candidate, 0));
    assert!(!device.has("candidate.xml") && device.has("procedures.xml"));
    let cut = SAMPLE.get(..SAMPLE.len() / 2).unwrap();
    for wrong in [
        cut,
        "<x/>",
        "",
        "<!DOCTYPE x [<!ENTITY a \"a\">]><x>&a;</x>",
        &" ".repeat(procedures::limits::FILE + 1),
    ] {
        device.put("candidate.xml", wrong);
        let loaded = device.load();
        assert_eq!(facts(&loaded), (1, Origin::Store, 1));
        let [Notice::Invalid(diagnostic)] = loaded.notices.as_slice() else {
            panic!("{:?}", loaded.notices)
        };
        assert!(diagnostic.to_string().starts_with("candidate.xml:"));
        assert!(!device.has("candidate.xml") && device.has("candidate.xml.rejected"));
    }
    device.put("procedures.xml", cut);
    assert_eq!(facts(&device.load()), (30, Origin::Image, 1));
    fs::remove_dir_all(&device.store).unwrap();
    assert_eq!(facts(&device.load()), (30, Origin::Image, 0));
}

/// Proves T4: where even the image's descriptions cannot be read there are none, and the place in the file is told.
#[test]
fn no_descriptions_are_no_dead_end() {
    let device = Device::new();
    fs::write(&device.image, "<x/>").unwrap();
    let loaded = device.load();
    assert_eq!(facts(&loaded), (0, Origin::Image, 1));
    assert!(
        loaded
            .notices
            .iter()
            .any(|notice| { notice.to_string().contains("procedures.xml:1:1") })
    );
    fs::remove_file(&device.image).unwrap();
    assert_eq!(facts(&device.load()), (0, Origin::Image, 1));
}
