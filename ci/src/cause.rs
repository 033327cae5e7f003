// SPDX-License-Identifier: EUPL-1.2
//! What the last lines of a log most likely mean.

/// Words in a log, all of them in one line, and what they mean. The first match counts, so the specific ones come first.
const CAUSES: &[(&[&str], &str)] = &[
    (
        &["No space left on device"],
        "the disk is full: `cargo os clean` frees what is not needed, `cargo os doctor` says how much is missing",
    ),
    (
        &["could not be made"],
        "a partition is too small for what goes into it: see image/mkosi.repart",
    ),
    (
        &["can't fit requested partitions"],
        "a partition is too small for what goes into it: see image/mkosi.repart",
    ),
    (
        &["Cannot allocate memory"],
        "the memory is full: close other programs, or build with fewer jobs (CARGO_BUILD_JOBS=1)",
    ),
    (
        &["out of memory"],
        "the memory is full: close other programs, or build with fewer jobs (CARGO_BUILD_JOBS=1)",
    ),
    (
        &["rustc", "signal: 9"],
        "a compiler was killed, most likely because the memory is full: build with CARGO_BUILD_JOBS=1",
    ),
    (
        &["signal 9"],
        "a program was killed, most likely because the memory is full",
    ),
    (
        &["self-signed certificate"],
        "the network has its own certificate authority: install its certificate on this host (update-ca-certificates)",
    ),
    (
        &["unable to get local issuer certificate"],
        "the network has its own certificate authority: install its certificate on this host (update-ca-certificates)",
    ),
    (
        &["key values mismatch"],
        "a key does not fit its certificate: `cargo os keys` names it",
    ),
    (
        &["bad decrypt"],
        "a key file is encrypted: take its passphrase off",
    ),
    (
        &["Failed to load X.509 certificate"],
        "a certificate in the keys directory is damaged: `cargo os keys` checks them all",
    ),
    (
        &["Unable to locate package"],
        "the image asks for a package that is not locked: `cargo os lock --add`",
    ),
    (
        &["has no installation candidate"],
        "the image asks for a package that is not locked: `cargo os lock --add`",
    ),
    (
        &["unmet dependencies"],
        "the packages asked for cannot be installed together: see the lines above",
    ),
    (
        &["Hash Sum mismatch"],
        "a package file was changed after it was verified: `cargo os clean` makes the local repository again",
    ),
    (
        &["the lock file", "needs to be updated"],
        "Cargo.lock does not fit the manifests: run `cargo update --workspace` and commit it",
    ),
    (
        &["cannot update the lock file"],
        "Cargo.lock does not fit the manifests: run `cargo update --workspace` and commit it",
    ),
    (
        &["Temporary failure resolving"],
        "there is no network, or its name server does not answer",
    ),
    (
        &["Could not resolve"],
        "there is no network, or its name server does not answer",
    ),
    (
        &["Could not connect to"],
        "the mirror does not answer: check the network and the proxy settings",
    ),
    (&["Network is unreachable"], "there is no network"),
    (
        &["failed to get", "offline"],
        "a crate was not fetched beforehand: check Cargo.lock",
    ),
    (
        &["Creating new namespace failed"],
        "this host forbids namespaces: `cargo os doctor` says how to allow them",
    ),
    (
        &["No permissions to create new namespace"],
        "this host forbids namespaces: `cargo os doctor` says how to allow them",
    ),
    (
        &["bwrap: ", "Operation not permitted"],
        "the toolbox may not be entered: run as root, or with more rights if this is a container",
    ),
    (
        &["command not found"],
        "a tool is missing in the toolbox: name its package in image/toolbox.packages, then `cargo os lock --add`",
    ),
    (
        &["unable to find library -l"],
        "a library is missing in the toolbox: name its -dev package in image/toolbox.packages, then `cargo os lock --add`",
    ),
    (
        &["was not found in the pkg-config"],
        "a library is missing in the toolbox: name its -dev package in image/toolbox.packages, then `cargo os lock --add`",
    ),
    (
        &["error: linker"],
        "the linker is missing in the toolbox: name its package in image/toolbox.packages",
    ),
    (
        &["Read-only file system"],
        "a step tried to write into the checkout or the toolbox, which are read-only while building",
    ),
    (
        &["error[E"],
        "the code does not compile: see the lines above",
    ),
    (
        &["error: could not compile"],
        "the code does not compile: see the lines above",
    ),
    (&["Diff in /"], "the code is not formatted: cargo fmt --all"),
    (
        &["test result: FAILED"],
        "tests failed: see the lines above",
    ),
];

/// The most likely cause of a failure; the latest matching line counts most.
pub fn likely_cause(log: &str) -> Option<&'static str> {
    let matches = |line: &str, words: &[&str]| words.iter().all(|word| line.contains(word));
    CAUSES
        .iter()
        .find(|(words, _)| log.lines().any(|line| matches(line, words)))
        .map(|(_, cause)| *cause)
}

/// The last lines of a log, each cut to what a person reads: some tools print their whole command line.
pub fn tail(log: &str, lines: usize) -> String {
    const WIDTH: usize = 240;
    let cut = |line: &str| match line.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{} …", line.get(..at).unwrap_or(line)),
        None => line.to_owned(),
    };
    let all: Vec<String> = log
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(cut)
        .collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_causes() {
        let cases = [
            (
                "cp: error writing 'x': No space left on device\nerror: could not compile `a`",
                "disk is full",
            ),
            (
                "process didn't exit successfully: `rustc --crate-name smithay` (signal: 9, SIGKILL: kill)",
                "killed",
            ),
            (
                "a job ended: signal: 9 (SIGKILL)\ntest result: FAILED. 1 passed; 1 failed",
                "tests failed",
            ),
            ("E: Unable to locate package foo", "lock --add"),
            ("Temporary failure resolving 'mirror.example'", "no network"),
            ("sh: 1: erofsfuse: command not found", "toolbox.packages"),
            (
                "ssl: self-signed certificate in certificate chain",
                "certificate authority",
            ),
            ("x509 key values mismatch", "does not fit"),
        ];
        for (log, cause) in cases {
            assert!(
                likely_cause(log).is_some_and(|found| found.contains(cause)),
                "{log}: {:?}",
                likely_cause(log)
            );
        }
        assert_eq!(likely_cause("all is well"), None);
    }

    #[test]
    fn the_tail_of_a_short_log_is_the_log() {
        assert_eq!(tail("a\n\nb\n", 5), "a\nb");
        assert_eq!(tail("a\nb\nc", 2), "b\nc");
        assert_eq!(tail(&"ä".repeat(300), 1).chars().count(), 242);
    }
}
