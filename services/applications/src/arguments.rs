// SPDX-License-Identifier: EUPL-1.2
//! What `FreeRDP` is told. Pure.

use site::Rdp;

/// What it may do and may not, whatever the server: TLS, with no name and no password of anybody, so that the server asks for
/// them on its own screen. Nothing of this device is there for the server: drives, printers, cards and USB would have to be asked
/// for; clipboard and sound, which would not, are refused.
const ALWAYS: &[&str] = &[
    "/sec:tls",
    "/u:",
    "/p:",
    "-clipboard",
    // Without a word the server is offered a card that plays nothing.
    "/audio-mode:2",
    // How often and when is the business of `course`.
    "-auto-reconnect",
    "/kbd:layout:0x00000407",
    // A session has its frame's size from the start; where the frame changes it is drawn larger or smaller, whatever the server can.
    // `+dynamic-resolution` excludes this, and copies only what has changed, with lines of old pixels at its edges.
    "/smart-sizing",
    "/log-level:ERROR",
];

/// The arguments for a session in a place of `size` pixels.
pub fn arguments(rdp: &Rdp, (width, height): (u32, u32)) -> Vec<String> {
    let mut arguments = vec![
        format!("/v:{}:{}", rdp.host.as_str(), rdp.port),
        // Whatever certificate authorities say: this certificate and no other, and nobody is asked.
        format!("/cert:deny,fingerprint:sha256:{}", rdp.certificate.hex()),
        format!("/size:{width}x{height}"),
    ];
    arguments.extend(ALWAYS.iter().map(|word| (*word).to_owned()));
    if let Some(program) = &rdp.program {
        arguments.push(format!("/shell:{}", program.as_str()));
    }
    if let Some(domain) = &rdp.domain {
        arguments.push(format!("/d:{}", domain.as_str()));
    }
    arguments
}

#[cfg(test)]
mod tests {
    use site::{Domain, Fingerprint, Host, Program};

    use super::*;

    /// Proves C3: the server is pinned, and nothing of the device is offered to it.
    #[test]
    fn the_server_is_pinned_and_gets_nothing() {
        let fingerprint = "0123456789abcdef".repeat(4);
        let rdp = Rdp {
            host: Host::parse("Terminal1.rz.example").unwrap(),
            port: 3390,
            certificate: Fingerprint::parse(&fingerprint).unwrap(),
            program: Program::parse(r"C:\Fach Verfahren\m.exe"),
            domain: Domain::parse("RZ"),
        };
        let all = arguments(&rdp, (1280, 640));
        for word in [
            "/v:terminal1.rz.example:3390",
            &format!("/cert:deny,fingerprint:sha256:{fingerprint}"),
            "/size:1280x640",
            "/sec:tls",
            "-clipboard",
            "/audio-mode:2",
            r"/shell:C:\Fach Verfahren\m.exe",
            "/d:RZ",
        ] {
            assert!(all.iter().any(|other| other == word), "{word} in {all:?}");
        }
        let offers = [
            "drive",
            "printer",
            "sound",
            "smartcard",
            "usb",
            "microphone",
            "serial",
            "parallel",
            "home-drive",
        ];
        for word in &all {
            let name = word.trim_start_matches(['/', '+']).split(':').next();
            assert!(!name.is_some_and(|name| offers.contains(&name)), "{word}");
            assert!(word != "+clipboard");
        }
        let plain = Rdp {
            program: None,
            domain: None,
            ..rdp
        };
        let plain = arguments(&plain, (800, 600));
        assert!(
            !plain
                .iter()
                .any(|word| word.starts_with("/shell") || word.starts_with("/d:"))
        );
    }
}
