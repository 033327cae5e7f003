// SPDX-License-Identifier: EUPL-1.2
//! The promise "same input, same image": two builds under conditions as different as we can make them, compared bit for bit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;

use crate::artefacts;
use crate::build::{self, Built, Conditions, inside};
use crate::children;
use crate::error::Result;
use crate::keys::Keys;
use crate::progress::Progress;
use crate::toolbox::Toolbox;

/// How long diffoscope may look for what differs.
const DIFFOSCOPE_SECONDS: &str = "900";

/// Seconds of a year.
const YEAR: u64 = 365 * 24 * 3600;

/// Everything that may make no difference, different: path, host name, umask, processors, time zone, locale, and a clock a year ahead.
pub fn elsewhere() -> Conditions {
    Conditions {
        name: "elsewhere".to_owned(),
        source: "/srv/other",
        hostname: "elsewhere",
        umask: 0o077,
        cpus: Some("0"),
        env: &[
            ("TZ", "Pacific/Auckland"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("LANG", "tr_TR.UTF-8"),
            ("USER", "someone"),
            ("TMPDIR", "/tmp"),
            ("CARGO_BUILD_JOBS", "3"),
        ],
        clock: Some(YEAR),
    }
}

/// Builds a flavour twice and compares.
pub fn verify(toolbox: &Toolbox, keys: &Keys, flavour: &str, progress: &Progress) -> Result<bool> {
    let here = build::build(toolbox, keys, flavour, &Conditions::usual(), progress)?;
    compare_with(toolbox, keys, flavour, &here, progress)
}

/// Builds a flavour elsewhere and compares with what was built here.
pub fn compare_with(
    toolbox: &Toolbox,
    keys: &Keys,
    flavour: &str,
    here: &Built,
    progress: &Progress,
) -> Result<bool> {
    let there = build::build(toolbox, keys, flavour, &elsewhere(), progress)?;
    let differing = differing(&here.artefacts.hashes, &there.artefacts.hashes);
    let mut rows: Vec<(String, String)> = here
        .artefacts
        .hashes
        .iter()
        .map(|(n, s)| (n.clone(), s.clone()))
        .collect();
    rows.push(("root hash".to_owned(), here.artefacts.root_hash.clone()));
    let mut object = json!({"flavour": flavour, "same": differing.is_empty(), "sha256": here.artefacts.hashes, "differing": differing});
    let mut table = artefacts::table(&rows);
    if differing.is_empty() {
        table.push_str("both builds are the same, bit for bit");
    } else {
        let report = report(toolbox, &here.dir, &there.dir, &differing, progress)?;
        object["report"] = json!(report);
        let names = differing.join(", ");
        table = format!(
            "{table}THE BUILDS DIFFER in {names}\nsee {}",
            report.display()
        );
    }
    progress.result(&table, &object);
    Ok(differing.is_empty())
}

/// Names of files that are not the same on both sides, or are on one only.
fn differing(here: &BTreeMap<String, String>, there: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
    names
        .into_iter()
        .filter(|name| here.get(*name) != there.get(*name))
        .cloned()
        .collect()
}

/// Lets diffoscope say what differs. File systems are unpacked first, since it does not know erofs.
fn report(
    toolbox: &Toolbox,
    here: &Path,
    there: &Path,
    names: &[String],
    progress: &Progress,
) -> Result<std::path::PathBuf> {
    const SCRIPT: &str = "a=$1; b=$2; seconds=$3; shift 3; for n in \"$@\"; do echo \"=== $n\"; \
        case $n in *.usr.raw) rm -rf /tmp/a /tmp/b; \
            fsck.erofs --extract=/tmp/a \"$a/$n\" >/dev/null; fsck.erofs --extract=/tmp/b \"$b/$n\" >/dev/null; x=/tmp/a; y=/tmp/b;; \
          *) x=$a/$n; y=$b/$n;; esac; \
        timeout \"$seconds\" diffoscope --text - --exclude-directory-metadata=no --max-text-report-size 2000000 \"$x\" \"$y\"; done; true";
    progress.stage("diffoscope", |stage| {
        // A whole disk says nothing that its parts do not say better.
        let parts: Vec<&String> = names
            .iter()
            .filter(|n| !artefacts::has_ending(n, ".raw") || n.matches('.').count() > 3)
            .collect();
        let chosen: Vec<&String> = if parts.is_empty() {
            names.iter().collect()
        } else {
            parts
        };
        let mut command = toolbox.enter().offline().command("sh")?;
        command
            .args(["-c", SCRIPT, "sh"])
            .arg(inside(toolbox, here))
            .arg(inside(toolbox, there))
            .arg(DIFFOSCOPE_SECONDS)
            .args(chosen);
        children::logged(&mut command, stage.log(), |line| stage.note(line))?;
        Ok(stage.log().clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O2: a file that is on one side only, or has other content, is found.
    #[test]
    fn what_differs_is_named() {
        let map = |entries: &[(&str, &str)]| {
            entries
                .iter()
                .map(|(n, s)| ((*n).to_owned(), (*s).to_owned()))
                .collect()
        };
        let (here, there) = (
            map(&[("a", "1"), ("b", "2"), ("c", "3")]),
            map(&[("a", "1"), ("b", "x"), ("d", "4")]),
        );
        assert_eq!(differing(&here, &there), ["b", "c", "d"]);
        assert!(differing(&here, &here).is_empty());
    }

    #[test]
    fn the_other_conditions_differ_in_everything() {
        let (usual, other) = (Conditions::usual(), elsewhere());
        assert_ne!(usual.source, other.source);
        assert_ne!(usual.hostname, other.hostname);
        assert_ne!(usual.umask, other.umask);
        assert!(other.cpus.is_some() && other.clock.is_some() && !other.env.is_empty());
    }
}
