// SPDX-License-Identifier: EUPL-1.2
//! After a session nothing of it is left in the memory of a device.

use std::path::Path;
use std::process::Command;

use qemu::residue::{CANARIES, Hits, search};
use qemu::{Addon, Usb, Vm};

use crate::device::{boot, soon, terminal, tool, wait_home};
use crate::probe::{Probe, held};

/// Runs a program whose file carries no permission to be run.
const LOADER: &str = "/usr/lib64/ld-linux-x86-64.so.2";

/// What is in the memory of a machine that stands still for it.
fn residue(vm: &Vm, scratch: &Path, seed: u64) -> Hits {
    let dump = scratch.join("memory");
    vm.dump_memory(&dump).unwrap();
    let hits = search(&dump, seed).unwrap();
    std::fs::remove_file(dump).unwrap();
    eprintln!("{hits:?}");
    hits
}

/// Proves T15: two people in turn hand papers and pictures in. While they are there all of it is found in memory; once the
/// device says that it is erased nothing is, and the shell is another process than the one they used.
#[test]
fn nothing_is_left_in_memory() {
    let scratch = tempfile::Builder::new()
        .prefix("amtsnah-residue-")
        .tempdir_in(qemu::base_dir())
        .unwrap();
    let program = scratch.path().join("citizen");
    tool(
        Command::new("strip")
            .arg("-o")
            .arg(&program)
            .arg(env!("CARGO_BIN_EXE_citizen")),
    );
    let program = std::fs::read(program).unwrap();
    let seeds = [4711, 815];
    let citizen = |what: &str| format!("{LOADER} {} {what}", held("citizen"));
    let says = "/usr/bin/systemctl show --property=NRestarts shell.service";
    let person = |slice: &str| format!("[Service]\nUser=shell\n{slice}");
    let probe = Probe::new()
        .holds("citizen", program)
        .when_plugged(
            &Usb::CardReader,
            &person("Slice=session.slice"),
            &[says, &citizen(&format!("come {}", seeds[0]))],
        )
        .when_plugged(
            &Usb::Audio,
            &person("Slice=session.slice"),
            &[says, &citizen(&format!("come {}", seeds[1]))],
        )
        .when_plugged(&Usb::Hub, &person(""), &[&citizen("go")]);
    let machine = terminal().copy();
    let esp = machine.state().disk().unwrap().esp().unwrap();
    esp.write(&Addon::place("probe"), &probe.sign()).unwrap();
    let vm = machine.start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);

    let comes = [Usb::CardReader, Usb::Audio];
    for (turn, (seed, thing)) in seeds.iter().zip(&comes).enumerate() {
        let mark = vm.mark();
        vm.plug("person", thing).unwrap();
        vm.wait_serial_since(mark, &format!("NRestarts={turn}"), soon())
            .unwrap();
        vm.wait_serial_since(mark, "citizen: 20 documents", soon())
            .unwrap();
        let during = residue(&vm, scratch.path(), *seed);
        let all = usize::try_from(CANARIES).unwrap();
        assert!(
            during.utf8 >= all && during.utf16 >= all && during.pictures >= all,
            "{during:?}"
        );
        vm.plug("end", &Usb::Hub).unwrap();
        vm.wait_serial_since(mark, "citizen: erased", soon())
            .unwrap();
        wait_home(&vm);
        assert_eq!(residue(&vm, scratch.path(), *seed), Hits::default());
        vm.unplug("end", soon()).unwrap();
        vm.unplug("person", soon()).unwrap();
    }
    assert_eq!(vm.resets(), 0);
}
