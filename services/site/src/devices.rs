// SPDX-License-Identifier: EUPL-1.2
//! Which devices a site uses. What is not here is not used, whatever is plugged in.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::braille_lines;

/// The devices that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Devices {
    /// Kinds of USB devices: a device is used if all that it offers is among them.
    pub usb_kinds: BTreeSet<UsbKind>,
    /// Single USB devices, whatever kind they are, except storage.
    pub usb: BTreeSet<UsbId>,
    /// Keyboards, mice and touch screens.
    pub inputs: BTreeSet<Input>,
    /// USB sound devices that only one person hears, whatever they say of themselves: what is read out goes there.
    pub ears: BTreeSet<UsbId>,
    /// Kinds of USB devices of which one has to be there: who works with the device is told when it is not.
    pub expected: BTreeSet<UsbKind>,
}

impl Default for Devices {
    /// What a terminal has, wherever it stands.
    fn default() -> Self {
        Self {
            usb_kinds: UsbKind::ALL.into(),
            usb: BTreeSet::new(),
            inputs: [Bus::Usb, Bus::I8042, Bus::I2c].map(Input::Bus).into(),
            ears: BTreeSet::new(),
            expected: BTreeSet::new(),
        }
    }
}

impl Devices {
    /// Whether an input device may be used.
    pub fn allows_input(&self, bus: u16, id: UsbId) -> bool {
        let Some(bus) = Bus::from_number(bus) else {
            return false;
        };
        // A Braille line is brltty's, also where the kernel takes it for a keyboard, unless it is named.
        let any = !braille_lines().any(|line| line == id);
        any && self.inputs.contains(&Input::Bus(bus))
            || self.inputs.contains(&Input::Device(bus, id))
    }
}

/// A kind of USB device, by the class of its interfaces, or by its number. Storage is none of them and cannot be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UsbKind {
    /// Audio: loudspeakers, microphones, handsets.
    Audio,
    /// Human interface devices: keyboards, mice, touch screens, some Braille lines.
    Input,
    /// Printers.
    Printer,
    /// Hubs.
    Hub,
    /// Smart card readers.
    SmartCard,
    /// Cameras.
    Video,
    /// Still image: scanners and cameras that speak PTP.
    Image,
    /// Braille lines that are known by number ([`crate::braille_lines`]).
    Braille,
}

impl UsbKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Audio,
        Self::Input,
        Self::Printer,
        Self::Hub,
        Self::SmartCard,
        Self::Video,
        Self::Image,
        Self::Braille,
    ];

    /// The kind of an interface class of the USB specification.
    pub const fn of_class(class: u8) -> Option<Self> {
        Some(match class {
            0x01 => Self::Audio,
            0x03 => Self::Input,
            0x06 => Self::Image,
            0x07 => Self::Printer,
            0x09 => Self::Hub,
            0x0b => Self::SmartCard,
            0x0e => Self::Video,
            _ => return None,
        })
    }
}

/// Vendor and product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsbId {
    /// The vendor's number.
    pub vendor: u16,
    /// The vendor's number of the product.
    pub product: u16,
}

impl UsbId {
    /// Reads `046d:c31c`.
    pub fn parse(text: &str) -> Option<Self> {
        let (vendor, product) = text.split_once(':')?;
        let number = |digits: &str| {
            let plain = digits.len() == 4 && digits.bytes().all(|c| c.is_ascii_hexdigit());
            plain.then(|| u16::from_str_radix(digits, 16).ok())?
        };
        Some(Self {
            vendor: number(vendor)?,
            product: number(product)?,
        })
    }
}

/// How an input device is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bus {
    /// USB.
    Usb,
    /// The keyboard controller of a laptop.
    I8042,
    /// I²C: touch screens and touch pads that are built in.
    I2c,
    /// A virtual machine's.
    Virtual,
}

impl Bus {
    const ALL: [(Self, &str, u16); 4] = [
        (Self::Usb, "usb", 0x03),
        (Self::I8042, "i8042", 0x11),
        (Self::I2c, "i2c", 0x18),
        (Self::Virtual, "virtual", 0x06),
    ];

    /// The words that files have for them.
    pub fn names() -> [&'static str; 4] {
        Self::ALL.map(|(_, name, _)| name)
    }

    /// The bus of a `BUS_*` number of the kernel's input devices.
    pub fn from_number(number: u16) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(.., of)| *of == number);
        found.map(|(bus, ..)| bus)
    }

    fn from_name(name: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(_, of, _)| *of == name);
        found.map(|(bus, ..)| bus)
    }
}

/// Input devices that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// All on a bus.
    Bus(Bus),
    /// One on a bus.
    Device(Bus, UsbId),
}

impl Input {
    /// Reads `i2c` or `usb:046d:c31c`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None => Bus::from_name(text).map(Self::Bus),
            Some((bus, id)) => Some(Self::Device(Bus::from_name(bus)?, UsbId::parse(id)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T12: input devices are used by bus or by number, and not on a bus that nobody named.
    #[test]
    fn inputs_are_allowed_by_bus_or_number() {
        let id = |text| UsbId::parse(text).unwrap();
        let mut devices = Devices {
            inputs: ["i2c", "usb:046d:c31c"]
                .map(|text| Input::parse(text).unwrap())
                .into(),
            ..Devices::default()
        };
        let (usb, bluetooth, i2c, ours) = (0x03, 0x05, 0x18, id("046d:c31c"));
        assert!(devices.allows_input(i2c, id("0000:0000")));
        assert!(devices.allows_input(usb, ours));
        assert!(!devices.allows_input(usb, id("046d:c31d")));
        assert!(!devices.allows_input(bluetooth, ours));
        devices.inputs.clear();
        assert!(!devices.allows_input(i2c, ours));
    }

    /// Proves T10, T12: a Braille line that the kernel takes for a keyboard is none, unless the site says so.
    #[test]
    fn a_braille_line_is_no_keyboard() {
        let line = UsbId::parse("1c71:c111").unwrap();
        let mut devices = Devices::default();
        assert!(!devices.allows_input(0x03, line));
        devices.inputs.insert(Input::Device(Bus::Usb, line));
        assert!(devices.allows_input(0x03, line));
    }

    #[test]
    fn numbers_are_four_hexadecimal_digits() {
        assert_eq!(
            UsbId::parse("04B8:0142"),
            Some(UsbId {
                vendor: 0x04b8,
                product: 0x0142
            })
        );
        for wrong in ["", ":", "4b8:0142", "04b8:+142", "04b8-0142", "04b8:01422"] {
            assert_eq!(UsbId::parse(wrong), None, "{wrong}");
        }
        for wrong in ["bluetooth", "usb:", "usb:1", "USB"] {
            assert_eq!(Input::parse(wrong), None, "{wrong}");
        }
    }
}
