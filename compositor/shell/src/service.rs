// SPDX-License-Identifier: EUPL-1.2
//! A service on the bus, as the shell meets it.
//!
//! Neither the bus nor the service has to be there. The bus is tried again with growing pauses; the service is waited
//! for by the bus's own news of its name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use zbus::blocking::fdo::{DBusProxy, PropertiesProxy};
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::{Message, Type};
use zbus::names::{BusName, InterfaceName, MemberName, UniqueName};
use zbus::zvariant::OwnedValue;
use zbus::{MatchRule, proxy::CacheProperties};

/// The first and the longest pause between attempts to reach the bus.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// The connection in use, for the thread that calls.
pub type Shared = Arc<Mutex<Option<Connection>>>;

/// What a service's contract says, and how its news are told.
pub trait Service {
    /// What is told.
    type News;
    /// The well-known bus name.
    const BUS_NAME: &'static str;
    /// The object.
    const PATH: &'static str;
    /// The interface.
    const INTERFACE: &'static str;

    /// It is not there (any more).
    fn gone() -> Self::News;
    /// Where it stands.
    fn status(properties: &mut Properties) -> zbus::Result<Self::News>;
    /// What a signal of its interface means.
    fn signal(_member: &str, _message: &Message) -> Option<Self::News> {
        None
    }
}

/// All properties of an interface.
pub struct Properties(HashMap<String, OwnedValue>);

impl Properties {
    /// Takes one out.
    pub fn take<T>(&mut self, name: &str) -> zbus::Result<T>
    where
        T: TryFrom<OwnedValue>,
        zbus::Error: From<T::Error>,
    {
        let value = self.0.remove(name).ok_or(zbus::Error::InvalidReply)?;
        Ok(T::try_from(value)?)
    }
}

/// The connection in use, if there is one.
pub fn current(shared: &Shared) -> Option<Connection> {
    shared
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Tells all there is to tell of `S` until nobody listens any more. Meanwhile `shared` has the connection.
pub fn watch<S: Service>(
    connect: &impl Fn() -> zbus::Result<Connection>,
    shared: &Shared,
    news: &impl Fn(S::News) -> bool,
) {
    let mut pause = PAUSE.0;
    loop {
        match follow::<S>(connect, shared, news) {
            Ok(()) => return,
            Err(error) => tracing::debug!("no news from {}: {error}", S::BUS_NAME),
        }
        let was_connected = shared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .is_some();
        if was_connected {
            pause = PAUSE.0;
            tracing::warn!("the connection to the bus has ended");
            if !news(S::gone()) {
                return;
            }
        }
        thread::sleep(pause);
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// Tells all that happens; ends well when nobody listens, and with an error when the bus is gone.
fn follow<S: Service>(
    connect: &impl Fn() -> zbus::Result<Connection>,
    shared: &Shared,
    news: &impl Fn(S::News) -> bool,
) -> zbus::Result<()> {
    // Signals have a connection of their own: who waits for an answer there waits for ever once more of them come meanwhile than are
    // kept, which is where a fast scanner counts to a hundred.
    let (signals, connection) = (connect()?, connect()?);
    // Before the rules are set, so that nothing between them and the first reading is missed.
    let messages = MessageIterator::from(&signals);
    let bus = DBusProxy::new(&signals)?;
    let connection = &connection;
    let owner = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.DBus")?
        .interface("org.freedesktop.DBus")?
        .member("NameOwnerChanged")?
        .arg(0, S::BUS_NAME)?
        .build();
    let object = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(S::BUS_NAME)?
        .path(S::PATH)?
        .build();
    bus.add_match_rule(owner)?;
    bus.add_match_rule(object)?;
    *shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.clone());
    // Anybody can send a signal to us alone: only the service's own are its news.
    let mut owner = bus
        .get_name_owner(BusName::try_from(S::BUS_NAME)?)
        .ok()
        .map(|owner| owner.to_string());
    if owner.is_some() && !news(read::<S>(connection)) {
        return Ok(());
    }
    for message in messages {
        let message = message?;
        if message.message_type() != Type::Signal {
            continue;
        }
        let header = message.header();
        let interface = header.interface().map(InterfaceName::as_str);
        let told = match (interface, header.member().map(MemberName::as_str)) {
            (_, Some("NameOwnerChanged")) => {
                let Ok((name, _, new)) = message.body().deserialize::<(String, String, String)>()
                else {
                    continue;
                };
                let from_bus =
                    header.sender().map(UniqueName::as_str) == Some("org.freedesktop.DBus");
                if name != S::BUS_NAME || !from_bus {
                    continue;
                }
                owner = Some(new.clone()).filter(|new| !new.is_empty());
                if new.is_empty() {
                    S::gone()
                } else {
                    read::<S>(connection)
                }
            }
            // Whoever sent it: it only makes us ask the service itself.
            (_, Some("PropertiesChanged")) => read::<S>(connection),
            (Some(interface), Some(member))
                if interface == S::INTERFACE
                    && header.sender().map(UniqueName::as_str) == owner.as_deref() =>
            {
                match S::signal(member, &message) {
                    Some(told) => told,
                    None => continue,
                }
            }
            _ => continue,
        };
        if !news(told) {
            return Ok(());
        }
    }
    Err(zbus::Error::Failure(
        "the bus has closed the connection".into(),
    ))
}

/// Asks the service where it stands, all at once. If it does not answer it is as good as gone.
fn read<S: Service>(connection: &Connection) -> S::News {
    let ask = || -> zbus::Result<S::News> {
        let properties = PropertiesProxy::builder(connection)
            .destination(S::BUS_NAME)?
            .path(S::PATH)?
            .cache_properties(CacheProperties::No)
            .build()?;
        let all = properties.get_all(InterfaceName::try_from(S::INTERFACE)?)?;
        S::status(&mut Properties(all))
    };
    match ask() {
        Ok(told) => told,
        Err(error) => {
            tracing::warn!("{} does not say where it stands: {error}", S::BUS_NAME);
            S::gone()
        }
    }
}
