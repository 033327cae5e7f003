// SPDX-License-Identifier: EUPL-1.2
//! Documents: never a path, always a descriptor of memory that nobody can change any more.
//!
//! Whoever has bytes calls [`seal`] and hands the descriptor over with `CreateDocument`. The store copies them, within
//! its quotas, into memory of its own, and gives out descriptors of that copy, which only the store can write: [`read`]
//! takes them in. When the session ends the store overwrites its copy, so that a descriptor that is still held somewhere
//! shows zeros.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, fstat, memfd_create};
use rustix::io::{Errno, pread, write};
use serde::{Deserialize, Serialize};
use zbus::zvariant::{OwnedValue, Type, Value};

/// How many documents a session can have.
pub const MAX_DOCUMENTS: usize = 32;
/// The largest document: forty scanned pages.
pub const MAX_BYTES: u64 = 16 << 20;
/// The most bytes of all documents together.
pub const MAX_ALL_BYTES: u64 = 64 << 20;

/// What a document is. On the wire: its name in kebab case, as a string.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type, Value, OwnedValue,
)]
#[serde(rename_all = "kebab-case")]
#[zvariant(signature = "s", rename_all = "kebab-case")]
pub enum Kind {
    /// `application/pdf`
    Pdf,
    /// `image/png`
    Png,
    /// `image/jpeg`
    Jpeg,
    /// `text/plain`, UTF-8
    Text,
}

/// A document of the present session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Document {
    /// Its number, which no other document of this boot has.
    pub id: u64,
    /// What it is.
    pub kind: Kind,
    /// How large it is.
    pub bytes: u64,
}

/// Why memory cannot be used as a document. Never carries any of its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Somebody could still change it.
    #[error("the descriptor is not of sealed memory")]
    NotSealed,
    /// There is nothing in it.
    #[error("the document is empty")]
    Empty,
    /// There is more than allowed.
    #[error("the document has more than {most} bytes")]
    TooLarge {
        /// How many are allowed.
        most: u64,
    },
    /// The memory itself failed.
    #[error("cannot {operation} the document's memory: {errno}")]
    Memory {
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        errno: Errno,
    },
}

impl DocumentError {
    fn memory(operation: &'static str) -> impl Fn(Errno) -> Self {
        move |errno| Self::Memory { operation, errno }
    }
}

/// Neither grown nor cut nor written by whoever holds it.
const FIXED: SealFlags = SealFlags::GROW.union(SealFlags::SHRINK);

/// Fresh memory for a document: not executable, ready to be sealed, without a name that says anything.
pub fn memory() -> Result<OwnedFd, DocumentError> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::NOEXEC_SEAL;
    memfd_create("document", flags).map_err(DocumentError::memory("make"))
}

/// Copies `content` into sealed memory.
pub fn seal(content: &[u8]) -> Result<OwnedFd, DocumentError> {
    let memory = memory()?;
    let mut rest = content;
    while !rest.is_empty() {
        match write(&memory, rest) {
            Ok(n) => rest = rest.get(n..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(DocumentError::memory("write")(errno)),
        }
    }
    fcntl_add_seals(&memory, FIXED | SealFlags::WRITE | SealFlags::SEAL)
        .map_err(DocumentError::memory("seal"))?;
    Ok(memory)
}

/// The size of the sealed memory behind `descriptor`, if it is a document of at most `most` bytes.
pub fn size(descriptor: impl AsFd, most: u64) -> Result<u64, DocumentError> {
    // Only memory has seals: a file, pipe, socket or device is refused here, before anything is read from it.
    let seals = fcntl_get_seals(&descriptor).map_err(|_| DocumentError::NotSealed)?;
    let unchanging = seals.intersects(SealFlags::WRITE | SealFlags::FUTURE_WRITE);
    if !seals.contains(FIXED) || !unchanging {
        return Err(DocumentError::NotSealed);
    }
    let stat = fstat(&descriptor).map_err(DocumentError::memory("measure"))?;
    match u64::try_from(stat.st_size) {
        Ok(0) | Err(_) => Err(DocumentError::Empty),
        Ok(size) if size > most => Err(DocumentError::TooLarge { most }),
        Ok(size) => Ok(size),
    }
}

/// Fills `content` from the beginning of the memory behind `descriptor`.
pub fn fill(descriptor: impl AsFd, content: &mut [u8]) -> Result<(), DocumentError> {
    let mut filled = 0;
    while let Some(room) = content.get_mut(filled..).filter(|room| !room.is_empty()) {
        match pread(&descriptor, room, filled as u64) {
            Ok(0) => return Err(DocumentError::Empty),
            Ok(n) => filled += n,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(DocumentError::memory("read")(errno)),
        }
    }
    Ok(())
}

/// The content of a document, which is overwritten when it is dropped.
pub fn read(descriptor: impl AsFd) -> Result<zeroize::Zeroizing<Vec<u8>>, DocumentError> {
    let size = size(&descriptor, MAX_BYTES)?;
    let mut content = zeroize::Zeroizing::new(vec![0; usize::try_from(size).unwrap_or(usize::MAX)]);
    fill(descriptor, &mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use rustix::fs::ftruncate;
    use rustix::pipe::pipe;

    use super::*;

    /// Proves T15: a document survives the way, and nobody on it can change it.
    #[test]
    fn sealed_memory_is_read_and_never_written() {
        let content = vec![7u8; 100_000];
        let sealed = seal(&content).unwrap();
        assert_eq!(*read(&sealed).unwrap(), content);
        assert_eq!(write(&sealed, b"x"), Err(Errno::PERM));
        assert_eq!(ftruncate(&sealed, 0), Err(Errno::PERM));
    }

    /// Proves T15: what is not sealed memory is refused before it is read, and so is too little or too much of it.
    #[test]
    fn other_descriptors_are_refused() {
        let (pipe, _writer) = pipe().unwrap();
        assert_eq!(read(&pipe), Err(DocumentError::NotSealed));
        let file = std::fs::File::open("/dev/zero").unwrap();
        assert_eq!(read(&file), Err(DocumentError::NotSealed));
        let file = tempfile::tempfile_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        assert_eq!(read(&file), Err(DocumentError::NotSealed));
        let open = memory().unwrap();
        assert_eq!(read(&open), Err(DocumentError::NotSealed));
        assert_eq!(read(seal(b"").unwrap()), Err(DocumentError::Empty));

        // Nothing of it exists, and nothing of it is made.
        let huge = memory().unwrap();
        ftruncate(&huge, 1 << 40).unwrap();
        fcntl_add_seals(&huge, FIXED | SealFlags::WRITE).unwrap();
        assert_eq!(
            read(&huge),
            Err(DocumentError::TooLarge { most: MAX_BYTES })
        );
    }
}
