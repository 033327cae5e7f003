// SPDX-License-Identifier: EUPL-1.2
//! Which keys a person presses for a text.

use crate::error::{Error, Result};

/// What is printed on the keyboard, as the guest understands it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// German.
    #[default]
    German,
    /// American; also the firmware's.
    American,
}

impl Layout {
    /// The keys for one character, in QEMU's names: shift first where it is needed.
    pub fn keys(self, c: char) -> Result<Vec<String>> {
        let unknown = || Error::Machine(format!("no key for {c:?} on a {self:?} keyboard"));
        let (shift, key) = self.key(c).ok_or_else(unknown)?;
        let mut keys = Vec::new();
        if shift {
            keys.push("shift".to_owned());
        }
        keys.push(key);
        Ok(keys)
    }

    fn key(self, c: char) -> Option<(bool, String)> {
        if c.is_ascii_digit() {
            return Some((false, c.to_string()));
        }
        if c.is_ascii_alphabetic() {
            let key = match (self, c.to_ascii_lowercase()) {
                (Self::German, 'y') => 'z',
                (Self::German, 'z') => 'y',
                (_, letter) => letter,
            };
            return Some((c.is_ascii_uppercase(), key.to_string()));
        }
        let (shift, key) = match c {
            ' ' => (false, "spc"),
            '\n' => (false, "ret"),
            '\t' => (false, "tab"),
            '\u{8}' => (false, "backspace"),
            '\u{1b}' => (false, "esc"),
            ',' => (false, "comma"),
            '.' => (false, "dot"),
            _ => self.own(c)?,
        };
        Some((shift, key.to_owned()))
    }

    fn own(self, c: char) -> Option<(bool, &'static str)> {
        let german = match c {
            '-' => (false, "slash"),
            '_' => (true, "slash"),
            'ä' => (false, "apostrophe"),
            'Ä' => (true, "apostrophe"),
            'ö' => (false, "semicolon"),
            'Ö' => (true, "semicolon"),
            'ü' => (false, "bracket_left"),
            'Ü' => (true, "bracket_left"),
            'ß' => (false, "minus"),
            '/' => (true, "7"),
            ':' => (true, "dot"),
            '!' => (true, "1"),
            _ => return self.american(c),
        };
        match self {
            Self::German => Some(german),
            Self::American => self.american(c),
        }
    }

    fn american(self, c: char) -> Option<(bool, &'static str)> {
        (self == Self::American).then_some(())?;
        Some(match c {
            '-' => (false, "minus"),
            '_' => (true, "minus"),
            '/' => (false, "slash"),
            ':' => (true, "semicolon"),
            '!' => (true, "1"),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O9: a recovery key and a PIN can be typed on either keyboard.
    #[test]
    fn recovery_keys_can_be_typed() {
        for c in "cbdefghijklnrtuv-0123456789\n".chars() {
            Layout::German.keys(c).unwrap();
            Layout::American.keys(c).unwrap();
        }
        assert_eq!(Layout::German.keys('-').unwrap(), ["slash"]);
        assert_eq!(Layout::American.keys('_').unwrap(), ["shift", "minus"]);
        assert_eq!(Layout::German.keys('Z').unwrap(), ["shift", "y"]);
        assert!(Layout::American.keys('ü').is_err());
    }
}
