// SPDX-License-Identifier: EUPL-1.2
//! The case: a closed box without its PIN, a locked screen without its clerk.

use qemu::{Layout, Usb, Vm};

use crate::device::{PIN, boot, case, soon};
use crate::words::{
    CASE, CHOOSE_PASSWORD, DELETED, DESK, END_CASE, LOCKED, REPEAT_PASSWORD, touch, touch_main,
};

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

/// Proves C1, C2, C6, C12, C13: a clerk chooses a password, is told of a device that is plugged in and of one that is not allowed, begins a case, locks it by one key, comes back to it by the right password only, starts
/// an application, is told that its data centre is not reached, stops it, ends the case and reads that it is deleted.
#[test]
fn a_clerk_locks_and_ends_a_case() {
    let vm = case().copy().start().unwrap();
    vm.enter_pin(PIN, boot()).unwrap();
    vm.wait_text(CHOOSE_PASSWORD, boot()).unwrap();
    enter(&vm, PASSWORD);
    wait(&vm, REPEAT_PASSWORD);
    enter(&vm, PASSWORD);
    wait(&vm, DESK);
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
    // There is no network, and no data centre of the sample place.
    touch(&vm, "Meldewesen");
    wait(&vm, "Das Rechenzentrum ist");
    touch(&vm, "Anwendung beenden");
    wait(&vm, CASE);
    touch_main(&vm);
    wait(&vm, END_CASE);
    touch_main(&vm);
    wait(&vm, DELETED);
}
