// SPDX-License-Identifier: EUPL-1.2
//! Firmware variables as they lie in the flash of a machine that is off (edk2: `VariableFormat.h`, authenticated variables).

use std::{fs, path::Path};

use crate::error::{Error, Result};

/// The variables of a machine's firmware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variables(Vec<(String, Vec<u8>)>);

impl Variables {
    /// Reads a flash file.
    pub fn read(flash: &Path) -> Result<Self> {
        let bytes = fs::read(flash).map_err(Error::file("read", flash))?;
        Self::parse(&bytes).ok_or_else(|| Error::Disk {
            path: flash.to_owned(),
            message: "no firmware variables in it".to_owned(),
        })
    }

    /// The content of a variable.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0
            .iter()
            .find_map(|(other, data)| (other == name).then_some(&data[..]))
    }

    /// What a variable of signature lists (`PK`, `KEK`, `db`) lets start: X.509 certificates in DER, and whatever else is entered there,
    /// such as the hash of a program.
    pub fn signatures(&self, name: &str) -> Vec<Vec<u8>> {
        signatures(self.get(name).unwrap_or_default()).unwrap_or_default()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        /// The header of a variable, before its name.
        const HEADER: usize = 60;
        /// The value of `State` for a variable that is in force; each step of removing one clears a bit.
        const ADDED: u8 = 0x3f;
        let mut rest = store(bytes)?;
        let mut all = Vec::new();
        while rest.starts_with(&[0xaa, 0x55]) {
            let (name, data) = (number(rest, 36)?, number(rest, 40)?);
            let end = HEADER.checked_add(name)?.checked_add(data)?;
            let (text, data) = rest.get(HEADER..end)?.split_at(name);
            if rest.get(2) == Some(&ADDED) {
                let units: Vec<u16> = text
                    .chunks_exact(2)
                    .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                    .take_while(|unit| *unit != 0)
                    .collect();
                all.push((String::from_utf16_lossy(&units), data.to_owned()));
            }
            rest = rest.get(end.next_multiple_of(4)..)?;
        }
        Some(Self(all))
    }
}

/// The part of the flash with the variables: behind the headers of the firmware volume and of the store.
fn store(bytes: &[u8]) -> Option<&[u8]> {
    const STORE_HEADER: usize = 28;
    if bytes.get(40..44)? != b"_FVH" {
        return None;
    }
    let volume_header = u16::from_le_bytes([*bytes.get(48)?, *bytes.get(49)?]);
    bytes.get(usize::from(volume_header) + STORE_HEADER..)
}

/// The entries of `EFI_SIGNATURE_LIST`s, of whatever type.
fn signatures(mut lists: &[u8]) -> Option<Vec<Vec<u8>>> {
    /// The GUID of an entry's owner.
    const OWNER: usize = 16;
    let mut all = Vec::new();
    while !lists.is_empty() {
        let (length, header, entry) = (number(lists, 16)?, number(lists, 20)?, number(lists, 24)?);
        let (list, next) = lists.split_at_checked(length)?;
        if entry <= OWNER {
            return None;
        }
        let entries = list.get(header.checked_add(28)?..)?.chunks_exact(entry);
        all.extend(entries.map(|entry| entry[OWNER..].to_owned()));
        // An empty list would never end.
        lists = if length == 0 { return None } else { next };
    }
    Some(all)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let (number, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*number)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn variable(state: u8, name: &str, data: &[u8]) -> Vec<u8> {
        let name: Vec<u8> = name
            .encode_utf16()
            .chain([0])
            .flat_map(u16::to_le_bytes)
            .collect();
        let mut bytes = vec![0xaa, 0x55, state, 0];
        bytes.resize(36, 0);
        bytes.extend((name.len() as u32).to_le_bytes());
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.resize(60, 0);
        bytes.extend(name);
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(4), 0xff);
        bytes
    }

    fn flash(variables: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = vec![0; 40];
        bytes.extend(b"_FVH\0\0\0\0\x48\0");
        bytes.resize(0x48 + 28, 0);
        bytes.extend(variables.concat());
        bytes.resize(bytes.len() + 100, 0xff);
        bytes
    }

    fn list(certificates: &[&[u8]]) -> Vec<u8> {
        let entry = 16 + certificates[0].len();
        let mut bytes =
            b"\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72".to_vec();
        for number in [28 + entry * certificates.len(), 0, entry] {
            bytes.extend((number as u32).to_le_bytes());
        }
        for certificate in certificates {
            bytes.extend([9; 16]);
            bytes.extend(*certificate);
        }
        bytes
    }

    /// Proves O1: what firmware trusts is read from its flash: all lists of all types, and only variables that are in force.
    #[test]
    fn signatures_in_force_are_found() {
        let mut hash = list(&[b"three"]);
        hash[0] ^= 1;
        let lists = [list(&[b"one", b"two"]), hash].concat();
        let bytes = flash(&[
            variable(0x3c, "PK", &list(&[b"removed"])),
            variable(0x3f, "PK", &lists),
            variable(0x3f, "Boot0001", b"x"),
        ]);
        let variables = Variables::parse(&bytes).unwrap();
        assert_eq!(variables.signatures("PK"), [&b"one"[..], b"two", b"three"]);
        assert_eq!(variables.get("Boot0001"), Some(&b"x"[..]));
        assert_eq!(variables.get("Boot000"), None);
        assert!(variables.signatures("db").is_empty());
        assert_eq!(Variables::parse(b"no flash"), None);
    }

    proptest! {
        /// Proves O9: no flash makes the harness panic.
        #[test]
        fn no_flash_panics(noise in proptest::collection::vec(any::<u8>(), 0..200), data in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Variables::parse(&flash(&[variable(0x3f, "db", &data), vec![0xaa, 0x55], noise]));
            let _ = signatures(&data);
        }
    }
}
