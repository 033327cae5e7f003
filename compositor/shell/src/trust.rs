// SPDX-License-Identifier: EUPL-1.2
//! The trust service, as the shell meets it: news in, secrets out, each on a thread of its own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use api::secret::Secret;
use api::trust::{BUS_NAME, INTERFACE, PATH, Status, Task, Trust1ProxyBlocking, TrustError};
use zbus::blocking::Connection;
use zbus::proxy::CacheProperties;
use zbus::zvariant::OwnedFd;

use crate::event::{Refusal, Trust};
use crate::service::{Properties, Service, Shared, current, watch};

/// The contract.
struct Contract;

impl Service for Contract {
    type News = Trust;
    const BUS_NAME: &'static str = BUS_NAME;
    const PATH: &'static str = PATH;
    const INTERFACE: &'static str = INTERFACE;

    fn gone() -> Trust {
        Trust::Gone
    }

    fn status(properties: &mut Properties) -> zbus::Result<Trust> {
        Ok(Trust::Status(Status {
            state: properties.take("State")?,
            code: properties.take("Code")?,
            reason: properties.take("Reason")?,
        }))
    }
}

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
            .spawn(move || watch::<Contract>(&connect, &shared, &news))?;
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

fn ask(secrets: &Receiver<(Task, Secret)>, shared: &Shared, news: &impl Fn(Trust) -> bool) {
    for (task, secret) in secrets {
        let answer = match current(shared) {
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
