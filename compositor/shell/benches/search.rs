// SPDX-License-Identifier: EUPL-1.2
//! How long a keystroke takes to be answered among ten thousand services: `cargo bench -p shell --bench search`. It has to
//! be less than 50 ms.

#![allow(missing_docs)] // The macros of criterion write none.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use shell::search::{Builder, Field, Index};
use site::Language;

const WHAT: [&str; 10] = [
    "Personalausweis",
    "Führerschein",
    "Hundesteuer",
    "Baugenehmigung",
    "Geburtsurkunde",
    "Wohngeld",
    "Gewerbe",
    "Kindergarten",
    "Schwerbehindertenausweis",
    "Straßenreinigung",
];
const DOES: [&str; 5] = ["beantragen", "anmelden", "abmelden", "ändern", "verlängern"];

/// Ten thousand services with a name, keywords and a short text each, no two with the same words.
fn index() -> Index {
    let mut index = Builder::default();
    for service in 0..10_000 {
        let (what, does) = (WHAT[service % WHAT.len()], DOES[service % DOES.len()]);
        let add = |index: &mut Builder, field, text: &str| {
            index.add(service, field, Language::De, text);
        };
        add(
            &mut index,
            Field::Name,
            &format!("{what} {does} in Ortsteil{service}"),
        );
        add(
            &mut index,
            Field::Keyword,
            &format!("stichwort{service} begriff{}", service / 3),
        );
        let text = format!(
            "Hier lesen Sie, wie Sie {what} {does} und was der Fall nummer{service} mit Aktenzeichen{} kostet. \
             Bringen Sie Ihre Unterlagen mit und rechnen Sie mit einigen Wochen.",
            service / 2
        );
        add(&mut index, Field::Text, &text);
    }
    index.finish()
}

fn search(criterion: &mut Criterion) {
    let index = index();
    for query in [
        "a",
        "ausweis",
        "fuherschein",
        "ich möchte meinen Personalausweis verlängern lassen",
        "xyzxyz",
    ] {
        criterion.bench_function(query, |bench| {
            bench.iter(|| index.find(black_box(query), Language::De));
        });
    }
}

criterion_group!(benches, search);
criterion_main!(benches);
