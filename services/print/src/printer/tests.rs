// SPDX-License-Identifier: EUPL-1.2

use super::*;
use crate::ipp::Operation::GetPrinterAttributes;

/// An answer with these attributes: a request reads as one.
fn answer(fill: impl FnOnce(Request) -> Request) -> Answer {
    let mut bytes = fill(Request::new(GetPrinterAttributes, "ipp://p/")).finish();
    // Where the operation stood is the status.
    bytes[3] = 0;
    Answer::parse(&bytes).unwrap()
}

/// Proves C13: what keeps a printer from printing is told by the one word that helps; a warning does not stop anybody.
#[test]
fn reasons_are_told() {
    let of = |number, reasons: &[&str]| {
        state(&answer(|request| {
            let request = request.number("printer-state", number);
            request.keywords("printer-state-reasons", reasons)
        }))
    };
    for (number, reasons, told) in [
        (3, &["none"][..], Printer::Ready),
        (4, &["moving-to-paused-report"], Printer::Ready),
        (3, &["media-low-warning", "toner-low"], Printer::Ready),
        (3, &["media-empty-warning"], Printer::Ready),
        (4, &["toner-empty-warning"], Printer::Ready),
        (
            4,
            &["media-empty-warning", "media-needed-warning"],
            Printer::Hindered(Hindrance::PaperOut),
        ),
        (
            5,
            &["toner-empty-warning"],
            Printer::Hindered(Hindrance::TonerOut),
        ),
        (
            5,
            &["media-empty-error"],
            Printer::Hindered(Hindrance::PaperOut),
        ),
        (5, &["media-needed"], Printer::Hindered(Hindrance::PaperOut)),
        (
            5,
            &["media-jam-error", "media-empty"],
            Printer::Hindered(Hindrance::Jam),
        ),
        (
            5,
            &["cover-open", "media-jam"],
            Printer::Hindered(Hindrance::CoverOpen),
        ),
        (
            5,
            &["marker-supply-empty-error"],
            Printer::Hindered(Hindrance::TonerOut),
        ),
        (5, &["none"], Printer::Hindered(Hindrance::Other)),
        (
            5,
            &["com.example.on-fire-error"],
            Printer::Hindered(Hindrance::Other),
        ),
    ] {
        assert_eq!(of(number, reasons), told, "{number} {reasons:?}");
    }
}

/// Proves T7: pages are sent in a form that the printer takes, as fine as text needs; a printer that takes neither gets nothing.
#[test]
fn the_form_is_the_printers() {
    let of = |formats: &[&str], types: &[&str], urf: &[&str], colour| {
        abilities(&answer(|request| {
            request
                .keywords("document-format-supported", formats)
                .keywords("pwg-raster-document-type-supported", types)
                .keywords("urf-supported", urf)
                .boolean("color-supported", colour)
                .number("operations-supported", 5)
        }))
    };
    let (pwg, urf) = (Format::Pwg.mime(), Format::Urf.mime());
    let grey = of(
        &["application/pdf", urf, pwg],
        &["sgray_8", "srgb_8"],
        &[],
        false,
    )
    .unwrap();
    assert_eq!(grey.sheet, Sheet::new(Format::Pwg, 300, false).unwrap());
    assert!(!grey.is_two_step && !grey.has_media);
    let colour = of(&[pwg], &["sgray_8", "srgb_8"], &[], true).unwrap();
    assert_eq!(colour.sheet, Sheet::new(Format::Pwg, 300, true).unwrap());
    let air = of(&[urf], &[], &["CP1", "RS600-1200", "W8", "SRGB24"], false).unwrap();
    assert_eq!(air.sheet, Sheet::new(Format::Urf, 600, false).unwrap());
    assert_eq!(of(&["application/postscript"], &[], &[], true), None);
    assert_eq!(resolution([1200, 600, 150].into_iter()), Some(600));
    assert_eq!(resolution([75, 150].into_iter()), Some(150));
}

/// Proves T7: a printer's address is that of its IPP port unless it says another.
#[test]
fn addresses_have_ipps_port() {
    for (uri, url) in [
        ("ipp://10.0.0.5/ipp/print", "http://10.0.0.5:631/ipp/print"),
        (
            "ipp://localhost:60000/ipp/print",
            "http://localhost:60000/ipp/print",
        ),
        (
            "ipp://[fd00::5]/ipp/print",
            "http://[fd00::5]:631/ipp/print",
        ),
        ("ipp://[fd00::5]:8631/ipp", "http://[fd00::5]:8631/ipp"),
        ("ipp://printer", "http://printer:631/"),
        ("ipps://10.0.0.5/ipp", "https://10.0.0.5:631/ipp"),
        ("ipps://[fd00::5]:443/ipp", "https://[fd00::5]:443/ipp"),
    ] {
        assert_eq!(Target::at(uri).url(), url);
    }
}
