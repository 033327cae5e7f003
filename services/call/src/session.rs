// SPDX-License-Identifier: EUPL-1.2
//! The visit that a call belongs to: no call outlives it, whatever became of the shell.

use std::thread;

use api::session::{BUS_NAME, PATH, Session1ProxyBlocking, SessionState};
use zbus::MatchRule;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::proxy::CacheProperties;

/// Calls `over` whenever no visitor is being served any more, or nobody knows.
///
/// # Errors
///
/// The session service cannot be listened to, or there is no thread for it.
pub fn when_over(
    connection: &Connection,
    over: impl Fn() + Clone + Send + 'static,
) -> zbus::Result<()> {
    // Nothing is kept of it: it may come later, and go in between.
    let session = Session1ProxyBlocking::builder(connection)
        .cache_properties(CacheProperties::No)
        .build()?;
    let owners = session.inner().receive_owner_changed()?;
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(BUS_NAME)?
        .path(PATH)?
        .interface("org.freedesktop.DBus.Properties")?
        .member("PropertiesChanged")?
        .build();
    let changes = MessageIterator::for_match_rule(rule, connection, None)?;
    let gone = over.clone();
    thread::Builder::new()
        .name("session-owner".into())
        .spawn(move || {
            for owner in owners {
                if owner.is_none() {
                    gone();
                }
            }
        })?;
    thread::Builder::new()
        .name("session".into())
        .spawn(move || {
            for _ in changes {
                // Who cannot be asked serves nobody.
                if !session.state().is_ok_and(SessionState::is_open) {
                    over();
                }
            }
        })?;
    Ok(())
}
