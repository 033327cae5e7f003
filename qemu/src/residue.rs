// SPDX-License-Identifier: EUPL-1.2
//! What somebody leaves behind: canaries that appear nowhere else, and the search for them.
//!
//! A canary is made from a seed on both sides, so that neither a command line nor a file that is handed to the guest has it.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::BufReader;
use std::path::Path;

use aho_corasick::AhoCorasick;

use crate::error::{Error, Result};

/// How many canaries a session has.
pub const CANARIES: u64 = 40;
/// Letters of a canary.
const LETTERS: u64 = 24;
/// Bytes of a canary that is a picture.
const PIXELS: u64 = 64;

/// The pseudo-random bytes of a canary.
fn bytes(seed: u64, number: u64, length: u64) -> impl Iterator<Item = u8> {
    (0..length).map(move |at| {
        let mut hasher = DefaultHasher::new();
        (seed, number, at).hash(&mut hasher);
        hasher.finish() as u8
    })
}

/// What a person would write.
pub fn text(seed: u64, number: u64) -> String {
    bytes(seed, number, LETTERS)
        .map(|byte| char::from(b'a' + byte % 26))
        .collect()
}

/// What a person would show: bytes of a picture.
pub fn picture(seed: u64, number: u64) -> Vec<u8> {
    bytes(seed, number + CANARIES, PIXELS).collect()
}

/// A text as UTF-16, the lower byte of each unit first.
pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// How often each form of the canaries of a session is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Texts in UTF-8.
    pub utf8: usize,
    /// Texts in UTF-16.
    pub utf16: usize,
    /// Pictures.
    pub pictures: usize,
}

/// Looks through all of `file` for every canary of `seed` in every form.
pub fn search(file: &Path, seed: u64) -> Result<Hits> {
    let failed = |error: std::io::Error| Error::file("search", file)(error);
    let mut patterns = Vec::new();
    for number in 0..CANARIES {
        let text = text(seed, number);
        patterns.push(utf16(&text));
        patterns.push(text.into_bytes());
        patterns.push(picture(seed, number));
    }
    let search = AhoCorasick::new(&patterns)
        .map_err(|error| Error::Machine(format!("the canaries cannot be searched: {error}")))?;
    let reader = BufReader::with_capacity(1 << 20, File::open(file).map_err(failed)?);
    let mut hits = Hits::default();
    for found in search.stream_find_iter(reader) {
        match found.map_err(failed)?.pattern().as_usize() % 3 {
            0 => hits.utf16 += 1,
            1 => hits.utf8 += 1,
            _ => hits.pictures += 1,
        }
    }
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Proves O9: each form is found wherever it lies, also across the search's own blocks, and nothing else is.
    #[test]
    fn canaries_are_found() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut content = vec![0; (8 << 20) - 7];
        content.extend(text(1, 0).bytes());
        content.extend(vec![b'a'; 70_000]);
        content.extend(utf16(&text(1, 39)));
        content.extend(picture(1, 5));
        content.extend(picture(1, 5));
        file.write_all(&content).unwrap();
        let hits = search(file.path(), 1).unwrap();
        let expected = Hits {
            utf8: 1,
            utf16: 1,
            pictures: 2,
        };
        assert_eq!(hits, expected);
        assert_eq!(search(file.path(), 2).unwrap(), Hits::default());
    }
}
