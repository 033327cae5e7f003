// SPDX-License-Identifier: EUPL-1.2
//! SANE as it is met here: Debian's `scanimage`, with a configuration of our own, and what its end says.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use api::scan::{DPI, Trouble};
use site::Site;

/// Where ipp-usb has what is plugged in (`recipes/printing`): from its first port on, one each.
const USB: std::ops::Range<u16> = 60_000..60_004;
/// A4, in millimetres.
const PAGE: (u16, u16) = (210, 297);
/// The most scanners that are tried.
const MOST: usize = 16;
/// The longest name of a scanner.
const NAME: usize = 200;

/// SANE, and its configuration.
#[derive(Clone, Debug)]
pub struct Sane {
    /// `scanimage`.
    pub program: PathBuf,
    /// The directory of its configuration.
    pub configuration: PathBuf,
}

/// The scanners that the site may use: what it names, then what is plugged in.
pub fn urls(site: &Site) -> impl Iterator<Item = String> {
    let named = site.scan.scanners.iter().map(ToString::to_string);
    named.chain(USB.map(|port| format!("http://127.0.0.1:{port}/eSCL")))
}

/// The configuration for them. Nothing else is looked for.
pub fn configure(directory: &Path, site: &Site) -> io::Result<()> {
    let mut airscan = "[devices]\n".to_owned();
    for (i, url) in urls(site).enumerate() {
        let _ = writeln!(airscan, "{i} = {url}, eSCL");
    }
    airscan += "[options]\ndiscovery = disable\nws-discovery = off\n";
    fs::create_dir_all(directory)?;
    fs::write(directory.join("dll.conf"), "airscan\n")?;
    fs::write(directory.join("airscan.conf"), airscan)
}

impl Sane {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("SANE_CONFIG_DIR", &self.configuration)
            .current_dir("/");
        command
    }

    /// Scans a page on the scanner of this name, to standard output.
    pub fn page(&self, scanner: &str) -> Command {
        let mut command = self.command();
        command
            .arg(format!("--device-name={scanner}"))
            .args(["--format=pnm", "--mode=Color"])
            .arg(format!("--resolution={DPI}"))
            .args(["-l", "0", "-t", "0"])
            .args(["-x", &PAGE.0.to_string(), "-y", &PAGE.1.to_string()]);
        command
    }

    /// Does nothing with the scanner of this name but to see that it is there.
    pub fn open(&self, scanner: &str) -> Command {
        let mut command = self.command();
        command
            .arg(format!("--device-name={scanner}"))
            .arg("--dont-scan");
        command
    }

    /// Lists the names of all scanners that there may be, a line each.
    pub fn list(&self) -> Command {
        let mut command = self.command();
        command.arg("--formatted-device-list=%d%n");
        command
    }
}

/// The scanners of a list.
pub fn names(list: &str) -> impl Iterator<Item = &str> {
    let is_name =
        |name: &&str| !name.is_empty() && name.len() <= NAME && !name.contains(char::is_control);
    list.lines().filter(is_name).take(MOST)
}

/// What the end of `scanimage` says: it ends with the status of SANE, which are numbers of its standard.
pub fn trouble(code: Option<i32>) -> Option<Trouble> {
    Some(match code {
        Some(0) => return None,
        // Device busy; warming up.
        Some(3 | 12) => Trouble::Busy,
        Some(6) => Trouble::Jam,
        Some(7) => Trouble::NoPaper,
        Some(8) => Trouble::CoverOpen,
        // Not supported, or it could not be opened; invalid argument, end of file, I/O error, access denied; a backend that fell.
        Some(1 | 4 | 5 | 9 | 11) | None => Trouble::Gone,
        Some(_) => Trouble::Other,
    })
}

/// What a line that `scanimage` says tells of the scanner: the words of `sane_strstatus` after the call that failed.
pub fn overheard(line: &str) -> Option<Trouble> {
    let (call, status) = line.strip_prefix("scanimage: ")?.split_once(": ")?;
    if !call.starts_with("sane_") {
        return None;
    }
    Some(match status.trim_end() {
        "Device busy" => Trouble::Busy,
        "Document feeder jammed" => Trouble::Jam,
        "Document feeder out of documents" => Trouble::NoPaper,
        "Scanner cover is open" => Trouble::CoverOpen,
        "Error during device I/O" | "Invalid argument" | "Operation not supported" => Trouble::Gone,
        _ => Trouble::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves C13, T6: what is said of a scanner is told apart as its end is, and nothing else is taken for it.
    #[test]
    fn words_are_told_apart() {
        let said = |words: &str| overheard(&format!("scanimage: sane_read: {words}"));
        assert_eq!(said("Document feeder jammed"), trouble(Some(6)));
        assert_eq!(said("Document feeder out of documents"), trouble(Some(7)));
        assert_eq!(said("Scanner cover is open"), trouble(Some(8)));
        assert_eq!(said("Device busy\n"), trouble(Some(3)));
        assert_eq!(said("Error during device I/O"), trouble(Some(9)));
        assert_eq!(said("Out of memory"), Some(Trouble::Other));
        for other in [
            "scanimage: trying to stop scanner",
            "sane_read: Device busy",
            "scanimage: rounded value",
            "",
        ] {
            assert_eq!(overheard(other), None, "{other}");
        }
    }

    /// Proves T6: what can be no scanner is none.
    #[test]
    fn names_are_names() {
        let long = "x".repeat(NAME + 1);
        let list = format!("\n{long}\nairscan:e0:0\nairscan:e1:1\n");
        let names: Vec<&str> = names(&list).collect();
        assert_eq!(names, ["airscan:e0:0", "airscan:e1:1"]);
    }

    /// Proves C13, T6: what a person can do something about is told apart, and no end but a good one is taken for all is well.
    #[test]
    fn ends_are_told_apart() {
        assert_eq!(trouble(Some(0)), None);
        assert_eq!(trouble(Some(7)), Some(Trouble::NoPaper));
        assert_eq!(trouble(None), Some(Trouble::Gone));
        assert!((1..300).all(|code| trouble(Some(code)).is_some()));
    }
}
