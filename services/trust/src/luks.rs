// SPDX-License-Identifier: EUPL-1.2
//! What a LUKS2 header says in the clear: label and UUID. Layout: LUKS2 On-Disk Format Specification 1.1, section 2.1.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

const MAGIC: &[u8] = b"LUKS\xba\xbe";
const VERSION: std::ops::Range<usize> = 6..8;
const LABEL: std::ops::Range<usize> = 24..72;
const UUID: std::ops::Range<usize> = 168..208;

/// The length of the binary header, in bytes.
pub const HEADER_BYTES: usize = 4096;

/// The label of a volume whose making came to its end; repart's own label is the partition's.
pub const FINISHED: &str = "amtsnah-state";

/// The readable part of a LUKS2 header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The label, at most 48 bytes.
    pub label: String,
    /// The UUID, as text.
    pub uuid: String,
}

impl Header {
    /// Reads the header at the start of `device`; `None` if there is no LUKS2 volume.
    pub fn read(device: &Path) -> io::Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        File::open(device)?
            .take(HEADER_BYTES as u64)
            .read_to_end(&mut bytes)?;
        Ok(Self::parse(&bytes))
    }

    /// Reads a header from its bytes.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if !bytes.starts_with(MAGIC) || bytes.get(VERSION)? != [0, 2] {
            return None;
        }
        let text = |range| {
            let field: &[u8] = bytes.get::<std::ops::Range<usize>>(range)?;
            let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
            String::from_utf8(field.get(..end)?.to_vec()).ok()
        };
        Some(Self {
            label: text(LABEL)?,
            uuid: text(UUID)?,
        })
    }

    /// Whether everything that belongs to a volume was done when it was made.
    pub fn is_finished(&self) -> bool {
        self.label == FINISHED
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(label: &str) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        bytes[..6].copy_from_slice(MAGIC);
        bytes[7] = 2;
        bytes[24..24 + label.len()].copy_from_slice(label.as_bytes());
        bytes[168..172].copy_from_slice(b"1234");
        bytes
    }

    /// Proves O2: only a volume that was finished counts as one.
    #[test]
    fn finished_is_told_by_the_label() {
        assert!(Header::parse(&header(FINISHED)).unwrap().is_finished());
        assert!(!Header::parse(&header("var")).unwrap().is_finished());
        assert_eq!(Header::parse(&header("var")).unwrap().uuid, "1234");
        assert_eq!(Header::parse(&[0; HEADER_BYTES]), None);
        assert_eq!(Header::parse(&header("var")[..100]), None);
    }

    proptest! {
        /// Proves O2: no bytes on a disk can make the service panic.
        #[test]
        fn no_header_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Header::parse(&bytes);
            for (byte, magic) in bytes.iter_mut().zip(b"LUKS\xba\xbe\x00\x02") {
                *byte = *magic;
            }
            let _ = Header::parse(&bytes);
        }
    }
}
