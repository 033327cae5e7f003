// SPDX-License-Identifier: EUPL-1.2
//! The store of newer site configurations lies on an encrypted volume. What shows the screen is there first, to say who
//! opens it and how; the store comes later, by a mount that reaches into each program's own view of the file system.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

/// The kernel tells of every change of mounts to whoever polls this.
const MOUNTS: &str = "/proc/self/mountinfo";
/// So many bytes of events are read at once.
const EVENTS: usize = 4096;

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
    pub fn mounts() -> io::Result<File> {
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

/// Notices when a file in the store takes its final name, as every accepted one does, and when the store is made.
///
/// It is readable ([`AsFd`]) when something may have happened; then ask [`Self::has_changed`].
#[derive(Debug)]
pub struct Changes {
    store: PathBuf,
    events: OwnedFd,
    /// The watched directories, and what is waited for in each: one name, or any in the store itself.
    watches: BTreeMap<i32, Option<OsString>>,
}

impl Changes {
    /// Watches `store`, which need not exist, from now on: to be called before what is in it is read for the first time.
    pub fn watch(store: &Path) -> io::Result<Self> {
        let mut this = Self {
            store: store.to_owned(),
            events: inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?,
            watches: BTreeMap::new(),
        };
        this.follow()?;
        Ok(this)
    }

    /// Watches what is at the store's place now.
    fn follow(&mut self) -> io::Result<()> {
        let below = std::iter::once(None).chain(self.store.ancestors().map(Path::file_name));
        let mut folders: Vec<_> = self.store.ancestors().zip(below).collect();
        // Above a relative path.
        folders.retain(|(folder, _)| !folder.as_os_str().is_empty());
        // From the root downwards: what is made meanwhile is noticed by the watch above it. A second watch of a directory
        // takes the place of the first.
        while let Some((folder, awaited)) = folders.pop() {
            let flags = match awaited {
                None => WatchFlags::MOVED_TO,
                Some(_) => WatchFlags::MOVED_TO | WatchFlags::CREATE | WatchFlags::ATTRIB,
            };
            match inotify::add_watch(&self.events, folder, flags | WatchFlags::ONLYDIR) {
                Ok(watch) => self.watches.insert(watch, awaited.map(OsStr::to_owned)),
                // A folder that is made for somebody is not at once his to read; the change of that is noticed above it.
                Err(Errno::NOENT | Errno::ACCESS) => break,
                Err(error) => return Err(error.into()),
            };
        }
        Ok(())
    }

    /// Whether anything has happened since this was asked before; does not wait. To be asked also when mounts have changed: what
    /// lies at the store's place now is watched from then on.
    pub fn has_changed(&mut self) -> io::Result<bool> {
        let mut buffer = [MaybeUninit::uninit(); EVENTS];
        let mut reader = Reader::new(&self.events, &mut buffer);
        let mut some = false;
        loop {
            let event = match reader.next() {
                Ok(event) => event,
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            let name = event
                .file_name()
                .map(|name| OsStr::from_bytes(name.to_bytes()));
            some |= match self.watches.get(&event.wd()) {
                Some(Some(awaited)) => name == Some(awaited),
                Some(None) => true,
                // Events were lost.
                None => event.events().contains(ReadFlags::QUEUE_OVERFLOW),
            };
            if event.events().contains(ReadFlags::IGNORED) {
                self.watches.remove(&event.wd());
            }
        }
        self.follow()?;
        Ok(some)
    }
}

impl AsFd for Changes {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.events.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    /// Proves O4: a store that comes is noticed once, and so is another one in its place.
    #[test]
    fn a_store_comes_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("store");
        let mut arrival = Arrival::watch(&store);
        assert!(!arrival.has_come());
        fs::create_dir(&store).unwrap();
        assert!(arrival.has_come());
        assert!(!arrival.has_come());
        fs::rename(&store, dir.path().join("other")).unwrap();
        assert!(!arrival.has_come());
        fs::create_dir(&store).unwrap();
        assert!(arrival.has_come());
        assert!(!Arrival::watch(&store).has_come(), "it was there");
    }

    /// Proves O4: a newer file is noticed when it has its final name, also in a store that is made later; reading is not.
    #[test]
    fn a_newer_file_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("lib/store");
        let mut changes = Changes::watch(&store).unwrap();
        assert!(!changes.has_changed().unwrap());
        fs::write(dir.path().join("other"), "").unwrap();
        assert!(!changes.has_changed().unwrap(), "that is not its place");
        fs::create_dir_all(&store).unwrap();
        assert!(changes.has_changed().unwrap(), "the store is made");
        fs::set_permissions(&store, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(changes.has_changed().unwrap(), "it may be readable now");
        fs::write(store.join("site.toml.new"), "half").unwrap();
        assert!(!changes.has_changed().unwrap(), "not yet its final name");
        for _ in 0..2 {
            fs::write(store.join("site.toml.new"), "whole").unwrap();
            fs::rename(store.join("site.toml.new"), store.join("site.toml")).unwrap();
            assert!(changes.has_changed().unwrap());
            assert!(!changes.has_changed().unwrap());
        }
        fs::read(store.join("site.toml")).unwrap();
        assert!(!changes.has_changed().unwrap());
    }
}
