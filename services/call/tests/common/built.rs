// SPDX-License-Identifier: EUPL-1.2
//! What npm makes of sources: once for all tests and runs, by what the sources are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

/// Installs the packages of `sources` (each a file or folder, and its name among the others), runs `steps` (each of words, the first a
/// program) beside them, and keeps the folder `result`. Returns where that is.
pub fn built(name: &str, sources: &[(PathBuf, &str)], steps: &[&[&str]], result: &str) -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut hash = Sha256::new();
    for step in steps {
        hash.update(step.join(" "));
    }
    let mut files = Vec::new();
    for (from, to) in sources {
        list(from, Path::new(to), &mut files);
    }
    files.sort();
    for (from, to) in &files {
        hash.update(to.to_str().unwrap());
        hash.update(Sha256::digest(fs::read(from).unwrap()));
    }
    let hash = format!("{:x}", hash.finalize());
    let place = all.join(format!("{name}-{}", &hash[..16]));
    if place.is_dir() {
        return place;
    }
    let dir = tempfile::tempdir_in(all).unwrap();
    for (from, to) in &files {
        let to = dir.path().join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
    let install: &[&str] = &["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    for step in [&[install], steps].concat() {
        let output = Command::new(step[0])
            .args(&step[1..])
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{step:?}: {output:?}");
    }
    if let Err(error) = fs::rename(dir.path().join(result), &place) {
        // Another test was as far.
        assert!(place.is_dir(), "{}: {error}", place.display());
    }
    place
}

/// All files of `from`, and where they belong.
fn list(from: &Path, to: &Path, files: &mut Vec<(PathBuf, PathBuf)>) {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            list(&from.join(&name), &to.join(&name), files);
        }
    } else {
        files.push((from.into(), to.into()));
    }
}
