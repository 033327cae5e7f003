// SPDX-License-Identifier: EUPL-1.2
//! When `/var` does not belong to the device, or the device is not the one it was.

use std::process::Command;

use qemu::{Kind, Stage, Vm};

use crate::device::{boot, case, recovery_key, soon, terminal, tool, wait_home};

fn wait_recovery(vm: &Vm) {
    vm.wait_text("verschlossen", boot()).unwrap();
    assert!(!vm.is_state_open());
}

fn enter_key(vm: &Vm, key: &str) {
    vm.type_text(&key.replace('-', ""), qemu::Layout::German)
        .unwrap();
    vm.keys(&["ret"]).unwrap();
}

/// Proves O2: with another TPM `/var` stays closed and the recovery screen names the code; the key that the operator finds under it
/// opens the device, and from then on it opens by itself again. A wrong key is told apart.
#[test]
fn another_tpm_needs_the_recovery_key() {
    let scratch = tempfile::tempdir().unwrap();
    let machine = terminal().copy();
    let (code, key) = recovery_key(&machine, scratch.path());
    machine.state().replace_tpm().unwrap();
    let vm = machine.start().unwrap();
    wait_recovery(&vm);
    vm.wait_text(&code, soon()).unwrap();

    let (right, wrong) = if key.ends_with('c') {
        ("c", "b")
    } else {
        (&key[70..], "c")
    };
    enter_key(&vm, &format!("{}{wrong}", &key[..70]));
    vm.wait_text("passt nicht", boot()).unwrap();
    assert!(!vm.is_state_open());
    // One letter of 64 can be mended.
    vm.keys(&["backspace"]).unwrap();
    enter_key(&vm, right);
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);

    let vm = vm.power_cut().unwrap().start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
}

/// Proves O2: the disk of another board, whose own TPM remembers another volume, is not taken for this device's own.
#[test]
fn another_boards_disk_stays_closed() {
    let board = case().copy();
    board.state().take_disk(terminal().snapshot()).unwrap();
    let vm = board.start().unwrap();
    wait_recovery(&vm);
}

/// Proves O2: a LUKS volume whose key the attacker knows is not accepted, not even with that key.
#[test]
fn an_attackers_volume_is_not_accepted() {
    const KNOWN: &str = "cbdefghi-jklnrtuv-cbdefghi-jklnrtuv-cbdefghi-jklnrtuv-cbdefghi-jklnrtuv";
    let scratch = tempfile::tempdir().unwrap();
    let (volume, key) = (scratch.path().join("volume"), scratch.path().join("key"));
    std::fs::write(&key, KNOWN).unwrap();
    std::fs::File::create(&volume)
        .unwrap()
        .set_len(64 << 20)
        .unwrap();
    tool(
        Command::new("cryptsetup")
            .args([
                "luksFormat",
                "--batch-mode",
                "--type",
                "luks2",
                "--pbkdf",
                "pbkdf2",
                "--pbkdf-force-iterations",
                "1000",
            ])
            .args(["--label", "amtsnah-state", "--key-file"])
            .arg(&key)
            .arg(&volume),
    );
    let machine = terminal().copy();
    let mut disk = machine.state().disk().unwrap();
    let var = disk.only(Kind::Var).unwrap();
    // The header and the key slots: 16 MiB.
    let header = std::fs::read(&volume).unwrap();
    disk.write(&var, 0, &header[..16 << 20]).unwrap();

    let vm = machine.start().unwrap();
    wait_recovery(&vm);
    enter_key(&vm, KNOWN);
    vm.wait_text("passt nicht", boot()).unwrap();
    assert!(!vm.is_state_open());
    assert_eq!(vm.stage(), Stage::Shell);
}
