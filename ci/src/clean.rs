// SPDX-License-Identifier: EUPL-1.2
//! Removing what can be made again.

use serde_json::json;

use crate::cache::Cache;
use crate::checkout::Checkout;
use crate::error::{FileContext, Result};
use crate::host;
use crate::lock::Lock;
use crate::packages::Store;
use crate::progress::Progress;
use crate::{repo, supply, toolbox};

/// Built things; without them everything is made again from packages and crates.
const BUILT: &[&str] = &[
    "build",
    "figures",
    "out",
    "target",
    "tmp",
    "logs",
    "mkosi",
    "verify",
    "stage",
    "substitute",
    "vm",
];

/// What else the cache holds, apart from the keys.
const FETCHED: &[&str] = &["toolbox", "repo", "packages", "apt", "cargo", "bin", "busy"];

/// Removes what is built, and toolboxes, repositories and packages that the lock no longer names; with `all` everything but keys.
pub fn clean(checkout: &Checkout, cache: &Cache, all: bool, progress: &Progress) -> Result<bool> {
    let before = host::free_space(cache.root())?;
    progress.stage("clean", |stage| {
        for name in BUILT.iter().chain(if all { FETCHED } else { &[] }) {
            // The log of this very stage is among them and stays.
            if *name != "logs" {
                stage.note(name);
                host::remove(&cache.root().join(name))?;
            }
        }
        if !all && let Ok(lock) = Lock::read(&checkout.lock()) {
            let keep = [
                toolbox::place(cache, &lock.toolbox),
                repo::place(cache, &lock.toolbox),
                repo::place(cache, &lock.image),
            ];
            for name in ["toolbox", "repo"] {
                let dir = cache.dir(name)?;
                for entry in std::fs::read_dir(&dir).at("list", &dir)?.flatten() {
                    if !keep.contains(&entry.path()) {
                        host::remove(&entry.path())?;
                    }
                }
            }
            Store::open(cache)?.prune(&supply::all(&lock))?;
        }
        Ok(())
    })?;
    let freed = host::free_space(cache.root())?.saturating_sub(before);
    progress.result(
        &format!("{} MiB freed", freed >> 20),
        &json!({"freed": freed}),
    );
    Ok(true)
}
