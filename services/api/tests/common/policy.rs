// SPDX-License-Identifier: EUPL-1.2
//! A real bus daemon with a service's own policy, for the tests that say who may call it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use zbus::blocking::{Connection, connection::Builder};

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

/// A bus daemon that ends with the test.
pub struct Bus {
    daemon: Child,
    address: String,
    _config: tempfile::NamedTempFile,
}

impl Bus {
    /// A bus with the policy file `policy`, on which whoever runs the test is each of the users `me`.
    pub fn where_i_am(policy: &str, me: &[&str]) -> Self {
        let (_, policies) = policy.split_once("<busconfig>").unwrap();
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

    /// A new connection to it.
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

/// Whether the bus did not let it through.
pub fn is_denied<T: std::fmt::Debug>(result: Result<T, impl std::fmt::Debug>) -> bool {
    format!("{:?}", result.unwrap_err()).contains("AccessDenied")
}
