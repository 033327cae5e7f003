// SPDX-License-Identifier: EUPL-1.2
//! A printer that runs: CUPS' `ippeveprinter`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// Nothing that a test waits for takes longer.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// A process that ends with the test, and what it has started.
pub struct Running(pub Child);

impl Running {
    pub fn start(command: &mut Command) -> Self {
        Self(command.process_group(0).spawn().unwrap())
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Ends it and all that it has started, as a session's end does.
    pub fn kill(&mut self) {
        let group = Pid::from_raw(self.0.id().cast_signed()).unwrap();
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What `source` gives, one after the other, until nobody takes it any more; so that it can be waited for until a deadline.
pub fn beside<T: Send + 'static>(source: impl Iterator<Item = T> + Send + 'static) -> Receiver<T> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for it in source {
            if tell.send(it).is_err() {
                return;
            }
        }
    });
    told
}

/// A printer that runs.
pub struct Paper {
    pub uri: String,
    pub port: u16,
    pub printer: Running,
}

impl Paper {
    /// It keeps its files in `dir`, and a copy of each document as `arrived`; then it does what `work` says, a piece of a script: `$1` is
    /// the document. `bus` is the address of a bus.
    pub fn start(dir: &Path, bus: &str, formats: &str, work: &str) -> Self {
        let port = free_port();
        let (script, spool) = (dir.join("work.sh"), dir.join("printer"));
        fs::create_dir_all(&spool).unwrap();
        let place = dir.display();
        let keep = format!("cp \"$1\" {place}/arrived.tmp; mv {place}/arrived.tmp {place}/arrived");
        fs::write(
            &script,
            format!("#!/bin/bash\ncd {place}\n{keep}\n{work}\n"),
        )
        .unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let mut printer = Running::start(
            Command::new("ippeveprinter")
                .args(["-v", "-r", "off", "-n", "localhost", "-s", "10,10", "-f"])
                .args([formats, "-p", &port.to_string()])
                .arg("-d")
                .arg(&spool)
                .arg("-c")
                .arg(&script)
                .arg("Test")
                // It looks for a bus even where it tells nobody of itself.
                .env("DBUS_SYSTEM_BUS_ADDRESS", bus)
                .stdout(Stdio::null())
                .stderr(Stdio::piped()),
        );
        // It says where it is when it listens.
        let said = beside(BufReader::new(printer.0.stderr.take().unwrap()).lines());
        let is_there = |line: std::io::Result<String>| line.unwrap().contains("printer-uri");
        while !is_there(said.recv_timeout(DEADLINE).expect("the printer is there")) {}
        // What it says is read on, or it would stop at a full pipe.
        std::thread::spawn(move || said.iter().for_each(drop));
        Self {
            uri: format!("ipp://127.0.0.1:{port}/ipp/print"),
            port,
            printer,
        }
    }
}

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}
