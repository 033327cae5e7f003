// SPDX-License-Identifier: EUPL-1.2
//! The state directory: secrets and keys, made on first start, for this user's eyes only.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use api::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::random;

/// Bytes of chance in a secret.
const BYTES: usize = 32;
/// The longest file read back: a certificate chain.
const LONGEST: u64 = 256 * 1024;

/// Why the state directory cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum StateError {
    /// Something could not be done with a file.
    #[error("cannot {operation} {}", .path.display())]
    #[diagnostic(help(
        "the state directory belongs to the exchange's user alone; `--state` names another"
    ))]
    File {
        /// What was tried.
        operation: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Others could read it.
    #[error("{} can be read by others (mode {mode:o})", .path.display())]
    #[diagnostic(help("`chmod go= {}`, and remove secrets that may be known: new ones are made", .path.display()))]
    Open {
        /// What.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is not what was written there.
    #[error("{} is damaged", .path.display())]
    #[diagnostic(help("remove it: a new one is made"))]
    Damaged {
        /// What.
        path: PathBuf,
    },
    /// There is no chance.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Random(#[from] random::RandomError),
}

impl StateError {
    fn at(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            operation,
            path,
            source,
        }
    }
}

/// The secrets of an exchange.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Of SIP accounts, shared with Kamailio.
    pub sip: Secret,
    /// Of TURN accounts, shared with coturn.
    pub turn: Secret,
    /// By which Kamailio proves itself to us.
    pub control: Secret,
    /// Of Kamailio's nonces.
    pub nonce: Secret,
}

/// A state directory that is there and private.
#[derive(Clone, Debug)]
pub struct State(PathBuf);

impl State {
    /// Takes the directory, or makes it.
    pub fn open(dir: &Path) -> Result<Self, StateError> {
        let this = Self(dir.to_owned());
        for dir in [dir.to_owned(), this.generated(), this.run()] {
            private_dir(&dir)?;
        }
        Ok(this)
    }

    /// The directory itself.
    pub fn dir(&self) -> &Path {
        &self.0
    }

    /// Where the configurations of the children are.
    pub fn generated(&self) -> PathBuf {
        self.0.join("generated")
    }

    /// Where their sockets are.
    pub fn run(&self) -> PathBuf {
        self.0.join("run")
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.0.join("exchange.sqlite")
    }

    /// The secrets; missing ones are made.
    pub fn secrets(&self) -> Result<Secrets, StateError> {
        Ok(Secrets {
            sip: self.secret("sip.secret")?,
            turn: self.secret("turn.secret")?,
            control: self.secret("control.secret")?,
            nonce: self.secret("nonce.secret")?,
        })
    }

    fn secret(&self, name: &str) -> Result<Secret, StateError> {
        let make = || Ok(URL_SAFE_NO_PAD.encode(random::bytes::<BYTES>()?));
        let text = self.keep(name, make)?;
        let is_ours = URL_SAFE_NO_PAD
            .decode(&text)
            .is_ok_and(|bytes| bytes.len() == BYTES);
        let damaged = || StateError::Damaged {
            path: self.0.join(name),
        };
        if !is_ours {
            return Err(damaged());
        }
        Secret::new(text).map_err(|_| damaged())
    }

    /// The content of a file of ours, made by `make` if it is not there.
    pub fn keep(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<String, StateError>,
    ) -> Result<String, StateError> {
        let path = self.0.join(name);
        if let Some(text) = self.read(name)? {
            return Ok(text);
        }
        let text = make()?;
        write(&path, &text)?;
        Ok(text)
    }

    /// The content of a file of ours, if it is there.
    pub fn read(&self, name: &str) -> Result<Option<String>, StateError> {
        let path = self.0.join(name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StateError::at("open", &path)(error)),
        };
        let mode = file
            .metadata()
            .map_err(StateError::at("look at", &path))?
            .mode()
            & 0o777;
        if mode & 0o077 != 0 {
            return Err(StateError::Open { path, mode });
        }
        let mut text = String::new();
        file.take(LONGEST)
            .read_to_string(&mut text)
            .map_err(StateError::at("read", &path))?;
        Ok(Some(text))
    }
}

/// Writes a file that only this user can read, whole or not at all.
pub fn write(path: &Path, text: &str) -> Result<(), StateError> {
    let partial = path.with_extension("partial");
    // Left behind by a start that was cut off.
    match std::fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(StateError::at("remove", &partial)(error));
        }
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&partial)
        .map_err(StateError::at("create", &partial))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(StateError::at("write", &partial))?;
    std::fs::rename(&partial, path).map_err(StateError::at("rename", &partial))?;
    let dir = path.parent().unwrap_or(Path::new("/"));
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(StateError::at("write", dir))
}

fn private_dir(dir: &Path) -> Result<(), StateError> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(StateError::at("create", dir)(error));
        }
        _ => {}
    }
    let mode = std::fs::metadata(dir)
        .map_err(StateError::at("look at", dir))?
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        return Err(StateError::Open {
            path: dir.to_owned(),
            mode,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Proves X1: secrets are made once, are for this user alone, differ, and are shown nowhere.
    #[test]
    fn secrets_are_made_once() {
        let root = tempfile::tempdir().unwrap();
        let state = State::open(&root.path().join("state")).unwrap();
        let secrets = state.secrets().unwrap();
        let again = State::open(state.dir()).unwrap().secrets().unwrap();
        assert_eq!(secrets.sip, again.sip);
        assert_ne!(secrets.sip, secrets.turn);
        assert!(!format!("{secrets:?}").contains(secrets.sip.expose()));
        for entry in std::fs::read_dir(state.dir()).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().mode() & 0o777;
            assert_eq!(mode & 0o077, 0, "{:?} {mode:o}", entry.path());
        }
    }

    /// Proves X1: a secret that others could read, or that is damaged, is not used.
    #[test]
    fn open_or_damaged_secrets_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let state = State::open(&root.path().join("state")).unwrap();
        state.secrets().unwrap();
        let path = state.dir().join("turn.secret");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            state.secrets(),
            Err(StateError::Open { mode: 0o640, .. })
        ));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "short").unwrap();
        assert!(matches!(state.secrets(), Err(StateError::Damaged { .. })));
        std::fs::set_permissions(state.dir(), std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(
            State::open(state.dir()),
            Err(StateError::Open { .. })
        ));
    }
}
