// SPDX-License-Identifier: EUPL-1.2
//! Which service descriptions a device uses: the last ones it could accept. How files come and stay: see [`site::Shelf`].

use std::path::PathBuf;

use site::{Names, Notice, Origin, Shelf, Site, read_bounded};

use crate::{Procedures, limits, parse};

const NAMES: Names = Names {
    candidate: "candidate.xml",
    rejected: "candidate.xml.rejected",
    good: "procedures.xml",
    new: "procedures.xml.new",
};

/// The descriptions in use.
#[derive(Debug)]
pub struct Loaded {
    /// What they say. Without any the departments of the site can still be read.
    pub procedures: Procedures,
    /// Where they came from.
    pub origin: Origin,
    /// What was found on the way; already logged.
    pub notices: Vec<Notice>,
}

/// The image's descriptions and the store for later ones.
#[derive(Clone, Debug)]
pub struct LastGood {
    image: PathBuf,
    shelf: Shelf,
}

impl LastGood {
    /// `image` is the image's `procedures.xml`, `store` the directory for candidates, which need not exist.
    pub fn new(image: impl Into<PathBuf>, store: impl Into<PathBuf>) -> Self {
        Self {
            image: image.into(),
            shelf: Shelf::new(store, NAMES, limits::FILE),
        }
    }

    /// Looks for a candidate, accepts or rejects it, and returns the last good descriptions for this place; none at all
    /// where even the image's cannot be read.
    pub fn load(&self, site: &Site) -> Loaded {
        let mut notices = Vec::new();
        let valid = |name: &str, bytes: &[u8]| parse(name, bytes, site);
        let newest = self.shelf.newest(&mut notices, valid);
        let (procedures, origin) =
            newest.unwrap_or_else(|| (self.image(site, &mut notices), Origin::Image));
        for notice in &notices {
            tracing::warn!("{notice}");
        }
        Loaded {
            procedures,
            origin,
            notices,
        }
    }

    fn image(&self, site: &Site, notices: &mut Vec<Notice>) -> Procedures {
        let name = self.image.file_name().unwrap_or(self.image.as_os_str());
        let notice = match read_bounded(&self.image, limits::FILE) {
            Ok(bytes) => match parse(&name.to_string_lossy(), &bytes, site) {
                Ok(procedures) => return procedures,
                Err(diagnostic) => Notice::Invalid(diagnostic),
            },
            Err(error) => Notice::Store {
                operation: "read",
                path: self.image.clone(),
                error,
            },
        };
        notices.push(notice);
        Procedures::default()
    }
}
