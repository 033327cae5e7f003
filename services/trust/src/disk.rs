// SPDX-License-Identifier: EUPL-1.2
//! The boot disk: the one that holds the verified `/usr`. Nothing is ever taken from another disk, whatever its labels say.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a partition is for: types of the Discoverable Partitions Specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The EFI system partition.
    Esp,
    /// The data partition, `/var`.
    Var,
    /// The signature of a root hash of `/usr`.
    UsrVeritySignature,
}

impl Kind {
    /// The type's GUID as it lies on the disk: the first three fields are little-endian.
    const fn guid(self) -> [u8; 16] {
        match self {
            // c12a7328-f81f-11d2-ba4b-00a0c93ec93b
            Self::Esp => [
                0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e,
                0xc9, 0x3b,
            ],
            // 4d21b016-b534-45c2-a9fb-5c16e091fd2d
            Self::Var => [
                0x16, 0xb0, 0x21, 0x4d, 0x34, 0xb5, 0xc2, 0x45, 0xa9, 0xfb, 0x5c, 0x16, 0xe0, 0x91,
                0xfd, 0x2d,
            ],
            // e7bb33fb-06cf-4e81-8273-e543b413e2e2
            Self::UsrVeritySignature => [
                0xfb, 0x33, 0xbb, 0xe7, 0xcf, 0x06, 0x81, 0x4e, 0x82, 0x73, 0xe5, 0x43, 0xb4, 0x13,
                0xe2, 0xe2,
            ],
        }
    }
}

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
    /// The disk has no readable partition table.
    #[error("cannot read the partition table of {disk}: {message}")]
    Table {
        /// Which disk.
        disk: PathBuf,
        /// What is wrong with it.
        message: String,
    },
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
    kind: [u8; 16],
}

impl Partition {
    /// Whether it is for this.
    pub fn is(&self, kind: Kind) -> bool {
        self.kind == kind.guid()
    }
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

    /// All partitions that the kernel knows, with what the partition table says of them. The kernel itself does not know the
    /// labels of partitions that were added while the disk was in use.
    pub fn partitions(&self) -> Result<Vec<Partition>, DiskError> {
        let failed = |message: String| DiskError::Table {
            disk: self.node.clone(),
            message,
        };
        let mut file = fs::File::open(&self.node).map_err(|error| failed(error.to_string()))?;
        let table = gptman::GPT::find_from(&mut file).map_err(|error| failed(error.to_string()))?;
        let mut found = Vec::new();
        for path in entries(&self.sysfs)? {
            let Ok(number) = fs::read_to_string(path.join("partition")) else {
                continue;
            };
            let entry = table
                .iter()
                .find(|(n, entry)| entry.is_used() && number.trim().parse() == Ok(*n));
            if let Some((_, entry)) = entry {
                found.push(Partition {
                    node: self
                        .node
                        .with_file_name(path.file_name().unwrap_or_default()),
                    label: entry.partition_name.as_str().to_owned(),
                    kind: entry.partition_type_guid,
                });
            }
        }
        Ok(found)
    }

    /// Takes the first partition that is for this out of the table and returns its number. The kernel still knows it.
    pub fn remove(&self, kind: Kind) -> Result<Option<u32>, DiskError> {
        let failed = |message: String| DiskError::Table {
            disk: self.node.clone(),
            message,
        };
        let mut file = fs::File::options()
            .read(true)
            .write(true)
            .open(&self.node)
            .map_err(|error| failed(error.to_string()))?;
        let mut table =
            gptman::GPT::find_from(&mut file).map_err(|error| failed(error.to_string()))?;
        let number = table
            .iter()
            .find(|(_, entry)| entry.partition_type_guid == kind.guid())
            .map(|(number, _)| number);
        if let Some(number) = number {
            table
                .remove(number)
                .and_then(|()| table.write_into(&mut file))
                .map_err(|error| failed(error.to_string()))?;
            file.sync_all().map_err(|error| failed(error.to_string()))?;
        }
        Ok(number)
    }

    /// The first partition that is for this.
    pub fn partition(&self, kind: Kind) -> Result<Option<Partition>, DiskError> {
        Ok(self
            .partitions()?
            .into_iter()
            .find(|partition| partition.is(kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USR: [u8; 16] = [1; 16];

    /// Two disks with the same partitions; `/usr` is mapped from the second.
    fn machine() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for disk in ["vda", "vdb"] {
            let mut image = io::Cursor::new(vec![0; 1 << 20]);
            let mut table = gptman::GPT::new_from(&mut image, 512, [7; 16]).unwrap();
            for (n, kind) in [(1, Kind::Esp.guid()), (2, USR), (3, Kind::Var.guid())] {
                let start = 100 * u64::from(n);
                table[n] = gptman::GPTPartitionEntry {
                    partition_name: "x".into(),
                    partition_type_guid: kind,
                    unique_partition_guid: [n as u8; 16],
                    starting_lba: start,
                    ending_lba: start + 50,
                    attribute_bits: 0,
                };
                let part = root.join(format!("devices/{disk}/{disk}{n}"));
                fs::create_dir_all(&part).unwrap();
                fs::write(part.join("partition"), format!("{n}\n")).unwrap();
            }
            table.write_into(&mut image).unwrap();
            fs::create_dir_all(root.join("dev")).unwrap();
            fs::write(root.join("dev").join(disk), image.into_inner()).unwrap();
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
        let dev = root.join("dev");
        (dir, dev)
    }

    /// Proves O2: the data partition is the one beside the verified /usr, not one of the same kind on another disk.
    #[test]
    fn partitions_come_from_the_boot_disk_only() {
        let (dir, dev) = machine();
        let mut disk = Disk::below_mapping(dir.path(), "usr").unwrap();
        assert_eq!(disk.node, Path::new("/dev/vdb"));
        disk.node = dev.join("vdb");
        let var = disk.partition(Kind::Var).unwrap().unwrap();
        assert_eq!(var.node, dev.join("vdb3"));
        assert_eq!(disk.partition(Kind::UsrVeritySignature).unwrap(), None);
    }

    /// Proves O2: what is removed is gone, and only that.
    #[test]
    fn a_partition_is_removed() {
        let (dir, dev) = machine();
        let mut disk = Disk::below_mapping(dir.path(), "usr").unwrap();
        disk.node = dev.join("vdb");
        assert_eq!(disk.remove(Kind::Var).unwrap(), Some(3));
        assert_eq!(disk.partition(Kind::Var).unwrap(), None);
        assert_eq!(disk.remove(Kind::Var).unwrap(), None);
        assert!(disk.partition(Kind::Esp).unwrap().is_some());
    }

    /// Proves O2: rubbish where the partition table should be is an error, not a panic.
    #[test]
    fn a_broken_table_is_an_error() {
        let (dir, dev) = machine();
        let mut disk = Disk::below_mapping(dir.path(), "usr").unwrap();
        disk.node = dev.join("vdb");
        for rubbish in [vec![], vec![0xff; 700], vec![0x55; 1 << 16]] {
            fs::write(&disk.node, rubbish).unwrap();
            assert!(matches!(disk.partitions(), Err(DiskError::Table { .. })));
        }
    }

    /// Proves O2: a system without a verified /usr has no boot disk at all.
    #[test]
    fn no_mapping_no_disk() {
        let (dir, _) = machine();
        assert!(matches!(
            Disk::below_mapping(dir.path(), "other"),
            Err(DiskError::NoMapping(_))
        ));
    }
}
