// SPDX-License-Identifier: EUPL-1.2
//! What a device says that it is: its descriptors, as the kernel has read them (`descriptors` in sysfs).

use std::collections::BTreeSet;

use site::UsbId;

/// More than a device with many configurations has.
pub const MOST_BYTES: usize = 64 * 1024;

const DEVICE: u8 = 1;
const CONFIGURATION: u8 = 2;
const INTERFACE: u8 = 4;
/// Bytes of a device descriptor.
const DEVICE_BYTES: usize = 18;
/// Bytes of an interface descriptor.
const INTERFACE_BYTES: usize = 9;

/// What a device says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptors {
    /// Vendor and product.
    pub id: UsbId,
    /// The class of every interface of every configuration, alternate settings among them.
    pub classes: BTreeSet<u8>,
}

/// Why descriptors cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// There is no device descriptor in front.
    #[error("no device descriptor")]
    NoDevice,
    /// A descriptor says to be longer than what there is, or too short to say what it is.
    #[error("a descriptor of a wrong length at byte {0}")]
    Length(usize),
    /// There are too many.
    #[error("more than {MOST_BYTES} bytes")]
    TooLong,
    /// A configuration announces another number of interfaces than it has.
    #[error("a configuration without its interfaces")]
    Interfaces,
}

/// Reads descriptors. Everything that does not add up is refused: a device that confuses us may confuse a driver.
pub fn parse(bytes: &[u8]) -> Result<Descriptors, Malformed> {
    if bytes.len() > MOST_BYTES {
        return Err(Malformed::TooLong);
    }
    let Some((device, mut rest)) = bytes.split_at_checked(DEVICE_BYTES) else {
        return Err(Malformed::NoDevice);
    };
    if device[0] != DEVICE_BYTES as u8 || device[1] != DEVICE {
        return Err(Malformed::NoDevice);
    }
    let word = |at: usize| u16::from_le_bytes([device[at], device[at + 1]]);
    let mut classes = BTreeSet::new();
    let (mut announced, mut numbers) = (None, BTreeSet::new());
    while !rest.is_empty() {
        let at = bytes.len() - rest.len();
        let length = usize::from(rest[0]);
        let one = rest.get(..length).filter(|one| one.len() >= 2);
        let one = one.ok_or(Malformed::Length(at))?;
        rest = &rest[length..];
        match one[1] {
            CONFIGURATION => {
                complete(announced, &numbers)?;
                announced = Some(*one.get(4).ok_or(Malformed::Length(at))?);
                numbers.clear();
            }
            INTERFACE if length < INTERFACE_BYTES => return Err(Malformed::Length(at)),
            INTERFACE => {
                numbers.insert(one[2]);
                classes.insert(one[5]);
            }
            _ => {}
        }
    }
    complete(announced, &numbers)?;
    Ok(Descriptors {
        id: UsbId {
            vendor: word(8),
            product: word(10),
        },
        classes,
    })
}

/// Whether a configuration, if there was one, has as many interfaces as it announced.
fn complete(announced: Option<u8>, numbers: &BTreeSet<u8>) -> Result<(), Malformed> {
    match announced {
        Some(announced) if usize::from(announced) != numbers.len() => Err(Malformed::Interfaces),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The descriptors of a device with one interface of each class.
    fn of(vendor: u16, product: u16, classes: &[u8]) -> Vec<u8> {
        let ([v0, v1], [p0, p1]) = (vendor.to_le_bytes(), product.to_le_bytes());
        let mut bytes = vec![
            18, DEVICE, 0, 2, 0, 0, 0, 64, v0, v1, p0, p1, 0, 1, 1, 2, 3, 1,
        ];
        let total = 9 + 16 * classes.len() as u16;
        let [t0, t1] = total.to_le_bytes();
        bytes.extend([
            9,
            CONFIGURATION,
            t0,
            t1,
            classes.len() as u8,
            1,
            0,
            0x80,
            50,
        ]);
        for (number, class) in classes.iter().enumerate() {
            bytes.extend([9, INTERFACE, number as u8, 0, 1, *class, 0, 0, 0]);
            // An endpoint.
            bytes.extend([7, 5, 0x81, 3, 8, 0, 10]);
        }
        bytes
    }

    #[test]
    fn interfaces_are_found() {
        let found = parse(&of(0x046d, 0xc31c, &[0x03, 0x01, 0x03])).unwrap();
        assert_eq!(Some(found.id), UsbId::parse("046d:c31c"));
        assert_eq!(found.classes, BTreeSet::from([0x01, 0x03]));
    }

    /// Proves T12: a device that hides an interface behind wrong lengths or numbers is refused.
    #[test]
    fn what_does_not_add_up_is_refused() {
        let good = of(1, 2, &[0x03, 0x08]);
        assert_eq!(parse(&[]), Err(Malformed::NoDevice));
        assert_eq!(parse(&good[1..]), Err(Malformed::NoDevice));
        // The second interface is cut off, or swallowed by the descriptor before it.
        assert_eq!(parse(&good[..good.len() - 16]), Err(Malformed::Interfaces));
        let mut swallowed = good.clone();
        swallowed[18 + 9 + 9] += 9 + 7;
        assert_eq!(parse(&swallowed), Err(Malformed::Interfaces));
        let mut endless = good.clone();
        endless[18 + 9] = 0;
        assert_eq!(parse(&endless), Err(Malformed::Length(27)));
        let huge = [good.clone(), vec![2; MOST_BYTES]].concat();
        assert_eq!(parse(&huge), Err(Malformed::TooLong));
    }

    proptest! {
        /// Proves T12: no descriptors panic, and no single wrong byte of theirs hides an interface from us.
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..59, byte: u8) {
            let _ = parse(&bytes);
            let mut bytes = of(1, 2, &[0x03, 0x08]);
            let class = bytes.len() - 7 - 4;
            prop_assert_eq!(bytes[class], 0x08);
            bytes[at] = byte;
            if let Ok(found) = parse(&bytes) {
                prop_assert!(at == class || found.classes.contains(&0x08));
            }
        }
    }
}
