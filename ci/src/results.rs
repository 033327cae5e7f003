// SPDX-License-Identifier: EUPL-1.2
//! Counting what tests reported.

/// Tests that passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
}

impl Count {
    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// What a suite counts for: its tests, or itself where it has none. A suite that ended badly has at least one failure.
    pub fn of_suite(self, success: bool) -> Self {
        match (success, self) {
            (
                true,
                Self {
                    passed: 0,
                    failed: 0,
                },
            ) => Self {
                passed: 1,
                failed: 0,
            },
            (false, Self { passed, failed: 0 }) => Self { passed, failed: 1 },
            (_, count) => count,
        }
    }
}

/// Reads a line `test result: ok. 12 passed; 0 failed; …`, or vitest's `Tests  1 failed | 12 passed (13)`.
pub fn parse_line(line: &str) -> Option<Count> {
    if let Some(rest) = line.trim().strip_prefix("Tests ") {
        return parse_vitest(rest);
    }
    let rest = line.trim().strip_prefix("test result: ")?;
    let (_, numbers) = rest.split_once(". ")?;
    let mut fields = numbers.split("; ");
    let mut number = |word: &str| fields.next()?.strip_suffix(word)?.trim().parse().ok();
    Some(Count {
        passed: number("passed")?,
        failed: number("failed")?,
    })
}

/// Tests that were left out are not there for nothing: they count as failed.
fn parse_vitest(rest: &str) -> Option<Count> {
    let (parts, _) = rest.split_once(" (")?;
    let mut count = Count::default();
    for part in parts.split(" | ") {
        let (number, word) = part.trim().split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match word {
            "passed" => count.passed += number,
            _ => count.failed += number,
        }
    }
    Some(count)
}

/// A test that failed, and what it said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Its name.
    pub name: String,
    /// Where and why, a line each; nothing where it did not say.
    pub why: Vec<String>,
}

/// So many lines of what a test said are kept, of so many characters.
const WHY: (usize, usize) = (12, 600);

/// Reads which tests failed and why from what a run prints: Rust's tests (`test NAME ... FAILED`, later `---- NAME stdout ----` with a
/// panic) and vitest's (` FAIL  FILE > NAME`).
#[derive(Debug, Default)]
pub struct Failures {
    found: Vec<Failed>,
    /// Of which test lines are read now, and whether it has come to its panic.
    section: Option<(usize, bool)>,
}

impl Failures {
    /// One more line of the run.
    pub fn read(&mut self, line: &str) {
        let rust = line
            .strip_prefix("test ")
            .and_then(|rest| rest.strip_suffix(" ... FAILED"));
        if let Some(name) = rust.or_else(|| line.strip_prefix(" FAIL ")) {
            self.entry(name.trim());
            return;
        }
        let section = line
            .strip_prefix("---- ")
            .and_then(|rest| rest.strip_suffix(" stdout ----"));
        if let Some(name) = section {
            self.section = Some((self.entry(name), false));
        } else if line == "failures:" || line.starts_with("note: run with `RUST_BACKTRACE") {
            self.section = None;
        } else if let Some((at, panicked)) = &mut self.section {
            *panicked |= line.contains(" panicked at ");
            let why = &mut self.found[*at].why;
            if *panicked && !line.trim().is_empty() && why.len() < WHY.0 {
                why.push(line.chars().take(WHY.1).collect());
            }
        }
    }

    /// All of them.
    pub fn into_found(self) -> Vec<Failed> {
        self.found
    }

    fn entry(&mut self, name: &str) -> usize {
        if let Some(at) = self.found.iter().position(|test| test.name == name) {
            return at;
        }
        self.found.push(Failed {
            name: name.to_owned(),
            why: Vec::new(),
        });
        self.found.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vitest_is_read() {
        let read = |line| parse_line(line).map(|count| (count.passed, count.failed));
        assert_eq!(read("      Tests  34 passed (34)"), Some((34, 0)));
        assert_eq!(
            read("      Tests  1 failed | 33 passed | 2 skipped (36)"),
            Some((33, 3))
        );
        assert_eq!(read(" Test Files  4 passed (4)"), None);
        assert_eq!(read("Tests are fun (always)"), None);
    }

    #[test]
    fn why_a_test_failed_is_read() {
        let run = "test a ... ok\ntest b::c ... FAILED\n\nfailures:\n\n---- b::c stdout ----\nsaid before\n\n\
            thread 'b::c' (7) panicked at x.rs:1:2:\nthe ring did not happen\n  console: x\n\
            note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\nmore\n\nfailures:\n    b::c\n";
        let mut failures = Failures::default();
        run.lines().for_each(|line| failures.read(line));
        let found = failures.into_found();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "b::c");
        let why = [
            "thread 'b::c' (7) panicked at x.rs:1:2:",
            "the ring did not happen",
            "  console: x",
        ];
        assert_eq!(found[0].why, why);
    }

    proptest! {
        #[test]
        fn reasons_have_bounds(lines in prop::collection::vec("---- [ab] stdout ----| FAIL .*|.* panicked at .*|.{0,500}", 0..60)) {
            let mut failures = Failures::default();
            for line in &lines {
                failures.read(line);
            }
            for test in failures.into_found() {
                prop_assert!(test.why.len() <= WHY.0);
                prop_assert!(test.why.iter().all(|line| line.chars().count() <= WHY.1));
            }
        }

        #[test]
        fn counts_are_read(passed in any::<u32>(), failed in any::<u32>(), word in "ok|FAILED") {
            let line = format!("test result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s");
            prop_assert_eq!(parse_line(&line), Some(Count { passed: passed.into(), failed: failed.into() }));
        }

        #[test]
        fn no_line_panics(line in ".*") {
            let _ = parse_line(&line);
        }
    }

    #[test]
    fn a_suite_without_tests_counts_itself() {
        assert_eq!(
            Count::default().of_suite(true),
            Count {
                passed: 1,
                failed: 0
            }
        );
        assert_eq!(
            Count::default().of_suite(false),
            Count {
                passed: 0,
                failed: 1
            }
        );
        assert_eq!(
            Count {
                passed: 3,
                failed: 0
            }
            .of_suite(false),
            Count {
                passed: 3,
                failed: 1
            }
        );
        assert_eq!(
            Count {
                passed: 3,
                failed: 2
            }
            .of_suite(false),
            Count {
                passed: 3,
                failed: 2
            }
        );
    }
}
