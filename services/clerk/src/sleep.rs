// SPDX-License-Identifier: EUPL-1.2
//! That the device goes to sleep, as logind tells: a lid that was closed locks.

use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::{MatchRule, Result};

/// Who tells.
pub const BUS_NAME: &str = "org.freedesktop.login1";
/// Which object.
pub const PATH: &str = "/org/freedesktop/login1";
/// Which interface.
pub const INTERFACE: &str = "org.freedesktop.login1.Manager";
/// Which signal.
pub const SIGNAL: &str = "PrepareForSleep";

/// Yields whenever the device is about to sleep; ends with the bus.
pub struct Sleeps(MessageIterator);

impl Sleeps {
    /// Listens from now on. logind need not be there yet.
    pub fn follow(connection: &Connection) -> Result<Self> {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(BUS_NAME)?
            .path(PATH)?
            .interface(INTERFACE)?
            .member(SIGNAL)?
            .build();
        MessageIterator::for_match_rule(rule, connection, None).map(Self)
    }
}

impl Iterator for Sleeps {
    type Item = ();

    fn next(&mut self) -> Option<()> {
        loop {
            let message = self.0.next()?.ok()?;
            // True before, false after.
            if message
                .body()
                .deserialize::<bool>()
                .is_ok_and(|sleeps| sleeps)
            {
                return Some(());
            }
        }
    }
}
