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

    proptest! {
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
