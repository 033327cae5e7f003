// SPDX-License-Identifier: EUPL-1.2
//! `cargo os test`: all suites in order, each counted, one line at the end.

use std::process::Command;

use serde_json::json;

use crate::build::{self, Built, Conditions};
use crate::cache::Cache;
use crate::checkout::Checkout;
use crate::cli::{self, Cli};
use crate::desk;
use crate::enter::Enter;
use crate::error::{Error, Result};
use crate::host;
use crate::keys::{INSIDE, Keys};
use crate::progress::{Progress, Stage};
use crate::results::{self, Count, Failures};
use crate::run::{FAILED, keep_failed};
use crate::supply::Policy;
use crate::toolbox::Toolbox;
use crate::verify;

/// Which tests a suite belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Floor {
    /// No virtual machine.
    Quick,
    /// The whole system.
    System,
    /// Hours, or tools that take long to make.
    Soak,
}

/// A suite: its name, floor and what it proves.
struct Suite {
    name: &'static str,
    floor: Floor,
    about: &'static str,
    run: fn(&Bench<'_>) -> Result<Count>,
}

const SUITES: &[Suite] = &[
    Suite {
        name: "os",
        floor: Floor::Quick,
        about: "this command, on the host",
        run: host_tests,
    },
    Suite {
        name: "format",
        floor: Floor::Quick,
        about: "rustfmt",
        run: format,
    },
    Suite {
        name: "lint",
        floor: Floor::Quick,
        about: "clippy without a warning",
        run: lint,
    },
    Suite {
        name: "crates",
        floor: Floor::Quick,
        about: "pure and peer tests of all crates",
        run: crates,
    },
    Suite {
        name: "wlcs",
        floor: Floor::Quick,
        about: "the compositor under the Wayland conformance suite",
        run: wlcs,
    },
    Suite {
        name: "desk",
        floor: Floor::Quick,
        about: "the clerk's page, alone and in a browser with a real exchange",
        run: desk,
    },
    Suite {
        name: "system",
        floor: Floor::System,
        about: "images in virtual machines",
        run: system,
    },
    Suite {
        name: CONSULTATION,
        floor: Floor::System,
        about: "a terminal, an exchange and a clerk's browser, face to face",
        run: consultation,
    },
    Suite {
        name: RESIDUE,
        floor: Floor::System,
        about: "nothing is left of sessions, in memory and on disk; ten of them where it is asked for by name",
        run: residue,
    },
    Suite {
        name: "verify",
        floor: Floor::System,
        about: "the terminal flavour, built twice, is the same",
        run: reproducible,
    },
    Suite {
        name: "deny",
        floor: Floor::Soak,
        about: "licences and sources of crates (cargo-deny)",
        run: deny,
    },
];

/// The flavours that system tests boot.
const FLAVOURS: &[&str] = &["terminal", "case"];

/// The version of cargo-deny that is installed into the cache.
const DENY: &str = "0.18.9";

/// What suites share: made once, when the first one needs it.
struct Bench<'a> {
    cli: &'a Cli,
    checkout: &'a Checkout,
    cache: &'a Cache,
    progress: &'a Progress,
    /// Also what takes hours; in the suite of residue that was asked for by name, all of it.
    soak: bool,
    toolbox: std::cell::OnceCell<Toolbox>,
    images: std::cell::OnceCell<(Keys, Vec<Built>)>,
}

/// Runs the suites that were asked for; true if nothing failed.
pub fn run(
    cli: &Cli,
    options: &cli::Test,
    checkout: &Checkout,
    cache: &Cache,
    progress: &Progress,
) -> Result<bool> {
    if options.list {
        let rows: Vec<(String, String)> = SUITES
            .iter()
            .map(|s| (s.name.to_owned(), format!("{} ({:?})", s.about, s.floor)))
            .collect();
        progress.result(&crate::artefacts::table(&rows), &json!(rows));
        return Ok(true);
    }
    let chosen = choose(options)?;
    let (toolbox, images) = (std::cell::OnceCell::new(), std::cell::OnceCell::new());
    let bench = Bench {
        cli,
        checkout,
        cache,
        progress,
        soak: options.soak || options.name.as_deref() == Some(RESIDUE),
        toolbox,
        images,
    };
    let mut total = Count::default();
    let mut suites = serde_json::Map::new();
    for suite in chosen {
        let count = match (suite.run)(&bench) {
            Ok(count) => count,
            Err(error) => {
                progress.error(error);
                Count::default().of_suite(false)
            }
        };
        let all = count.passed + count.failed;
        progress.line(&match count.failed {
            0 => format!("suite {}: ok, {all} tests", suite.name),
            bad => format!("suite {}: FAILED, {bad} of {all} tests", suite.name),
        });
        suites.insert(
            suite.name.to_owned(),
            json!({"passed": count.passed, "failed": count.failed}),
        );
        total.add(count);
    }
    progress.failures();
    let line = format!("{} passed, {} failed", total.passed, total.failed);
    progress.result(
        &line,
        &json!({"passed": total.passed, "failed": total.failed, "suites": suites}),
    );
    Ok(total.failed == 0)
}

fn choose(options: &cli::Test) -> Result<Vec<&'static Suite>> {
    if let Some(name) = &options.name {
        let found: Vec<&Suite> = SUITES.iter().filter(|s| s.name == name).collect();
        let names: Vec<&str> = SUITES.iter().map(|s| s.name).collect();
        return if found.is_empty() {
            Err(Error::needs(
                format!("there is no suite `{name}`"),
                format!("suites are: {}", names.join(", ")),
            ))
        } else {
            Ok(found)
        };
    }
    let wanted = |floor| match floor {
        Floor::Quick => true,
        Floor::System => !options.quick,
        Floor::Soak => options.soak,
    };
    Ok(SUITES.iter().filter(|suite| wanted(suite.floor)).collect())
}

impl Bench<'_> {
    fn toolbox(&self) -> Result<&Toolbox> {
        if let Some(toolbox) = self.toolbox.get() {
            return Ok(toolbox);
        }
        let made = Toolbox::ready(self.checkout, self.cache, Policy::Nearest, self.progress)?;
        Ok(self.toolbox.get_or_init(|| made))
    }

    fn images(&self) -> Result<&(Keys, Vec<Built>)> {
        if let Some(images) = self.images.get() {
            return Ok(images);
        }
        let toolbox = self.toolbox()?;
        let keys = Keys::ready(self.cli.keys.as_deref(), self.cache, toolbox, self.progress)?;
        let built = FLAVOURS
            .iter()
            .map(|f| build::build(toolbox, &keys, f, &Conditions::usual(), self.progress))
            .collect::<Result<_>>()?;
        Ok(self.images.get_or_init(|| (keys, built)))
    }

    /// Tests may write into the checkout: proptest keeps the inputs that failed.
    fn enter(&self) -> Result<Enter<'_>> {
        let enter = self.toolbox()?.develop()?.writable();
        // What takes hours, each test knows itself.
        Ok(if self.soak {
            enter.env("AMTSNAH_SOAK", "1")
        } else {
            enter
        })
    }

    fn cargo(&self, stage: &mut Stage, arguments: &[&str]) -> Result<Count> {
        let mut command = self.enter()?.command("cargo")?;
        command.args(arguments);
        tests(stage, &mut command)
    }
}

/// Runs something that reports tests. That tests fail is a result, not an error; their names, their reasons and the log's end are shown.
pub fn tests(stage: &mut Stage, command: &mut Command) -> Result<Count> {
    let mut count = Count::default();
    let mut failures = Failures::default();
    let bar = stage.bar();
    let outcome = stage.run_with(command, |line| {
        if let Some(more) = results::parse_line(line) {
            count.add(more);
        }
        failures.read(line);
        bar.set_message(line.to_owned());
    });
    match outcome {
        Ok(()) => Ok(count.of_suite(true)),
        Err(error @ Error::Stage { .. }) => {
            stage.found_bad(error, failures.into_found());
            Ok(count.of_suite(false))
        }
        Err(error) => Err(error),
    }
}

fn host_tests(bench: &Bench<'_>) -> Result<Count> {
    bench.progress.stage("test os", |stage| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        tests(
            stage,
            Command::new(cargo)
                .args(["test", "--locked", "--package", "os"])
                .current_dir(bench.checkout.root()),
        )
    })
}

fn format(bench: &Bench<'_>) -> Result<Count> {
    bench.toolbox()?;
    bench.progress.stage("format", |stage| {
        bench.cargo(stage, &["fmt", "--all", "--check", "--", "--color=never"])
    })
}

fn lint(bench: &Bench<'_>) -> Result<Count> {
    bench.toolbox()?;
    let arguments = [
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ];
    bench
        .progress
        .stage("lint", |stage| bench.cargo(stage, &arguments))
}

fn crates(bench: &Bench<'_>) -> Result<Count> {
    bench.toolbox()?;
    bench.progress.stage("test crates", |stage| {
        let all = [
            "test",
            "--locked",
            "--workspace",
            "--exclude",
            "os",
            "--exclude",
            "qemu",
            "--no-fail-fast",
        ];
        let mut count = bench.cargo(stage, &all)?;
        let mut qemu: Vec<String> = [
            "test",
            "--locked",
            "--package",
            "qemu",
            "--lib",
            "--bins",
            "--no-fail-fast",
        ]
        .map(str::to_owned)
        .into();
        for name in peers(&bench.checkout.root().join("qemu/tests")) {
            qemu.extend(["--test".to_owned(), name]);
        }
        let qemu: Vec<&str> = qemu.iter().map(String::as_str).collect();
        count.add(bench.cargo(stage, &qemu)?);
        Ok(count)
    })
}

/// The harness's own tests: all but the whole-system tests, which need images.
fn peers(dir: &std::path::Path) -> Vec<String> {
    let files = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let mut names: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .filter_map(|path| {
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned())
        })
        .filter(|name| name != "system")
        .collect();
    names.sort();
    names
}

fn wlcs(bench: &Bench<'_>) -> Result<Count> {
    bench.toolbox()?;
    bench.progress.stage("test wlcs", |stage| {
        bench.cargo(stage, &["run", "--locked", "--package", "compositor-wlcs"])
    })
}

fn desk(bench: &Bench<'_>) -> Result<Count> {
    desk::test(bench.toolbox()?, bench.progress)
}

/// Which of the whole-system tests are suites of their own, by their modules.
const RESIDUE: &str = "residue";
const CONSULTATION: &str = "consultation";

fn module(suite: &str) -> String {
    format!("{suite}::")
}

fn system(bench: &Bench<'_>) -> Result<Count> {
    let [residue, consultation] = [RESIDUE, CONSULTATION].map(module);
    let others = ["--skip", &residue, "--skip", &consultation];
    machines(bench, "test system", &others)
}

fn consultation(bench: &Bench<'_>) -> Result<Count> {
    machines(bench, "test consultation", &[&module(CONSULTATION)])
}

fn residue(bench: &Bench<'_>) -> Result<Count> {
    machines(bench, "test residue", &[&module(RESIDUE)])
}

/// Runs those whole-system tests that `which` says.
fn machines(bench: &Bench<'_>, title: &str, which: &[&str]) -> Result<Count> {
    let (keys, _) = bench.images()?;
    let _busy = bench.cache.exclusive("system tests")?;
    // What an earlier run left: devices of one that was killed, screens of machines that failed.
    for place in ["vm/tests", FAILED] {
        host::remove(&bench.cache.place(place)?)?;
        bench.cache.dir(place)?;
    }
    let count = bench.progress.stage(title, |stage| {
        let mut enter = bench
            .enter()?
            .show(keys.dir(), INSIDE)
            .env("AMTSNAH_VM_DIR", "/cache/vm/tests")
            .env("AMTSNAH_IMAGES", "/cache/out")
            .env("AMTSNAH_KEYS", INSIDE);
        enter = keep_failed(enter, bench.cache)?;
        let mut command = enter.command("cargo")?;
        command.args([
            "test",
            "--locked",
            "--package",
            "qemu",
            "--test",
            "system",
            "--no-fail-fast",
            "--",
        ]);
        command.args(which);
        tests(stage, &mut command)
    })?;
    host::remove(&bench.cache.place("vm/tests")?)?;
    if count.failed > 0 {
        bench.progress.line(&format!(
            "screens and consoles of failed machines: {}",
            bench.cache.place(FAILED)?.display()
        ));
    }
    Ok(count)
}

fn reproducible(bench: &Bench<'_>) -> Result<Count> {
    let (keys, built) = bench.images()?;
    let flavour = FLAVOURS[0];
    let same = verify::compare_with(bench.toolbox()?, keys, flavour, &built[0], bench.progress)?;
    Ok(Count::default().of_suite(same))
}

fn deny(bench: &Bench<'_>) -> Result<Count> {
    bench.toolbox()?;
    bench.progress.stage("cargo-deny", |stage| {
        if !bench.cache.root().join("bin/bin/cargo-deny").exists() {
            let enter = bench
                .toolbox()?
                .enter()
                .env("CARGO_TARGET_DIR", "/cache/target/deny");
            stage.run(enter.command("cargo")?.args([
                "install",
                "--locked",
                "--root",
                "/cache/bin",
                "cargo-deny",
                "--version",
                DENY,
            ]))?;
        }
        // Crates for other systems are in the lock too, and are looked at.
        bench.cargo(stage, &["fetch", "--locked"])?;
        bench.cargo(
            stage,
            &["deny", "--offline", "check", "bans", "licenses", "sources"],
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(name: Option<&str>, quick: bool, soak: bool) -> cli::Test {
        cli::Test {
            name: name.map(str::to_owned),
            quick,
            soak,
            list: false,
        }
    }

    #[test]
    fn which_suites_run() {
        let names = |options: &cli::Test| {
            choose(options)
                .unwrap()
                .iter()
                .map(|s| s.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names(&options(None, true, false)),
            ["os", "format", "lint", "crates", "wlcs", "desk"]
        );
        assert!(names(&options(None, false, false)).contains(&"verify"));
        assert!(names(&options(None, false, true)).contains(&"deny"));
        assert_eq!(names(&options(Some("lint"), false, false)), ["lint"]);
        assert!(choose(&options(Some("nonsense"), false, false)).is_err());
    }

    #[test]
    fn a_run_of_tests_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let progress = Progress::new(Cache::at(dir.path()), true);
        let script = "echo 'test a ... FAILED'; echo 'test result: FAILED. 2 passed; 1 failed; 0 ignored'; exit 101";
        let count = progress
            .stage("x", |stage| {
                tests(stage, Command::new("sh").args(["-c", script]))
            })
            .unwrap();
        assert_eq!(
            count,
            Count {
                passed: 2,
                failed: 1
            }
        );
    }
}
