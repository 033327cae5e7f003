// SPDX-License-Identifier: EUPL-1.2
//! What a person sees while something works: bars on a terminal, plain lines elsewhere, JSON lines for a program.

use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::cache::Cache;
use crate::cause;
use crate::children;
use crate::error::{Error, FileContext, Result};
use crate::results::Failed;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Bars,
    Plain,
    Json,
}

/// Shows stages one after the other and remembers how long each took.
#[derive(Debug)]
pub struct Progress {
    mode: Mode,
    cache: Cache,
    /// Tests that failed, each with its stage.
    failed: RefCell<Vec<(String, Failed)>>,
}

impl Progress {
    /// Bars on a terminal, unless a build machine or `--json` wants something else.
    pub fn new(cache: Cache, as_json: bool) -> Self {
        let ci = std::env::var("CI").is_ok_and(|v| !v.is_empty() && v != "false");
        let mode = match (as_json, std::io::stderr().is_terminal() && !ci) {
            (true, _) => Mode::Json,
            (false, true) => Mode::Bars,
            (false, false) => Mode::Plain,
        };
        Self {
            mode,
            cache,
            failed: RefCell::default(),
        }
    }

    /// Whether a program reads along.
    pub fn is_json(&self) -> bool {
        self.mode == Mode::Json
    }

    /// Runs one stage: shows its name, its progress and how it ended.
    pub fn stage<T>(&self, name: &str, work: impl FnOnce(&mut Stage) -> Result<T>) -> Result<T> {
        let mut stage = Stage {
            name: name.to_owned(),
            log: self.cache.log(name)?,
            bar: self.bar(name),
            failed: None,
            json: self.is_json(),
        };
        let start = Instant::now();
        match self.mode {
            Mode::Plain => eprintln!("{name} …"),
            Mode::Json => event(&json!({"event": "stage", "stage": name, "state": "start"})),
            Mode::Bars => {}
        }
        let result = work(&mut stage);
        let seconds = start.elapsed().as_secs_f64();
        stage.bar.finish_and_clear();
        let good = result.is_ok() && stage.failed.is_none();
        let ended = if good { "done" } else { "failed" };
        match self.mode {
            Mode::Json => event(
                &json!({"event": "stage", "stage": name, "state": ended, "seconds": tenths(seconds)}),
            ),
            Mode::Bars if good => eprintln!("  ✓ {name} {seconds:.1} s"),
            Mode::Bars => eprintln!("  ✗ {name} {seconds:.1} s"),
            Mode::Plain => eprintln!("{name} {ended} after {seconds:.1} s"),
        }
        let failed = stage.failed.into_iter().flatten();
        let failed = failed.map(|test| (name.to_owned(), test));
        self.failed.borrow_mut().extend(failed);
        result
    }

    /// Says something that must not be overlooked.
    pub fn warn(&self, text: &str) {
        match self.mode {
            Mode::Json => event(&json!({"event": "warning", "text": text})),
            Mode::Bars | Mode::Plain => eprintln!("WARNING: {text}"),
        }
    }

    /// Says what went wrong, for a person or a program, where something else goes on.
    pub fn error(&self, error: Error) {
        match self.mode {
            Mode::Json => event(&failure(&error)),
            Mode::Bars | Mode::Plain => error.report(),
        }
    }

    /// Says once more, after all stages, which tests failed and why: a build machine may keep nothing but the end of what it was shown.
    pub fn failures(&self) {
        for (stage, test) in self.failed.borrow().iter() {
            self.line(&format!("FAILED in {stage}: {}", test.name));
            for line in &test.why {
                self.line(&format!("    {line}"));
            }
        }
    }

    /// One line beside the stages.
    pub fn line(&self, text: &str) {
        if self.mode != Mode::Json {
            eprintln!("{text}");
        }
    }

    /// The result: a table for a person or one object for a program.
    pub fn result(&self, table: &str, object: &Value) {
        match self.mode {
            Mode::Json => event(&json!({"event": "result", "result": object})),
            Mode::Bars | Mode::Plain => println!("{}", table.trim_end()),
        }
    }

    fn bar(&self, name: &str) -> ProgressBar {
        if self.mode != Mode::Bars {
            return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        }
        let bar = ProgressBar::new_spinner().with_prefix(name.to_owned());
        bar.set_style(style("{spinner} {prefix:.bold} {elapsed} {wide_msg:.dim}"));
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn event(object: &Value) {
    println!("{object}");
}

fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

/// A failure as JSON.
pub fn failure(error: &Error) -> Value {
    let help = miette::Diagnostic::help(error).map(|h| h.to_string());
    let mut object = json!({"event": "error", "message": error.to_string(), "help": help});
    if let Error::Stage { stage, log, .. } = error {
        object["stage"] = json!(stage);
        object["log"] = json!(log);
    }
    object
}

/// A stage that is at work.
#[derive(Debug)]
pub struct Stage {
    name: String,
    log: PathBuf,
    bar: ProgressBar,
    /// Its tests that failed, once what it found is not good.
    failed: Option<Vec<Failed>>,
    json: bool,
}

impl Stage {
    /// What is being done right now.
    pub fn note(&self, text: &str) {
        self.bar.set_message(text.to_owned());
    }

    /// How much of it is done.
    pub fn count(&self, done: u64, total: u64) {
        if self.bar.length() != Some(total) {
            self.bar.set_length(total);
            self.bar.set_style(style(
                "{spinner} {prefix:.bold} {bar:30} {pos}/{len} {elapsed} {wide_msg:.dim}",
            ));
        }
        self.bar.set_position(done);
    }

    /// The stage came to its end, but what it found is not good: says what, and which tests failed.
    pub fn found_bad(&mut self, error: Error, tests: Vec<Failed>) {
        if self.json {
            let mut object = failure(&error);
            object["tests"] = tests
                .iter()
                .map(|test| json!({"name": test.name, "why": test.why}))
                .collect();
            event(&object);
        } else {
            self.bar.suspend(|| {
                error.report();
                for test in &tests {
                    eprintln!("{} FAILED", test.name);
                }
            });
        }
        self.failed = Some(tests);
    }

    /// A handle to show lines with while the stage itself is borrowed.
    pub fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// The log of this stage.
    pub fn log(&self) -> &PathBuf {
        &self.log
    }

    /// Runs a program as part of this stage; when it fails, so does the stage.
    pub fn run(&mut self, command: &mut Command) -> Result<()> {
        let bar = self.bar.clone();
        self.run_with(command, |line| bar.set_message(line.to_owned()))
    }

    /// Like `run`, and `line` sees every line.
    pub fn run_with(&mut self, command: &mut Command, line: impl FnMut(&str)) -> Result<()> {
        let status = children::logged(command, &self.log, line)?;
        if status.success() {
            Ok(())
        } else {
            Err(self.failure(&format!("{status}")))
        }
    }

    /// The stage's failure with the end of its log.
    pub fn failure(&mut self, what: &str) -> Error {
        let text = std::fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default();
        let unknown = "see the log".to_owned();
        Error::Stage {
            stage: self.name.clone(),
            log: self.log.clone(),
            what: what.to_owned(),
            tail: cause::tail(&text, 20),
            cause: cause::likely_cause(&text)
                .map_or(unknown, |cause| format!("likely cause: {cause}")),
        }
    }

    /// Adds to the log.
    pub fn write(&self, text: &str) -> Result<()> {
        use std::io::Write as _;
        let mut file = std::fs::File::options()
            .append(true)
            .create(true)
            .open(&self.log)
            .at("open", &self.log)?;
        writeln!(file, "{text}").at("write", &self.log)
    }
}
