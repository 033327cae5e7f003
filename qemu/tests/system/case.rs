// SPDX-License-Identifier: EUPL-1.2
//! The case: a closed box without its PIN, a locked screen without its clerk.

use qemu::{Addon, Layout, Usb, Vm};

use crate::device::{PIN, boot, case, soon};
use crate::probe::Probe;
use crate::words::{
    CASE, CHOOSE_PASSWORD, DELETED, DESK, END_CASE, LOCKED, REPEAT_PASSWORD, touch, touch_main,
};

/// In the strip: there is a link, and there is none.
const LINK: &str = "Netz über Kabel";
const CABLE: &str = "LAN-Kabel prüfen";
/// The clerk's password.
const PASSWORD: &str = "lager 7 kiste";

/// Types on the keyboard, and Enter.
fn enter(vm: &Vm, text: &str) {
    vm.type_text(text, Layout::German).unwrap();
    vm.keys(&["ret"]).unwrap();
}

fn wait(vm: &Vm, text: &str) {
    vm.wait_text(text, soon()).unwrap();
}

/// Proves C6: the case starts locked, says so when the PIN is wrong, and opens with the right one, entered on the shell's screen.
#[test]
fn the_case_opens_by_its_pin_only() {
    let vm = case().copy().start().unwrap();
    vm.enter_pin("135792", boot()).unwrap();
    vm.wait_text("stimmt nicht", boot()).unwrap();
    assert!(!vm.is_state_open());
    vm.enter_pin(PIN, boot()).unwrap();
    vm.wait_state_open(boot()).unwrap();
    vm.wait_text(CHOOSE_PASSWORD, boot()).unwrap();
}

/// Proves C1, C2, C6, C12, C13: a clerk chooses a password, is told of the link and of its cable that is pulled, of a device that is
/// plugged in and of one that is not allowed, begins a case, locks it by one key, comes back to it by the right password only,
/// starts an application, is told that its data centre is not reached, stops it, ends the case and reads that it is deleted.
#[test]
fn a_clerk_locks_and_ends_a_case() {
    let vm = case().copy().start().unwrap();
    vm.enter_pin(PIN, boot()).unwrap();
    vm.wait_text(CHOOSE_PASSWORD, boot()).unwrap();
    enter(&vm, PASSWORD);
    wait(&vm, REPEAT_PASSWORD);
    enter(&vm, PASSWORD);
    wait(&vm, DESK);
    wait(&vm, LINK);
    vm.cable(0, false).unwrap();
    wait(&vm, CABLE);
    vm.cable(0, true).unwrap();
    wait(&vm, LINK);
    vm.plug("reader", &Usb::CardReader).unwrap();
    wait(&vm, "Kartenleser");
    vm.plug("network", &Usb::Network).unwrap();
    wait(&vm, "nicht erlaubt");
    vm.unplug("network", soon()).unwrap();
    wait(&vm, "Kartenleser");
    touch_main(&vm);
    wait(&vm, CASE);
    vm.keys(&["pause"]).unwrap();
    wait(&vm, LOCKED);
    enter(&vm, "lager 8 kiste");
    wait(&vm, "stimmt nicht");
    enter(&vm, PASSWORD);
    wait(&vm, CASE);
    // The sample place has no data centre.
    touch(&vm, "Meldewesen");
    wait(&vm, "Das Rechenzentrum ist");
    touch(&vm, "Anwendung beenden");
    wait(&vm, CASE);
    touch_main(&vm);
    wait(&vm, END_CASE);
    touch_main(&vm);
    wait(&vm, DELETED);
}

/// Said on the console when what fell has started again.
const AGAIN: &str = "probe: again";

/// Proves C6: a case that is locked stays locked and keeps what is open, whatever falls meanwhile: the shell, the compositor, or the service that
/// knows who is signed in.
#[test]
fn a_locked_case_stays_locked() {
    // The second command ends when the unit has told that it is there: the shell, when it has drawn.
    let fall = |unit: &str| {
        [
            format!("/usr/bin/systemctl kill --kill-whom=main --signal=ABRT {unit}"),
            format!("/usr/bin/systemctl restart {unit}"),
        ]
    };
    let probe = [
        (Usb::CardReader, ["shell.service"].as_slice()),
        (Usb::Hub, &["compositor.service", "shell.service"]),
        (Usb::Audio, &["clerk.service", "shell.service"]),
    ]
    .into_iter()
    .fold(Probe::new(), |probe, (device, units)| {
        let mut commands: Vec<String> = units.iter().flat_map(|unit| fall(unit)).collect();
        commands.push(format!("/usr/bin/echo {AGAIN}"));
        let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
        probe.when_plugged(&device, "", &commands)
    });
    let machine = case().copy();
    let esp = machine.state().disk().unwrap().esp().unwrap();
    esp.write(&Addon::place("probe"), &probe.sign()).unwrap();
    let vm = machine.start().unwrap();
    vm.enter_pin(PIN, boot()).unwrap();
    vm.wait_text(CHOOSE_PASSWORD, boot()).unwrap();
    enter(&vm, PASSWORD);
    wait(&vm, REPEAT_PASSWORD);
    enter(&vm, PASSWORD);
    wait(&vm, DESK);
    touch_main(&vm);
    for device in [Usb::CardReader, Usb::Hub, Usb::Audio] {
        wait(&vm, CASE);
        vm.keys(&["pause"]).unwrap();
        wait(&vm, LOCKED);
        let mark = vm.mark();
        vm.plug("cause", &device).unwrap();
        vm.wait_serial_since(mark, AGAIN, soon()).unwrap();
        wait(&vm, LOCKED);
        enter(&vm, "lager 8 kiste");
        wait(&vm, "stimmt nicht");
        enter(&vm, PASSWORD);
        vm.unplug("cause", soon()).unwrap();
    }
    wait(&vm, CASE);
}
