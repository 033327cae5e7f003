// SPDX-License-Identifier: EUPL-1.2
//! The clerk's page (`services/desk`): npm's packages as its lock names them, what is checked, and what is built.

use crate::enter::Enter;
use crate::error::Result;
use crate::progress::{Progress, Stage};
use crate::results::Count;
use crate::suites;
use crate::toolbox::Toolbox;

/// Where it is, in the toolbox.
const SOURCE: &str = "/src/services/desk";
/// Where [`page`] builds it into. The exchange serves that directory (`--page`).
pub const PAGE: &str = "/src/services/desk/dist";

/// Compiles the exchange that the page's browser tests speak with.
const EXCHANGE: &[&str] = &[
    "build",
    "--quiet",
    "--locked",
    "--package",
    "exchange",
    "--bin",
    "exchange",
];

/// What npm runs there. Packages that it fetched stay in the cache; no package runs anything of its own while it is installed.
fn enter(toolbox: &Toolbox) -> Result<Enter<'_>> {
    Ok(toolbox
        .develop()?
        .writable()
        .env("npm_config_cache", "/cache/npm")
        .env("npm_config_update_notifier", "false")
        .env("npm_config_ignore_scripts", "true")
        .env("npm_config_audit", "false")
        .env("npm_config_fund", "false")
        .env("NO_COLOR", "1"))
}

fn npm(toolbox: &Toolbox, arguments: &[&str]) -> Result<std::process::Command> {
    let mut command = enter(toolbox)?.command("npm")?;
    command.args(["--prefix", SOURCE]).args(arguments);
    Ok(command)
}

fn install(toolbox: &Toolbox, stage: &mut Stage) -> Result<()> {
    stage.run(&mut npm(toolbox, &["ci", "--no-progress"])?)
}

/// Builds the page.
pub fn page(toolbox: &Toolbox, progress: &Progress) -> Result<()> {
    progress.stage("the clerk's page", |stage| {
        install(toolbox, stage)?;
        stage.run(&mut npm(toolbox, &["run", "build"])?)
    })
}

/// Everything that is proven of it: types, lints, its states, its build, and the page in a browser with a real exchange.
pub fn test(toolbox: &Toolbox, progress: &Progress) -> Result<Count> {
    progress.stage("test desk", |stage| {
        install(toolbox, stage)?;
        let mut count = Count::default();
        for script in ["types", "lint", "unit", "build"] {
            count.add(suites::tests(stage, &mut npm(toolbox, &["run", script])?)?);
        }
        if count.failed == 0 {
            stage.run(toolbox.develop()?.command("cargo")?.args(EXCHANGE))?;
            count.add(suites::tests(
                stage,
                &mut npm(toolbox, &["run", "browser"])?,
            )?);
        }
        Ok(count)
    })
}
