// SPDX-License-Identifier: EUPL-1.2
//! What the shell says, in all its languages. The Fluent files are part of the program: nothing is looked for at run
//! time, and the build fails where a language lacks a text (`build.rs`).

use std::cell::OnceCell;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use site::{Hours, Language, Period, Site, TimeOfDay, Weekday};
use unic_langid::LanguageIdentifier;

use crate::event::Moment;

type Bundle = FluentBundle<FluentResource>;

/// The texts of all languages, each read when it is first needed.
#[derive(Default)]
pub struct Texts([OnceCell<Bundle>; Language::ALL.len()]);

/// The Fluent file of a language.
pub const fn source(language: Language) -> &'static str {
    match language {
        Language::De => include_str!("../locales/de/shell.ftl"),
        Language::DeLeicht => include_str!("../locales/de-leicht/shell.ftl"),
        Language::En => include_str!("../locales/en/shell.ftl"),
        Language::Hsb => include_str!("../locales/hsb/shell.ftl"),
        Language::Ar => include_str!("../locales/ar/shell.ftl"),
    }
}

fn load(language: Language) -> Bundle {
    let locale = if language == Language::DeLeicht {
        "de"
    } else {
        language.tag()
    };
    let mut bundle = Bundle::new(vec![
        locale.parse::<LanguageIdentifier>().unwrap_or_default(),
    ]);
    // Marks around values are needed only where they can run against the text's direction.
    bundle.set_use_isolating(language.is_rtl());
    // A broken entry does not get here: the build reads every file whole.
    let resource = FluentResource::try_new(source(language).to_owned())
        .unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

impl Texts {
    fn bundle(&self, language: Language) -> Option<&Bundle> {
        Some(
            self.0
                .get(language as usize)?
                .get_or_init(|| load(language)),
        )
    }

    /// The texts in one language.
    pub fn speak(&self, language: Language) -> Speech<'_> {
        Speech {
            texts: self,
            language,
        }
    }
}

/// The texts in one language.
#[derive(Clone, Copy)]
pub struct Speech<'a> {
    texts: &'a Texts,
    /// Which.
    pub language: Language,
}

impl<'a> Speech<'a> {
    /// The texts in another language.
    #[must_use]
    pub fn other(&self, language: Language) -> Speech<'a> {
        self.texts.speak(language)
    }

    /// The text called `key`.
    pub fn get(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The text called `key` with values in it.
    pub fn with(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        let args: FluentArgs = values.iter().cloned().collect();
        let say = |language| {
            let bundle = self.texts.bundle(language)?;
            let pattern = bundle.get_message(key)?.value()?;
            Some(
                bundle
                    .format_pattern(pattern, Some(&args), &mut Vec::new())
                    .into_owned(),
            )
        };
        // The key itself can only appear if no language has it: no screen shows one (`tests/layout.rs`).
        say(self.language)
            .or_else(|| say(Language::De))
            .unwrap_or_else(|| key.to_owned())
    }

    /// "13:00".
    pub fn time(&self, time: TimeOfDay) -> String {
        self.left_to_right(&time.to_string())
    }

    /// "Montag".
    pub fn weekday(&self, day: Weekday) -> String {
        self.get(match day {
            Weekday::Monday => "weekday-monday",
            Weekday::Tuesday => "weekday-tuesday",
            Weekday::Wednesday => "weekday-wednesday",
            Weekday::Thursday => "weekday-thursday",
            Weekday::Friday => "weekday-friday",
            Weekday::Saturday => "weekday-saturday",
            Weekday::Sunday => "weekday-sunday",
        })
    }

    /// "Montag, 23. November 2026".
    pub fn date(&self, now: &Moment) -> String {
        let month = self.get(&format!("month-{}", now.month));
        let values = [
            ("weekday", self.weekday(now.weekday).into()),
            ("day", FluentValue::from(now.day.to_string())),
            ("month", month.into()),
            ("year", FluentValue::from(now.year.to_string())),
        ];
        self.with("date", &values)
    }

    /// "9:00–12:00".
    pub fn period(&self, period: Period) -> String {
        self.left_to_right(&format!("{}–{}", period.from, period.to))
    }

    /// Whether somebody is there now, until when, or when next.
    pub fn opening(&self, hours: &Hours, now: &Moment) -> (bool, String) {
        if let Some(period) = hours.running(now.weekday, now.time) {
            return (
                true,
                self.with("open-until", &[("time", self.time(period.to).into())]),
            );
        }
        let closed = match hours.next(now.weekday, now.time) {
            None => self.get("open-by-appointment"),
            Some((0, _, period)) => self.with(
                "open-today-from",
                &[("time", self.time(period.from).into())],
            ),
            Some((1, _, period)) => {
                self.with("open-tomorrow", &[("time", self.time(period.from).into())])
            }
            Some((_, day, period)) => self.with(
                "open-on",
                &[
                    ("weekday", self.weekday(day).into()),
                    ("time", self.time(period.from).into()),
                ],
            ),
        };
        (false, closed)
    }

    /// Whether anybody of the place is there now, until when, or when next.
    pub fn attendance(&self, site: &Site, now: &Moment) -> (bool, String) {
        let all = || site.departments.iter().map(|department| &department.hours);
        let running = all().filter_map(|hours| hours.running(now.weekday, now.time));
        if let Some(until) = running.map(|period| period.to).max() {
            let until = self.time(until);
            return (true, self.with("somebody-until", &[("time", until.into())]));
        }
        let next = all().filter_map(|hours| hours.next(now.weekday, now.time));
        let next = next.min_by_key(|(days, _, period)| (*days, period.from));
        let says = match next {
            None => self.get("nobody"),
            Some((0, _, period)) => {
                self.with("somebody-from", &[("time", self.time(period.from).into())])
            }
            Some((1, _, period)) => self.with(
                "somebody-tomorrow",
                &[("time", self.time(period.from).into())],
            ),
            Some((_, day, period)) => self.with(
                "somebody-on",
                &[
                    ("weekday", self.weekday(day).into()),
                    ("time", self.time(period.from).into()),
                ],
            ),
        };
        (false, says)
    }

    /// "9:00–12:00   13:00–18:00".
    pub fn periods(&self, periods: &[Period]) -> String {
        let periods: Vec<_> = periods.iter().map(|period| self.period(*period)).collect();
        // Without any letter a line has no direction of its own: this mark gives it one.
        let mark = if self.language.is_rtl() {
            "\u{200f}"
        } else {
            ""
        };
        format!("{mark}{}", periods.join("   "))
    }

    /// A telephone number: in its order, and on one line.
    pub fn phone(&self, phone: &str) -> String {
        self.left_to_right(&phone.replace(' ', "\u{a0}"))
    }

    /// Keeps numbers such as a telephone number in their order within text from right to left.
    pub fn left_to_right(&self, text: &str) -> String {
        if self.language.is_rtl() {
            format!("\u{2066}{text}\u{2069}")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(language: Language) -> BTreeSet<String> {
        let lines = source(language)
            .lines()
            .filter(|line| !line.starts_with([' ', '#', '}']));
        lines
            .filter_map(|line| Some(line.split_once(" =")?.0.to_owned()))
            .collect()
    }

    /// Proves T14: every text formats without an error when given every value there is.
    #[test]
    fn texts_format() {
        let names = [
            "time",
            "weekday",
            "day",
            "month",
            "year",
            "place",
            "count",
            "page",
            "pages",
            "phone",
            "operator",
            "code",
            "seconds",
            "language",
            "missing",
            "version",
            "number",
            "percent",
            "letter",
            "volume",
            "rate",
            "of",
            "device",
            "application",
            "date",
            "name",
            "copies",
        ];
        for language in Language::ALL {
            let bundle = load(language);
            let args: FluentArgs = names
                .iter()
                .map(|name| (*name, FluentValue::from(3)))
                .collect();
            for key in keys(language) {
                let mut errors = Vec::new();
                let pattern = bundle.get_message(&key).unwrap().value().unwrap();
                let text = bundle.format_pattern(pattern, Some(&args), &mut errors);
                assert!(
                    errors.is_empty() && !text.is_empty(),
                    "{language:?} {key}: {errors:?}"
                );
            }
        }
    }

    /// Proves T14: Leichte Sprache keeps its sentences short.
    #[test]
    fn plain_german_is_plain() {
        for key in keys(Language::DeLeicht) {
            let text = Texts::default().speak(Language::DeLeicht).get(&key);
            for sentence in text.split(['.', '!', '?', ':']) {
                assert!(
                    sentence.split_whitespace().count() <= 12,
                    "{key}: {sentence}"
                );
            }
        }
    }
}
