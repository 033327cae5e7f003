// SPDX-License-Identifier: EUPL-1.2
//! From the checkout to the image of a flavour: compile, stage, assemble, describe.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::Mode;
use rustix::process::umask;

use crate::artefacts::{self, Artefacts};
use crate::borrowed::{self, Borrowed};
use crate::checkout::{Checkout, EPOCH};
use crate::children::Partial;
use crate::clock;
use crate::enrolment::VARIABLES;
use crate::enter::Enter;
use crate::error::{Error, FileContext, MORE_SPACE, Result};
use crate::host;
use crate::keys::{INSIDE, Keys};
use crate::lock::Set;
use crate::progress::{Progress, Stage};
use crate::recipes;
use crate::sbom;
use crate::toolbox::Toolbox;

/// Programs of the running system: crate and program. An image has those that its recipes run.
const SYSTEM: &[(&str, &str)] = &[
    ("applications", "applications"),
    ("call", "call"),
    ("clerk", "clerk"),
    ("compositor", "compositor"),
    ("inventory", "inventory"),
    ("network", "network"),
    ("network", "uplink"),
    ("print", "print"),
    ("scan", "scan"),
    ("session", "session"),
    ("shell", "shell"),
    ("sound", "sound"),
    ("trust", "trust"),
    ("usb", "usb-authorise"),
];

/// Programs of the initrd: crate and program.
const INITRD: &[(&str, &str)] = &[("trust", "root-hash-signature")];

/// The same wherever the checkout is, so that not even the flags differ. No path of this machine may reach the binaries.
const RUSTFLAGS: &str = "--remap-path-prefix=/src=/src --remap-path-prefix=/srv/other=/src --remap-path-prefix=/cache/cargo=/cargo";

/// Lays out what mkosi copies into the system (/stage/system) and into the initrd (/stage/initrd). What systemd-boot enrols goes to
/// the EFI system partition.
const STAGE: &str = "set -eu; umask 022; cd /stage; rm -rf system initrd; \
    copy() { install -D -m 755 \"/target/image/$2\" \"$1/usr/lib/amtsnah/$2\"; }; \
    for p in $1; do copy system \"$p\"; done; for p in $2; do copy initrd \"$p\"; done; \
    install -D -m 644 \"$3/operator.crt\" system/usr/share/amtsnah/operator.crt; \
    for f in $5; do install -D -m 755 \"/$f\" \"system/$f\"; done; \
    for v in $4; do install -D -m 644 \"$3/$v.auth\" \"system/efi/loader/keys/auto/$v.auth\"; done";

/// What a build depends on that is not in the checkout.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// Short name; part of every directory of this build.
    pub name: String,
    /// How the toolbox is entered.
    pub source: &'static str,
    /// Host name, umask, processors and variables that may make no difference.
    pub hostname: &'static str,
    /// Umask of the person who builds.
    pub umask: u32,
    /// Processors that mkosi may use. How many the compiler uses is only a matter of time, with one code unit a crate.
    pub cpus: Option<&'static str>,
    /// More variables.
    pub env: &'static [(&'static str, &'static str)],
    /// A clock that is ahead by this many seconds.
    pub clock: Option<u64>,
}

impl Conditions {
    /// What everyone builds with.
    pub fn usual() -> Self {
        Self {
            name: String::new(),
            source: "/src",
            hostname: "toolbox",
            umask: 0o022,
            cpus: None,
            env: &[],
            clock: None,
        }
    }

    fn enter<'a>(&self, toolbox: &'a Toolbox) -> Result<Enter<'a>> {
        let mut enter = toolbox.enter().source(self.source).hostname(self.hostname);
        for (name, value) in self.env {
            enter = enter.env(name, value);
        }
        enter = clock::wear(enter, toolbox, self.clock)?;
        Ok(enter)
    }
}

/// The umask of this process, until dropped.
struct Umask(Mode);

impl Umask {
    fn set(mask: u32) -> Self {
        Self(umask(Mode::from_raw_mode(mask)))
    }
}

impl Drop for Umask {
    fn drop(&mut self) {
        umask(self.0);
    }
}

/// What an image has beside Debian's packages.
#[derive(Debug, Clone)]
pub struct Contents {
    /// Our programs of the running system.
    pub programs: Vec<&'static str>,
    /// Files of packages that it does not have.
    pub borrowed: Vec<Borrowed>,
}

impl Contents {
    fn of(checkout: &Checkout, flavour: &str, toolbox: &Set) -> Result<Self> {
        let recipes = recipes::of(checkout, flavour)?;
        let all: Vec<&str> = SYSTEM.iter().map(|(_, program)| *program).collect();
        Ok(Self {
            programs: recipes::programs(&recipes, &all)?,
            borrowed: borrowed::of(&recipes, toolbox)?,
        })
    }

    /// The crates that our programs are made of.
    pub fn crates(&self) -> BTreeSet<&'static str> {
        let system = SYSTEM.iter();
        let system = system.filter(|(_, program)| self.programs.contains(program));
        system.chain(INITRD).map(|(name, _)| *name).collect()
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

/// Space that the making of one image takes.
pub const SPACE: u64 = 4 << 30;

/// The site configuration that becomes part of every image.
const SITE: &str = "recipes/site/site.toml";

/// The service descriptions that become part of every image.
const PROCEDURES: &str = "recipes/site/procedures.xml";

/// Checks the site configuration and its service descriptions before anything slow is done with them.
fn check_site(checkout: &Checkout) -> Result<()> {
    let path = checkout.root().join(SITE);
    let text = std::fs::read_to_string(&path).at("read", &path)?;
    let site = site::parse(SITE, &text)?;
    let path = checkout.root().join(PROCEDURES);
    let bytes = std::fs::read(&path).at("read", &path)?;
    procedures::parse(PROCEDURES, &bytes, &site)?;
    Ok(())
}

/// Builds a flavour under the given conditions.
pub fn build(
    toolbox: &Toolbox,
    keys: &Keys,
    flavour: &str,
    conditions: &Conditions,
    progress: &Progress,
) -> Result<Built> {
    check_site(&toolbox.checkout)?;
    let contents = Contents::of(&toolbox.checkout, flavour, &toolbox.supply.lock.toolbox)?;
    let place = match conditions.name.as_str() {
        "" => flavour.to_owned(),
        name => format!("{flavour}-{name}"),
    };
    let _umask = Umask::set(conditions.umask);
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
        contents: &contents,
    };
    let start = Instant::now();
    progress.stage(&format!("crates{suffix}"), |stage| fetch(toolbox, stage))?;
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
            &contents,
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

/// A way to run cargo as for an image; what it compiles goes to `target`.
fn cargo<'a>(enter: &Enter<'a>, target: &Path) -> Enter<'a> {
    enter
        .clone()
        .lend(target, "/target")
        .env("CARGO_TARGET_DIR", "/target")
        .env("RUSTFLAGS", RUSTFLAGS)
        .env("CARGO_INCREMENTAL", "0")
}

fn compile_programs(enter: &Enter<'_>, target: &Path, stage: &mut Stage) -> Result<()> {
    let mut command = cargo(enter, target).command("cargo")?;
    command.args([
        "build",
        "--profile=image",
        "--locked",
        "--offline",
        "--bins",
    ]);
    let crates: BTreeSet<&str> = SYSTEM.iter().chain(INITRD).map(|(name, _)| *name).collect();
    for name in crates {
        command.args(["--package", name]);
    }
    stage.run(&mut command)
}

/// Compiles an image's programs, and an example of a crate beside them; returns the directory that has both, in the toolbox.
pub fn programs_with_example(
    toolbox: &Toolbox,
    package: &str,
    example: &str,
    progress: &Progress,
) -> Result<PathBuf> {
    let target = toolbox.target("image")?;
    let enter = Conditions::usual()
        .enter(toolbox)?
        .env("SOURCE_DATE_EPOCH", EPOCH.to_string());
    progress.stage("crates", |stage| fetch(toolbox, stage))?;
    progress.stage("compile", |stage| compile_programs(&enter, &target, stage))?;
    // On its own: what it needs must not change how the programs are compiled.
    progress.stage(&format!("compile {example}"), |stage| {
        let mut command = cargo(&enter, &target).command("cargo")?;
        command.args(["build", "--profile=image", "--locked", "--offline"]);
        stage.run(command.args(["--package", package, "--example", example]))
    })?;
    Ok(inside(toolbox, &target).join("image"))
}

/// All crates first, so that nothing after this needs the network.
fn fetch(toolbox: &Toolbox, stage: &mut Stage) -> Result<()> {
    let enter = toolbox.enter();
    stage.run(enter.command("cargo")?.args([
        "fetch",
        "--locked",
        "--target",
        "x86_64-unknown-linux-gnu",
    ]))
}

struct Work<'a> {
    toolbox: &'a Toolbox,
    keys: &'a Keys,
    flavour: &'a str,
    conditions: &'a Conditions,
    place: &'a str,
    contents: &'a Contents,
}

impl Work<'_> {
    fn enter(&self) -> Result<Enter<'_>> {
        Ok(self
            .conditions
            .enter(self.toolbox)?
            .env("SOURCE_DATE_EPOCH", EPOCH.to_string()))
    }

    /// A directory of this build in the cache.
    fn dir(&self, of: &str) -> Result<PathBuf> {
        self.toolbox.cache.dir(&format!("{of}/{}", self.place))
    }

    fn compile(&self, stage: &mut Stage) -> Result<()> {
        // All flavours run the same programs: compiled once, unless the conditions are unusual.
        let target = match self.conditions.name.as_str() {
            "" => "image",
            name => name,
        };
        let target = self.toolbox.target(target)?;
        let enter = self.enter()?.offline();
        compile_programs(&enter, &target, stage)?;
        let enter = enter.lend(&target, "/target");
        let enter = enter
            .lend(&self.dir("stage")?, "/stage")
            .show(self.keys.dir(), INSIDE);
        let borrowed = self.contents.borrowed.iter();
        let borrowed: Vec<&str> = borrowed.map(|b| b.file.as_str()).collect();
        let mut command = enter.command("sh")?;
        command.args([
            "-c",
            STAGE,
            "sh",
            &self.contents.programs.join(" "),
            &INITRD
                .iter()
                .map(|(_, program)| *program)
                .collect::<Vec<_>>()
                .join(" "),
            INSIDE,
            &VARIABLES.map(|variable| variable.name).join(" "),
            &borrowed.join(" "),
        ]);
        stage.run(&mut command)
    }

    fn assemble(&self, stage: &mut Stage) -> Result<()> {
        let toolbox = self.toolbox;
        self.need_space()?;
        let partial = Partial::at(toolbox.cache.place(&format!("build/{}", self.place))?)?;
        self.dir("build")?;
        // Trees with packages installed are kept for the next build; they hold only for exactly these packages.
        let installed = format!("mkosi/{}", toolbox.supply.lock.image.key());
        for dir in [installed.as_str(), "out"] {
            toolbox.cache.dir(dir)?;
        }
        let workspace = inside(toolbox, &toolbox.scratch("mkosi")?);
        let enter = self
            .enter()?
            .offline()
            .show(self.keys.dir(), INSIDE)
            .show(&self.dir("stage")?, "/stage")
            .show(
                &toolbox.checkout.root().join("image/ukify.conf"),
                "/usr/lib/systemd/ukify.conf",
            );
        let enter = match self.conditions.cpus {
            Some(cpus) => enter.cpus(cpus),
            None => enter,
        };
        let mut command = enter.command("mkosi")?;
        command
            .arg(format!("--directory={}/image", self.conditions.source))
            .arg(format!("--profile={}", self.flavour))
            .arg(format!("--output-directory=/cache/build/{}", self.place))
            .arg(format!("--package-cache-directory=/cache/{installed}"))
            .arg(format!("--workspace-directory={}", workspace.display()))
            .arg("--local-mirror=file:///repo")
            .arg(format!("--image-version={}", toolbox.checkout.version()?))
            .arg(format!("--source-date-epoch={EPOCH}"))
            .args(Keys::mkosi("secure-boot", "db"))
            // The kernel only accepts root hashes signed by a key that the firmware knows.
            .args(Keys::mkosi("verity", "db"))
            .arg("--force");
        if self.conditions.name.is_empty() {
            command
                .arg(format!("--cache-directory=/cache/{installed}"))
                .arg("--incremental=yes");
        }
        if self.conditions.clock.is_some() {
            let tree = inside(toolbox, &clock::tree(toolbox)?);
            command.arg(format!("--sandbox-tree={}", tree.display()));
        }
        stage.run(command.arg("build"))?;
        partial.keep_as(&toolbox.cache.root().join("out").join(self.place))
    }

    fn need_space(&self) -> Result<()> {
        let free = host::free_space(self.toolbox.cache.root())?;
        if free >= SPACE {
            return Ok(());
        }
        let what = format!(
            "{} MiB are free in {}, an image needs {} MiB",
            free >> 20,
            self.toolbox.cache.root().display(),
            SPACE >> 20
        );
        Err(Error::needs(what, MORE_SPACE))
    }
}

/// The path in the toolbox of something in the cache.
pub fn inside(toolbox: &Toolbox, path: &Path) -> PathBuf {
    path.strip_prefix(toolbox.cache.root())
        .map_or_else(|_| path.to_owned(), |rest| Path::new("/cache").join(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T4: a wrong service description stops a build before it begins, with its place in the file.
    #[test]
    fn wrong_service_descriptions_stop_a_build() {
        let root = tempfile::tempdir().unwrap();
        let checkout = Checkout::at(root.path());
        std::fs::create_dir_all(root.path().join("recipes/site")).unwrap();
        let site = include_str!("../../recipes/site/site.toml");
        let procedures = include_str!("../../recipes/site/procedures.xml");
        std::fs::write(root.path().join(SITE), site).unwrap();
        assert!(matches!(check_site(&checkout), Err(Error::File { .. })));
        std::fs::write(root.path().join(PROCEDURES), procedures).unwrap();
        check_site(&checkout).unwrap();
        let wrong = procedures.replacen("languageCode=\"de\"", "languageCode=\"en\"", 1);
        std::fs::write(root.path().join(PROCEDURES), wrong).unwrap();
        let Err(Error::Site(diagnostic)) = check_site(&checkout) else {
            panic!("the build goes on");
        };
        assert_eq!(diagnostic.code_word(), "procedures::no-german");
        assert!(diagnostic.line() > 1 && diagnostic.to_string().starts_with(PROCEDURES));
    }
}
