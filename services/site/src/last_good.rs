// SPDX-License-Identifier: EUPL-1.2
//! Which configuration a device uses: the last one it could accept.
//!
//! ```text
//! store/candidate.toml ── good ──► store/site.toml            (used)
//!          └───────────── bad ───► store/candidate.rejected   (logged; the last good one is used)
//! store/site.toml missing or damaged ──► the image's own
//! ```
//!
//! The candidate's checked bytes, not its name, become `site.toml`: written beside it, synced, renamed, and only then
//! is the candidate removed. A power cut between any two steps leaves the old or the new file whole, and the next
//! start finishes what was begun. A store that is missing or cannot be written never keeps the device from starting.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use crate::{Diagnostic, Site, limits, parse};

const CANDIDATE: &str = "candidate.toml";
const REJECTED: &str = "candidate.rejected";
const GOOD: &str = "site.toml";
const NEW: &str = "site.toml.new";

/// Where the used configuration came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The verified image.
    Image,
    /// The store: accepted at an earlier start.
    Store,
    /// A candidate that was accepted just now.
    Candidate,
}

/// Something that was not as it should be, but did not keep a configuration from being used.
#[derive(Debug)]
pub enum Notice {
    /// A file of the store has a mistake and is not used.
    Invalid(Box<Diagnostic>),
    /// A file of the store cannot be read or written.
    Store {
        /// What was tried.
        operation: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid(diagnostic) => write!(f, "site configuration not accepted: {diagnostic}"),
            Self::Store {
                operation,
                path,
                error,
            } => write!(f, "cannot {operation} {}: {error}", path.display()),
        }
    }
}

/// Why there is no configuration at all: the image itself has none that can be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LoadError {
    /// The image's file cannot be read.
    #[error("cannot read the image's site configuration {path}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The image's file has a mistake.
    #[error("the image's site configuration is not valid")]
    #[diagnostic(transparent)]
    Invalid(#[source] Box<Diagnostic>),
}

/// The configuration in use.
#[derive(Debug)]
pub struct Loaded {
    /// What it says.
    pub site: Site,
    /// Its picture.
    pub picture: PathBuf,
    /// Where it came from.
    pub origin: Origin,
    /// What was found on the way; already logged.
    pub notices: Vec<Notice>,
}

/// The image's configuration and the store for later ones.
#[derive(Clone, Debug)]
pub struct LastGood {
    image: PathBuf,
    store: PathBuf,
}

impl LastGood {
    /// `image` is the image's `site.toml`, `store` the directory for candidates, which need not exist.
    pub fn new(image: impl Into<PathBuf>, store: impl Into<PathBuf>) -> Self {
        Self {
            image: image.into(),
            store: store.into(),
        }
    }

    /// Looks for a candidate, accepts or rejects it, and returns the last good configuration.
    pub fn load(&self) -> Result<Loaded, LoadError> {
        let mut notices = Vec::new();
        let (site, origin) = match self.store_site(&mut notices) {
            Some(found) => found,
            None => (self.image_site()?, Origin::Image),
        };
        for notice in &notices {
            tracing::warn!("{notice}");
        }
        let picture = self.picture(&site, origin);
        Ok(Loaded {
            site,
            picture,
            origin,
            notices,
        })
    }

    fn image_site(&self) -> Result<Site, LoadError> {
        let fail = |source| LoadError::Read {
            path: self.image.clone(),
            source,
        };
        let bytes = read_bounded(&self.image).map_err(fail)?;
        valid(&self.image, &bytes).map_err(LoadError::Invalid)
    }

    fn store_site(&self, notices: &mut Vec<Notice>) -> Option<(Site, Origin)> {
        let candidate = self.store.join(CANDIDATE);
        if let Some(bytes) = noted(notices, "read", &candidate, read_bounded(&candidate)) {
            match valid(&candidate, &bytes) {
                // Not kept means it would be gone after the next power cut: then it is not accepted yet either.
                Ok(site) => {
                    if noted(notices, "keep", &candidate, self.keep(&bytes)).is_some() {
                        return Some((site, Origin::Candidate));
                    }
                }
                Err(diagnostic) => {
                    notices.push(Notice::Invalid(diagnostic));
                    noted(notices, "reject", &candidate, self.reject());
                }
            }
        }
        let good = self.store.join(GOOD);
        let bytes = noted(notices, "read", &good, read_bounded(&good))?;
        match valid(&good, &bytes) {
            Ok(site) => Some((site, Origin::Store)),
            Err(diagnostic) => {
                notices.push(Notice::Invalid(diagnostic));
                None
            }
        }
    }

    /// Makes `bytes` the last good configuration, then forgets the candidate.
    fn keep(&self, bytes: &[u8]) -> std::io::Result<()> {
        let new = self.store.join(NEW);
        // One left over from a power cut is in the way of O_EXCL, which in turn keeps us from following a link.
        remove(&new)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file =
            std::fs::File::from(rustix::fs::open(&new, flags, Mode::from_raw_mode(0o644))?);
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, self.store.join(GOOD))?;
        self.sync()?;
        remove(&self.store.join(CANDIDATE))?;
        self.sync()
    }

    fn reject(&self) -> std::io::Result<()> {
        std::fs::rename(self.store.join(CANDIDATE), self.store.join(REJECTED))?;
        self.sync()
    }

    fn sync(&self) -> std::io::Result<()> {
        std::fs::File::open(&self.store)?.sync_all()
    }

    /// The picture beside the configuration, or the image's where the store has none.
    fn picture(&self, site: &Site, origin: Origin) -> PathBuf {
        let stored = self.store.join(&site.place.picture);
        if origin != Origin::Image && stored.is_file() {
            return stored;
        }
        self.image.with_file_name(&site.place.picture)
    }
}

/// The value, with a failure added to `notices`. A file that is not there is no failure.
fn noted<T>(
    notices: &mut Vec<Notice>,
    operation: &'static str,
    path: &Path,
    result: std::io::Result<T>,
) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) if operation == "read" && error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            notices.push(Notice::Store {
                operation,
                path: path.to_owned(),
                error,
            });
            None
        }
    }
}

/// Reads a plain file of at most one byte more than is allowed, so that [`parse`] sees that it is too large. Neither
/// a link nor a pipe put in its place can lead elsewhere or make us wait.
fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = std::fs::File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "not a plain file",
        ));
    }
    let mut bytes = Vec::new();
    file.take(limits::FILE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn valid(path: &Path, bytes: &[u8]) -> Result<Site, Box<Diagnostic>> {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(&name, text),
        // Cut in the middle of a letter by the size limit: what matters is the size.
        Err(_) if bytes.len() > limits::FILE => parse(&name, &" ".repeat(bytes.len())),
        Err(error) => {
            let good =
                String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default())
                    .into_owned();
            let (end, message) = (good.len(), "the file is not UTF-8 from here on".to_owned());
            let help = Some("save it as UTF-8".to_owned());
            Err(Diagnostic::new(
                &name,
                &good,
                end..end,
                "site::not-utf8",
                message,
                help,
            ))
        }
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match rustix::fs::unlinkat(rustix::fs::CWD, path, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}
