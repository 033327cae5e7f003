// SPDX-License-Identifier: EUPL-1.2
//! The recovery key in systemd's format: 64 modhex letters in eight groups of eight, joined by `-`.
//! Modhex letters sit at the same place on every Latin keyboard, so a key can be typed on any of them.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// The sixteen letters, in the order of their value.
pub const MODHEX: [char; 16] = [
    'c', 'b', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'n', 'r', 't', 'u', 'v',
];
/// Letters in a group.
pub const RECOVERY_GROUP: usize = 8;
/// Groups in a key.
pub const RECOVERY_GROUPS: usize = 8;
/// Letters in a key.
pub const RECOVERY_LETTERS: usize = RECOVERY_GROUP * RECOVERY_GROUPS;

/// Why a text is no recovery key. Positions count letters from 1, as a person does; no part of the key is carried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryKeyError {
    /// A character that no key has.
    #[error("character {position} of the recovery key is not one of cbdefghijklnrtuv")]
    Letter {
        /// Which letter, from 1.
        position: usize,
    },
    /// Not enough or too many letters.
    #[error("the recovery key has {letters} letters instead of {RECOVERY_LETTERS}")]
    Length {
        /// How many there are.
        letters: usize,
    },
}

/// A well-formed recovery key. Overwritten when dropped; `Debug` does not show it.
#[derive(Clone, Zeroize, ZeroizeOnDrop, PartialEq, Eq)]
pub struct RecoveryKey(String);

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey(…)")
    }
}

impl RecoveryKey {
    /// Reads what a person typed: capital letters are taken as small ones, dashes and spaces wherever they are.
    pub fn parse(text: &str) -> Result<Self, RecoveryKeyError> {
        let mut key = Self(String::with_capacity(RECOVERY_LETTERS + RECOVERY_GROUPS));
        let mut letters = 0;
        for c in text
            .chars()
            .filter(|c| !matches!(c, '-' | ' ' | '\n' | '\r' | '\t'))
        {
            let c = c.to_ascii_lowercase();
            if !MODHEX.contains(&c) {
                return Err(RecoveryKeyError::Letter {
                    position: letters + 1,
                });
            }
            // More than that would make the buffer grow and leave a copy behind.
            if letters < RECOVERY_LETTERS {
                if letters > 0 && letters % RECOVERY_GROUP == 0 {
                    key.0.push('-');
                }
                key.0.push(c);
            }
            letters += 1;
        }
        if letters == RECOVERY_LETTERS {
            Ok(key)
        } else {
            Err(RecoveryKeyError::Length { letters })
        }
    }

    /// The key as systemd writes and takes it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Proves O2: every key systemd makes is read back as itself, however it was typed.
        #[test]
        fn keys_survive_typing(bytes in proptest::collection::vec(0usize..16, RECOVERY_LETTERS), upper: bool, dashes: bool) {
            let letters: Vec<char> = bytes.iter().map(|i| MODHEX[*i]).collect();
            let written = letters.chunks(RECOVERY_GROUP).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-");
            let mut typed = if dashes { written.clone() } else { written.replace('-', "") };
            if upper {
                typed = typed.to_uppercase();
            }
            let key = RecoveryKey::parse(&typed).unwrap();
            prop_assert_eq!(key.expose(), written);
        }

        /// Proves O2: no input panics, and no other length is taken.
        #[test]
        fn rubbish_is_refused(text in ".{0,200}") {
            if let Ok(key) = RecoveryKey::parse(&text) {
                prop_assert_eq!(key.expose().len(), RECOVERY_LETTERS + RECOVERY_GROUPS - 1);
            }
        }
    }

    /// Proves O2: the error tells where, and never what.
    #[test]
    fn errors_point_to_the_letter() {
        assert_eq!(
            RecoveryKey::parse("cbda"),
            Err(RecoveryKeyError::Letter { position: 4 })
        );
        assert_eq!(
            RecoveryKey::parse("cbd-"),
            Err(RecoveryKeyError::Length { letters: 3 })
        );
        assert_eq!(
            RecoveryKey::parse(&"c".repeat(65)),
            Err(RecoveryKeyError::Length { letters: 65 })
        );
    }
}
