// SPDX-License-Identifier: EUPL-1.2
//! HTTP: who may ask for what, and what they are told.
//!
//! | listener | module | who |
//! |---|---|---|
//! | public | [`desk`] | a desk's page, by its session cookie |
//! | public | [`provider`] | a browser that goes to an identity provider and comes back |
//! | public | [`enrol`] | a terminal that has a one-time code |
//! | terminals | [`terminal`] | terminals, by their certificate |
//! | loopback | [`control`] | Kamailio, by its secret |

mod consultation;
pub mod control;
pub mod desk;
pub mod enrol;
mod events;
pub mod page;
mod practice;
pub mod provider;
pub mod terminal;

use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::timeout;

use crate::exchange::Fault;
use crate::queue::Refusal;

/// Bytes of a request's body: a signing request is the longest.
const BODY: usize = 16 * 1024;
/// A request with a body is over after so long.
const ANSWER: Duration = Duration::from_secs(30);

/// A refusal: a status, and a word for programs.
#[derive(Debug)]
pub struct Refused {
    status: StatusCode,
    word: &'static str,
    wait: Option<Duration>,
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
}

impl Refused {
    /// With a status and a word.
    pub fn new(status: StatusCode, word: &'static str) -> Self {
        Self {
            status,
            word,
            wait: None,
        }
    }

    /// Too many tries: again after so long.
    pub fn wait(wait: Duration) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            word: "wait",
            wait: Some(wait),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(Body { error: self.word })).into_response();
        if let Some(wait) = self.wait {
            let seconds = HeaderValue::from(wait.as_secs() + 1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(refusal) => refusal.into(),
            Fault::Store(error) => {
                tracing::error!("{error}");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            }
            Fault::Away | Fault::Stopping => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            }
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let (status, word) = match refusal {
            Refusal::NoDepartment => (StatusCode::NOT_FOUND, "no-department"),
            Refusal::NoTicket => (StatusCode::NOT_FOUND, "no-ticket"),
            Refusal::NoDesk => (StatusCode::NOT_FOUND, "no-desk"),
            Refusal::HasTicket => (StatusCode::CONFLICT, "has-ticket"),
            Refusal::NoConversation => (StatusCode::CONFLICT, "no-conversation"),
            Refusal::NotItsTurn => (StatusCode::CONFLICT, "not-its-turn"),
            Refusal::Occupied => (StatusCode::CONFLICT, "occupied"),
            Refusal::Practises => (StatusCode::CONFLICT, "practises"),
            Refusal::NoPractice => (StatusCode::NOT_FOUND, "no-practice"),
            Refusal::Full => (StatusCode::SERVICE_UNAVAILABLE, "full"),
        };
        Self::new(status, word)
    }
}

/// Whoever sends something sends it in time; streams are asked for without a body.
async fn timely(request: Request, next: Next) -> Response {
    if request.method() == Method::GET {
        return next.run(request).await;
    }
    let late = || Refused::new(StatusCode::REQUEST_TIMEOUT, "late").into_response();
    timeout(ANSWER, next.run(request))
        .await
        .unwrap_or_else(|_| late())
}

/// What every answer to the outside says, and what every request is bound to.
pub fn bounded(router: Router, policy: &str) -> Router {
    let policy =
        HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    router
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn(timely))
        .layer(map_response(move |mut response: Response| {
            let policy = policy.clone();
            async move {
                let headers = response.headers_mut();
                let fixed = [
                    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                    (header::REFERRER_POLICY, "no-referrer"),
                    (header::X_FRAME_OPTIONS, "DENY"),
                    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
                ];
                for (name, value) in fixed {
                    headers.insert(name, HeaderValue::from_static(value));
                }
                headers.insert(header::CONTENT_SECURITY_POLICY, policy);
                headers
                    .entry(header::CACHE_CONTROL)
                    .or_insert(HeaderValue::from_static("no-store"));
                response
            }
        }))
}
