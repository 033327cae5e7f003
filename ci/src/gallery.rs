// SPDX-License-Identifier: EUPL-1.2
//! Every screen as a picture, for people to look at: made by the shell's example `gallery` from what its tests walk.

use std::path::PathBuf;

use crate::error::Result;
use crate::host;
use crate::progress::Progress;
use crate::toolbox::Toolbox;

/// Where the gallery lies in the cache.
const PLACE: &str = "gallery";

/// Makes the gallery anew; returns its page.
pub fn make(toolbox: &Toolbox, all: bool, progress: &Progress) -> Result<PathBuf> {
    let dir = toolbox.cache.place(PLACE)?;
    host::remove(&dir)?;
    progress.stage("gallery", |stage| {
        let enter = toolbox.develop()?;
        let mut command = enter.command("cargo")?;
        command.args([
            "run",
            "--locked",
            "--package",
            "shell",
            "--example",
            "gallery",
        ]);
        command.args(["--", "--out", &format!("/cache/{PLACE}")]);
        if all {
            command.arg("--all");
        }
        let bar = stage.bar();
        stage.run_with(&mut command, |line| match settings(line) {
            Some((done, total)) => {
                bar.set_length(total);
                bar.set_position(done);
            }
            None => bar.set_message(line.to_owned()),
        })
    })?;
    Ok(dir.join("index.html"))
}

/// Reads "3/46".
fn settings(line: &str) -> Option<(u64, u64)> {
    let (done, total) = line.split_once('/')?;
    Some((done.parse().ok()?, total.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read() {
        assert_eq!(settings("3/46"), Some((3, 46)));
        assert_eq!(settings("Compiling a/b"), None);
    }
}
