// SPDX-License-Identifier: EUPL-1.2
//! The shell's program and the files it is given: whatever lies in the store, a screen is shown.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A device with an empty store.
struct Device {
    root: tempfile::TempDir,
}

impl Device {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("store")).unwrap();
        Self { root }
    }

    fn stored(&self, name: &str) -> PathBuf {
        self.root.path().join("store").join(name)
    }

    /// The pixels of a screen.
    fn shows(&self, screen: &str) -> Vec<u8> {
        let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/site");
        let out = self.root.path().join("screen.png");
        let status = Command::new(env!("CARGO_BIN_EXE_shell"))
            .args(["--render", screen, "--size", "1280x800"])
            .arg("--site")
            .arg(site.join("site.toml"))
            .arg("--procedures")
            .arg(site.join("procedures.xml"))
            .arg("--site-store")
            .arg(self.root.path().join("store"))
            .arg("--out")
            .arg(&out)
            .status()
            .unwrap();
        assert!(status.success(), "{screen}");
        fs::read(out).unwrap()
    }
}

/// A message with these services, found at the registry office of the sample place.
fn message(services: &[(String, String)]) -> String {
    let mut file = "<x:t xmlns:x=\"http://xoev.de/schemata/xzufi/2_2_0\">".to_owned();
    let module = |code: &str, text: &str| {
        format!(
            "<x:modulText><x:leikaTextmodul><code>{code}</code></x:leikaTextmodul>\
             <x:inhalt languageCode=\"de\"><![CDATA[{text}]]></x:inhalt></x:modulText>"
        )
    };
    for (id, (name, text)) in services.iter().enumerate() {
        let (name, text) = (module("03", name), module("06", text));
        write!(
            file,
            "<x:leistung><x:id>{id}</x:id>{name}{text}</x:leistung>"
        )
        .unwrap();
    }
    file.push_str("<x:organisationseinheit><x:id>6001</x:id>");
    for id in 0..services.len() {
        write!(
            file,
            "<x:zustaendigkeit><x:leistungID>{id}</x:leistungID></x:zustaendigkeit>"
        )
        .unwrap();
    }
    file.push_str("</x:organisationseinheit></x:t>");
    file
}

fn one(text: &str) -> String {
    message(&[("Hund anmelden".to_owned(), text.to_owned())])
}

/// Proves T4: service descriptions that are too many, too long, cut off or no text at all are put aside, and what the image has is
/// shown; the last good ones of the store survive the next wrong ones.
#[test]
fn wrong_descriptions_change_nothing() {
    let device = Device::new();
    let image = device.shows("service");
    let many: Vec<_> = (0..10_000)
        .map(|n| (format!("Leistung {n}"), "Text".to_owned()))
        .collect();
    let good = one("Neuer Text");
    let refused = [
        message(&many).into_bytes(),
        one(&"Wort ".repeat(4 * 1024 * 1024)).into_bytes(),
        good.as_bytes()[..good.len() - 9].to_vec(),
        b"\x00\xff\xfe<x>".to_vec(),
        Vec::new(),
    ];
    for file in &refused {
        fs::write(device.stored("candidate.xml"), file).unwrap();
        assert!(device.shows("service") == image);
        assert!(!device.stored("candidate.xml").exists());
        assert!(device.stored("candidate.xml.rejected").exists());
    }
    fs::write(device.stored("candidate.xml"), &good).unwrap();
    let newer = device.shows("service");
    assert!(newer != image && device.stored("procedures.xml").exists());
    for file in &refused {
        fs::write(device.stored("candidate.xml"), file).unwrap();
        assert!(device.shows("service") == newer);
    }
}

/// Proves T4: HTML that wants to do something does nothing: the picture is that of its text.
#[test]
fn hostile_html_is_only_text() {
    let shown = |text: &str| {
        let device = Device::new();
        fs::write(device.stored("candidate.xml"), one(text)).unwrap();
        let picture = device.shows("service");
        assert!(device.stored("procedures.xml").exists(), "{text}");
        picture
    };
    let plain = shown("<p>Sie melden Ihren Hund an.</p>");
    for hostile in [
        "<script>document.write('x')</script><p>Sie melden Ihren Hund an.</p>",
        "<p onclick=\"x()\" style=\"position:fixed;font-size:900px\">Sie melden Ihren Hund an.</p>",
        "<p>Sie melden <img src=x onerror=x()>Ihren Hund an.</p><iframe src=\"file:///etc/passwd\"></iframe>",
        "<p>Sie \u{202e}\u{200b}melden Ihren Hund\u{202c} an.",
        "<style>p { display: none }</style><svg><script>x</script></svg><p>Sie melden Ihren Hund an.",
    ] {
        assert!(shown(hostile) == plain, "{hostile}");
    }
    assert!(shown("<p>Sie melden Ihre Katze an.</p>") != plain);
}
