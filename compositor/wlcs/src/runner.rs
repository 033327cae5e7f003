// SPDX-License-Identifier: EUPL-1.2
//! Runs tests in several processes at once; after a crash or a hang, a fresh process goes on.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use crate::{
    integration::EARLY_BUFFERS,
    outcome::{Line, Outcome, Verdict, read, read_list},
};

/// So long a test may take: the suite's own waits end after 10 seconds, and a test has several of them.
const DEADLINE: Duration = Duration::from_secs(45);
/// So many tests a process runs.
const BATCH: usize = 16;

/// Why nothing could be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The program.
    #[error("start {program}: {source}")]
    Start {
        /// Which.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// The list of tests.
    #[error("the suite lists no tests; it says: {0}")]
    NoTests(String),
}

/// The suite and what it tests.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The suite's program.
    pub program: PathBuf,
    /// The library with the compositor.
    pub library: PathBuf,
    /// Whether clients may attach buffers early.
    pub early_buffers: bool,
}

impl Suite {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(&self.library)
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        if self.early_buffers {
            command.env(EARLY_BUFFERS, "1");
        } else {
            command.env_remove(EARLY_BUFFERS);
        }
        command
    }

    fn start_error(&self, source: io::Error) -> RunError {
        RunError::Start {
            program: self.program.display().to_string(),
            source,
        }
    }

    /// The names of all tests.
    pub fn list(&self) -> Result<Vec<String>, RunError> {
        let output = self
            .command()
            .arg("--gtest_list_tests")
            .stderr(Stdio::piped())
            .output()
            .map_err(|source| self.start_error(source))?;
        let names = read_list(&String::from_utf8_lossy(&output.stdout));
        if names.is_empty() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(RunError::NoTests(said));
        }
        Ok(names)
    }

    /// Runs tests in so many processes at once.
    pub fn run(
        &self,
        names: &[String],
        jobs: usize,
    ) -> Result<BTreeMap<String, Outcome>, RunError> {
        let batches = Mutex::new(names.chunks(BATCH));
        let results = Mutex::new(BTreeMap::new());
        let failure = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    loop {
                        let batch = lock(&batches).next();
                        let Some(batch) = batch else { return };
                        match self.run_batch(batch) {
                            Ok(outcomes) => lock(&results).extend(outcomes),
                            Err(error) => *lock(&failure) = Some(error),
                        }
                    }
                });
            }
        });
        match lock(&failure).take() {
            Some(error) => Err(error),
            None => Ok(std::mem::take(&mut *lock(&results))),
        }
    }

    /// Runs tests one after the other, in as few processes as they need.
    fn run_batch(&self, names: &[String]) -> Result<Vec<(String, Outcome)>, RunError> {
        let mut outcomes = Vec::new();
        while let Some(left) = names.get(outcomes.len()..).filter(|left| !left.is_empty()) {
            let before = outcomes.len();
            let mut process = Process(
                self.command()
                    .arg(format!("--gtest_filter={}", left.join(":")))
                    .stdout(Stdio::piped())
                    .spawn()
                    .map_err(|source| self.start_error(source))?,
            );
            process.follow(&mut outcomes);
            if outcomes.len() == before {
                // It ended without having begun.
                let outcome = Outcome::Failed("the process ended before the test".to_owned());
                outcomes.push((left[0].clone(), outcome));
            }
            // The suite runs them in its own order, which is that of its list.
            debug_assert!(
                outcomes
                    .iter()
                    .zip(names)
                    .all(|((done, _), name)| done == name)
            );
        }
        Ok(outcomes)
    }
}

/// A process that ends when it is forgotten.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; either way it is waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Reads what the process says until it ends, or until a test takes too long.
    fn follow(&mut self, outcomes: &mut Vec<(String, Outcome)>) {
        let Some(stdout) = self.0.stdout.take() else {
            return;
        };
        let (sender, lines) = mpsc::channel();
        // It ends with the process, whose drop ends the other side of the pipe.
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut line = Vec::new();
            while reader
                .read_until(b'\n', &mut line)
                .is_ok_and(|length| length > 0)
            {
                if sender
                    .send(String::from_utf8_lossy(&line).trim_end().to_owned())
                    .is_err()
                {
                    return;
                }
                line.clear();
            }
        });
        let mut current: Option<(String, Vec<String>)> = None;
        let mut deadline = Instant::now() + DEADLINE;
        loop {
            let line = lines.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            let ended = match &line {
                Ok(_) => None,
                Err(RecvTimeoutError::Timeout) => Some("it takes too long"),
                Err(RecvTimeoutError::Disconnected) => Some("the process ended within the test"),
            };
            if let Some(reason) = ended {
                if let Some((name, text)) = current {
                    let said = text.last().cloned().unwrap_or_default();
                    outcomes.push((name, Outcome::Failed(format!("{reason}: {said}"))));
                }
                return;
            }
            match read(&line.unwrap_or_default()) {
                Line::Begins(name) => {
                    current = Some((name, Vec::new()));
                    deadline = Instant::now() + DEADLINE;
                }
                Line::Ended(name, verdict) => {
                    // The names that failed come again at the end.
                    if let Some((_, text)) = current.take_if(|(running, _)| *running == name) {
                        let fault = |line: &String| line.contains("Failure");
                        let first = text.iter().find(|line| fault(line)).or(text.first());
                        let said = first.cloned().unwrap_or_default();
                        let last = text.last().cloned().unwrap_or_default();
                        let outcome = match verdict {
                            Verdict::Passed => Outcome::Passed,
                            Verdict::Skipped => Outcome::Skipped(last),
                            Verdict::Failed => Outcome::Failed(said),
                        };
                        outcomes.push((name, outcome));
                    }
                }
                Line::Because(text) | Line::Text(text) => {
                    if let Some((_, said)) = &mut current
                        && !text.trim().is_empty()
                    {
                        said.push(text);
                    }
                }
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
