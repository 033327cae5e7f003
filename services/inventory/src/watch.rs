// SPDX-License-Identifier: EUPL-1.2
//! When devices come, go, or are bound: udev writes down each in its database, and inotify tells of that. The kernel's own news
//! would need the host's network namespace.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::io::Errno;

/// Tells when something in udev's database changes.
pub struct Watch {
    changes: OwnedFd,
}

impl Watch {
    /// Watches `database` (`/run/udev/data`) from now on.
    pub fn new(database: &Path) -> io::Result<Self> {
        let changes = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        // udev writes beside and renames.
        let events = WatchFlags::MOVED_TO | WatchFlags::CREATE | WatchFlags::DELETE;
        inotify::add_watch(&changes, database, events)?;
        Ok(Self { changes })
    }

    /// Waits until something has changed since the last call.
    pub fn wait(&self) -> io::Result<()> {
        let mut waits = [PollFd::new(&self.changes, PollFlags::IN)];
        match poll(&mut waits, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut buffer = [const { MaybeUninit::uninit() }; 4096];
        let mut reader = inotify::Reader::new(&self.changes, &mut buffer);
        while reader.next().is_ok() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// Proves C1: what comes while nobody waits is not lost, and what comes later wakes.
    #[test]
    fn every_change_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let watch = Watch::new(dir.path()).unwrap();
        fs::write(dir.path().join("c189:1"), "").unwrap();
        watch.wait().unwrap();
        let (told, hears) = channel();
        let waits = thread::spawn(move || {
            watch.wait().unwrap();
            told.send(()).unwrap();
        });
        fs::remove_file(dir.path().join("c189:1")).unwrap();
        hears.recv_timeout(Duration::from_secs(20)).unwrap();
        waits.join().unwrap();
        assert!(Watch::new(&dir.path().join("none")).is_err());
    }
}
