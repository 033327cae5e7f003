// SPDX-License-Identifier: EUPL-1.2
//! The service on a real bus; programs are not run here (see the shell's `released.rs`).

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use api::applications::{Applications1ProxyBlocking, ApplicationsError};
use applications::program::Place;
use applications::service::run;
use site::LastGood;
use zbus::blocking::{Connection, connection::Builder};
use zbus::proxy::CacheProperties;

const DEADLINE: Duration = Duration::from_secs(30);
const SITE: &str = include_str!("../../../recipes/site/site.toml");

/// A bus, a site, and the service.
struct Device {
    dir: tempfile::TempDir,
    bus: Child,
    client: Connection,
    /// How the service ended.
    end: Receiver<bool>,
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

fn connect(address: &str) -> Connection {
    Builder::address(address).unwrap().build().unwrap()
}

fn lay(dir: &Path, text: &str) -> PathBuf {
    let path = dir.join("site.toml");
    std::fs::write(&path, text).unwrap();
    path
}

impl Device {
    fn new() -> Self {
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is part of the toolbox");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let site = LastGood::new(lay(dir.path(), SITE), Path::new("/nonexistent"));
        let server = connect(address.trim());
        let (ready, is_ready) = channel();
        let (ended, end) = channel();
        thread::spawn(move || {
            let place = Place {
                program: "/nonexistent".into(),
                socket: "/nonexistent".into(),
                home: "/nonexistent".into(),
            };
            let result = run(&server, &site, place, || {
                ready.send(()).unwrap();
                Ok(())
            });
            ended.send(result.is_err()).unwrap();
        });
        is_ready.recv_timeout(DEADLINE).unwrap();
        Self {
            client: connect(address.trim()),
            dir,
            bus,
            end,
        }
    }

    fn proxy(&self) -> Applications1ProxyBlocking<'_> {
        Applications1ProxyBlocking::builder(&self.client)
            .cache_properties(CacheProperties::No)
            .build()
            .unwrap()
    }
}

/// Proves C7: what is released no longer cannot be started, from the moment that the site says so.
#[test]
fn a_release_can_be_taken_back() {
    let device = Device::new();
    let applications = device.proxy();
    assert!(
        applications
            .applications()
            .unwrap()
            .contains(&"registry".into())
    );
    let (before, rest) = SITE.split_once("[[application]]").unwrap();
    let (_, after) = rest.split_once("[[application]]").unwrap();
    lay(
        device.dir.path(),
        &format!("{before}[[application]]{after}"),
    );
    let refused = applications.start("registry".into(), 800, 600);
    assert!(matches!(refused, Err(ApplicationsError::NotReleased(_))));
    assert!(
        !applications
            .applications()
            .unwrap()
            .contains(&"registry".into())
    );
}

/// Proves C2: a service whose bus falls ends, so that the next one can be asked to stop what runs.
#[test]
fn it_ends_with_its_bus() {
    let mut device = Device::new();
    device.bus.kill().unwrap();
    assert!(device.end.recv_timeout(DEADLINE).unwrap());
}
