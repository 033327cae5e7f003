// SPDX-License-Identifier: EUPL-1.2
//! Whether KVM really runs a guest here.

use std::{fs, process::Command, sync::OnceLock};

use crate::{
    args::Engine,
    deadline::Deadline,
    error::{Error, Result},
    hardware::Accelerator,
    process::Process,
};

/// A boot sector that ends QEMU with exit status 43 as soon as the guest's processor gets to it.
///
/// ```text
/// mov dx, 0x501
/// mov al, 21      ; exit status (21 << 1) | 1
/// out dx, al
/// hlt
/// jmp $-1
/// ```
const BOOT_SECTOR: [u8; 10] = [0xba, 0x01, 0x05, 0xb0, 21, 0xee, 0xf4, 0xeb, 0xfd, 0x90];
const EXIT_STATUS: i32 = 43;

/// How KVM answered the probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kvm {
    /// A guest ran.
    Works,
    /// It cannot be used; the reason is for a person.
    Broken(String),
}

/// Asks once per process whether KVM really runs a guest: that its device opens means nothing where virtual machines
/// are nested.
pub fn kvm() -> &'static Kvm {
    static ANSWER: OnceLock<Kvm> = OnceLock::new();
    ANSWER.get_or_init(|| {
        if fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/kvm")
            .is_err()
        {
            return Kvm::Broken("/dev/kvm cannot be opened".to_owned());
        }
        match probe("kvm", Deadline::secs(10)) {
            Ok(()) => Kvm::Works,
            Err(error) => Kvm::Broken(error.to_string()),
        }
    })
}

/// Runs a guest for a moment.
fn probe(accelerator: &str, deadline: Deadline) -> Result<()> {
    let dir =
        tempfile::tempdir().map_err(Error::file("make a folder in", &std::env::temp_dir()))?;
    let path = dir.path().join("boot.raw");
    // A disk of a single sector would be too small for the BIOS.
    let mut disk = vec![0; 1 << 20];
    disk[..BOOT_SECTOR.len()].copy_from_slice(&BOOT_SECTOR);
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    fs::write(&path, disk).map_err(Error::file("write", &path))?;
    let mut command = Command::new("qemu-system-x86_64");
    command
        .args([
            "-no-user-config",
            "-nodefaults",
            "-display",
            "none",
            "-no-reboot",
        ])
        .args(["-machine", "q35,smm=on", "-m", "64M", "-accel", accelerator])
        .args(["-device", "isa-debug-exit,iobase=0x501,iosize=1", "-drive"])
        .arg(format!("if=ide,format=raw,file={}", path.display()));
    let mut guest = Process::start(command, Vec::new())?;
    match guest.wait(deadline)? {
        Some(status) if status.code() == Some(EXIT_STATUS) => Ok(()),
        Some(status) => Err(Error::Program {
            program: "a guest for a moment".to_owned(),
            status,
            message: guest.words().join("\n"),
        }),
        None => Err(Error::Machine(format!(
            "the guest ran no instruction within {:.0} s",
            deadline.waited().as_secs_f64()
        ))),
    }
}

/// The engine for what was asked.
pub(crate) fn engine(accelerator: Accelerator) -> Result<Engine> {
    if let Accelerator::Tcg { threads } = accelerator {
        return Ok(Engine::Tcg { threads });
    }
    match kvm() {
        Kvm::Works => Ok(Engine::Kvm),
        Kvm::Broken(reason) if accelerator == Accelerator::Kvm => {
            Err(Error::Machine(format!("KVM was asked for, but {reason}")))
        }
        Kvm::Broken(_) => Ok(Engine::Tcg { threads: true }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O9: the probe tells a guest that runs from one that does not, and whatever it says is usable.
    #[test]
    fn probe_runs_a_real_guest() {
        probe("tcg", Deadline::secs(50)).unwrap();
        assert!(probe("tcg", Deadline::after(std::time::Duration::ZERO)).is_err());
        assert!(probe("gibtesnicht", Deadline::secs(50)).is_err());
        assert_eq!(kvm(), kvm());
        assert!(engine(Accelerator::Auto).is_ok());
    }
}
