// SPDX-License-Identifier: EUPL-1.2
//! Fetching package files with apt's own downloader, which knows the host's proxies and certificates and checks every hash.

use std::path::Path;
use std::process::Command;

use crate::children;
use crate::error::{Error, FileContext, Result};
use crate::lock::Package;
use crate::packages::{Store, sha256};
use crate::progress::Stage;

/// How many packages one call fetches: keeps its command line short.
const BATCH: usize = 150;

/// Where files are until they are complete; an interrupted download goes on from here.
const INCOMING: &str = "incoming";

/// Fetches packages into the store. What the address does not have is no error; no answer at all is one if `needed`.
pub fn fetch(
    store: &Store,
    packages: &[&Package],
    address: &dyn Fn(&Package) -> String,
    needed: bool,
    stage: &mut Stage,
) -> Result<()> {
    let wanted: Vec<&Package> = packages.iter().copied().filter(|p| !store.has(p)).collect();
    let incoming = store.root().join(INCOMING);
    std::fs::create_dir_all(&incoming).at("create", &incoming)?;
    let mut fetched = 0;
    for batch in wanted.chunks(BATCH) {
        let mut command = Command::new("/usr/lib/apt/apt-helper");
        command
            .env("LC_ALL", "C.UTF-8")
            .args(["-o", "APT::Sandbox::User=root"]);
        command.args([
            "-o",
            "Acquire::Retries=2",
            "-o",
            "Acquire::http::Timeout=30",
            "-o",
            "Acquire::https::Timeout=30",
        ]);
        command.arg("download-file");
        for package in batch {
            command
                .arg(address(package))
                .arg(incoming.join(&package.sha256));
            command.arg(format!("SHA256:{}", package.sha256));
        }
        let mut said = String::new();
        let status = children::logged(&mut command, stage.log(), |line| {
            if line.starts_with("Get:") {
                fetched += 1;
                stage.count(fetched, wanted.len() as u64);
            }
            said.push_str(line);
            said.push('\n');
        })?;
        if !status.success() {
            refuse_changed(batch, &incoming)?;
        }
        for package in batch {
            accept(store, package, &incoming)?;
        }
        if !status.success() && !is_only_absence(&said) {
            let what = "the mirror did not answer for every package; what was fetched is kept";
            return if needed {
                Err(stage.failure(what))
            } else {
                Ok(())
            };
        }
    }
    Ok(())
}

/// Whether all errors say that a file is not there, and none that the server is not.
fn is_only_absence(said: &str) -> bool {
    const ABSENT: &[&str] = &[" 404 ", " 410 ", "Failed to stat", "File not found"];
    let mut errors = said
        .lines()
        .filter(|line| line.starts_with("E: Failed to fetch"));
    errors.all(|line| ABSENT.iter().any(|words| line.contains(words)))
}

/// Where apt did not complain, and after [`refuse_changed`] where it did, a file of the right length has the right hash.
fn accept(store: &Store, package: &Package, incoming: &Path) -> Result<()> {
    let from = incoming.join(&package.sha256);
    if !from.metadata().is_ok_and(|meta| meta.len() == package.size) {
        return Ok(());
    }
    let to = store.file(package);
    if let Some(dir) = to.parent() {
        std::fs::create_dir_all(dir).at("create", dir)?;
    }
    std::fs::rename(&from, &to).at("rename", &from)
}

/// A file with a wrong hash has the name `….FAILED` from apt 2, its own from apt 3: then the mirror serves something else than
/// the lock names.
fn refuse_changed(batch: &[&Package], incoming: &Path) -> Result<()> {
    for package in batch {
        let own = incoming.join(&package.sha256);
        for file in [own.with_extension("FAILED"), own.clone()] {
            let Ok(meta) = file.metadata() else {
                continue;
            };
            // Under its own name it goes on from there next time. An empty one is what is left of a connection that broke.
            let broken_off = file == own && meta.len() < package.size;
            if broken_off || meta.len() == 0 {
                continue;
            }
            let found = sha256(std::slice::from_ref(&file))?
                .remove(&file)
                .unwrap_or_default();
            if found != package.sha256 {
                std::fs::remove_file(&file).at("remove", &file)?;
                let fix = "the mirror serves another file under this name: try another mirror (AMTSNAH_MIRROR)";
                return Err(mismatch(package, found, fix));
            }
        }
    }
    Ok(())
}

/// Says which package is not the locked one.
pub fn mismatch(package: &Package, found: String, fix: &str) -> Error {
    Error::Mismatch {
        package: package.title(),
        expected: package.sha256.clone(),
        found,
        fix: fix.to_owned(),
    }
}

/// The address of a package below `base`, with apt's own way to write a path.
pub fn address(base: &str, package: &Package) -> String {
    // apt would only link to a file of a local mirror.
    let base = base
        .strip_prefix("file:")
        .map_or_else(|| base.to_owned(), |path| format!("copy:{path}"));
    let path = package
        .path
        .replace('%', "%25")
        .replace('~', "%7e")
        .replace('+', "%2b")
        .replace(':', "%3a");
    format!("{base}/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Cache;
    use crate::mirror::{Archive, Mirrors};
    use crate::progress::Progress;

    /// A mirror in a directory, a cache, and a package that the lock names.
    struct Bench {
        dir: tempfile::TempDir,
        mirrors: Mirrors,
        package: Package,
        progress: Progress,
        store: Store,
    }

    impl Bench {
        fn new(served: Option<&str>) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let pool = dir.path().join("mirror/pool/main/h");
            std::fs::create_dir_all(&pool).unwrap();
            if let Some(content) = served {
                std::fs::write(pool.join("hello_1~2_all.deb"), content).unwrap();
            }
            let base = format!("file:{}/mirror", dir.path().display());
            let mirrors = Mirrors {
                debian: base.clone(),
                security: base.clone(),
                snapshot: base,
            };
            let package = Package {
                name: "hello".to_owned(),
                version: "1~2".to_owned(),
                architecture: "all".to_owned(),
                archive: Archive::Debian,
                path: "pool/main/h/hello_1~2_all.deb".to_owned(),
                size: 5,
                sha256: crate::lock::digest(b"right"),
            };
            let cache = Cache::at(dir.path());
            let store = Store::open(&cache).unwrap();
            Self {
                mirrors,
                package,
                progress: Progress::new(cache, false),
                store,
                dir,
            }
        }

        fn fetch(&self) -> Result<Vec<Package>> {
            self.store.fetch(
                &[&self.package],
                &self.mirrors,
                "20260101T000000Z",
                &self.progress,
            )
        }
    }

    #[test]
    fn a_locked_package_is_fetched_once() {
        let bench = Bench::new(Some("right"));
        assert_eq!(bench.fetch().unwrap(), []);
        assert!(bench.store.has(&bench.package));
        std::fs::remove_dir_all(bench.dir.path().join("mirror")).unwrap();
        assert_eq!(bench.fetch().unwrap(), []);
        bench.store.verify(&[&bench.package]).unwrap();
    }

    #[test]
    fn another_file_under_the_same_name_is_refused() {
        let bench = Bench::new(Some("wrong"));
        let error = bench.fetch().unwrap_err().to_string();
        assert!(
            error.contains("hello 1~2") && error.contains(&crate::lock::digest(b"wrong")),
            "{error}"
        );
        assert!(!bench.store.has(&bench.package));
    }

    #[test]
    fn what_has_left_the_mirror_is_named() {
        let bench = Bench::new(None);
        assert_eq!(bench.fetch().unwrap(), std::slice::from_ref(&bench.package));
    }

    #[test]
    fn what_has_left_the_mirror_comes_from_the_snapshot() {
        let bench = Bench::new(None);
        let past = bench
            .dir
            .path()
            .join("mirror/debian/20260101T000000Z/pool/main/h");
        std::fs::create_dir_all(&past).unwrap();
        std::fs::write(past.join("hello_1~2_all.deb"), "right").unwrap();
        assert_eq!(bench.fetch().unwrap(), []);
    }

    #[test]
    fn a_server_that_is_not_there_is_no_missing_package() {
        assert!(is_only_absence(
            "E: Failed to fetch http://m/a.deb  404  Not Found [IP: 10.0.0.1 80]"
        ));
        assert!(!is_only_absence(
            "E: Failed to fetch http://m/a.deb  Temporary failure resolving 'm'"
        ));
    }
}
