// SPDX-License-Identifier: EUPL-1.2
//! Text as it is seen and read aloud: nothing invisible, nothing that turns a line around, no white space but spaces.

/// Marks above and below one letter. Languages that write more in one place have letters for it.
const MARKS: usize = 2;

/// `text` on one line without what no reader should meet.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let (mut space, mut marks) = (false, 0);
    for c in text.chars() {
        if c.is_whitespace() {
            space = true;
            continue;
        }
        if is_dropped(c) {
            continue;
        }
        if is_mark(c) {
            marks += 1;
            if marks > MARKS {
                continue;
            }
        } else {
            marks = 0;
        }
        if space && !plain.is_empty() {
            plain.push(' ');
        }
        space = false;
        plain.push(c);
    }
    plain
}

/// Invisible letters, directions, private meanings and what is no letter at all. The direction of a text is the shell's
/// business; soft hyphens and joiners are the layout's.
fn is_dropped(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{fffc}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{10ffff}')
        || u32::from(c) & 0xfffe == 0xfffe
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
}

/// Marks that can be piled up over the lines above.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{483}'..='\u{489}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves T4: what cannot be seen is not there, what can be seen stays as it was written.
    #[test]
    fn invisible_letters_are_dropped() {
        assert_eq!(plain("  Wohn\u{ad}geld\u{a0}\n\t§ 4 "), "Wohngeld § 4");
        assert_eq!(
            plain("Konto \u{202e}98 ED\u{202c}\u{2066}x\u{2069}"),
            "Konto 98 EDx"
        );
        assert_eq!(plain("a\u{200b}b\u{feff}c\u{e0041}d\u{0}e"), "abcde");
        assert_eq!(
            plain("e\u{301}\u{301}\u{301}\u{301}\u{301}x"),
            "e\u{301}\u{301}x"
        );
        for whole in [
            "Wěcny wobłuk: přećehnjenje",
            "بطاقة الهوية، ٣٧ يورو",
            "37,00 € – für „alle“",
        ] {
            assert_eq!(plain(whole), whole);
        }
    }

    proptest! {
        /// Proves T4: every text becomes one that stays as it is, without line breaks and directions.
        #[test]
        fn plain_text_stays_plain(text in ".*") {
            let once = plain(&text);
            prop_assert_eq!(&plain(&once), &once);
            prop_assert!(!once.contains(|c: char| c != ' ' && (c.is_whitespace() || is_dropped(c))));
            prop_assert!(once.len() <= text.len());
        }
    }
}
