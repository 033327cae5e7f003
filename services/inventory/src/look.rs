// SPDX-License-Identifier: EUPL-1.2
//! The USB devices there are, as sysfs shows them.

use std::io;
use std::path::Path;

use usb::descriptors;
use usb::device::Device;

use crate::judge::Plugged;

/// So many devices are looked at; a hub has no more than a few ports, and a tree of them no more than 127 addresses.
const MOST: usize = 256;

/// All devices below `devices` (`/sys/bus/usb/devices`), without the controllers' own hubs. One that goes while it is looked at is
/// left out.
pub fn look(devices: &Path) -> io::Result<Vec<Plugged>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(devices)?.take(MOST * 8) {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Interfaces are `1-1:1.0`, controllers `usb1`.
        if name.contains(':') || name.starts_with("usb") || found.len() == MOST {
            continue;
        }
        match plugged(&entry.path()) {
            Ok(device) => found.push(device),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::debug!("cannot look at USB device {name}: {error}"),
        }
    }
    Ok(found)
}

fn plugged(path: &Path) -> io::Result<Plugged> {
    let device = Device::at(path);
    Ok(Plugged {
        said: descriptors::parse(&device.descriptors()?).ok(),
        authorised: device.is_authorised()?,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Proves C1: devices are found, interfaces and controllers are not taken for some, and what makes no sense is told without its words.
    #[test]
    fn devices_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let add = |name: &str, descriptors: Option<&[u8]>, authorised: &str| {
            let path = dir.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::write(path.join("authorized"), authorised).unwrap();
            if let Some(bytes) = descriptors {
                fs::write(path.join("descriptors"), bytes).unwrap();
            }
        };
        add("usb1", Some(&[1]), "1\n");
        add("1-1:1.0", Some(&[1]), "1\n");
        add("1-1", Some(&[1, 2, 3]), "0\n");
        // Gone before its descriptors were read.
        add("1-2", None, "1\n");
        let found = look(dir.path()).unwrap();
        let strange = Plugged {
            said: None,
            authorised: false,
        };
        assert_eq!(found, [strange]);
        assert!(look(&dir.path().join("none")).is_err());
    }
}
