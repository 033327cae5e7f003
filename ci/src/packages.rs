// SPDX-License-Identifier: EUPL-1.2
//! The store of package files: each under the SHA-256 that the lock names, fetched once, verified before it counts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Cache;
use crate::children;
use crate::error::{FileContext, Result};
use crate::fetch;
use crate::lock::Package;
use crate::mirror::Mirrors;
use crate::progress::Progress;

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
        progress.stage("packages", |stage| {
            let address = |p: &Package| fetch::address(mirrors.address(p.archive), p);
            fetch::fetch(self, &missing, &address, true, stage)
        })?;
        let gone: Vec<&Package> = missing.into_iter().filter(|p| !self.has(p)).collect();
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        progress.stage("packages of the past", |stage| {
            let base = |p: &Package| format!("{}/{}/{date}", mirrors.snapshot, p.archive.name());
            let address = |p: &Package| fetch::address(&base(p), p);
            // One tells whether the service can be reached at all, before hundreds wait for it.
            let (probe, rest) = gone.split_at(1);
            fetch::fetch(self, probe, &address, false, stage)?;
            if self.has(probe[0]) {
                fetch::fetch(self, rest, &address, false, stage)
            } else {
                Ok(())
            }
        })?;
        Ok(gone.into_iter().filter(|p| !self.has(p)).cloned().collect())
    }

    /// The directory of the store.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the file of a package is there.
    pub fn has(&self, package: &Package) -> bool {
        self.file(package)
            .metadata()
            .is_ok_and(|meta| meta.len() == package.size)
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
                    return Err(fetch::mismatch(
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
        let keep: BTreeSet<&str> = packages.iter().map(|p| p.sha256.as_str()).collect();
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
}
