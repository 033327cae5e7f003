// SPDX-License-Identifier: EUPL-1.2
//! After a session nothing of it is left in a device.

use std::path::Path;
use std::process::Command;

use qemu::residue::{CANARIES, Canaries, Hits, search, search_all, word};
use qemu::{Addon, Usb, Vm};

use crate::device::{boot, soak, soon, terminal, tool, wait_home};
use crate::probe::{LOADER, Probe, held};
use crate::words;

/// People in turn, under `--soak` and where this is the suite that was asked for; otherwise [`SAMPLE`].
const SESSIONS: u64 = 10;
const SAMPLE: u64 = 3;
/// Whose canaries the first one has.
const FIRST: u64 = 4711;

/// What is in the memory of a machine that stands still for it.
fn residue(vm: &Vm, scratch: &Path, canaries: &Canaries) -> Hits {
    let dump = scratch.join("memory");
    vm.dump_memory(&dump).unwrap();
    let hits = search(&dump, canaries).unwrap();
    std::fs::remove_file(dump).unwrap();
    hits
}

/// What people do: each fills the store in their session; in the end the volume is searched.
fn probe(scratch: &Path, sessions: u64) -> Probe {
    let program = scratch.join("citizen");
    tool(
        Command::new("strip")
            .arg("-o")
            .arg(&program)
            .arg(env!("CARGO_BIN_EXE_citizen")),
    );
    let citizen = |what: &str| format!("{LOADER} {} {what}", held("citizen"));
    let says = "/usr/bin/systemctl show --property=NRestarts shell.service";
    let person = "[Service]\nUser=shell\nSlice=session.slice";
    Probe::new()
        .holds("citizen", std::fs::read(program).unwrap())
        .when_numbered(&Usb::CardReader, person, &[says, &citizen("come %i")])
        .when_plugged(
            &Usb::Audio,
            "",
            &[&citizen(&format!("search {FIRST} {sessions}"))],
        )
}

/// Somebody begins a visit by touch, looks for something by its name, and hands papers and pictures in; then all of it is in memory.
fn come(vm: &Vm, scratch: &Path, turn: u64, seed: u64) -> Canaries {
    let mark = vm.mark();
    words::begin(vm);
    words::touch(vm, words::INFORM);
    vm.wait_text(words::WHERE, soon()).unwrap();
    words::touch_main(vm);
    vm.wait_text(words::SEARCH, soon()).unwrap();
    let typed = words::type_word(vm, &word(seed));
    let canaries = Canaries::of(seed).drawn(&vm.screen().unwrap(), typed);
    assert!(canaries.rows() > 4, "{typed:?}");
    vm.plug_numbered("person", &Usb::CardReader, seed).unwrap();
    vm.wait_serial_since(mark, &format!("NRestarts={turn}"), soon())
        .unwrap();
    vm.wait_serial_since(mark, "citizen: 20 documents", soon())
        .unwrap();
    let hits = residue(vm, scratch, &canaries);
    eprintln!("session {}: {hits:?}", turn + 1);
    let all = usize::try_from(CANARIES).unwrap();
    assert!(hits.utf8 >= all && hits.utf16 >= all && hits.pictures >= all);
    assert!(hits.typed >= 1 && hits.drawn >= canaries.rows());
    canaries
}

/// Proves T15: people in turn. While they are there all that they type and hand in is found in memory, and the pixels that it was
/// drawn with; once the screen says that it is deleted nothing is, neither in memory nor on the opened volume nor on the disk,
/// and the shell is another process than the one they used.
#[test]
fn nothing_is_left_of_sessions() {
    let sessions = if soak() { SESSIONS } else { SAMPLE };
    let scratch = tempfile::Builder::new()
        .prefix("amtsnah-residue-")
        .tempdir_in(qemu::base_dir())
        .unwrap();
    let machine = terminal().copy();
    let esp = machine.state().disk().unwrap().esp().unwrap();
    let signed = probe(scratch.path(), sessions).sign();
    esp.write(&Addon::place("probe"), &signed).unwrap();
    let vm = machine.start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);

    let mut all = Vec::new();
    for turn in 0..sessions {
        let canaries = come(&vm, scratch.path(), turn, FIRST + turn);
        words::touch(&vm, words::FINISH);
        vm.wait_text(words::LEAVE, soon()).unwrap();
        assert_eq!(residue(&vm, scratch.path(), &canaries), Hits::default());
        vm.unplug("person", soon()).unwrap();
        // The last screen goes by itself, if it has not gone while memory was searched.
        vm.wait_text(words::ATTRACT, soon()).unwrap();
        all.push(canaries);
    }
    vm.plug("search", &Usb::Audio).unwrap();
    let nothing = format!("citizen: nothing of {sessions} people on the volume");
    vm.wait_serial(&nothing, boot()).unwrap();
    assert_eq!(vm.resets(), 0);
    let machine = vm.power_cut().unwrap();
    let (disk, _) = machine.state().disk_file().unwrap();
    let on_disk = search_all(&disk, &all).unwrap();
    assert!(
        on_disk.iter().all(|hits| *hits == Hits::default()),
        "{on_disk:?}"
    );
}
