// SPDX-License-Identifier: EUPL-1.2
//! Finding a service by what people type: whole words or their beginnings, in any spelling of umlauts and accents, in
//! capitals or not, with one slip in a word.
//!
//! All words of all services are kept once each, so that looking through ten thousand services means looking through
//! their vocabulary.

use std::collections::BTreeMap;

use site::Language;

/// At most so many are found: whoever sees more has to say more.
pub const MOST: usize = 30;
/// At most so many words of what was typed count.
const TOKENS: usize = 8;
/// A word shorter than this has to be spelled right: with a slip it would be any other.
const SLIP: usize = 4;
/// A word shorter than this is looked for at the beginning of words only.
const INSIDE: usize = 3;

/// Where a word stands, and how much that says about a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// In a short text.
    Text = 2,
    /// In the name of the office.
    Office = 4,
    /// In its official name.
    Official = 8,
    /// Among its keywords.
    Keyword = 12,
    /// In its name.
    Name = 16,
}

/// A word of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    service: usize,
    field: Field,
    language: Language,
}

/// Everything that can be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    words: Vec<(Vec<char>, Vec<Place>)>,
    services: usize,
}

/// Collects what can be found.
#[derive(Debug, Default)]
pub struct Builder {
    words: BTreeMap<Vec<char>, Vec<Place>>,
    services: usize,
}

impl Builder {
    /// Adds a text of a service.
    pub fn add(&mut self, service: usize, field: Field, language: Language, text: &str) {
        self.services = self.services.max(service + 1);
        // Who has no umlauts leaves the dots out, which is a way to spell and no slip.
        let mut all = words(text, fold);
        if text.contains(['ä', 'ö', 'ü', 'Ä', 'Ö', 'Ü', '\u{308}']) {
            all.extend(words(text, fold_plain));
        }
        for word in all {
            let places = self.words.entry(word).or_default();
            let same = |place: &&mut Place| place.service == service && place.language == language;
            match places.iter_mut().rev().find(same) {
                Some(place) => place.field = place.field.max(field),
                None => places.push(Place {
                    service,
                    field,
                    language,
                }),
            }
        }
    }

    /// The index of all that was added.
    pub fn finish(self) -> Index {
        Index {
            words: self.words.into_iter().collect(),
            services: self.services,
        }
    }
}

impl Index {
    /// The numbers of the services that fit `query`, the best first, by texts in `language` and in German.
    pub fn find(&self, query: &str, language: Language) -> Vec<usize> {
        let tokens: Vec<Vec<char>> = words(query, fold).into_iter().take(TOKENS).collect();
        // How many words of the query a service has, and how well.
        let mut scores: Vec<(u32, u32)> = vec![(0, 0); self.services];
        for token in &tokens {
            let mut best = vec![0; self.services];
            for (word, places) in &self.words {
                let grade = grade(token, word);
                if grade == 0 {
                    continue;
                }
                let understood = places
                    .iter()
                    .filter(|place| place.language == language || place.language == Language::De);
                for place in understood {
                    if let Some(best) = best.get_mut(place.service) {
                        *best = (*best).max(grade * place.field as u32);
                    }
                }
            }
            for (score, best) in scores.iter_mut().zip(best) {
                score.0 += u32::from(best > 0);
                score.1 += best;
            }
        }
        // Words that no service has, such as "ich möchte", do not count.
        let most = scores.iter().map(|(words, _)| *words).max().unwrap_or(0);
        if most == 0 {
            return Vec::new();
        }
        let mut found: Vec<(usize, u32)> = scores
            .into_iter()
            .enumerate()
            .filter(|(_, (words, _))| *words == most)
            .map(|(service, (_, score))| (service, score))
            .collect();
        found.sort_by_key(|(service, score)| (u32::MAX - score, *service));
        found.truncate(MOST);
        found.into_iter().map(|(service, _)| service).collect()
    }
}

/// How well `word` fits what was typed: 0 is not at all.
fn grade(token: &[char], word: &[char]) -> u32 {
    if word.starts_with(token) {
        return if word.len() == token.len() { 4 } else { 3 };
    }
    // In German what something is comes last: "Ausweis" is in "Personalausweis".
    if token.len() >= INSIDE && word.windows(token.len()).any(|part| part == token) {
        return 2;
    }
    u32::from(token.len() >= SLIP && begins_with_slip(token, word))
}

/// Whether `word` has a beginning that differs from `token` by one slip: a letter that is wrong, missing or too much, or
/// two that are swapped.
fn begins_with_slip(token: &[char], word: &[char]) -> bool {
    let same = token.iter().zip(word).take_while(|(a, b)| a == b).count();
    let (Some(token), Some(word)) = (token.get(same..), word.get(same..)) else {
        return false;
    };
    let begins = |rest: Option<&[char]>, with: &[char]| rest.is_some_and(|r| r.starts_with(with));
    match token {
        // Of one letter the slip is that it is wrong, or too much.
        [] | [_] => true,
        [a, after @ ..] => {
            let swapped = matches!((after, word), ([b, ..], [c, d, ..]) if a == d && b == c);
            begins(word.get(1..), after)
                || begins(Some(word), after)
                || begins(word.get(1..), token)
                || swapped && begins(word.get(2..), after.get(1..).unwrap_or_default())
        }
    }
}

/// The words of a text as they are compared. What is parted by a hyphen is there in parts and as one.
fn words(text: &str, fold: fn(&str) -> Vec<char>) -> Vec<Vec<char>> {
    let mut all = Vec::new();
    for whole in text.split(|c: char| !(c.is_alphanumeric() || c == '-' || is_mark(c))) {
        let parts: Vec<Vec<char>> = whole
            .split('-')
            .map(fold)
            .filter(|part| !part.is_empty())
            .collect();
        if parts.len() > 1 {
            all.push(parts.concat());
        }
        all.extend(parts);
    }
    all
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// The same without the dots of umlauts.
fn fold_plain(word: &str) -> Vec<char> {
    let plain: String = word
        .chars()
        .filter_map(|c| match c {
            'ä' | 'Ä' => Some('a'),
            'ö' | 'Ö' => Some('o'),
            'ü' | 'Ü' => Some('u'),
            '\u{308}' => None,
            c => Some(c),
        })
        .collect();
    fold(&plain)
}

/// A word without what people spell in different ways.
fn fold(word: &str) -> Vec<char> {
    let mut folded: Vec<char> = Vec::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'æ' => folded.extend(['a', 'e']),
            'ö' | 'ø' => folded.extend(['o', 'e']),
            'ü' => folded.extend(['u', 'e']),
            'ß' => folded.extend(['s', 's']),
            // The two dots of an umlaut as a sign of their own.
            '\u{308}' if matches!(folded.last(), Some('a' | 'o' | 'u')) => folded.push('e'),
            c if is_mark(c) => {}
            'á' | 'à' | 'â' | 'å' | 'ą' => folded.push('a'),
            'č' | 'ć' | 'ç' => folded.push('c'),
            'é' | 'è' | 'ê' | 'ë' | 'ě' | 'ę' => folded.push('e'),
            'í' | 'ì' | 'î' | 'ï' | 'ı' => folded.push('i'),
            'ł' => folded.push('l'),
            'ń' | 'ñ' | 'ň' => folded.push('n'),
            'ó' | 'ò' | 'ô' => folded.push('o'),
            'ř' | 'ŕ' => folded.push('r'),
            'š' | 'ś' | 'ş' => folded.push('s'),
            'ú' | 'ù' | 'û' | 'ů' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'ž' | 'ź' | 'ż' => folded.push('z'),
            'أ' | 'إ' | 'آ' | 'ٱ' => folded.push('ا'),
            'ة' => folded.push('ه'),
            'ى' | 'ئ' => folded.push('ي'),
            'ؤ' => folded.push('و'),
            c => folded.push(c),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index() -> Index {
        let mut index = Builder::default();
        let names = [
            "Personalausweis beantragen",
            "Führerschein umtauschen",
            "Hund anmelden",
            "Straße sperren",
        ];
        for (service, name) in names.into_iter().enumerate() {
            index.add(service, Field::Name, Language::De, name);
        }
        index.add(0, Field::Keyword, Language::De, "Perso");
        index.add(0, Field::Name, Language::Ar, "طلب بطاقة الهوية");
        index.add(
            0,
            Field::Name,
            Language::Hsb,
            "Wo wosobinski wupokaz prosyć",
        );
        index.add(1, Field::Text, Language::De, "Wer einen Ausweis hat");
        index.add(2, Field::Name, Language::DeLeicht, "Hunde-Steuer");
        index.finish()
    }

    /// Proves T4, T14: what people type is understood: beginnings, parts of compounds, umlauts in any spelling, one slip, more
    /// words than needed, their own language and German.
    #[test]
    fn what_people_type_is_understood() {
        let index = index();
        let find = |query: &str| index.find(query, Language::De);
        for query in [
            "perso",
            "PERSONAL",
            "personalausweiss",
            "Presonal",
            "ich möchte einen Personalausweis",
            "personl",
            "persnal",
        ] {
            assert_eq!(find(query).first(), Some(&0), "{query}");
        }
        for query in [
            "Führerschein",
            "fuehrer",
            "FÜHRERSCHEIN",
            "Fu\u{308}hrerschein",
            "fürherschein",
            "fuhrerschein",
            "fuherschein",
            "führersch",
        ] {
            assert_eq!(find(query), [1], "{query}");
        }
        assert_eq!(find("strasse"), [3]);
        assert_eq!(find("Straße"), [3]);
        // The name says more than a text.
        assert_eq!(find("ausweis"), [0, 1]);
        assert_eq!(find("hund anmelden"), [2]);
        assert_eq!(index.find("hundesteuer", Language::DeLeicht), [2]);
        assert_eq!(index.find("بطاقه", Language::Ar), [0]);
        assert_eq!(index.find("personalausweis", Language::Ar), [0]);
        assert_eq!(index.find("wupokaz", Language::Hsb), [0]);
        for nothing in ["", " ", "wupokaz", "xyz", "hxnx", "ua", "-", "\u{308}"] {
            assert_eq!(find(nothing), [0; 0], "{nothing}");
        }
    }

    fn beginnings_differ_by_one(token: &str, word: &str) -> bool {
        let ends = word.char_indices().map(|(at, _)| at).chain([word.len()]);
        let mut beginnings = ends.map(|end| &word[..end]);
        beginnings.any(|beginning| strsim::osa_distance(token, beginning) <= 1)
    }

    proptest! {
        /// Proves T4: a slip is what a well-known measure of slips says, for all words.
        #[test]
        fn a_slip_is_one_slip(token in "[abc]{2,7}", word in "[abc]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<char>>();
            prop_assert_eq!(
                begins_with_slip(&chars(&token), &chars(&word)),
                beginnings_differ_by_one(&token, &word)
            );
        }

        /// Proves T4: any text may be typed; what is found is there, once, and the same in capitals.
        #[test]
        fn any_text_may_be_typed(query in ".{0,40}") {
            let index = index();
            let found = index.find(&query, Language::De);
            let mut once = found.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), found.len());
            prop_assert!(found.iter().all(|service| *service < 4));
        }

        /// Proves T4: every word of every service leads to it, with a letter swapped, wrong, missing or too much.
        #[test]
        fn slips_lead_there_all_the_same(which in 0usize..4, kind in 0u8..4, at in 1usize..100) {
            let mut letters: Vec<char> = ["personalausweis", "fuehrerschein", "anmelden", "strasse"][which].chars().collect();
            let at = at % (letters.len() - 1);
            match kind {
                0 => letters.swap(at, at + 1),
                1 => letters[at] = 'q',
                2 => { letters.remove(at); }
                _ => letters.insert(at, 'q'),
            }
            let query: String = letters.into_iter().collect();
            prop_assert!(index().find(&query, Language::De).contains(&which), "{}", query);
        }
    }
}
