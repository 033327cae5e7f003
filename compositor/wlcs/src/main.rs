// SPDX-License-Identifier: EUPL-1.2
//! Runs the conformance suite and compares what became of each test with the list.
//!
//! With arguments, runs only tests whose names contain one of them, and prints each one's outcome.

use std::{collections::BTreeMap, path::PathBuf, process::Command};

use compositor_wlcs::{expected::Expected, outcome::Outcome, runner::Suite};
use miette::{IntoDiagnostic, Result, miette};

const LIST: &str = include_str!("../expected.txt");
const LIBRARY: &str = "libcompositor_wlcs.so";

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let expected = Expected::read(LIST).into_diagnostic()?;
    let jobs = std::thread::available_parallelism().map_or(2, usize::from);
    let (mut passed, mut bad) = (0, 0);
    println!("{:<28}{:>8}{:>9}{:>8}", "", "passed", "skipped", "failed");
    for early_buffers in [false, true] {
        let suite = Suite {
            program: program()?,
            library: library()?,
            early_buffers,
        };
        let mut names = suite.list().into_diagnostic()?;
        if !wanted.is_empty() {
            names.retain(|name| wanted.iter().any(|part| name.contains(part.as_str())));
        }
        let results = suite.run(&names, jobs).into_diagnostic()?;
        let title = if early_buffers {
            "buffers may come early"
        } else {
            "by the protocol"
        };
        let good = row(title, &results);
        if !wanted.is_empty() {
            for (name, outcome) in &results {
                println!("{name}: {outcome:?}");
            }
            continue;
        }
        passed += good;
        for difference in expected.compare(&results, !early_buffers) {
            println!("{difference}");
            bad += 1;
        }
    }
    let word = if bad == 0 { "ok" } else { "FAILED" };
    println!("test result: {word}. {passed} passed; {bad} failed; 0 ignored");
    if bad == 0 {
        Ok(())
    } else {
        Err(miette!(
            "{bad} tests differ from compositor/wlcs/expected.txt"
        ))
    }
}

/// Prints a row of the table; returns how many have passed.
fn row(title: &str, results: &BTreeMap<String, Outcome>) -> usize {
    let count = |is: fn(&Outcome) -> bool| results.values().filter(|outcome| is(outcome)).count();
    let passed = count(|outcome| matches!(outcome, Outcome::Passed));
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    println!("{title:<28}{passed:>8}{skipped:>9}{failed:>8}");
    passed
}

/// The suite's program, by what its package says.
fn program() -> Result<PathBuf> {
    let output = Command::new("pkg-config")
        .args(["--variable=test_runner", "wlcs"])
        .output()
        .into_diagnostic()?;
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if path.is_empty() {
        return Err(miette!("pkg-config does not know the package wlcs"));
    }
    Ok(path.into())
}

/// The library, which is built beside this program.
fn library() -> Result<PathBuf> {
    let program = std::env::current_exe().into_diagnostic()?;
    let path = program.with_file_name(LIBRARY);
    if path.exists() {
        Ok(path)
    } else {
        Err(miette!("{} is not there", path.display()))
    }
}
