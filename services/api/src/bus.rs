// SPDX-License-Identifier: EUPL-1.2
//! The bus itself: how a service comes to it, and its end.

use std::thread;

use zbus::MatchRule;
use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;

/// Says nothing: it is what a connection is made with, see [`connect`].
struct Service1;

/// A service of this project.
#[zbus::interface(name = "de.amtsnah.Service1")]
impl Service1 {}

/// Where [`Service1`] is.
const ROOT: &str = "/de/amtsnah";

/// A connection for a service, to the system's bus.
///
/// # Errors
///
/// The bus cannot be reached.
pub fn system() -> zbus::Result<Connection> {
    connect(Builder::system()?)
}

/// A connection for a service, to the bus of `builder`: it hears of every call from the beginning.
///
/// Where objects come to a connection only later, zbus begins to listen for calls when a task of its own happens to run; a call that
/// is earlier is lost, and its caller waits for ever (seen in one start of fifty). One that has an object when it is made listens before
/// anything can come.
///
/// # Errors
///
/// The bus cannot be reached.
pub fn connect(builder: Builder<'_>) -> zbus::Result<Connection> {
    builder.serve_at(ROOT, Service1)?.build()
}

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
