// SPDX-License-Identifier: EUPL-1.2
//! Who may call the service, by a real bus daemon with the device's own policy.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use api::network::{BUS_NAME, Link, Network1ProxyBlocking, PATH, serve};
use zbus::blocking::{Connection, connection::Builder};

const POLICY: &str = include_str!(
    "../../../recipes/network/mkosi.extra/usr/share/dbus-1/system.d/de.amtsnah.Network1.conf"
);

/// As the system bus: nothing is owned or called that no policy allows.
const SYSTEM: &str = r#"<busconfig>
<type>system</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default">
  <allow user="*"/><deny own="*"/><deny send_type="method_call"/>
  <allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
  <allow send_requested_reply="true" send_type="error"/>
  <allow receive_type="method_call"/><allow receive_type="method_return"/>
  <allow receive_type="error"/><allow receive_type="signal"/>
  <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
</policy>"#;

struct Bus {
    daemon: Child,
    address: String,
    _config: tempfile::NamedTempFile,
}

impl Bus {
    /// A bus on which whoever runs the test is each of the users `me`.
    fn where_i_am(me: &[&str]) -> Self {
        let (_, policies) = POLICY.split_once("<busconfig>").unwrap();
        let my_id = rustix::process::geteuid().as_raw();
        let mut text = format!("{SYSTEM}{policies}");
        for user in me {
            text = text.replace(
                &format!("<policy user=\"{user}\">"),
                &format!("<policy user=\"{my_id}\">"),
            );
        }
        let config = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(config.path(), text).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.path().display()))
            .args(["--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is part of the toolbox");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            daemon,
            address: address.trim().to_owned(),
            _config: config,
        }
    }

    fn connect(&self) -> Connection {
        Builder::address(self.address.as_str())
            .unwrap()
            .build()
            .unwrap()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn answer(bus: &Bus) -> Connection {
    let connection = bus.connect();
    serve(&connection).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    connection
}

fn is_denied<T: std::fmt::Debug>(result: Result<T, impl std::fmt::Debug>) -> bool {
    format!("{:?}", result.unwrap_err()).contains("AccessDenied")
}

/// Proves T12: the shell's user may read how the link stands, and nobody else may; not even the shell gets at anything but the
/// contract, and nobody can take the service's name.
#[test]
fn only_the_shell_may_call() {
    let bus = Bus::where_i_am(&["network", "shell"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let network = Network1ProxyBlocking::new(&connection).unwrap();
    let told = Link::from_words(&network.link().unwrap());
    assert_eq!(told, Some(Link::UNKNOWN));
    let other = |interface, member| {
        connection.call_method(Some(BUS_NAME), PATH, Some(interface), member, &())
    };
    assert!(is_denied(other(
        "org.freedesktop.DBus.Peer",
        "GetMachineId"
    )));
    assert!(is_denied(other("org.freedesktop.DBus.Properties", "Set")));

    let bus = Bus::where_i_am(&["network"]);
    let _served = answer(&bus);
    let connection = bus.connect();
    let network = Network1ProxyBlocking::new(&connection).unwrap();
    assert!(is_denied(network.link()));

    let bus = Bus::where_i_am(&["shell"]);
    assert!(is_denied(bus.connect().request_name(BUS_NAME)));
}
