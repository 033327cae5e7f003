// SPDX-License-Identifier: EUPL-1.2
//! What the kernel says that a process has used, all its threads together.

use std::{fs, path::Path};

use miette::{IntoDiagnostic, Result, WrapErr, miette};

/// What was used up to now.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Time on a processor, in nanoseconds.
    pub cpu: u64,
    /// How often a thread was switched to or away from.
    pub switches: u64,
}

impl Usage {
    /// Asks for a process.
    pub fn of(pid: u32) -> Result<Self> {
        let mut usage = Self {
            cpu: 0,
            switches: 0,
        };
        let threads = format!("/proc/{pid}/task");
        for thread in fs::read_dir(&threads).into_diagnostic().wrap_err(threads)? {
            let thread = thread.into_diagnostic()?.path();
            usage.cpu += first_number(&read(&thread.join("schedstat"))?)?;
            let status = read(&thread.join("status"))?;
            for name in ["voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"] {
                let value = status.lines().find_map(|line| line.strip_prefix(name));
                usage.switches += first_number(value.unwrap_or_default())?;
            }
        }
        Ok(usage)
    }
}

/// A process's share of the memory, in KiB.
pub fn share_of_memory(pid: u32) -> Result<u64> {
    let text = read(Path::new(&format!("/proc/{pid}/smaps_rollup")))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    first_number(line.unwrap_or_default())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path)
        .into_diagnostic()
        .wrap_err_with(|| format!("read {}", path.display()))
}

fn first_number(text: &str) -> Result<u64> {
    let word = text.split_whitespace().next();
    word.and_then(|word| word.parse().ok())
        .ok_or_else(|| miette!("no number in {text:?}"))
}
