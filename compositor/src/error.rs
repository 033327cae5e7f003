// SPDX-License-Identifier: EUPL-1.2
//! What can end the compositor.

use std::{io, path::PathBuf};

/// A reason for which the compositor cannot start or cannot go on. Nothing a client does is among them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The event loop could not be made or run.
    #[error("event loop: {0}")]
    Loop(#[from] calloop::Error),
    /// The Wayland display could not be made.
    #[error("create the Wayland display: {0}")]
    Display(#[from] smithay::reexports::wayland_server::backend::InitError),
    /// The keyboard layout could not be compiled; `xkb-data` is missing or broken.
    #[error("compile the keyboard layout \"{layout}\": {source}")]
    Keymap {
        /// Name of the layout.
        layout: &'static str,
        /// What xkbcommon says.
        source: smithay::input::keyboard::Error,
    },
    /// No socket to listen on was handed over.
    #[error(
        "no socket named \"{0}\" was passed by the service manager (LISTEN_FDS), and --socket was not given"
    )]
    NoSocket(&'static str),
    /// The passed sockets could not be read.
    #[error("read the sockets passed by the service manager: {0}")]
    Activation(io::Error),
    /// The development socket could not be made.
    #[error("listen on {path}: {source}")]
    Listen {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// libinput found no seat.
    #[error("libinput: assign seat \"{0}\"")]
    InputSeat(&'static str),
    /// udev could not be watched.
    #[error("watch udev for screens: {0}")]
    Udev(io::Error),
    /// pixman could not be set up.
    #[error("create the pixman renderer: {0}")]
    Pixman(#[from] smithay::backend::renderer::pixman::PixmanError),
    /// The empty screen could not be drawn, so nothing can.
    #[error("draw the empty screen: {0}")]
    Draw(String),
}
