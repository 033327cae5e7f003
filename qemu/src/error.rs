// SPDX-License-Identifier: EUPL-1.2
//! What can go wrong with a virtual machine, each with the operation and its subject.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use crate::{stage::Stage, state::seen};

/// Result of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
///
/// `Debug` prints what `Display` prints, followed by the sources: a test that returns this error shows a person
/// what was awaited and where the pictures are.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file operation failed.
    #[error("cannot {operation} {}", path.display())]
    File {
        /// What was tried, as a verb.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A program could not be started.
    #[error("cannot start {program}")]
    Spawn {
        /// The program's name.
        program: String,
        /// The system's answer.
        source: io::Error,
    },
    /// A helper program ended with an error.
    #[error("{program} failed ({status}): {message}")]
    Program {
        /// The program's name.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said on standard error.
        message: String,
    },
    /// A socket or pipe to the machine could not be made.
    #[error("cannot set up {what}")]
    Channel {
        /// Which one.
        what: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// QEMU refused a monitor command.
    #[error("QEMU refused {command}: {message}")]
    Refused {
        /// The QMP command.
        command: String,
        /// QEMU's description.
        message: String,
    },
    /// QEMU or the TPM ended although the machine was expected to run.
    #[error("the machine ended while waiting for {awaited}: {report}")]
    Ended {
        /// What was awaited.
        awaited: String,
        /// Last words of the machine and its programs.
        report: Box<Report>,
    },
    /// Something did not happen in time.
    #[error("{awaited} did not happen within {:.1} s: {report}", waited.as_secs_f64())]
    Timeout {
        /// What was awaited.
        awaited: String,
        /// How long.
        waited: Duration,
        /// What the machine showed at that moment.
        report: Box<Report>,
    },
    /// A disk holds something else than expected.
    #[error("{}: {message}", path.display())]
    Disk {
        /// The disk image.
        path: PathBuf,
        /// What was found or is missing.
        message: String,
    },
    /// A picture cannot be used.
    #[error("picture: {0}")]
    Picture(String),
    /// The machine's description contradicts itself.
    #[error("machine: {0}")]
    Machine(String),
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            write!(f, "\n  because: {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl Error {
    /// A file error; meant for `map_err`.
    pub(crate) fn file(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File {
            operation,
            path: path.to_owned(),
            source,
        }
    }

    /// The machine's last words, when this error carries them.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Ended { report, .. } | Self::Timeout { report, .. } => Some(report),
            _ => None,
        }
    }

    /// Whether a deadline passed.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout { .. })
    }
}

/// What a machine showed when a wait failed.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Name of the machine.
    pub machine: String,
    /// The furthest stage of the current boot.
    pub stage: Stage,
    /// The stage that should have come next.
    pub missing: Option<Stage>,
    /// Console lines that speak of trouble.
    pub troubles: Vec<String>,
    /// Last lines of the serial console.
    pub serial: Vec<String>,
    /// What QEMU and the TPM wrote on standard error.
    pub programs: Vec<String>,
    /// The words on the screen, if there was one to read: a picture does not come along everywhere.
    pub read: Vec<String>,
    /// Picture of the screen, if one could be taken.
    pub screenshot: Option<PathBuf>,
    /// The whole serial log.
    pub serial_log: PathBuf,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} reached “{}”", self.machine, self.stage)?;
        if let Some(missing) = self.missing {
            write!(f, ", not “{missing}”")?;
        }
        let parts = [
            ("read", &self.read),
            ("trouble", &self.troubles),
            ("console", &self.serial),
            ("programs", &self.programs),
        ];
        for (title, lines) in parts {
            for line in lines {
                write!(f, "\n  {title}: {line}")?;
            }
        }
        if let Some(path) = &self.screenshot {
            write!(f, "\n  screen: {}", seen(path).display())?;
        }
        write!(f, "\n  serial log: {}", seen(&self.serial_log).display())
    }
}
