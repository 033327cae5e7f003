// SPDX-License-Identifier: EUPL-1.2
//! The service of calls, as the shell meets it: news in, requests out, each on a thread of its own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use api::call::{
    BUS_NAME, Call1ProxyBlocking, CallError, CallState, INTERFACE, MAX_TEXT, PATH, Reason, Status,
};
use api::secret::Secret;
use zbus::blocking::Connection;
use zbus::message::Message;
use zbus::proxy::CacheProperties;

use crate::event::{Call, CallRequest};
use crate::service::{Properties, Service, Shared, current, watch};

/// The contract.
struct Contract;

impl Service for Contract {
    type News = Call;
    const BUS_NAME: &'static str = BUS_NAME;
    const PATH: &'static str = PATH;
    const INTERFACE: &'static str = INTERFACE;

    fn gone() -> Call {
        Call::Gone
    }

    fn status(properties: &mut Properties) -> zbus::Result<Call> {
        let reason: String = properties.take("Reason")?;
        Ok(Call::Status(Status {
            state: properties.take::<CallState>("State")?,
            department: properties.take("Department")?,
            reason: Reason::parse(&reason),
            muted: properties.take("Muted")?,
            unseen: properties.take("Unseen")?,
            position: Status::position_of(properties.take("Position")?),
            wait: Status::wait_of(properties.take("Wait")?),
        }))
    }

    fn signal(member: &str, message: &Message) -> Option<Call> {
        if member != "Text" {
            return None;
        }
        let text: String = message.body().deserialize().ok()?;
        let fits = text.len() <= MAX_TEXT;
        // A piece is what somebody has just typed. What would not fit into one is not typed.
        fits.then(|| Secret::new(text).ok())
            .flatten()
            .map(Call::Written)
    }
}

/// The way to the service.
#[derive(Debug)]
pub struct Link(Sender<CallRequest>);

impl Link {
    /// Starts both threads on the system bus. `news` is called for everything there is to tell, until it says that nobody
    /// listens any more.
    pub fn start(news: impl Fn(Call) -> bool + Send + 'static) -> std::io::Result<Self> {
        Self::start_on(Connection::system, news)
    }

    /// As [`Link::start`] on another bus.
    pub fn start_on(
        connect: impl Fn() -> zbus::Result<Connection> + Send + 'static,
        news: impl Fn(Call) -> bool + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Shared::default();
        let (sender, requests) = channel();
        let connection = Arc::clone(&shared);
        thread::Builder::new()
            .name("call-news".into())
            .spawn(move || watch::<Contract>(&connect, &shared, &news))?;
        thread::Builder::new()
            .name("call-ask".into())
            .spawn(move || ask(requests, &connection))?;
        Ok(Self(sender))
    }

    /// Asks for something. What succeeds shows in the status.
    pub fn ask(&self, request: CallRequest) {
        // The other end lives as long as the process.
        let _ = self.0.send(request);
    }
}

fn ask(requests: Receiver<CallRequest>, shared: &Shared) {
    for request in requests {
        let answer = match current(shared) {
            Some(connection) => call(&connection, request),
            None => Err(CallError::Failed("not connected to the bus".into())),
        };
        if let Err(error) = answer {
            tracing::warn!("the service of calls did not accept a request: {error}");
        }
    }
}

fn call(connection: &Connection, request: CallRequest) -> Result<(), CallError> {
    let proxy = Call1ProxyBlocking::builder(connection)
        .cache_properties(CacheProperties::No)
        .build()?;
    match request {
        CallRequest::Call(department) => proxy.call(department),
        CallRequest::HangUp => proxy.hang_up(),
        CallRequest::Pause(paused) => proxy.pause(paused),
        CallRequest::Mute(muted) => proxy.mute(muted),
        CallRequest::Write(text) => proxy.send_text(text.expose().to_owned()),
        CallRequest::Room(width, height) => proxy.room(width, height),
    }
}
