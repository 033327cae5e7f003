// SPDX-License-Identifier: EUPL-1.2
//! Where everything lives that is not source: outside the checkout, shared by all checkouts of one person.

use std::path::{Path, PathBuf};

use crate::error::{Error, FileContext, Result};

/// The cache directory and the places in it.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// `AMTSNAH_CACHE`, or `amtsnah` below the user's cache directory.
    pub fn open() -> Result<Self> {
        let root = match std::env::var_os("AMTSNAH_CACHE").filter(|v| !v.is_empty()) {
            Some(path) => std::path::absolute(&path).at("find", Path::new(&path))?,
            None => user_cache().ok_or_else(|| {
                Error::needs(
                    "there is no home directory to cache in",
                    "set AMTSNAH_CACHE to a directory with 12 GB of space, 40 GB for all tests",
                )
            })?,
        };
        std::fs::create_dir_all(&root).at("create", &root)?;
        Ok(Self { root })
    }

    /// A cache in a directory of a test.
    #[cfg(test)]
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The cache itself, `/cache` in the toolbox.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A place in the cache; its parent directories exist afterwards.
    pub fn place(&self, relative: &str) -> Result<PathBuf> {
        let path = self.root.join(relative);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).at("create", parent)?;
        }
        Ok(path)
    }

    /// A directory in the cache; it exists afterwards.
    pub fn dir(&self, relative: &str) -> Result<PathBuf> {
        let path = self.root.join(relative);
        std::fs::create_dir_all(&path).at("create", &path)?;
        Ok(path)
    }

    /// Waits until no other `cargo os` works on the same thing; ends when the result is dropped.
    pub fn exclusive(&self, name: &str) -> Result<std::fs::File> {
        let path = self.place(&format!("busy/{name}"))?;
        let file = std::fs::File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .at("open", &path)?;
        if file.try_lock().is_err() {
            eprintln!("waiting for another `cargo os` that is at work on the {name} …");
            file.lock().at("lock", &path)?;
        }
        Ok(file)
    }

    /// The log of a stage, without what earlier runs wrote.
    pub fn log(&self, stage: &str) -> Result<PathBuf> {
        let name: String = stage
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let path = self.dir("logs")?.join(format!("{name}.log"));
        std::fs::write(&path, "").at("write", &path)?;
        Ok(path)
    }
}

fn user_cache() -> Option<PathBuf> {
    let xdg = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|p| p.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    xdg.or_else(home).map(|base| base.join("amtsnah"))
}
