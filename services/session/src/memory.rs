// SPDX-License-Identifier: EUPL-1.2
//! Memory that others may read and only the store can write, until it overwrites it under their eyes.
//!
//! `F_SEAL_WRITE` would keep the store from erasing too. `F_SEAL_FUTURE_WRITE` leaves the one mapping that exists when it
//! is set: the store's.

#![allow(unsafe_code)] // Shared mappings cannot be had without.

use std::ffi::c_void;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::NonNull;

use api::session::document::{DocumentError, fill, memory};
use rustix::fs::{FallocateFlags, SealFlags, fallocate, fcntl_add_seals};
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// The content of a document. Overwritten when dropped.
#[derive(Debug)]
pub struct Memory {
    descriptor: OwnedFd,
    start: NonNull<c_void>,
    length: usize,
}

// SAFETY: the mapping belongs to this value alone and is not bound to a thread.
unsafe impl Send for Memory {}

fn failed(operation: &'static str) -> impl Fn(Errno) -> DocumentError {
    move |errno| DocumentError::Memory { operation, errno }
}

impl Memory {
    /// A copy of the first `length` bytes of the document behind `source`.
    pub fn copy(source: impl AsFd, length: u64) -> Result<Self, DocumentError> {
        let descriptor = memory()?;
        // All of it exists from now on: touching the mapping never fails for want of memory.
        fallocate(&descriptor, FallocateFlags::empty(), 0, length).map_err(failed("reserve"))?;
        let length = usize::try_from(length).map_err(|_| failed("map")(Errno::NOMEM))?;
        // SAFETY: a fresh mapping at an address of the kernel's choice overlaps nothing.
        let start = unsafe {
            mmap(
                std::ptr::null_mut(),
                length,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                &descriptor,
                0,
            )
        }
        .map_err(failed("map"))?;
        let start = NonNull::new(start).ok_or_else(|| failed("map")(Errno::FAULT))?;
        let mut copy = Self {
            descriptor,
            start,
            length,
        };
        fill(source, copy.content())?;
        let seals = SealFlags::GROW | SealFlags::SHRINK | SealFlags::FUTURE_WRITE | SealFlags::SEAL;
        fcntl_add_seals(&copy.descriptor, seals).map_err(failed("seal"))?;
        Ok(copy)
    }

    /// Another descriptor of it.
    pub fn descriptor(&self) -> Result<OwnedFd, DocumentError> {
        fcntl_dupfd_cloexec(&self.descriptor, 0).map_err(failed("hand out"))
    }

    /// Only while nobody else has a descriptor.
    fn content(&mut self) -> &mut [u8] {
        // SAFETY: `start` is a live, writable mapping of `length` bytes, zeroed by the kernel, and `copy` calls this
        // before the descriptor is handed to anybody, so nobody else reads or writes it.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr().cast(), self.length) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let (words, bytes) = (self.start.cast::<u64>(), self.start.cast::<u8>());
        // SAFETY: the mapping is live, writable and begins at a page; others may read it meanwhile, which a volatile
        // write allows for as they are other processes. Nothing refers to it after it is unmapped.
        unsafe {
            for i in 0..self.length / 8 {
                words.add(i).write_volatile(0);
            }
            for i in self.length / 8 * 8..self.length {
                bytes.add(i).write_volatile(0);
            }
            // What cannot be unmapped is unmapped with the process; it is empty already.
            let _ = munmap(self.start.as_ptr(), self.length);
        }
    }
}

#[cfg(test)]
mod tests {
    use api::session::document::{read, seal};
    use rustix::io::{pwrite, write};

    use super::*;

    /// Proves T15: whoever holds a descriptor can read and never write, and finds zeros once the document is erased.
    #[test]
    fn erased_memory_is_empty_wherever_it_is_held() {
        let content: Vec<u8> = (0..10_001u32).map(|i| i as u8 | 1).collect();
        let copy = Memory::copy(seal(&content).unwrap(), content.len() as u64).unwrap();
        let held = copy.descriptor().unwrap();
        assert_eq!(*read(&held).unwrap(), content);
        assert_eq!(write(&held, b"x"), Err(Errno::PERM));
        assert_eq!(pwrite(&held, b"x", 0), Err(Errno::PERM));
        // SAFETY: it is refused.
        let mapped = unsafe {
            mmap(
                std::ptr::null_mut(),
                1,
                ProtFlags::WRITE,
                MapFlags::SHARED,
                &held,
                0,
            )
        };
        assert_eq!(mapped, Err(Errno::PERM));
        drop(copy);
        assert_eq!(*read(&held).unwrap(), vec![0; content.len()]);
    }
}
