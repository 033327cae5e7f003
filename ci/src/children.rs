// SPDX-License-Identifier: EUPL-1.2
//! Programs that are started here, and how they all end when this one is asked to.
//!
//! What runs in the toolbox is inside a PID and a mount namespace: when its first process ends, the kernel ends the rest and
//! nothing stays mounted. So it is enough to end the programs started here, then to remove what they left half done.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::error::{Error, FileContext, Result};
use crate::host;

/// How long a program may take to end by itself when asked to.
const GRACE: Duration = Duration::from_secs(3);

#[derive(Default)]
struct Running {
    pids: BTreeSet<i32>,
    partial: Vec<PathBuf>,
}

static RUNNING: Mutex<Running> = Mutex::new(Running {
    pids: BTreeSet::new(),
    partial: Vec::new(),
});
static ENDED: Condvar = Condvar::new();
static STOPPING: AtomicBool = AtomicBool::new(false);

fn running() -> MutexGuard<'static, Running> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends this program cleanly on Ctrl-C, TERM and HUP: children first, then half-made outputs. Exit status 130.
pub fn end_on_signals() -> Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals =
        signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(|source| {
            Error::Start {
                program: "the signal handler".to_owned(),
                source,
            }
        })?;
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            stop();
            std::process::exit(130);
        }
    });
    Ok(())
}

fn stop() {
    STOPPING.store(true, Ordering::SeqCst);
    let mut state = running();
    signal(&state, Signal::TERM);
    let ended = ENDED.wait_timeout_while(state, GRACE, |s| !s.pids.is_empty());
    state = ended.map_or_else(|e| e.into_inner().0, |(state, _)| state);
    signal(&state, Signal::KILL);
    let ended = ENDED.wait_timeout_while(state, GRACE, |s| !s.pids.is_empty());
    state = ended.map_or_else(|e| e.into_inner().0, |(state, _)| state);
    let partial = std::mem::take(&mut state.partial);
    drop(state);
    for path in partial {
        // Nobody is left to tell: the next run removes what cannot be removed now.
        let _ = host::remove(&path);
    }
}

fn signal(state: &Running, signal: Signal) {
    for raw in &state.pids {
        let Some(pid) = Pid::from_raw(*raw) else {
            continue;
        };
        // What sudo started belongs to root and needs root to end.
        if kill_process(pid, signal).is_err() && !host::is_root() {
            let _ = Command::new("sudo")
                .args([
                    "-n",
                    "kill",
                    &format!("-{}", signal.as_raw()),
                    &raw.to_string(),
                ])
                .status();
        }
    }
}

/// When the program is being stopped, waits for the end instead of reporting the failure that stopping causes.
fn park_if_stopping() {
    while STOPPING.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

/// An output that is not complete yet: removed unless kept, also on Ctrl-C.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    kept: bool,
}

impl Partial {
    /// A place for an output; what an earlier run left there is removed.
    pub fn at(path: PathBuf) -> Result<Self> {
        host::remove(&path)?;
        running().partial.push(path.clone());
        Ok(Self { path, kept: false })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// It is complete: moves it to its name.
    pub fn keep_as(mut self, to: &Path) -> Result<()> {
        host::remove(to)?;
        host::rename(&self.path, to)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        park_if_stopping();
        running().partial.retain(|p| *p != self.path);
        if !self.kept {
            let _ = host::remove(&self.path);
        }
    }
}

/// A child that is known to the signal handler until it has ended.
struct Known(Child);

impl Known {
    fn spawn(command: &mut Command) -> Result<Self> {
        park_if_stopping();
        let mut state = running();
        let child = command.spawn().map_err(|source| Error::Start {
            program: command.get_program().to_string_lossy().into_owned(),
            source,
        })?;
        state.pids.insert(child.id() as i32);
        Ok(Self(child))
    }

    fn wait(mut self) -> Result<ExitStatus> {
        let status = self.0.wait();
        running().pids.remove(&(self.0.id() as i32));
        ENDED.notify_all();
        park_if_stopping();
        status.map_err(|source| Error::Start {
            program: "a child process".to_owned(),
            source,
        })
    }
}

/// Runs a program on this terminal.
pub fn interactive(command: &mut Command) -> Result<ExitStatus> {
    Known::spawn(command)?.wait()
}

/// Runs a program, appends everything it says to `log` and shows each line to `line`.
pub fn logged(command: &mut Command, log: &Path, mut line: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut file = File::options()
        .append(true)
        .create(true)
        .open(log)
        .at("open", log)?;
    let program = command.get_program().to_string_lossy().into_owned();
    let pipe = |source| Error::Start {
        program: program.clone(),
        source,
    };
    let (reader, writer) = std::io::pipe().map_err(pipe)?;
    let second = writer.try_clone().map_err(pipe)?;
    command.stdin(Stdio::null()).stdout(writer).stderr(second);
    let child = Known::spawn(command)?;
    // The command holds our copy of the pipe's writing end; without this the pipe would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes).map_err(pipe)? == 0 {
            break;
        }
        file.write_all(&bytes).at("write", log)?;
        line(String::from_utf8_lossy(&bytes).trim_end());
    }
    child.wait()
}

/// Runs a short helper and returns what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = Known::spawn(command)?;
    let pid = child.0.id() as i32;
    let done = child.0.wait_with_output();
    running().pids.remove(&pid);
    ENDED.notify_all();
    park_if_stopping();
    let done = done.map_err(|source| Error::Start {
        program: program.clone(),
        source,
    })?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let mut said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    if said.is_empty() {
        said = format!("it ended with {}", done.status);
    }
    Err(Error::Helper {
        program: title(command),
        output: said,
    })
}

fn title(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .take(3)
            .map(|arg| arg.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_streams_reach_log_and_caller() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let mut lines = Vec::new();
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let status = logged(&mut command, &log, |line| lines.push(line.to_owned())).unwrap();
        assert_eq!(status.code(), Some(3));
        assert_eq!(lines, ["out", "err"]);
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "out\nerr\n");
    }

    #[test]
    fn what_is_not_kept_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let kept = dir.path().join("kept");
        for keep in [false, true] {
            let partial = Partial::at(dir.path().join("partial")).unwrap();
            std::fs::write(partial.path(), "x").unwrap();
            if keep {
                partial.keep_as(&kept).unwrap();
            }
        }
        assert!(kept.exists());
        assert!(!dir.path().join("partial").exists());
    }

    #[test]
    fn a_failing_helper_says_what_it_said() {
        let error =
            output(Command::new("sh").args(["-c", "echo no such key >&2; exit 1"])).unwrap_err();
        assert!(error.to_string().contains("no such key"), "{error}");
    }
}
