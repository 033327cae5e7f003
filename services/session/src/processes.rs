// SPDX-License-Identifier: EUPL-1.2
//! What runs in the session's slice, read from the kernel's control groups, and how it ends.
//!
//! Reading `cgroup.procs` needs no right; ending processes of other users needs `CAP_KILL` and nothing else. A process is
//! held by a descriptor before it is looked for once more, so that a number that went to somebody else meanwhile is
//! never ended.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// How deep control groups are looked through: a slice, its services, and what those divide themselves into.
const DEPTH: usize = 8;

/// Why processes could not be ended.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The kernel does not list them.
    #[error("cannot list the processes of {group}")]
    List {
        /// The control group.
        group: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A process cannot be held, ended or waited for.
    #[error("cannot {operation} a process: {errno}")]
    Process {
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        errno: Errno,
    },
    /// Some were still there at the end.
    #[error("{left} processes did not end")]
    Remain {
        /// How many.
        left: usize,
    },
}

fn failed(operation: &'static str) -> impl Fn(Errno) -> ProcessError {
    move |errno| ProcessError::Process { operation, errno }
}

/// A control group and all below it.
#[derive(Clone, Debug)]
pub struct Group {
    path: PathBuf,
    without: Option<PathBuf>,
}

impl Group {
    /// The group at `path`. One that does not exist has no processes.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            without: None,
        }
    }

    /// The same without the group `name` directly below it.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.without = Some(self.path.join(name));
        self
    }

    /// Its processes, each held.
    pub fn hold(&self) -> Result<Vec<Process>, ProcessError> {
        let mut held = Vec::new();
        for pid in self.list()? {
            match pidfd_open(pid, PidfdFlags::empty()) {
                Ok(descriptor) => held.push(Process { pid, descriptor }),
                Err(Errno::SRCH) => {}
                Err(errno) => return Err(failed("hold")(errno)),
            }
        }
        // Whoever is still listed is the one that is held: its number cannot have gone to another.
        let now = self.list()?;
        held.retain(|process| now.contains(&process.pid));
        Ok(held)
    }

    /// Asks its processes to end, and waits so long for them; they need not.
    pub fn ask_to_end(&self, within: Duration) -> Result<(), ProcessError> {
        let held = self.hold()?;
        for process in &held {
            process.signal(Signal::TERM)?;
        }
        wait_until(held, Instant::now() + within).map(drop)
    }

    /// Ends all processes, also those that appear meanwhile, and waits until none is left.
    pub fn end(&self, within: Duration) -> Result<(), ProcessError> {
        let end = Instant::now() + within;
        loop {
            let held = self.hold()?;
            if held.is_empty() {
                return Ok(());
            }
            for process in &held {
                process.kill()?;
            }
            wait(held, end)?;
        }
    }

    fn list(&self) -> Result<Vec<Pid>, ProcessError> {
        let mut pids = Vec::new();
        self.list_below(&self.path, DEPTH, &mut pids)?;
        Ok(pids)
    }

    fn list_below(
        &self,
        group: &Path,
        depth: usize,
        pids: &mut Vec<Pid>,
    ) -> Result<(), ProcessError> {
        let failed = |source| ProcessError::List {
            group: group.to_owned(),
            source,
        };
        // A group that goes away while it is read has no processes.
        let gone = |error: &std::io::Error| {
            error.kind() == std::io::ErrorKind::NotFound
                || Errno::from_io_error(error) == Some(Errno::NODEV)
        };
        if self.without.as_deref() == Some(group) {
            return Ok(());
        }
        match std::fs::read_to_string(group.join("cgroup.procs")) {
            Ok(text) => pids.extend(text.lines().filter_map(|l| Pid::from_raw(l.parse().ok()?))),
            Err(error) if gone(&error) => return Ok(()),
            Err(error) => return Err(failed(error)),
        }
        if depth == 0 {
            return Ok(());
        }
        let entries = match std::fs::read_dir(group) {
            Ok(entries) => entries,
            Err(error) if gone(&error) => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.list_below(&entry.path(), depth - 1, pids)?;
            }
        }
        Ok(())
    }
}

/// A process that is held: its number may go to another, this never does.
#[derive(Debug)]
pub struct Process {
    pid: Pid,
    descriptor: OwnedFd,
}

impl Process {
    /// Ends it at once.
    pub fn kill(&self) -> Result<(), ProcessError> {
        self.signal(Signal::KILL)
    }

    fn signal(&self, signal: Signal) -> Result<(), ProcessError> {
        match pidfd_send_signal(&self.descriptor, signal) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(errno) => Err(failed("end")(errno)),
        }
    }
}

/// Waits until all of `processes` have ended; what is left at `end` is an error.
fn wait(processes: Vec<Process>, end: Instant) -> Result<(), ProcessError> {
    match wait_until(processes, end)?.len() {
        0 => Ok(()),
        left => Err(ProcessError::Remain { left }),
    }
}

/// Waits until `end` for `processes` to end; returns those that have not.
pub fn wait_until(mut processes: Vec<Process>, end: Instant) -> Result<Vec<Process>, ProcessError> {
    while !processes.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(|_| failed("wait for")(Errno::INVAL))?;
        let mut polled: Vec<PollFd<'_>> = processes
            .iter()
            .map(|process| PollFd::new(&process.descriptor, PollFlags::IN))
            .collect();
        match poll(&mut polled, Some(&timeout)) {
            Ok(0) => break,
            Ok(_) => {
                let mut ended = polled.iter().map(|fd| !fd.revents().is_empty());
                let ended: Vec<bool> = ended.by_ref().collect();
                let mut ended = ended.into_iter();
                processes.retain(|_| !ended.next().unwrap_or(false));
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(failed("wait for")(errno)),
        }
    }
    Ok(processes)
}
