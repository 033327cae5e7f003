// SPDX-License-Identifier: EUPL-1.2
//! The store of package files: each under the SHA-256 that the lock names, fetched once, verified before it counts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Cache;
use crate::children;
use crate::error::{Error, FileContext, Result};
use crate::lock::Package;
use crate::mirror::Mirrors;
use crate::progress::{Progress, Stage};

/// How many packages one call of apt fetches: keeps its command line short.
const BATCH: usize = 150;

/// Package files in the cache.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The store of this cache.
    pub fn open(cache: &Cache) -> Result<Self> {
        Ok(Self {
            root: cache.dir("packages")?,
        })
    }

    /// Where the file of a package is, or will be.
    pub fn file(&self, package: &Package) -> PathBuf {
        self.root
            .join(&package.sha256[..2])
            .join(format!("{}.deb", package.sha256))
    }

    /// Fetches what is not there yet; returns what neither the mirror nor the snapshot service has.
    pub fn fetch(
        &self,
        packages: &[&Package],
        mirrors: &Mirrors,
        date: &str,
        progress: &Progress,
    ) -> Result<Vec<Package>> {
        let missing: Vec<&Package> = packages.iter().copied().filter(|p| !self.has(p)).collect();
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let gone = progress.stage("packages", |stage| {
            self.fetch_from(
                &missing,
                &|p| format!("{}/{}", mirrors.address(p.archive), escape(&p.path)),
                stage,
            )
        })?;
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let gone = progress.stage("packages of the past", |stage| {
            let address = |p: &Package| {
                format!(
                    "{}/{}/{date}/{}",
                    mirrors.snapshot,
                    p.archive.name(),
                    escape(&p.path)
                )
            };
            // One package tells whether the service can be reached at all, before hundreds wait for it.
            let probe = self.fetch_from(&gone[..1], &address, stage)?;
            if gone.len() == 1 || !probe.is_empty() && stage_says_unreachable(stage) {
                return Ok(gone.clone());
            }
            self.fetch_from(&gone, &address, stage)
        })?;
        Ok(gone.into_iter().filter(|p| !self.has(p)).cloned().collect())
    }

    fn has(&self, package: &Package) -> bool {
        self.file(package)
            .metadata()
            .is_ok_and(|meta| meta.len() == package.size)
    }

    /// Fetches with apt's own downloader, which knows the host's proxies, and checks every hash. Returns what was not to be had.
    fn fetch_from<'p>(
        &self,
        packages: &[&'p Package],
        address: &dyn Fn(&Package) -> String,
        stage: &mut Stage,
    ) -> Result<Vec<&'p Package>> {
        let total = packages.iter().filter(|p| !self.has(p)).count() as u64;
        let incoming = self.root.join("incoming");
        std::fs::create_dir_all(&incoming).at("create", &incoming)?;
        let mut fetched = 0;
        let wanted: Vec<&Package> = packages.iter().copied().filter(|p| !self.has(p)).collect();
        for batch in wanted.chunks(BATCH) {
            let mut command = Command::new("/usr/lib/apt/apt-helper");
            command.env("LC_ALL", "C.UTF-8");
            command.args([
                "-o",
                "APT::Sandbox::User=root",
                "-o",
                "Acquire::Retries=2",
                "-o",
                "Acquire::http::Timeout=30",
                "download-file",
            ]);
            for package in batch {
                command
                    .arg(address(package))
                    .arg(incoming.join(&package.sha256))
                    .arg(format!("SHA256:{}", package.sha256));
            }
            let status = children::logged(&mut command, stage.log(), |line| {
                if line.starts_with("Get:") {
                    fetched += 1;
                    stage.count(fetched, total);
                }
            })?;
            for package in batch {
                self.accept(package, &incoming)?;
            }
            if !status.success() {
                refuse_changed(batch, &incoming)?;
            }
        }
        Ok(packages.iter().copied().filter(|p| !self.has(p)).collect())
    }

    /// apt gives a file its name only after its hash was right.
    fn accept(&self, package: &Package, incoming: &Path) -> Result<()> {
        let from = incoming.join(&package.sha256);
        if !from.metadata().is_ok_and(|meta| meta.len() == package.size) {
            return Ok(());
        }
        let to = self.file(package);
        if let Some(dir) = to.parent() {
            std::fs::create_dir_all(dir).at("create", dir)?;
        }
        std::fs::rename(&from, &to).at("rename", &from)
    }

    /// Verifies files again that were fetched earlier: a disk can lie, and a cache can be shared.
    pub fn verify(&self, packages: &[&Package]) -> Result<()> {
        for batch in packages.chunks(400) {
            let files: Vec<PathBuf> = batch.iter().map(|p| self.file(p)).collect();
            let sums = sha256(&files)?;
            for (package, file) in batch.iter().zip(&files) {
                let found = sums.get(file).cloned().unwrap_or_default();
                if found != package.sha256 {
                    std::fs::remove_file(file).at("remove", file)?;
                    return Err(mismatch(
                        package,
                        found,
                        "the damaged file is removed: run the same command again to fetch it anew",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Removes files that are in none of `packages`; returns bytes freed.
    pub fn prune(&self, packages: &[&Package]) -> Result<u64> {
        let keep: std::collections::BTreeSet<&str> =
            packages.iter().map(|p| p.sha256.as_str()).collect();
        let mut freed = 0;
        for dir in std::fs::read_dir(&self.root)
            .at("list", &self.root)?
            .flatten()
        {
            for file in std::fs::read_dir(dir.path())
                .into_iter()
                .flatten()
                .flatten()
                .map(|f| f.path())
            {
                let stem = file
                    .file_stem()
                    .and_then(|s| s.to_str())
                    .unwrap_or_default();
                if !keep.contains(stem) {
                    freed += file.metadata().map_or(0, |m| m.len());
                    std::fs::remove_file(&file).at("remove", &file)?;
                }
            }
        }
        Ok(freed)
    }
}

fn stage_says_unreachable(stage: &Stage) -> bool {
    let log = std::fs::read_to_string(stage.log()).unwrap_or_default();
    [
        "Could not resolve",
        "Temporary failure resolving",
        "Could not connect",
        "Network is unreachable",
        "timed out",
    ]
    .iter()
    .any(|words| log.contains(words))
}

fn mismatch(package: &Package, found: String, fix: &str) -> Error {
    Error::Mismatch {
        package: package.title(),
        expected: package.sha256.clone(),
        found,
        fix: fix.to_owned(),
    }
}

/// apt keeps a file with a wrong hash as `….FAILED`: then the mirror serves something else than the lock names.
fn refuse_changed(batch: &[&Package], incoming: &Path) -> Result<()> {
    for package in batch {
        let failed = incoming.join(format!("{}.FAILED", package.sha256));
        // An empty or an unreadable file is an interrupted download, not another package.
        if failed
            .metadata()
            .is_ok_and(|meta| meta.len() == package.size)
        {
            let found = sha256(std::slice::from_ref(&failed))?
                .remove(&failed)
                .unwrap_or_default();
            std::fs::remove_file(&failed).at("remove", &failed)?;
            return Err(mismatch(
                package,
                found,
                "the mirror serves another file under this name: try another mirror (AMTSNAH_MIRROR)",
            ));
        }
        if failed.exists() {
            std::fs::remove_file(&failed).at("remove", &failed)?;
        }
    }
    Ok(())
}

/// SHA-256 of files, by coreutils: several times faster than an unoptimised build of this program.
pub fn sha256(files: &[PathBuf]) -> Result<BTreeMap<PathBuf, String>> {
    let mut sums = BTreeMap::new();
    if files.is_empty() {
        return Ok(sums);
    }
    let printed = children::output(Command::new("sha256sum").arg("--zero").args(files))?;
    for entry in printed.split('\0') {
        if let Some((sum, name)) = entry.split_once("  ") {
            sums.insert(PathBuf::from(name), sum.to_owned());
        }
    }
    Ok(sums)
}

/// apt's own way to write a path into an address.
fn escape(path: &str) -> String {
    path.replace('%', "%25")
        .replace('~', "%7e")
        .replace('+', "%2b")
        .replace(':', "%3a")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::Archive;

    fn package(content: &str) -> Package {
        Package {
            name: "hello".to_owned(),
            version: "1".to_owned(),
            architecture: "all".to_owned(),
            archive: Archive::Debian,
            path: "pool/main/h/hello/hello_1_all.deb".to_owned(),
            size: content.len() as u64,
            sha256: crate::lock::digest(content.as_bytes()),
        }
    }

    fn store(content: &str, package: &Package) -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store {
            root: dir.path().to_owned(),
        };
        let file = store.file(package);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, content).unwrap();
        (dir, store)
    }

    #[test]
    fn a_changed_file_is_named_and_removed() {
        let package = package("right");
        let (_dir, store) = store("wrong", &package);
        let error = store.verify(&[&package]).unwrap_err().to_string();
        assert!(
            error.contains("hello 1") && error.contains(&package.sha256),
            "{error}"
        );
        assert!(error.contains(&crate::lock::digest(b"wrong")), "{error}");
        assert!(!store.file(&package).exists());
    }

    #[test]
    fn only_locked_files_survive_pruning() {
        let package = package("right");
        let (_dir, store) = store("right", &package);
        assert_eq!(store.prune(&[&package]).unwrap(), 0);
        assert_eq!(store.prune(&[]).unwrap(), 5);
    }

    #[test]
    fn addresses_are_escaped() {
        assert_eq!(escape("pool/c++_1:2~3.deb"), "pool/c%2b%2b_1%3a2%7e3.deb");
    }
}
