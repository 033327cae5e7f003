// SPDX-License-Identifier: EUPL-1.2
//! The service of the released applications, as the shell meets it: news in, requests out, each on a thread of its own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use api::applications::{
    Applications1ProxyBlocking, ApplicationsError, BUS_NAME, Fall, INTERFACE, PATH, RunState,
    Status, released_from,
};
use zbus::blocking::Connection;
use zbus::proxy::CacheProperties;

use crate::service::{Properties, Service, Shared, current, watch};

/// What is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Start this one in a place of so many pixels.
    Start(String, (u32, u32)),
    /// Stop the one that was started.
    Stop,
}

/// The contract. Its news are where it stands; nothing while the service is not there.
struct Contract;

impl Service for Contract {
    type News = Option<Status>;
    const BUS_NAME: &'static str = BUS_NAME;
    const PATH: &'static str = PATH;
    const INTERFACE: &'static str = INTERFACE;

    fn gone() -> Self::News {
        None
    }

    fn status(properties: &mut Properties) -> zbus::Result<Self::News> {
        let reason: String = properties.take("Reason")?;
        Ok(Some(Status {
            released: released_from(properties.take("Applications")?),
            state: properties.take::<RunState>("State")?,
            application: properties.take("Application")?,
            reason: Fall::parse(&reason),
            retry: Status::retry_of(properties.take("Retry")?),
        }))
    }
}

/// The way to the service.
#[derive(Debug)]
pub struct Link(Sender<Request>);

impl Link {
    /// Starts both threads on the system bus. `news` is called for everything there is to tell, until it says that nobody
    /// listens any more.
    pub fn start(news: impl Fn(Option<Status>) -> bool + Send + 'static) -> std::io::Result<Self> {
        Self::start_on(Connection::system, news)
    }

    /// As [`Link::start`] on another bus.
    pub fn start_on(
        connect: impl Fn() -> zbus::Result<Connection> + Send + 'static,
        news: impl Fn(Option<Status>) -> bool + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Shared::default();
        let (sender, requests) = channel();
        let connection = Arc::clone(&shared);
        thread::Builder::new()
            .name("apps-news".into())
            .spawn(move || watch::<Contract>(&connect, &shared, &news))?;
        thread::Builder::new()
            .name("apps-ask".into())
            .spawn(move || ask(requests, &connection))?;
        Ok(Self(sender))
    }

    /// Asks for something. What succeeds shows in the status.
    pub fn ask(&self, request: Request) {
        // The other end lives as long as the process.
        let _ = self.0.send(request);
    }
}

fn ask(requests: Receiver<Request>, shared: &Shared) {
    for request in requests {
        let answer = match current(shared) {
            Some(connection) => call(&connection, request),
            None => Err(ApplicationsError::Failed("not connected to the bus".into())),
        };
        if let Err(error) = answer {
            tracing::warn!("the service of the applications did not accept a request: {error}");
        }
    }
}

fn call(connection: &Connection, request: Request) -> Result<(), ApplicationsError> {
    let proxy = Applications1ProxyBlocking::builder(connection)
        .cache_properties(CacheProperties::No)
        .build()?;
    match request {
        Request::Start(id, (width, height)) => proxy.start(id, width, height),
        Request::Stop => proxy.stop(),
    }
}
