// SPDX-License-Identifier: EUPL-1.2
//! What a build made: files, sizes, hashes, and what the boot chain will measure.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::build::inside;
use crate::children;
use crate::error::{FileContext, Result};
use crate::packages;
use crate::progress::Stage;
use crate::toolbox::Toolbox;

/// The files of a build and what is to be said about them.
#[derive(Debug, Clone, Default)]
pub struct Artefacts {
    /// SHA-256 by file name.
    pub hashes: BTreeMap<String, String>,
    /// Figures by name, in bytes.
    pub sizes: Vec<(&'static str, u64)>,
    /// Root hash of the verity tree.
    pub root_hash: String,
    /// PCR policy digests that the UKI carries signatures for.
    pub policies: Vec<String>,
}

/// Reads everything about the files in `dir`.
pub fn describe(toolbox: &Toolbox, dir: &Path, name: &str, stage: &mut Stage) -> Result<Artefacts> {
    let files = files(dir)?;
    stage.note("hashing");
    let hashes = packages::sha256(&files)?
        .into_iter()
        .map(|(path, sum)| (file_name(&path), sum))
        .collect();
    let mut found = Artefacts {
        hashes,
        ..Artefacts::default()
    };
    let usr = files.iter().find(|f| file_name(f).ends_with(".usr.raw"));
    let uki = files.iter().find(|f| has_ending(&file_name(f), ".efi"));
    let disk = files.iter().find(|f| is_disk(&file_name(f)));
    if let Some(file) = usr {
        found
            .sizes
            .extend(erofs_size(file)?.map(|size| ("usr", size)));
    }
    for (label, file) in [("UKI", uki), ("disk image", disk)] {
        if let Some(file) = file {
            found
                .sizes
                .push((label, file.metadata().at("measure", file)?.len()));
        }
    }
    if let Some(file) = uki {
        let sections = toolbox.scratch("uki")?;
        found
            .sizes
            .extend(initrd_size(toolbox, file)?.map(|size| ("initrd", size)));
        let line = section(toolbox, file, ".cmdline", &sections)?;
        found.root_hash = root_hash(&line).unwrap_or_default();
        found.policies = policies(&section(toolbox, file, ".pcrsig", &sections)?);
    }
    stage.note("measuring the download");
    let split: Vec<&PathBuf> = files
        .iter()
        .filter(|f| is_download(&file_name(f)))
        .collect();
    if !split.is_empty() {
        found
            .sizes
            .push(("download", compressed_size(toolbox, &split)?));
    }
    stage.write(&format!("{name}: {found:#?}"))?;
    Ok(found)
}

/// The files of an output directory, sorted.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(dir).at("list", dir)? {
        let path = entry.at("list", dir)?.path();
        // Symbolic links are second names of files that are listed anyway.
        if path.is_file() && !path.is_symlink() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Whether a name ends so; mkosi writes its names in small letters.
pub fn has_ending(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some()
}

fn is_split(name: &str) -> bool {
    [
        ".usr.raw",
        ".usr-verity.raw",
        ".usr-verity-sig.raw",
        ".esp.raw",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

fn is_disk(name: &str) -> bool {
    has_ending(name, ".raw") && !is_split(name)
}

/// What an update brings to a device: the system, its hash tree and signature, and the UKI.
fn is_download(name: &str) -> bool {
    is_split(name) && !name.ends_with(".esp.raw") || has_ending(name, ".efi")
}

/// The size of an erofs file system, without the partition's unused rest.
fn erofs_size(file: &Path) -> Result<Option<u64>> {
    let mut superblock = [0_u8; 128];
    let mut reader = std::fs::File::open(file).at("open", file)?;
    reader.seek(SeekFrom::Start(1024)).at("read", file)?;
    reader.read_exact(&mut superblock).at("read", file)?;
    Ok(erofs_bytes(&superblock))
}

fn erofs_bytes(superblock: &[u8]) -> Option<u64> {
    const MAGIC: [u8; 4] = 0xE0F5_E1E2_u32.to_le_bytes();
    let number = |at: usize| {
        superblock
            .get(at..at + 4)?
            .try_into()
            .ok()
            .map(u32::from_le_bytes)
    };
    if superblock.get(..4)? != MAGIC {
        return None;
    }
    let bits = u32::from(*superblock.get(12)?);
    u64::from(number(36)?).checked_shl(bits)
}

fn initrd_size(toolbox: &Toolbox, uki: &Path) -> Result<Option<u64>> {
    let mut command = toolbox
        .enter()
        .offline()
        .env("LC_ALL", "C")
        .command("objdump")?;
    let printed = children::output(
        command
            .args(["--section-headers", "--wide"])
            .arg(inside(toolbox, uki)),
    )?;
    Ok(section_size(&printed, ".initrd"))
}

/// Reads a line of objdump: number, name, size in hexadecimal and more.
fn section_size(headers: &str, name: &str) -> Option<u64> {
    headers.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let size = (words.next()? == name).then(|| words.next()).flatten()?;
        u64::from_str_radix(size, 16).ok()
    })
}

fn section(toolbox: &Toolbox, uki: &Path, name: &str, scratch: &Path) -> Result<String> {
    let file = scratch.join("section");
    std::fs::write(&file, "").at("write", &file)?;
    let mut command = toolbox
        .enter()
        .offline()
        .lend(scratch, "/mnt")
        .command("objcopy")?;
    command
        .args(["-O", "binary", "--only-section", name])
        .arg(inside(toolbox, uki))
        .arg("/mnt/section");
    children::output(&mut command)?;
    let bytes = std::fs::read(&file).at("read", &file)?;
    Ok(String::from_utf8_lossy(&bytes)
        .trim_end_matches('\0')
        .to_owned())
}

fn root_hash(command_line: &str) -> Option<String> {
    command_line
        .split_whitespace()
        .find_map(|word| {
            word.strip_prefix("usrhash=")
                .or_else(|| word.strip_prefix("roothash="))
        })
        .map(str::to_owned)
}

/// `pcr 11 sha256 <digest>` for each signed policy.
fn policies(signatures: &str) -> Vec<String> {
    let Ok(Value::Object(banks)) = serde_json::from_str(signatures) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for (bank, entries) in &banks {
        for entry in entries.as_array().into_iter().flatten() {
            let digest = entry["pol"].as_str().unwrap_or_default();
            lines.push(format!("PCR {} {bank} {digest}", entry["pcrs"]));
        }
    }
    lines
}

fn compressed_size(toolbox: &Toolbox, files: &[&PathBuf]) -> Result<u64> {
    let mut command = toolbox.enter().offline().command("sh")?;
    command
        .args([
            "-c",
            "zstd --quiet --stdout -3 --threads=0 -- \"$@\" | wc -c",
            "sh",
        ])
        .args(files.iter().map(|f| inside(toolbox, f)));
    Ok(children::output(&mut command)?.trim().parse().unwrap_or(0))
}

impl Artefacts {
    /// As a table for a person.
    pub fn table(&self, seconds: Option<[f64; 2]>) -> String {
        let mut rows: Vec<(String, String)> = self
            .sizes
            .iter()
            .map(|(name, size)| ((*name).to_owned(), mebibytes(*size)))
            .collect();
        if let Some([compile, assemble]) = seconds {
            rows.push(("compile".to_owned(), format!("{compile:.0} s")));
            rows.push(("image".to_owned(), format!("{assemble:.0} s")));
        }
        rows.push(("root hash".to_owned(), self.root_hash.clone()));
        rows.extend(
            self.policies
                .iter()
                .map(|line| ("policy".to_owned(), line.clone())),
        );
        rows.extend(
            self.hashes
                .iter()
                .map(|(name, sum)| (name.clone(), sum.clone())),
        );
        table(&rows)
    }

    /// As an object for a program.
    pub fn object(&self) -> Value {
        let sizes: serde_json::Map<String, Value> = self
            .sizes
            .iter()
            .map(|(name, size)| ((*name).to_owned(), json!(size)))
            .collect();
        json!({"sizes": sizes, "root_hash": self.root_hash, "policies": self.policies, "sha256": self.hashes})
    }
}

/// Two columns.
pub fn table(rows: &[(String, String)]) -> String {
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let line = |mut text: String, (name, value): &(String, String)| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:width$}  {value}");
        text
    };
    rows.iter().fold(String::new(), line)
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_an_erofs() {
        let mut superblock = [0_u8; 128];
        superblock[..4].copy_from_slice(&0xE0F5_E1E2_u32.to_le_bytes());
        superblock[12] = 12;
        superblock[36..40].copy_from_slice(&65_536_u32.to_le_bytes());
        assert_eq!(erofs_bytes(&superblock), Some(256 << 20));
        assert_eq!(erofs_bytes(&[0; 128]), None);
        assert_eq!(erofs_bytes(&[]), None);
    }

    #[test]
    fn what_is_read_from_a_uki() {
        let headers = "  7 .initrd       01f4e9c0  0000000144830000  0000000144830000  00012345  2**2  CONTENTS";
        assert_eq!(section_size(headers, ".initrd"), Some(0x01f4_e9c0));
        assert_eq!(root_hash("quiet usrhash=abcd rw").as_deref(), Some("abcd"));
        let signed = r#"{"sha256":[{"pcrs":[11],"pkfp":"00","pol":"beef","sig":"x"}]}"#;
        assert_eq!(policies(signed), ["PCR [11] sha256 beef"]);
        assert!(policies("no JSON").is_empty());
    }

    #[test]
    fn files_are_known_by_their_names() {
        assert!(is_disk("amtsnah_0.1.0.raw") && !is_disk("amtsnah_0.1.0.usr.raw"));
        assert!(
            is_download("amtsnah_0.1.0.usr-verity.raw") && !is_download("amtsnah_0.1.0.esp.raw")
        );
    }

    #[test]
    fn columns_line_up() {
        let rows = [
            ("a".to_owned(), "1".to_owned()),
            ("größe".to_owned(), "2".to_owned()),
        ];
        assert_eq!(table(&rows), "a      1\ngröße  2\n");
    }
}
