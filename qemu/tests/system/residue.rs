// SPDX-License-Identifier: EUPL-1.2
//! After a session nothing of it is left in a device.

use std::path::Path;

use qemu::residue::{CANARIES, Canaries, Form, Hits, search, search_all, word};
use qemu::{Addon, Usb, Vm};

use crate::device::{SITE, boot, soak, soon, terminal, wait_home};
use crate::escl::Scanner;
use crate::probe::{Probe, citizen};
use crate::sheet::{Sheet, seen};
use crate::words;

/// People in turn, under `--soak` and where this is the suite that was asked for; otherwise [`SAMPLE`].
const SESSIONS: u64 = 10;
const SAMPLE: u64 = 2;
/// Whose canaries the first one has.
const FIRST: u64 = 4711;
/// This machine, as a guest names it.
pub const HOST: &str = "10.0.2.2";

/// What is in the memory of a machine that stands still for it.
pub fn residue(vm: &Vm, scratch: &Path, canaries: &Canaries) -> Hits {
    let dump = scratch.join("memory");
    vm.dump_memory(&dump).unwrap();
    let hits = search(&dump, canaries).unwrap();
    std::fs::remove_file(dump).unwrap();
    hits
}

/// The site that names a scanner in the device's network.
fn site(scanner: &Scanner) -> String {
    let named = format!("scanners = [\"https://{HOST}:{}/eSCL\"]", scanner.port);
    SITE.replacen("scanners = []", &named, 1)
}

/// What people do: each fills the store in their session; in the end the volume is searched.
fn probe(sessions: u64, scanner: &Scanner) -> Probe {
    let says = "/usr/bin/systemctl show --property=NRestarts shell.service";
    let person = "[Service]\nUser=shell\nSlice=session.slice";
    Probe::new()
        .citizen()
        .site(site(scanner), &["shell", "scan"])
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

/// Puts a paper on the scanner and looks at its page.
fn scan(vm: &Vm, scratch: &Path, scanner: &Scanner, canaries: Canaries, seed: u64) -> Canaries {
    let sheet = Sheet::of(seed);
    scanner.page.lock().unwrap().clone_from(&sheet.sent);
    // The way back is not always read beside a keyboard.
    vm.keys(&["esc"]).unwrap();
    vm.wait_text(words::WHERE, soon()).unwrap();
    vm.keys(&["esc"]).unwrap();
    words::touch(vm, words::DELIVER);
    vm.wait_text(words::SCANS_HERE, soon()).unwrap();
    words::touch_main(vm);
    vm.wait_text(words::LAY_ON_SCANNER, soon()).unwrap();
    words::touch_main(vm);
    vm.wait_text(words::IS_READABLE, boot()).unwrap();
    let place = vm
        .wait_screen("the page", soon(), |screen| Ok(seen(screen)))
        .unwrap();
    let before = canaries.rows();
    let canaries = sheet.canaries(canaries).drawn(&vm.screen().unwrap(), place);
    let rows = canaries.rows() - before;
    assert!(rows > 4, "{place:?}");
    let hits = residue(vm, scratch, &canaries);
    eprintln!("a page: {hits:?}");
    assert!(hits.kept >= canaries.count(Form::Kept) / 2 && hits.drawn >= rows);
    canaries
}

/// Proves T15, T6: people in turn. While they are there all that they type, hand in and scan is found in memory, and the pixels
/// that it was drawn with; once the screen says that it is deleted nothing is, neither in memory nor on the opened volume nor on the disk,
/// and the shell is another process than the one they used.
#[test]
fn nothing_is_left_of_sessions() {
    let sessions = if soak() { SESSIONS } else { SAMPLE };
    let scratch = tempfile::Builder::new()
        .prefix("amtsnah-residue-")
        .tempdir_in(qemu::base_dir())
        .unwrap();
    let scanner = Scanner::with(Vec::new());
    let machine = terminal().copy();
    let esp = machine.state().disk().unwrap().esp().unwrap();
    let signed = probe(sessions, &scanner).sign();
    esp.write(&Addon::place("probe"), &signed).unwrap();
    let vm = machine.start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);

    let mut all = Vec::new();
    for turn in 0..sessions {
        let seed = FIRST + turn;
        let canaries = come(&vm, scratch.path(), turn, seed);
        let canaries = scan(&vm, scratch.path(), &scanner, canaries, seed);
        words::touch(&vm, words::FINISH);
        vm.wait_text(words::ERASED, soon()).unwrap();
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
