// SPDX-License-Identifier: EUPL-1.2
//! What there is to tell of the devices. Pure.

use std::collections::BTreeSet;

use api::inventory::{Condition, Device, Kind};
use site::{Devices, UsbKind, is_braille_line};
use usb::descriptors::Descriptors;
use usb::policy::{self, STORAGE};

/// A device as it is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugged {
    /// What it says of itself; nothing if that does not add up.
    pub said: Option<Descriptors>,
    /// Whether the kernel talks to it.
    pub authorised: bool,
}

/// The devices to tell of: what is missing first, then what is refused.
pub fn judge(plugged: &[Plugged], site: &Devices) -> Vec<Device> {
    let mut devices: Vec<Device> = plugged
        .iter()
        .filter_map(|device| of(device, site))
        .collect();
    let ready: BTreeSet<Kind> = devices
        .iter()
        .filter(|device| device.condition == Condition::Ready)
        .map(|device| device.kind)
        .collect();
    let expected: BTreeSet<Kind> = site
        .expected
        .iter()
        .filter_map(|kind| kind_of(*kind))
        .collect();
    devices.extend(expected.difference(&ready).map(|kind| Device {
        condition: Condition::Missing,
        kind: *kind,
    }));
    devices.sort_unstable();
    devices
}

fn of(plugged: &Plugged, site: &Devices) -> Option<Device> {
    let refused = |kind| {
        Some(Device {
            condition: Condition::Refused,
            kind,
        })
    };
    let Some(said) = &plugged.said else {
        return (!plugged.authorised).then(|| refused(Kind::Other))?;
    };
    if plugged.authorised {
        let condition = Condition::Ready;
        return kind(said).map(|kind| Device { condition, kind });
    }
    // What may be used and is not yet will be in a moment.
    let waits = policy::decide(said, site, false).is_good();
    if waits {
        return None;
    }
    refused(kind(said).unwrap_or(Kind::Other))
}

/// What a device is for; nothing for what people do not work with.
fn kind(said: &Descriptors) -> Option<Kind> {
    // The system's own disk.
    if said.classes.contains(&STORAGE) {
        return None;
    }
    if is_braille_line(said.id, said.classes.iter().copied()) {
        return Some(Kind::Braille);
    }
    let mut kinds = said.classes.iter().map(|class| UsbKind::of_class(*class));
    // A printer that scans too is a printer; a camera with a microphone is a camera.
    let known: BTreeSet<Kind> = kinds.clone().flatten().filter_map(kind_of).collect();
    if let Some(first) = known.first() {
        return Some(*first);
    }
    // Of a kind of its own: the site has named it.
    kinds.any(|kind| kind.is_none()).then_some(Kind::Other)
}

/// The kind that people know; hubs, keyboards and mice are none.
const fn kind_of(kind: UsbKind) -> Option<Kind> {
    Some(match kind {
        UsbKind::Printer => Kind::Printer,
        UsbKind::Image => Kind::Scanner,
        UsbKind::SmartCard => Kind::CardReader,
        UsbKind::Video => Kind::Camera,
        UsbKind::Audio => Kind::Sound,
        UsbKind::Braille => Kind::Braille,
        UsbKind::Hub | UsbKind::Input => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use site::UsbId;

    use super::*;

    fn plugged(id: &str, classes: &[u8], authorised: bool) -> Plugged {
        let said = Descriptors {
            id: UsbId::parse(id).unwrap(),
            classes: classes.iter().copied().collect(),
        };
        Plugged {
            said: Some(said),
            authorised,
        }
    }

    fn told(plugged: &[Plugged], site: &Devices) -> Vec<(&'static str, &'static str)> {
        let devices = judge(plugged, site).into_iter();
        devices
            .map(|device| (device.kind.as_str(), device.condition.as_str()))
            .collect()
    }

    /// Proves C1: each device is told by what it is for; hubs, keyboards and the system's own disk are not.
    #[test]
    fn devices_are_told_by_what_they_are_for() {
        let site = Devices::default();
        for (classes, kind) in [
            (&[0x07][..], "printer"),
            (&[0x07, 0xff], "printer"),
            (&[0x06], "scanner"),
            (&[0x0b], "card-reader"),
            (&[0x01, 0x0e], "camera"),
            (&[0x01, 0x03], "sound"),
            (&[0xff], "other"),
        ] {
            let one = [plugged("04b8:0142", classes, true)];
            assert_eq!(told(&one, &site), [(kind, "ready")], "{classes:?}");
        }
        let line = [plugged("0403:fe72", &[0xff], true)];
        assert_eq!(told(&line, &site), [("braille", "ready")]);
        for quiet in [&[0x03][..], &[0x09], &[STORAGE], &[]] {
            assert_eq!(told(&[plugged("04b8:0142", quiet, true)], &site), []);
        }
    }

    /// Proves C1, T12: what may not be used is told as refused, what only waits for its turn is not; what the site expects is missing
    /// until it can be used.
    #[test]
    fn refused_and_missing_devices_are_told_first() {
        let mut site = Devices::default();
        let disk = plugged("04b8:0142", &[STORAGE], false);
        assert_eq!(
            told(std::slice::from_ref(&disk), &site),
            [("other", "refused")]
        );
        assert_eq!(told(&[plugged("04b8:0142", &[0x07], false)], &site), []);
        let strange = Plugged {
            said: None,
            authorised: false,
        };
        assert_eq!(told(&[strange], &site), [("other", "refused")]);
        site.expected.insert(UsbKind::Printer);
        let printer = plugged("04b8:0143", &[0x07], true);
        let reader = plugged("04b8:0144", &[0x0b], true);
        assert_eq!(
            told(&[reader.clone(), disk], &site),
            [
                ("printer", "missing"),
                ("other", "refused"),
                ("card-reader", "ready")
            ]
        );
        assert_eq!(
            told(&[reader, printer], &site),
            [("printer", "ready"), ("card-reader", "ready")]
        );
    }

    proptest! {
        /// Proves C1: whatever is plugged in, what is told is in order and not more than there is and should be.
        #[test]
        fn nothing_is_invented(all in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..4), any::<bool>()), 0..8)) {
            let site = Devices { expected: [UsbKind::Printer].into(), ..Devices::default() };
            let plugged: Vec<Plugged> = all.iter().map(|(classes, good)| plugged("04b8:0142", classes, *good)).collect();
            let told = judge(&plugged, &site);
            prop_assert!(told.is_sorted());
            prop_assert!(told.len() <= plugged.len() + 1);
        }
    }
}
