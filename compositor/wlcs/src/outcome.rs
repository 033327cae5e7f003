// SPDX-License-Identifier: EUPL-1.2
//! What the suite prints about a test. Pure.

/// How a test has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Well.
    Passed,
    /// Not run, with the suite's reason.
    Skipped(String),
    /// With a failure, of which this is the first line.
    Failed(String),
}

/// A line that means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A test begins.
    Begins(String),
    /// A test has ended.
    Ended(String, Verdict),
    /// Why a test is skipped.
    Because(String),
    /// Anything else.
    Text(String),
}

/// How a test has ended, without the details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Well.
    Passed,
    /// Not run.
    Skipped,
    /// With a failure.
    Failed,
}

/// Reads one line of output.
#[must_use]
pub fn read(line: &str) -> Line {
    let line = without_colours(line);
    let Some((tag, rest)) = line
        .trim_start()
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    else {
        return Line::Text(line);
    };
    // `Suite.Test`, where parameters may follow after a comma, and a time in parentheses.
    let name = || {
        let name = rest.trim().split(" (").next().unwrap_or_default();
        name.split(',').next().unwrap_or_default().to_owned()
    };
    match tag.trim() {
        "RUN" => Line::Begins(name()),
        "OK" => Line::Ended(name(), Verdict::Passed),
        "FAILED" => Line::Ended(name(), Verdict::Failed),
        "SKIP" | "SKIPPED" => Line::Ended(name(), Verdict::Skipped),
        "" => Line::Because(rest.trim().to_owned()),
        _ => Line::Text(line),
    }
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, text)| text);
    }
    plain + rest
}

/// Reads the list of tests: suites, and below each, indented, its tests.
#[must_use]
pub fn read_list(text: &str) -> Vec<String> {
    let mut suite = "";
    let mut names = Vec::new();
    for line in text.lines() {
        let name = line.split('#').next().unwrap_or_default().trim_end();
        match name.strip_prefix("  ") {
            Some(case) if !case.starts_with("DISABLED_") => names.push(format!("{suite}{case}")),
            Some(_) => {}
            None => suite = name,
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_read() {
        for (line, expected) in [
            (
                "[ RUN      ] Some.test/0",
                Line::Begins("Some.test/0".to_owned()),
            ),
            (
                "[       OK ] Some.test/0 (12 ms)",
                Line::Ended("Some.test/0".to_owned(), Verdict::Passed),
            ),
            (
                "[  FAILED  ] Some.test/0, where GetParam() = left (3 ms)",
                Line::Ended("Some.test/0".to_owned(), Verdict::Failed),
            ),
            (
                "\u{1b}[33m[     SKIP ]\u{1b}[0m Some.test (1ms)",
                Line::Ended("Some.test".to_owned(), Verdict::Skipped),
            ),
            (
                "[          ] Missing extension: wl_shell",
                Line::Because("Missing extension: wl_shell".to_owned()),
            ),
            ("anything", Line::Text("anything".to_owned())),
        ] {
            assert_eq!(read(line), expected);
        }
    }

    #[test]
    fn the_list_is_read() {
        let text = "Alone.\n  one\n  DISABLED_two\nMany/Suite.\n  test/0  # GetParam() = x\n";
        assert_eq!(read_list(text), ["Alone.one", "Many/Suite.test/0"]);
    }

    proptest! {
        #[test]
        fn no_line_panics(line in any::<String>()) {
            let _ = (read(&line), read_list(&line));
        }
    }
}
