// SPDX-License-Identifier: EUPL-1.2
//! What a terminal asks. It is known by its certificate, and sees only the authorities that are named for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Extension, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use site::{Kind, Language, Text};

use super::Refused;
use super::events::follow;
use crate::account::{Account, Holder};
use crate::config::Department;
use crate::directory::{Opening, Why, opening};
use crate::exchange::Exchange;
use crate::queue::{Phase, Standing};
use crate::random;
use crate::server::Peer;

/// Characters of a ticket: 130 bits. Who knows one may call it, and nobody guesses it.
pub const TICKET: usize = 26;

/// The routes, below `/api/terminal`.
pub fn routes() -> Router<Arc<Exchange>> {
    Router::new()
        .route("/directory", get(directory))
        .route("/account", get(account))
        .route("/tickets", get(own).post(take))
        .route("/tickets/{id}", get(ticket).delete(leave))
}

/// The terminal that asks.
pub struct Terminal(String);

impl FromRequestParts<Arc<Exchange>> for Terminal {
    type Rejection = Refused;

    async fn from_request_parts(
        parts: &mut Parts,
        exchange: &Arc<Exchange>,
    ) -> Result<Self, Refused> {
        let refused = || Refused::new(StatusCode::FORBIDDEN, "not-enrolled");
        let peer = parts.extensions.get::<Peer>().ok_or(refused())?;
        let certificate = peer.certificate.clone().ok_or(refused())?;
        let known = exchange.terminal_of(&certificate).await?;
        let id = known.ok_or(refused())?;
        if exchange.config.terminal(&id).is_none() {
            return Err(refused());
        }
        Ok(Self(id))
    }
}

#[derive(Serialize)]
struct AuthorityShown<'a> {
    id: &'a str,
    kind: &'static str,
    name: BTreeMap<&'static str, &'a str>,
    departments: Vec<DepartmentShown<'a>>,
}

#[derive(Serialize)]
struct DepartmentShown<'a> {
    id: &'a str,
    name: BTreeMap<&'static str, &'a str>,
    open: bool,
    /// `HH:MM` on the clock of the place, while open.
    until: Option<String>,
    /// A holiday's word, or `absence`.
    why: Option<&'static str>,
    /// What people are told of an absence.
    note: Option<BTreeMap<&'static str, &'a str>>,
    /// When it opens next, while closed.
    next: Option<NextShown>,
    /// How many wait.
    waiting: usize,
    /// Seconds that somebody would wait; missing where that is not known.
    wait: Option<u64>,
}

#[derive(Serialize)]
struct NextShown {
    day: String,
    from: String,
    to: String,
}

pub(super) fn texts(text: &Text) -> BTreeMap<&'static str, &str> {
    Language::ALL
        .into_iter()
        .filter(|language| text.language(*language) == *language)
        .map(|language| (language.tag(), text.get(language)))
        .collect()
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Municipality => "municipality",
        Kind::District => "district",
        Kind::State => "state",
        Kind::Federal => "federal",
        Kind::ThirdParty => "third-party",
    }
}

async fn directory(
    State(exchange): State<Arc<Exchange>>,
    Terminal(terminal): Terminal,
) -> Result<Response, Refused> {
    let config = &exchange.config;
    let allowed = config
        .terminal(&terminal)
        .map(|terminal| &terminal.authorities);
    let now = jiff::Zoned::now();
    let mut shown = Vec::new();
    for authority in &config.authorities {
        if !allowed.is_some_and(|allowed| allowed.contains(&authority.id)) {
            continue;
        }
        let mut departments = Vec::new();
        for department in config
            .departments
            .iter()
            .filter(|d| d.authority == authority.id)
        {
            let (waiting, wait) = exchange
                .look(|queue, now| queue.outlook(now, &department.id))
                .await;
            let wait = wait.map(|wait| wait.as_secs());
            departments.push(shown_department(&exchange, department, &now, waiting, wait));
        }
        shown.push(AuthorityShown {
            id: &authority.id,
            kind: kind(authority.kind),
            name: texts(&authority.name),
            departments,
        });
    }
    Ok(Json(shown).into_response())
}

fn shown_department<'a>(
    exchange: &'a Exchange,
    department: &'a Department,
    now: &jiff::Zoned,
    waiting: usize,
    wait: Option<u64>,
) -> DepartmentShown<'a> {
    let mut shown = DepartmentShown {
        id: &department.id,
        name: texts(&department.name),
        open: false,
        until: None,
        why: None,
        note: None,
        next: None,
        waiting,
        wait,
    };
    match opening(&exchange.config, department, now) {
        Opening::Open { until } => {
            shown.open = true;
            shown.until = Some(until.to_string());
        }
        Opening::Closed { why, next } => {
            shown.wait = None;
            match why {
                Some(Why::Holiday(holiday)) => shown.why = Some(holiday.word()),
                Some(Why::Absence(absence)) => {
                    shown.why = Some("absence");
                    shown.note = absence.note.as_ref().map(texts);
                }
                None => {}
            }
            shown.next = next.map(|(day, period)| NextShown {
                day: day.to_string(),
                from: period.from.to_string(),
                to: period.to.to_string(),
            });
        }
    }
    shown
}

async fn account(
    State(exchange): State<Arc<Exchange>>,
    Terminal(terminal): Terminal,
) -> Json<Account> {
    Json(exchange.account(Holder::Terminal(&terminal)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    department: String,
}

#[derive(Serialize)]
struct TicketShown {
    id: String,
    /// What to call when it is called.
    uri: String,
    #[serde(flatten)]
    standing: StandingShown,
}

#[derive(Serialize)]
struct StandingShown {
    phase: Phase,
    position: usize,
    /// Seconds that it will still wait; missing where that is not known.
    wait: Option<u64>,
}

impl TicketShown {
    fn new(exchange: &Exchange, id: String, standing: Standing) -> Self {
        Self {
            uri: format!("sip:{id}@{}", exchange.config.domain),
            id,
            standing: StandingShown {
                phase: standing.phase,
                position: standing.position,
                wait: standing.wait.map(|wait| wait.as_secs()),
            },
        }
    }
}

async fn take(
    State(exchange): State<Arc<Exchange>>,
    Terminal(terminal): Terminal,
    Json(wanted): Json<Wanted>,
) -> Result<impl IntoResponse, Refused> {
    let none = || Refused::new(StatusCode::NOT_FOUND, "no-department");
    let department = exchange
        .config
        .department(&wanted.department)
        .ok_or(none())?;
    let allowed = exchange.config.terminal(&terminal).ok_or(none())?;
    if !allowed.authorities.contains(&department.authority) {
        return Err(none());
    }
    let now = jiff::Zoned::now();
    if !matches!(
        opening(&exchange.config, department, &now),
        Opening::Open { .. }
    ) {
        return Err(Refused::new(StatusCode::CONFLICT, "closed"));
    }
    let id = random::word::<TICKET>().map_err(|error| {
        tracing::error!("{error}");
        Refused::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    })?;
    let (new, department) = (id.clone(), department.id.clone());
    let (gone, whose) = (id.clone(), terminal.clone());
    let standing = exchange
        .insist(
            move |queue, now| {
                let effects = queue.take(now, new.clone(), &terminal, &department)?;
                Ok((queue.standing(now, &new, &terminal)?, effects))
            },
            move |queue, now| queue.leave(now, &gone, &whose),
        )
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(TicketShown::new(&exchange, id, standing)),
    ))
}

/// A program that fell finds its ticket again.
async fn own(
    State(exchange): State<Arc<Exchange>>,
    Terminal(terminal): Terminal,
) -> Result<Response, Refused> {
    let found = exchange
        .look(|queue, now| {
            let id = queue.ticket_of(&terminal)?.to_owned();
            let standing = queue.standing(now, &id, &terminal);
            Some(standing.map(|standing| (id, standing)))
        })
        .await
        .transpose()?;
    let shown: Vec<TicketShown> = found
        .into_iter()
        .map(|(id, standing)| TicketShown::new(&exchange, id, standing))
        .collect();
    Ok(Json(shown).into_response())
}

async fn leave(
    State(exchange): State<Arc<Exchange>>,
    Terminal(terminal): Terminal,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    exchange
        .tell(move |queue, now| queue.leave(now, &id, &terminal))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn ticket(
    State(exchange): State<Arc<Exchange>>,
    Extension(_): Extension<Peer>,
    headers: HeaderMap,
    Terminal(terminal): Terminal,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let standing = exchange
        .look(|queue, now| queue.standing(now, &id, &terminal))
        .await?;
    let streams =
        |accept: &axum::http::HeaderValue| accept.as_bytes().starts_with(b"text/event-stream");
    if !headers.get(header::ACCEPT).is_some_and(streams) {
        return Ok(Json(TicketShown::new(&exchange, id, standing)).into_response());
    }
    let key = format!("ticket.{id}");
    if exchange.watch(&key) {
        let (id, terminal) = (id.clone(), terminal.clone());
        let watched = exchange
            .tell(move |queue, now| queue.watch_ticket(now, &id, &terminal, true))
            .await;
        if let Err(fault) = watched {
            exchange.unwatch(&key);
            return Err(fault.into());
        }
    }
    let over = {
        let (exchange, id, terminal) = (exchange.clone(), id.clone(), terminal.clone());
        Box::new(move || {
            if exchange.unwatch(&key) {
                tokio::spawn(async move {
                    // The ticket may be gone: then there is nothing to tell.
                    let _ = exchange
                        .tell(move |queue, now| queue.watch_ticket(now, &id, &terminal, false))
                        .await;
                });
            }
        })
    };
    let view = {
        let exchange = exchange.clone();
        move || {
            let (exchange, id, terminal) = (exchange.clone(), id.clone(), terminal.clone());
            let view: super::events::View = Box::pin(async move {
                let standing = exchange
                    .look(|queue, now| queue.standing(now, &id, &terminal))
                    .await
                    .ok()?;
                // A minute is as exact as it gets.
                let minute = standing.wait.map(|wait| wait.as_secs() / 60);
                let key = format!("{:?} {} {minute:?}", standing.phase, standing.position);
                let text =
                    serde_json::to_string(&TicketShown::new(&exchange, id, standing)).ok()?;
                Some((key, text))
            });
            view
        }
    };
    Ok(follow(&exchange, view, over).into_response())
}
