// SPDX-License-Identifier: EUPL-1.2
//! Pages of a real scanner as SANE knows it (its backend `test`), and the service as it runs on a device.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Instant;

use api::scan::{ScanError, Trouble, Work};
use api::session::document;
use common::paper::{about, drawn, first_picture, info, pictures, run, scanned, white};
use common::{DEADLINE, Place};

/// Proves T6: pages become a PDF/A of A4 sheets in the session's store, as they were scanned, turned as they were turned, with what it
/// is; and one of few tones is kept without loss.
#[test]
fn pages_become_a_document_in_the_store() {
    let place = Place::new();
    let sane = place.scanner("test-picture \"Color pattern\"");
    let service = place.service(&sane);
    service.until_scanner(true);
    let original = scanned(&sane);
    assert!(original.width.abs_diff(2480) < 12 && original.height.abs_diff(3508) < 12);
    let first = service.page();
    let second = service.page();
    assert_eq!(service.pages(), [first, second]);
    service.proxy.turn(second).unwrap();
    let picture = document::read(service.preview(first)).unwrap();
    let small = png::Decoder::new(std::io::Cursor::new(&**picture))
        .read_info()
        .unwrap();
    assert!(
        (600..900).contains(&small.info().height),
        "{:?}",
        small.info()
    );
    assert_eq!(place.documents(), 0);
    let id = service.finish("Geburtsurkunde, gescannt");
    assert_eq!((place.documents(), service.pages().len()), (1, 0));
    let pdf = place.document(id);

    run(Command::new("qpdf").arg("--check").arg(&pdf));
    let said = info(&pdf);
    for line in [
        "Geburtsurkunde, gescannt",
        "595.276 x 841.89 pts (A4)",
        "841.89 x 595.276 pts",
    ] {
        assert!(said.contains(line), "no {line}: {said}");
    }
    let about = about(&pdf);
    for line in [
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>B</pdfaid:conformance>",
    ] {
        assert!(about.contains(line), "no {line}: {about}");
    }
    let is_tagged = |line: &str| line.starts_with("Tagged:") && line.ends_with("yes");
    assert!(said.lines().any(is_tagged), "{said}");
    for (page, original) in [(1, &original), (2, &original.turned())] {
        let drawn = drawn(&pdf, page);
        let (apart, from_nothing) = (drawn.apart(original), original.apart(&white(original)));
        assert!(
            apart < 4.0 && from_nothing > 40.0,
            "{page}: {apart} {from_nothing}"
        );
    }
    let upright = drawn(&pdf, 2).apart(&original);
    assert!(
        upright > 10.0,
        "a page that is turned is seen not to be as before: {upright}"
    );
}

/// Proves T6: what has no colour is grey; what has few tones loses nothing.
#[test]
fn a_page_of_few_tones_loses_nothing() {
    let place = Place::new();
    let sane = place.scanner("test-picture \"Grid\"");
    let service = place.service(&sane);
    service.until_scanner(true);
    service.page();
    let pdf = place.document(service.finish("Gitter"));
    let kinds = pictures(&pdf);
    assert!(
        kinds[0].contains(" icc ") && kinds[0].contains(" 1 "),
        "{kinds:?}"
    );
    assert!(!kinds[0].contains("jpeg"), "{kinds:?}");
    // Drawn it is a hair off, as the sheet is not of whole dots; what is in it is what was scanned.
    let (there, here) = (scanned(&sane), first_picture(&pdf));
    assert_eq!((there.width, there.height), (here.width, here.height));
    assert!(there.values == here.values);
}

/// Proves C13, T6: what a scanner lacks is told; pages that are there stay, and it goes on when somebody has seen to it.
#[test]
fn what_it_lacks_is_told_and_nothing_is_lost() {
    let place = Place::new();
    let sane = place.scanner("test-picture \"Grid\"");
    let service = place.service(&sane);
    service.until_scanner(true);
    let page = service.page();
    for (status, trouble) in [
        ("SANE_STATUS_JAMMED", Trouble::Jam),
        ("SANE_STATUS_NO_DOCS", Trouble::NoPaper),
        ("SANE_STATUS_COVER_OPEN", Trouble::CoverOpen),
        ("SANE_STATUS_DEVICE_BUSY", Trouble::Busy),
        ("SANE_STATUS_IO_ERROR", Trouble::Gone),
    ] {
        place.scanner(&format!("read-status-code \"{status}\""));
        assert_eq!(service.trouble(), trouble, "{status}");
        assert_eq!(service.pages(), [page]);
    }
    place.scanner("test-picture \"Grid\"");
    service.until_scanner(true);
    let other = service.page();
    assert_eq!(service.pages(), [page, other]);
    assert_eq!(place.documents(), 0);
    service.finish("Zwei");
}

/// Proves T6: a page that nobody wants any more is stopped in the middle, and the scanner is free for the next.
#[test]
fn scanning_can_be_stopped() {
    let place = Place::new();
    let slow =
        "read-delay true\nread-delay-duration 200000\nread-limit true\nread-limit-size 30000";
    let sane = place.scanner(slow);
    let service = place.service(&sane);
    service.until_scanner(true);
    service.proxy.scan().unwrap();
    service.wait("progress", |status| {
        matches!(status.work, Work::Scanning(1..)).then_some(())
    });
    let busy = service.proxy.scan();
    assert!(matches!(busy, Err(ScanError::NotExpected(_))), "{busy:?}");
    let busy = service.proxy.finish("Nichts".into(), "de".into());
    assert!(matches!(busy, Err(ScanError::NotExpected(_))), "{busy:?}");
    service.proxy.cancel().unwrap();
    assert_eq!(service.status().work, Work::Idle);
    place.scanner("test-picture \"Grid\"");
    let page = service.page();
    assert_eq!(service.pages(), [page]);
    service.proxy.clear().unwrap();
    assert!(service.pages().is_empty());
    let none = service.proxy.preview(page);
    assert!(matches!(none, Err(ScanError::BadInput(_))), "{none:?}");
}

/// Proves T6: a store that does not take the document loses no page.
#[test]
fn a_store_that_refuses_loses_nothing() {
    let place = Place::new();
    let sane = place.scanner("test-picture \"Grid\"");
    let service = place.service(&sane);
    service.until_scanner(true);
    let page = service.page();
    place.end_session();
    service.proxy.finish("Gitter".into(), "de".into()).unwrap();
    assert_eq!(service.until_over(), Work::Trouble(Trouble::Store));
    assert_eq!(service.pages(), [page]);
}

/// Proves C13, T6: a scanner's program that says what is wrong and hangs then is ended soon, and what it said is told, not that the
/// scanner is silent. `scanimage` does so now and then, where a backend waits for itself.
#[test]
fn a_program_that_hangs_after_its_words_is_ended() {
    const HANGS: &str = "#!/bin/sh\n\
        case \"$*\" in\n\
        *--formatted-device-list*) echo hangs:0;;\n\
        *--dont-scan*) ;;\n\
        *) printf 'P5\\n100 100\\n255\\n'; echo 'scanimage: sane_read: Document feeder jammed' >&2; exec tail -f /dev/null;;\n\
        esac\n";
    let place = Place::new();
    let program = place.path("hangs");
    fs::write(&program, HANGS).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let service = place.service_by(&place.scanner(""), &program);
    service.until_scanner(true);
    let begun = Instant::now();
    assert_eq!(service.trouble(), Trouble::Jam);
    assert!(begun.elapsed() < DEADLINE / 2, "{:?}", begun.elapsed());
    assert_eq!(service.trouble(), Trouble::Jam);
}
