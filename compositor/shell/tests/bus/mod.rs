// SPDX-License-Identifier: EUPL-1.2
//! A bus daemon for a test.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use zbus::blocking::{Connection, connection::Builder};

/// A bus of its own, ended with the test.
pub struct Bus {
    daemon: Child,
    /// Where it is.
    pub address: String,
}

impl Bus {
    /// Starts it.
    pub fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the toolbox has dbus-daemon");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            daemon,
            address: address.trim().to_owned(),
        }
    }

    /// A connection to it.
    pub fn connect(&self) -> Connection {
        api::bus::connect(Builder::address(self.address.as_str()).unwrap()).unwrap()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
