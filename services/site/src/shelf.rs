// SPDX-License-Identifier: EUPL-1.2
//! A file that a device has in its image, and may get newer ones of: the last one it could accept is used.
//!
//! ```text
//! store/candidate ── good ──► store/good       (used)
//!          └──────── bad ───► store/rejected   (logged; the last good one is used)
//! store/good missing or damaged ──► the image's own
//! ```
//!
//! The candidate's checked bytes, not its name, become the good file: written beside it, synced, renamed, and only then
//! is the candidate removed. A power cut between any two steps leaves the old or the new file whole, and the next
//! start finishes what was begun. A store that is missing or cannot be written never keeps the device from starting.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use crate::Diagnostic;

/// Where a file that is used came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The verified image.
    Image,
    /// The store: accepted at an earlier start.
    Store,
    /// A candidate that was accepted just now.
    Candidate,
}

/// Something that was not as it should be, but did not keep the device from starting.
#[derive(Debug)]
pub enum Notice {
    /// A file has a mistake and is not used.
    Invalid(Box<Diagnostic>),
    /// A file cannot be read or written.
    Store {
        /// What was tried.
        operation: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid(diagnostic) => write!(f, "file not accepted: {diagnostic}"),
            Self::Store {
                operation,
                path,
                error,
            } => write!(f, "cannot {operation} {}: {error}", path.display()),
        }
    }
}

/// How the files of one kind are called in the store.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// One that was not looked at yet.
    pub candidate: &'static str,
    /// The last one that could not be accepted.
    pub rejected: &'static str,
    /// The last one that was accepted.
    pub good: &'static str,
    /// The same while it is written.
    pub new: &'static str,
}

/// The place for files of one kind.
#[derive(Clone, Debug)]
pub struct Shelf {
    store: PathBuf,
    names: Names,
    most: usize,
}

impl Shelf {
    /// Files called `names` in `store`, which need not exist, with at most so many bytes.
    pub fn new(store: impl Into<PathBuf>, names: Names, most: usize) -> Self {
        Self {
            store: store.into(),
            names,
            most,
        }
    }

    /// The directory.
    pub fn store(&self) -> &Path {
        &self.store
    }

    /// Looks for a candidate, accepts or rejects it, and returns what `valid` made of the last good file, if there is
    /// one. `valid` is told a name for diagnostics.
    pub fn newest<T>(
        &self,
        notices: &mut Vec<Notice>,
        valid: impl Fn(&str, &[u8]) -> Result<T, Box<Diagnostic>>,
    ) -> Option<(T, Origin)> {
        let candidate = self.store.join(self.names.candidate);
        let read = read_bounded(&candidate, self.most);
        if let Some(bytes) = noted(notices, "read", &candidate, read) {
            match valid(self.names.candidate, &bytes) {
                // Not kept means it would be gone after the next power cut: then it is not accepted yet either.
                Ok(value) => {
                    if noted(notices, "keep", &candidate, self.keep(&bytes)).is_some() {
                        return Some((value, Origin::Candidate));
                    }
                }
                Err(diagnostic) => {
                    notices.push(Notice::Invalid(diagnostic));
                    noted(notices, "reject", &candidate, self.reject());
                }
            }
        }
        self.good(notices, valid)
    }

    /// What `valid` made of the last good file, if there is one. Nothing is written: whoever asks leaves the decision on a
    /// candidate to somebody else.
    pub fn good<T>(
        &self,
        notices: &mut Vec<Notice>,
        valid: impl Fn(&str, &[u8]) -> Result<T, Box<Diagnostic>>,
    ) -> Option<(T, Origin)> {
        let good = self.store.join(self.names.good);
        let bytes = noted(notices, "read", &good, read_bounded(&good, self.most))?;
        match valid(self.names.good, &bytes) {
            Ok(value) => Some((value, Origin::Store)),
            Err(diagnostic) => {
                notices.push(Notice::Invalid(diagnostic));
                None
            }
        }
    }

    /// Makes `bytes` the last good file, then forgets the candidate.
    fn keep(&self, bytes: &[u8]) -> std::io::Result<()> {
        let new = self.store.join(self.names.new);
        // One left over from a power cut is in the way of O_EXCL, which in turn keeps us from following a link.
        remove(&new)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file =
            std::fs::File::from(rustix::fs::open(&new, flags, Mode::from_raw_mode(0o644))?);
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, self.store.join(self.names.good))?;
        self.sync()?;
        remove(&self.store.join(self.names.candidate))?;
        self.sync()
    }

    fn reject(&self) -> std::io::Result<()> {
        std::fs::rename(
            self.store.join(self.names.candidate),
            self.store.join(self.names.rejected),
        )?;
        self.sync()
    }

    fn sync(&self) -> std::io::Result<()> {
        std::fs::File::open(&self.store)?.sync_all()
    }
}

/// The value, with a failure added to `notices`. A file that is not there is no failure.
fn noted<T>(
    notices: &mut Vec<Notice>,
    operation: &'static str,
    path: &Path,
    result: std::io::Result<T>,
) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) if operation == "read" && error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            notices.push(Notice::Store {
                operation,
                path: path.to_owned(),
                error,
            });
            None
        }
    }
}

/// Reads a plain file of at most one byte more than is allowed, so that whoever checks it sees that it is too large. Neither
/// a link nor a pipe put in its place can lead elsewhere or make us wait.
pub fn read_bounded(path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = std::fs::File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "not a plain file",
        ));
    }
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn remove(path: &Path) -> std::io::Result<()> {
    match rustix::fs::unlinkat(rustix::fs::CWD, path, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}
