// SPDX-License-Identifier: EUPL-1.2
//! The window: one surface that fills the screen, and the frame in it for applications.

mod applications;
mod buffers;
mod frame;
mod handlers;
mod inherited;
mod keys;
mod silent;
mod typist;
mod window;

pub use inherited::{ConnectError, connect};
pub use window::{Options, RunError, run};
