// SPDX-License-Identifier: EUPL-1.2
//! The keyboard on the screen: which keys there are, and which of them are shown. Data and a pure state; a real keyboard
//! types into the same fields.

use site::Language;

/// A set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// As on German keyboards.
    German,
    /// The same with the letters of Upper Sorbian.
    Sorbian,
    /// As on Arabic keyboards.
    Arabic,
    /// For an e-mail address.
    Email,
    /// For a number.
    Digits,
    /// For a date.
    Date,
}

/// Rows of keys.
pub type Rows = &'static [&'static str];

impl Layout {
    /// All layouts.
    pub const ALL: [Self; 6] = [
        Self::German,
        Self::Sorbian,
        Self::Arabic,
        Self::Email,
        Self::Digits,
        Self::Date,
    ];

    /// The layout for text in `language`.
    pub const fn of(language: Language) -> Self {
        match language {
            Language::De | Language::DeLeicht | Language::En => Self::German,
            Language::Hsb => Self::Sorbian,
            Language::Ar => Self::Arabic,
        }
    }

    /// Its rows, as on a keyboard.
    pub const fn rows(self) -> Rows {
        match self {
            Self::German => &["qwertzuiopü", "asdfghjklöä", "yxcvbnmß-"],
            Self::Sorbian => &["qwertzuiopóě", "asdfghjklłšž", "yxcvbnmčćńř-"],
            Self::Arabic => &["ضصثقفغعهخحجد", "شسيبلاتنمكطذ", "ئءؤرىةوزظأإآ"],
            Self::Email => &["1234567890", "qwertzuiop", "asdfghjkl_", "yxcvbnm.-@"],
            Self::Digits => &["123", "456", "789", "0"],
            Self::Date => &["123", "456", "789", ".0"],
        }
    }

    /// Digits and signs, where the layout has letters first.
    pub const fn signs(self) -> Option<Rows> {
        match self {
            Self::German | Self::Sorbian => Some(&["1234567890", ".,:;-/()&", "?!+@'\"§€"]),
            Self::Arabic => Some(&["1234567890", "٠١٢٣٤٥٦٧٨٩", ".،:؛-/()؟!"]),
            Self::Email | Self::Digits | Self::Date => None,
        }
    }

    /// What the key says that leads back from signs to letters.
    pub const fn first_letters(self) -> &'static str {
        match self {
            Self::Arabic => "أبت",
            _ => "ABC",
        }
    }

    /// The language of its letters, as people look for it.
    pub const fn language(self) -> Language {
        match self {
            Self::Sorbian => Language::Hsb,
            Self::Arabic => Language::Ar,
            Self::German | Self::Email | Self::Digits | Self::Date => Language::De,
        }
    }

    /// Whether there are capitals.
    pub const fn has_capitals(self) -> bool {
        matches!(self, Self::German | Self::Sorbian)
    }

    /// Whether a space can be typed.
    pub const fn has_space(self) -> bool {
        matches!(self, Self::German | Self::Sorbian | Self::Arabic)
    }

    /// The layouts for text that a place with these languages needs, beginning after this one.
    #[must_use]
    pub fn next(self, languages: &[Language]) -> Self {
        let mut known: Vec<Self> = vec![Self::German];
        for layout in languages.iter().map(|language| Self::of(*language)) {
            if !known.contains(&layout) {
                known.push(layout);
            }
        }
        let at = known.iter().position(|layout| *layout == self);
        let next = at.map_or(0, |at| (at + 1) % known.len());
        known.get(next).copied().unwrap_or(self)
    }
}

/// Which keys are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyboard {
    /// The set.
    pub layout: Layout,
    /// Whether the next letter is a capital.
    pub shift: bool,
    /// Whether digits and signs are shown.
    pub signs: bool,
    /// Which part of the keys is shown, where there is not room for all. Screens show the last one there is.
    pub part: usize,
}

impl Keyboard {
    /// A keyboard as it is shown first.
    pub const fn new(layout: Layout) -> Self {
        Self {
            layout,
            shift: false,
            signs: false,
            part: 0,
        }
    }

    /// The rows that are shown.
    pub fn rows(&self) -> Rows {
        let signs = self.layout.signs().filter(|_| self.signs);
        signs.unwrap_or_else(|| self.layout.rows())
    }

    /// What a key types now.
    pub fn types(&self, key: char) -> char {
        let capital = self.shift && self.layout.has_capitals();
        match key {
            // Few fonts have the capital, and nobody is used to it.
            'ß' => 'ß',
            key if capital => key.to_uppercase().next().unwrap_or(key),
            key => key,
        }
    }

    /// A key was typed: a capital is one letter.
    pub fn typed(&mut self) {
        self.shift = false;
    }
}

/// The rows shown where a row has room for `columns` keys and there is room for `most` rows: as on a keyboard where it
/// fits, else in the order of the alphabet, in parts if need be. Also says how many parts there are.
pub fn arrange(rows: Rows, columns: usize, most: usize, part: usize) -> (Vec<Vec<char>>, usize) {
    let widest = rows
        .iter()
        .map(|row| row.chars().count())
        .max()
        .unwrap_or(0);
    if widest <= columns && rows.len() <= most {
        return (rows.iter().map(|row| row.chars().collect()).collect(), 1);
    }
    let (columns, most) = (columns.max(1), most.max(1));
    let mut keys: Vec<char> = rows.iter().flat_map(|row| row.chars()).collect();
    keys.sort_by_key(|key| order(*key));
    let each = columns.saturating_mul(most);
    let parts = keys.len().div_ceil(each).max(1);
    // All parts have about as many.
    let each = keys.len().div_ceil(parts).max(1).div_ceil(columns) * columns;
    let parts = keys.len().div_ceil(each).max(1);
    let part = part.min(parts - 1);
    let shown = keys.chunks(each).nth(part).unwrap_or_default();
    (shown.chunks(columns).map(<[char]>::to_vec).collect(), parts)
}

/// Where a key is looked for: letters by the alphabet, with their accents beside the plain one; signs after them.
fn order(key: char) -> (bool, char, char) {
    let plain = match key {
        'ä' | 'á' => 'a',
        'č' | 'ć' => 'c',
        'ě' | 'é' => 'e',
        'ł' => 'l',
        'ń' => 'n',
        'ö' | 'ó' => 'o',
        'ř' => 'r',
        'ß' | 'š' => 's',
        'ü' => 'u',
        'ž' => 'z',
        'أ' | 'إ' | 'آ' => 'ا',
        other => other,
    };
    (!key.is_alphanumeric(), plain, key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn keys(rows: Rows) -> Vec<char> {
        rows.iter().flat_map(|row| row.chars()).collect()
    }

    /// Proves T10, T14: every layout has the letters of its language, each once; numbers, dates and addresses can be typed.
    #[test]
    fn layouts_have_their_letters() {
        for layout in Layout::ALL {
            for rows in [Some(layout.rows()), layout.signs()].into_iter().flatten() {
                let all = keys(rows);
                let once: BTreeSet<char> = all.iter().copied().collect();
                assert_eq!(once.len(), all.len(), "{layout:?}");
            }
        }
        let has = |layout: Layout, letters: &str| {
            let all = [
                keys(layout.rows()),
                layout.signs().map(keys).unwrap_or_default(),
            ]
            .concat();
            let missing: Vec<char> = letters.chars().filter(|c| !all.contains(c)).collect();
            assert_eq!(missing, Vec::<char>::new(), "{layout:?}");
        };
        has(Layout::German, "abcdefghijklmnopqrstuvwxyzäöüß0123456789-");
        has(Layout::Sorbian, "abcčćdeěfghijkłlmnńoóprřsštuwyzž");
        has(Layout::Arabic, "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءأإآؤئ");
        has(Layout::Email, "abcdefghijklmnopqrstuvwxyz0123456789@.-_");
        has(Layout::Digits, "0123456789");
        has(Layout::Date, "0123456789.");
    }

    /// Proves T14: from every layout one comes to all that the place needs, and to no other.
    #[test]
    fn layouts_follow_each_other() {
        let all = Language::ALL;
        assert_eq!(Layout::German.next(&all), Layout::Sorbian);
        assert_eq!(Layout::Sorbian.next(&all), Layout::Arabic);
        assert_eq!(Layout::Arabic.next(&all), Layout::German);
        let few = [Language::De, Language::En];
        assert_eq!(Layout::German.next(&few), Layout::German);
        assert_eq!(Layout::Arabic.next(&few), Layout::German);
    }

    /// Proves T10: a capital is one letter, and only where there are capitals.
    #[test]
    fn shift_makes_one_capital() {
        let mut keyboard = Keyboard {
            shift: true,
            ..Keyboard::new(Layout::German)
        };
        assert_eq!(
            ['a', 'ü', 'ß', '-'].map(|key| keyboard.types(key)),
            ['A', 'Ü', 'ß', '-']
        );
        keyboard.typed();
        assert_eq!(keyboard.types('a'), 'a');
        let email = Keyboard {
            shift: true,
            ..Keyboard::new(Layout::Email)
        };
        assert_eq!(email.types('a'), 'a');
    }

    proptest! {
        /// Proves T10: whatever room there is, every key is on one of the parts, and none has more rows or wider ones than fit.
        #[test]
        fn every_key_is_somewhere(which in 0usize..6, columns in 1usize..14, most in 1usize..6) {
            let rows = Layout::ALL[which].rows();
            let (_, parts) = arrange(rows, columns, most, 0);
            let mut found = Vec::new();
            for part in 0..parts {
                let (shown, again) = arrange(rows, columns, most, part);
                prop_assert_eq!(again, parts);
                prop_assert!(!shown.is_empty() && shown.len() <= most);
                prop_assert!(shown.iter().all(|row| !row.is_empty() && row.len() <= columns));
                found.extend(shown.concat());
            }
            found.sort_unstable();
            let mut all = keys(rows);
            all.sort_unstable();
            prop_assert_eq!(found, all);
        }
    }
}
