// SPDX-License-Identifier: EUPL-1.2
//! `image/packages.lock`: every Debian package of toolbox and images by name, version and SHA-256.
//!
//! One line a package, so that a change of the lock reads as a list of what moved.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Error, FileContext, Result};
use crate::mirror::Archive;

/// What the file starts with.
const HEADER: &str = "# Every Debian package of the toolbox and of the images. Written by `cargo os lock --update`.\n\
    # archive: suite, date of its Release file. want: a name that was asked for.\n\
    # deb: name, version, architecture, archive, pool path, size, SHA-256.\n";

/// One locked package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Debian's name.
    pub name: String,
    /// Exact version.
    pub version: String,
    /// `amd64` or `all`.
    pub architecture: String,
    /// Where it comes from.
    pub archive: Archive,
    /// Its path in the archive.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

impl Package {
    /// Name and version as a person reads it.
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

/// Packages that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Set {
    /// What was asked for, sorted.
    pub wants: Vec<String>,
    /// What that needs, sorted.
    pub packages: Vec<Package>,
}

impl Set {
    /// A short name for exactly these packages.
    pub fn key(&self) -> String {
        let mut text = String::new();
        for package in &self.packages {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{} {}", package.name, package.sha256);
        }
        digest(text.as_bytes())[..16].to_owned()
    }

    /// Names of `wants` that were not asked for when this set was locked.
    pub fn unlocked(&self, wants: &[String]) -> Vec<String> {
        wants
            .iter()
            .filter(|name| self.wants.binary_search(name).is_err())
            .cloned()
            .collect()
    }
}

/// The whole lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// Suites and the dates of their Release files, as `YYYYMMDDTHHMMSSZ`.
    pub suites: Vec<(String, String)>,
    /// The tree that everything is built in.
    pub toolbox: Set,
    /// What images are made of, all flavours together.
    pub image: Set,
}

impl Lock {
    /// Reads and checks a lock file.
    pub fn read(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::needs(
                format!("{} is missing", path.display()),
                "make it with `cargo os lock --update`",
            ));
        }
        let text = std::fs::read_to_string(path).at("read", path)?;
        Self::parse(&text).map_err(|(line, what)| Error::Syntax {
            path: path.to_owned(),
            line,
            what,
        })
    }

    /// The moment of the archive that this lock describes.
    pub fn date(&self) -> &str {
        self.suites
            .iter()
            .map(|(_, date)| date.as_str())
            .max()
            .unwrap_or("")
    }

    /// A moment at which the snapshot service has all of it: it takes in what was released some hours later.
    pub fn snapshot(&self) -> String {
        self.date()
            .split_once('T')
            .map_or_else(String::new, |(day, _)| format!("{day}T235959Z"))
    }

    /// Reads the text form; an error is a line number and what is wrong there.
    pub fn parse(text: &str) -> std::result::Result<Self, (usize, String)> {
        let mut lock = Self::default();
        let mut image = None;
        for (number, line) in text.lines().enumerate() {
            let fail = |what: &str| (number + 1, what.to_owned());
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                ["archive", suite, date] => {
                    lock.suites.push(((*suite).to_owned(), (*date).to_owned()));
                }
                ["set", "toolbox"] => image = Some(false),
                ["set", "image"] => image = Some(true),
                ["want" | "deb", rest @ ..] => {
                    let set = match image {
                        None => return Err(fail("a package outside of a set")),
                        Some(true) => &mut lock.image,
                        Some(false) => &mut lock.toolbox,
                    };
                    if words[0] == "deb" {
                        set.packages
                            .push(parse_package(rest).map_err(|what| fail(&what))?);
                    } else {
                        set.wants.extend(rest.iter().map(|name| (*name).to_owned()));
                    }
                }
                _ => return Err(fail("neither archive, set, want nor deb")),
            }
        }
        for set in [&mut lock.toolbox, &mut lock.image] {
            set.wants.sort();
            set.packages.sort();
        }
        Ok(lock)
    }

    /// The text form; the same lock always gives the same text.
    pub fn format(&self) -> String {
        let mut out = HEADER.to_owned();
        for (suite, date) in &self.suites {
            let _ = writeln!(out, "archive {suite} {date}");
        }
        for (name, set) in [("toolbox", &self.toolbox), ("image", &self.image)] {
            let _ = writeln!(out, "\nset {name}");
            for want in &set.wants {
                let _ = writeln!(out, "want {want}");
            }
            for p in &set.packages {
                let Package {
                    name,
                    version,
                    architecture,
                    path,
                    size,
                    sha256,
                    ..
                } = p;
                let _ = writeln!(
                    out,
                    "deb {name} {version} {architecture} {} {path} {size} {sha256}",
                    p.archive.name()
                );
            }
        }
        out
    }
}

fn parse_package(words: &[&str]) -> std::result::Result<Package, String> {
    let [name, version, architecture, archive, path, size, sha256] = words else {
        return Err("a package needs seven fields".to_owned());
    };
    // The path is appended to an address and its last part becomes a file name.
    if !path.starts_with("pool/") || path.split('/').any(|part| part.is_empty() || part == "..") {
        return Err(format!("`{path}` is no path in the pool"));
    }
    if name.contains('/') {
        return Err(format!("`{name}` is no package name"));
    }
    if sha256.len() != 64
        || !sha256
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    {
        return Err(format!("`{sha256}` is no SHA-256"));
    }
    Ok(Package {
        name: (*name).to_owned(),
        version: (*version).to_owned(),
        architecture: (*architecture).to_owned(),
        archive: Archive::named(archive).ok_or_else(|| format!("`{archive}` is no archive"))?,
        path: (*path).to_owned(),
        size: size.parse().map_err(|_| format!("`{size}` is no size"))?,
        sha256: (*sha256).to_owned(),
    })
}

/// SHA-256 of a short text in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// What differs between two sets, one line a package.
pub fn moved(old: &Set, new: &Set) -> Vec<String> {
    let find = |set: &Set, name: &str| {
        set.packages
            .iter()
            .find(|p| p.name == name)
            .map(|p| p.version.clone())
    };
    let mut lines = Vec::new();
    for package in &old.packages {
        match find(new, &package.name) {
            None => lines.push(format!("{} {} -> gone", package.name, package.version)),
            Some(version) if version != package.version => {
                lines.push(format!("{} {} -> {version}", package.name, package.version));
            }
            Some(_) => {}
        }
    }
    let added = new.packages.iter().filter(|p| find(old, &p.name).is_none());
    lines.extend(added.map(|p| format!("{} new {}", p.name, p.version)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn package() -> impl Strategy<Value = Package> {
        let words = (
            "[a-z][a-z0-9+.-]{1,12}",
            "[0-9][0-9a-z.+~:-]{0,12}",
            "[a-z]{1,8}",
            any::<u64>(),
            "[0-9a-f]{64}",
        );
        (words, any::<bool>()).prop_map(|((name, version, dir, size, sha256), security)| Package {
            path: format!("pool/main/{dir}/{name}.deb"),
            name,
            version,
            architecture: "all".to_owned(),
            archive: if security {
                Archive::Security
            } else {
                Archive::Debian
            },
            size,
            sha256,
        })
    }

    fn set() -> impl Strategy<Value = Set> {
        (
            prop::collection::vec("[a-z][a-z0-9-]{0,9}", 0..5),
            prop::collection::vec(package(), 0..6),
        )
            .prop_map(|(mut wants, mut packages)| {
                wants.sort();
                packages.sort();
                Set { wants, packages }
            })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(toolbox in set(), image in set(), date in "[0-9]{8}T[0-9]{6}Z") {
            let lock = Lock { suites: vec![("trixie".to_owned(), date)], toolbox, image };
            prop_assert_eq!(Lock::parse(&lock.format()), Ok(lock));
        }

        #[test]
        fn nothing_in_a_lock_file_panics(text in "(?s).{0,200}") {
            let _ = Lock::parse(&text);
        }
    }

    #[test]
    fn errors_name_the_line() {
        let hash = "0".repeat(64);
        assert_eq!(
            Lock::parse("\ndeb a 1 all debian pool/a 1 x")
                .unwrap_err()
                .0,
            2
        );
        assert_eq!(
            Lock::parse("set image\ndeb a 1 all debian pool/a 1 x").unwrap_err(),
            (2, "`x` is no SHA-256".to_owned())
        );
        let escape = format!("set image\ndeb a 1 all debian pool/../../a.deb 1 {hash}");
        assert!(
            Lock::parse(&escape)
                .unwrap_err()
                .1
                .contains("no path in the pool")
        );
    }

    #[test]
    fn the_list_of_what_moved() {
        let hash = "0".repeat(64);
        let lock = |line: &str| {
            Lock::parse(&format!("set image\n{}", line.replace('H', &hash)))
                .unwrap()
                .image
        };
        let old = lock("deb a 1 all debian pool/a 1 H\ndeb b 1 all debian pool/b 1 H");
        let new = lock("deb a 2 all debian pool/a 1 H\ndeb c 1 all debian pool/c 1 H");
        assert_eq!(moved(&old, &new), ["a 1 -> 2", "b 1 -> gone", "c new 1"]);
    }
}
