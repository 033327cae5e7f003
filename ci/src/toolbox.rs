// SPDX-License-Identifier: EUPL-1.2
//! The toolbox: a Debian 13 tree made of the locked packages, in which everything is compiled, built, tested and run.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Cache;
use crate::checkout::Checkout;
use crate::children::{self, Partial};
use crate::enter::Enter;
use crate::error::{Error, FileContext, Result};
use crate::host;
use crate::lock::Set;
use crate::progress::Progress;
use crate::repo::{self, SUITE};
use crate::supply::{self, Policy, Supply};
use crate::target;

/// Changes whenever the way a tree is made does, so that old trees are not reused.
const FORM: &str = "4";

/// Directories and files that things are mounted on: the tree itself is read-only while it is used.
const MOUNT_POINTS: &str = "mkdir -p \"$1\"/src \"$1\"/srv/other \"$1\"/cache \"$1\"/usr/lib/amtsnah-keys \"$1\"/stage \"$1\"/target \"$1\"/repo \"$1\"/opt/rust && \
     rm -f \"$1\"/etc/resolv.conf && touch \"$1\"/etc/resolv.conf \"$1\"/etc/hosts \"$1\"/etc/ld.so.preload \"$1\"/usr/lib/systemd/ukify.conf \
     \"$1\"/etc/ssl/certs/ca-certificates.crt && rm -rf \"$1\"/var/cache/apt/archives/*.deb";

/// A language that sorts letters and changes their case in another way: builds must not care (`cargo os verify`).
const LOCALE: &str = "chroot \"$1\" localedef --inputfile=tr_TR --charmap=UTF-8 tr_TR.UTF-8";

/// A toolbox that is ready to be entered.
#[derive(Debug)]
pub struct Toolbox {
    /// The Debian tree.
    pub tree: PathBuf,
    /// The pinned Rust toolchain on the host.
    pub rust: PathBuf,
    /// The local repository of the packages that images are made of.
    pub image_repo: PathBuf,
    /// The checkout it works on.
    pub checkout: Checkout,
    /// The cache it keeps things in.
    pub cache: Cache,
    /// Whether the packages are exactly the locked ones.
    pub exact: bool,
    /// The packages in use.
    pub supply: Supply,
    scratch: Partial,
}

impl Toolbox {
    /// Makes the toolbox, or takes the one that is there.
    pub fn ready(
        checkout: &Checkout,
        cache: &Cache,
        policy: Policy,
        progress: &Progress,
    ) -> Result<Self> {
        host::prepare(progress)?;
        let busy = cache.exclusive("toolbox")?;
        let rust = rust(checkout)?;
        let supply = supply::provide(checkout, cache, policy, progress)?;
        let date = supply.lock.date().to_owned();
        let tree = place(cache, &supply.lock.toolbox);
        if !tree.is_dir() {
            let repo = repo::make(
                cache,
                &supply.store,
                "toolbox",
                &supply.lock.toolbox,
                &date,
                progress,
            )?;
            bootstrap(cache, &repo, &supply.lock.toolbox, &tree, progress)?;
        }
        let image_repo = repo::make(
            cache,
            &supply.store,
            "image",
            &supply.lock.image,
            &date,
            progress,
        )?;
        drop(busy);
        let scratch = scratch(cache)?;
        let (checkout, cache, exact) = (checkout.clone(), cache.clone(), supply.exact);
        Ok(Self {
            tree,
            rust,
            image_repo,
            checkout,
            cache,
            exact,
            supply,
            scratch,
        })
    }

    /// A way to run something in it.
    pub fn enter(&self) -> Enter<'_> {
        Enter::new(self)
    }

    /// A way to run cargo in it for a person or a test.
    pub fn develop(&self) -> Result<Enter<'_>> {
        self.target("dev")?;
        Ok(self.enter().env("CARGO_TARGET_DIR", "/cache/target/dev"))
    }

    /// The directory of this name for what the checkout compiles.
    pub fn target(&self, name: &str) -> Result<PathBuf> {
        target::claim(&self.cache, name, &self.checkout)
    }

    /// A directory on disk that lasts as long as this process.
    pub fn scratch(&self, name: &str) -> Result<PathBuf> {
        let path = self.scratch.path().join(name);
        std::fs::create_dir_all(&path).at("create", &path)?;
        Ok(path)
    }
}

/// Where the tree of a set is.
pub fn place(cache: &Cache, set: &Set) -> PathBuf {
    cache
        .root()
        .join("toolbox")
        .join(format!("{}-{FORM}", set.key()))
}

fn scratch(cache: &Cache) -> Result<Partial> {
    let dir = cache.dir("tmp")?;
    for entry in std::fs::read_dir(&dir).at("list", &dir)?.flatten() {
        // What a killed run left behind.
        if !Path::new("/proc").join(entry.file_name()).exists() {
            host::remove(&entry.path())?;
        }
    }
    let scratch = Partial::at(dir.join(std::process::id().to_string()))?;
    std::fs::create_dir_all(scratch.path()).at("create", scratch.path())?;
    Ok(scratch)
}

/// The toolchain that rust-toolchain.toml pins; rustup fetches it when asked for.
fn rust(checkout: &Checkout) -> Result<PathBuf> {
    let channel = checkout.channel()?;
    let fix = || {
        format!(
            "install Rust with rustup (https://rustup.rs), then `rustup toolchain install {channel}`"
        )
    };
    let ask = |option: &[&str]| {
        children::output(
            Command::new("rustc")
                .args(option)
                .current_dir(checkout.root()),
        )
        .map_err(|error| Error::needs(format!("no Rust compiler: {error}"), fix()))
    };
    let version = ask(&["--version"])?;
    let version = version.trim();
    if !version.split_whitespace().any(|word| word == channel) {
        return Err(Error::needs(
            format!("the Rust compiler is `{version}`, pinned is {channel}"),
            fix(),
        ));
    }
    Ok(PathBuf::from(ask(&["--print", "sysroot"])?.trim()))
}

fn bootstrap(
    cache: &Cache,
    repo: &Path,
    set: &Set,
    tree: &Path,
    progress: &Progress,
) -> Result<()> {
    cache.dir("toolbox")?;
    progress.stage("toolbox", |stage| {
        let partial = Partial::at(tree.with_extension("partial"))?;
        let source = format!(
            "deb [trusted=yes] copy:{} {SUITE} main",
            repo.display().to_string().replace(' ', "%20")
        );
        let mut command = host::privileged("bwrap");
        // In a PID namespace of its own, so that nothing of it outlives this process.
        command.args([
            "--die-with-parent",
            "--unshare-pid",
            "--unshare-ipc",
            "--cap-add",
            "ALL",
            "--bind",
            "/",
            "/",
        ]);
        command.args([
            "--dev-bind",
            "/dev",
            "/dev",
            "--proc",
            "/proc",
            "--setenv",
            "LC_ALL",
            "C.UTF-8",
            "--",
            "mmdebstrap",
        ]);
        command.args([
            "--mode=root",
            "--variant=apt",
            "--architectures=amd64",
            "--format=directory",
        ]);
        command.args([
            "--dpkgopt=force-unsafe-io",
            "--dpkgopt=path-exclude=/usr/share/man/*",
            "--dpkgopt=path-exclude=/usr/share/info/*",
        ]);
        command.args([
            "--dpkgopt=path-exclude=/usr/share/doc/*",
            "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        ]);
        command.args([
            "--aptopt=APT::Install-Recommends \"false\"",
            "--aptopt=APT::Sandbox::User \"root\"",
        ]);
        command.arg(format!("--include={}", set.wants.join(",")));
        command
            .arg(format!("--customize-hook={MOUNT_POINTS}"))
            .arg(format!("--customize-hook={LOCALE}"))
            .arg(SUITE)
            .arg(partial.path())
            .arg(source);
        let (total, mut done) = (set.packages.len() as u64 * 2, 0);
        let result = {
            let name = stage.log().clone();
            let status = children::logged(&mut command, &name, |line| {
                if line.starts_with("Unpacking ") || line.starts_with("Setting up ") {
                    done += 1;
                    stage.count(done, total);
                }
            })?;
            if status.success() {
                Ok(())
            } else {
                Err(stage.failure(&status.to_string()))
            }
        };
        result?;
        partial.keep_as(tree)
    })
}
