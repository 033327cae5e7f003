// SPDX-License-Identifier: EUPL-1.2
//! From the checkout to the image of a flavour: compile, stage, assemble, describe.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::artefacts::{self, Artefacts};
use crate::checkout::Checkout;
use crate::enter::Enter;
use crate::error::{Error, Result};
use crate::host;
use crate::keys::{INSIDE, Keys};
use crate::progress::{Progress, Stage};
use crate::sbom;
use crate::toolbox::Toolbox;

/// The programs of ours that an image holds.
const PROGRAMS: &[&str] = &["compositor", "shell", "trust"];

/// What a build depends on that is not in the checkout.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// Short name; part of every directory of this build.
    pub name: String,
    /// How the toolbox is entered.
    pub source: &'static str,
    /// Host name, umask, processors and variables that may make no difference.
    pub hostname: &'static str,
    /// Umask.
    pub umask: &'static str,
    /// Processors.
    pub cpus: Option<&'static str>,
    /// More variables.
    pub env: &'static [(&'static str, &'static str)],
    /// A clock that is wrong by this much, in libfaketime's words.
    pub clock: Option<&'static str>,
}

impl Conditions {
    /// What everyone builds with.
    pub fn usual() -> Self {
        Self {
            name: String::new(),
            source: "/src",
            hostname: "toolbox",
            umask: "022",
            cpus: None,
            env: &[],
            clock: None,
        }
    }

    fn enter<'a>(&self, toolbox: &'a Toolbox) -> Result<Enter<'a>> {
        let mut enter = toolbox
            .enter()
            .source(self.source)
            .hostname(self.hostname)
            .umask(self.umask);
        if let Some(cpus) = self.cpus {
            enter = enter.cpus(cpus);
        }
        for (name, value) in self.env {
            enter = enter.env(name, value);
        }
        if let Some(clock) = self.clock {
            let dir = toolbox.scratch("clock")?;
            let (preload, config) = (dir.join("ld.so.preload"), dir.join("faketimerc"));
            for (path, text) in [
                (
                    &preload,
                    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1\n".to_owned(),
                ),
                (&config, format!("{clock}\n")),
            ] {
                crate::error::FileContext::at(std::fs::write(path, text), "write", path)?;
            }
            // Build tools compare times of files with the clock, so files stay in the real time, and waiting lasts as long as it says.
            enter = enter
                .show(&preload, "/etc/ld.so.preload")
                .show(&config, "/etc/faketimerc")
                .env("NO_FAKE_STAT", "1");
            enter = enter.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        Ok(enter)
    }
}

/// The result of a build.
#[derive(Debug)]
pub struct Built {
    /// Where its files are.
    pub dir: PathBuf,
    /// What they are.
    pub artefacts: Artefacts,
    /// Seconds for compiling and for assembling.
    pub seconds: [f64; 2],
}

/// The flavours that there are.
pub fn flavours(checkout: &Checkout) -> Vec<String> {
    let dir = checkout.root().join("image/mkosi.profiles");
    let names = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names
        .map(|name| name.trim_end_matches(".conf").to_owned())
        .collect();
    names.sort();
    names
}

/// Checks the name of a flavour.
pub fn check_flavour(checkout: &Checkout, name: &str) -> Result<()> {
    let all = flavours(checkout);
    if all.iter().any(|flavour| flavour == name) {
        return Ok(());
    }
    Err(Error::needs(
        format!("there is no flavour `{name}`"),
        format!("flavours are: {}", all.join(", ")),
    ))
}

/// Builds a flavour under the given conditions.
pub fn build(
    toolbox: &Toolbox,
    keys: &Keys,
    flavour: &str,
    conditions: &Conditions,
    progress: &Progress,
) -> Result<Built> {
    let place = match conditions.name.as_str() {
        "" => flavour.to_owned(),
        name => format!("{flavour}-{name}"),
    };
    let _busy = toolbox.cache.exclusive(&format!("image-{place}"))?;
    let suffix = if conditions.name.is_empty() {
        String::new()
    } else {
        format!(" {}", conditions.name)
    };
    let work = Work {
        toolbox,
        keys,
        flavour,
        conditions,
        place: &place,
    };
    let start = Instant::now();
    progress.stage(&format!("crates{suffix}"), |stage| work.fetch(stage))?;
    progress.stage(&format!("compile{suffix}"), |stage| work.compile(stage))?;
    let compiled = start.elapsed().as_secs_f64();
    progress.stage(&format!("image {flavour}{suffix}"), |stage| {
        work.assemble(stage)
    })?;
    let dir = toolbox.cache.root().join("out").join(&place);
    let artefacts = progress.stage(&format!("describe {flavour}{suffix}"), |stage| {
        sbom::write(
            toolbox,
            &work.conditions.enter(toolbox)?,
            &dir,
            flavour,
            stage,
        )?;
        artefacts::describe(toolbox, &dir, &place, stage)
    })?;
    Ok(Built {
        dir,
        artefacts,
        seconds: [compiled, start.elapsed().as_secs_f64() - compiled],
    })
}

struct Work<'a> {
    toolbox: &'a Toolbox,
    keys: &'a Keys,
    flavour: &'a str,
    conditions: &'a Conditions,
    place: &'a str,
}

impl Work<'_> {
    fn enter(&self) -> Result<Enter<'_>> {
        Ok(self.conditions.enter(self.toolbox)?.env(
            "SOURCE_DATE_EPOCH",
            self.toolbox.checkout.epoch().to_string(),
        ))
    }

    /// All crates first, so that nothing after this needs the network.
    fn fetch(&self, stage: &mut Stage) -> Result<()> {
        let enter = self.toolbox.enter();
        stage.run(enter.command("cargo")?.args([
            "fetch",
            "--locked",
            "--target",
            "x86_64-unknown-linux-gnu",
        ]))
    }

    fn compile(&self, stage: &mut Stage) -> Result<()> {
        let source = self.conditions.source;
        let target = if self.conditions.name.is_empty() {
            "/cache/target/image".to_owned()
        } else {
            format!("/cache/target/{}", self.place)
        };
        // No path of this machine may reach the binaries.
        let flags = format!(
            "--remap-path-prefix={source}=/src --remap-path-prefix=/cache/cargo=/cargo --remap-path-prefix={target}=/target"
        );
        let enter = self
            .enter()?
            .offline()
            .env("CARGO_TARGET_DIR", &target)
            .env("RUSTFLAGS", flags)
            .env("CARGO_INCREMENTAL", "0");
        let mut command = enter.command("cargo")?;
        command.args([
            "build",
            "--profile",
            "image",
            "--locked",
            "--offline",
            "--bins",
        ]);
        for program in PROGRAMS {
            command.args(["--package", program]);
        }
        stage.run(&mut command)?;
        let script = "set -eu; umask 022; rm -rf \"$1\"; install -d \"$1/usr/lib/amtsnah\"; t=$2; s=$1; shift 2; \
            for p in \"$@\"; do install -m 755 \"$t/image/$p\" \"$s/usr/lib/amtsnah/$p\"; done";
        let staged = format!("/cache/build/{}/stage", self.place);
        let enter = self.enter()?.offline();
        stage.run(
            enter
                .command("sh")?
                .args(["-c", script, "sh", &staged, &target])
                .args(PROGRAMS),
        )
    }

    fn assemble(&self, stage: &mut Stage) -> Result<()> {
        let toolbox = self.toolbox;
        self.need_space()?;
        let build = format!("/cache/build/{}", self.place);
        let partial = crate::children::Partial::at(
            toolbox.cache.place(&format!("build/{}/out", self.place))?,
        )?;
        for dir in ["mkosi/cache", "mkosi/build", "out"] {
            toolbox.cache.dir(dir)?;
        }
        toolbox.cache.dir(&format!("build/{}/out", self.place))?;
        let enter = self.enter()?.offline().show(self.keys.dir(), INSIDE);
        let mut command = enter.command("mkosi")?;
        command
            .arg(format!("--directory={}/image", self.conditions.source))
            .arg(format!("--profile={}", self.flavour));
        command
            .arg(format!("--output-directory={build}/out"))
            .arg(format!("--extra-tree={build}/stage:/"));
        command.args([
            "--package-cache-directory=/cache/mkosi/cache",
            "--workspace-directory=/var/tmp",
            "--local-mirror=file:///repo",
        ]);
        command.arg(format!("--image-version={}", toolbox.checkout.version()?));
        command.arg(format!("--source-date-epoch={}", toolbox.checkout.epoch()));
        command.args(self.keys.mkosi("secure-boot", "db")?);
        command.args(self.keys.mkosi("verity", "verity")?);
        command.args(self.keys.mkosi("sign-expected-pcr", "pcr")?);
        stage.run(command.args(["--force", "build"]))?;
        partial.keep_as(&toolbox.cache.root().join("out").join(self.place))
    }

    fn need_space(&self) -> Result<()> {
        const NEEDED: u64 = 4 << 30;
        let free = host::free_space(self.toolbox.cache.root())?;
        if free >= NEEDED {
            return Ok(());
        }
        let what = format!(
            "{} MiB are free in {}, an image needs {} MiB",
            free >> 20,
            self.toolbox.cache.root().display(),
            NEEDED >> 20
        );
        Err(Error::needs(
            what,
            "free some space, `cargo os clean`, or set AMTSNAH_CACHE to a larger disk",
        ))
    }
}

/// The path in the toolbox of something in the cache.
pub fn inside(toolbox: &Toolbox, path: &Path) -> PathBuf {
    path.strip_prefix(toolbox.cache.root())
        .map_or_else(|_| path.to_owned(), |rest| Path::new("/cache").join(rest))
}
