// SPDX-License-Identifier: EUPL-1.2
//! An empty file in memory that says: the clerk is signed in. A service that falls and comes back finds it and is locked,
//! with the case as the clerk left it; after a power cut there is nothing to find, and nobody is signed in.

use std::fs::File;
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The file.
#[derive(Clone, Debug)]
pub struct Marker(PathBuf);

impl Marker {
    /// The marker in the directory `runtime`, which is in memory and outlives the service.
    pub fn in_dir(runtime: &Path) -> Self {
        Self(runtime.join("signed-in"))
    }

    /// Whether the clerk was signed in.
    pub fn is_set(&self) -> Result<bool> {
        self.0.try_exists()
    }

    /// Sets it, or takes it away.
    pub fn set(&self, is_in: bool) -> Result<()> {
        if is_in {
            return File::create(&self.0).map(drop);
        }
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
