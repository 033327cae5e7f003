// SPDX-License-Identifier: EUPL-1.2
//! The store of newer site configurations lies on an encrypted volume. The shell is there first, to show who opens it
//! and how; the store comes later, by a mount that reaches into the shell's own view of the file system.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The kernel tells of every change of mounts to whoever polls this.
const MOUNTS: &str = "/proc/self/mountinfo";

/// A directory on one file system, and not its namesake on another.
type Place = (u64, u64);

/// Notices when the store comes.
#[derive(Debug)]
pub struct Arrival {
    store: PathBuf,
    seen: Option<Place>,
}

impl Arrival {
    /// Watches for `store` from now on: to be called before what is in it is read for the first time.
    pub fn watch(store: &Path) -> Self {
        Self {
            store: store.to_owned(),
            seen: place(store),
        }
    }

    /// A file that can be polled: an event means that mounts have changed, and that it is time to ask [`Self::has_come`].
    pub fn mounts() -> std::io::Result<File> {
        File::open(MOUNTS)
    }

    /// Whether the store is there, and was not when this was asked before.
    pub fn has_come(&mut self) -> bool {
        let now = place(&self.store);
        let before = std::mem::replace(&mut self.seen, now);
        now.is_some() && now != before
    }
}

fn place(store: &Path) -> Option<Place> {
    let data = std::fs::metadata(store).ok()?;
    Some((data.dev(), data.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O4: a store that comes is noticed once, and so is another one in its place.
    #[test]
    fn a_store_comes_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("store");
        let mut arrival = Arrival::watch(&store);
        assert!(!arrival.has_come());
        std::fs::create_dir(&store).unwrap();
        assert!(arrival.has_come());
        assert!(!arrival.has_come());
        std::fs::rename(&store, dir.path().join("other")).unwrap();
        assert!(!arrival.has_come());
        std::fs::create_dir(&store).unwrap();
        assert!(arrival.has_come());
        assert!(!Arrival::watch(&store).has_come(), "it was there");
    }
}
