// SPDX-License-Identifier: EUPL-1.2
//! What an attacker with a screwdriver changes on the disk. Each is refused, and none reaches the shell.

use std::process::Command;

use qemu::{Deadline, Disk, Esp, Kind, Machine, Stage, Vm};

use crate::device::{boot, terminal, tool};

/// After the refusal was seen, the shell must stay away for so many seconds.
const WATCH: u64 = 20;

fn never_the_shell(vm: &Vm) {
    assert!(vm.stage() < Stage::Shell, "the shell was reached");
    assert!(
        vm.wait_stage(Stage::Shell, Deadline::secs(WATCH)).is_err(),
        "the shell was reached after all"
    );
}

fn tampered(change: impl FnOnce(&mut Disk)) -> Machine {
    let machine = terminal().copy();
    let mut disk = machine.state().disk().unwrap();
    change(&mut disk);
    machine
}

/// A block that every boot reads is not what was signed: the kernel stops instead of going on with bad data.
fn verity_refuses(machine: Machine) {
    let vm = machine.start().unwrap();
    vm.wait_stage(Stage::Initrd, boot()).unwrap();
    // Either the kernel panics and restarts, or the initrd gives up and restarts: a reset is the product's answer.
    vm.wait_event("RESET", boot()).unwrap();
    never_the_shell(&vm);
}

/// The one UKI on the EFI system partition.
fn uki(esp: &Esp) -> String {
    esp.list()
        .unwrap()
        .into_iter()
        .find(|path| path.to_lowercase().starts_with("efi/linux/"))
        .unwrap()
}

/// Offset and length of a section in a PE file (PE Format, sections 3 and 4).
fn section(pe: &[u8], name: &str) -> (usize, usize) {
    let word = |at: usize| u32::from_le_bytes(pe[at..at + 4].try_into().unwrap()) as usize;
    let half = |at: usize| u16::from_le_bytes(pe[at..at + 2].try_into().unwrap()) as usize;
    let header = word(0x3c);
    let table = header + 24 + half(header + 20);
    (0..half(header + 6))
        .map(|i| table + 40 * i)
        .find(|at| String::from_utf8_lossy(&pe[*at..at + 8]).trim_end_matches('\0') == name)
        .map(|at| (word(at + 20), word(at + 8)))
        .unwrap()
}

/// The firmware does not start a changed UKI: the boot loader is back, or the firmware's own screen, and no kernel ran.
fn firmware_refuses(machine: Machine) {
    let vm = machine.start().unwrap();
    vm.wait_stage(Stage::BootLoader, boot()).unwrap();
    vm.wait_screen("a refusal", boot(), |screen| {
        let words = screen.read()?;
        Ok([
            "Access denied",
            "Security Violation",
            "Bad image",
            "No bootable",
        ]
        .iter()
        .any(|text| words.contains(text))
        .then_some(()))
    })
    .unwrap();
    assert!(vm.stage() < Stage::Kernel, "a kernel was started");
    never_the_shell(&vm);
}

fn flip_in_uki(name: &str) -> Machine {
    tampered(|disk| {
        let esp = disk.esp().unwrap();
        let path = uki(&esp);
        let mut pe = esp.read(&path).unwrap();
        let (offset, length) = section(&pe, name);
        pe[offset + length / 2] ^= 1;
        esp.write(&path, &pe).unwrap();
    })
}

/// Proves O2: one flipped bit in the data of /usr.
#[test]
fn bit_in_usr_data_is_refused() {
    verity_refuses(tampered(|disk| {
        let usr = disk.only(Kind::Usr).unwrap();
        // The erofs superblock: read at every mount.
        disk.flip_bit(&usr, 1024 + 16).unwrap();
    }));
}

/// Proves O2: one flipped bit in the hash tree.
#[test]
fn bit_in_hash_tree_is_refused() {
    verity_refuses(tampered(|disk| {
        let tree = disk.only(Kind::UsrVerity).unwrap();
        // Behind the verity superblock: the block that the root hash is the hash of.
        disk.flip_bit(&tree, 4096).unwrap();
    }));
}

/// Proves O2: one flipped bit in the signature of the root hash. The kernel itself insists on it.
#[test]
fn bit_in_root_hash_signature_is_refused() {
    verity_refuses(tampered(|disk| {
        let partition = disk.only(Kind::UsrVeritySignature).unwrap();
        let json = disk.read(&partition, 0, 16384).unwrap();
        let text = String::from_utf8_lossy(&json).into_owned();
        let signature = text.find("\"signature\"").unwrap();
        // A letter of the Base64 text, well inside the signature.
        let at = text.rfind('"').unwrap() - 40;
        assert!(at > signature);
        let other = if json[at] == b'A' { b'B' } else { b'A' };
        disk.write(&partition, at as u64, &[other]).unwrap();
    }));
}

/// Proves O2: a system whose hash tree was taken away is not used without it.
#[test]
fn missing_hash_tree_is_refused() {
    verity_refuses(tampered(|disk| {
        let tree = disk.only(Kind::UsrVerity).unwrap();
        // The verity superblock and the top of the tree.
        disk.write(&tree, 0, &[0; 8192]).unwrap();
    }));
}

/// Proves O2: a system whose root hash is right and not signed is not used.
#[test]
fn missing_root_hash_signature_is_refused() {
    verity_refuses(tampered(|disk| {
        let signature = disk.only(Kind::UsrVeritySignature).unwrap();
        disk.write(&signature, 0, &[0; 16384]).unwrap();
    }));
}

/// Proves O2: one flipped bit in the initrd.
#[test]
fn bit_in_initrd_is_refused() {
    firmware_refuses(flip_in_uki(".initrd"));
}

/// Proves O2: one flipped bit in the kernel command line.
#[test]
fn bit_in_command_line_is_refused() {
    firmware_refuses(flip_in_uki(".cmdline"));
}

/// Proves O2: the very same UKI without its signature.
#[test]
fn unsigned_uki_is_refused() {
    firmware_refuses(tampered(|disk| {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("uki.efi");
        let esp = disk.esp().unwrap();
        let path = uki(&esp);
        std::fs::write(&file, esp.read(&path).unwrap()).unwrap();
        tool(Command::new("sbattach").arg("--remove").arg(&file));
        esp.write(&path, &std::fs::read(&file).unwrap()).unwrap();
    }));
}
