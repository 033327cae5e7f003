// SPDX-License-Identifier: EUPL-1.2
//! The only unsafe code of this crate: what happens in a child between fork and exec.
#![allow(unsafe_code)]

use std::{
    os::{
        fd::{AsRawFd, BorrowedFd, OwnedFd},
        unix::process::CommandExt,
    },
    process::Command,
};

use rustix::{
    io::FdFlags,
    process::{Signal, set_parent_process_death_signal},
};

/// Makes the child die with the thread that starts it, and keep exactly these file descriptors open.
///
/// Descriptors are made inheritable in the child alone, so that other children started at the same time do not get
/// them: a copy of a socket in a stranger would hide the end of its owner.
pub fn die_with_parent(command: &mut Command, inherit: Vec<OwnedFd>) {
    // SAFETY: between fork and exec only async-signal-safe calls are allowed. The closure makes two plain system
    // calls (prctl, fcntl), allocates nothing and takes no lock; `inherit` lives as long as the command does, so the
    // borrowed descriptors are open.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            for fd in &inherit {
                let fd = BorrowedFd::borrow_raw(fd.as_raw_fd());
                rustix::io::fcntl_setfd(fd, FdFlags::empty())?;
            }
            Ok(())
        });
    }
}
