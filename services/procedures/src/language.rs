// SPDX-License-Identifier: EUPL-1.2
//! The languages of a file: BCP 47 tags, as `languageCode` has them.

use site::Language;

/// The language of a text marked `tag`, or nothing if the product does not speak it. What is not marked is German, as in
/// the portals. Leichte Sprache is `de-simple`, the registered variant; `de-leicht` and the private `de-x-leicht` and
/// `de-x-ls` are in use as well.
pub fn language(tag: Option<&str>) -> Option<Language> {
    let Some(tag) = tag else {
        return Some(Language::De);
    };
    let tag = tag.trim().to_ascii_lowercase();
    let mut subtags = tag.split(['-', '_']);
    match subtags.next()? {
        "de" if subtags.any(|subtag| matches!(subtag, "simple" | "leicht" | "ls")) => {
            Some(Language::DeLeicht)
        }
        "de" => Some(Language::De),
        "en" => Some(Language::En),
        "hsb" => Some(Language::Hsb),
        "ar" => Some(Language::Ar),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T14: the tags that are in use are understood, and no others.
    #[test]
    fn tags_are_understood() {
        let tags = [
            ("de", Some(Language::De)),
            ("de-DE", Some(Language::De)),
            ("DE", Some(Language::De)),
            ("de-simple", Some(Language::DeLeicht)),
            ("de-DE-x-leicht", Some(Language::DeLeicht)),
            ("en-GB", Some(Language::En)),
            ("hsb", Some(Language::Hsb)),
            ("ar", Some(Language::Ar)),
            ("pl", None),
            ("dsb", None),
            ("", None),
            ("-", None),
            ("deutsch", None),
        ];
        for (tag, expected) in tags {
            assert_eq!(language(Some(tag)), expected, "{tag}");
        }
        assert_eq!(language(None), Some(Language::De));
    }
}
