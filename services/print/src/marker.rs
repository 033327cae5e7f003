// SPDX-License-Identifier: EUPL-1.2
//! A file in memory with the one job that a printer may have of us: its address, and its number there. A service that was ended, as
//! every session's is, finds it when it starts again, and tells the printer to forget the job. Nothing of the document is in it.

use std::fs;
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The longest file that is read.
const MOST: usize = 1024;

/// The file.
#[derive(Clone, Debug)]
pub struct Marker(PathBuf);

impl Marker {
    /// The marker in the directory `runtime`, which is in memory and outlives the service.
    pub fn in_dir(runtime: &Path) -> Self {
        Self(runtime.join("job"))
    }

    /// Which printer has which job.
    pub fn read(&self) -> Result<Option<(String, i32)>> {
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let job = text.get(..text.len().min(MOST)).and_then(|text| {
            let (uri, number) = text.trim_end().split_once('\n')?;
            Some((uri.to_owned(), number.parse().ok()?))
        });
        Ok(job)
    }

    /// This printer has this job.
    pub fn set(&self, uri: &str, number: i32) -> Result<()> {
        fs::write(&self.0, format!("{uri}\n{number}\n"))
    }

    /// None has any.
    pub fn clear(&self) -> Result<()> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T15: a service that comes back knows what the printer has to forget.
    #[test]
    fn what_is_set_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let marker = Marker::in_dir(dir.path());
        assert_eq!(marker.read().unwrap(), None);
        marker.set("ipp://p/ipp/print", 7).unwrap();
        let job = ("ipp://p/ipp/print".to_owned(), 7);
        assert_eq!(marker.read().unwrap(), Some(job));
        marker.clear().unwrap();
        marker.clear().unwrap();
        assert_eq!(marker.read().unwrap(), None);
        fs::write(dir.path().join("job"), "torn").unwrap();
        assert_eq!(marker.read().unwrap(), None);
    }
}
