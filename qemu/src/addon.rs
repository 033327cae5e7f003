// SPDX-License-Identifier: EUPL-1.2
//! Add-ons of a UKI: files and kernel parameters that a machine takes in if its Secure Boot keys signed them.
//!
//! An image has no way in for tests and gets none. Whoever holds its signing keys can lay an add-on beside it on the EFI
//! system partition (systemd-stub(7)), and tests hold those of a development image. What it brings is measured into PCR
//! 12, and what is measured elsewhere stays as it was.

use std::{
    fs,
    path::{Component, Path},
    process::Command,
};

use crate::{
    error::{Error, Result},
    process,
};

/// Where systemd-stub looks for add-ons on the EFI system partition.
const FOLDER: &str = "loader/addons";

/// What an add-on brings.
#[derive(Clone, Debug, Default)]
pub struct Addon {
    files: Vec<(String, Vec<u8>)>,
    parameters: Vec<String>,
}

impl Addon {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A file in the initrd, beside those of the UKI. Its path has no `/` at the beginning.
    #[must_use]
    pub fn file(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.to_owned(), content.into()));
        self
    }

    /// A kernel parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: &str) -> Self {
        self.parameters.push(parameter.to_owned());
        self
    }

    /// Where an add-on called `name` lies on the EFI system partition.
    pub fn place(name: &str) -> String {
        format!("{FOLDER}/{name}.addon.efi")
    }

    /// The add-on as a PE file, signed with this key.
    pub fn sign(&self, key: &Path, certificate: &Path) -> Result<Vec<u8>> {
        let scratch = tempfile::tempdir().map_err(Error::file("make", Path::new("a folder")))?;
        let output = scratch.path().join("signed.addon.efi");
        let mut ukify = Command::new("ukify");
        ukify
            .args(["build", "--signtool=systemd-sbsign"])
            .arg("--secureboot-private-key")
            .arg(key)
            .arg("--secureboot-certificate")
            .arg(certificate)
            .arg("--output")
            .arg(&output);
        if !self.files.is_empty() {
            let initrd = scratch.path().join("initrd.cpio");
            fs::write(&initrd, self.initrd(&scratch.path().join("tree"))?)
                .map_err(Error::file("write", &initrd))?;
            ukify.arg("--initrd").arg(initrd);
        }
        if !self.parameters.is_empty() {
            ukify.arg("--cmdline").arg(self.parameters.join(" "));
        }
        process::output(ukify, None)?;
        fs::read(&output).map_err(Error::file("read", &output))
    }

    /// The files as an archive that the kernel unpacks, made in `tree`.
    fn initrd(&self, tree: &Path) -> Result<Vec<u8>> {
        fs::create_dir(tree).map_err(Error::file("make", tree))?;
        let mut names = Vec::new();
        for (path, content) in &self.files {
            let inside = Path::new(path);
            if !inside
                .components()
                .all(|part| matches!(part, Component::Normal(_)))
            {
                return Err(Error::Machine(format!("{path} leads out of the initrd")));
            }
            // Folders come before what is in them.
            let mut way: Vec<&Path> = inside.ancestors().collect();
            way.pop();
            names.extend(way.iter().rev().map(|part| part.display().to_string()));
            let file = tree.join(inside);
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
            }
            fs::write(&file, content).map_err(Error::file("write", &file))?;
        }
        let mut cpio = Command::new("cpio");
        cpio.args([
            "--create",
            "--format=newc",
            "--owner=+0:+0",
            "--quiet",
            "--directory",
        ])
        .arg(tree);
        process::output(cpio, Some(names.join("\n").as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O9: the archive holds the files with their folders, each folder before what is in it.
    #[test]
    fn files_come_with_their_folders() {
        let dir = tempfile::tempdir().unwrap();
        let addon = Addon::new().file("usr/lib/a.conf", "a").file("usr/b", "b");
        let archive = addon.initrd(&dir.path().join("tree")).unwrap();
        let mut list = Command::new("cpio");
        list.args(["--list", "--quiet"]);
        let names = process::output(list, Some(&archive)).unwrap();
        let names = String::from_utf8(names).unwrap();
        let names: Vec<&str> = names.lines().collect();
        assert_eq!(names.first(), Some(&"usr"));
        for name in ["usr/lib", "usr/lib/a.conf", "usr/b"] {
            assert!(names.contains(&name), "{name} is missing in {names:?}");
        }
    }

    /// Proves O9: no file lands outside the archive's folder on this machine.
    #[test]
    fn paths_stay_inside() {
        for path in ["/etc/passwd", "../passwd", "usr/../../passwd"] {
            let dir = tempfile::tempdir().unwrap();
            let addon = Addon::new().file(path, "x");
            assert!(addon.initrd(&dir.path().join("tree")).is_err(), "{path}");
        }
    }
}
