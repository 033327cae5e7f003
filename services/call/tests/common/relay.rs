// SPDX-License-Identifier: EUPL-1.2
//! A relay: coturn with credentials that last for a while. Stopped and continued, it is a link that is lost and comes back.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use api::secret::Secret;
use call::account::{Relay as Entry, RelayTransport};
use rustix::process::Signal;
use tempfile::TempDir;

use super::children::{Process, port, wait_for_port};
use super::exchange::sign;

const SECRET: &str = "another secret of the test";

/// A running relay.
pub struct Relay {
    coturn: Process,
    _dir: TempDir,
    port: u16,
}

impl Relay {
    /// Starts one on loopback.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = port();
        let mut command = Command::new("turnserver");
        command.args([
            "-n",
            "--listening-ip=127.0.0.1",
            "--relay-ip=127.0.0.1",
            &format!("--listening-port={port}"),
            "--allow-loopback-peers",
            "--no-cli",
            "--no-tls",
            "--no-dtls",
            "--use-auth-secret",
            &format!("--static-auth-secret={SECRET}"),
            "--realm=exchange.test",
            "--fingerprint",
            "--log-file=stdout",
            &format!("--pidfile={}", dir.path().join("pid").display()),
            &format!("--userdb={}", dir.path().join("db").display()),
        ]);
        let coturn = Process::start(&mut command, &dir.path().join("coturn.log"));
        wait_for_port(port);
        Self {
            coturn,
            _dir: dir,
            port,
        }
    }

    /// Nothing gets through any more.
    pub fn cut(&self) {
        self.coturn.signal(Signal::STOP);
    }

    /// Everything gets through again.
    pub fn mend(&self) {
        self.coturn.signal(Signal::CONT);
    }

    fn credentials() -> (String, String) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let user = format!("{}:call", now.as_secs() + 600);
        let password = sign(&user, SECRET);
        (user, password)
    }

    /// For a terminal's account.
    pub fn entry(&self) -> Entry {
        let (user, password) = Self::credentials();
        Entry {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            transport: RelayTransport::Udp,
            user,
            password: Secret::new(password).unwrap(),
        }
    }

    /// For a desk's peer connection.
    pub fn servers(&self) -> serde_json::Value {
        let (user, password) = Self::credentials();
        serde_json::json!([{
            "urls": format!("turn:127.0.0.1:{}?transport=udp", self.port),
            "username": user,
            "credential": password,
        }])
    }
}
