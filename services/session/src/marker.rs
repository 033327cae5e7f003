// SPDX-License-Identifier: EUPL-1.2
//! An empty file in memory that says: there is a session. A service that falls and comes back finds it, and erases what
//! it does not know; after a power cut there is nothing to find, and nothing to erase.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The file.
#[derive(Clone, Debug)]
pub struct Marker(PathBuf);

impl Marker {
    /// The marker in the directory `runtime`, which is in memory and outlives the service.
    pub fn in_dir(runtime: &Path) -> Self {
        Self(runtime.join("open"))
    }

    /// Whether there was a session.
    pub fn is_set(&self) -> std::io::Result<bool> {
        self.0.try_exists()
    }

    /// There is one.
    pub fn set(&self) -> std::io::Result<()> {
        File::create(&self.0).map(drop)
    }

    /// Everything of it is erased.
    pub fn clear(&self) -> std::io::Result<()> {
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
