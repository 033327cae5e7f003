// SPDX-License-Identifier: EUPL-1.2
//! Text for people, in German and as many other languages as somebody wrote.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The languages the product speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// German.
    De,
    /// German in Leichte Sprache.
    DeLeicht,
    /// English.
    En,
    /// Upper Sorbian.
    Hsb,
    /// Arabic, written from right to left.
    Ar,
}

impl Language {
    /// All languages, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::De, Self::DeLeicht, Self::En, Self::Hsb, Self::Ar];

    /// The name in files: a BCP 47 tag, but `de-leicht` for Leichte Sprache.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::DeLeicht => "de-leicht",
            Self::En => "en",
            Self::Hsb => "hsb",
            Self::Ar => "ar",
        }
    }

    /// The language called `tag`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// Whether it is written from right to left.
    pub const fn is_rtl(self) -> bool {
        matches!(self, Self::Ar)
    }
}

/// One text in several languages. German is always there.
pub type Text = Localized<String>;

/// Something written in German and as many other languages as somebody wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Localized<T> {
    pub(crate) de: T,
    pub(crate) others: BTreeMap<Language, T>,
}

impl<T> Localized<T> {
    /// What is only there in German so far.
    pub fn new(de: T) -> Self {
        Self {
            de,
            others: BTreeMap::new(),
        }
    }

    /// Adds another language, or replaces what is there in it.
    pub fn insert(&mut self, language: Language, version: T) {
        if language == Language::De {
            self.de = version;
        } else {
            self.others.insert(language, version);
        }
    }

    /// The version in `language`, or the German one where nobody wrote it.
    pub fn version(&self, language: Language) -> &T {
        self.others.get(&language).unwrap_or(&self.de)
    }

    /// The language of what is really answered, which decides the direction of writing.
    pub fn language(&self, asked: Language) -> Language {
        if self.others.contains_key(&asked) {
            asked
        } else {
            Language::De
        }
    }
}

impl Text {
    /// The text in `language`, or in German where nobody wrote it.
    pub fn get(&self, language: Language) -> &str {
        self.version(language)
    }

    /// All versions with their language.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (Language, &str)> {
        std::iter::once((Language::De, self.de.as_str()))
            .chain(self.others.iter().map(|(l, t)| (*l, t.as_str())))
    }
}

/// The table form, in which German must not be missing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    de: String,
    de_leicht: Option<String>,
    en: Option<String>,
    hsb: Option<String>,
    ar: Option<String>,
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a German text, or a table with `de` and other languages")
            }

            fn visit_str<E>(self, de: &str) -> Result<Text, E> {
                Ok(Text::new(de.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
                let Table {
                    de,
                    de_leicht,
                    en,
                    hsb,
                    ar,
                } = Table::deserialize(MapAccessDeserializer::new(map))?;
                let others = [
                    (Language::DeLeicht, de_leicht),
                    (Language::En, en),
                    (Language::Hsb, hsb),
                    (Language::Ar, ar),
                ];
                let others = others
                    .into_iter()
                    .filter_map(|(language, text)| Some((language, text?)))
                    .collect();
                Ok(Text { de, others })
            }
        }
        deserializer.deserialize_any(Either)
    }
}
