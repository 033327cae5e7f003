// SPDX-License-Identifier: EUPL-1.2
//! The session service, as the shell meets it: news in, requests out, each on a thread of its own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use api::session::{
    BUS_NAME, INTERFACE, PATH, Session1ProxyBlocking, SessionError, SessionState, Status,
};
use zbus::blocking::Connection;
use zbus::message::Message;
use zbus::proxy::CacheProperties;

use crate::event::{Session, SessionRequest};
use crate::service::{Properties, Service, Shared, current, watch};

/// Somebody who touches again and again is there no more than once in this time.
const PRESENCE: Duration = Duration::from_secs(1);

/// The contract.
struct Contract;

impl Service for Contract {
    type News = Session;
    const BUS_NAME: &'static str = BUS_NAME;
    const PATH: &'static str = PATH;
    const INTERFACE: &'static str = INTERFACE;

    fn gone() -> Session {
        Session::Gone
    }

    fn status(properties: &mut Properties) -> zbus::Result<Session> {
        Ok(Session::Status(Status {
            state: properties.take::<SessionState>("State")?,
            deadline: Status::deadline_of(properties.take("Deadline")?),
            progress: properties.take("Progress")?,
            language: properties.take("Language")?,
            manner: properties.take("Manner")?,
        }))
    }

    fn signal(member: &str, _: &Message) -> Option<Session> {
        (member == "Leave").then_some(Session::Leave)
    }
}

/// The way to the session service.
#[derive(Debug)]
pub struct Link(Sender<SessionRequest>);

impl Link {
    /// Starts both threads on the system bus. `news` is called for everything there is to tell, until it says that
    /// nobody listens any more.
    pub fn start(news: impl Fn(Session) -> bool + Send + Clone + 'static) -> std::io::Result<Self> {
        Self::start_on(Connection::system, news)
    }

    /// As [`Link::start`] on another bus.
    pub fn start_on(
        connect: impl Fn() -> zbus::Result<Connection> + Send + 'static,
        news: impl Fn(Session) -> bool + Send + Clone + 'static,
    ) -> std::io::Result<Self> {
        let shared = Shared::default();
        let (sender, requests) = channel();
        let (connection, answers) = (Arc::clone(&shared), news.clone());
        thread::Builder::new()
            .name("session-news".into())
            .spawn(move || watch::<Contract>(&connect, &shared, &news))?;
        thread::Builder::new()
            .name("session-ask".into())
            .spawn(move || ask(&requests, &connection, &answers))?;
        Ok(Self(sender))
    }

    /// Asks for something. Only a refusal comes back as news: what succeeds shows in the status.
    pub fn ask(&self, request: SessionRequest) {
        // The other end lives as long as the process.
        let _ = self.0.send(request);
    }
}

fn ask(requests: &Receiver<SessionRequest>, shared: &Shared, news: &impl Fn(Session) -> bool) {
    let mut last: Option<Instant> = None;
    for request in requests {
        if request == SessionRequest::Presence {
            if last.is_some_and(|last| last.elapsed() < PRESENCE) {
                continue;
            }
            last = Some(Instant::now());
        }
        let answer = match current(shared) {
            Some(connection) => call(&connection, &request),
            None => Err(SessionError::Failed("not connected to the bus".into())),
        };
        if let Err(error) = answer {
            tracing::warn!("the session service did not accept {request:?}: {error}");
            if !news(Session::Refused(request)) {
                return;
            }
        }
    }
}

fn call(connection: &Connection, request: &SessionRequest) -> Result<(), SessionError> {
    let proxy = Session1ProxyBlocking::builder(connection)
        .cache_properties(CacheProperties::No)
        .build()?;
    match request {
        SessionRequest::Begin(language) => proxy.begin(language.tag().to_owned()),
        SessionRequest::Speak(language) => proxy.speak(language.tag().to_owned()),
        SessionRequest::Prefer(manner) => proxy.prefer(manner.clone()),
        SessionRequest::Presence => proxy.presence(),
        SessionRequest::Extend => proxy.extend(),
        SessionRequest::Note(service) => proxy.note(service.clone()),
        SessionRequest::End(outcome) => proxy.end(*outcome),
        SessionRequest::Rate(rating) => proxy.rate(*rating),
    }
}
