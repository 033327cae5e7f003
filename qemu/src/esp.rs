// SPDX-License-Identifier: EUPL-1.2
//! Files of the EFI system partition, through mtools.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{error::Result, process};

/// The file system at an offset of a disk image. Paths are written with `/` and have none at the beginning.
#[derive(Clone, Debug)]
pub struct Esp {
    image: PathBuf,
    offset: u64,
}

impl Esp {
    /// The FAT file system that begins at byte `offset` of `image`.
    pub fn new(image: &Path, offset: u64) -> Self {
        Self {
            image: image.to_owned(),
            offset,
        }
    }

    /// Makes an empty file system in its place.
    pub fn format(&self) -> Result<()> {
        self.run(
            "mformat",
            &["-T", "65536", "-h", "64", "-s", "32", "::"],
            None,
        )
        .map(drop)
    }

    /// Paths of all files.
    pub fn list(&self) -> Result<Vec<String>> {
        let listing = self.run("mdir", &["-b", "-/", "::"], None)?;
        let mut files: Vec<String> = String::from_utf8_lossy(&listing)
            .lines()
            .filter_map(|line| line.trim().strip_prefix("::/"))
            .filter(|path| !path.ends_with('/'))
            .map(str::to_owned)
            .collect();
        files.sort();
        Ok(files)
    }

    /// Content of a file.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        self.run("mcopy", &["-n", &inside(path), "-"], None)
    }

    /// Writes a file, with its folders.
    pub fn write(&self, path: &str, content: &[u8]) -> Result<()> {
        for (end, _) in path.match_indices('/') {
            // An existing folder answers with an error (-D s: skip, do not ask); the copy tells what matters.
            let _ = self.run("mmd", &["-D", "s", &inside(&path[..end])], None);
        }
        self.run("mcopy", &["-D", "o", "-", &inside(path)], Some(content))
            .map(drop)
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) -> Result<()> {
        self.run("mdel", &[&inside(path)], None).map(drop)
    }

    fn run(&self, program: &str, arguments: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>> {
        let mut image = OsString::from(&self.image);
        image.push(format!("@@{}", self.offset));
        let mut command = Command::new(program);
        command
            .arg("-i")
            .arg(image)
            .args(arguments)
            // Image builders choose geometries that mtools would only warn of.
            .env("MTOOLS_SKIP_CHECK", "1");
        process::output(command, input)
    }
}

fn inside(path: &str) -> String {
    format!("::/{path}")
}
