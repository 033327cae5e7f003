// SPDX-License-Identifier: EUPL-1.2
//! Files to try things with.

#![allow(dead_code)] // Every test file uses some of it.
#![allow(clippy::format_collect)] // Files to try things with may cost something.

use procedures::{Diagnostic, Procedures};
use site::Site;

pub const SITE: &str = include_str!("../../../../recipes/site/site.toml");
pub const SAMPLE: &str = include_str!("../../../../recipes/site/procedures.xml");

pub fn site() -> Site {
    site::parse("site.toml", SITE).unwrap()
}

/// The sample, for the sample place.
pub fn sample() -> Procedures {
    match procedures::parse("procedures.xml", SAMPLE.as_bytes(), &site()) {
        Ok(procedures) => procedures,
        Err(diagnostic) => panic!("{:?}", miette::Report::new(*diagnostic)),
    }
}

pub fn parse(text: impl AsRef<[u8]>) -> Result<Procedures, Box<Diagnostic>> {
    procedures::parse("test.xml", text.as_ref(), &site())
}

/// Code word, line and column of what is wrong with a file.
pub fn wrong(text: impl AsRef<[u8]>) -> (&'static str, usize, usize) {
    let diagnostic = parse(text).unwrap_err();
    let place = (
        diagnostic.code_word(),
        diagnostic.line(),
        diagnostic.column(),
    );
    let report = format!("{:?}", miette::Report::new(*diagnostic));
    assert!(report.len() < 8_000 && report.contains("help:"), "{report}");
    place
}

/// A message with these objects in it. The first one is on line 3.
pub fn message(objects: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <x:transfer xmlns:x=\"http://xoev.de/schemata/xzufi/2_2_0\" xzufiVersion=\"2.2.0\">\n\
         {objects}\n</x:transfer>"
    )
}

/// A service with a name and a summary, and more inside.
pub fn service(id: &str, more: &str) -> String {
    format!(
        "<x:schreibe><x:leistung><x:id>{id}</x:id>{}{}{more}</x:leistung></x:schreibe>",
        module("03", &[("de", "Hund anmelden")]),
        module("05", &[("de", "Sie melden Ihren Hund an.")]),
    )
}

/// A text module.
pub fn module(code: &str, texts: &[(&str, &str)]) -> String {
    let texts: String = texts
        .iter()
        .map(|(tag, text)| format!("<x:inhalt languageCode=\"{tag}\">{text}</x:inhalt>"))
        .collect();
    format!(
        "<x:modulText><x:leikaTextmodul><code>{code}</code></x:leikaTextmodul>{texts}</x:modulText>"
    )
}

/// HTML as text of XML.
pub fn escape(html: &str) -> String {
    html.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
