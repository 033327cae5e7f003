// SPDX-License-Identifier: EUPL-1.2
//! Things are plugged into a device that the site does not use.

use qemu::{Addon, Bus, Usb};

use crate::device::{boot, soon, terminal, wait_home};
use crate::probe::{Probe, ids};

/// Said on the console when the kernel takes something into use.
const STORAGE_USED: &str = "probe: storage is used";
const NETWORK_USED: &str = "probe: network is used";
const READER_USED: &str = "probe: reader is used";
/// Said after what the kernel does not use is listed.
const LISTED: &str = "probe: listed";

/// Lists the USB devices of a kind that the kernel does not talk to.
fn list(device: &Usb) -> String {
    let (vendor, product) = ids(device);
    format!(
        "/usr/bin/udevadm trigger --dry-run --verbose --type=devices --subsystem-match=usb --attr-match=idVendor={vendor} \
         --attr-match=idProduct={product} --attr-match=authorized=0"
    )
}

/// The number of a device as the console has it when it is refused.
pub fn number(device: &Usb) -> String {
    let (vendor, product) = ids(device);
    format!("{vendor}:{product}")
}

/// Proves T12 (USB): a stick and a network card that are plugged in stay unauthorised, so that no driver sees them; a smart card
/// reader, which the site uses, is taken into use all the same.
#[test]
fn unknown_usb_devices_stay_unauthorised() {
    let scratch = tempfile::tempdir_in(qemu::base_dir()).unwrap();
    let image = scratch.path().join("stick.raw");
    std::fs::write(&image, vec![0; 1 << 20]).unwrap();
    let (stick, network) = (Usb::Storage(image), Usb::Network);
    let say = |words: &str| format!("/usr/bin/echo {words}");
    let probe = Probe::new()
        .when_used(&stick, &[&say(STORAGE_USED)])
        .when_used(&network, &[&say(NETWORK_USED)])
        .when_used(
            &Usb::CardReader,
            &[
                &say(READER_USED),
                &list(&stick),
                &list(&network),
                &say(LISTED),
            ],
        );
    let machine = terminal().copy();
    let esp = machine.state().disk().unwrap().esp().unwrap();
    esp.write(&Addon::place("probe"), &probe.sign()).unwrap();
    let vm = machine.start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    for (id, device) in [("stick", &stick), ("network", &network)] {
        let mark = vm.mark();
        vm.plug(id, device).unwrap();
        vm.wait_serial_since(mark, &number(device), soon()).unwrap();
    }
    vm.plug("reader", &Usb::CardReader).unwrap();
    vm.wait_serial(LISTED, soon()).unwrap();
    let lines = vm.serial_lines();
    let text = |line: &qemu::Line| line.text.trim().to_owned();
    let said: Vec<String> = lines.iter().map(text).collect();
    for used in [STORAGE_USED, NETWORK_USED] {
        assert!(!said.iter().any(|line| line.contains(used)), "{used}");
    }
    let listed: Vec<&String> = said
        .iter()
        .skip_while(|line| !line.contains(READER_USED))
        .filter(|line| line.starts_with("/sys/devices/"))
        .collect();
    assert_eq!(listed.len(), 2, "{said:#?}");
}

/// Proves O4 and T12 (USB): a system whose disk is a USB disk starts, although no USB device is authorised by itself and storage is
/// never used.
#[test]
fn a_system_on_a_usb_disk_starts() {
    let vm = terminal().copy().bus(Bus::Usb).start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
}
