// SPDX-License-Identifier: EUPL-1.2
//! The documents of a session: in memory only, within quotas.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};

use api::session::document::{DocumentError, MAX_ALL_BYTES, MAX_BYTES, MAX_DOCUMENTS, size};
use api::session::{Document, Kind};

use crate::memory::Memory;

/// Why the store does not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No more documents, or no more bytes.
    #[error("the store has room for {MAX_DOCUMENTS} documents and {MAX_ALL_BYTES} bytes")]
    Full,
    /// There is no document with this number.
    #[error("there is no document {0}")]
    Unknown(u64),
    /// What was handed over is no document.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// All documents.
#[derive(Debug, Default)]
pub struct Store {
    documents: BTreeMap<u64, (Kind, u64, Memory)>,
    /// The last number given. Never given again: a number of an erased document names nothing.
    last: u64,
}

impl Store {
    /// Keeps a copy of the document behind `content`; returns its number.
    pub fn create(&mut self, kind: Kind, content: impl AsFd) -> Result<u64, StoreError> {
        if self.documents.len() >= MAX_DOCUMENTS {
            return Err(StoreError::Full);
        }
        let bytes = size(&content, MAX_BYTES)?;
        if self.bytes() + bytes > MAX_ALL_BYTES {
            return Err(StoreError::Full);
        }
        let memory = Memory::copy(content, bytes)?;
        self.last += 1;
        self.documents.insert(self.last, (kind, bytes, memory));
        Ok(self.last)
    }

    /// What there is.
    pub fn list(&self) -> Vec<Document> {
        let document = |(id, (kind, bytes, _)): (&u64, &(Kind, u64, Memory))| Document {
            id: *id,
            kind: *kind,
            bytes: *bytes,
        };
        self.documents.iter().map(document).collect()
    }

    /// A descriptor of a document, which nobody can write through.
    pub fn open(&self, id: u64) -> Result<OwnedFd, StoreError> {
        let (_, _, memory) = self.documents.get(&id).ok_or(StoreError::Unknown(id))?;
        Ok(memory.descriptor()?)
    }

    /// Erases a document.
    pub fn remove(&mut self, id: u64) -> Result<(), StoreError> {
        let erased = self.documents.remove(&id);
        erased.map(drop).ok_or(StoreError::Unknown(id))
    }

    /// Erases all documents.
    pub fn clear(&mut self) {
        self.documents.clear();
    }

    fn bytes(&self) -> u64 {
        self.documents.values().map(|(_, bytes, _)| bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use api::session::document::{read, seal};

    use super::*;

    /// Proves T5, T15: documents are kept as they were given, and erased ones are gone for everyone.
    #[test]
    fn documents_come_and_go() {
        let mut store = Store::default();
        let first = store.create(Kind::Pdf, seal(b"first").unwrap()).unwrap();
        let second = store.create(Kind::Text, seal(b"second").unwrap()).unwrap();
        assert_eq!(**read(store.open(second).unwrap()).unwrap(), *b"second");
        let held = store.open(first).unwrap();
        store.remove(first).unwrap();
        assert_eq!(**read(&held).unwrap(), [0; 5]);
        assert_eq!(store.open(first).unwrap_err(), StoreError::Unknown(first));
        assert_eq!(store.remove(first), Err(StoreError::Unknown(first)));
        assert_eq!(
            store.list(),
            [Document {
                id: second,
                kind: Kind::Text,
                bytes: 6
            }]
        );
        store.clear();
        assert_eq!(store.list(), []);
        let third = store.create(Kind::Png, seal(b"third").unwrap()).unwrap();
        assert!(third > second);
    }

    /// Proves T15: nobody fills the memory of the device: not with many, not with large, not with all together.
    #[test]
    fn quotas_hold() {
        let mut store = Store::default();
        let small = seal(b"x").unwrap();
        for _ in 0..MAX_DOCUMENTS {
            store.create(Kind::Text, &small).unwrap();
        }
        assert_eq!(store.create(Kind::Text, &small), Err(StoreError::Full));
        store.clear();

        let largest = seal(&vec![1; MAX_BYTES as usize]).unwrap();
        let over = seal(&vec![1; MAX_BYTES as usize + 1]).unwrap();
        let too_large = DocumentError::TooLarge { most: MAX_BYTES };
        assert_eq!(store.create(Kind::Pdf, &over), Err(too_large.into()));
        for _ in 0..MAX_ALL_BYTES / MAX_BYTES {
            store.create(Kind::Pdf, &largest).unwrap();
        }
        assert_eq!(store.create(Kind::Text, &small), Err(StoreError::Full));
        assert_eq!(store.bytes(), MAX_ALL_BYTES);
    }
}
