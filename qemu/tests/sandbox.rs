// SPDX-License-Identifier: EUPL-1.2
//! What our own services may do, as `systemd-analyze security` sees it.

// A step that fails ends the test with the error.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Tenths of the exposure that no service of ours may exceed.
const LIMIT: &str = "20";

/// Where units lie in a tree.
const UNITS: &str = "usr/lib/systemd/system";

/// Trees that become part of an image: every recipe's, and the initrd's.
fn trees() -> Vec<PathBuf> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let recipes = fs::read_dir(top.join("recipes")).unwrap();
    let mut trees: Vec<PathBuf> = recipes
        .map(|entry| entry.unwrap().path().join("mkosi.extra"))
        .collect();
    trees.push(top.join("image/mkosi.images/initrd/mkosi.extra"));
    trees.retain(|tree| tree.join(UNITS).is_dir());
    trees.sort();
    trees
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    all.sort();
    all
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The exposure of a service in a tree, and whether it is within the limit.
fn analyse(root: &Path, service: &str) -> (bool, String) {
    let output = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager"])
        .arg(format!("--root={}", root.display()))
        .arg(format!("--threshold={LIMIT}"))
        .arg(service)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let bad: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with('✗') || line.contains("Overall"))
        .collect();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), bad.join("\n") + &error)
}

/// Proves T12, C7: every service of ours is sandboxed to an exposure of at most 2.0, alone, and with each and all of the drop-ins that
/// flavours have for it.
#[test]
fn every_service_of_ours_is_sandboxed() {
    let trees = trees();
    let mut checked = Vec::new();
    for service in trees.iter().flat_map(|tree| entries(&tree.join(UNITS))) {
        if service.extension().is_none_or(|end| end != "service") {
            continue;
        }
        let unit = name(&service);
        let folder = format!("{unit}.d");
        let drop_ins: Vec<PathBuf> = trees
            .iter()
            .map(|tree| tree.join(UNITS).join(&folder))
            .filter(|dir| dir.is_dir())
            .flat_map(|dir| entries(&dir))
            .collect();
        let mut sets = vec![Vec::new()];
        sets.extend(drop_ins.iter().map(|one| vec![one.clone()]));
        if drop_ins.len() > 1 {
            sets.push(drop_ins);
        }
        for set in sets {
            let root = tempfile::tempdir().unwrap();
            let units = root.path().join(UNITS);
            fs::create_dir_all(units.join(&folder)).unwrap();
            fs::copy(&service, units.join(&unit)).unwrap();
            let mut what = unit.clone();
            for drop_in in &set {
                fs::copy(drop_in, units.join(&folder).join(name(drop_in))).unwrap();
                what = format!("{what} with {}", name(drop_in));
            }
            let (within, said) = analyse(root.path(), &unit);
            assert!(within, "{what}:\n{said}");
            checked.push(what);
        }
    }
    for known in [
        "applications.service",
        "braille.service",
        "call-enrol.service",
        "call.service",
        "clerk.service",
        "compositor.service",
        "network.service",
        "session.service",
        "shell.service",
        "sysroot-efi.service",
        "trust.service",
        "trust.service with 20-pin.conf",
        "usb-authorise@.service",
    ] {
        assert!(checked.iter().any(|what| what == known), "{checked:?}");
    }
}

/// Proves T12, C7: a service that gives its rights back is noticed.
#[test]
fn an_open_service_is_noticed() {
    let root = tempfile::tempdir().unwrap();
    let units = root.path().join(UNITS);
    fs::create_dir_all(&units).unwrap();
    let text = "[Service]\nExecStart=/usr/lib/amtsnah/open\nNoNewPrivileges=yes\n";
    fs::write(units.join("open.service"), text).unwrap();
    let (within, said) = analyse(root.path(), "open.service");
    assert!(!within && said.contains("UNSAFE"), "{said}");
}
