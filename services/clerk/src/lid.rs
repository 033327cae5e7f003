// SPDX-License-Identifier: EUPL-1.2
//! That the lid is closed, as `UPower` tells. logind does nothing with a lid for half a minute after a start or a waking, and
//! nothing where the machine cannot sleep: a clerk who closes the lid goes away all the same.

use std::collections::HashMap;

use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::zvariant::OwnedValue;
use zbus::{MatchRule, Result};

/// Who tells.
pub const BUS_NAME: &str = "org.freedesktop.UPower";
/// Which object.
pub const PATH: &str = "/org/freedesktop/UPower";
/// Which property.
pub const PROPERTY: &str = "LidIsClosed";

/// Yields whenever the lid is closed; ends with the bus.
pub struct Lids(MessageIterator);

impl Lids {
    /// Listens from now on. `UPower` need not be there yet.
    pub fn follow(connection: &Connection) -> Result<Self> {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(BUS_NAME)?
            .path(PATH)?
            .interface("org.freedesktop.DBus.Properties")?
            .member("PropertiesChanged")?
            .arg(0, BUS_NAME)?
            .build();
        MessageIterator::for_match_rule(rule, connection, None).map(Self)
    }
}

impl Iterator for Lids {
    type Item = ();

    fn next(&mut self) -> Option<()> {
        loop {
            let message = self.0.next()?.ok()?;
            let body = message.body();
            let Ok((_, mut changed, _)) =
                body.deserialize::<(&str, HashMap<String, OwnedValue>, Vec<&str>)>()
            else {
                continue;
            };
            let is_closed = changed.remove(PROPERTY).map(bool::try_from);
            if is_closed.is_some_and(|value| value.is_ok_and(|closed| closed)) {
                return Some(());
            }
        }
    }
}
