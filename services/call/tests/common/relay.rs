// SPDX-License-Identifier: EUPL-1.2
//! A relay: coturn with credentials that last for a while. Stopped and continued, it is a link that is lost and comes back.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use api::secret::Secret;
use call::account::{Relay as Entry, RelayTransport};
use tempfile::TempDir;

use super::children::{Process, port, wait_for};
use super::exchange::sign;

const SECRET: &str = "another secret of the test";

/// A running relay.
pub struct Relay {
    coturn: Process,
    _dir: TempDir,
    host: IpAddr,
    port: u16,
}

impl Relay {
    /// Starts one on this machine.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = port();
        let host = own_address();
        let mut command = Command::new("turnserver");
        command.args([
            "-n",
            &format!("--listening-ip={host}"),
            &format!("--relay-ip={host}"),
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
        wait_for(&format!("relay at {host}:{port}"), || {
            TcpStream::connect((host, port)).ok()
        });
        Self {
            coturn,
            _dir: dir,
            host,
            port,
        }
    }

    /// Nothing gets through any more.
    pub fn cut(&self) {
        self.coturn.sleep(true);
    }

    /// Everything gets through again.
    pub fn mend(&self) {
        self.coturn.sleep(false);
    }

    fn credentials() -> (String, String) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let user = format!("{}:call", now.as_secs() + 600);
        let password = sign(&user, SECRET);
        (user, password)
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        (self.host, self.port).into()
    }

    /// For a terminal's account.
    pub fn entry(&self) -> Entry {
        Self::entry_at(self.address())
    }

    /// For a terminal's account, by a line that begins at `address`.
    pub fn entry_at(address: SocketAddr) -> Entry {
        let (user, password) = Self::credentials();
        Entry {
            host: address.ip().to_string(),
            port: address.port(),
            transport: RelayTransport::Udp,
            user,
            password: Secret::new(password).unwrap(),
        }
    }

    /// For a desk's peer connection.
    pub fn servers(&self) -> serde_json::Value {
        Self::servers_at(self.address())
    }

    /// For a peer connection, by a line that begins at `address`.
    pub fn servers_at(address: SocketAddr) -> serde_json::Value {
        let (user, password) = Self::credentials();
        serde_json::json!([{
            "urls": format!("turn:{address}?transport=udp"),
            "username": user,
            "credential": password,
        }])
    }
}

/// An address of this machine: peers send from theirs, and nothing sent from it reaches loopback.
fn own_address() -> IpAddr {
    // No packet is sent by this: only a way is looked up.
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let way = socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9));
    way.and_then(|()| socket.local_addr())
        .map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip())
}
