// SPDX-License-Identifier: EUPL-1.2
//! `recipes/*/borrowed`: files of Debian packages that an image has without their packages, as those would bring an interpreter, a
//! desktop or much else along. They come from the toolbox, where the same lock names them.

use std::path::{Path, PathBuf};

use crate::error::{Error, FileContext, Result};
use crate::lock::Set;

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Borrowed {
    /// Debian's name of the package.
    pub package: String,
    /// Where it is in the toolbox, and will be in the image; without the first `/`.
    pub file: String,
}

/// What recipes borrow, in their order. `toolbox` is what the toolbox has.
pub fn of(recipes: &[PathBuf], toolbox: &Set) -> Result<Vec<Borrowed>> {
    let mut all = Vec::new();
    for recipe in recipes {
        let path = recipe.join("borrowed");
        if path.exists() {
            let text = std::fs::read_to_string(&path).at("read", &path)?;
            all.extend(parse(&path, &text, toolbox)?);
        }
    }
    Ok(all)
}

fn parse(path: &Path, text: &str, toolbox: &Set) -> Result<Vec<Borrowed>> {
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    let read = |(n, line): (usize, &str)| {
        let fail = |what: String| Error::Syntax {
            path: path.to_owned(),
            line: n + 1,
            what,
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        let [package, file] = words.as_slice() else {
            return Err(fail(
                "a package and one of its files, with a space between".to_owned(),
            ));
        };
        let inside = file.strip_prefix('/').filter(|file| {
            file.starts_with("usr/") && !file.split('/').any(|part| part.is_empty() || part == "..")
        });
        let Some(inside) = inside else {
            return Err(fail(format!("`{file}` is no file below /usr")));
        };
        if !toolbox.packages.iter().any(|p| p.name == *package) {
            let next = "name it in image/toolbox.packages, then `cargo os lock --add`";
            return Err(fail(format!("the toolbox does not have {package}: {next}")));
        }
        Ok(Borrowed {
            package: (*package).to_owned(),
            file: inside.to_owned(),
        })
    };
    lines.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::Lock;

    fn toolbox() -> Set {
        let line = format!("deb a 1 all debian pool/a 1 {}", "0".repeat(64));
        Lock::parse(&format!("set toolbox\n{line}"))
            .unwrap()
            .toolbox
    }

    #[test]
    fn an_image_borrows_what_its_recipes_do() {
        let root = tempfile::tempdir().unwrap();
        let recipes = ["one", "two"].map(|name| root.path().join(name));
        for recipe in &recipes {
            std::fs::create_dir(recipe).unwrap();
        }
        std::fs::write(recipes[1].join("borrowed"), "# why\n\na /usr/bin/a\n").unwrap();
        let all = of(&recipes, &toolbox()).unwrap();
        let (package, file) = ("a".to_owned(), "usr/bin/a".to_owned());
        assert_eq!(all, [Borrowed { package, file }]);
    }

    #[test]
    fn only_files_of_the_toolbox_are_borrowed() {
        for wrong in [
            "a",
            "a /usr/a b",
            "a usr/a",
            "a /etc/a",
            "a /usr/../etc/a",
            "b /usr/b",
        ] {
            let read = parse(Path::new("borrowed"), wrong, &toolbox());
            assert!(
                matches!(read, Err(Error::Syntax { line: 1, .. })),
                "{wrong}"
            );
        }
    }
}
