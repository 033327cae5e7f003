// SPDX-License-Identifier: EUPL-1.2
//! The sample place, and what is said about mistakes in it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::time::Duration;

use proptest::prelude::*;
use site::{Language, Site};

const SAMPLE: &str = include_str!("../../../recipes/site/site.toml");

fn sample() -> Site {
    match site::parse("site.toml", SAMPLE) {
        Ok(site) => site,
        Err(diagnostic) => panic!("{:?}", miette::Report::new(*diagnostic)),
    }
}

/// The diagnostic for the sample with `from` replaced by `to`: code word, line, column, message.
fn broken(from: &str, to: &str) -> (&'static str, usize, usize, String) {
    assert!(SAMPLE.contains(from), "{from}");
    let diagnostic = site::parse("site.toml", &SAMPLE.replacen(from, to, 1)).unwrap_err();
    (
        diagnostic.code_word(),
        diagnostic.line(),
        diagnostic.column(),
        diagnostic.message().to_owned(),
    )
}

fn line_of(text: &str) -> usize {
    SAMPLE[..SAMPLE.find(text).unwrap()].matches('\n').count() + 1
}

/// Proves T2: the sample has several authorities and twelve departments, each with an authority.
#[test]
fn sample_is_valid() {
    let site = sample();
    assert_eq!(site.place.name.get(Language::De), "Weißbach an der Löbnitz");
    assert_eq!((site.authorities.len(), site.departments.len()), (5, 12));
    let sum: usize = site
        .authorities
        .iter()
        .map(|authority| site.departments_of(&authority.id).count())
        .sum();
    assert_eq!(sum, 12);
}

/// Proves T14: every name and every description of the sample exists in all languages that are offered.
#[test]
fn sample_speaks_every_language() {
    let site = sample();
    assert_eq!(site.languages, Language::ALL);
    for department in &site.departments {
        assert_eq!(
            department.about.language(Language::Ar),
            Language::Ar,
            "{}",
            department.id
        );
        assert_eq!(
            department.name.language(Language::Ar),
            Language::Ar,
            "{}",
            department.id
        );
    }
}

/// Proves O4: each mistake is named with line and column of the value that is wrong.
#[test]
fn mistakes_are_located() {
    let (code, line, column, message) =
        broken("authority = \"district\"", "authority = \"distrikt\"");
    assert_eq!(
        (code, line, column),
        (
            "site::unknown-authority",
            line_of("authority = \"district\""),
            13
        )
    );
    assert_eq!(message, "there is no authority `distrikt`");

    let (code, ..) = broken(
        "[help]\ndepartment = \"registration\"",
        "[help]\ndepartment = \"nobody\"",
    );
    assert_eq!(code, "site::help");
    let (code, line, ..) = broken("id = \"civil-status\"", "id = \"registration\"");
    assert_eq!(
        (code, line),
        ("site::duplicate-id", line_of("id = \"civil-status\""))
    );

    let (code, line, column, _) = broken("mo = [\"9:00-12:00\"]", "mo = [\"12:00-9:00\"]");
    assert_eq!(
        (code, line, column),
        ("site::hours", line_of("mo = [\"9:00"), 17)
    );

    let (code, ..) = broken("\"13:00-18:00\"", "\"11:00-18:00\"");
    assert_eq!(code, "site::hours");
    let (code, ..) = broken("\"9:00-12:00\"", "\"9:60-12:00\"");
    assert_eq!(code, "site::hours");

    let (code, line, _, message) = broken("kind = \"district\"", "kind = \"kingdom\"");
    assert_eq!(
        (code, line),
        ("site::syntax", line_of("kind = \"district\""))
    );
    assert!(message.contains("kingdom"), "{message}");

    let (code, line, ..) = broken("icon = \"rings\"", "icno = \"rings\"");
    assert_eq!((code, line), ("site::syntax", line_of("icon = \"rings\"")));

    assert_eq!(broken("picture.svg", "../secret.svg").0, "site::picture");
    assert_eq!(broken("030 23125 140", "call me").0, "site::phone");
    assert_eq!(
        broken("[\"de\", \"de-leicht\"", "[\"de-leicht\", \"de\"").0,
        "site::german-first"
    );
    assert_eq!(broken("\"Sparkasse\"", "\"\"").0, "site::empty-text");
    assert_eq!(
        broken("\"Sparkasse\"", &format!("\"{}\"", "x".repeat(61))).0,
        "site::long-text"
    );
    assert_eq!(
        broken("\"Sparkasse\"", "\"Spar\u{202e}kasse\"").0,
        "site::control-character"
    );
    assert_eq!(broken("[operator]", "[operater]").0, "site::syntax");
}

/// Proves O4: mistakes in how screens hang and in which devices are used are named too.
#[test]
fn mistakes_about_devices_are_located() {
    for (from, to, code) in [
        ("rotation = 0", "rotation = 45", "site::rotation"),
        ("scale = 100", "scale = 110", "site::scale"),
        ("scale = 100", "scale = 400", "site::scale"),
        ("second = \"black\"", "second = \"white\"", "site::syntax"),
        ("scale = 100", "millimetres = [0, 296]", "site::millimetres"),
        ("scale = 100", "main = \"../HDMI\"", "site::connector"),
        ("\"i8042\"", "\"bluetooth\"", "site::device"),
        ("usb = []", "usb = [\"4b8:142\"]", "site::device"),
        ("\"smart-card\"", "\"storage\"", "site::syntax"),
    ] {
        let (found, line, ..) = broken(from, to);
        assert_eq!((found, line), (code, line_of(from)), "{to}");
    }
    let many = vec!["\"04b8:0142\""; site::limits::DEVICES + 1].join(", ");
    let (code, ..) = broken("usb = []", &format!("usb = [{many}]"));
    assert_eq!(code, "site::too-many");
}

/// Proves C2, C3, C7: a clerk has the applications that the place releases, and none where it names none.
#[test]
fn applications_are_released_by_the_place() {
    let released = sample().applications;
    let ids: Vec<&str> = released.iter().map(|app| app.id.as_str()).collect();
    assert_eq!(ids, ["registry", "housing-benefit", "parental-benefit"]);
    for application in &released {
        assert_eq!(application.name.language(Language::Ar), Language::Ar);
    }
    let ports: Vec<u16> = released.iter().map(|app| app.rdp.port).collect();
    assert_eq!(ports, [3389, 3389, 3390]);
    let from = SAMPLE.find("[[application]]").unwrap();
    let to = SAMPLE.find("[[authority]]").unwrap();
    let without = format!("{}{}", &SAMPLE[..from], &SAMPLE[to..]);
    assert_eq!(site::parse("site.toml", &without).unwrap().applications, []);
}

/// Proves O4, C7: mistakes in applications are named with their place; a server without a fingerprint is one.
#[test]
fn mistakes_about_applications_are_located() {
    let program = "program = 'C:\\Fachverfahren\\Wohngeld.exe'";
    for (from, to, code) in [
        (
            "terminal2.rz.example",
            "terminal2 /cert:ignore",
            "site::host",
        ),
        ("port = 3390", "port = 0", "site::port"),
        ("port = 3390", "port = 65536", "site::port"),
        ("domain = \"RZ\"", "domain = \"R Z\"", "site::domain"),
        (program, "program = \"a,b\"", "site::program"),
        ("\"housing-benefit\"", "\"registry\"", "site::duplicate-id"),
        (
            "icon = \"pram\"\nname = { de = \"Elterngeld\", ",
            "name = { ",
            "site::syntax",
        ),
        (
            "port = 3390, certificate = ",
            "port = 3390, cert = ",
            "site::syntax",
        ),
        (
            "port = 3390, certificate = \"",
            "port = 3390, certificate = \"0",
            "site::certificate",
        ),
    ] {
        let (found, line, ..) = broken(from, to);
        assert_eq!(found, code, "{to}");
        assert!(line.abs_diff(line_of(from)) <= 1, "{to} at {line}");
    }
    let one =
        &SAMPLE[SAMPLE.find("[[application]]").unwrap()..SAMPLE.find("[[authority]]").unwrap()];
    let many = format!("{one}{one}{one}{one}");
    assert_eq!(broken(one, &many).0, "site::too-many");
}

/// Proves T12: what the sample allows is what it names; storage is not among it.
#[test]
fn sample_allows_what_a_terminal_has() {
    let devices = sample().devices;
    assert!(devices.usb_kinds.contains(&site::UsbKind::SmartCard));
    assert_eq!(site::UsbKind::of_class(0x08), None);
    let any = site::UsbId {
        vendor: 1,
        product: 2,
    };
    let bluetooth = 0x05;
    assert!(devices.allows_input(0x03, any) && !devices.allows_input(bluetooth, any));
}

/// Proves T13, T15: a place can give its people more or less time, within bounds, and need not say anything.
#[test]
fn sessions_last_as_long_as_the_place_says() {
    let session = sample().session;
    assert_eq!(session, site::Session::default());
    let without = SAMPLE.replacen(
        "[session]\nidle = 120\nwarning = 60\nlongest = 3600\n",
        "",
        1,
    );
    assert_ne!(without, SAMPLE);
    assert_eq!(site::parse("site.toml", &without).unwrap().session, session);
    let longer = SAMPLE.replacen("idle = 120", "idle = 300", 1);
    let session = site::parse("site.toml", &longer).unwrap().session;
    assert_eq!(session.idle, Duration::from_mins(5));

    let (code, line, column, message) = broken("warning = 60", "warning = 19");
    assert_eq!(
        (code, line, column),
        ("site::session", line_of("warning = 60"), 11)
    );
    assert_eq!(message, "19 seconds are not possible here");
    assert_eq!(broken("idle = 120", "idle = -1").0, "site::session");
    assert_eq!(broken("idle = 120", "idle = \"2 min\"").0, "site::syntax");
    let short = SAMPLE.replacen("idle = 120", "idle = 900", 1).replacen(
        "longest = 3600",
        "longest = 900",
        1,
    );
    assert_eq!(
        site::parse("site.toml", &short).unwrap_err().code_word(),
        "site::session"
    );
}

/// Proves C6: how long a clerk may be away before the case locks is the place's to say, within bounds; five minutes where it does not.
#[test]
fn a_case_locks_when_the_place_says() {
    let clerk = sample().clerk;
    assert_eq!(clerk, site::Clerk::default());
    assert_eq!(clerk.lock, Duration::from_mins(5));
    let without = SAMPLE.replacen("[clerk]\nlock = 300\n", "", 1);
    assert_ne!(without, SAMPLE);
    assert_eq!(site::parse("site.toml", &without).unwrap().clerk, clerk);
    let short = SAMPLE.replacen("lock = 300", "lock = 60", 1);
    let clerk = site::parse("site.toml", &short).unwrap().clerk;
    assert_eq!(clerk.lock, Duration::from_mins(1));

    let (code, line, column, message) = broken("lock = 300", "lock = 29");
    let at = line_of("lock = 300");
    assert_eq!((code, line, column), ("site::clerk", at, 8));
    assert_eq!(message, "29 seconds are not possible here");
    assert_eq!(broken("lock = 300", "lock = 1801").0, "site::clerk");
    assert_eq!(broken("lock = 300", "look = 300").0, "site::syntax");
}

/// Proves O4: the report shows the line itself, so that nobody has to count.
#[test]
fn report_shows_the_line() {
    let text = SAMPLE.replacen("authority = \"district\"", "authority = \"distrikt\"", 1);
    let report = format!(
        "{:?}",
        miette::Report::new(*site::parse("site.toml", &text).unwrap_err())
    );
    assert!(
        report.contains("authority = \"distrikt\"") && report.contains("known are: town, district"),
        "{report}"
    );
}

/// Proves O4: a report of a file that is one long line shows the place only.
#[test]
fn report_of_a_long_line_is_short() {
    let text = format!("{}X{}", "ü ".repeat(500_000), "y".repeat(500_000));
    let at = text.find('X').unwrap();
    let fault = site::Fault::new(at..at + 1, "site::test", "wrong", "right it");
    let diagnostic = fault.in_file("f", &text);
    assert_eq!((diagnostic.line(), diagnostic.column()), (1, 1_000_001));
    let report = format!("{:?}", miette::Report::new(*diagnostic));
    assert!(report.contains("üX") || report.contains(" X"), "{report}");
    assert!(report.len() < 4000, "{}", report.len());
}

/// Proves O4: an organisational unit of the state portal belongs to one department only.
#[test]
fn organisations_are_checked() {
    let with = |list: &str| {
        let text = SAMPLE.replacen("[\"6004\"]", list, 1);
        site::parse("site.toml", &text).map(|site| {
            let dog = site.departments.iter().find(|d| d.id == "dog-tax").unwrap();
            dog.organisations.clone()
        })
    };
    assert_eq!(with("[\"S1.6\"]").unwrap(), ["S1.6"]);
    let word = |list: &str| with(list).unwrap_err().code_word();
    assert_eq!(word("[\"S1.6\", \"S1.6\"]"), "site::duplicate-organisation");
    assert_eq!(word("[\"\"]"), "site::bad-organisation");
    assert_eq!(word("[\"a b\"]"), "site::bad-organisation");
    // Of another department.
    assert_eq!(word("[\"6001\"]"), "site::duplicate-organisation");
}

/// Proves O4: too much is refused before it is parsed.
#[test]
fn oversized_is_refused() {
    let text = format!("{SAMPLE}#{}", "x".repeat(site::limits::FILE));
    assert_eq!(
        site::parse("site.toml", &text).unwrap_err().code_word(),
        "site::too-large"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Proves O4: no cut of the file and no changed byte panics; a diagnostic always lies inside the file.
    #[test]
    fn damage_is_a_diagnostic(cut in 0..SAMPLE.len(), at in 0..SAMPLE.len(), byte: u8) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        bytes[at] = byte;
        for bytes in [&SAMPLE.as_bytes()[..cut], bytes.as_slice()] {
            if let Ok(text) = std::str::from_utf8(bytes) && let Err(diagnostic) = site::parse("site.toml", text) {
                prop_assert!(diagnostic.line() <= text.matches('\n').count() + 1);
                prop_assert!(diagnostic.column() > 0);
                let _ = format!("{:?}", miette::Report::new(*diagnostic));
            }
        }
    }
}

/// The sample, with calls set up.
fn calling(more: &str) -> String {
    let authority = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let call = format!(
        "[call]\nexchange = \"exchange.example\"\nauthority = \"\"\"\n{authority}\"\"\"\n{more}\n"
    );
    SAMPLE.replacen("[session]", &format!("{call}\n[session]"), 1)
}

/// Proves X1, C3: calls are set up by the exchange's name and who certifies it, or not at all; mistakes in it are named with their place.
#[test]
fn calls_are_set_up_or_not() {
    assert_eq!(sample().call, None);
    let call = |more: &str| site::parse("site.toml", &calling(more));
    let found = call("").unwrap().call.unwrap();
    assert_eq!(found.exchange.as_str(), "exchange.example");
    assert_eq!(
        (found.address, found.https, found.terminals),
        (None, 443, 8443)
    );
    let found = call("address = \"2001:db8::7\"\nhttps = 8440").unwrap();
    let found = found.call.unwrap();
    assert_eq!(found.address, Some("2001:db8::7".parse().unwrap()));
    assert_eq!(found.https, 8440);
    for (more, code) in [
        ("address = \"exchange\"", "site::address"),
        ("terminals = 0", "site::port"),
        ("https = 65536", "site::port"),
        ("port = 7", "site::syntax"),
    ] {
        let diagnostic = call(more).unwrap_err();
        assert_eq!(diagnostic.code_word(), code, "{more}");
        assert_eq!(diagnostic.line(), line_of("[session]") + 7, "{more}");
    }
    for (from, to, code) in [
        ("exchange.example", "exchange", "site::exchange"),
        ("BEGIN CERTIFICATE", "BEGIN PRIVATE KEY", "site::authority"),
    ] {
        let text = calling("").replace(from, to);
        let diagnostic = site::parse("site.toml", &text).unwrap_err();
        assert_eq!(diagnostic.code_word(), code);
    }
}
