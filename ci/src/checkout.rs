// SPDX-License-Identifier: EUPL-1.2
//! The checkout that is built: where it is, its version and its toolchain.

use std::path::{Path, PathBuf};

use crate::error::{Error, FileContext, Result};

/// The only clock that a build may see: 1 January 2026, before the project's first commit. Every file of an image that is newer is
/// set to it. The time of a commit would not do: a checkout, a compiled program or a kept tree may be older than the commit
/// that is built, and would then keep its own time, another one on every machine.
pub const EPOCH: u64 = 1_767_225_600;

/// A checkout of the project.
#[derive(Debug, Clone)]
pub struct Checkout {
    root: PathBuf,
}

impl Checkout {
    /// The checkout that `cargo os` was called in.
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir().at("find", Path::new("."))?;
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let start = manifest.unwrap_or(here);
        let root = start
            .ancestors()
            .find(|dir| dir.join("rust-toolchain.toml").is_file() && dir.join("image").is_dir());
        root.map(|root| Self {
            root: root.to_owned(),
        })
        .ok_or_else(|| {
            Error::needs(
                "this is not a checkout of Amtsnah",
                "change into the checkout and call `cargo os` there",
            )
        })
    }

    /// A checkout of a test.
    #[cfg(test)]
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Its top directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The package lock.
    pub fn lock(&self) -> PathBuf {
        self.root.join("image/packages.lock")
    }

    /// The version of the workspace, which is the version of the image.
    pub fn version(&self) -> Result<String> {
        let manifest = self.toml("Cargo.toml")?;
        string(&manifest, &["workspace", "package", "version"]).ok_or_else(|| {
            Error::needs(
                "Cargo.toml names no workspace.package.version",
                "restore the line in Cargo.toml",
            )
        })
    }

    /// The names of the project's own crates: those that Cargo.lock has no source for.
    pub fn crates(&self) -> Result<Vec<String>> {
        let lock = self.toml("Cargo.lock")?;
        let packages = lock.get("package").and_then(toml::Value::as_array);
        let own = packages
            .into_iter()
            .flatten()
            .filter(|package| package.get("source").is_none());
        let name = |package: &toml::Value| Some(package.get("name")?.as_str()?.to_owned());
        Ok(own.filter_map(name).collect())
    }

    /// The Rust channel that rust-toolchain.toml pins.
    pub fn channel(&self) -> Result<String> {
        let toolchain = self.toml("rust-toolchain.toml")?;
        string(&toolchain, &["toolchain", "channel"]).ok_or_else(|| {
            Error::needs(
                "rust-toolchain.toml names no channel",
                "restore the line in rust-toolchain.toml",
            )
        })
    }

    fn toml(&self, name: &str) -> Result<toml::Table> {
        let path = self.root.join(name);
        let text = std::fs::read_to_string(&path).at("read", &path)?;
        text.parse().map_err(|e: toml::de::Error| {
            let before = e.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.get(..before).unwrap_or_default().matches('\n').count() + 1;
            Error::Syntax {
                path,
                line,
                what: e.message().to_owned(),
            }
        })
    }
}

fn string(table: &toml::Table, keys: &[&str]) -> Option<String> {
    let (first, rest) = keys.split_first()?;
    let mut value = table.get(*first)?;
    for key in rest {
        value = value.get(key)?;
    }
    value.as_str().map(str::to_owned)
}
