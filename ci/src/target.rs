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

/// With less space than this, what was compiled makes room: images and the machines that boot them need about as much.
const SCARCE: u64 = 16 << 30;

/// Where the checkout that used a directory last is named.
const STAMP: &str = "checkout";

/// The directory of this name for compiled things, without what another checkout's own crates left there.
pub fn claim(cache: &Cache, name: &str, checkout: &Checkout) -> Result<PathBuf> {
    let dir = cache.dir(&format!("target/{name}"))?;
    make_room(&dir, || Ok(host::free_space(&dir)? >= SCARCE))?;
    let stamp = dir.join(STAMP);
    let here = checkout.root().to_string_lossy();
    if std::fs::read_to_string(&stamp).is_ok_and(|last| last == here) {
        return Ok(dir);
    }
    let own = checkout.crates()?;
    for profile in profiles(&dir) {
        for fingerprint in children(&profile.join(".fingerprint")) {
            if is_of(&fingerprint, &own) {
                host::remove(&fingerprint)?;
            }
        }
    }
    // Last: whatever stops this before leaves the directory another's.
    std::fs::write(&stamp, here.as_bytes()).at("write", &stamp)?;
    Ok(dir)
}

/// Removes what cargo keeps and makes again soon, until there is `enough` space: first what speeds the next compilation, which grows with
/// every change, then linked programs, of which each change to a crate leaves one more. Libraries, which take the time, stay.
fn make_room(dir: &Path, enough: impl Fn() -> Result<bool>) -> Result<()> {
    if enough()? {
        return Ok(());
    }
    for profile in profiles(dir) {
        // Cargo holds this lock while it compiles, and does not expect its files to go meanwhile.
        let lock = profile.join(".cargo-lock");
        let Ok(lock) = std::fs::File::open(&lock) else {
            continue;
        };
        if lock.try_lock().is_err() {
            continue;
        }
        host::remove(&profile.join("incremental"))?;
        if enough()? {
            return Ok(());
        }
        let compiled = children(&profile.join("deps"));
        for program in compiled.iter().filter(|path| is_program(path)) {
            host::remove(program)?;
        }
        if enough()? {
            return Ok(());
        }
    }
    Ok(())
}

/// Where profiles lie: `target/PROFILE`, or `target/TRIPLE/PROFILE`.
fn profiles(dir: &Path) -> impl Iterator<Item = PathBuf> {
    children(dir)
        .into_iter()
        .flat_map(|outer| children(&outer).into_iter().chain([outer]))
}

/// A linked program has no extension; libraries and cargo's own notes have one.
fn is_program(path: &Path) -> bool {
    path.extension().is_none() && path.is_file()
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

    /// Proves O9: where space is short, what is made again soon goes first, no more than needed, and nothing that is being compiled.
    #[test]
    fn what_was_compiled_makes_room() {
        let dir = tempfile::tempdir().unwrap();
        let profile = dir.path().join("debug");
        let [lock, partial, program, library] = [
            ".cargo-lock",
            "incremental/shell-1/dep-graph.bin",
            "deps/screen-1",
            "deps/libshell-1.rlib",
        ]
        .map(|name| profile.join(name));
        let files = [&lock, &partial, &program, &library];
        for file in files {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "x").unwrap();
        }
        let there = || files.map(|file| file.exists());

        make_room(dir.path(), || Ok(true)).unwrap();
        assert_eq!(there(), [true; 4]);

        let cargo = std::fs::File::open(&lock).unwrap();
        cargo.lock().unwrap();
        make_room(dir.path(), || Ok(false)).unwrap();
        assert_eq!(there(), [true; 4]);
        cargo.unlock().unwrap();

        make_room(dir.path(), || Ok(!partial.exists())).unwrap();
        assert_eq!(there(), [true, false, true, true]);
        make_room(dir.path(), || Ok(false)).unwrap();
        assert_eq!(there(), [true, false, false, true]);
    }
}
