// SPDX-License-Identifier: EUPL-1.2
//! The command as a person or a build machine calls it.

use std::process::{Command, Output};

fn os(cache: &std::path::Path, arguments: &[&str]) -> std::io::Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_os"));
    command
        .env("AMTSNAH_CACHE", cache)
        .env_remove("AMTSNAH_KEYS");
    command.args(arguments).output()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn help_names_every_command() {
    let dir = tempfile::tempdir().unwrap();
    let help = text(&os(dir.path(), &["--help"]).unwrap().stdout);
    for command in [
        "build", "run", "test", "verify", "lock", "keys", "doctor", "clean",
    ] {
        assert!(
            help.lines().any(|l| l.trim_start().starts_with(command)),
            "{command}: {help}"
        );
    }
}

#[test]
fn an_unknown_flavour_is_refused_with_the_names_of_the_known() {
    let dir = tempfile::tempdir().unwrap();
    let output = os(dir.path(), &["build", "nonsense"]).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("nonsense") && said.contains("terminal"),
        "{said}"
    );
}

#[test]
fn errors_are_json_where_a_program_reads() {
    let dir = tempfile::tempdir().unwrap();
    let output = os(dir.path(), &["--json", "verify", "nonsense"]).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["event"], "error");
    assert!(object["help"].as_str().unwrap().contains("flavours are"));
}

#[test]
fn suites_can_be_listed() {
    let dir = tempfile::tempdir().unwrap();
    let output = os(dir.path(), &["test", "--list"]).unwrap();
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("verify"));
}

#[test]
fn clean_leaves_the_keys() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["out", "stage", "vm/terminal", "keys", "packages/ab"] {
        std::fs::create_dir_all(dir.path().join(name)).unwrap();
        std::fs::write(dir.path().join(name).join("file.deb"), "x").unwrap();
    }
    assert!(os(dir.path(), &["clean"]).unwrap().status.success());
    for built in ["out", "stage", "vm"] {
        assert!(!dir.path().join(built).exists(), "{built}");
    }
    assert!(
        !dir.path().join("packages/ab/file.deb").exists(),
        "a package that is not locked"
    );
    assert!(
        os(dir.path(), &["clean", "--all"])
            .unwrap()
            .status
            .success()
    );
    assert!(!dir.path().join("packages").exists());
    assert!(dir.path().join("keys/file.deb").exists());
}
