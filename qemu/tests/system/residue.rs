// SPDX-License-Identifier: EUPL-1.2
//! After a session nothing of it is left in a device.

use std::path::Path;
use std::process::Command;

use qemu::residue::{CANARIES, Canaries, Hits, search};
use qemu::{Addon, Usb, Vm};

use crate::device::{boot, soon, terminal, tool, wait_home};
use crate::probe::{Probe, held};
use crate::words;

/// Runs a program whose file carries no permission to be run.
const LOADER: &str = "/usr/lib64/ld-linux-x86-64.so.2";
/// People in turn.
const SESSIONS: u64 = 10;

/// What is in the memory of a machine that stands still for it.
fn residue(vm: &Vm, scratch: &Path, canaries: &Canaries) -> Hits {
    let dump = scratch.join("memory");
    vm.dump_memory(&dump).unwrap();
    let hits = search(&dump, canaries).unwrap();
    std::fs::remove_file(dump).unwrap();
    hits
}

/// What a person does: fills the store in the session, then asks the volume.
fn probe(scratch: &Path) -> Probe {
    let program = scratch.join("citizen");
    tool(
        Command::new("strip")
            .arg("-o")
            .arg(&program)
            .arg(env!("CARGO_BIN_EXE_citizen")),
    );
    let citizen = |what: &str| format!("{LOADER} {} {what} %i", held("citizen"));
    let says = "/usr/bin/systemctl show --property=NRestarts shell.service";
    let person = "[Service]\nUser=shell\nSlice=session.slice";
    Probe::new()
        .holds("citizen", std::fs::read(program).unwrap())
        .when_numbered(&Usb::CardReader, person, &[says, &citizen("come")])
        .when_numbered(&Usb::Audio, "", &[&citizen("search")])
}

/// Proves T15: ten people in turn begin a visit by touch and hand papers and pictures in. While they are there all of it is found in
/// memory; once the screen says that it is deleted nothing is, neither in memory nor on the opened volume nor on any disk, and the
/// shell is another process than the one they used.
#[test]
fn nothing_is_left_of_ten_sessions() {
    let scratch = tempfile::Builder::new()
        .prefix("amtsnah-residue-")
        .tempdir_in(qemu::base_dir())
        .unwrap();
    let machine = terminal().copy();
    let esp = machine.state().disk().unwrap().esp().unwrap();
    let signed = probe(scratch.path()).sign();
    esp.write(&Addon::place("probe"), &signed).unwrap();
    let vm = machine.start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);

    let all = usize::try_from(CANARIES).unwrap();
    for turn in 0..SESSIONS {
        let (seed, mark) = (4711 + turn, vm.mark());
        let canaries = Canaries::of(seed);
        words::begin(&vm);
        vm.plug_numbered("person", &Usb::CardReader, seed).unwrap();
        vm.wait_serial_since(mark, &format!("NRestarts={turn}"), soon())
            .unwrap();
        vm.wait_serial_since(mark, "citizen: 20 documents", soon())
            .unwrap();
        let during = residue(&vm, scratch.path(), &canaries);
        assert!(
            during.utf8 >= all && during.utf16 >= all && during.pictures >= all,
            "{during:?}"
        );
        words::touch(&vm, words::FINISH);
        vm.wait_text(words::LEAVE, soon()).unwrap();
        let after = residue(&vm, scratch.path(), &canaries);
        eprintln!("session {}: {during:?}, then {after:?}", turn + 1);
        assert_eq!(after, Hits::default());
        vm.unplug("person", soon()).unwrap();
        vm.plug_numbered("search", &Usb::Audio, seed).unwrap();
        vm.wait_serial_since(mark, "citizen: nothing on the volume", soon())
            .unwrap();
        vm.unplug("search", soon()).unwrap();
        words::touch(&vm, words::LEAVE);
        vm.wait_text(words::ATTRACT, soon()).unwrap();
    }
    assert_eq!(vm.resets(), 0);
    let machine = vm.power_cut().unwrap();
    let (disk, _) = machine.state().disk_file().unwrap();
    for turn in 0..SESSIONS {
        assert_eq!(
            search(&disk, &Canaries::of(4711 + turn)).unwrap(),
            Hits::default()
        );
    }
}
