// SPDX-License-Identifier: EUPL-1.2
//! The window: one surface that fills the screen.

mod buffers;
mod handlers;
mod inherited;
mod keys;
mod window;

pub use inherited::{ConnectError, connect};
pub use window::{Options, RunError, run};
