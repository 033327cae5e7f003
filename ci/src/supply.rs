// SPDX-License-Identifier: EUPL-1.2
//! From the lock to files: what is locked, where it can be had; loudly something near where it can not.

use crate::cache::Cache;
use crate::checkout::Checkout;
use crate::error::{Error, FileContext, Result};
use crate::lock::{self, Lock, Package};
use crate::mirror::Mirrors;
use crate::packages::Store;
use crate::progress::Progress;
use crate::{resolve, wants};

/// What to do about packages that have left mirror, cache and snapshot service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Only what is locked: for what others rely on.
    Exact,
    /// What the mirror has now, after saying what moved: for working on the code.
    Nearest,
}

/// The lock that holds for this run, with every package file in the store.
#[derive(Debug)]
pub struct Supply {
    /// The lock, or what stands in for it.
    pub lock: Lock,
    /// The files.
    pub store: Store,
    /// Whether it is exactly what the checkout locks.
    pub exact: bool,
}

/// Provides the files of the lock.
pub fn provide(
    checkout: &Checkout,
    cache: &Cache,
    policy: Policy,
    progress: &Progress,
) -> Result<Supply> {
    let locked = Lock::read(&checkout.lock())?;
    let (toolbox, image) = (wants::toolbox(checkout)?, wants::image(checkout)?);
    check_wants(&locked, &toolbox, &image)?;
    let mirrors = Mirrors::of_host()?;
    let store = Store::open(cache)?;
    let gone = store.fetch(&all(&locked), &mirrors, &locked.snapshot(), progress)?;
    if gone.is_empty() {
        return Ok(Supply {
            lock: locked,
            store,
            exact: true,
        });
    }
    let names = gone
        .iter()
        .map(Package::title)
        .collect::<Vec<_>>()
        .join(", ");
    if policy == Policy::Exact {
        let what = format!(
            "{} locked packages are neither on the mirror, in the cache nor at the snapshot service: {names}",
            gone.len()
        );
        return Err(Error::needs(
            what,
            "lock what the mirror has now: `cargo os lock --update`, and commit image/packages.lock",
        ));
    }
    let near = substitute(
        cache,
        &mirrors,
        &store,
        &locked,
        (&toolbox, &image),
        progress,
    )?;
    let mut lines = lock::moved(&locked.toolbox, &near.toolbox);
    lines.extend(lock::moved(&locked.image, &near.image));
    lines.sort();
    lines.dedup();
    progress.warn(&format!(
        "NOT THE LOCKED PACKAGES. {} have left the mirror, so this run uses what it has now. What moved:\n  {}\n\
         `cargo os lock --update` makes this the lock.",
        gone.len(),
        lines.join("\n  ")
    ));
    let gone = store.fetch(&all(&near), &mirrors, &near.snapshot(), progress)?;
    if let Some(package) = gone.first() {
        let what = format!(
            "{} is on the mirror's list but not on the mirror",
            package.title()
        );
        return Err(Error::needs(
            what,
            "check the network, or wait until the mirror is in order again",
        ));
    }
    Ok(Supply {
        lock: near,
        store,
        exact: false,
    })
}

/// Every package of a lock once.
pub fn all(lock: &Lock) -> Vec<&Package> {
    let mut packages: Vec<&Package> = lock
        .toolbox
        .packages
        .iter()
        .chain(&lock.image.packages)
        .collect();
    packages.sort();
    packages.dedup();
    packages
}

fn check_wants(lock: &Lock, toolbox: &[String], image: &[String]) -> Result<()> {
    let mut unlocked = lock.toolbox.unlocked(toolbox);
    unlocked.extend(lock.image.unlocked(image));
    if unlocked.is_empty() {
        return Ok(());
    }
    let what = format!(
        "asked for but not in image/packages.lock: {}",
        unlocked.join(", ")
    );
    Err(Error::needs(
        what,
        "run `cargo os lock --add` and commit image/packages.lock",
    ))
}

/// Resolves anew, so that what comes fits together. The result is kept and used as long as the lock and its files are there, so
/// that a second run works with the same packages as the first.
fn substitute(
    cache: &Cache,
    mirrors: &Mirrors,
    store: &Store,
    locked: &Lock,
    wants: (&[String], &[String]),
    progress: &Progress,
) -> Result<Lock> {
    let (toolbox, image) = wants;
    let name = format!("{}-{}.lock", locked.toolbox.key(), locked.image.key());
    let note = cache.place(&format!("substitute/{name}"))?;
    if let Ok(kept) = Lock::read(&note)
        && check_wants(&kept, toolbox, image).is_ok()
        && all(&kept).iter().all(|package| store.has(package))
    {
        return Ok(kept);
    }
    let near = resolve::lock(cache, mirrors, None, wants, progress)?;
    std::fs::write(&note, near.format()).at("write", &note)?;
    Ok(near)
}
