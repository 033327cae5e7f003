// SPDX-License-Identifier: EUPL-1.2
//! The sample: thirty services of the sample place.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use common::{SAMPLE, sample, site};
use procedures::{Block, Kind, Procedure};
use site::Language;

/// The languages in which everything is written; the others have names and summaries.
const WHOLE: [Language; 3] = [Language::De, Language::DeLeicht, Language::En];

fn blocks(procedure: &Procedure, kind: Kind, language: Language) -> Vec<Block> {
    let parts: Vec<_> = procedure.of_kind(kind, language).collect();
    assert_eq!(parts.len(), 1, "{} {kind:?}", procedure.id);
    assert_eq!(parts[0].language, language, "{} {kind:?}", procedure.id);
    parts[0].blocks.to_vec()
}

/// Proves C14, T4: the services that are taken on the road are among the thirty, in the departments of the sample place.
#[test]
fn services_of_the_road_are_there() {
    let (procedures, site) = (sample(), site());
    assert_eq!(procedures.all().len(), 30);
    for (word, department) in [
        ("Personalausweis", "registration"),
        ("Reisepass", "registration"),
        ("Schwerbehindertenausweis", "disability-card"),
        ("Hundesteuer", "dog-tax"),
        ("Führungszeugnis", "police-certificate"),
        ("Elterngeld", "parental-allowance"),
        ("Wohngeld", "housing-allowance"),
    ] {
        let found = procedures
            .of_department(department)
            .any(|p| p.name(Language::De).contains(word));
        assert!(found, "{word}");
    }
    for department in &site.departments {
        assert!(
            procedures.of_department(&department.id).count() > 0,
            "{}",
            department.id
        );
    }
    for procedure in procedures.all() {
        assert_eq!(procedure.authorities.len(), 1, "{}", procedure.id);
        assert!(procedure.departments.len() <= 1, "{}", procedure.id);
        assert_eq!(procedures.get(&procedure.id), Some(procedure));
    }
    assert_eq!(procedures.of_authority("family-fund").count(), 2);
    assert_eq!(SAMPLE.matches("<xzufi:leistung>").count(), 30);
}

/// Proves T4, T14: each says in German, Leichte Sprache and English what it is, who can have it, what to bring, what it
/// costs, how it goes and how long it takes; names and summaries are there in every language.
#[test]
fn every_service_is_complete() {
    for procedure in sample().all() {
        let id = &procedure.id;
        for language in WHOLE {
            for kind in [
                Kind::Summary,
                Kind::Requirements,
                Kind::Costs,
                Kind::Duration,
            ] {
                assert!(
                    !blocks(procedure, kind, language).is_empty(),
                    "{id} {kind:?}"
                );
            }
            let list = |kind| match blocks(procedure, kind, language).as_slice() {
                [Block::List { ordered, items }] => (*ordered, items.len()),
                other => panic!("{id} {kind:?} {other:?}"),
            };
            assert!(matches!(list(Kind::Documents), (false, 1..)), "{id}");
            assert!(matches!(list(Kind::Steps), (true, 2..)), "{id}");
        }
        for language in Language::ALL {
            assert_eq!(procedure.names().language(language), language, "{id}");
            assert!(
                !blocks(procedure, Kind::Summary, language).is_empty(),
                "{id}"
            );
        }
        assert!(procedure.official(Language::En).is_some(), "{id}");
        assert!(
            !blocks(procedure, Kind::LegalBasis, Language::De).is_empty(),
            "{id}"
        );
    }
}

/// Proves T5: a form is known by its name and by an address that one can copy.
#[test]
fn forms_have_addresses() {
    let procedures = sample();
    let forms: Vec<_> = procedures
        .all()
        .iter()
        .flat_map(|p| p.forms(Language::Ar))
        .collect();
    assert!(forms.len() >= 5);
    for form in forms {
        assert!(
            form.target
                .as_deref()
                .is_some_and(|target| target.contains(".example/")),
            "{form:?}"
        );
    }
}

/// Proves T4: what the texts promise by date or sum is the law of the day they were checked.
#[test]
fn sums_are_of_this_year() {
    let procedures = sample();
    let costs = |id: &str| {
        format!(
            "{:?}",
            blocks(procedures.get(id).unwrap(), Kind::Costs, Language::De)
        )
    };
    assert!(costs("L1000_2601").contains("46 Euro") && costs("L1000_2601").contains("27,60 Euro"));
    assert!(costs("L1000_2602").contains("70 Euro"));
    assert!(costs("L1000_2607").contains("13 Euro"));
    assert!(costs("L1000_2623").contains("259 Euro"));
}
