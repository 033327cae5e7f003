// SPDX-License-Identifier: EUPL-1.2
//! A printer in the device's network: CUPS' `ippeveprinter`, by TLS. What comes out of it lies in a folder here.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::children::{Process, port, wait_for_port};
use crate::documents::{as_pdf, read};

/// What it takes.
const FORMAT: &str = "image/pwg-raster";

/// A printer that runs.
pub struct Printer {
    /// Where it listens.
    pub port: u16,
    _process: Process,
    // It looks for a bus even where it tells nobody of itself.
    _bus: Process,
    dir: tempfile::TempDir,
}

impl Printer {
    /// Starts it.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let (spool, keys, script) = (path("spool"), path("keys"), path("keep.sh"));
        fs::create_dir(&spool).unwrap();
        fs::create_dir(&keys).unwrap();
        let arrived = path("arrived");
        let keep = format!(
            "#!/bin/sh\ncp \"$1\" {0}.part && mv {0}.part {0}\necho 'ATTR: job-impressions-completed=1' >&2\n",
            arrived.display()
        );
        fs::write(&script, keep).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let bus = format!("unix:path={}", path("bus").display());
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--nofork", "--address", &bus]);
        let daemon = Process::start(&mut daemon, &path("bus.log"));
        let port = port();
        let mut printer = Command::new("ippeveprinter");
        printer
            .args(["-r", "off", "-n", "localhost", "-s", "10,10", "-f", FORMAT])
            .args(["-p", &port.to_string()])
            .arg("-K")
            .arg(keys)
            .arg("-d")
            .arg(spool)
            .arg("-c")
            .arg(script)
            .arg("Test")
            .env("DBUS_SYSTEM_BUS_ADDRESS", bus);
        let process = Process::start(&mut printer, &path("printer.log"));
        wait_for_port(port);
        Self {
            port,
            _process: process,
            _bus: daemon,
            dir,
        }
    }

    fn arrived(&self) -> PathBuf {
        self.dir.path().join("arrived")
    }

    /// What is read on the first page that came out; nothing before.
    pub fn reads(&self) -> Option<String> {
        let arrived = self.arrived();
        arrived.exists().then(|| {
            let pdf = self.dir.path().join("arrived.pdf");
            as_pdf(&arrived, FORMAT, &pdf);
            read(&pdf, 1, self.dir.path())
        })
    }
}
