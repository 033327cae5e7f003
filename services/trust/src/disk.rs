// SPDX-License-Identifier: EUPL-1.2
//! The boot disk: the one that holds the verified `/usr`. Nothing is ever taken from another disk, whatever its labels say.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The label of the data partition.
pub const STATE: &str = "var";
/// The label of the EFI system partition, as systemd-repart gives it.
pub const ESP: &str = "esp";

/// Why the boot disk is not found.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// Reading sysfs failed.
    #[error("cannot read {path}")]
    Sysfs {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// No verity device of that name is set up.
    #[error("there is no device-mapper device named `{0}`")]
    NoMapping(String),
    /// A mapping has no partition below it.
    #[error("the device-mapper device `{0}` does not lie on a partition")]
    NoPartition(String),
}

/// A disk with partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Its node, such as `/dev/nvme0n1`.
    pub node: PathBuf,
    sysfs: PathBuf,
}

/// A partition of a [`Disk`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its node, such as `/dev/nvme0n1p2`.
    pub node: PathBuf,
    /// Its GPT label.
    pub label: String,
}

fn sysfs_error(path: &Path) -> impl FnOnce(io::Error) -> DiskError {
    let path = path.to_path_buf();
    move |source| DiskError::Sysfs { path, source }
}

fn entries(path: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let mut entries = fs::read_dir(path)
        .and_then(|dir| {
            dir.map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<Vec<_>, _>>()
        })
        .map_err(sysfs_error(path))?;
    entries.sort();
    Ok(entries)
}

fn node_of(sysfs: &Path) -> PathBuf {
    Path::new("/dev").join(sysfs.file_name().unwrap_or_default())
}

impl Disk {
    /// The disk below the device-mapper device `mapping` (for us `usr`), found through `sysfs` (`/sys`).
    pub fn below_mapping(sysfs: &Path, mapping: &str) -> Result<Self, DiskError> {
        let block = sysfs.join("class/block");
        for device in entries(&block)? {
            let name = fs::read_to_string(device.join("dm/name")).unwrap_or_default();
            if name.trim_end() == mapping {
                let lower = entries(&device.join("slaves"))?;
                let first = lower
                    .first()
                    .ok_or_else(|| DiskError::NoPartition(mapping.into()))?;
                return Self::of_partition(first);
            }
        }
        Err(DiskError::NoMapping(mapping.into()))
    }

    /// The disk that the partition at `sysfs_path` lies on.
    pub fn of_partition(sysfs_path: &Path) -> Result<Self, DiskError> {
        let real = sysfs_path.canonicalize().map_err(sysfs_error(sysfs_path))?;
        if !real.join("partition").exists() {
            return Err(DiskError::NoPartition(sysfs_path.display().to_string()));
        }
        let parent = real
            .parent()
            .ok_or_else(|| DiskError::NoPartition(sysfs_path.display().to_string()))?;
        Ok(Self {
            node: node_of(parent),
            sysfs: parent.to_path_buf(),
        })
    }

    /// All partitions, by node name.
    pub fn partitions(&self) -> Result<Vec<Partition>, DiskError> {
        let mut found = Vec::new();
        for path in entries(&self.sysfs)? {
            if !path.join("partition").exists() {
                continue;
            }
            let uevent = path.join("uevent");
            let text = fs::read_to_string(&uevent).map_err(sysfs_error(&uevent))?;
            let label = text
                .lines()
                .find_map(|line| line.strip_prefix("PARTNAME="))
                .unwrap_or_default();
            found.push(Partition {
                node: node_of(&path),
                label: label.to_owned(),
            });
        }
        Ok(found)
    }

    /// The first partition with this label.
    pub fn partition(&self, label: &str) -> Result<Option<Partition>, DiskError> {
        Ok(self
            .partitions()?
            .into_iter()
            .find(|partition| partition.label == label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sysfs() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for (disk, label) in [("vda", "var"), ("vdb", "var")] {
            for (n, label) in [(1, "esp"), (2, "amtsnah_1"), (3, label)] {
                let part = root.join(format!("devices/{disk}/{disk}{n}"));
                fs::create_dir_all(&part).unwrap();
                fs::write(part.join("partition"), format!("{n}\n")).unwrap();
                fs::write(
                    part.join("uevent"),
                    format!("DEVTYPE=partition\nPARTNAME={label}\n"),
                )
                .unwrap();
            }
        }
        let block = root.join("class/block");
        fs::create_dir_all(block.join("dm-0/dm")).unwrap();
        fs::create_dir_all(block.join("dm-0/slaves")).unwrap();
        fs::write(block.join("dm-0/dm/name"), "usr\n").unwrap();
        std::os::unix::fs::symlink(
            root.join("devices/vdb/vdb2"),
            block.join("dm-0/slaves/vdb2"),
        )
        .unwrap();
        dir
    }

    /// Proves O2: the data partition is the one beside the verified /usr, not one of the same name on another disk.
    #[test]
    fn partitions_come_from_the_boot_disk_only() {
        let dir = sysfs();
        let disk = Disk::below_mapping(dir.path(), "usr").unwrap();
        assert_eq!(disk.node, Path::new("/dev/vdb"));
        assert_eq!(
            disk.partition(STATE).unwrap().unwrap().node,
            Path::new("/dev/vdb3")
        );
        assert_eq!(disk.partition("nothing").unwrap(), None);
    }

    /// Proves O2: a system without a verified /usr has no boot disk at all.
    #[test]
    fn no_mapping_no_disk() {
        let dir = sysfs();
        assert!(matches!(
            Disk::below_mapping(dir.path(), "other"),
            Err(DiskError::NoMapping(_))
        ));
    }
}
