// SPDX-License-Identifier: EUPL-1.2
//! Any text as the HTML of a service description: what comes out can be shown.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use procedures::{Block, Kind};
use site::{Language, Site};

const SITE: &str = include_str!("../../../../recipes/site/site.toml");

static PLACE: LazyLock<Site> = LazyLock::new(|| match site::parse("site.toml", SITE) {
    Ok(site) => site,
    Err(diagnostic) => panic!("{diagnostic}"),
});

fuzz_target!(|html: &str| {
    let html = html.replace('&', "&amp;").replace('<', "&lt;");
    let text = format!(
        "<x:t xmlns:x=\"http://xoev.de/schemata/xzufi/2_2_0\"><x:leistung><x:id>1</x:id>\
         <x:modulText><x:leikaTextmodul><code>03</code></x:leikaTextmodul><x:inhalt>Name</x:inhalt></x:modulText>\
         <x:modulText><x:leikaTextmodul><code>05</code></x:leikaTextmodul><x:inhalt>Text</x:inhalt></x:modulText>\
         <x:modulText><x:leikaTextmodul><code>06</code></x:leikaTextmodul><x:inhalt>{html}</x:inhalt></x:modulText>\
         </x:leistung></x:t>"
    );
    let procedures = match procedures::parse("fuzz.xml", text.as_bytes(), &PLACE) {
        Ok(procedures) => procedures,
        Err(diagnostic) => {
            assert_eq!(
                diagnostic.code_word(),
                "procedures::long-text",
                "{diagnostic}"
            );
            return;
        }
    };
    for procedure in procedures.all() {
        for block in procedure
            .of_kind(Kind::Description, Language::De)
            .flat_map(|part| part.blocks)
        {
            match block {
                Block::Heading(text) | Block::Paragraph(text) => line(text),
                Block::List { items, .. } => {
                    assert!(!items.is_empty());
                    for item in items {
                        assert!(item.depth <= 2);
                        line(&item.text);
                    }
                }
            }
        }
    }
});

/// One line that says something and stays as it is.
fn line(text: &str) {
    let whole: Vec<&str> = text.split_whitespace().collect();
    assert!(!text.is_empty() && whole.join(" ") == text, "{text:?}");
    assert!(
        !text.contains(|c: char| c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    );
}
