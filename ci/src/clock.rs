// SPDX-License-Identifier: EUPL-1.2
//! Clocks of a build: one that stands still for the signer, and a wrong one to prove that no other clock gets into an image.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::build::inside;
use crate::checkout::EPOCH;
use crate::children;
use crate::enter::Enter;
use crate::error::{FileContext, Result};
use crate::toolbox::Toolbox;

/// Source of a library that tells another time.
const SOURCE: &str = include_str!("clock.c");

/// Where the libraries are mounted: below /usr, the only place that mkosi's own sandbox takes programs from.
const LIBRARIES: &str = "/usr/local/lib";

/// Signs boot loader, kernel and UKI, and writes the time of signing into each (systemd 257 and sbsigntool alike).
const SIGNER: &str = "/usr/lib/systemd/systemd-sbsign";

/// Stands in for the signer: the same program under the clock that stands still.
const SIGNER_SCRIPT: &str =
    "#!/bin/sh\nLD_PRELOAD=/usr/local/lib/still.so exec /usr/local/lib/systemd-sbsign \"$@\"\n";

/// Gives the stay its clocks: signatures are always made at the epoch; the rest is ahead by so many seconds, if any.
pub fn wear<'a>(enter: Enter<'a>, toolbox: &'a Toolbox, ahead: Option<u64>) -> Result<Enter<'a>> {
    let libraries = toolbox.scratch("clocks")?;
    library(toolbox, &libraries, "still.so", &format!("-DFIXED={EPOCH}"))?;
    let signer = toolbox.tree.join(SIGNER.trim_start_matches('/'));
    let copy = libraries.join("systemd-sbsign");
    std::fs::copy(&signer, &copy).at("copy", &signer)?;
    let script = libraries.join("signer");
    std::fs::write(&script, SIGNER_SCRIPT).at("write", &script)?;
    for program in [&copy, &script] {
        std::fs::set_permissions(program, PermissionsExt::from_mode(0o755))
            .at("protect", program)?;
    }
    let mut enter = enter.show(&libraries, LIBRARIES).show(&script, SIGNER);
    if let Some(seconds) = ahead {
        library(
            toolbox,
            &libraries,
            "ahead.so",
            &format!("-DOFFSET={seconds}"),
        )?;
        let etc = tree(toolbox)?.join("etc");
        std::fs::create_dir_all(&etc).at("create", &etc)?;
        let preload = etc.join("ld.so.preload");
        std::fs::write(&preload, format!("{LIBRARIES}/ahead.so\n")).at("write", &preload)?;
        enter = enter.show(&preload, "/etc/ld.so.preload");
    }
    Ok(enter)
}

/// What mkosi's own sandbox, which has another /etc, has to be given for the wrong clock.
pub fn tree(toolbox: &Toolbox) -> Result<PathBuf> {
    toolbox.scratch("clock")
}

fn library(toolbox: &Toolbox, dir: &Path, name: &str, definition: &str) -> Result<()> {
    let target = dir.join(name);
    if target.exists() {
        return Ok(());
    }
    let source = dir.join("clock.c");
    std::fs::write(&source, SOURCE).at("write", &source)?;
    let mut command = toolbox.enter().offline().command("gcc")?;
    command.args(["-O2", "-Wall", "-shared", "-fPIC", definition, "-o"]);
    command
        .arg(inside(toolbox, &target))
        .arg(inside(toolbox, &source));
    children::output(&mut command)?;
    Ok(())
}
