// SPDX-License-Identifier: EUPL-1.2
//! Which configuration a device uses: the last one it could accept. How files come and stay: see [`Shelf`]. The shell decides
//! on what is new; everything else uses what it has accepted.

use std::path::{Path, PathBuf};

use crate::shelf::{Names, Notice, Origin, Shelf, read_bounded};
use crate::{Diagnostic, Site, limits, parse};

const NAMES: Names = Names {
    candidate: "candidate.toml",
    rejected: "candidate.rejected",
    good: "site.toml",
    new: "site.toml.new",
};

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
    shelf: Shelf,
}

impl LastGood {
    /// `image` is the image's `site.toml`, `store` the directory for candidates, which need not exist.
    pub fn new(image: impl Into<PathBuf>, store: impl Into<PathBuf>) -> Self {
        Self {
            image: image.into(),
            shelf: Shelf::new(store, NAMES, limits::FILE),
        }
    }

    /// Looks for a candidate, accepts or rejects it, and returns the last good configuration.
    pub fn load(&self) -> Result<Loaded, LoadError> {
        let mut notices = Vec::new();
        let found = self.shelf.newest(&mut notices, valid);
        self.loaded(found, notices)
    }

    /// Returns the last good configuration and leaves the store as it is: for programs that use what the shell has accepted.
    pub fn accepted(&self) -> Result<Loaded, LoadError> {
        let mut notices = Vec::new();
        let found = self.shelf.good(&mut notices, valid);
        self.loaded(found, notices)
    }

    /// The directory of newer configurations.
    pub fn store(&self) -> &Path {
        self.shelf.store()
    }

    fn loaded(
        &self,
        found: Option<(Site, Origin)>,
        notices: Vec<Notice>,
    ) -> Result<Loaded, LoadError> {
        let (site, origin) = match found {
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
        let bytes = read_bounded(&self.image, limits::FILE).map_err(fail)?;
        let name = self.image.file_name().unwrap_or(self.image.as_os_str());
        valid(&name.to_string_lossy(), &bytes).map_err(LoadError::Invalid)
    }

    /// The picture beside the configuration, or the image's where the store has none.
    fn picture(&self, site: &Site, origin: Origin) -> PathBuf {
        let stored = self.shelf.store().join(&site.place.picture);
        if origin != Origin::Image && stored.is_file() {
            return stored;
        }
        self.image.with_file_name(&site.place.picture)
    }
}

fn valid(name: &str, bytes: &[u8]) -> Result<Site, Box<Diagnostic>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(name, text),
        // Cut in the middle of a letter by the size limit: what matters is the size.
        Err(_) if bytes.len() > limits::FILE => parse(name, &" ".repeat(bytes.len())),
        Err(error) => {
            let good =
                String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default())
                    .into_owned();
            let (end, message) = (good.len(), "the file is not UTF-8 from here on".to_owned());
            let help = Some("save it as UTF-8".to_owned());
            Err(Diagnostic::new(
                name,
                &good,
                end..end,
                "site::not-utf8",
                message,
                help,
            ))
        }
    }
}
