// SPDX-License-Identifier: EUPL-1.2
//! A local apt repository of exactly the locked packages: the only one that toolbox and images are installed from.
//!
//! It needs no signature: each file was verified against the lock, and apt verifies it once more against this index.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Cache;
use crate::children::{self, Partial};
use crate::error::{FileContext, Result};
use crate::lock::{Package, Set, digest};
use crate::packages::Store;
use crate::progress::Progress;

/// The only suite of the repository.
pub const SUITE: &str = "trixie";

/// Changes whenever the form of the repository does, so that old ones are not reused.
const FORM: &str = "1";

/// Where the repository of a set is.
pub fn place(cache: &Cache, set: &Set) -> PathBuf {
    cache
        .root()
        .join("repo")
        .join(format!("{}-{FORM}", set.key()))
}

/// Makes the repository of a set unless it is there.
pub fn make(
    cache: &Cache,
    store: &Store,
    name: &str,
    set: &Set,
    date: &str,
    progress: &Progress,
) -> Result<PathBuf> {
    let place = place(cache, set);
    if place.is_dir() {
        return Ok(place);
    }
    cache.dir("repo")?;
    progress.stage(&format!("repository {name}"), |stage| {
        let packages: Vec<&Package> = set.packages.iter().collect();
        stage.note("verifying");
        store.verify(&packages)?;
        let partial = Partial::at(place.with_extension("partial"))?;
        let pool = partial.path().join("pool");
        std::fs::create_dir_all(&pool).at("create", &pool)?;
        let mut index = String::new();
        for (done, package) in packages.iter().enumerate() {
            stage.count(done as u64, packages.len() as u64);
            let file = store.file(package);
            let name = file_name(package);
            link(&file, &pool.join(&name))?;
            let control = control(&file)?;
            index.push_str(&entry(&control, package, &name));
        }
        write_index(partial.path(), &index, date)?;
        partial.keep_as(&place)
    })?;
    Ok(place)
}

/// As in Debian's own pool: without the epoch, whose colon is not liked in file names.
fn file_name(package: &Package) -> String {
    let version = package
        .version
        .split_once(':')
        .map_or(package.version.as_str(), |(_, rest)| rest);
    format!("{}_{version}_{}.deb", package.name, package.architecture)
}

fn link(from: &Path, to: &Path) -> Result<()> {
    // Linking fails across file systems.
    std::fs::hard_link(from, to)
        .or_else(|_| std::fs::copy(from, to).map(|_| ()))
        .at("link", to)
}

/// The control data of a package file, cached beside it.
fn control(file: &Path) -> Result<String> {
    let cached = file.with_extension("control");
    if let Ok(text) = std::fs::read_to_string(&cached) {
        return Ok(text);
    }
    let text = children::output(
        Command::new("dpkg-deb")
            .env("LC_ALL", "C.UTF-8")
            .arg("--field")
            .arg(file),
    )?;
    let partial = file.with_extension("control-partial");
    std::fs::write(&partial, &text).at("write", &partial)?;
    std::fs::rename(&partial, &cached).at("rename", &partial)?;
    Ok(text)
}

fn entry(control: &str, package: &Package, name: &str) -> String {
    let mut entry = control.trim_end().to_owned();
    let _ = write!(
        entry,
        "\nFilename: pool/{}\nSize: {}\nSHA256: {}\n\n",
        name, package.size, package.sha256
    );
    entry
}

fn write_index(root: &Path, index: &str, date: &str) -> Result<()> {
    let dir = root.join("dists").join(SUITE);
    let packages = dir.join("main/binary-amd64/Packages");
    if let Some(parent) = packages.parent() {
        std::fs::create_dir_all(parent).at("create", parent)?;
    }
    std::fs::write(&packages, index).at("write", &packages)?;
    let release = dir.join("Release");
    std::fs::write(&release, release_text(index, date)).at("write", &release)
}

fn release_text(index: &str, date: &str) -> String {
    format!(
        "Origin: Amtsnah\nLabel: Amtsnah\nSuite: {SUITE}\nCodename: {SUITE}\nDate: {}\nArchitectures: amd64\nComponents: main\n\
         Description: The locked packages\nSHA256:\n {} {} main/binary-amd64/Packages\n",
        rfc_date(date),
        digest(index.as_bytes()),
        index.len()
    )
}

/// `20261121T091544Z` as apt wants it; the day's name is not looked at, so it is always the same.
fn rfc_date(date: &str) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let part = |from: usize, to: usize| date.get(from..to).unwrap_or("01");
    let month = part(4, 6)
        .parse::<usize>()
        .ok()
        .and_then(|m| MONTHS.get(m.wrapping_sub(1)))
        .copied()
        .unwrap_or("Jan");
    format!(
        "Thu, {} {month} {} {}:{}:{} UTC",
        part(6, 8),
        part(0, 4),
        part(9, 11),
        part(11, 13),
        part(13, 15)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_file_is_the_same_for_the_same_lock() {
        let text = release_text("Package: a\n", "20261121T091544Z");
        assert!(
            text.contains("Date: Thu, 21 Nov 2026 09:15:44 UTC\n"),
            "{text}"
        );
        assert!(text.ends_with(" 11 main/binary-amd64/Packages\n"), "{text}");
        assert_eq!(rfc_date("nonsense"), rfc_date("nonsense"));
    }
}
