// SPDX-License-Identifier: EUPL-1.2
//! Real-time text: what is typed travels at once, a piece a message, and a backspace takes back (T.140, RFC 8865). Pure.

/// The most bytes of a piece.
pub const PIECE: usize = 1024;
/// Takes back the character before it.
pub const BACKSPACE: char = '\u{8}';
/// A new line.
pub const LINE: char = '\u{2028}';

/// Whether a piece may be sent.
pub fn is_piece(text: &str) -> bool {
    !text.is_empty() && text.len() <= PIECE && text.chars().all(is_text)
}

/// What is taken in of a piece that came; nothing where it is none.
pub fn received(piece: &str) -> Option<String> {
    if piece.len() > PIECE {
        return None;
    }
    let lines = piece
        .replace("\r\n", "\u{2028}")
        .replace(['\r', '\n'], "\u{2028}");
    let text: String = lines.chars().filter(|c| is_text(*c)).collect();
    (!text.is_empty()).then_some(text)
}

/// Characters that are text: none that steer the direction of others or a screen.
fn is_text(c: char) -> bool {
    let overrides = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    c == BACKSPACE || (!c.is_control() && !overrides)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves T13: what is typed arrives as it was typed, corrections and new lines too.
    #[test]
    fn text_arrives_as_typed() {
        assert_eq!(received("Grüße\u{8}"), Some("Grüße\u{8}".into()));
        assert_eq!(received("a\r\nb\nc"), Some("a\u{2028}b\u{2028}c".into()));
        assert_eq!(received("مرحبا"), Some("مرحبا".into()));
        assert_eq!(received("\u{feff}"), None);
        assert!(is_piece("a") && !is_piece("") && !is_piece("\u{7}"));
    }

    proptest! {
        /// Proves T17: whatever comes, nothing but text goes on.
        #[test]
        fn nothing_but_text(piece in ".{0,2000}") {
            if let Some(text) = received(&piece) {
                prop_assert!(text.len() <= PIECE * 3 && text.chars().all(is_text));
            }
        }
    }
}
