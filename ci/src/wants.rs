// SPDX-License-Identifier: EUPL-1.2
//! Which Debian packages are asked for: by `image/toolbox.packages` and by every mkosi file of images and recipes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::checkout::Checkout;
use crate::error::{FileContext, Result};

/// What the toolbox is to have, beside Debian's essential packages.
pub fn toolbox(checkout: &Checkout) -> Result<Vec<String>> {
    let path = checkout.root().join("image/toolbox.packages");
    let text = std::fs::read_to_string(&path).at("read", &path)?;
    Ok(names(text.lines()).into_iter().collect())
}

/// What any image of any flavour is to have, beside Debian's essential packages.
pub fn image(checkout: &Checkout) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for room in ["image", "recipes"] {
        mkosi_files(&checkout.root().join(room), &mut files)?;
    }
    let mut wanted = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).at("read", &file)?;
        wanted.extend(mkosi_packages(&text));
    }
    Ok(wanted.into_iter().collect())
}

fn mkosi_files(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return Ok(());
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .collect();
    paths.sort();
    for path in paths {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            mkosi_files(&path, files)?;
        } else if is_mkosi_file(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// mkosi reads `mkosi.conf` and every `*.conf` of the drop-in, profile and image directories.
fn is_mkosi_file(path: &Path) -> bool {
    let parent = path
        .parent()
        .and_then(Path::file_name)
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    let drop_in = ["mkosi.conf.d", "mkosi.profiles", "mkosi.images"].contains(&parent);
    path.file_name().is_some_and(|n| n == "mkosi.conf")
        || drop_in && path.extension().is_some_and(|e| e == "conf")
}

/// The names under `Packages=`, `BuildPackages=` and `VolatilePackages=`.
pub fn mkosi_packages(text: &str) -> BTreeSet<String> {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            if inside {
                lines.push(line);
            }
        } else if let Some((key, value)) = line.split_once('=') {
            inside = ["Packages", "BuildPackages", "VolatilePackages"].contains(&key.trim());
            if inside {
                lines.push(value);
            }
        } else {
            inside = false;
        }
    }
    names(lines.into_iter())
}

fn names<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let before_comment = |line: &'a str| line.split('#').next().unwrap_or_default();
    lines
        .flat_map(|line| {
            before_comment(line)
                .split([' ', '\t', ','])
                .filter(|n| !n.is_empty())
                .map(str::to_owned)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_a_mkosi_file() {
        let text = "[Content]\nBootable=yes\nPackages=\n\tudev  # devices\n\n\tkmod\n# comment\n\tmount\nRemoveFiles=\n\t/usr/x\n[Build]\nBuildPackages=gcc\n";
        let found: Vec<String> = mkosi_packages(text).into_iter().collect();
        assert_eq!(found, ["gcc", "kmod", "mount", "udev"]);
    }

    #[test]
    fn which_files_mkosi_reads() {
        for path in [
            "image/mkosi.conf",
            "image/mkosi.profiles/case.conf",
            "recipes/kiosk/mkosi.conf",
            "image/mkosi.conf.d/10-x.conf",
        ] {
            assert!(is_mkosi_file(Path::new(path)), "{path}");
        }
        assert!(!is_mkosi_file(Path::new("image/mkosi.repart/10-usr.conf")));
    }
}
