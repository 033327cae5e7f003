// SPDX-License-Identifier: EUPL-1.2
//! The order in which everything of a session goes: first what could still work on its documents, then the shell, which
//! is asked and then made to, then whatever it left behind.
//!
//! ```text
//! applications: SIGTERM, GOODBYE of grace, SIGKILL ──► shell: Leave, LEAVE of grace, SIGKILL ──► applications again ──► clean
//!      30 %                                                  90 %                             100 %
//! ```
//!
//! The grace of applications is for those who have to tell somebody else that it is over: a clerk who is in a call.
//!
//! The memory of a process that has ended is free, and the kernel empties free memory (`init_on_free=1`). The documents
//! are erased by the service before this begins.

use std::path::Path;
use std::time::{Duration, Instant};

use api::session::LEAVE;

use crate::processes::{Group, ProcessError, wait_until};

/// How long the kernel may take to end processes.
const END: Duration = Duration::from_secs(10);

/// How long whoever is asked to end may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// What is left when applications and shell have gone.
#[derive(Clone, Debug)]
pub struct Erasure {
    shell: Group,
    others: Group,
}

impl Erasure {
    /// The processes below the control group `slice`, of which those of the unit `shell` are asked first.
    pub fn new(slice: &Path, shell: &str) -> Self {
        Self {
            shell: Group::new(slice.join(shell)),
            others: Group::new(slice).without(shell),
        }
    }

    /// Ends everything. `ask` asks the shell to leave; `progress` is told what is done, in percent. What is there when
    /// this begins is gone when it ends well; a new shell may have started meanwhile.
    pub fn run(&self, ask: impl FnOnce(), progress: impl Fn(u8)) -> Result<(), ProcessError> {
        self.others.ask_to_end(GOODBYE)?;
        self.others.end(END)?;
        progress(30);
        let shell = self.shell.hold()?;
        ask();
        let stubborn = wait_until(shell, Instant::now() + LEAVE)?;
        for process in &stubborn {
            tracing::warn!("the shell did not leave: it is ended");
            process.kill()?;
        }
        let left = wait_until(stubborn, Instant::now() + END)?.len();
        if left > 0 {
            return Err(ProcessError::Remain { left });
        }
        progress(90);
        self.others.end(END)
    }
}
