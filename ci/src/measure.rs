// SPDX-License-Identifier: EUPL-1.2
//! Figures that only a running image shows: measured by `qemu`'s program `vm`, printed after a build.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::artefacts;
use crate::cache::Cache;
use crate::error::{Error, FileContext as _, Result};
use crate::keys::{INSIDE, Keys};
use crate::progress::Progress;
use crate::run::{VM, compile_vm, keep_failed, vm_arguments};
use crate::toolbox::Toolbox;

/// Names in the program's answer, what people call them, and the unit: its divisor, its name and its decimals.
const ROWS: &[(&str, &str, f64, &str, usize)] = &[
    (
        "first_boot_seconds",
        "first boot to first frame",
        1.0,
        "s",
        1,
    ),
    ("firmware_seconds", "second boot, firmware", 1.0, "s", 1),
    (
        "second_boot_seconds",
        "second boot, kernel to first frame",
        1.0,
        "s",
        1,
    ),
    (
        "instructions",
        "instructions to first frame",
        1e9,
        "billion",
        1,
    ),
    (
        "memory_bytes",
        "memory at the home screen",
        1_048_576.0,
        "MiB",
        0,
    ),
];

/// What one first boot and two second boots showed.
#[derive(Debug)]
pub struct Figures(Value);

/// Where the figures of an image are kept: the same root hash is the same system.
fn note(cache: &Cache, root_hash: &str) -> Result<PathBuf> {
    cache.place(&format!("figures/{root_hash}.json"))
}

/// What was measured for the image with this root hash, if it was.
pub fn known(cache: &Cache, root_hash: &str) -> Result<Option<Figures>> {
    let text = std::fs::read(note(cache, root_hash)?);
    let value = text
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    Ok(value.filter(Value::is_object).map(Figures))
}

/// Boots the image in `dir`, factory-new, three times.
pub fn measure(
    toolbox: &Toolbox,
    keys: &Keys,
    flavour: &str,
    dir: &Path,
    progress: &Progress,
) -> Result<Figures> {
    compile_vm(toolbox, progress)?;
    let mut answer = None;
    progress.stage(&format!("measure {flavour}"), |stage| {
        stage.note("three boots, without KVM some minutes");
        let enter = toolbox.enter().show(keys.dir(), INSIDE);
        let enter = keep_failed(enter, &toolbox.cache)?;
        let mut command = enter.command(VM)?;
        command
            .args(vm_arguments(toolbox, flavour, dir))
            .args(["--headless", "--measure"]);
        stage.run_with(&mut command, |line| {
            if let Ok(value @ Value::Object(_)) = serde_json::from_str(line) {
                answer = Some(value);
            }
        })
    })?;
    answer.map(Figures).ok_or_else(|| {
        Error::needs(
            format!("measuring {flavour} gave no figures"),
            "look into the log of this stage in the cache",
        )
    })
}

impl Figures {
    /// Keeps them for later builds of the same system.
    pub fn keep(&self, cache: &Cache, root_hash: &str) -> Result<()> {
        let path = note(cache, root_hash)?;
        std::fs::write(&path, self.0.to_string()).at("write", &path)
    }

    /// As a table for a person.
    pub fn table(&self) -> String {
        let rows: Vec<(String, String)> = ROWS
            .iter()
            .filter_map(|&(name, label, divisor, unit, decimals)| {
                let value = self.0.get(name)?.as_f64()? / divisor;
                Some((label.to_owned(), format!("{value:.decimals$} {unit}")))
            })
            .collect();
        artefacts::table(&rows)
    }

    /// As an object for a program.
    pub fn object(&self) -> Value {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_of_an_image_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path());
        assert!(known(&cache, "a5").unwrap().is_none());
        let figures = Figures(json!({"memory_bytes": 209_715_200}));
        figures.keep(&cache, "a5").unwrap();
        let kept = known(&cache, "a5").unwrap().unwrap();
        assert_eq!(kept.table(), figures.table());
        assert!(known(&cache, "a6").unwrap().is_none());
    }

    #[test]
    fn figures_have_units() {
        let figures = Figures(json!({"second_boot_seconds": 28.44, "memory_bytes": 209_715_200}));
        assert_eq!(
            figures.table(),
            "second boot, kernel to first frame  28.4 s\nmemory at the home screen           200 MiB\n"
        );
    }
}
