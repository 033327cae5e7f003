// SPDX-License-Identifier: EUPL-1.2
//! `EVIOCGRAB`: an input device's events for us alone.
//!
//! While a device is grabbed the kernel gives its events to nobody else, its own console keyboard handler among them: no
//! virtual terminal switch, no magic `SysRq`, no Ctrl-Alt-Delete. The kernel ends the grab when the descriptor is closed.

use std::{io, os::fd::BorrowedFd};

use rustix::ioctl::{IntegerSetter, ioctl, opcode};

/// `EVIOCGRAB` of `linux/input.h`: `_IOW('E', 0x90, int)`, whose argument is the value itself.
const EVIOCGRAB: rustix::ioctl::Opcode = opcode::write::<i32>(b'E', 0x90);

/// Grabs an evdev device.
pub fn grab(device: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: EVIOCGRAB takes a plain integer and touches no memory of ours; on a descriptor that is no evdev device the
    // call fails with ENOTTY or EINVAL, or is another driver's ioctl of the same number, which would take an integer too.
    #[allow(unsafe_code)]
    unsafe {
        ioctl(device, IntegerSetter::<EVIOCGRAB>::new_usize(1))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::File, os::fd::AsFd};

    /// Proves T12: what cannot be grabbed is refused.
    #[test]
    fn other_files_cannot_be_grabbed() {
        let null = File::open("/dev/null").unwrap();
        assert!(grab(null.as_fd()).is_err());
    }

    #[test]
    fn the_number_is_the_kernels() {
        assert_eq!(EVIOCGRAB, 0x4004_4590);
    }
}
