// SPDX-License-Identifier: EUPL-1.2
//! Any bytes as a file of service descriptions.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use site::{Language, Site};

const SITE: &str = include_str!("../../../../recipes/site/site.toml");

static PLACE: LazyLock<Site> = LazyLock::new(|| match site::parse("site.toml", SITE) {
    Ok(site) => site,
    Err(diagnostic) => panic!("{diagnostic}"),
});

fuzz_target!(|bytes: &[u8]| {
    match procedures::parse("fuzz.xml", bytes, &PLACE) {
        Ok(procedures) => {
            for procedure in procedures.all() {
                for language in Language::ALL {
                    assert!(!procedure.name(language).is_empty());
                    assert!(procedure.modules(language).count() > 0);
                }
            }
        }
        Err(diagnostic) => {
            let lines = String::from_utf8_lossy(bytes).matches('\n').count() + 1;
            assert!(diagnostic.line() <= lines && diagnostic.column() > 0);
        }
    }
});
