// SPDX-License-Identifier: EUPL-1.2
//! The disk of a stopped machine, as an attacker with a screwdriver sees it.

use std::{
    fs::{File, OpenOptions},
    ops::Range,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use gptman::GPT;

use crate::{
    error::{Error, Result},
    esp::Esp,
};

/// What a partition is for: the types of the Discoverable Partitions Specification that our images have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// EFI system partition.
    Esp,
    /// `/usr`.
    Usr,
    /// Hash tree of `/usr`.
    UsrVerity,
    /// Signature of the hash tree's root.
    UsrVeritySignature,
    /// `/var`.
    Var,
}

impl Kind {
    /// The type's GUID as text.
    pub fn guid(self) -> &'static str {
        match self {
            Self::Esp => "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
            Self::Usr => "8484680c-9521-48c6-9c11-b0720656f69e",
            Self::UsrVerity => "77ff5f63-e7b6-4633-acf4-1565b864c0e6",
            Self::UsrVeritySignature => "e7bb33fb-06cf-4e81-8273-e543b413e2e2",
            Self::Var => "4d21b016-b534-45c2-a9fb-5c16e091fd2d",
        }
    }
}

/// Label of a slot without a version, as systemd-sysupdate knows it (sysupdate.d(5)).
const EMPTY_SLOT: &str = "_empty";

/// An entry of the partition table.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Its number, from 1.
    pub number: u32,
    /// Its label.
    pub label: String,
    /// GUID of its type, lower case.
    pub kind: String,
    /// Its own GUID, lower case.
    pub id: String,
    /// Where its bytes lie on the disk.
    pub bytes: Range<u64>,
}

impl Partition {
    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        self.bytes.end - self.bytes.start
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// A raw disk image with a GUID partition table.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    file: File,
    partitions: Vec<Partition>,
}

const SECTOR: u64 = 512;

impl Disk {
    /// Opens a raw image for reading and writing.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(Error::file("open", path))?;
        let table = GPT::read_from(&mut file, SECTOR)
            .or_else(|_| GPT::find_from(&mut file))
            .map_err(|error| Error::Disk {
                path: path.to_owned(),
                message: format!("no partition table: {error}"),
            })?;
        let sector = table.sector_size;
        let partitions = table
            .iter()
            .filter(|(_, entry)| entry.is_used())
            .filter_map(|(number, entry)| {
                // A table with nonsense numbers must not overflow: such an entry has no place on the disk.
                let start = entry.starting_lba.checked_mul(sector)?;
                let end = entry.ending_lba.checked_add(1)?.checked_mul(sector)?;
                Some(Partition {
                    number,
                    label: entry.partition_name.as_str().to_owned(),
                    kind: guid(entry.partition_type_guid),
                    id: guid(entry.unique_partition_guid),
                    bytes: start..end.max(start),
                })
            })
            .collect();
        Ok(Self {
            path: path.to_owned(),
            file,
            partitions,
        })
    }

    /// The image file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its partitions in the table's order.
    pub fn partitions(&self) -> &[Partition] {
        &self.partitions
    }

    /// The only partition of a kind that has data; where both slots have, one is found by [`Disk::labelled`].
    pub fn only(&self, kind: Kind) -> Result<Partition> {
        self.one(&format!("partition in use of type {kind:?}"), |partition| {
            partition.kind == kind.guid() && partition.label != EMPTY_SLOT
        })
    }

    /// The partition with this label.
    pub fn labelled(&self, label: &str) -> Result<Partition> {
        self.one(&format!("partition labelled {label}"), |partition| {
            partition.label == label
        })
    }

    fn one(&self, what: &str, wanted: impl Fn(&Partition) -> bool) -> Result<Partition> {
        let found: Vec<_> = self
            .partitions
            .iter()
            .filter(|partition| wanted(partition))
            .collect();
        if let [partition] = found[..] {
            return Ok(partition.clone());
        }
        let labels: Vec<_> = self.partitions.iter().map(|p| p.label.as_str()).collect();
        Err(self.wrong(format!("{} x {what} among {labels:?}", found.len())))
    }

    /// Reads bytes of a partition.
    pub fn read(&self, partition: &Partition, offset: u64, length: usize) -> Result<Vec<u8>> {
        let at = self.place(partition, offset, length)?;
        let mut bytes = vec![0; length];
        self.file
            .read_exact_at(&mut bytes, at)
            .map_err(Error::file("read", &self.path))?;
        Ok(bytes)
    }

    /// Overwrites bytes of a partition.
    pub fn write(&mut self, partition: &Partition, offset: u64, bytes: &[u8]) -> Result<()> {
        let at = self.place(partition, offset, bytes.len())?;
        self.file
            .write_all_at(bytes, at)
            .map_err(Error::file("write", &self.path))
    }

    /// Turns over the lowest bit of one byte of a partition.
    pub fn flip_bit(&mut self, partition: &Partition, offset: u64) -> Result<()> {
        let byte = self.read(partition, offset, 1)?;
        self.write(partition, offset, &[byte[0] ^ 1])
    }

    /// Offset of the first block of 4 KiB at or after `from` that is not empty: a bit flipped in a hole proves little.
    pub fn first_data(&self, partition: &Partition, from: u64) -> Result<u64> {
        const BLOCK: usize = 4096;
        let mut offset = from / BLOCK as u64 * BLOCK as u64;
        while offset + BLOCK as u64 <= partition.len() {
            if self
                .read(partition, offset, BLOCK)?
                .iter()
                .any(|&byte| byte != 0)
            {
                return Ok(offset);
            }
            offset += BLOCK as u64;
        }
        Err(self.wrong(format!("{} is empty from byte {from} on", partition.label)))
    }

    /// The EFI system partition's files.
    pub fn esp(&self) -> Result<Esp> {
        Ok(Esp::new(&self.path, self.only(Kind::Esp)?.bytes.start))
    }

    fn place(&self, partition: &Partition, offset: u64, length: usize) -> Result<u64> {
        let end = offset.checked_add(length as u64);
        if end.is_none_or(|end| end > partition.len()) {
            return Err(self.wrong(format!(
                "{length} bytes at {offset} are outside of {} with {} bytes",
                partition.label,
                partition.len()
            )));
        }
        Ok(partition.bytes.start + offset)
    }

    fn wrong(&self, message: String) -> Error {
        Error::Disk {
            path: self.path.clone(),
            message,
        }
    }
}

/// A GUID as text: its first three groups are stored in little-endian order.
fn guid(bytes: [u8; 16]) -> String {
    let number = u64::from_le_bytes(bytes.as_chunks::<8>().0[0]);
    let (first, second, third) = (number & 0xffff_ffff, number >> 32 & 0xffff, number >> 48);
    let rest = u64::from_be_bytes(bytes.as_chunks::<8>().0[1]);
    let (fourth, fifth) = (rest >> 48, rest & 0xffff_ffff_ffff);
    format!("{first:08x}-{second:04x}-{third:04x}-{fourth:04x}-{fifth:012x}")
}

#[cfg(test)]
mod tests {
    use gptman::GPTPartitionEntry;

    use super::*;

    fn guid_bytes(text: &str) -> [u8; 16] {
        let raw: Vec<u8> = text
            .replace('-', "")
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
        order.map(|n: usize| raw[n])
    }

    /// A disk of 64 MiB with an ESP, a `/usr` and a slot for the next one.
    fn disk(dir: &Path) -> PathBuf {
        let path = dir.join("disk.raw");
        let mut file = File::create_new(&path).unwrap();
        file.set_len(64 << 20).unwrap();
        let mut table = GPT::new_from(&mut file, SECTOR, [7; 16]).unwrap();
        for (number, kind, label, start, end) in [
            (1, Kind::Esp, "esp", 2048, 83967),
            (2, Kind::Usr, "amtsnah_1", 83968, 120_000),
            (3, Kind::Usr, EMPTY_SLOT, 120_832, 129_023),
        ] {
            table[number] = GPTPartitionEntry {
                partition_type_guid: guid_bytes(kind.guid()),
                unique_partition_guid: [number as u8; 16],
                starting_lba: start,
                ending_lba: end,
                attribute_bits: 0,
                partition_name: label.into(),
            };
        }
        table.write_into(&mut file).unwrap();
        path
    }

    /// Proves O9: one bit, exactly there, and nothing outside of the partition.
    #[test]
    fn flips_one_bit() {
        let dir = tempfile::tempdir().unwrap();
        let path = disk(dir.path());
        let before = std::fs::read(&path).unwrap();
        let mut disk = Disk::open(&path).unwrap();
        let usr = disk.only(Kind::Usr).unwrap();
        assert_eq!(usr.label, "amtsnah_1");
        disk.flip_bit(&usr, 4097).unwrap();
        let after = std::fs::read(&path).unwrap();
        let changed: Vec<_> = (0..before.len())
            .filter(|&n| before[n] != after[n])
            .collect();
        assert_eq!(changed, [83968 * 512 + 4097]);
        assert_eq!(after[changed[0]] ^ before[changed[0]], 1);
        assert_eq!(disk.first_data(&usr, 0).unwrap(), 4096);
        let end = usr.len();
        assert!(disk.flip_bit(&usr, end).is_err());
        assert!(disk.read(&usr, u64::MAX, 2).is_err());
        assert!(
            disk.only(Kind::Var)
                .unwrap_err()
                .to_string()
                .contains("amtsnah_1")
        );
    }

    /// Proves O9: files of the ESP are listed, read, written and removed.
    #[test]
    fn reaches_into_the_esp() {
        let dir = tempfile::tempdir().unwrap();
        let path = disk(dir.path());
        let disk = Disk::open(&path).unwrap();
        let esp = disk.esp().unwrap();
        esp.format().unwrap();
        let uki: Vec<u8> = (0..300_000u32).map(|n| n as u8).collect();
        esp.write("EFI/Linux/amtsnah_1+3-0.efi", &uki).unwrap();
        esp.write("loader/loader.conf", b"timeout 0\n").unwrap();
        assert_eq!(
            esp.list().unwrap(),
            ["EFI/Linux/amtsnah_1+3-0.efi", "loader/loader.conf"]
        );
        assert_eq!(esp.read("EFI/Linux/amtsnah_1+3-0.efi").unwrap(), uki);
        esp.write("loader/loader.conf", b"timeout 5\n").unwrap();
        assert_eq!(esp.read("loader/loader.conf").unwrap(), b"timeout 5\n");
        esp.remove("EFI/Linux/amtsnah_1+3-0.efi").unwrap();
        assert_eq!(esp.list().unwrap(), ["loader/loader.conf"]);
        assert!(
            esp.read("gibt/es/nicht")
                .unwrap_err()
                .to_string()
                .contains("mcopy failed")
        );
    }

    /// Proves O9: a disk without a table is an error, not a panic.
    #[test]
    fn refuses_garbage() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("garbage");
        for bytes in [vec![], vec![0; 100], vec![0xff; 1 << 20]] {
            std::fs::write(&path, bytes).unwrap();
            assert!(Disk::open(&path).is_err());
        }
    }
}
