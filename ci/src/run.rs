// SPDX-License-Identifier: EUPL-1.2
//! A flavour in a virtual machine on this screen.

use std::path::{Path, PathBuf};

use crate::build::{self, Conditions};
use crate::cache::Cache;
use crate::children;
use crate::cli::Run;
use crate::enter::Enter;
use crate::error::{Error, FileContext, Result};
use crate::keys::{INSIDE, Keys};
use crate::progress::Progress;
use crate::toolbox::Toolbox;

/// The program that starts virtual machines, in the toolbox.
pub const VM: &str = "/cache/target/dev/debug/vm";

/// Compiles [`VM`].
pub fn compile_vm(toolbox: &Toolbox, progress: &Progress) -> Result<()> {
    progress.stage("virtual machine", |stage| {
        stage.run(toolbox.develop()?.command("cargo")?.args([
            "build",
            "--quiet",
            "--locked",
            "--package",
            "qemu",
            "--bin",
            "vm",
        ]))
    })
}

/// What [`VM`] always has to be told.
pub fn vm_arguments(toolbox: &Toolbox, flavour: &str, image: &Path) -> Vec<String> {
    vec![
        "--flavour".to_owned(),
        flavour.to_owned(),
        "--image".to_owned(),
        build::inside(toolbox, image).display().to_string(),
    ]
}

/// Where machines leave what they showed when something failed, below the cache.
pub const FAILED: &str = "vm/failed";

/// Lets machines leave there what they showed, and name it as the host does.
pub fn keep_failed<'a>(enter: Enter<'a>, cache: &Cache) -> Result<Enter<'a>> {
    Ok(enter
        .env("AMTSNAH_VM_ARTEFACTS", format!("/cache/{FAILED}"))
        .env("AMTSNAH_VM_ARTEFACTS_SEEN", cache.dir(FAILED)?))
}

/// Builds a flavour unless told not to, and starts it. The rest is the business of `qemu`'s program `vm`.
pub fn run(toolbox: &Toolbox, keys: &Keys, options: &Run, progress: &Progress) -> Result<bool> {
    let image = toolbox.cache.root().join("out").join(&options.flavour);
    if options.no_build {
        if !image.is_dir() {
            return Err(Error::needs(
                format!("{} was not built yet", options.flavour),
                "leave --no-build away",
            ));
        }
    } else {
        build::build(
            toolbox,
            keys,
            &options.flavour,
            &Conditions::usual(),
            progress,
        )?;
    }
    compile_vm(toolbox, progress)?;
    let state = toolbox.cache.dir(&format!("vm/{}", options.flavour))?;
    let enter = toolbox.enter().show(keys.dir(), INSIDE);
    let mut enter = keep_failed(enter, &toolbox.cache)?;
    let mut arguments = vm_arguments(toolbox, &options.flavour, &image);
    let state = build::inside(toolbox, &state).display().to_string();
    arguments.extend(["--state".to_owned(), state]);
    if options.headless {
        arguments.push("--headless".to_owned());
    } else {
        enter = enter.display();
    }
    if let Some(stage) = &options.until {
        arguments.extend(["--until".to_owned(), stage.clone()]);
    }
    // Made in the cache by root, and copied by whoever asks for it.
    let mut picture = None;
    if let Some(file) = &options.screenshot {
        let (made, wanted) = (
            toolbox.scratch("picture")?.join("screen.png"),
            screenshot_place(file)?,
        );
        let inside = build::inside(toolbox, &made).display().to_string();
        arguments.extend(["--screenshot".to_owned(), inside]);
        picture = Some((made, wanted));
    }
    if progress.is_json() {
        arguments.push("--json".to_owned());
    }
    arguments.extend(options.rest.iter().cloned());
    let status = children::interactive(enter.command(VM)?.args(arguments))?;
    if let Some((made, wanted)) = picture.filter(|_| status.success()) {
        std::fs::copy(&made, &wanted).at("write", &wanted)?;
    }
    Ok(status.success())
}

/// Where the picture goes; the directory has to be there.
fn screenshot_place(file: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(file).at("find", file)?;
    if absolute.parent().is_some_and(Path::is_dir) && !absolute.is_dir() {
        return Ok(absolute);
    }
    Err(Error::needs(
        format!("{} is no place for a picture", file.display()),
        "name a file in a directory that exists",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_picture_goes() {
        let here = screenshot_place(Path::new("/tmp/a.png")).unwrap();
        assert_eq!(here, Path::new("/tmp/a.png"));
        for wrong in ["/nonexistent/a.png", "/tmp", "/"] {
            assert!(screenshot_place(Path::new(wrong)).is_err(), "{wrong}");
        }
    }
}
