// SPDX-License-Identifier: EUPL-1.2
//! The recipes of a flavour, and which of our programs their units run: an image has no others.

use std::path::{Path, PathBuf};

use crate::checkout::Checkout;
use crate::error::{FileContext, Result};

/// Where our programs are in an image.
const PLACE: &str = "/usr/lib/amtsnah/";

/// The directories of the recipes that a flavour includes, in its order.
pub fn of(checkout: &Checkout, flavour: &str) -> Result<Vec<PathBuf>> {
    let profile = format!("image/mkosi.profiles/{flavour}/mkosi.conf");
    let path = checkout.root().join(profile);
    let text = std::fs::read_to_string(&path).at("read", &path)?;
    let all = checkout.root().join("recipes");
    Ok(included(&text).map(|name| all.join(name)).collect())
}

fn included(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.trim().rsplit_once("/recipes/").map(|(_, name)| name))
}

/// Those of `programs` that the recipes' files name with their whole path.
pub fn programs<'a>(recipes: &[PathBuf], programs: &[&'a str]) -> Result<Vec<&'a str>> {
    let mut texts = Vec::new();
    for recipe in recipes {
        read(&recipe.join("mkosi.extra"), &mut texts)?;
    }
    let is_named = |program: &str| texts.iter().any(|text| names(text, program));
    let programs = programs.iter().copied();
    Ok(programs.filter(|program| is_named(program)).collect())
}

fn read(dir: &Path, texts: &mut Vec<String>) -> Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(dir).at("list", dir)? {
        let path = entry.at("list", dir)?.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            read(&path, texts)?;
        } else {
            let bytes = std::fs::read(&path).at("read", &path)?;
            texts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(())
}

fn names(text: &str, program: &str) -> bool {
    let mut tails = text.split(PLACE).skip(1);
    tails.any(|tail| {
        let more = |c: char| c.is_ascii_alphanumeric() || c == '-';
        tail.split(|c| !more(c)).next() == Some(program)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_the_programs_that_its_recipes_run() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let profile =
            "# %D/../recipes/not\n[Include]\nInclude=\n\t%D/../recipes/one\n\t%D/../recipes/two\n";
        write("image/mkosi.profiles/x/mkosi.conf", profile);
        let unit = "[Service]\nExecStart=/usr/lib/amtsnah/print --worker\nExecStop=/usr/lib/amtsnah/scan-all\n";
        write(
            "recipes/one/mkosi.extra/usr/lib/systemd/system/a.service",
            unit,
        );
        write("recipes/two/mkosi.conf", "");
        write("recipes/not/mkosi.extra/b", "/usr/lib/amtsnah/call");
        let recipes = of(&Checkout::at(root.path()), "x").unwrap();
        let all = root.path().join("recipes");
        assert_eq!(recipes, [all.join("one"), all.join("two")]);
        let found = programs(&recipes, &["print", "scan", "scan-all", "call"]).unwrap();
        assert_eq!(found, ["print", "scan-all"]);
    }
}
