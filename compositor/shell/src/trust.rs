// SPDX-License-Identifier: EUPL-1.2
//! The trust service, as the shell meets it: news in, secrets out, each on a thread of its own.
//!
//! Neither the bus nor the service has to be there. The bus is tried again with growing pauses; the service is waited
//! for by the bus's own news of its name.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use api::secret::Secret;
use api::trust::{
    BUS_NAME, INTERFACE, PATH, Status, Task, Trust1ProxyBlocking, TrustError, TrustState,
};
use zbus::blocking::fdo::{DBusProxy, PropertiesProxy};
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::zvariant::OwnedFd;
use zbus::{MatchRule, names::InterfaceName, proxy::CacheProperties};

use crate::event::{Refusal, Trust};

/// The first and the longest pause between attempts to reach the bus.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// The connection in use, for the thread that sends secrets.
type Shared = Arc<Mutex<Option<Connection>>>;

/// The way to the trust service.
#[derive(Debug)]
pub struct Link(Sender<(Task, Secret)>);

impl Link {
    /// Starts both threads on the system bus. `news` is called for everything there is to tell, until it says that
    /// nobody listens any more.
    pub fn start(news: impl Fn(Trust) -> bool + Send + Clone + 'static) -> std::io::Result<Self> {
        Self::start_on(Connection::system, news)
    }

    /// As [`Link::start`] on another bus.
    pub fn start_on(
        connect: impl Fn() -> zbus::Result<Connection> + Send + 'static,
        news: impl Fn(Trust) -> bool + Send + Clone + 'static,
    ) -> std::io::Result<Self> {
        let shared = Shared::default();
        let (sender, secrets) = channel();
        let (connection, answers) = (Arc::clone(&shared), news.clone());
        thread::Builder::new()
            .name("trust-news".into())
            .spawn(move || watch(&connect, &shared, &news))?;
        thread::Builder::new()
            .name("trust-ask".into())
            .spawn(move || ask(&secrets, &connection, &answers))?;
        Ok(Self(sender))
    }

    /// Hands `secret` over. The answer comes as news.
    pub fn submit(&self, task: Task, secret: Secret) {
        // The other end lives as long as the process.
        let _ = self.0.send((task, secret));
    }
}

fn watch(
    connect: &impl Fn() -> zbus::Result<Connection>,
    shared: &Shared,
    news: &impl Fn(Trust) -> bool,
) {
    let mut pause = PAUSE.0;
    loop {
        match connect().and_then(|connection| follow(&connection, shared, news)) {
            Ok(()) => return,
            Err(error) => tracing::debug!("no news from the trust service: {error}"),
        }
        let was_connected = shared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .is_some();
        if was_connected {
            pause = PAUSE.0;
            tracing::warn!("the connection to the bus has ended");
            if !news(Trust::Gone) {
                return;
            }
        }
        thread::sleep(pause);
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// Tells all that happens on `connection`; ends well when nobody listens, and with an error when the bus is gone.
fn follow(
    connection: &Connection,
    shared: &Shared,
    news: &impl Fn(Trust) -> bool,
) -> zbus::Result<()> {
    // Before the rules are set, so that nothing between them and the first reading is missed.
    let messages = MessageIterator::from(connection);
    let bus = DBusProxy::new(connection)?;
    let owner = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.DBus")?
        .interface("org.freedesktop.DBus")?
        .member("NameOwnerChanged")?
        .arg(0, BUS_NAME)?
        .build();
    let properties = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(BUS_NAME)?
        .path(PATH)?
        .interface("org.freedesktop.DBus.Properties")?
        .member("PropertiesChanged")?
        .build();
    bus.add_match_rule(owner)?;
    bus.add_match_rule(properties)?;
    *shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.clone());
    if bus.name_has_owner(BUS_NAME.try_into()?)? && !news(read(connection)) {
        return Ok(());
    }
    for message in messages {
        let message = message?;
        if message.message_type() != Type::Signal {
            continue;
        }
        let header = message.header();
        let told = match header.member().map(zbus::names::MemberName::as_str) {
            Some("NameOwnerChanged") => {
                let Ok((name, _, new)) = message.body().deserialize::<(String, String, String)>()
                else {
                    continue;
                };
                if name != BUS_NAME {
                    continue;
                }
                if new.is_empty() {
                    Trust::Gone
                } else {
                    read(connection)
                }
            }
            // Whoever sent it: it only makes us ask the service itself.
            Some("PropertiesChanged") => read(connection),
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
fn read(connection: &Connection) -> Trust {
    let ask = || -> zbus::Result<Status> {
        let properties = PropertiesProxy::builder(connection)
            .destination(BUS_NAME)?
            .path(PATH)?
            .cache_properties(CacheProperties::No)
            .build()?;
        let mut all = properties.get_all(InterfaceName::try_from(INTERFACE)?)?;
        let mut take = |name: &str| all.remove(name).ok_or(zbus::Error::InvalidReply);
        Ok(Status {
            state: TrustState::try_from(take("State")?)?,
            code: String::try_from(take("Code")?)?,
            reason: String::try_from(take("Reason")?)?,
        })
    };
    match ask() {
        Ok(status) => Trust::Status(status),
        Err(error) => {
            tracing::warn!("the trust service does not say where it stands: {error}");
            Trust::Gone
        }
    }
}

fn ask(secrets: &Receiver<(Task, Secret)>, shared: &Shared, news: &impl Fn(Trust) -> bool) {
    for (task, secret) in secrets {
        let connection = shared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let answer = match connection {
            Some(connection) => call(&connection, task, secret),
            None => Err(TrustError::Failed("not connected to the bus".into())),
        };
        if let Err(error) = &answer {
            tracing::warn!("the trust service did not accept {task:?}: {error}");
        }
        if !news(Trust::Answer(answer.map_err(|error| refusal(&error)))) {
            return;
        }
    }
}

fn call(connection: &Connection, task: Task, secret: Secret) -> Result<(), TrustError> {
    let pipe = secret
        .into_pipe()
        .map_err(|error| TrustError::Failed(error.to_string()))?;
    let pipe = OwnedFd::from(pipe);
    let proxy = Trust1ProxyBlocking::builder(connection)
        .cache_properties(CacheProperties::No)
        .build()?;
    match task {
        Task::ChoosePin => proxy.choose_pin(pipe),
        Task::SubmitPin => proxy.submit_pin(pipe),
        Task::SubmitRecoveryKey => proxy.submit_recovery_key(pipe),
    }
}

fn refusal(error: &TrustError) -> Refusal {
    match error {
        TrustError::WrongPin(_) => Refusal::WrongPin,
        TrustError::WrongKey(_) => Refusal::WrongKey,
        TrustError::LockedOut(_) => Refusal::LockedOut,
        TrustError::BadInput(_) => Refusal::BadInput,
        TrustError::NotExpected(_) | TrustError::Failed(_) | TrustError::ZBus(_) => Refusal::Failed,
    }
}
