// SPDX-License-Identifier: EUPL-1.2
//! The file that keeps the hash of the password and the number of wrong tries, on the encrypted volume.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use password::{Hash, PasswordError};

/// The most bytes of the file.
const MAX_BYTES: u64 = 4096;
/// The form of the file.
const VERSION: u32 = 1;

/// Why the file cannot be used. Never carries its content.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system failed.
    #[error("cannot {operation} {}", path.display())]
    File {
        /// What was tried.
        operation: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is longer than any that was written here.
    #[error("{} has more than {MAX_BYTES} bytes", .0.display())]
    TooLong(PathBuf),
    /// The file is not what was written here.
    #[error("{} is damaged", .0.display())]
    Form(PathBuf),
    /// The hash in it is not one of ours.
    #[error("{} is damaged", path.display())]
    Hash {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: PasswordError,
    },
}

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The password's hash.
    pub hash: Hash,
    /// Wrong tries since the last right one.
    pub tries: u32,
}

/// The same as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    hash: String,
    tries: u32,
}

/// The file.
#[derive(Clone, Debug)]
pub struct Store(PathBuf);

impl Store {
    /// The file in the directory `state`.
    pub fn in_dir(state: &Path) -> Self {
        Self(state.join("password.json"))
    }

    fn failed(&self, operation: &'static str) -> impl Fn(std::io::Error) -> StoreError {
        move |source| StoreError::File {
            operation,
            path: self.0.clone(),
            source,
        }
    }

    /// What is kept; nothing if no password was ever chosen. A file that cannot be read is an error and never "nothing".
    pub fn load(&self) -> Result<Option<Kept>, StoreError> {
        let file = match File::open(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file.map_err(self.failed("open"))?,
        };
        let mut text = Vec::new();
        file.take(MAX_BYTES + 1)
            .read_to_end(&mut text)
            .map_err(self.failed("read"))?;
        if text.len() as u64 > MAX_BYTES {
            return Err(StoreError::TooLong(self.0.clone()));
        }
        // What the parser says could quote the file.
        let written: Written =
            serde_json::from_slice(&text).map_err(|_| StoreError::Form(self.0.clone()))?;
        if written.version != VERSION {
            return Err(StoreError::Form(self.0.clone()));
        }
        let hash = Hash::parse(&written.hash).map_err(|source| StoreError::Hash {
            path: self.0.clone(),
            source,
        })?;
        Ok(Some(Kept {
            hash,
            tries: written.tries,
        }))
    }

    /// Writes the file anew, beside the old one and then in its place: a power cut leaves one of them whole. When this
    /// returns the new one is there for good.
    pub fn save(&self, kept: &Kept) -> Result<(), StoreError> {
        let written = Written {
            version: VERSION,
            hash: kept.hash.as_str().to_owned(),
            tries: kept.tries,
        };
        let text = serde_json::to_vec(&written).map_err(|_| StoreError::Form(self.0.clone()))?;
        let new = self.0.with_extension("new");
        let mut file = File::create(&new).map_err(self.failed("make"))?;
        file.write_all(&text).map_err(self.failed("write"))?;
        file.sync_all().map_err(self.failed("write"))?;
        std::fs::rename(&new, &self.0).map_err(self.failed("replace"))?;
        let dir = self.0.parent().unwrap_or(Path::new("."));
        File::open(dir)
            .and_then(|dir| dir.sync_all())
            .map_err(self.failed("keep"))
    }
}

#[cfg(test)]
mod tests {
    use api::secret::Secret;

    use super::*;

    fn kept(tries: u32) -> Kept {
        let password = Secret::new("lagerkiste".into()).unwrap();
        Kept {
            hash: Hash::of(&password).unwrap(),
            tries,
        }
    }

    /// Proves C6: what is kept is there again, whatever a power cut left beside it.
    #[test]
    fn what_is_kept_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        assert_eq!(store.load().unwrap(), None);
        let kept = kept(3);
        store.save(&kept).unwrap();
        std::fs::write(dir.path().join("password.new"), "{\"vers").unwrap();
        assert_eq!(store.load().unwrap(), Some(kept.clone()));
        let more = Kept { tries: 4, ..kept };
        store.save(&more).unwrap();
        assert_eq!(store.load().unwrap(), Some(more));
    }

    /// Proves C6: a file that is cut, changed, too long or no file is an error, and never "no password"; the error does not
    /// quote it.
    #[test]
    fn a_damaged_file_is_no_missing_one() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        let path = dir.path().join("password.json");
        store.save(&kept(0)).unwrap();
        let good = std::fs::read_to_string(&path).unwrap();
        for at in 0..good.len() {
            std::fs::write(&path, &good[..at]).unwrap();
            assert!(store.load().is_err(), "{at}");
        }
        for bad in [
            good.replace("\"version\":1", "\"version\":2"),
            good.replace("\"tries\":0", "\"tries\":-1"),
            good.replace("argon2id", "argon2d"),
            good.replace('}', ",\"more\":1}"),
            good.clone() + &" ".repeat(5000),
        ] {
            std::fs::write(&path, &bad).unwrap();
            let error = store.load().unwrap_err();
            assert!(!format!("{error:?}").contains("m=19456"), "{error:?}");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(store.load().is_err());
    }
}
