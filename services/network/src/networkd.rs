// SPDX-License-Identifier: EUPL-1.2
//! systemd-networkd on the bus: when something changes, and what it says then.
//!
//! Its own account is taken and not the kernel's: it knows what is still being set up, and this service needs neither the host's
//! network namespace nor a socket of its own to it.

use std::sync::mpsc::{Receiver, RecvError, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::{MatchRule, Message};

use crate::describe::MAX_BYTES;

/// Its name on the bus.
pub const BUS_NAME: &str = "org.freedesktop.network1";
/// Its manager, and the object above those of its network cards.
pub const PATH: &str = "/org/freedesktop/network1";
/// The interface that describes all.
pub const INTERFACE: &str = "org.freedesktop.network1.Manager";

/// Changes come in groups, and however many come, this pause lies between two looks.
const SETTLE: Duration = Duration::from_millis(200);

/// systemd-networkd, whether it is there or not.
#[derive(Debug)]
pub struct Networkd {
    connection: Connection,
    changes: Receiver<()>,
}

impl Networkd {
    /// Follows it from now on.
    pub fn new(connection: &Connection) -> zbus::Result<Self> {
        // Before the rules are set, so that nothing between them and the first look is missed.
        let messages = MessageIterator::from(connection);
        let bus = DBusProxy::new(connection)?;
        let owner = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender("org.freedesktop.DBus")?
            .interface("org.freedesktop.DBus")?
            .member("NameOwnerChanged")?
            .arg(0, BUS_NAME)?
            .build();
        let objects = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(BUS_NAME)?
            .interface("org.freedesktop.DBus.Properties")?
            .member("PropertiesChanged")?
            .path_namespace(PATH)?
            .build();
        bus.add_match_rule(owner)?;
        bus.add_match_rule(objects)?;
        let (teller, changes) = sync_channel(1);
        thread::Builder::new()
            .name("networkd-news".into())
            .spawn(move || tell(messages, &teller))?;
        Ok(Self {
            connection: connection.clone(),
            changes,
        })
    }

    /// What it says of all its network cards; nothing while it is not there or makes no sense.
    pub fn describe(&self) -> zbus::Result<Option<String>> {
        let bus = DBusProxy::new(&self.connection)?;
        if !bus.name_has_owner(BUS_NAME.try_into()?)? {
            return Ok(None);
        }
        let reply =
            self.connection
                .call_method(Some(BUS_NAME), PATH, Some(INTERFACE), "Describe", &());
        let said = match reply {
            Ok(reply) => reply.body().deserialize::<String>(),
            // It has gone meanwhile; its return is news.
            Err(error @ zbus::Error::MethodError(..)) => Err(error),
            Err(error) => return Err(error),
        };
        match said {
            Ok(said) if said.len() <= MAX_BYTES => Ok(Some(said)),
            Ok(said) => {
                tracing::warn!("networkd describes its cards in {} bytes", said.len());
                Ok(None)
            }
            Err(error) => {
                tracing::warn!("networkd does not describe its cards: {error}");
                Ok(None)
            }
        }
    }

    /// Waits until something may have changed since the last look, or for so long at most. Fails when the bus has ended.
    pub fn wait(&self, at_most: Option<Duration>) -> Result<(), RecvError> {
        match at_most.map(|time| self.changes.recv_timeout(time)) {
            None => self.changes.recv()?,
            Some(Err(RecvTimeoutError::Disconnected)) => return Err(RecvError),
            Some(Err(RecvTimeoutError::Timeout)) => return Ok(()),
            Some(Ok(())) => {}
        }
        thread::sleep(SETTLE);
        // The look that follows sees these too; that the bus has ended is found by the next call.
        while self.changes.try_recv().is_ok() {}
        Ok(())
    }
}

/// Lets it read its configuration again, where it runs; it reads it at its start anyway.
pub fn reload(connection: &Connection) -> zbus::Result<()> {
    let bus = DBusProxy::new(connection)?;
    if bus.name_has_owner(BUS_NAME.try_into()?)? {
        connection.call_method(Some(BUS_NAME), PATH, Some(INTERFACE), "Reload", &())?;
    }
    Ok(())
}

/// Tells of every change until the bus ends.
fn tell(messages: MessageIterator, teller: &SyncSender<()>) {
    for message in messages {
        match message {
            // One that waits to be looked at is enough.
            Ok(message) if is_news(&message) => drop(teller.try_send(())),
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

/// Whoever sent it: it only makes us ask.
fn is_news(message: &Message) -> bool {
    let header = message.header();
    let member = header.member().map(zbus::names::MemberName::as_str);
    message.message_type() == Type::Signal
        && matches!(member, Some("NameOwnerChanged" | "PropertiesChanged"))
}
