// SPDX-License-Identifier: EUPL-1.2
//! What is in the trees that an image runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::device::{output_of, tool};

/// Programs that run what somebody types or lays down, and those that let somebody in.
const FORBIDDEN: &[&str] = &[
    "agetty",
    "ash",
    "awk",
    "bash",
    "busybox",
    "dash",
    "debugfs",
    "expect",
    "gawk",
    "gdb",
    "getty",
    "ksh",
    "login",
    "lua",
    "mawk",
    "mksh",
    "nawk",
    "node",
    "original-awk",
    "perl",
    "python",
    "rbash",
    "ruby",
    "sh",
    "ssh",
    "sshd",
    "su",
    "sudo",
    "sulogin",
    "tclsh",
    "zsh",
];

/// Whether a program of this name, with or without a version behind it, is one of them.
fn forbidden(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let folder = path.parent().and_then(Path::file_name);
    let program = folder.is_some_and(|f| f == "bin" || f == "sbin" || f == "systemd");
    program && FORBIDDEN.contains(&plain)
}

fn assert_nothing_interprets(tree: &str, files: &[PathBuf]) {
    assert!(files.len() > 100, "{tree}: {} files", files.len());
    let found: Vec<&PathBuf> = files.iter().filter(|file| forbidden(file)).collect();
    assert!(found.is_empty(), "{tree}: {found:?}");
}

/// Of what grants rights to whoever asks only the library is there, which brltty was linked with.
fn assert_nothing_of_polkit(files: &[PathBuf]) {
    let found: Vec<&PathBuf> = files
        .iter()
        .filter(|file| {
            let path = file.to_string_lossy().to_lowercase();
            let name = path.rsplit('/').next().unwrap_or_default();
            let asks = path.contains("polkit") || path.contains("policykit");
            asks && !name.starts_with("libpolkit-")
        })
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

fn below(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            below(&entry.path(), files);
        } else {
            files.push(entry.path());
        }
    }
}

/// Proves T12, C7: neither the system nor the initrd of a flavour has a shell, another interpreter or a way to sign in, and nobody in
/// the system can be asked for rights.
#[test]
fn no_tree_has_a_shell() {
    for flavour in ["terminal", "case"] {
        let scratch = tempfile::tempdir_in(qemu::base_dir()).unwrap();
        tool(
            Command::new("fsck.erofs")
                .arg(format!("--extract={}", scratch.path().display()))
                .arg("--no-preserve")
                .arg("--overwrite")
                .arg(output_of(flavour, ".usr.raw")),
        );
        let mut system = Vec::new();
        below(scratch.path(), &mut system);
        assert_nothing_interprets("system", &system);
        assert_nothing_of_polkit(&system);

        let mut unpack = Command::new("zstd")
            .args(["--decompress", "--stdout"])
            .arg(output_of(flavour, "initrd.cpio.zst"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let list = Command::new("cpio")
            .args(["--list", "--quiet"])
            .stdin(unpack.stdout.take().unwrap())
            .output()
            .unwrap();
        assert!(unpack.wait().unwrap().success() && list.status.success());
        let names = String::from_utf8(list.stdout).unwrap();
        let initrd: Vec<PathBuf> = names.lines().map(PathBuf::from).collect();
        assert_nothing_interprets("initrd", &initrd);
    }
}
