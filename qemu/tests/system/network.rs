// SPDX-License-Identifier: EUPL-1.2
//! The link goes and comes back.

use qemu::{Nic, Vm};

use crate::device::{boot, soon, terminal, wait_home};
use crate::words;

/// What is said above the four ways while there is no link.
const NO_LINK: &str = "keine Verbindung zum Rathaus";

/// Waits until nothing is said of the link.
fn wait_without_notice(vm: &Vm) {
    let quiet = |screen: &qemu::Screen| {
        let words = screen.read()?;
        let is_home = words.find(words::HOME).is_some();
        Ok((is_home && words.find(NO_LINK).is_none()).then_some(()))
    };
    vm.wait_screen("the four ways alone", soon(), quiet)
        .unwrap();
}

/// Proves C13: a terminal whose cable is pulled says so on the screen with the four ways, and no longer once it is back and an
/// address has come.
#[test]
fn a_pulled_cable_is_told() {
    // Its router gives an address by DHCP, is a way out by IPv6 only, and leads nowhere.
    let router = Nic::User {
        forwards: Vec::new(),
        isolated: true,
    };
    let machine = terminal().copy().without_network().nic(router);
    let vm = machine.start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    words::begin(&vm);
    vm.cable(0, false).unwrap();
    vm.wait_text(NO_LINK, soon()).unwrap();
    vm.cable(0, true).unwrap();
    wait_without_notice(&vm);
}
