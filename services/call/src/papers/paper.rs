// SPDX-License-Identifier: EUPL-1.2
//! What is said of a document before it comes, and whether what came is that document.

use api::session::Kind;
use sha2::{Digest, Sha256};

use super::NAME;

/// The hash of a document (SHA-256).
pub type Hash = [u8; 32];

/// What a sender says of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its number.
    pub id: u32,
    /// What it is.
    pub kind: Kind,
    /// How large it is.
    pub bytes: u32,
    /// Its hash.
    pub hash: Hash,
    /// What people call it.
    pub name: String,
}

/// Why a document is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is empty, or larger than allowed.
    Size,
    /// There is no room for more.
    Room,
    /// What has come is not what was offered.
    Damaged,
    /// Its number was used before, for another document or for one that is gone.
    Number,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Size, Self::Room, Self::Damaged, Self::Number];

    /// The number on the way.
    pub const fn code(self) -> u8 {
        match self {
            Self::Size => 1,
            Self::Room => 2,
            Self::Damaged => 3,
            Self::Number => 4,
        }
    }

    /// Reads the number.
    pub fn of(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// The word for records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Room => "room",
            Self::Damaged => "damaged",
            Self::Number => "number",
        }
    }
}

/// The number of a kind on the way.
pub const fn kind_code(kind: Kind) -> u8 {
    match kind {
        Kind::Pdf => 1,
        Kind::Png => 2,
        Kind::Jpeg => 3,
        Kind::Text => 4,
    }
}

/// Reads the number of a kind.
pub fn kind_of(code: u8) -> Option<Kind> {
    [Kind::Pdf, Kind::Png, Kind::Jpeg, Kind::Text]
        .into_iter()
        .find(|kind| kind_code(*kind) == code)
}

/// The hash of `content`.
pub fn hash(content: &[u8]) -> Hash {
    Sha256::digest(content).into()
}

/// Whether `content` begins as its kind does: what is handed on as a picture is none of the formats that only look like one to others.
pub fn fits(kind: Kind, content: &[u8]) -> bool {
    match kind {
        Kind::Pdf => content.starts_with(b"%PDF-"),
        Kind::Png => content.starts_with(b"\x89PNG\r\n\x1a\n"),
        Kind::Jpeg => content.starts_with(b"\xff\xd8\xff"),
        Kind::Text => std::str::from_utf8(content).is_ok_and(|text| !text.contains('\0')),
    }
}

/// Whether this may be a document's name: words for people, never a path, and nothing that steers a screen.
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME
        && !name.starts_with('.')
        && name.trim() == name
        && name.chars().all(is_letter)
}

fn is_letter(c: char) -> bool {
    let steers = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !c.is_control() && !steers && !"/\\:*?\"<>|".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T5, T17: a name is a name and no path, and what is called a picture begins like one.
    #[test]
    fn names_and_kinds_are_what_they_say() {
        assert!(is_name("Antrag auf Wohngeld.pdf") && is_name("مرحبا") && is_name("a"));
        let long = "ä".repeat(NAME / 2 + 1);
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "a\n",
            " a",
            "a ",
            "a\u{202e}fdp",
            &long,
        ] {
            assert!(!is_name(name), "{name:?}");
        }
        assert!(fits(Kind::Pdf, b"%PDF-1.7") && !fits(Kind::Pdf, b"<html>"));
        assert!(fits(Kind::Text, "Grüße".as_bytes()) && !fits(Kind::Text, &[0xff]));
        assert!(!fits(Kind::Png, b"\x89PNG") && !fits(Kind::Jpeg, b""));
        for kind in [Kind::Pdf, Kind::Png, Kind::Jpeg, Kind::Text] {
            assert_eq!(kind_of(kind_code(kind)), Some(kind));
        }
        assert_eq!((kind_of(0), Refusal::of(0)), (None, None));
    }
}
