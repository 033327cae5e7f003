// SPDX-License-Identifier: EUPL-1.2
//! What an input device says of itself to the kernel: its bus, its vendor, its product.

use std::{fs, io, os::fd::AsFd, path::Path};

use site::UsbId;

/// Bus (`BUS_*` of `linux/input.h`), vendor and product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// How it is connected.
    pub bus: u16,
    /// Whose it is.
    pub id: UsbId,
}

/// Asks sysfs for an open device: by its number, as names of device nodes are given again.
pub fn of(device: impl AsFd) -> io::Result<Identity> {
    let number = rustix::fs::fstat(device)?.st_rdev;
    let (major, minor) = (rustix::fs::major(number), rustix::fs::minor(number));
    read(Path::new(&format!(
        "/sys/dev/char/{major}:{minor}/device/id"
    )))
}

fn read(dir: &Path) -> io::Result<Identity> {
    let number = |name: &str| {
        let text = fs::read_to_string(dir.join(name))?;
        u16::from_str_radix(text.trim(), 16).map_err(io::Error::other)
    };
    Ok(Identity {
        bus: number("bustype")?,
        id: UsbId {
            vendor: number("vendor")?,
            product: number("product")?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("bustype", "0003\n"),
            ("vendor", "046d\n"),
            ("product", "c31c\n"),
        ] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let found = read(dir.path()).unwrap();
        assert_eq!(
            (found.bus, found.id),
            (3, UsbId::parse("046d:c31c").unwrap())
        );
    }

    /// Proves T12: what does not say what it is has no identity, and so is not used.
    #[test]
    fn other_files_have_none() {
        assert!(of(fs::File::open("/dev/null").unwrap()).is_err());
    }
}
