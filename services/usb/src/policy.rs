// SPDX-License-Identifier: EUPL-1.2
//! Whether the kernel may talk to a device. Pure.

use site::{Devices, UsbKind, is_braille_line};

use crate::descriptors::Descriptors;

/// The class of storage.
pub const STORAGE: u8 = 0x08;

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All that it offers is of kinds that the site uses.
    Kind,
    /// The site names it.
    Named,
    /// The system runs from it.
    System,
    /// It is storage, or offers storage too.
    Storage,
    /// The site does not know it.
    Unknown,
}

impl Verdict {
    /// Whether the kernel may talk to it.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Kind | Self::Named | Self::System)
    }
}

/// Decides. `runs_system` says that a disk in this device is one that the system runs from.
pub fn decide(device: &Descriptors, site: &Devices, runs_system: bool) -> Verdict {
    let used =
        |class: &u8| UsbKind::of_class(*class).is_some_and(|kind| site.usb_kinds.contains(&kind));
    let line = site.usb_kinds.contains(&UsbKind::Braille)
        && is_braille_line(device.id, device.classes.iter().copied());
    if runs_system {
        Verdict::System
    } else if device.classes.contains(&STORAGE) {
        Verdict::Storage
    } else if site.usb.contains(&device.id) {
        Verdict::Named
    } else if line || !device.classes.is_empty() && device.classes.iter().all(used) {
        Verdict::Kind
    } else {
        Verdict::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use site::UsbId;

    fn device(classes: &[u8]) -> Descriptors {
        Descriptors {
            id: UsbId {
                vendor: 0x04b8,
                product: 0x0142,
            },
            classes: classes.iter().copied().collect(),
        }
    }

    /// Proves T10, T12: a Braille line with interfaces of its vendor's own is used where the site has any, and one that is a network
    /// card too is not.
    #[test]
    fn braille_lines_are_known_by_number() {
        let line = |classes: &[u8]| Descriptors {
            id: UsbId::parse("0403:fe72").unwrap(),
            ..device(classes)
        };
        let mut site = Devices::default();
        assert_eq!(decide(&line(&[0xff]), &site, false), Verdict::Kind);
        assert_eq!(decide(&line(&[0xff, 0x03]), &site, false), Verdict::Kind);
        assert_eq!(decide(&line(&[0xff, 0x02]), &site, false), Verdict::Unknown);
        assert_eq!(
            decide(&line(&[0xff, STORAGE]), &site, false),
            Verdict::Storage
        );
        assert_eq!(decide(&line(&[]), &site, false), Verdict::Unknown);
        site.usb_kinds.remove(&UsbKind::Braille);
        assert_eq!(decide(&line(&[0xff]), &site, false), Verdict::Unknown);
    }

    /// Proves T12: what a terminal has is used; a keyboard that is a disk or a network card too, is not.
    #[test]
    fn every_interface_counts() {
        let usual = Devices::default();
        let verdict = |classes: &[u8]| decide(&device(classes), &usual, false);
        for class in [0x01, 0x03, 0x06, 0x07, 0x09, 0x0b, 0x0e] {
            assert_eq!(verdict(&[class]), Verdict::Kind, "class {class:#x}");
        }
        assert_eq!(verdict(&[0x03, STORAGE]), Verdict::Storage);
        for strange in [0x02, 0x0a, 0xe0, 0xff] {
            assert_eq!(verdict(&[0x03, strange]), Verdict::Unknown);
        }
        assert_eq!(verdict(&[]), Verdict::Unknown);
    }

    /// Proves T12: a device of its own kind is used where the site names it, unless it is storage.
    #[test]
    fn a_named_device_is_used() {
        let mut site = Devices::default();
        site.usb.insert(device(&[]).id);
        assert_eq!(decide(&device(&[0xff]), &site, false), Verdict::Named);
        assert_eq!(
            decide(&device(&[0xff, STORAGE]), &site, false),
            Verdict::Storage
        );
        assert_eq!(decide(&device(&[STORAGE]), &site, true), Verdict::System);
    }

    proptest! {
        /// Proves T12: storage is never used but for the system's own disk, whatever the site says.
        #[test]
        fn storage_never(mut classes in prop::collection::vec(any::<u8>(), 0..6), named: bool) {
            classes.push(STORAGE);
            let device = device(&classes);
            let mut site = Devices::default();
            if named {
                site.usb.insert(device.id);
            }
            prop_assert!(!decide(&device, &site, false).is_good());
        }
    }
}
