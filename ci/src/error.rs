// SPDX-License-Identifier: EUPL-1.2
//! What can go wrong, said once and with the next step.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

/// What to do about a full disk.
pub const MORE_SPACE: &str =
    "free some space, `cargo os clean`, or set AMTSNAH_CACHE to a larger disk";

/// The result of everything here.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the command could not do what was asked.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// A file operation failed.
    #[error("cannot {operation} {path}: {source}")]
    File {
        /// What was attempted.
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("cannot start {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why not.
        source: std::io::Error,
    },
    /// A short helper program ended with an error.
    #[error("{program} failed: {output}")]
    Helper {
        /// The program and what it was to do.
        program: String,
        /// What it said.
        output: String,
    },
    /// A stage failed; its log has the details.
    #[error("stage `{stage}` failed: {what} (log: {})", log.display())]
    #[diagnostic(help("{cause}"))]
    Stage {
        /// The stage.
        stage: String,
        /// What failed in it.
        what: String,
        /// Its complete output.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
        /// What it most likely means.
        cause: String,
    },
    /// The host, the checkout or an option is not as needed.
    #[error("{what}")]
    #[diagnostic(help("{fix}"))]
    Needs {
        /// What is missing or wrong.
        what: String,
        /// What to do about it.
        fix: String,
    },
    /// A file is not the one that the lock names.
    #[error(
        "{package} does not match image/packages.lock: expected SHA-256 {expected}, found {found}"
    )]
    #[diagnostic(help("{fix}"))]
    Mismatch {
        /// Name and version.
        package: String,
        /// The hash in the lock.
        expected: String,
        /// The hash of what came.
        found: String,
        /// What to do about it.
        fix: String,
    },
    /// The site configuration or a service description is wrong; the diagnostic points into the file.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Site(#[from] Box<site::Diagnostic>),
    /// A line of a file cannot be understood.
    #[error("{}:{line}: {what}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// What is wrong there.
        what: String,
    },
}

impl Error {
    /// Something that a person has to mend first.
    pub fn needs(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Needs {
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// Tells a person: the end of the log as it is, then what it means.
    pub fn report(self) {
        if let Self::Stage { tail, .. } = &self {
            eprintln!("{tail}");
        }
        eprintln!("{:?}", miette::Report::new(self));
    }
}

/// Names the file operation that failed.
pub trait FileContext<T> {
    /// Turns an I/O error into one that says operation and path.
    fn at(self, operation: &'static str, path: &Path) -> Result<T>;
}

impl<T> FileContext<T> for std::io::Result<T> {
    fn at(self, operation: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::needs(
                format!("cannot {operation} {}: the disk is full", path.display()),
                MORE_SPACE,
            ),
            _ => Error::File {
                operation,
                path: path.to_owned(),
                source,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let failed = |error: std::io::Error| {
            let result: Result<()> = Err(error).at("write", Path::new("/cache/log"));
            let error = result.unwrap_err();
            error.help().map(|help| help.to_string())
        };
        let full = failed(rustix::io::Errno::NOSPC.into());
        assert_eq!(full.as_deref(), Some(MORE_SPACE));
        assert_eq!(failed(rustix::io::Errno::ACCESS.into()), None);
    }
}
