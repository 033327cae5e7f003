// SPDX-License-Identifier: EUPL-1.2
//! Who somebody is, and where they may sit, by what a provider says of them. Pure.

use serde_json::Value;

use super::token::{Claims, subject};
use crate::config::Provider;

/// Characters of a name that is shown.
const NAME: usize = 120;
/// Groups of one person that are looked at: a directory may know many.
const GROUPS: usize = 4096;

/// What is in a claim: one text or a list of them.
fn texts<'a>(claims: &'a Claims, claim: &str) -> Vec<&'a str> {
    match claims.get(claim) {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(all)) => all.iter().take(GROUPS).filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// What a person is called on the page: for themself, to see that it is they who are signed in. Nothing where it is not said.
pub fn name(claims: &Claims, claim: &str) -> String {
    let name = claims
        .get(claim)
        .and_then(Value::as_str)
        .unwrap_or_default();
    // Neither lines nor directions: it stands in a line with other words.
    let shown = |c: &char| {
        !c.is_control()
            && !matches!(*c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    name.trim().chars().filter(shown).take(NAME).collect()
}

/// The desks at which a person may sit, in the order of the file, each once.
pub fn desks(claims: &Claims, provider: &Provider) -> Vec<String> {
    let groups = texts(claims, &provider.groups);
    let mut desks: Vec<String> = Vec::new();
    for (group, named) in &provider.desks {
        if groups.contains(&group.as_str()) {
            for desk in named {
                if !desks.contains(desk) {
                    desks.push(desk.clone());
                }
            }
        }
    }
    desks
}

/// Whether a token leaves something unsaid that the provider may say when it is asked for more.
pub fn is_incomplete(claims: &Claims, provider: &Provider) -> bool {
    !claims.contains_key(&provider.person) || !claims.contains_key(&provider.groups)
}

/// Adds what the provider says when it is asked for more: of the same person, and nothing that the token says otherwise.
pub fn complete(claims: &mut Claims, more: Claims) -> bool {
    if subject(claims).is_none() || subject(claims) != subject(&more) {
        return false;
    }
    for (name, value) in more {
        claims.entry(name).or_insert(value);
    }
    true
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn provider(desks: &[(&str, &[&str])]) -> Provider {
        let named = |all: &[&str]| all.iter().map(|desk| (*desk).to_owned()).collect();
        Provider {
            issuer: "https://login.example".to_owned(),
            client: "amtsnah".to_owned(),
            secret: None,
            authority: None,
            scopes: Vec::new(),
            person: "name".to_owned(),
            groups: "groups".to_owned(),
            passwords: true,
            label: None,
            desks: desks
                .iter()
                .map(|(group, desks)| ((*group).to_owned(), named(desks)))
                .collect(),
        }
    }

    fn claims(value: Value) -> Claims {
        serde_json::from_value(value).unwrap()
    }

    /// Proves D2, X1: a person sits where one of their groups sits, and nowhere else.
    #[test]
    fn groups_have_desks() {
        let provider = provider(&[("a", &["two", "one"]), ("b", &["one", "three"])]);
        let at = |groups: Value| desks(&claims(json!({"groups": groups})), &provider);
        assert_eq!(at(json!(["b", "a", "z"])), ["two", "one", "three"]);
        assert_eq!(at(json!("b")), ["one", "three"]);
        for none in [
            json!([]),
            json!("A"),
            json!(null),
            json!({"a": 1}),
            json!([["a"], 1]),
            json!("a,b"),
        ] {
            assert!(at(none.clone()).is_empty(), "{none}");
        }
    }

    /// Proves X1: what is asked for later is of the same person, and changes nothing that was signed.
    #[test]
    fn more_is_of_the_same_person() {
        let provider = provider(&[]);
        let mut known = claims(json!({"sub": "17", "groups": ["a"]}));
        assert!(is_incomplete(&known, &provider));
        assert!(!complete(
            &mut known,
            claims(json!({"sub": "18", "name": "B"}))
        ));
        assert!(!complete(&mut known, claims(json!({"name": "B"}))));
        assert!(complete(
            &mut known,
            claims(json!({"sub": "17", "name": "A", "groups": ["b"]}))
        ));
        assert_eq!(known["groups"], json!(["a"]));
        assert!(!is_incomplete(&known, &provider));
        assert_eq!(name(&known, "name"), "A");
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-e]{0,2}".prop_map(Value::from),
            ".{0,200}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-c]", inner, 0..3)
                    .prop_map(|map| json!(map.into_iter().collect::<BTreeMap<_, _>>())),
            ]
        })
    }

    proptest! {
        /// Proves X1: whatever a provider says, a person gets only desks of a group that is named there, each once, and a name of one line.
        #[test]
        fn whatever_is_said(groups in value(), called in value()) {
            let provider = provider(&[("a", &["one"]), ("b", &["two", "one"]), ("cc", &["three"])]);
            let claims = claims(json!({"groups": groups.clone(), "name": called}));
            let found = desks(&claims, &provider);
            let named = |group: &str| groups == json!(group) || groups.as_array().is_some_and(|all| all.contains(&json!(group)));
            prop_assert_eq!(found.contains(&"one".to_owned()), named("a") || named("b"));
            prop_assert_eq!(found.contains(&"two".to_owned()), named("b"));
            prop_assert_eq!(found.contains(&"three".to_owned()), named("cc"));
            let mut once = found.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), found.len());
            let name = name(&claims, "name");
            prop_assert!(name.chars().count() <= NAME && !name.contains(char::is_control));
        }
    }
}
