// SPDX-License-Identifier: EUPL-1.2
//! What the sound of a USB device comes out of, as its descriptors say (USB Audio Class 1.0 and 2.0, output terminals;
//! "USB Device Class Definition for Terminal Types").

use std::collections::BTreeSet;

/// What sound comes out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Terminal {
    /// Headphones.
    Headphones,
    /// A handset.
    Handset,
    /// A headset.
    Headset,
    /// A loudspeaker, a line, or anything else that a room may hear.
    Other,
}

impl Terminal {
    /// Whether it is held to one person's ear.
    pub const fn is_at_the_ear(self) -> bool {
        !matches!(self, Self::Other)
    }

    const fn of(number: u16) -> Self {
        match number {
            0x0302 => Self::Headphones,
            0x0401 => Self::Handset,
            0x0402 => Self::Headset,
            _ => Self::Other,
        }
    }
}

const INTERFACE: u8 = 0x04;
const CLASS_SPECIFIC: u8 = 0x24;
const OUTPUT_TERMINAL: u8 = 0x03;
const AUDIO: u8 = 0x01;
const CONTROL: u8 = 0x01;
/// Types of terminals that lead back to the host.
const USB: u16 = 0x0100;

/// Reads a device's descriptors one after the other, as sysfs has them. What is broken ends the reading.
pub fn outputs(descriptors: &[u8]) -> BTreeSet<Terminal> {
    let mut found = BTreeSet::new();
    let mut rest = descriptors;
    let mut is_control = false;
    while let [length, kind, ..] = *rest {
        let length = usize::from(length);
        let Some(descriptor) = rest.get(..length).filter(|_| length >= 2) else {
            break;
        };
        match (kind, descriptor) {
            (INTERFACE, [_, _, _, _, _, class, subclass, ..]) => {
                is_control = (*class, *subclass) == (AUDIO, CONTROL);
            }
            (CLASS_SPECIFIC, [_, _, OUTPUT_TERMINAL, _, low, high, ..]) if is_control => {
                let number = u16::from_le_bytes([*low, *high]);
                if number & 0xff00 != USB {
                    found.insert(Terminal::of(number));
                }
            }
            _ => {}
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn device(terminals: &[u16]) -> Vec<u8> {
        let mut bytes = vec![9, INTERFACE, 0, 0, 0, AUDIO, CONTROL, 0, 0];
        for number in terminals {
            let [low, high] = number.to_le_bytes();
            bytes.extend([9, CLASS_SPECIFIC, OUTPUT_TERMINAL, 1, low, high, 0, 1, 0]);
        }
        bytes
    }

    /// Proves T17: a headset is told from a loudspeaker, and its way back to the host is neither.
    #[test]
    fn outputs_are_told_apart() {
        let set = |terminals: &[Terminal]| terminals.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(
            outputs(&device(&[0x0101, 0x0402])),
            set(&[Terminal::Headset])
        );
        assert_eq!(
            outputs(&device(&[0x0301, 0x0302])),
            set(&[Terminal::Headphones, Terminal::Other])
        );
        assert_eq!(outputs(&device(&[0x0403])), set(&[Terminal::Other]));
        // The same bytes in another interface mean something else.
        let mut other = device(&[0x0401]);
        other[5] = 0x03;
        assert_eq!(outputs(&other), set(&[]));
    }

    proptest! {
        #[test]
        fn any_bytes_may_come(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            outputs(&bytes);
        }
    }
}
