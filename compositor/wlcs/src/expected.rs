// SPDX-License-Identifier: EUPL-1.2
//! What is known of tests that do not pass, and what is new. Pure.
//!
//! The file has sections: a heading in brackets with the kind and the reason, and below it names of tests, one a line, where `*`
//! stands for anything. Whatever a section names must end that way, all of it, or the list is longer than it need be.

use std::{collections::BTreeMap, fmt};

use crate::outcome::Outcome;

/// How the tests of a section end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Skipped,
    Failed,
    /// Failed, unless buffers may come early.
    FailedIfStrict,
}

/// The list.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    names: Vec<(Kind, String)>,
}

/// A mistake in the list.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the list: {what}")]
pub struct Mistake {
    line: usize,
    what: &'static str,
}

/// A difference between the list and what has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A test that the list does not excuse.
    New(String, Outcome),
    /// A test that passes, or fails otherwise than the list says.
    Stale(String, Outcome),
    /// A name in the list that no test has.
    Unknown(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New(name, outcome) => write!(formatter, "new: {name}: {outcome:?}"),
            Self::Stale(name, outcome) => write!(formatter, "listed, but: {name}: {outcome:?}"),
            Self::Unknown(name) => write!(formatter, "listed, but there is no such test: {name}"),
        }
    }
}

impl Expected {
    /// Reads the list.
    pub fn read(text: &str) -> Result<Self, Mistake> {
        let mut kind = None;
        let mut names = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let mistake = |what| Mistake {
                line: number + 1,
                what,
            };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(heading) = line.strip_prefix('[') {
                let (word, reason) = heading
                    .split_once(']')
                    .ok_or_else(|| mistake("a heading has no end"))?;
                if reason.trim().is_empty() {
                    return Err(mistake("a heading without a reason"));
                }
                kind = Some(match word {
                    "skipped" => Kind::Skipped,
                    "failed" => Kind::Failed,
                    "failed if strict" => Kind::FailedIfStrict,
                    _ => return Err(mistake("an unknown kind")),
                });
            } else {
                let kind = kind.ok_or_else(|| mistake("a name before the first heading"))?;
                names.push((kind, line.to_owned()));
            }
        }
        Ok(Self { names })
    }

    /// What differs. `strict` is a run in which buffers may not come early.
    #[must_use]
    pub fn compare(&self, results: &BTreeMap<String, Outcome>, strict: bool) -> Vec<Difference> {
        let mut differences = Vec::new();
        for (name, outcome) in results {
            let listed = self.names.iter().find(|(kind, pattern)| {
                (*kind != Kind::FailedIfStrict || strict) && matches(pattern, name)
            });
            let difference = match (listed.map(|(kind, _)| *kind), outcome) {
                (None, Outcome::Passed)
                | (Some(Kind::Skipped), Outcome::Skipped(_))
                | (Some(Kind::Failed | Kind::FailedIfStrict), Outcome::Failed(_)) => continue,
                (None, _) => Difference::New,
                (Some(_), _) => Difference::Stale,
            };
            differences.push(difference(name.clone(), outcome.clone()));
        }
        for (_, pattern) in &self.names {
            if !results.keys().any(|name| matches(pattern, name)) {
                differences.push(Difference::Unknown(pattern.clone()));
            }
        }
        differences
    }
}

/// Whether a name has the form of a pattern.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(begin) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match name.split_once(part) {
            Some((_, after)) => name = after,
            None => return false,
        }
    }
    name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn results() -> BTreeMap<String, Outcome> {
        [
            ("A.good", Outcome::Passed),
            ("A.bad", Outcome::Failed("x".to_owned())),
            ("B/A.one", Outcome::Skipped("x".to_owned())),
            ("B/A.two", Outcome::Skipped("x".to_owned())),
        ]
        .map(|(name, outcome)| (name.to_owned(), outcome))
        .into()
    }

    #[test]
    fn a_complete_list_has_no_difference() {
        let text = "# words\n[failed] a reason\nA.bad\n[skipped] another\nB/*\n";
        assert_eq!(Expected::read(text).unwrap().compare(&results(), true), []);
    }

    #[test]
    fn what_is_new_and_what_is_stale_is_found() {
        let list = Expected::read(
            "[failed] r\nA.good\nC.*\n[failed if strict] r\nA.bad\n[skipped] r\nB/*",
        )
        .unwrap();
        let names = |strict| {
            let found = list.compare(&results(), strict);
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let always = [
            "listed, but: A.good: Passed",
            "listed, but there is no such test: C.*",
        ];
        assert_eq!(names(true), always);
        assert_eq!(names(false).len(), 3, "A.bad is excused only if strict");
    }

    #[test]
    fn mistakes_are_named() {
        for text in ["A.b", "[failed]\nA.b", "[fine] r\n", "[failed"] {
            assert!(Expected::read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_star_stands_for_anything(begin in "[a-z/.]{0,5}", middle in ".{0,8}", end in "[a-z/.]{0,5}") {
            let pattern = format!("{begin}*{end}");
            let name = format!("{begin}{middle}{end}");
            prop_assert!(matches(&pattern, &name));
            prop_assert!(matches(&name.replace('*', ""), &name.replace('*', "")));
        }
    }
}
