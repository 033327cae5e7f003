// SPDX-License-Identifier: EUPL-1.2
//! The case: a closed box without its PIN.

use crate::device::{PIN, boot, case, wait_home};

/// Proves C6: the case starts locked, says so when the PIN is wrong, and opens with the right one, entered on the shell's screen.
#[test]
fn the_case_opens_by_its_pin_only() {
    let vm = case().copy().start().unwrap();
    vm.enter_pin("135792", boot()).unwrap();
    vm.wait_text("stimmt nicht", boot()).unwrap();
    assert!(!vm.is_state_open());
    vm.enter_pin(PIN, boot()).unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
}
