// SPDX-License-Identifier: EUPL-1.2
//! The link goes and comes back.

use qemu::{Addon, Nic, Usb, Vm};

use crate::device::{boot, soon, terminal, wait_home};
use crate::probe::Probe;
use crate::words;

/// What is said above the four ways while there is no link.
const NO_LINK: &str = "keine Verbindung zum Rathaus";

/// A name that only systemd-resolved knows, and what it is the name of.
const RESOLVER: &str = "_localdnsstub";
const RESOLVER_IS: &str = "127.0.0.53";

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
/// address has come. Proves C3: programs look up names, such as a data centre's, at the device's own resolver.
#[test]
fn a_pulled_cable_is_told() {
    // Its router gives an address by DHCP, is a way out by IPv6 only, and leads nowhere.
    let router = Nic::User {
        forwards: Vec::new(),
        isolated: true,
    };
    let machine = terminal().copy().without_network().nic(router);
    let ask = format!("/usr/bin/getent ahostsv4 {RESOLVER}");
    let probe = Probe::new().when_plugged(&Usb::CardReader, "", &[&ask]);
    let esp = machine.state().disk().unwrap().esp().unwrap();
    esp.write(&Addon::place("probe"), &probe.sign()).unwrap();
    let vm = machine.start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    vm.plug("reader", &Usb::CardReader).unwrap();
    vm.wait_serial(RESOLVER_IS, soon()).unwrap();
    words::begin(&vm);
    vm.cable(0, false).unwrap();
    vm.wait_text(NO_LINK, soon()).unwrap();
    vm.cable(0, true).unwrap();
    wait_without_notice(&vm);
}
