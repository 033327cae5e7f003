// SPDX-License-Identifier: EUPL-1.2
//! Practice (O10): a second page of a desk, known by the same cookie, plays a terminal. It may call this desk and nobody else, by an
//! account of its own that ends with the practice.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Refused;
use super::desk::Desk;
use super::events::follow;
use super::terminal::{TICKET, texts};
use crate::account::{Account, Holder};
use crate::exchange::Exchange;
use crate::queue::Refusal;
use crate::random;

/// The routes, below `/api/desk`.
pub fn routes() -> Router<Arc<Exchange>> {
    Router::new()
        .route("/practice", post(begin).delete(end_any))
        .route("/practice/{id}", get(events).delete(end))
        .route("/practice/{id}/call", post(call))
}

fn word() -> Result<String, Refused> {
    random::word::<TICKET>().map_err(|error| {
        tracing::error!("{error}");
        Refused::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    })
}

#[derive(Serialize)]
struct Begun<'a> {
    id: String,
    departments: Vec<DepartmentShown<'a>>,
}

#[derive(Serialize)]
struct DepartmentShown<'a> {
    id: &'a str,
    name: BTreeMap<&'static str, &'a str>,
}

/// Begins, whatever the hours are: those who practise do so when nobody comes.
async fn begin(
    State(exchange): State<Arc<Exchange>>,
    Desk(desk): Desk,
) -> Result<impl IntoResponse, Refused> {
    let id = word()?;
    let (new, asks) = (id.clone(), desk.clone());
    exchange
        .tell(move |queue, now| queue.begin_practice(now, &asks, new))
        .await?;
    let served = exchange.config.desk(&desk).map(|desk| &desk.departments);
    let departments = served.into_iter().flatten().filter_map(|id| {
        let department = exchange.config.department(id)?;
        Some(DepartmentShown {
            id: &department.id,
            name: texts(&department.name),
        })
    });
    let begun = Begun {
        id,
        departments: departments.collect(),
    };
    // What is borrowed of the configuration does not leave with the answer.
    Ok((StatusCode::CREATED, Json(serde_json::json!(begun))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    department: String,
}

#[derive(Serialize)]
struct Called {
    /// What to call, within twenty seconds.
    uri: String,
    account: Account,
}

async fn call(
    State(exchange): State<Arc<Exchange>>,
    Desk(desk): Desk,
    Path(id): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Result<impl IntoResponse, Refused> {
    let call = word()?;
    let (new, practice) = (call.clone(), id.clone());
    exchange
        .tell(move |queue, now| queue.call_practice(now, &desk, &practice, new, &wanted.department))
        .await?;
    let called = Called {
        uri: format!("sip:{call}@{}", exchange.config.domain),
        account: exchange.account(Holder::Practice(&id)),
    };
    Ok((StatusCode::CREATED, Json(called)))
}

/// The page's own end.
async fn end(
    State(exchange): State<Arc<Exchange>>,
    Desk(desk): Desk,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    exchange
        .tell(move |queue, now| queue.end_practice(now, &desk, Some(&id)))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The desk's end of whatever is practised.
async fn end_any(
    State(exchange): State<Arc<Exchange>>,
    Desk(desk): Desk,
) -> Result<StatusCode, Refused> {
    exchange
        .tell(move |queue, now| queue.end_practice(now, &desk, None))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct Shown {
    /// The desk can be rung.
    reachable: bool,
}

async fn events(
    State(exchange): State<Arc<Exchange>>,
    Desk(desk): Desk,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refused> {
    let reaches = exchange.look(|queue, now| queue.reaches(now, &desk, &id));
    reaches.await.ok_or(Refusal::NoPractice)?;
    let key = format!("practice.{id}");
    if exchange.watch(&key) {
        let (asks, practice) = (desk.clone(), id.clone());
        let watched = exchange
            .tell(move |queue, now| queue.watch_practice(now, &asks, &practice, true))
            .await;
        if let Err(fault) = watched {
            exchange.unwatch(&key);
            return Err(fault.into());
        }
    }
    let over = {
        let (exchange, desk, id) = (exchange.clone(), desk.clone(), id.clone());
        Box::new(move || {
            if exchange.unwatch(&key) {
                tokio::spawn(async move {
                    // It may be over already: then there is nothing to tell.
                    let _ = exchange
                        .tell(move |queue, now| queue.watch_practice(now, &desk, &id, false))
                        .await;
                });
            }
        })
    };
    let view = {
        let exchange = exchange.clone();
        move || {
            let (exchange, desk, id) = (exchange.clone(), desk.clone(), id.clone());
            let view: super::events::View = Box::pin(async move {
                let reaches = exchange.look(|queue, now| queue.reaches(now, &desk, &id));
                let reachable = reaches.await?;
                let text = serde_json::to_string(&Shown { reachable }).ok()?;
                Some((text.clone(), text))
            });
            view
        }
    };
    Ok(follow(&exchange, view, over))
}
