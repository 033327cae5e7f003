// SPDX-License-Identifier: EUPL-1.2
//! Files that are right, wrong, or meant to do harm.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.
#![allow(clippy::format_collect, clippy::format_push_string)] // Files to try things with may cost something.

mod common;

use common::{SAMPLE, escape, message, module, parse, service, site, wrong};
use procedures::{Block, Kind, Procedure, limits};
use proptest::prelude::*;
use site::Language;

/// Proves T4, T14: names and texts are found in every language, with German where one is missing.
#[test]
fn languages_fall_back_to_german() {
    let names = [
        ("de", "Hund"),
        ("de-simple", "Ihr Hund"),
        ("en-GB", "Dog"),
        ("pl", "Pies"),
        ("ar", " "),
    ];
    let texts = [("de", "Text"), ("en", "&lt;br&gt;"), ("hsb", "Tekst")];
    let object = format!(
        "<x:leistung><x:id schemeAgencyID=\"S1\">7</x:id>{}{}</x:leistung>",
        module("03", &names),
        module("05", &texts),
    );
    let procedures = parse(message(&object)).unwrap();
    let procedure = procedures.get("S1_7").unwrap();
    let shown: Vec<_> = Language::ALL
        .map(|language| procedure.name(language))
        .to_vec();
    assert_eq!(shown, ["Hund", "Ihr Hund", "Dog", "Hund", "Hund"]);
    let summary = |language| {
        let part = procedure.modules(language).next().unwrap();
        (part.language, part.blocks.to_vec())
    };
    let paragraph = |text: &str| vec![Block::Paragraph(text.to_owned())];
    assert_eq!(
        summary(Language::En),
        (Language::De, paragraph("Text")),
        "an empty translation is none"
    );
    assert_eq!(summary(Language::Hsb), (Language::Hsb, paragraph("Tekst")));
    assert_eq!(summary(Language::Ar), (Language::De, paragraph("Text")));
}

/// Proves T4: texts come in the order the file gives, else in the one in which people ask; costs, duration, deadline and
/// forms are among them, whatever the order of the elements is.
#[test]
fn order_does_not_matter() {
    let object = format!(
        "<x:leistung>\
         <x:modulFrist><x:beschreibung>Sofort.</x:beschreibung></x:modulFrist>{}\
         <x:modulKosten><x:beschreibung languageCode=\"de\">Nichts.</x:beschreibung></x:modulKosten>\
         <x:modulText><x:weiterfuehrenderLink languageCode=\"de\"><x:uri>https://example.de/a.pdf</x:uri><x:titel>Antrag</x:titel></x:weiterfuehrenderLink>\
         <x:leikaTextmodul><x:code>14</x:code></x:leikaTextmodul></x:modulText>\
         <x:modulText><x:inhalt>Zuerst.</x:inhalt><x:positionDarstellung>1</x:positionDarstellung>\
         <x:leikaTextmodul><code>16</code></x:leikaTextmodul></x:modulText>{}{}\
         <x:modulText><x:leikaTextmodul><code>77</code></x:leikaTextmodul><x:inhalt>Unbekannt.</x:inhalt></x:modulText>\
         <x:referenzLeiKa><code>99115005060000</code></x:referenzLeiKa><unknown><deep/></unknown><x:id>1</x:id></x:leistung>",
        module("05", &[("de", "Kurz.")]),
        module("02", &[("de", "Hundesteuer &amp; Marke")]),
        module("08", &[("de", "")]),
    );
    let procedures = parse(message(&object)).unwrap();
    let procedure = &procedures.all()[0];
    let kinds: Vec<_> = procedure
        .modules(Language::De)
        .map(|part| part.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            Kind::Notes,
            Kind::Summary,
            Kind::Costs,
            Kind::Deadline,
            Kind::Forms
        ]
    );
    assert_eq!(procedure.name(Language::De), "Hundesteuer & Marke");
    assert_eq!(procedure.leika.as_deref(), Some("99115005060000"));
    let forms: Vec<_> = procedure.forms(Language::En).collect();
    assert_eq!(
        (forms[0].title.as_str(), forms[0].target.as_deref()),
        ("Antrag", Some("example.de/a.pdf"))
    );
}

/// Proves T2, T4: responsibilities lead to the departments and authorities of the site configuration, in both ways in which
/// files say them; those of other places are passed over.
#[test]
fn responsibilities_lead_to_departments() {
    let mut site = site();
    site.departments[0].organisations = vec!["60".to_owned()];
    site.authorities[3].organisations = vec!["70".to_owned()];
    let (department, authority) = (
        site.departments[0].id.clone(),
        site.departments[0].authority.clone(),
    );
    let object = format!(
        "<x:organisationseinheit><x:zustaendigkeit><x:leistungID>1</x:leistungID><x:leistungID>9</x:leistungID></x:zustaendigkeit>\
         <x:id schemeAgencyID=\"S\">60</x:id></x:organisationseinheit>{}{}{}\
         <x:zustaendigkeitTransferObjekt><x:uebergeordnetesObjektID>70</x:uebergeordnetesObjektID>\
         <x:zustaendigkeit><x:leistungID>2</x:leistungID></x:zustaendigkeit></x:zustaendigkeitTransferObjekt>\
         <x:zustaendigkeitTransferObjekt><x:uebergeordnetesObjektID>80</x:uebergeordnetesObjektID>\
         <x:zustaendigkeit><x:leistungID>3</x:leistungID></x:zustaendigkeit></x:zustaendigkeitTransferObjekt>",
        service("1", ""),
        service("2", ""),
        service("3", ""),
    );
    let procedures = procedures::parse("test.xml", message(&object).as_bytes(), &site).unwrap();
    let ids = |list: Vec<&Procedure>| list.iter().map(|p| p.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(procedures.of_department(&department).collect()), ["1"]);
    assert_eq!(ids(procedures.of_authority(&authority).collect()), ["1"]);
    assert_eq!(
        ids(procedures.of_authority(&site.authorities[3].id).collect()),
        ["2"]
    );
    assert_eq!(procedures.all().len(), 3);
}

/// Proves T4: each mistake is named with the place of what is wrong.
#[test]
fn mistakes_are_located() {
    let good = service("1", "");
    let cases = [
        (message(&service("", "")), "procedures::bad-id"),
        (message(&service("a b", "")), "procedures::bad-id"),
        (
            message(&good.replace("<x:id>1</x:id>", "")),
            "procedures::missing",
        ),
        (message("<x:organisationseinheit/>"), "procedures::missing"),
        (
            message("<x:zustaendigkeitTransferObjekt/>"),
            "procedures::missing",
        ),
        (
            message("<x:leistung><x:id>1</x:id></x:leistung>"),
            "procedures::no-name",
        ),
        (
            message(&good.replace("\"de\"", "\"pl\"")),
            "procedures::no-name",
        ),
        (
            message(&good.replacen("\"de\"", "\"en\"", 1)),
            "procedures::no-german",
        ),
        (
            message(&service("1", &module("06", &[("en", "Text")]))),
            "procedures::no-german",
        ),
        (
            message(&service("1", &module("06", &[("de", "A"), ("de-DE", "B")]))),
            "procedures::duplicate-language",
        ),
        (
            message(&service("1", &module("03", &[("de", "A")]))),
            "procedures::duplicate-name",
        ),
        (
            message(&good.replace("Hund anmelden", &"x".repeat(limits::NAME + 1))),
            "procedures::long-name",
        ),
        (
            message(&good.replace(">05<", ">18<")),
            "procedures::no-text",
        ),
        (
            message("<x:loesche klasse=\"Leistung\"/>"),
            "procedures::partial",
        ),
        (
            message(&service("1", &module("06", &[("de", "<p>x</p>")]))),
            "procedures::element-in-text",
        ),
        (message("&unbekannt;"), "procedures::unknown-entity"),
        (message("<x:leistung a='1' a='2'/>"), "procedures::syntax"),
        (message("<y:leistung/>"), "procedures::syntax"),
        (message("</x:leistung>"), "procedures::syntax"),
        (message("<x:leistung a=1/>"), "procedures::syntax"),
    ];
    for (text, expected) in cases {
        let (code, line, column) = wrong(&text);
        assert_eq!((code, line), (expected, 3), "{text}");
        assert!(column >= 1, "{text}");
    }
    // An element that is not closed is noticed where another one is.
    assert_eq!(wrong(message("<x:leistung>")), ("procedures::syntax", 4, 1));
    // The second of two, not the first.
    let (code, line, column) = wrong(message(&format!("{good}\n{good}")));
    assert_eq!(
        (code, line, column),
        ("procedures::duplicate-id", 4, "<x:schreibe>".len() + 1)
    );
    // The first wrong byte of a text in the middle of a line.
    let (code, line, column) = wrong(message(&format!(
        "  {}",
        service("1", "").replace("Sie melden", "&x;")
    )));
    let at = "  <x:schreibe><x:leistung><x:id>1</x:id>".len()
        + module("03", &[("de", "Hund anmelden")]).len();
    let at = at + module("05", &[("de", "")]).find("</x:inhalt>").unwrap() + 1;
    assert_eq!((code, line, column), ("procedures::unknown-entity", 3, at));
}

/// Proves T4: what is not such a file is refused in words that help.
#[test]
fn other_files_are_refused() {
    assert_eq!(wrong(""), ("procedures::no-xml", 1, 1));
    assert_eq!(wrong("Guten Tag"), ("procedures::no-xml", 1, 1));
    assert_eq!(wrong("{\"a\": 1}"), ("procedures::no-xml", 1, 1));
    assert_eq!(wrong("<html/>").0, "procedures::not-xzufi");
    assert_eq!(
        wrong("<!-- x -->\n<a xmlns=\"http://xoev.de/schemata/xdf/2\"/>"),
        ("procedures::not-xzufi", 2, 1)
    );
    assert_eq!(wrong(message("")), ("procedures::none", 2, 1));
    let whole = message(&service("1", ""));
    assert_eq!(wrong(format!("{whole}x")).0, "procedures::syntax");
    assert_eq!(wrong(format!("{whole}<b/>")).0, "procedures::syntax");
    assert!(parse(format!("\u{feff}{whole}\n<!-- Ende -->\n")).is_ok());
    assert!(parse(whole.replace("2_2_0", "2_1_0")).is_ok());
    let (code, line, _) = wrong(&whole[..whole.len() - 3]);
    assert_eq!((code, line), ("procedures::syntax", 4));
}

/// Proves T4: an encoding that is not UTF-8 is named, whether the file admits it or not.
#[test]
fn wrong_encodings_are_refused() {
    let whole = message(&service("1", "").replace("Sie melden", "Über"));
    assert_eq!(
        wrong(whole.replace("UTF-8", "ISO-8859-1")),
        ("procedures::not-utf8", 1, 1)
    );
    assert!(parse(whole.replace("UTF-8", "utf-8")).is_ok());
    let latin: Vec<u8> = whole.chars().map(|c| c as u8).collect();
    let (code, line, column) = wrong(&latin);
    assert_eq!((code, line), ("procedures::not-utf8", 3));
    assert_eq!(
        column,
        whole
            .lines()
            .nth(2)
            .unwrap()
            .chars()
            .position(|c| c == 'Ü')
            .unwrap()
            + 1
    );
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(whole.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(wrong(&utf16), ("procedures::not-utf8", 1, 1));
}

/// Proves T4: nothing is expanded, neither from the file nor from outside.
#[test]
fn bombs_do_not_go_off() {
    let mut laughs = "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY lol0 \"lol\">".to_owned();
    for n in 1..30 {
        let reference = format!("&lol{};", n - 1).repeat(10);
        laughs += &format!("<!ENTITY lol{n} \"{reference}\">");
    }
    laughs += "]>\n<lolz>&lol29;</lolz>";
    assert_eq!(wrong(laughs), ("procedures::document-type", 2, 1));
    let outside = "<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<x>&x;</x>";
    assert_eq!(wrong(outside), ("procedures::document-type", 1, 1));
    assert_eq!(
        wrong("<!DOCTYPE x SYSTEM \"http://example.de/x.dtd\"><x/>").0,
        "procedures::document-type"
    );
    // Ten thousand prefixes, and ten thousand elements to look them up for.
    let prefixes: String =
        (0..200).fold(String::new(), |all, n| all + &format!(" xmlns:p{n}=\"u\""));
    assert_eq!(
        wrong(message(&format!("<x:a{prefixes}/>"))).0,
        "procedures::large-attributes"
    );
    let prefixes: String =
        (0..9_000).fold(String::new(), |all, n| all + &format!(" xmlns:p{n}=\"u\""));
    assert_eq!(wrong(message(&format!("<x:a{prefixes}/>"))).1, 3);
    assert_eq!(
        wrong(message(&format!(
            "<x:a a=\"{}\"/>",
            "x".repeat(limits::ATTRIBUTE + 1)
        )))
        .0,
        "procedures::large-attributes"
    );
}

/// Proves T4: elements a million deep are refused where they become too many.
#[test]
fn deep_nesting_is_refused() {
    for name in ["x:leistung", "x:other", "other"] {
        let deep = format!("<{name}>").repeat(1_000_000 / name.len());
        let (code, line, column) = wrong(message(&deep));
        let place = (name.len() + 2) * (limits::DEPTH - 1) + 1;
        assert_eq!(
            (code, line, column),
            ("procedures::too-deep", 3, place),
            "{name}"
        );
    }
}

/// Proves T4: ten thousand services are refused at the first one too many; as many as are allowed are read.
#[test]
fn ten_thousand_services_are_refused() {
    let many = |n: usize| {
        message(
            &(0..n)
                .map(|n| service(&n.to_string(), "") + "\n")
                .collect::<String>(),
        )
    };
    assert_eq!(
        wrong(many(10_000)),
        (
            "procedures::too-many",
            3 + limits::PROCEDURES,
            "<x:schreibe>".len() + 1
        )
    );
    assert_eq!(
        parse(many(limits::PROCEDURES)).unwrap().all().len(),
        limits::PROCEDURES
    );
    // Still refused if the file hides them from its size.
    let modules = module("06", &[("de", "A")]).repeat(limits::MODULES);
    assert_eq!(
        wrong(message(&service("1", &modules))).0,
        "procedures::too-many"
    );
    let units = "<x:organisationseinheit><x:id>1</x:id></x:organisationseinheit>\n"
        .repeat(limits::ORGANISATIONS + 1);
    assert_eq!(
        wrong(message(&units)),
        ("procedures::too-many", 3 + limits::ORGANISATIONS, 1)
    );
    let responsible = "<x:leistungID>1</x:leistungID>".repeat(limits::RESPONSIBILITIES + 1);
    let unit = format!(
        "<x:organisationseinheit><x:id>1</x:id><x:zustaendigkeit>{responsible}</x:zustaendigkeit></x:organisationseinheit>"
    );
    assert_eq!(wrong(message(&unit)).0, "procedures::too-many");
}

/// Proves T4: a description of 20 megabytes is refused at its place, and so is one that is only too long to be read.
#[test]
fn long_descriptions_are_refused() {
    let describe = |bytes: usize| {
        message(&service(
            "1",
            &module("06", &[("de", &"lang ".repeat(bytes / 5))]),
        ))
    };
    let text = describe(20 * 1024 * 1024);
    let (code, line, column) = wrong(&text);
    let begins = text.rfind("<x:inhalt").unwrap()
        - text[..text.rfind("<x:inhalt").unwrap()]
            .rfind('\n')
            .unwrap();
    assert_eq!((code, line, column), ("procedures::too-large", 3, begins));
    let (code, line, column) = wrong(describe(limits::TEXT + 10));
    assert_eq!((code, line, column), ("procedures::long-text", 3, begins));
    assert!(parse(describe(limits::TEXT - 10)).is_ok());
    let paragraphs = escape(&"<p>x".repeat(limits::BLOCKS + 1));
    let text = message(&service("1", &module("06", &[("de", &paragraphs)])));
    assert_eq!(wrong(text), ("procedures::long-text", 3, begins));
}

/// Names that survive as they are: words with single spaces between them.
fn name() -> impl Strategy<Value = String> {
    "[A-Za-zäöüßěšžćčńłó&<>\"'0-9]{1,12}( [A-Za-zäöüßا-ي&<>]{1,12}){0,4}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Proves T4: no bytes panic, and a diagnostic always lies inside of the file.
    #[test]
    fn any_bytes_are_safe(bytes: Vec<u8>, text in "(<(/?)[ax]:?[a-z!?]{0,3}( a='[^']{0,2}')?/?>|<!\\[CDATA\\[|]]>|&#?[a-z0-9]{0,3};|.){0,30}") {
        for bytes in [&bytes, text.as_bytes(), message(&text).as_bytes(), message(&service("1", &text)).as_bytes()] {
            if let Err(diagnostic) = parse(bytes) {
                let lines = String::from_utf8_lossy(bytes).matches('\n').count() + 1;
                prop_assert!(diagnostic.line() <= lines && diagnostic.column() > 0);
                let _ = format!("{:?}", miette::Report::new(*diagnostic));
            }
        }
    }

    /// Proves T4: no cut of the sample and no changed byte panics.
    #[test]
    fn damage_is_a_diagnostic(cut in 0..SAMPLE.len(), at in 0..SAMPLE.len(), byte: u8) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        bytes[at] = byte;
        for bytes in [&SAMPLE.as_bytes()[..cut], bytes.as_slice()] {
            if let Err(diagnostic) = parse(bytes) {
                prop_assert!(diagnostic.line() <= SAMPLE.matches('\n').count() + 2);
                let _ = format!("{:?}", miette::Report::new(*diagnostic));
            }
        }
    }

    /// Proves T4, T14: names and ids come out of a file as they were written into it, escaped or in CDATA.
    #[test]
    fn names_survive(services in prop::collection::btree_map("[a-zA-Z0-9._-]{1,12}", (name(), name(), any::<bool>()), 1..20)) {
        let objects: String = services.iter().map(|(id, (de, hsb, cdata))| {
            let write = |text: &str| if *cdata { format!("<![CDATA[{text}]]>") } else { escape(text) };
            format!(
                "<x:schreibe><x:leistung><x:id>{id}</x:id>{}{}</x:leistung></x:schreibe>",
                module("03", &[("hsb", &write(hsb)), ("de", &write(de))]),
                module("05", &[("de", "Text")]),
            )
        }).collect();
        let procedures = parse(message(&objects)).unwrap();
        prop_assert_eq!(procedures.all().len(), services.len());
        for (id, (de, hsb, _)) in &services {
            let procedure = procedures.get(id).unwrap();
            prop_assert_eq!(procedure.name(Language::De), de);
            prop_assert_eq!(procedure.name(Language::Hsb), hsb);
            prop_assert_eq!(procedure.name(Language::En), de);
        }
    }
}

/// Proves T4: other words for a service are read, each in its language, and not endlessly many.
#[test]
fn keywords_are_read() {
    let term = |tag: &str, word: &str| {
        format!(
            "<x:begriffImKontext><x:begriff languageCode=\"{tag}\">{word}</x:begriff><x:typ><code>001</code></x:typ></x:begriffImKontext>"
        )
    };
    let of = |terms: &str| {
        let module =
            format!("<x:modulBegriffImKontext><x:id>1</x:id>{terms}</x:modulBegriffImKontext>");
        message(&service("1", &module))
    };
    let terms = [
        term("de", " Hunde\u{ad}marke "),
        term("en", "dog"),
        term("pl", "pies"),
        term("de", ""),
    ]
    .concat();
    let procedures = parse(of(&terms)).unwrap();
    let keywords: Vec<_> = procedures
        .all()
        .iter()
        .flat_map(Procedure::keywords)
        .collect();
    assert_eq!(
        keywords,
        [(Language::De, "Hundemarke"), (Language::En, "dog")]
    );
    let many = term("de", "Hund").repeat(limits::KEYWORDS + 1);
    assert_eq!(wrong(of(&many)).0, "procedures::too-many");
    for procedure in common::sample().all() {
        assert!(procedure.keywords().count() > 1, "{}", procedure.id);
    }
}

/// Proves T4: a service with more texts than anybody reads is refused, and the place is told.
#[test]
fn endless_services_are_refused() {
    let text = "Wort ".repeat(limits::TEXT / 5);
    let of = |many: usize| message(&service("1", &module("06", &[("de", &text)]).repeat(many)));
    let fits = limits::WHOLE / limits::TEXT;
    assert!(parse(of(fits)).is_ok());
    assert_eq!(wrong(of(fits + 1)), ("procedures::long-service", 3, 13));
}
