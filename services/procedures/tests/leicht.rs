// SPDX-License-Identifier: EUPL-1.2
//! Leichte Sprache after BITV, annex 2, part 2: what of its rules a program can see.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use common::{sample, site};
use procedures::Block;
use site::{Language, Text};

/// Words of a sentence.
const WORDS: usize = 12;
/// Letters of a word, or of a part of it between hyphens.
const LETTERS: usize = 15;

/// Short forms that have to be written out.
const SHORT: &[&str] = &[
    "z. B.", "z.B.", "bzw.", "usw.", "etc.", "d. h.", "d.h.", "ggf.", "evtl.", "inkl.", "ca.",
    "u. a.", "u.a.", "Nr.", "Std.", "Min.", "Tel.", "Str.", "Abs.", "max.", "mind.", "€", "§", "%",
    "&",
];

/// Names made of capitals that are what people see: on a card, a sticker, a letter, a button.
const NAMES: &[&str] = &["IBAN", "TÜV", "PIN", "OK", "RF"];

/// Words that come with a genitive, or lead into a sentence inside of a sentence.
const HARD: &[&str] = &[
    "des",
    "eines",
    "dessen",
    "deren",
    "wegen",
    "trotz",
    "aufgrund",
    "anhand",
    "bezüglich",
    "hinsichtlich",
    "mittels",
    "gemäß",
    "obwohl",
    "sodass",
    "wobei",
    "sofern",
    "soweit",
    "jedoch",
    "nachdem",
    "bevor",
    "indem",
    "falls",
    "ihres",
    "seines",
    "unseres",
];

/// Words that begin a sentence, or are written large, without being nouns.
const CAPITAL: &[&str] = &[
    "Sie", "Ihnen", "Wir", "In", "Mit", "Bei", "Von", "Zu", "Aus", "Nach", "Auf", "An", "Vor",
    "Zum", "Ist", "Wenn",
];

/// What is not easy in a text.
fn hard(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for short in SHORT {
        if text.contains(short) {
            found.push(format!("`{short}` is not written out"));
        }
    }
    if text.contains(['(', ')', ';', '–', '/', '"']) {
        found.push("signs that are not read aloud".to_owned());
    }
    for sentence in sentences(text) {
        let words: Vec<&str> = sentence
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '.' | '?' | '!'))
            .filter(|word| !word.is_empty())
            .collect();
        if words.len() > WORDS {
            found.push(format!("{} words in: {sentence}", words.len()));
        }
        if sentence.matches(',').count() > 2 {
            found.push(format!("too many commas in: {sentence}"));
        }
        // "Die Höhe der Steuer": two nouns with "der" between them.
        let noun = |word: &str| word.starts_with(char::is_uppercase) && !CAPITAL.contains(&word);
        for three in words.windows(3) {
            if let [first, "der", last] = three
                && noun(first)
                && noun(last)
            {
                found.push(format!("a genitive in: {sentence}"));
            }
        }
        for word in words {
            if HARD.contains(&word.to_lowercase().as_str()) {
                found.push(format!("`{word}` in: {sentence}"));
            }
            if word.split('-').any(|part| part.chars().count() > LETTERS) {
                found.push(format!("`{word}` is long, and not parted by hyphens"));
            }
            let capitals = word.chars().filter(|c| c.is_uppercase()).count();
            if capitals > 1 && capitals == word.chars().count() && !NAMES.contains(&word) {
                found.push(format!("`{word}` is not written out"));
            }
        }
    }
    found
}

/// A sentence ends at `.`, `?`, `!` or `:`, but not within a number.
fn sentences(text: &str) -> Vec<&str> {
    let mut rest = text;
    let mut sentences = Vec::new();
    while !rest.is_empty() {
        let end = rest
            .char_indices()
            .zip(rest.chars().skip(1).map(Some).chain([None]))
            .find(|((_, c), next)| {
                matches!(c, '.' | '?' | '!' | ':') && next.is_none_or(char::is_whitespace)
            })
            .map_or(rest.len(), |((at, c), _)| at + c.len_utf8());
        let (sentence, after) = rest.split_at(end);
        sentences.push(sentence.trim());
        rest = after.trim_start();
    }
    sentences
}

fn check(texts: &[(String, String)]) {
    let found: Vec<String> = texts
        .iter()
        .flat_map(|(place, text)| {
            hard(text)
                .into_iter()
                .map(move |what| format!("{place}: {what}"))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Proves T14: the rules find what they are for.
#[test]
fn rules_find_what_is_hard() {
    for text in [
        "Sie brauchen z. B. einen Ausweis.",
        "Das kostet 3 €.",
        "Das ist die Urkunde des Kindes.",
        "Das Amt nennt die Höhe der Steuer.",
        "Wegen der Miete.",
        "Sie bekommen das Geld, bevor Sie bezahlen.",
        "Die Wohnungsgeberbestätigung fehlt.",
        "Der ÖPNV ist frei.",
        "Das ist ein sehr langer Satz mit viel mehr als nur zwölf kurzen Worten.",
        "Ausweis (alt)",
        "Erst A, dann B, dann C, dann D.",
    ] {
        assert!(!hard(text).is_empty(), "{text}");
    }
    for text in [
        "Das kostet 27 Euro. Sie haben 2 Wochen Zeit!",
        "Ihr Personal-Ausweis",
        "Um 9.30 Uhr ist offen.",
        "",
    ] {
        assert_eq!(hard(text), Vec::<String>::new(), "{text}");
    }
}

/// Proves T14: the service descriptions of the sample keep to the rules.
#[test]
fn services_are_easy() {
    let mut texts = Vec::new();
    for procedure in sample().all() {
        let language = Language::DeLeicht;
        texts.push((procedure.id.clone(), procedure.name(language).to_owned()));
        for part in procedure
            .modules(language)
            .filter(|part| part.language == language)
        {
            let place = format!("{} {:?}", procedure.id, part.kind);
            for block in part.blocks {
                match block {
                    Block::Heading(text) | Block::Paragraph(text) => {
                        texts.push((place.clone(), text.clone()));
                    }
                    Block::List { items, .. } => {
                        texts.extend(items.iter().map(|item| (place.clone(), item.text.clone())));
                    }
                }
            }
        }
    }
    assert!(texts.len() > 400, "{}", texts.len());
    check(&texts);
}

/// Proves T14: the sample place keeps to the rules.
#[test]
fn place_is_easy() {
    let site = site();
    let mut texts = Vec::new();
    let mut add = |place: &str, text: &Text| {
        if text.language(Language::DeLeicht) == Language::DeLeicht {
            texts.push((place.to_owned(), text.get(Language::DeLeicht).to_owned()));
        }
    };
    add("operator", &site.operator.name);
    for authority in &site.authorities {
        add(&authority.id, &authority.name);
    }
    for department in &site.departments {
        for text in [&department.name, &department.official, &department.about]
            .into_iter()
            .chain(&department.bring)
        {
            add(&department.id, text);
        }
    }
    assert!(texts.len() > 40, "{}", texts.len());
    check(&texts);
}

/// Proves T14: what the shell says keeps to the rules.
#[test]
fn shell_is_easy() {
    let ftl = include_str!("../../../compositor/shell/locales/de-leicht/shell.ftl");
    let mut texts: Vec<(String, String)> = Vec::new();
    for line in ftl.lines() {
        if let Some(more) = line.strip_prefix(' ') {
            let (_, text) = texts.last_mut().unwrap();
            *text = format!("{text} {}", more.trim());
        } else if let (false, Some((key, text))) = (line.starts_with('#'), line.split_once('=')) {
            texts.push((key.trim().to_owned(), text.trim().to_owned()));
        }
    }
    // What is filled in is one word.
    for (_, text) in &mut texts {
        while let (Some(from), Some(to)) = (text.find('{'), text.find('}')) {
            text.replace_range(from..=to, "X");
        }
    }
    assert!(texts.len() > 100, "{}", texts.len());
    check(&texts);
}
