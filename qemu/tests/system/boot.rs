// SPDX-License-Identifier: EUPL-1.2
//! Boots as they should be.

use qemu::{Deadline, Disk, Kind, Machine, Partition, Stage};

use crate::device::{boot, certificate, soon, terminal, wait_home};
use crate::words;

/// Proves O1, O2, O9: from a flashed disk to the shell under Secure Boot, and the second boot opens `/var` by itself. There is a
/// second slot for updates. Proves T2
/// (first part): two departments by touch, and back.
#[test]
fn second_boot_opens_by_itself_and_departments_can_be_touched() {
    let vm = terminal().copy().start().unwrap();
    vm.wait_serial("UEFI Secure Boot is enabled", boot())
        .unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    assert_eq!(vm.resets(), 0, "the keys are enrolled only once");
    assert!(vm.read_screen().unwrap().contains("Weißbach"));
    words::begin(&vm);
    words::go_to_topics(&vm);
    for department in ["Meldestelle", "Standesamt"] {
        words::touch(&vm, department);
        vm.wait_text(words::HOURS, soon()).unwrap();
        words::touch(&vm, words::BACK);
    }
    vm.wait_text("Meldestelle", soon()).unwrap();
    words::touch(&vm, words::FINISH);
    words::touch(&vm, words::LEAVE);
    vm.wait_text(words::ATTRACT, soon()).unwrap();

    let machine = vm.power_cut().unwrap();
    assert_firmware_knows_only_us(&machine);
    let disk = machine.state().disk().unwrap();
    assert_two_slots(&disk);
    let files = disk.esp().unwrap().list().unwrap();
    assert!(
        files
            .iter()
            .any(|file| file.starts_with("EFI/Linux/") && !file.contains('+')),
        "{files:?}"
    );
}

/// Beside the system in use there is room for another one of the same size.
fn assert_two_slots(disk: &Disk) {
    for kind in [Kind::Usr, Kind::UsrVerity, Kind::UsrVeritySignature] {
        let sizes: Vec<u64> = disk
            .partitions()
            .iter()
            .filter(|partition| partition.kind == kind.guid())
            .map(Partition::len)
            .collect();
        assert!(
            sizes.len() == 2 && sizes[0] == sizes[1],
            "{kind:?}: {sizes:?}"
        );
    }
}

/// Three certificates of ours, and nobody else's: the factory's keys, or one key for everything, would start what we did not sign.
fn assert_firmware_knows_only_us(machine: &Machine) {
    let variables = machine.state().variables().unwrap();
    let known = ["PK", "KEK", "db"].map(|name| (name, variables.signatures(name)));
    for (name, certificates) in &known {
        assert_eq!(certificates, &[certificate(name)], "{name}");
    }
    let [(_, pk), (_, kek), (_, db)] = &known;
    assert!(pk != kek && kek != db && pk != db, "one key is several");
}

/// Proves T12 (first part): no key combination of a console does anything.
#[test]
fn keys_lead_nowhere() {
    let vm = terminal().copy().start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    let before = vm.read_screen().unwrap();
    assert!(before.contains(words::ATTRACT));
    for keys in [
        &["ctrl", "alt", "f1"][..],
        &["ctrl", "alt", "f2"],
        &["alt", "f3"],
        &["ctrl", "alt", "delete"],
        &["ctrl", "alt", "backspace"],
        &["alt", "sysrq", "b"],
        &["alt", "sysrq", "k"],
        &["alt", "f4"],
        &["ctrl", "c"],
        &["meta_l"],
        &["print"],
    ] {
        vm.keys(keys).unwrap();
    }
    // Something a person may do still works afterwards, on the same screen and in the same boot.
    words::begin(&vm);
    words::go_to_topics(&vm);
    words::touch(&vm, "Meldestelle");
    vm.wait_text(words::HOURS, soon()).unwrap();
    assert_eq!(vm.resets(), 0);
    assert_eq!(vm.stage(), Stage::Shell);
    assert!(
        vm.wait_event("SHUTDOWN", Deadline::secs(5)).is_err(),
        "a key switched the device off"
    );
}
