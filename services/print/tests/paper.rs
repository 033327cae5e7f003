// SPDX-License-Identifier: EUPL-1.2
//! What comes out of a real printer: CUPS' `ippeveprinter`, and the service as it runs on a device.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::process::Command;

use api::print::{Failure, Hindrance, JobState, PrintError, Printer};
use api::session::Kind;
use common::documents::{as_pdf, pdf, pdf_of, pixels, png, read, run};
use common::relay::Relay;
use common::{Place, free_port, go_on, has_begun, pipe};

const PWG: &str = "image/pwg-raster";
const URF: &str = "image/urf";
/// What real printers do: they count each page.
const COUNTS: &str = "echo 'ATTR: job-impressions-completed=1' >&2";

/// Proves T7: a document comes out as it is, all its pages, all its copies, in both forms that printers know.
#[test]
fn pages_come_out_as_they_are() {
    for format in [PWG, URF] {
        let place = Place::new();
        let printer = place.printer(format, COUNTS);
        let service = place.service(printer.port);
        service.until_printer(Printer::Ready);
        let document = pdf(&["Antrag auf Wohngeld 4711", "Seite zwei 0815"]);
        let id = service.print(Kind::Pdf, &document, 2).unwrap();
        let done = service.until_over();
        assert_eq!((done.id, done.state), (id, JobState::Done), "{format}");
        assert_eq!((done.page, done.pages), (4, 4));
        let arrived = place.path("arrived.pdf");
        as_pdf(&place.path("arrived"), format, &arrived);
        for (page, line) in [
            (1, "Wohngeld 4711"),
            (2, "zwei 0815"),
            (3, "Wohngeld 4711"),
            (4, "zwei 0815"),
        ] {
            let text = read(&arrived, page, place.dir.path());
            assert!(text.contains(line), "{format}, page {page}: {text}");
        }
        // The same page as another program draws it: poppler.
        let original = place.path("original.pdf");
        std::fs::write(&original, &document).unwrap();
        let (width, height, theirs) = pixels(&original, 1, 30);
        let (w, h, ours) = pixels(&arrived, 1, 30);
        assert!(
            width.abs_diff(w) <= 1 && height.abs_diff(h) <= 1,
            "{width}x{height} {w}x{h}"
        );
        // Letters are those of another font, a hair off: what counts is where ink is.
        let ink = |pixels: &[u8], line: usize, x: usize, y: usize| -> usize {
            let rows = (y..y + BLOCK).map(|y| &pixels[y * line + x..][..BLOCK]);
            rows.flatten().map(|pixel| usize::from(255 - pixel)).sum()
        };
        let (mut most, mut all) = (0, 0);
        for y in (0..height.min(h) - BLOCK).step_by(BLOCK) {
            for x in (0..width.min(w) - BLOCK).step_by(BLOCK) {
                let (there, here) = (ink(&theirs, width, x, y), ink(&ours, w, x, y));
                most = most.max(there.abs_diff(here) / BLOCK / BLOCK);
                all += there;
            }
        }
        assert!(all > 0 && most < 40, "{format}: {most}");
    }
}

/// Proves T7: pictures come out in the middle of the sheet, upright, as large as it allows.
#[test]
fn pictures_come_out() {
    let place = Place::new();
    let printer = place.printer(PWG, COUNTS);
    let service = place.service(printer.port);
    service.until_printer(Printer::Ready);
    // Left black, right white, lying: on the sheet the black half is above.
    let picture = png(900, 600, |x, _| if x < 450 { [0; 3] } else { [255; 3] });
    let original = place.path("picture.png");
    let converted = place.path("picture.jpg");
    std::fs::write(&original, &picture).unwrap();
    run(Command::new("convert").arg(&original).arg(&converted));
    let jpeg = std::fs::read(&converted).unwrap();
    for (kind, content) in [(Kind::Png, picture), (Kind::Jpeg, jpeg)] {
        service.print(kind, &content, 1).unwrap();
        assert_eq!(service.until_over().state, JobState::Done);
        let arrived = place.path("arrived.pdf");
        as_pdf(&place.path("arrived"), PWG, &arrived);
        let (width, height, pixels) = pixels(&arrived, 1, 30);
        let at = |x: usize, y: usize| pixels[(y * height / 100) * width + x * width / 100];
        assert!(at(50, 30) < 40, "{kind:?}");
        assert!(at(50, 70) > 215, "{kind:?}");
        assert!(at(1, 30) > 215, "{kind:?}");
    }
}

/// Proves C13, T7: out of paper is told and nothing is lost: with new paper it goes on by itself.
#[test]
fn out_of_paper_is_told_and_goes_on() {
    let place = Place::new();
    let paper = place.path("paper");
    pipe(&paper);
    let work = format!(
        "echo 'STATE: +media-empty,media-needed' >&2; read < paper; \
         echo 'STATE: -media-empty,media-needed' >&2; {COUNTS}"
    );
    let printer = place.printer(PWG, &work);
    let service = place.service(printer.port);
    service.until_printer(Printer::Ready);
    service.print(Kind::Pdf, &pdf(&["eins"]), 1).unwrap();
    let job = service.until(JobState::Stopped(Hindrance::PaperOut));
    assert_eq!((job.page, job.pages), (1, 1));
    service.until_printer(Printer::Hindered(Hindrance::PaperOut));
    let other = service.print(Kind::Pdf, &pdf(&["zwei"]), 1);
    assert!(
        matches!(other, Err(PrintError::NotExpected(_))),
        "{other:?}"
    );
    go_on(&paper);
    assert_eq!(service.until_over().state, JobState::Done);
    service.until_printer(Printer::Ready);
}

/// Proves T7: a printer that vanishes while it prints is told; the job can be given up.
#[test]
fn a_printer_that_vanishes_is_told() {
    let place = Place::new();
    let (whole, paper) = (place.path("whole"), place.path("paper"));
    pipe(&whole);
    pipe(&paper);
    let mut printer = place.printer(PWG, ": > whole; read < paper");
    let service = place.service(printer.port);
    service.until_printer(Printer::Ready);
    let id = service.print(Kind::Pdf, &pdf(&["eins"]), 1).unwrap();
    service.until(JobState::Printing);
    // One that goes before it has all of it is another matter: see below.
    has_begun(&whole);
    printer.printer.kill();
    service.until(JobState::Stopped(Hindrance::Offline));
    service.until_printer(Printer::Hindered(Hindrance::Offline));
    service.proxy.cancel(id).unwrap();
    assert_eq!(service.job().state, JobState::Failed(Failure::Cancelled));
    let none = service.print(Kind::Pdf, &pdf(&["eins"]), 1);
    assert!(
        matches!(none, Err(PrintError::NoPrinter(_)) | Ok(_)),
        "{none:?}"
    );
}

/// So many pixels each way are looked at together.
const BLOCK: usize = 8;

/// A page with so many lines that it does not pack well.
fn much() -> Vec<u8> {
    let lines: Vec<String> = (0..400_u32)
        .map(|i| {
            let [from, to] = [(i * 37 % 595, i * 91 % 842), (i * 53 % 595, i * 17 % 842)];
            format!("{} {} m {} {} l S ", from.0, from.1, to.0, to.1)
        })
        .collect();
    pdf_of(&[("[0 0 595 842]", lines.concat().as_str()); 3])
}

/// Proves T7: a printer that vanishes while it takes a document has not got it, and the citizen hears of it at once.
#[test]
fn a_link_that_breaks_is_told() {
    let place = Place::new();
    let mut printer = place.printer(PWG, COUNTS);
    let mut relay = Relay::to(printer.port, 200_000);
    let service = place.service(relay.port);
    service.until_printer(Printer::Ready);
    service.print(Kind::Pdf, &much(), 1).unwrap();
    relay.stalled.recv_timeout(common::DEADLINE).unwrap();
    assert_eq!(service.until(JobState::Printing).page, 1);
    relay.cut();
    assert_eq!(service.until_over().state, JobState::Failed(Failure::Gone));
    // CUPS' own printer does not notice that a TLS connection broke, and is busy ever after; off and on again, it prints the next one.
    printer.printer.kill();
    service.until_printer(Printer::Hindered(Hindrance::Offline));
    let _again = place.printer_at(printer.port, PWG, COUNTS);
    service.until_printer(Printer::Ready);
    service.print(Kind::Pdf, &pdf(&["klein"]), 1).unwrap();
    assert_eq!(service.until_over().state, JobState::Done);
}

/// Proves T7: who does not want it any more gets no more of it.
#[test]
fn cancelling_takes_it_back() {
    let place = Place::new();
    let (whole, paper) = (place.path("whole"), place.path("paper"));
    pipe(&whole);
    pipe(&paper);
    let printer = place.printer(PWG, ": > whole; read < paper");
    let service = place.service(printer.port);
    service.until_printer(Printer::Ready);
    let id = service.print(Kind::Pdf, &pdf(&["eins"]), 1).unwrap();
    service.until(JobState::Printing);
    has_begun(&whole);
    service.proxy.cancel(id).unwrap();
    assert_eq!(service.job().state, JobState::Failed(Failure::Cancelled));
    let again = service.proxy.cancel(id);
    assert!(
        matches!(again, Err(PrintError::NotExpected(_))),
        "{again:?}"
    );
    go_on(&paper);
    // Nothing more of it is in its way.
    let id = service.print(Kind::Pdf, &pdf(&["zwei"]), 1).unwrap();
    has_begun(&whole);
    go_on(&paper);
    let job = service.until_over();
    assert_eq!((job.id, job.state), (id, JobState::Done));
}

/// Proves T7: documents that cannot or should not be printed are refused with their reason, the printer never hears of them, and the
/// service goes on.
#[test]
fn hostile_documents_are_refused() {
    let place = Place::new();
    let printer = place.printer(PWG, COUNTS);
    let service = place.service(printer.port);
    service.until_printer(Printer::Ready);
    let (open, locked) = (place.path("open.pdf"), place.path("locked.pdf"));
    std::fs::write(&open, pdf(&["geheim"])).unwrap();
    run(Command::new("qpdf")
        .args(["--encrypt", "user", "owner", "256", "--"])
        .arg(&open)
        .arg(&locked));
    let page = ("[0 0 595 842]", "");
    // A picture of 60,000 by 60,000 pixels, in a few bytes.
    let mut bomb = png(1, 1, |_, _| [0; 3]);
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let crc = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.to_be_bytes());
    let itself = "q Q ".repeat(1_000_000);
    let noise: Vec<u8> = (0..10_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let torn = &pdf(&["abgerissen"])[..200];
    for (name, kind, content, failure) in [
        (
            "locked",
            Kind::Pdf,
            std::fs::read(&locked).unwrap(),
            Failure::Encrypted,
        ),
        (
            "huge",
            Kind::Pdf,
            pdf_of(&[("[0 0 900000 900000]", "")]),
            Failure::TooLarge,
        ),
        ("long", Kind::Pdf, pdf_of(&[page; 61]), Failure::TooLarge),
        ("bomb", Kind::Png, bomb, Failure::TooLarge),
        ("noise", Kind::Pdf, noise.clone(), Failure::Damaged),
        ("noise", Kind::Png, noise.clone(), Failure::Damaged),
        ("noise", Kind::Jpeg, noise, Failure::Damaged),
        ("no page", Kind::Pdf, pdf_of(&[]), Failure::Damaged),
        ("torn", Kind::Png, torn.to_vec(), Failure::Damaged),
        ("another kind", Kind::Jpeg, pdf(&["eins"]), Failure::Damaged),
    ] {
        let id = service.print(kind, &content, 1).unwrap();
        let job = service.until_over();
        assert_eq!(
            (job.id, job.state),
            (id, JobState::Failed(failure)),
            "{name} {kind:?}"
        );
        assert!(!place.path("arrived").exists(), "{name}");
    }
    let text = service.print(Kind::Text, b"text", 1);
    assert!(matches!(text, Err(PrintError::BadInput(_))), "{text:?}");
    // Much, and yet a document.
    service
        .print(Kind::Pdf, &pdf_of(&[("[0 0 595 842]", &itself)]), 1)
        .unwrap();
    assert_eq!(service.until_over().state, JobState::Done);
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    })
}

/// Proves C13: without a printer there is nothing to print on; one that the site names and that is off is told as such.
#[test]
fn a_printer_that_is_off_is_told() {
    let place = Place::new();
    let service = place.service(free_port());
    service.until_printer(Printer::Hindered(Hindrance::Offline));
    let refused = service.print(Kind::Pdf, &pdf(&["eins"]), 1);
    assert!(
        matches!(refused, Err(PrintError::NoPrinter(_))),
        "{refused:?}"
    );
}

/// Proves T7, T15: a printer in the network is known by its certificate where the site says so: another one at the same address is told nothing of a document.
#[test]
fn a_printer_is_known_by_its_certificate() {
    let place = Place::new();
    let printer = place.printer(PWG, COUNTS);
    place.service(printer.port).until_printer(Printer::Ready);
    let known = printer.certificate();
    let service = place.service_that_knows(printer.port, &known);
    service.until_printer(Printer::Ready);
    service.print(Kind::Pdf, &pdf(&["eins"]), 1).unwrap();
    assert_eq!(service.until_over().state, JobState::Done);
    drop(service);

    let another = known.replace('A', "B");
    let service = place.service_that_knows(printer.port, &another);
    service.until_printer(Printer::Hindered(Hindrance::Offline));
    let refused = service.print(Kind::Pdf, &pdf(&["eins"]), 1);
    assert!(
        matches!(refused, Err(PrintError::NoPrinter(_))),
        "{refused:?}"
    );
}

/// Proves T15: nothing that goes to a printer in the network can be read on the way.
#[test]
fn nothing_goes_in_the_clear() {
    const HANDSHAKE: u8 = 0x16;
    let place = Place::new();
    let printer = place.printer(PWG, COUNTS);
    let relay = Relay::to(printer.port, usize::MAX);
    let service = place.service(relay.port);
    service.until_printer(Printer::Ready);
    service.print(Kind::Pdf, &pdf(&["eins"]), 1).unwrap();
    assert_eq!(service.until_over().state, JobState::Done);
    let beginnings = relay.beginnings.try_iter().collect::<Vec<_>>();
    assert!(beginnings.len() > 1, "{beginnings:?}");
    assert!(
        beginnings.iter().all(|first| *first == HANDSHAKE),
        "{beginnings:?}"
    );
}
