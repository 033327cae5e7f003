// SPDX-License-Identifier: EUPL-1.2
//! What was compiled belongs to the checkout that it was made from.
//!
//! Cargo tells old from new by times, and every checkout is `/src` in the toolbox: what another checkout compiled later than this one's
//! files were written would pass for this one's. Dependencies are the same for both and stay.

use std::path::{Path, PathBuf};

use crate::cache::Cache;
use crate::checkout::Checkout;
use crate::error::{FileContext, Result};
use crate::host;

/// Where the checkout that used a directory last is named.
const STAMP: &str = "checkout";

/// The directory of this name for compiled things, without what another checkout's own crates left there.
pub fn claim(cache: &Cache, name: &str, checkout: &Checkout) -> Result<PathBuf> {
    let dir = cache.dir(&format!("target/{name}"))?;
    let stamp = dir.join(STAMP);
    let here = checkout.root().to_string_lossy();
    if std::fs::read_to_string(&stamp).is_ok_and(|last| last == here) {
        return Ok(dir);
    }
    let own = checkout.crates()?;
    // `target/PROFILE`, or `target/TRIPLE/PROFILE`.
    for outer in children(&dir) {
        for profile in children(&outer).into_iter().chain([outer]) {
            for fingerprint in children(&profile.join(".fingerprint")) {
                if is_of(&fingerprint, &own) {
                    host::remove(&fingerprint)?;
                }
            }
        }
    }
    // Last: whatever stops this before leaves the directory another's.
    std::fs::write(&stamp, here.as_bytes()).at("write", &stamp)?;
    Ok(dir)
}

/// Whether a fingerprint (`NAME-HASH`) is one of these crates'.
fn is_of(fingerprint: &Path, crates: &[String]) -> bool {
    let name = fingerprint.file_name().and_then(|name| name.to_str());
    let name = name.and_then(|name| name.rsplit_once('-'));
    name.is_some_and(|(name, _)| crates.iter().any(|own| own == name))
}

/// What a directory holds; nothing where there is none.
fn children(dir: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(dir)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout(root: &Path) -> Checkout {
        std::fs::create_dir_all(root).unwrap();
        let lock = "[[package]]\nname = \"shell\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"shell-words\"\nversion = \"1.1.0\"\nsource = \"registry\"\n";
        std::fs::write(root.join("Cargo.lock"), lock).unwrap();
        Checkout::at(root)
    }

    /// Proves O9: a checkout does not take what another one compiled for its own; dependencies stay, and so does its own.
    #[test]
    fn another_checkouts_crates_are_compiled_anew() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(&dir.path().join("cache"));
        let (one, two) = (
            checkout(&dir.path().join("one")),
            checkout(&dir.path().join("two")),
        );
        let target = claim(&cache, "dev", &one).unwrap();
        let of = |profile: &str, name: &str| target.join(profile).join(".fingerprint").join(name);
        let own = [of("debug", "shell-1"), of("x86_64/image", "shell-2")];
        let dependency = of("debug", "shell-words-3");
        for dir in own.iter().chain([&dependency]) {
            std::fs::create_dir_all(dir).unwrap();
        }
        claim(&cache, "dev", &one).unwrap();
        assert!(own.iter().all(|dir| dir.is_dir()));
        claim(&cache, "dev", &two).unwrap();
        assert!(!own.iter().any(|dir| dir.exists()));
        assert!(dependency.is_dir());
    }
}
