// SPDX-License-Identifier: EUPL-1.2
//! What a terminal proves itself with, on its encrypted volume: the key, made here and never shown to anybody, and the certificate that it
//! got for a one-time code. The volume's own key is sealed in the TPM, for this system on this device alone (`services/trust`); so is what
//! lies on it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rcgen::KeyPair;
use site::LastGood;
use thiserror::Error;
use zeroize::Zeroizing;

use super::client::{Client, ClientError, Identity, Way};
use super::place::Means;

/// The most bytes of a file here.
const MOST: u64 = 32 * 1024;
const KEY: &str = "key.pem";
const CERTIFICATE: &str = "certificate.pem";

/// A file failed.
#[derive(Debug, Error)]
#[error("cannot {operation} {path}")]
pub struct FileError {
    operation: &'static str,
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// The directory in which a terminal keeps who it is.
#[derive(Clone, Debug)]
pub struct Keeper(PathBuf);

impl Keeper {
    /// In this directory, which is this user's alone.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    /// The key, as PEM, made when it is asked for the first time.
    pub fn key(&self) -> Result<Zeroizing<String>, FileError> {
        if let Some(key) = self.read(KEY)? {
            return Ok(key);
        }
        let made = KeyPair::generate();
        let made =
            made.map_err(|error| self.failed("make a key for", KEY)(io::Error::other(error)))?;
        let key = Zeroizing::new(made.serialize_pem());
        self.write(KEY, &key)?;
        Ok(key)
    }

    /// The certificate with its key, once there is one.
    pub fn identity(&self) -> Result<Option<Identity>, FileError> {
        let (certificate, key) = (self.read(CERTIFICATE)?, self.read(KEY)?);
        Ok(certificate.zip(key).map(|(certificate, key)| Identity {
            certificate: certificate.to_string(),
            key,
        }))
    }

    /// Keeps a certificate for the key.
    pub fn certify(&self, certificate: &str) -> Result<(), FileError> {
        self.write(CERTIFICATE, certificate)
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<String>>, FileError> {
        let file = match File::open(self.0.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("read", name)(error)),
        };
        let mut text = Zeroizing::new(String::new());
        file.take(MOST)
            .read_to_string(&mut text)
            .map_err(self.failed("read", name))?;
        Ok(Some(text))
    }

    /// Whole or not at all, and on the disk when it returns.
    fn write(&self, name: &str, text: &str) -> Result<(), FileError> {
        let (path, new) = (self.0.join(name), self.0.join(format!("{name}.new")));
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&new, &path)?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(self.failed("write", name))
    }

    fn failed(&self, operation: &'static str, name: &str) -> impl FnOnce(io::Error) -> FileError {
        let path = self.0.join(name);
        move |source| FileError {
            operation,
            path,
            source,
        }
    }
}

/// The way to the exchange that a site configuration names.
pub fn way(call: &site::call::Call) -> Way {
    Way {
        domain: call.exchange.as_str().to_owned(),
        address: call.address,
        roots: call.authority.as_str().to_owned(),
    }
}

/// What a device has: the site configuration in use, and who it is.
#[derive(Debug)]
pub struct Device {
    site: LastGood,
    keeper: Keeper,
}

impl Device {
    /// With the image's site configuration, the store of newer ones, and the directory of who it is.
    pub fn new(image: &Path, store: &Path, keeper: Keeper) -> Self {
        Self {
            site: LastGood::new(image, store),
            keeper,
        }
    }
}

impl Means for Device {
    fn client(&self) -> Result<Option<Client>, ClientError> {
        let loaded = self.site.accepted().map_err(|error| {
            tracing::error!("{error}");
            ClientError::Means("the site configuration")
        })?;
        let Some(call) = loaded.site.call else {
            return Ok(None);
        };
        let identity = self.keeper.identity().map_err(|error| {
            tracing::error!("{error}: {}", error.source);
            ClientError::Means("the terminal's certificate")
        })?;
        let client =
            identity.map(|identity| Client::new(way(&call), call.terminals, Some(&identity)));
        client.transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Proves X1: the key is made once, is this user's alone, and nobody is anybody without a certificate.
    #[test]
    fn a_key_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let keeper = Keeper::new(dir.path());
        let key = keeper.key().unwrap();
        assert!(key.contains("PRIVATE KEY"));
        assert_eq!(keeper.key().unwrap(), key);
        let mode = std::fs::metadata(dir.path().join(KEY))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        assert!(keeper.identity().unwrap().is_none());
        keeper.certify("PEM").unwrap();
        let identity = keeper.identity().unwrap().unwrap();
        assert_eq!(identity.certificate, "PEM");
        assert_eq!(identity.key, key);
        let nowhere = Keeper::new(dir.path().join("nowhere"));
        assert!(
            nowhere
                .key()
                .unwrap_err()
                .to_string()
                .starts_with("cannot write")
        );
    }
}
