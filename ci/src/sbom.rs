// SPDX-License-Identifier: EUPL-1.2
//! The bill of materials of an image as `CycloneDX`: every Debian package from mkosi's manifest, every crate from Cargo.lock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::borrowed::Borrowed;
use crate::build::Contents;
use crate::children;
use crate::enter::Enter;
use crate::error::{Error, FileContext, Result};
use crate::host;
use crate::progress::Stage;
use crate::toolbox::Toolbox;

/// Writes `sbom.cdx.json` beside the image.
pub fn write(
    toolbox: &Toolbox,
    enter: &Enter<'_>,
    dir: &Path,
    name: &str,
    contents: &Contents,
    stage: &mut Stage,
) -> Result<()> {
    stage.note("bill of materials");
    let mut components = BTreeSet::new();
    for file in crate::artefacts::files(dir)? {
        if file.extension().is_some_and(|e| e == "manifest") {
            let text = std::fs::read_to_string(&file).at("read", &file)?;
            let manifest: Value = serde_json::from_str(&text).map_err(|e| Error::Syntax {
                path: file.clone(),
                line: e.line(),
                what: e.to_string(),
            })?;
            components.extend(debian(&manifest, toolbox, &contents.borrowed));
        }
    }
    let mut tree = enter.clone().offline().command("cargo")?;
    tree.args([
        "tree",
        "--locked",
        "--offline",
        "--edges=normal",
        "--target=x86_64-unknown-linux-gnu",
        "--prefix=none",
    ]);
    tree.arg("--format={p}|{l}");
    for root in contents.crates() {
        tree.args(["--package", root]);
    }
    let sums = checksums(toolbox)?;
    components.extend(crates(&children::output(&mut tree)?, &sums));
    let text = document(name, &toolbox.checkout.version()?, components);
    // The directory may belong to root.
    let scratch = toolbox.scratch("sbom")?.join("sbom.cdx.json");
    std::fs::write(&scratch, text).at("write", &scratch)?;
    host::rename(&scratch, &dir.join("sbom.cdx.json"))
}

/// A component, ordered by kind and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Component {
    purl: String,
    name: String,
    version: String,
    sha256: Option<String>,
    license: Option<String>,
}

fn debian(manifest: &Value, toolbox: &Toolbox, lent: &[Borrowed]) -> Vec<Component> {
    let locked = &toolbox.supply.lock.image.packages;
    let packages = manifest["packages"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    packages
        .iter()
        .filter(|package| package["type"] == "deb")
        .map(|package| {
            let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
            let (name, version) = (text("name"), text("version"));
            let purl = format!(
                "pkg:deb/debian/{name}@{}?arch={}&distro=trixie",
                escape(&version),
                text("architecture")
            );
            let sha256 = locked
                .iter()
                .find(|p| p.name == name && p.version == version)
                .map(|p| p.sha256.clone());
            Component {
                purl,
                name,
                version,
                sha256,
                license: None,
            }
        })
        .chain(borrowed(toolbox, lent))
        .collect()
}

/// The packages of which the image has a file only.
fn borrowed(toolbox: &Toolbox, lent: &[Borrowed]) -> impl Iterator<Item = Component> {
    let all = toolbox.supply.lock.toolbox.packages.iter();
    let is_borrowed = |name: &str| lent.iter().any(|file| file.package == name);
    all.filter(move |package| is_borrowed(&package.name))
        .map(|package| Component {
            purl: format!(
                "pkg:deb/debian/{}@{}?arch={}&distro=trixie",
                package.name,
                escape(&package.version),
                package.architecture
            ),
            name: package.name.clone(),
            version: package.version.clone(),
            sha256: Some(package.sha256.clone()),
            license: None,
        })
}

/// Reads lines `name vVERSION (source)|licence` of `cargo tree`.
fn crates(tree: &str, sums: &BTreeMap<(String, String), String>) -> Vec<Component> {
    let component = |line: &str| {
        let (package, license) = line.split_once('|')?;
        let mut words = package.split_whitespace();
        let (name, version) = (
            words.next()?.to_owned(),
            words.next()?.strip_prefix('v')?.to_owned(),
        );
        let license = license.trim_end_matches(" (*)").trim().to_owned();
        Some(Component {
            purl: format!("pkg:cargo/{name}@{}", escape(&version)),
            sha256: sums.get(&(name.clone(), version.clone())).cloned(),
            license: Some(license).filter(|l| !l.is_empty()),
            name,
            version,
        })
    };
    tree.lines().filter_map(component).collect()
}

fn checksums(toolbox: &Toolbox) -> Result<BTreeMap<(String, String), String>> {
    let path = toolbox.checkout.root().join("Cargo.lock");
    let text = std::fs::read_to_string(&path).at("read", &path)?;
    let lock: toml::Table = text.parse().map_err(|e: toml::de::Error| Error::Syntax {
        path,
        line: 1,
        what: e.message().to_owned(),
    })?;
    let mut sums = BTreeMap::new();
    for package in lock
        .get("package")
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten()
    {
        let field = |key: &str| {
            package
                .get(key)
                .and_then(toml::Value::as_str)
                .map(str::to_owned)
        };
        if let (Some(name), Some(version), Some(sum)) =
            (field("name"), field("version"), field("checksum"))
        {
            sums.insert((name, version), sum);
        }
    }
    Ok(sums)
}

fn document(name: &str, version: &str, components: BTreeSet<Component>) -> String {
    let components: Vec<Value> = components
        .into_iter()
        .map(|c| {
            let mut object = json!({"type": "library", "bom-ref": c.purl, "name": c.name, "version": c.version, "purl": c.purl});
            if let Some(sum) = c.sha256 {
                object["hashes"] = json!([{"alg": "SHA-256", "content": sum}]);
            }
            if let Some(license) = c.license {
                object["licenses"] = json!([{"expression": spdx(&license)}]);
            }
            object
        })
        .collect();
    // No serial number and no time: the same image has the same bill.
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "operating-system", "name": format!("amtsnah-{name}"), "version": version}},
        "components": components,
    });
    format!("{document:#}\n")
}

/// Older crates write a slash for "or".
fn spdx(license: &str) -> String {
    license
        .split('/')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" OR ")
}

/// Percent signs as package URLs want them.
fn escape(text: &str) -> String {
    text.replace('%', "%25")
        .replace('+', "%2B")
        .replace(':', "%3A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_of_a_tree() {
        let sums = BTreeMap::from([(("serde".to_owned(), "1.0.1".to_owned()), "ab".to_owned())]);
        let found = crates(
            "shell v0.1.0 (/src/compositor/shell)|EUPL-1.2\nserde v1.0.1|MIT OR Apache-2.0 (*)\nserde v1.0.1|MIT OR Apache-2.0\n\n",
            &sums,
        );
        assert_eq!(found.len(), 3);
        assert_eq!(found[1], found[2]);
        assert_eq!(found[1].sha256.as_deref(), Some("ab"));
        assert_eq!(found[1].license.as_deref(), Some("MIT OR Apache-2.0"));
    }

    #[test]
    fn licences_are_expressions() {
        assert_eq!(spdx("Apache-2.0 / MIT"), "Apache-2.0 OR MIT");
        assert_eq!(spdx("MIT/Apache-2.0"), "MIT OR Apache-2.0");
    }

    #[test]
    fn the_same_components_give_the_same_text() {
        let component = |name: &str| Component {
            purl: format!("pkg:cargo/{name}@1"),
            name: name.to_owned(),
            version: "1".to_owned(),
            sha256: None,
            license: None,
        };
        let one = document("x", "1", BTreeSet::from([component("a"), component("b")]));
        let two = document("x", "1", BTreeSet::from([component("b"), component("a")]));
        assert_eq!(one, two);
        assert!(one.contains("\"bomFormat\": \"CycloneDX\""));
    }
}
