// SPDX-License-Identifier: EUPL-1.2
//! The bus itself, and its end.

use std::thread;

use zbus::MatchRule;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;

/// Calls `gone` once nothing comes from the bus of `connection` any more.
///
/// zbus says nothing of a bus that fell to who only serves: such a service has no name left and waits for calls that cannot
/// come. It has to end, so that systemd starts the next one on the next bus.
///
/// # Errors
///
/// The bus cannot be listened to, or there is no thread for it.
pub fn when_gone(
    connection: &Connection,
    gone: impl FnOnce() + Send + 'static,
) -> zbus::Result<()> {
    // Something that hardly ever comes: what matters is its end.
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.DBus")?
        .interface("org.freedesktop.DBus")?
        .member("NameLost")?
        .build();
    let signals = MessageIterator::for_match_rule(rule, connection, None)?;
    thread::Builder::new().name("bus".into()).spawn(move || {
        signals.for_each(drop);
        gone();
    })?;
    Ok(())
}

/// Ends the process once the bus of `connection` is gone: for services whose work can stop at any point.
///
/// # Errors
///
/// As [`when_gone`].
pub fn end_when_gone(connection: &Connection) -> zbus::Result<()> {
    when_gone(connection, || {
        eprintln!("the system bus is gone");
        std::process::exit(1);
    })
}
