// SPDX-License-Identifier: EUPL-1.2
//! What nobody can guess.

use rustix::io::Errno;
use rustix::rand::{GetRandomFlags, getrandom};

/// Letters and digits that cannot be taken for one another, 32 of them: five bits each.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The kernel gave no randomness.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot get random bytes")]
pub struct RandomError(#[source] std::io::Error);

/// So many random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match getrandom(rest, GetRandomFlags::empty()) {
            Ok(n) => filled += n,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(RandomError(errno.into())),
        }
    }
    Ok(bytes)
}

/// A word of `N` characters, five bits of chance each.
pub fn word<const N: usize>() -> Result<String, RandomError> {
    let letter = |byte: u8| char::from(ALPHABET[usize::from(byte & 31)]);
    Ok(bytes::<N>()?.into_iter().map(letter).collect())
}

/// Whether a text could be such a word.
pub fn is_word(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| ALPHABET.contains(&byte))
}
