// SPDX-License-Identifier: EUPL-1.2
//! A place in the queue, at the edge: the ticket is taken, followed for as long as it lives, and given up.

use std::time::Duration;

use api::call::Reason;
use http_body_util::BodyExt;
use hyper::{Method, StatusCode};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::answer::{self, Ticket};
use super::client::{Client, ClientError};
use super::events::Reader;
use super::{Exchange, News, Phase, Place, Tell};

/// The exchange says something at least every ten seconds, or the stream is dead.
const SILENCE: Duration = Duration::from_secs(25);
/// Pauses between tries to follow a ticket again: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(4));
/// A ticket that nobody watches is given up by the exchange after a minute: then it is no longer tried.
const LOST: Duration = Duration::from_mins(1);
/// To give a ticket up may take so long.
const GOODBYE: Duration = Duration::from_secs(4);

const TICKETS: &str = "/api/terminal/tickets";

/// Where a terminal finds out how it reaches the exchange, anew for each call.
pub trait Means: Send + Sync {
    /// A way to what the exchange offers terminals; nothing where calls are not set up.
    fn client(&self) -> Result<Option<Client>, ClientError>;
}

/// Places in the queues of the real exchange.
pub struct Queues<M>(pub M);

impl<M: Means> Exchange for Queues<M> {
    fn enter(&self, runtime: &Handle, department: String, tell: Tell) -> Place {
        let (place, given_up) = Place::new();
        let client = match self.0.client() {
            Ok(Some(client)) => client,
            Ok(None) => {
                tell(News::Refused(Reason::NotSetUp));
                return place;
            }
            Err(error) => {
                tracing::error!("{error}");
                tell(News::Refused(reason(&error)));
                return place;
            }
        };
        let queue = Queue { client, tell };
        runtime.spawn(queue.run(department, given_up));
        place
    }
}

struct Queue {
    client: Client,
    tell: Tell,
}

impl Queue {
    async fn run(self, department: String, given_up: CancellationToken) {
        // Not interrupted: a ticket that was taken meanwhile would be nobody's.
        let ticket = match self.take(&department).await {
            Ok(ticket) => ticket,
            Err(error) => return self.refused(&error),
        };
        if !given_up.is_cancelled() {
            let over = tokio::select! {
                over = self.follow(&ticket) => over,
                () = given_up.cancelled() => Ok(false),
            };
            match over {
                Ok(true) => return (self.tell)(News::Gone),
                Ok(false) => {}
                Err(error) => self.refused(&error),
            }
        }
        match timeout(GOODBYE, self.leave(&ticket)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("{error}"),
            Err(_) => tracing::warn!("cannot give a ticket up in time"),
        }
    }

    fn refused(&self, error: &ClientError) {
        tracing::warn!("{error}");
        (self.tell)(News::Refused(reason(error)));
    }

    /// Takes a ticket. One that was left by a fall of ours is given up for it.
    async fn take(&self, department: &str) -> Result<Ticket, ClientError> {
        match self.try_take(department).await {
            Err(ClientError::Refused { word, .. }) if word == "has-ticket" => {
                for ticket in self.own().await? {
                    self.leave(&ticket).await?;
                }
                self.try_take(department).await
            }
            result => result,
        }
    }

    async fn try_take(&self, department: &str) -> Result<Ticket, ClientError> {
        const OPERATION: &str = "take a ticket";
        let wanted = serde_json::json!({ "department": department }).to_string();
        let request = (Method::POST, TICKETS);
        let answer = self
            .client
            .ask(OPERATION, request, Some(wanted), StatusCode::CREATED)
            .await?;
        let ticket = answer::ticket(&answer, &self.client.way().domain);
        ticket.ok_or(ClientError::Form(OPERATION))
    }

    async fn own(&self) -> Result<Vec<Ticket>, ClientError> {
        const OPERATION: &str = "find the terminal's ticket";
        let request = (Method::GET, TICKETS);
        let answer = self
            .client
            .ask(OPERATION, request, None, StatusCode::OK)
            .await?;
        answer::tickets(&answer, &self.client.way().domain).ok_or(ClientError::Form(OPERATION))
    }

    async fn leave(&self, ticket: &Ticket) -> Result<(), ClientError> {
        let path = format!("{TICKETS}/{}", ticket.id);
        let request = (Method::DELETE, path.as_str());
        let left = self
            .client
            .ask("give a ticket up", request, None, StatusCode::NO_CONTENT)
            .await;
        match left {
            // It is gone already.
            Err(ClientError::Refused { status, .. }) if status == StatusCode::NOT_FOUND => Ok(()),
            result => result.map(drop),
        }
    }

    /// Tells where a ticket stands until it is gone (true).
    async fn follow(&self, ticket: &Ticket) -> Result<bool, ClientError> {
        let (mut heard, mut pause) = (Instant::now(), PAUSES.0);
        loop {
            match self.watch(ticket, &mut heard, &mut pause).await {
                Ok(()) => return Ok(true),
                Err(ClientError::Refused { status, .. }) if status == StatusCode::NOT_FOUND => {
                    return Ok(true);
                }
                Err(error @ (ClientError::Unreachable(_) | ClientError::Refused { .. }))
                    if heard.elapsed() < LOST =>
                {
                    tracing::info!("{error}; the ticket is followed again in {pause:?}");
                    sleep(pause).await;
                    pause = (pause * 2).min(PAUSES.1);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Follows a ticket on one stream until it is gone.
    async fn watch(
        &self,
        ticket: &Ticket,
        heard: &mut Instant,
        pause: &mut Duration,
    ) -> Result<(), ClientError> {
        const OPERATION: &str = "follow a ticket";
        let path = format!("{TICKETS}/{}", ticket.id);
        let mut body = self.client.follow(OPERATION, &path).await?;
        let (mut reader, mut last) = (Reader::default(), None);
        let gone = |what: &str| ClientError::Unreachable(what.to_owned());
        loop {
            let frame = timeout(SILENCE, body.frame())
                .await
                .map_err(|_| gone("the stream of events is silent"))?
                .ok_or_else(|| gone("the stream of events has ended"))?
                .map_err(|_| gone("the stream of events broke"))?;
            (*heard, *pause) = (Instant::now(), PAUSES.0);
            let piece = frame.data_ref().map_or(&[][..], |data| data);
            let events = reader.take(piece);
            for event in events.map_err(|_| ClientError::Form(OPERATION))? {
                match event.name.as_str() {
                    "over" => return Ok(()),
                    "state" => {
                        let now = answer::ticket(event.data.as_bytes(), &self.client.way().domain);
                        let now = now.ok_or(ClientError::Form(OPERATION))?;
                        self.stands(&now, &mut last).await;
                    }
                    _ => {}
                }
            }
        }
    }

    /// Tells where the ticket stands, and once for each time that it is our turn what to call with.
    async fn stands(&self, ticket: &Ticket, last: &mut Option<Phase>) {
        let phase = ticket.standing.phase;
        (self.tell)(News::Stands(ticket.standing));
        let is_turn = phase == Phase::Called && last.replace(phase) != Some(phase);
        *last = Some(phase);
        if !is_turn {
            return;
        }
        match self.account().await {
            Ok(account) => (self.tell)(News::Called(ticket.callee.clone(), Box::new(account))),
            // The place goes back into the queue by itself, and has another turn.
            Err(error) => tracing::warn!("{error}"),
        }
    }

    async fn account(&self) -> Result<crate::account::Account, ClientError> {
        const OPERATION: &str = "get an account";
        let request = (Method::GET, "/api/terminal/account");
        let answer = self
            .client
            .ask(OPERATION, request, None, StatusCode::OK)
            .await?;
        answer::account(&answer, self.client.way()).ok_or(ClientError::Form(OPERATION))
    }
}

/// What an error means to whoever wanted to call.
fn reason(error: &ClientError) -> Reason {
    match error {
        ClientError::Means(_) => Reason::NotSetUp,
        ClientError::Unreachable(_) => Reason::Unreachable,
        ClientError::Untrusted(_) => Reason::Untrusted,
        ClientError::Certificate => Reason::Credentials,
        ClientError::Form(_) => Reason::Failed,
        ClientError::Refused { status, word, .. } => match word.as_str() {
            "closed" => Reason::Closed,
            "full" => Reason::Busy,
            "no-department" => Reason::Unknown,
            "not-enrolled" => Reason::Credentials,
            _ if status.is_server_error() => Reason::Unreachable,
            _ => Reason::Failed,
        },
    }
}
