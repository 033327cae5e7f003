// SPDX-License-Identifier: EUPL-1.2
//! Which USB devices the kernel may talk to.
//!
//! ```text
//!  plugged in --- kernel: reads the descriptors, authorises nothing (usbcore.authorized_default=0)
//!      |
//!      +-- udev --- usb-authorise@.service --- [`descriptors`] + the site's list --- [`policy`] --- `authorized` in sysfs
//! ```
//!
//! An unauthorised device has no configuration, so no driver ever binds to it. In the initrd udev rules authorise hubs and
//! storage, for systems that start from a USB disk; here all of them are decided on again, and storage that the system does
//! not run from is turned off.

pub mod descriptors;
pub mod device;
pub mod policy;
