// SPDX-License-Identifier: EUPL-1.2
//! Files of the operator's: secrets with which the exchange proves itself to others, and certificates by which others do.

use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use api::secret::Secret;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Bytes of a file with a secret.
const SECRET: u64 = 256;
/// Bytes of a file with certificates.
const CERTIFICATES: u64 = 256 * 1024;

/// A file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}: {why}", .path.display())]
pub struct GivenError {
    path: PathBuf,
    why: &'static str,
    #[source]
    source: Option<std::io::Error>,
}

fn refused(path: &Path, why: &'static str) -> GivenError {
    GivenError {
        path: path.to_owned(),
        why,
        source: None,
    }
}

fn read(path: &Path, longest: u64) -> Result<(Vec<u8>, u32), GivenError> {
    let failed = |source| GivenError {
        path: path.to_owned(),
        why: "it cannot be read",
        source: Some(source),
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.mode();
    let mut bytes = Vec::new();
    file.take(longest + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > longest {
        return Err(refused(path, "it is too long"));
    }
    Ok((bytes, mode))
}

/// The secret in the file that is named, or otherwise in systemd's credential of this name, if there is one.
pub fn secret(named: Option<&Path>, credential: &str) -> Result<Option<Secret>, GivenError> {
    if let Some(path) = named {
        return in_file(path, true).map(Some);
    }
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY");
    match credentials.map(|dir| Path::new(&dir).join(credential)) {
        // systemd looks after who reads it.
        Some(path) if path.exists() => in_file(&path, false).map(Some),
        _ => Ok(None),
    }
}

fn in_file(path: &Path, is_ours: bool) -> Result<Secret, GivenError> {
    let (bytes, mode) = read(path, SECRET)?;
    let mut text = String::from_utf8(bytes).map_err(|_| refused(path, "it is no text"))?;
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    if is_ours && mode & 0o007 != 0 {
        return Err(refused(path, "everybody on this machine can read it"));
    }
    match Secret::new(text) {
        Ok(secret) if !secret.expose().is_empty() => Ok(secret),
        _ => Err(refused(path, "there is nothing secret in it")),
    }
}

/// The certificates in a file, as it is and one by one.
pub fn certificates(path: &Path) -> Result<(Vec<u8>, Vec<CertificateDer<'static>>), GivenError> {
    let (pem, _) = read(path, CERTIFICATES)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok((pem, all)),
        _ => Err(refused(path, "there is no certificate in it")),
    }
}
