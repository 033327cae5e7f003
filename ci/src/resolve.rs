// SPDX-License-Identifier: EUPL-1.2
//! Asks apt which packages a set needs. apt resolves, with the host's mirror and proxies but none of the host's state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use crate::cache::Cache;
use crate::children;
use crate::error::{Error, FileContext, Result};
use crate::lock::{Lock, Package, Set};
use crate::mirror::{Archive, Mirrors};
use crate::progress::Progress;

/// The key that signs Debian's archives.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// What mmdebstrap installs before anything that is asked for.
const TOOLBOX_BASE: &[&str] = &["?essential", "apt", "base-files"];

/// What mkosi installs before anything that is asked for.
const IMAGE_BASE: &[&str] = &["?essential", "base-files"];

/// Resolves both sets, of the toolbox and of the images, against what the mirror has now. What `keep` has locked stays in its version as
/// long as the mirror has that.
pub fn lock(
    cache: &Cache,
    mirrors: &Mirrors,
    keep: Option<&Lock>,
    (toolbox, image): (&[String], &[String]),
    progress: &Progress,
) -> Result<Lock> {
    progress.stage("package lists", |stage| {
        let apt = Apt::new(cache, mirrors, keep)?;
        stage.run(apt.command("apt-get").arg("update").arg("--error-on=any"))?;
        stage.note("resolving");
        let suites = apt.suites()?;
        let toolbox = apt.resolve(TOOLBOX_BASE, toolbox)?;
        let image = apt.resolve(IMAGE_BASE, image)?;
        Ok(Lock {
            suites,
            toolbox,
            image,
        })
    })
}

struct Apt<'a> {
    state: PathBuf,
    config: PathBuf,
    mirrors: &'a Mirrors,
}

impl<'a> Apt<'a> {
    fn new(cache: &Cache, mirrors: &'a Mirrors, keep: Option<&Lock>) -> Result<Self> {
        let state = cache.dir("apt")?;
        for dir in ["lists/partial", "cache/archives/partial"] {
            cache.dir(&format!("apt/{dir}"))?;
        }
        let config = state.join("apt.conf");
        let sources = state.join("sources.list");
        let status = state.join("status");
        let d = state.display();
        // No lists of translations, icons or contents: only what resolving needs.
        let text = format!(
            "Dir::State \"{d}\";\nDir::State::lists \"{d}/lists\";\nDir::State::status \"{d}/status\";\n\
             Dir::Cache \"{d}/cache\";\nDir::Etc::sourcelist \"{d}/sources.list\";\nDir::Etc::sourceparts \"/dev/null\";\n\
             Dir::Etc::preferences \"{d}/preferences\";\nDir::Etc::preferencesparts \"/dev/null\";\n\
             APT::Architecture \"amd64\";\nAPT::Architectures {{ \"amd64\"; }};\nAPT::Install-Recommends \"false\";\n\
             APT::Sandbox::User \"root\";\nAcquire::Languages \"none\";\n\
             Acquire::IndexTargets::deb::DEP-11::DefaultEnabled \"false\";\nAcquire::IndexTargets::deb::CNF::DefaultEnabled \"false\";\n\
             #clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n"
        );
        std::fs::write(&config, text).at("write", &config)?;
        std::fs::write(&sources, mirrors.sources_list(KEYRING)).at("write", &sources)?;
        std::fs::write(&status, "").at("write", &status)?;
        let preferences = state.join("preferences");
        let pins = keep.map(pins).unwrap_or_default();
        std::fs::write(&preferences, pins).at("write", &preferences)?;
        Ok(Self {
            state,
            config,
            mirrors,
        })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("LC_ALL", "C.UTF-8").arg("-c").arg(&self.config);
        command
    }

    /// Dates of the Release files, the proof of what was resolved against.
    fn suites(&self) -> Result<Vec<(String, String)>> {
        let lists = self.state.join("lists");
        let mut found = BTreeMap::new();
        for entry in std::fs::read_dir(&lists).at("list", &lists)? {
            let path = entry.at("list", &lists)?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let Some(suite) = name
                .strip_suffix("_InRelease")
                .and_then(|n| n.rsplit_once("_dists_"))
                .map(|(_, suite)| suite)
            else {
                continue;
            };
            let text = std::fs::read_to_string(&path).at("read", &path)?;
            let date = text
                .lines()
                .find_map(|line| line.strip_prefix("Date: "))
                .and_then(timestamp);
            let date = date.ok_or_else(|| {
                Error::needs(
                    format!("the Release file of {suite} has no date"),
                    "ask whoever keeps the mirror",
                )
            })?;
            found.insert(suite.to_owned(), date);
        }
        Ok(found.into_iter().collect())
    }

    fn resolve(&self, base: &[&str], wants: &[String]) -> Result<Set> {
        let mut install = self.command("apt-get");
        install
            .args(["install", "--print-uris", "--yes", "-qq"])
            .args(base)
            .args(wants);
        let printed = children::output(&mut install)?;
        let wanted: Vec<Chosen> = printed
            .lines()
            .filter_map(|line| self.chosen(line))
            .collect();
        let mut show = self.command("apt-cache");
        show.arg("show")
            .args(wanted.iter().map(|c| format!("{}={}", c.name, c.version)));
        let stanzas = children::output(&mut show)?;
        let mut packages = BTreeSet::new();
        for stanza in stanzas.split("\n\n").map(fields) {
            let path = stanza.get("Filename").copied().unwrap_or_default();
            let Some(chosen) = wanted.iter().find(|c| c.path == path) else {
                continue;
            };
            packages.extend(package(&stanza, chosen.archive));
        }
        let missing: Vec<&str> = wanted
            .iter()
            .filter(|c| !packages.iter().any(|p: &Package| p.path == c.path))
            .map(|c| c.name.as_str())
            .collect();
        if !missing.is_empty() {
            let what = format!("the mirror's lists do not describe {}", missing.join(", "));
            return Err(Error::needs(
                what,
                "try again: the mirror may just be changing",
            ));
        }
        Ok(Set {
            wants: wants.to_vec(),
            packages: packages.into_iter().collect(),
        })
    }

    /// Reads a line `'address' file size hash` of `--print-uris`.
    fn chosen(&self, line: &str) -> Option<Chosen> {
        let (address, rest) = line.strip_prefix('\'')?.split_once("' ")?;
        let (name, rest) = rest.split_whitespace().next()?.split_once('_')?;
        let (version, _) = rest.rsplit_once('_')?;
        // The security address may begin with Debian's, so it is tried first.
        [Archive::Security, Archive::Debian]
            .into_iter()
            .find_map(|archive| {
                let path = address
                    .strip_prefix(self.mirrors.address(archive))?
                    .strip_prefix('/')?;
                Some(Chosen {
                    name: name.to_owned(),
                    version: unescape(version),
                    path: unescape(path),
                    archive,
                })
            })
    }
}

/// What makes apt choose the versions of a lock (`apt_preferences(5)`).
fn pins(lock: &Lock) -> String {
    let all = lock.toolbox.packages.iter().chain(&lock.image.packages);
    let stanzas: BTreeSet<String> = all
        .map(|p| {
            let (name, version) = (&p.name, &p.version);
            format!("Package: {name}\nPin: version {version}\nPin-Priority: 1001\n\n")
        })
        .collect();
    stanzas.into_iter().collect()
}

struct Chosen {
    name: String,
    version: String,
    path: String,
    archive: Archive,
}

/// The one-line fields of a package's description.
fn fields(stanza: &str) -> BTreeMap<&str, &str> {
    stanza
        .lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_once(": "))
        .collect()
}

fn package(stanza: &BTreeMap<&str, &str>, archive: Archive) -> Option<Package> {
    let field = |name: &str| stanza.get(name).map(|value| (*value).to_owned());
    Some(Package {
        name: field("Package")?,
        version: field("Version")?,
        architecture: field("Architecture")?,
        archive,
        path: field("Filename")?,
        size: field("Size")?.parse().ok()?,
        sha256: field("SHA256")?,
    })
}

/// Undoes apt's percent signs.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = |pair: &[u8]| {
            std::str::from_utf8(pair)
                .ok()
                .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        };
        match tail.get(..2).and_then(code) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `Sat, 21 Nov 2026 09:15:44 UTC` as `20261121T091544Z`.
fn timestamp(date: &str) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let words: Vec<&str> = date.split_whitespace().collect();
    let [_, day, month, year, time, _] = words.as_slice() else {
        return None;
    };
    let month = MONTHS.iter().position(|m| m == month)? + 1;
    let day: u8 = day.parse().ok()?;
    let year: u16 = year.parse().ok()?;
    Some(format!(
        "{year:04}{month:02}{day:02}T{}Z",
        time.replace(':', "")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_release_files() {
        assert_eq!(
            timestamp("Sat, 21 Nov 2026 09:15:44 UTC").unwrap(),
            "20261121T091544Z"
        );
        assert_eq!(
            timestamp("Sun,  1 Mar 2026 00:00:01 UTC").unwrap(),
            "20260301T000001Z"
        );
        assert_eq!(timestamp("yesterday"), None);
    }

    #[test]
    fn what_is_locked_is_pinned_once() {
        let text = "set toolbox\ndeb a 1:2 all debian pool/a 1 ".to_owned() + &"0".repeat(64);
        let both = format!("{text}\n{}", text.replace("toolbox", "image"));
        let lock = Lock::parse(&both).unwrap();
        assert_eq!(
            pins(&lock),
            "Package: a\nPin: version 1:2\nPin-Priority: 1001\n\n"
        );
    }

    #[test]
    fn percent_signs() {
        assert_eq!(
            unescape("passwd_1%3a4.17%7edeb_amd64"),
            "passwd_1:4.17~deb_amd64"
        );
        assert_eq!(unescape("100%"), "100%");
        assert_eq!(unescape("%zz%4"), "%zz%4");
    }

    #[test]
    fn a_printed_line_becomes_a_choice() {
        let mirrors = Mirrors {
            debian: "http://m/debian".to_owned(),
            security: "http://m/debian-security".to_owned(),
            snapshot: String::new(),
        };
        let apt = Apt {
            state: PathBuf::new(),
            config: PathBuf::new(),
            mirrors: &mirrors,
        };
        let line = "'http://m/debian-security/pool/updates/main/x/x/x_1%3a2_all.deb' x_1%3a2_all.deb 10 MD5Sum:0";
        let chosen = apt.chosen(line).unwrap();
        assert_eq!(
            (chosen.version.as_str(), chosen.path.as_str()),
            ("1:2", "pool/updates/main/x/x/x_1:2_all.deb")
        );
        assert_eq!(chosen.archive, Archive::Security);
        assert!(apt.chosen("Reading package lists...").is_none());
    }
}
