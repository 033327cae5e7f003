// SPDX-License-Identifier: EUPL-1.2
//! What Kamailio asks and tells, on loopback and with its secret.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::routing::post;
use axum::{Form, Router};
use serde::Deserialize;

use super::Refused;
use crate::account::Holder;
use crate::exchange::Exchange;
use crate::queue::Failure;

/// The routes, below `/control`.
pub fn routes() -> Router<Arc<Exchange>> {
    Router::new()
        .route("/desk", post(desk))
        .route("/registered", post(registered))
        .route("/targets", post(targets))
        .route("/answered", post(answered))
        .route("/failed", post(failed))
        .route("/ended", post(ended))
}

/// Kamailio.
struct Proxy;

impl FromRequestParts<Arc<Exchange>> for Proxy {
    type Rejection = Refused;

    async fn from_request_parts(
        parts: &mut Parts,
        exchange: &Arc<Exchange>,
    ) -> Result<Self, Refused> {
        let value = parts.headers.get(header::AUTHORIZATION);
        let token = value.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        if token.is_some_and(|token| exchange.is_control(token)) {
            Ok(Self)
        } else {
            Err(Refused::new(StatusCode::FORBIDDEN, "refused"))
        }
    }
}

/// The id in the user part of a desk's address.
fn desk_id(user: &str) -> Result<String, Refused> {
    match Holder::parse(user) {
        Some(Holder::Desk(id)) => Ok(id.to_owned()),
        _ => Err(Refused::new(StatusCode::NOT_FOUND, "no-desk")),
    }
}

#[derive(Deserialize)]
struct DeskForm {
    desk: String,
}

async fn desk(
    State(exchange): State<Arc<Exchange>>,
    _: Proxy,
    Form(form): Form<DeskForm>,
) -> Result<StatusCode, Refused> {
    let id = desk_id(&form.desk)?;
    if exchange.look(|queue, _| queue.is_signed_in(&id)).await {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refused::new(StatusCode::NOT_FOUND, "no-desk"))
    }
}

#[derive(Deserialize)]
struct RegisteredForm {
    desk: String,
    seconds: i64,
}

async fn registered(
    State(exchange): State<Arc<Exchange>>,
    _: Proxy,
    Form(form): Form<RegisteredForm>,
) -> Result<StatusCode, Refused> {
    let id = desk_id(&form.desk)?;
    let seconds = u64::try_from(form.seconds).unwrap_or_default().min(3600);
    exchange
        .tell(move |queue, now| {
            let until = (seconds > 0).then(|| now + Duration::from_secs(seconds));
            queue.register(now, &id, until)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct TargetsForm {
    ticket: String,
    terminal: String,
}

async fn targets(
    State(exchange): State<Arc<Exchange>>,
    _: Proxy,
    Form(form): Form<TargetsForm>,
) -> Result<String, Refused> {
    let desks = match Holder::parse(&form.terminal) {
        Some(Holder::Terminal(terminal)) => {
            let terminal = terminal.to_owned();
            exchange
                .act(move |queue, now| queue.invite(now, &form.ticket, &terminal))
                .await?
        }
        Some(Holder::Practice(practice)) => {
            let practice = practice.to_owned();
            let desk = exchange
                .act(move |queue, now| queue.invite_practice(now, &form.ticket, &practice))
                .await?;
            vec![desk]
        }
        _ => return Err(Refused::new(StatusCode::NOT_FOUND, "no-ticket")),
    };
    let names: Vec<String> = desks
        .iter()
        .map(|id| Holder::Desk(id).to_string())
        .collect();
    Ok(names.join(" "))
}

#[derive(Deserialize)]
struct AnsweredForm {
    ticket: String,
    desk: String,
}

async fn answered(
    State(exchange): State<Arc<Exchange>>,
    _: Proxy,
    Form(form): Form<AnsweredForm>,
) -> Result<StatusCode, Refused> {
    let id = desk_id(&form.desk)?;
    exchange
        .tell(move |queue, now| queue.answered(now, &form.ticket, &id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct FailedForm {
    ticket: String,
    code: u16,
}

async fn failed(
    State(exchange): State<Arc<Exchange>>,
    _: Proxy,
    Form(form): Form<FailedForm>,
) -> Result<StatusCode, Refused> {
    let failure = match form.code {
        487 => Failure::Cancelled,
        // None at all: no desk is registered.
        0 => Failure::Unreached,
        _ => Failure::Unanswered,
    };
    exchange
        .tell(move |queue, now| queue.failed(now, &form.ticket, failure))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct EndedForm {
    ticket: String,
}

async fn ended(
    State(exchange): State<Arc<Exchange>>,
    _: Proxy,
    Form(form): Form<EndedForm>,
) -> Result<StatusCode, Refused> {
    exchange
        .tell(move |queue, now| queue.ended(now, &form.ticket))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
