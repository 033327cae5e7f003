// SPDX-License-Identifier: EUPL-1.2
//! The clerk service, as the shell meets it: news in, requests out, each on a thread of its own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use api::clerk::{
    BUS_NAME, Clerk1ProxyBlocking, ClerkError, ClerkState, INTERFACE, PATH, Status, Task,
};
use zbus::blocking::Connection;
use zbus::proxy::CacheProperties;
use zbus::zvariant::OwnedFd;

use crate::event::{Clerk, ClerkRefusal, ClerkRequest};
use crate::service::{Properties, Service, Shared, current, watch};

/// Somebody who touches again and again is there no more than once in this time.
const PRESENCE: Duration = Duration::from_secs(1);

/// The contract.
struct Contract;

impl Service for Contract {
    type News = Clerk;
    const BUS_NAME: &'static str = BUS_NAME;
    const PATH: &'static str = PATH;
    const INTERFACE: &'static str = INTERFACE;

    fn gone() -> Clerk {
        Clerk::Gone
    }

    fn status(properties: &mut Properties) -> zbus::Result<Clerk> {
        Ok(Clerk::Status(Status {
            state: properties.take::<ClerkState>("State")?,
            retry: Status::retry_of(properties.take("Retry")?),
        }))
    }
}

/// The way to the clerk service.
#[derive(Debug)]
pub struct Link(Sender<ClerkRequest>);

impl Link {
    /// Starts both threads on the system bus. `news` is called for everything there is to tell, until it says that
    /// nobody listens any more.
    pub fn start(news: impl Fn(Clerk) -> bool + Send + Clone + 'static) -> std::io::Result<Self> {
        Self::start_on(Connection::system, news)
    }

    /// As [`Link::start`] on another bus.
    pub fn start_on(
        connect: impl Fn() -> zbus::Result<Connection> + Send + 'static,
        news: impl Fn(Clerk) -> bool + Send + Clone + 'static,
    ) -> std::io::Result<Self> {
        let shared = Shared::default();
        let (sender, requests) = channel();
        let (connection, answers) = (Arc::clone(&shared), news.clone());
        thread::Builder::new()
            .name("clerk-news".into())
            .spawn(move || watch::<Contract>(&connect, &shared, &news))?;
        thread::Builder::new()
            .name("clerk-ask".into())
            .spawn(move || ask(requests, &connection, &answers))?;
        Ok(Self(sender))
    }

    /// Asks for something. Of a password the answer comes as news; of anything else what succeeds shows in the status.
    pub fn ask(&self, request: ClerkRequest) {
        // The other end lives as long as the process.
        let _ = self.0.send(request);
    }
}

fn ask(requests: Receiver<ClerkRequest>, shared: &Shared, news: &impl Fn(Clerk) -> bool) {
    let mut last: Option<Instant> = None;
    for request in requests {
        if request == ClerkRequest::Presence {
            if last.is_some_and(|last| last.elapsed() < PRESENCE) {
                continue;
            }
            last = Some(Instant::now());
        }
        let is_answered = matches!(request, ClerkRequest::Password(..));
        let answer = match current(shared) {
            Some(connection) => call(&connection, request),
            None => Err(ClerkError::Failed("not connected to the bus".into())),
        };
        if let Err(error) = &answer {
            tracing::warn!("the clerk service did not accept a request: {error}");
        }
        if is_answered && !news(Clerk::Answer(answer.map_err(|error| refusal(&error)))) {
            return;
        }
    }
}

fn call(connection: &Connection, request: ClerkRequest) -> Result<(), ClerkError> {
    let proxy = Clerk1ProxyBlocking::builder(connection)
        .cache_properties(CacheProperties::No)
        .build()?;
    match request {
        ClerkRequest::Password(task, password) => {
            let pipe = password
                .into_pipe()
                .map_err(|error| ClerkError::Failed(error.to_string()))?;
            let pipe = OwnedFd::from(pipe);
            match task {
                Task::Choose => proxy.choose_password(pipe),
                Task::SignIn => proxy.sign_in(pipe),
                Task::Unlock => proxy.unlock(pipe),
            }
        }
        ClerkRequest::Lock => proxy.lock(),
        ClerkRequest::SignOut => proxy.sign_out(),
        ClerkRequest::Presence => proxy.presence(),
    }
}

fn refusal(error: &ClerkError) -> ClerkRefusal {
    match error {
        ClerkError::WrongPassword(_) => ClerkRefusal::Wrong,
        ClerkError::TooEarly(_) => ClerkRefusal::TooEarly,
        ClerkError::BadInput(_) => ClerkRefusal::BadInput,
        ClerkError::NotExpected(_) | ClerkError::Failed(_) | ClerkError::ZBus(_) => {
            ClerkRefusal::Failed
        }
    }
}
