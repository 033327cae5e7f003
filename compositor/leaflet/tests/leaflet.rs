// SPDX-License-Identifier: EUPL-1.2
//! The leaflet as others read it: poppler, qpdf.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::path::{Path, PathBuf};
use std::process::Command;

use leaflet::{Leaflet, LeafletError, Line, MAX_LINES, Style};
use site::Language;

const FONTS: &str = "/usr/share/fonts/truetype";

fn leaflet(language: Language, lines: Vec<Line>) -> Leaflet {
    Leaflet {
        language,
        title: "Hund anmelden".into(),
        place: "Weißbach an der Löbnitz".into(),
        page: Box::new(|page, pages| format!("Seite {page} von {pages}")),
        scale: 1.0,
        lines,
    }
}

fn run(command: &mut Command) -> String {
    let out = command.output().unwrap();
    assert!(
        out.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn save(dir: &Path, pdf: &[u8]) -> PathBuf {
    let path = dir.join("leaflet.pdf");
    std::fs::write(&path, pdf).unwrap();
    path
}

fn de(style: Style, text: &str) -> Line {
    Line::new(style, Language::De, text)
}

/// Proves T4, T13: the text of a leaflet can be searched and read out: it is text, in order, with headings and lists that say so.
#[test]
fn text_is_text_with_a_structure() {
    let dot = || Style::Item(0, "•".into());
    let lines = vec![
        de(Style::Title, "Hund anmelden"),
        de(Style::Heading, "Was Sie brauchen"),
        de(
            Style::Paragraph,
            "Größe, Rasse und Alter des Hundes – und Ihren Ausweis.",
        ),
        de(dot(), "Personalausweis"),
        de(dot(), "Nachweis der Haftpflichtversicherung"),
        Line::new(
            Style::Paragraph,
            Language::Hsb,
            "Prošu přinjesće wupokaz sobu.",
        ),
    ];
    let dir = tempfile::tempdir().unwrap();
    let path = save(
        dir.path(),
        &leaflet(Language::De, lines).pdf(Path::new(FONTS)).unwrap(),
    );
    run(Command::new("qpdf").arg("--check").arg(&path));
    let text = run(Command::new("pdftotext").arg(&path).arg("-"));
    for line in [
        "Hund anmelden",
        "Größe, Rasse und Alter des Hundes – und Ihren Ausweis.",
        "Nachweis der Haftpflichtversicherung",
        "Prošu přinjesće wupokaz sobu.",
        "Weißbach an der Löbnitz · Seite 1 von 1",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let structure = run(Command::new("pdfinfo").arg("-struct-text").arg(&path));
    for tag in ["H1", "H2", "P", "L ", "LI", "Lbl", "LBody"] {
        assert!(structure.contains(tag), "{tag}: {structure}");
    }
    // What stands below each page is not read out between the lines.
    assert!(!structure.contains("Seite 1"), "{structure}");
    let info = run(Command::new("pdfinfo").arg(&path));
    for fact in [
        "Tagged:          yes",
        "Title:           Hund anmelden",
        "A4",
    ] {
        assert!(info.contains(fact), "{fact}: {info}");
    }
    let about = run(Command::new("pdfinfo").arg("-meta").arg(&path));
    assert!(about.contains("pdfuaid"), "{about}");
}

/// Proves T14: Arabic is set from right to left and stays Arabic for who copies it, with German words within.
#[test]
fn arabic_is_arabic() {
    let text = "سجّل كلبك في مكتب Hundesteuer خلال أسبوعين";
    let lines = vec![
        Line::new(Style::Title, Language::Ar, "تسجيل كلب"),
        Line::new(Style::Item(0, "•".into()), Language::Ar, text),
    ];
    let dir = tempfile::tempdir().unwrap();
    let path = save(
        dir.path(),
        &leaflet(Language::Ar, lines).pdf(Path::new(FONTS)).unwrap(),
    );
    let read = run(Command::new("pdftotext").arg(&path).arg("-"));
    for word in ["كلبك", "Hundesteuer", "أسبوعين"] {
        assert!(read.contains(word), "{word}: {read}");
    }
}

/// Proves T4, T13: much text becomes several pages with nothing lost, large text too; a heading never is the last line of a page; what
/// nobody reads is refused.
#[test]
fn much_text_becomes_pages() {
    let words =
        "Der Hund ist binnen zwei Wochen anzumelden, auch wenn er noch klein ist. ".repeat(6);
    let lines = |n: usize| -> Vec<Line> {
        let parts = (0..n).flat_map(|i| {
            [
                de(Style::Heading, &format!("Teil {i}")),
                de(Style::Paragraph, &format!("Anfang{i} {words} Ende{i}")),
            ]
        });
        parts.collect()
    };
    for scale in [1.0, 1.6] {
        let many = Leaflet {
            scale,
            ..leaflet(Language::De, lines(12))
        };
        let dir = tempfile::tempdir().unwrap();
        let path = save(dir.path(), &many.pdf(Path::new(FONTS)).unwrap());
        let text = run(Command::new("pdftotext").arg("-layout").arg(&path).arg("-"));
        let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
        assert!(pages.len() > 2, "{}", pages.len());
        for i in 0..12 {
            assert_eq!(text.matches(&format!("Anfang{i} ")).count(), 1, "{i}");
            assert_eq!(text.matches(&format!("Ende{i}\n")).count(), 1, "{i}");
        }
        for (i, page) in pages.iter().enumerate() {
            let mut lines = page
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .rev();
            let foot = format!(
                "Weißbach an der Löbnitz · Seite {} von {}",
                i + 1,
                pages.len()
            );
            assert_eq!(lines.next(), Some(foot.as_str()));
            assert!(!lines.next().unwrap().starts_with("Teil"), "{page}");
        }
    }
    let long = leaflet(Language::De, lines(MAX_LINES)).pdf(Path::new(FONTS));
    assert!(matches!(long, Err(LeafletError::TooLong)));
}

/// Proves T14: a sign that no font has, and signs that cannot be seen, spoil nothing.
#[test]
fn strange_signs_spoil_nothing() {
    let lines = vec![de(
        Style::Paragraph,
        "Eins 漢字 \u{1F436} \u{0}\u{7}\u{202e}zwei\u{2069}",
    )];
    let dir = tempfile::tempdir().unwrap();
    let path = save(
        dir.path(),
        &leaflet(Language::De, lines).pdf(Path::new(FONTS)).unwrap(),
    );
    let text = run(Command::new("pdftotext").arg(&path).arg("-"));
    assert!(text.contains("Eins"), "{text}");
}
