// SPDX-License-Identifier: EUPL-1.2
//! Programs that end with the test, and waiting for what they do.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// The longest that anything is waited for.
pub const DEADLINE: Duration = Duration::from_secs(40);

/// A program with all that it starts.
pub struct Process(Child, std::path::PathBuf);

impl Process {
    /// Starts it; what it says goes to `log`.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let out = File::create(log).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .process_group(0)
            .spawn();
        let name = command.get_program().display();
        let child = child.unwrap_or_else(|error| panic!("{name} is part of the toolbox: {error}"));
        Self(child, log.to_owned())
    }

    /// Sends a signal to all of it.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        // It may have ended.
        let _ = kill_process_group(pid.unwrap(), signal);
    }

    /// Stops all of it, or lets it go on.
    pub fn sleep(&self, asleep: bool) {
        self.signal(if asleep { Signal::STOP } else { Signal::CONT });
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.0.wait();
        if std::thread::panicking() {
            let said = std::fs::read_to_string(&self.1).unwrap_or_default();
            let said: Vec<&str> = said.lines().rev().take(60).collect();
            for line in said.iter().rev() {
                eprintln!("{}: {line}", self.1.display());
            }
        }
    }
}

/// A port that nobody listens on.
pub fn port() -> u16 {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    free.local_addr().unwrap().port()
}

/// A port that nobody listens on, by UDP or TCP.
pub fn datagram_port() -> u16 {
    let free = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    free.local_addr().unwrap().port()
}

/// Looks until there is something.
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    wait_within(DEADLINE, what, look)
}

/// Looks until there is something, for so long.
pub fn wait_within<T>(deadline: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + deadline;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "no {what} within {deadline:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until something listens at a port here.
pub fn wait_for_port(port: u16) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    wait_for(&format!("listener at {port}"), || {
        TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()
    });
}
