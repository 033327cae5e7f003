// SPDX-License-Identifier: EUPL-1.2
//! Where a text that is too long for one page is divided: after a sentence, else between words, else anywhere.

/// No part is longer than this, in bytes: no page has room for more, and nothing longer has to be tried.
const MOST: usize = 4096;

/// The parts of `text` in their order, each as long as `fits` allows; it is told whether a part is the first.
pub fn divide(text: &str, fits: impl Fn(&str, bool) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let first = parts.is_empty();
        if rest.len() <= MOST && fits(rest, first) {
            parts.push(rest);
            break;
        }
        let end = end_of_part(rest, |part| fits(part, first));
        let (part, after) = rest.split_at(end);
        parts.push(part.trim_end());
        rest = after.trim_start();
    }
    parts
}

/// Where the first part of `text`, which is too long, ends: at least one character is in it.
fn end_of_part(text: &str, fits: impl Fn(&str) -> bool) -> usize {
    let text = text.get(..text.floor_char_boundary(MOST)).unwrap_or(text);
    let words: Vec<usize> = text
        .char_indices()
        .filter(|(_, c)| *c == ' ')
        .map(|(at, _)| at + 1)
        .collect();
    let most = longest(text, &words, &fits);
    if most > 0 {
        let part = text.get(..most).unwrap_or_default();
        // After a sentence, if that does not leave most of the page empty.
        let sentence = part.rfind(". ").map(|at| at + 2);
        return sentence.filter(|at| *at > most / 2).unwrap_or(most);
    }
    // One word is longer than a page.
    let letters: Vec<usize> = text.char_indices().skip(1).map(|(at, _)| at).collect();
    let one = text.chars().next().map_or(text.len(), char::len_utf8);
    longest(text, &letters, &fits).max(one)
}

/// The last of `ends` up to which `text` fits, or 0. What is shorter fits where something longer does.
fn longest(text: &str, ends: &[usize], fits: impl Fn(&str) -> bool) -> usize {
    let many = ends.partition_point(|end| text.get(..*end).is_some_and(&fits));
    many.checked_sub(1)
        .and_then(|last| ends.get(last))
        .copied()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves T4: a text is divided after a sentence where that is possible, and between words otherwise.
    #[test]
    fn sentences_stay_whole() {
        let fits = |part: &str, _| part.trim_end().len() <= 20;
        assert_eq!(divide("Kurz.", fits), ["Kurz."]);
        assert_eq!(
            divide("Das ist ein Satz. Und noch einer. Ende.", fits),
            ["Das ist ein Satz.", "Und noch einer.", "Ende."]
        );
        assert_eq!(
            divide("aaaaaaaaaa bbbbbbbbbb", fits),
            ["aaaaaaaaaa", "bbbbbbbbbb"]
        );
        let long = "x".repeat(50);
        assert_eq!(divide(&long, fits).concat(), long);
    }

    proptest! {
        /// Proves T4: whatever the text and the page, nothing is lost but spaces, and every part fits or is one character.
        #[test]
        fn nothing_is_lost(text in "[a-zäß. \u{0627}-\u{064a}]{0,300}", room in 0usize..40) {
            let fits = |part: &str, first: bool| part.chars().count() + usize::from(first) <= room;
            let parts = divide(&text, fits);
            let bare = |text: &str| text.replace(' ', "");
            prop_assert_eq!(bare(&parts.concat()), bare(&text));
            for (i, part) in parts.iter().enumerate() {
                prop_assert!(fits(part, i == 0) || part.chars().count() <= 1, "{:?}", part);
            }
        }
    }
}
