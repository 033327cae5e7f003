// SPDX-License-Identifier: EUPL-1.2
//! The screen: a Wayland compositor for a kiosk. One output, one client, everything fills the screen.
mod activation;
pub mod backend;
mod client;
mod error;
mod frame;
mod handlers;
mod input;
mod pointer;
pub mod policy;
mod scene;
mod server;
mod state;
mod windows;

pub use activation::{SOCKET_NAME, development_socket, passed_socket};
pub use backend::{headless::Snapshot, kms::Drawing};
pub use error::Error;
pub use input::{Input, Share};
pub use scene::PAPER;
pub use server::{Compositor, Screen};
