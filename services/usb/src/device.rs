// SPDX-License-Identifier: EUPL-1.2
//! A device in sysfs.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::descriptors::MOST_BYTES;

/// A USB device, by its directory below `/sys/devices`.
#[derive(Clone, Debug)]
pub struct Device {
    path: PathBuf,
}

impl Device {
    /// The device of a directory.
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Its descriptors as the kernel has read them.
    pub fn descriptors(&self) -> io::Result<Vec<u8>> {
        // One byte more than is allowed is enough to be refused.
        let most = MOST_BYTES as u64 + 1;
        let mut bytes = Vec::new();
        File::open(self.path.join("descriptors"))?
            .take(most)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether the kernel talks to it.
    pub fn is_authorised(&self) -> io::Result<bool> {
        let text = fs::read_to_string(self.path.join("authorized"))?;
        Ok(text.trim() != "0")
    }

    /// Lets the kernel talk to it, or stop doing so.
    pub fn authorise(&self, good: bool) -> io::Result<()> {
        fs::write(self.path.join("authorized"), if good { "1" } else { "0" })
    }

    /// Whether device mapper uses a disk in it. All that the system runs from is below device mapper: /usr by verity, /var by
    /// encryption. `blocks` is `/sys/class/block`.
    pub fn runs_system(&self, blocks: &Path) -> io::Result<bool> {
        let own = fs::canonicalize(&self.path)?;
        for block in fs::read_dir(blocks)? {
            let block = block?;
            if !block.file_name().as_encoded_bytes().starts_with(b"dm-") {
                continue;
            }
            for slave in fs::read_dir(block.path().join("slaves"))? {
                if fs::canonicalize(slave?.path())?.starts_with(&own) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// Proves T12: only the disk below device mapper is the system's, not another one beside it.
    #[test]
    fn the_systems_disk_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let (devices, blocks) = (dir.path().join("devices"), dir.path().join("block"));
        let part = |device: &str| devices.join(device).join("1:1.0/host0/block/sda/sda2");
        for device in ["1-1", "1-10"] {
            fs::create_dir_all(part(device)).unwrap();
        }
        let mapped = devices.join("virtual/dm-0");
        fs::create_dir_all(mapped.join("slaves")).unwrap();
        fs::create_dir_all(&blocks).unwrap();
        symlink(part("1-10"), mapped.join("slaves/sda2")).unwrap();
        symlink(&mapped, blocks.join("dm-0")).unwrap();
        let runs = |device: &str| {
            Device::at(&devices.join(device))
                .runs_system(&blocks)
                .unwrap()
        };
        assert!(runs("1-10"));
        assert!(!runs("1-1"));
    }
}
