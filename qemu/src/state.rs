// SPDX-License-Identifier: EUPL-1.2
//! Everything a machine keeps while it is off: its disk, its firmware's variables, its TPM.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::Command,
};

use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

use crate::{
    disk::Disk,
    error::{Error, Result},
    process,
    variables::Variables,
};

/// Firmware variables of a machine that knows no keys yet: Secure Boot in setup mode.
const FRESH_VARS: &str = "/usr/share/OVMF/OVMF_VARS_4M.fd";

const PREFIX: &str = "amtsnah-vm-";

/// Everything a machine keeps while it is off.
///
/// The disk is an overlay over the image (or over a snapshot), so the image is never written and a new machine costs
/// nothing. Editing the disk turns the overlay into a raw file once.
#[derive(Debug)]
pub struct State {
    dir: PathBuf,
    temporary: Option<Temporary>,
}

/// Fields are dropped in this order: the folder goes before its lock.
#[derive(Debug)]
struct Temporary {
    dir: TempDir,
    _lock: File,
}

/// Format of a disk file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Plain bytes.
    Raw,
    /// QEMU's copy-on-write format.
    Qcow2,
}

impl Format {
    /// QEMU's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
        }
    }
}

impl State {
    /// A factory-new machine with a copy of this raw image; removed with this value.
    pub fn fresh(image: &Path) -> Result<Self> {
        let state = Self::diskless()?;
        state.put_overlay(image, Format::Raw)?;
        Ok(state)
    }

    /// A factory-new machine that stays in `dir`, which must not hold one yet.
    pub fn fresh_in(dir: &Path, image: &Path) -> Result<Self> {
        let state = Self::prepare(dir.to_owned(), None)?;
        state.put_overlay(image, Format::Raw)?;
        Ok(state)
    }

    /// A machine that was left in `dir` by [`State::fresh_in`].
    pub fn open(dir: &Path) -> Result<Self> {
        let state = Self {
            dir: dir.to_owned(),
            temporary: None,
        };
        fs::metadata(state.vars()).map_err(Error::file("find", &state.vars()))?;
        Ok(state)
    }

    /// A factory-new machine without a disk; removed with this value.
    pub fn diskless() -> Result<Self> {
        let temporary = Temporary::new()?;
        Self::prepare(temporary.dir.path().to_owned(), Some(temporary))
    }

    /// A machine as it was when the snapshot was taken; removed with this value.
    pub fn from_snapshot(snapshot: &Snapshot) -> Result<Self> {
        let temporary = Temporary::new()?;
        let state = Self {
            dir: temporary.dir.path().to_owned(),
            temporary: Some(temporary),
        };
        copy(&snapshot.0.vars(), &state.vars())?;
        copy(&snapshot.0.tpm(), &state.tpm())?;
        state.take_disk(snapshot)?;
        Ok(state)
    }

    fn prepare(dir: PathBuf, temporary: Option<Temporary>) -> Result<Self> {
        let state = Self { dir, temporary };
        fs::create_dir_all(&state.dir).map_err(Error::file("make", &state.dir))?;
        // Made without following what is there: an existing machine is never overwritten.
        let tpm = state.tpm();
        fs::create_dir(&tpm).map_err(Error::file("make", &tpm))?;
        state.forget_firmware()?;
        Ok(state)
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether it disappears with this value.
    pub fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// Its disk and the disk's format.
    pub fn disk_file(&self) -> Option<(PathBuf, Format)> {
        let raw = self.dir.join("disk.raw");
        let qcow2 = self.dir.join("disk.qcow2");
        if raw.exists() {
            Some((raw, Format::Raw))
        } else if qcow2.exists() {
            Some((qcow2, Format::Qcow2))
        } else {
            None
        }
    }

    /// The firmware's variables.
    pub fn vars(&self) -> PathBuf {
        self.dir.join("vars.fd")
    }

    /// What the firmware keeps in them.
    pub fn variables(&self) -> Result<Variables> {
        Variables::read(&self.vars())
    }

    /// The TPM's folder.
    pub fn tpm(&self) -> PathBuf {
        self.dir.join("tpm")
    }

    /// Freezes a copy of it in `dir`, from which any number of machines can start.
    pub fn snapshot(&self, dir: &Path) -> Result<Snapshot> {
        fs::create_dir_all(dir).map_err(Error::file("make", dir))?;
        let frozen = Self {
            dir: dir.to_owned(),
            temporary: None,
        };
        copy(&self.vars(), &frozen.vars())?;
        copy(&self.tpm(), &frozen.tpm())?;
        if let Some((disk, format)) = self.disk_file() {
            let name = format!("disk.{}", format.name());
            copy(&disk, &dir.join(name))?;
        }
        Ok(Snapshot(frozen))
    }

    /// Gives it another TPM, factory-new.
    pub fn replace_tpm(&self) -> Result<()> {
        let tpm = self.tpm();
        fs::remove_dir_all(&tpm).map_err(Error::file("remove", &tpm))?;
        fs::create_dir(&tpm).map_err(Error::file("make", &tpm))
    }

    /// Makes its firmware factory-new: no keys, no boot entries.
    pub fn forget_firmware(&self) -> Result<()> {
        copy(Path::new(FRESH_VARS), &self.vars())
    }

    /// Puts in the disk of another machine.
    pub fn take_disk(&self, from: &Snapshot) -> Result<()> {
        if let Some((disk, _)) = self.disk_file() {
            fs::remove_file(&disk).map_err(Error::file("remove", &disk))?;
        }
        match from.0.disk_file() {
            Some((disk, format)) => self.put_overlay(&disk, format),
            None => Ok(()),
        }
    }

    /// Makes its disk larger; the space is at the end.
    pub fn grow_disk(&self, bytes: u64) -> Result<()> {
        let (disk, format) = self.disk_file().ok_or_else(|| self.no_disk())?;
        let mut command = Command::new("qemu-img");
        command
            .args(["resize", "-q", "-f", format.name()])
            .arg(disk)
            .arg(bytes.to_string());
        process::output(command, None).map(drop)
    }

    /// Opens its disk for editing. The first time this writes out the whole disk.
    pub fn disk(&self) -> Result<Disk> {
        let (disk, format) = self.disk_file().ok_or_else(|| self.no_disk())?;
        if format == Format::Raw {
            return Disk::open(&disk);
        }
        let (part, raw) = (self.dir.join("disk.part"), self.dir.join("disk.raw"));
        let mut command = Command::new("qemu-img");
        command
            .args(["convert", "-q", "-W", "-f", "qcow2", "-O", "raw"])
            .arg(&disk)
            .arg(&part);
        process::output(command, None)?;
        fs::rename(&part, &raw).map_err(Error::file("rename", &part))?;
        fs::remove_file(&disk).map_err(Error::file("remove", &disk))?;
        Disk::open(&raw)
    }

    fn put_overlay(&self, base: &Path, format: Format) -> Result<()> {
        let base = fs::canonicalize(base).map_err(Error::file("find", base))?;
        let mut command = Command::new("qemu-img");
        command
            .args(["create", "-q", "-f", "qcow2", "-F", format.name(), "-b"])
            .arg(base)
            .arg(self.dir.join("disk.qcow2"));
        process::output(command, None).map(drop)
    }

    fn no_disk(&self) -> Error {
        Error::Disk {
            path: self.dir.clone(),
            message: "the machine has no disk".to_owned(),
        }
    }
}

/// A frozen [`State`]. It refers to the image it was made from, which must stay as it is.
#[derive(Debug)]
pub struct Snapshot(State);

impl Snapshot {
    /// A snapshot that was taken into `dir` before.
    pub fn open(dir: &Path) -> Result<Self> {
        State::open(dir).map(Self)
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }
}

impl Temporary {
    fn new() -> Result<Self> {
        let base = base_dir();
        fs::create_dir_all(&base).map_err(Error::file("make", &base))?;
        sweep(&base);
        let dir = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(&base)
            .map_err(Error::file("make a folder in", &base))?;
        // Locked before it gets its name, so that nobody sweeps a folder that is just being made.
        let (new, path) = (dir.path().join("lock.new"), dir.path().join("lock"));
        let lock = File::create(&new).map_err(Error::file("create", &new))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|error| Error::file("lock", &new)(error.into()))?;
        fs::rename(&new, &path).map_err(Error::file("rename", &new))?;
        Ok(Self { dir, _lock: lock })
    }
}

/// Where temporary machines live: `AMTSNAH_VM_DIR`, else `/var/tmp`, since `/tmp` may be memory.
pub fn base_dir() -> PathBuf {
    std::env::var_os("AMTSNAH_VM_DIR").map_or_else(|| "/var/tmp".into(), PathBuf::from)
}

/// Where machines of a temporary state leave what they showed: `AMTSNAH_VM_ARTEFACTS`, else a folder beside them.
pub fn artefacts_dir() -> PathBuf {
    std::env::var_os("AMTSNAH_VM_ARTEFACTS")
        .map_or_else(|| base_dir().join("amtsnah-vm-artefacts"), PathBuf::from)
}

/// The name of a file below [`artefacts_dir`] for whoever reads a report elsewhere than where the machine runs:
/// `AMTSNAH_VM_ARTEFACTS_SEEN` is that folder's name there.
pub fn seen(file: &Path) -> PathBuf {
    let below =
        std::env::var_os("AMTSNAH_VM_ARTEFACTS_SEEN").zip(file.strip_prefix(artefacts_dir()).ok());
    below.map_or_else(
        || file.to_owned(),
        |(folder, name)| PathBuf::from(folder).join(name),
    )
}

/// Removes machines whose owner was killed: nobody holds their lock. A failure leaves them for the next time.
fn sweep(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else {
        return;
    };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // A folder without a lock file is being made at this moment.
        let Ok(lock) = File::open(entry.path().join("lock")) else {
            continue;
        };
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Copies a file or folder, keeping its holes and sharing blocks where the file system can.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.exists() {
        return Err(Error::file("find", from)(io::ErrorKind::NotFound.into()));
    }
    let mut command = Command::new("cp");
    command
        .args([
            "-r",
            "--sparse=always",
            "--reflink=auto",
            "--no-target-directory",
        ])
        .arg(from)
        .arg(to);
    process::output(command, None).map(drop)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    fn image(dir: &Path) -> PathBuf {
        let path = dir.join("image.raw");
        let mut file = File::create_new(&path).unwrap();
        file.set_len(8 << 20).unwrap();
        let mut table = gptman::GPT::new_from(&mut file, 512, [7; 16]).unwrap();
        table[1] = gptman::GPTPartitionEntry {
            partition_type_guid: [1; 16],
            unique_partition_guid: [2; 16],
            starting_lba: 2048,
            ending_lba: 4095,
            attribute_bits: 0,
            partition_name: "data".into(),
        };
        table.write_into(&mut file).unwrap();
        file.write_all_at(b"original", 1 << 20).unwrap();
        path
    }

    fn content(state: &State) -> Vec<u8> {
        let disk = state.disk().unwrap();
        let data = disk.labelled("data").unwrap();
        disk.read(&data, 0, 8).unwrap()
    }

    /// Proves O9: machines from one snapshot do not see each other, and the image stays as it was.
    #[test]
    fn snapshots_are_isolated() {
        let dir = tempfile::tempdir().unwrap();
        let image = image(dir.path());
        let before = fs::read(&image).unwrap();
        let first = State::fresh(&image).unwrap();
        fs::write(first.tpm().join("seed"), "first").unwrap();
        let mut disk = first.disk().unwrap();
        let data = disk.labelled("data").unwrap();
        disk.write(&data, 0, b"modified").unwrap();
        let snapshot = first.snapshot(&dir.path().join("snapshot")).unwrap();

        let second = State::from_snapshot(&snapshot).unwrap();
        let third = State::from_snapshot(&Snapshot::open(snapshot.dir()).unwrap()).unwrap();
        second.replace_tpm().unwrap();
        let mut disk = second.disk().unwrap();
        disk.write(&data, 0, b"another!").unwrap();

        assert_eq!(content(&second), b"another!");
        assert_eq!(content(&third), b"modified");
        assert_eq!(content(&first), b"modified");
        assert_eq!(fs::read(third.tpm().join("seed")).unwrap(), b"first");
        assert!(!second.tpm().join("seed").exists());
        assert_eq!(fs::read(&image).unwrap(), before);

        let folder = second.dir().to_owned();
        drop(second);
        assert!(!folder.exists());
    }

    /// Proves O9: what a killed owner left is cleared away, what is in use or in the making is not.
    #[test]
    fn sweeps_only_what_nobody_owns() {
        let base = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let path = base.path().join(name);
            fs::create_dir(&path).unwrap();
            path
        };
        let [orphan, used, new, stranger] = [
            "amtsnah-vm-orphan",
            "amtsnah-vm-used",
            "amtsnah-vm-new",
            "stranger",
        ]
        .map(folder);
        File::create(orphan.join("lock")).unwrap();
        File::create(stranger.join("lock")).unwrap();
        let lock = File::create(used.join("lock")).unwrap();
        flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
        sweep(base.path());
        let left = [&orphan, &used, &new, &stranger].map(|path| path.exists());
        assert_eq!(left, [false, true, true, true]);
    }

    /// Proves O9: a machine keeps its place, a new one does not overwrite it, and its disk can grow.
    #[test]
    fn machines_stay_where_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let image = image(dir.path());
        let home = dir.path().join("home");
        assert!(State::open(&home).is_err());
        let state = State::fresh_in(&home, &image).unwrap();
        state.grow_disk(32 << 20).unwrap();
        assert!(State::fresh_in(&home, &image).is_err());
        let again = State::open(&home).unwrap();
        assert_eq!(content(&again), b"original");
        assert_eq!(again.disk_file().unwrap().1, Format::Raw);
        assert_eq!(fs::metadata(home.join("disk.raw")).unwrap().len(), 32 << 20);
        assert!(State::diskless().unwrap().disk().is_err());
    }
}
