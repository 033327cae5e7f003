// SPDX-License-Identifier: EUPL-1.2
//! The exchange of the sample municipality, with Kamailio and coturn, on this machine's loopback.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use crate::build;
use crate::children;
use crate::cli::Run;
use crate::desk;
use crate::error::{Error, FileContext as _, Result};
use crate::progress::Progress;
use crate::toolbox::Toolbox;

/// What it is called where a flavour could stand.
pub const NAME: &str = "exchange";

/// The program, in the toolbox.
const PROGRAM: &str = "/cache/target/dev/debug/exchange";

/// Compiles it, and runs it until it is told to end. What to open is said by the program itself.
pub fn run(toolbox: &Toolbox, options: &Run, progress: &Progress) -> Result<bool> {
    if options.until.is_some() || options.headless {
        return Err(Error::needs(
            "an exchange is no virtual machine".to_owned(),
            "`cargo os run exchange` takes no options but those after `--`",
        ));
    }
    if !options.no_build {
        progress.stage("exchange", |stage| {
            stage.run(toolbox.develop()?.command("cargo")?.args([
                "build",
                "--quiet",
                "--locked",
                "--package",
                "exchange",
            ]))
        })?;
        desk::page(toolbox, progress)?;
    }
    let state = toolbox.cache.dir(NAME)?;
    // Its secrets are for nobody else.
    std::fs::set_permissions(&state, Permissions::from_mode(0o700)).at("protect", &state)?;
    let inside = build::inside(toolbox, &state).display().to_string();
    let enter = toolbox.enter();
    let mut command = enter.command(PROGRAM)?;
    command
        .args(["try", "--state", &inside, "--seen"])
        .arg(&state)
        .args(["--page", desk::PAGE])
        .args(&options.rest);
    Ok(children::interactive(&mut command)?.success())
}
