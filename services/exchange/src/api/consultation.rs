// SPDX-License-Identifier: EUPL-1.2
//! What a clerk does with a conversation beside talking: hands it over (D8), and says how it was left (O5).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Refused;
use super::desk::Desk;
use super::terminal::texts;
use crate::config::Department;
use crate::directory::{Opening, opening};
use crate::exchange::Exchange;
use crate::queue::Effect;

/// The routes, below `/api/desk`.
pub fn routes() -> Router<Arc<Exchange>> {
    Router::new()
        .route("/departments", get(departments))
        .route("/hand-over", post(hand_over))
        .route("/outcome", post(outcome))
}

/// The departments of the authority whose desk it is: a clerk hands nobody to a stranger.
fn within<'a>(exchange: &'a Exchange, desk: &str) -> impl Iterator<Item = &'a Department> {
    let config = &exchange.config;
    let served = config.desk(desk).map(|desk| &desk.departments);
    let own = served
        .and_then(|served| served.iter().find_map(|id| config.department(id)))
        .map(|department| department.authority.as_str());
    config
        .departments
        .iter()
        .filter(move |department| Some(department.authority.as_str()) == own)
}

fn is_open(exchange: &Exchange, department: &Department) -> bool {
    let now = jiff::Zoned::now();
    matches!(
        opening(&exchange.config, department, &now),
        Opening::Open { .. }
    )
}

#[derive(Serialize)]
struct DepartmentShown<'a> {
    id: &'a str,
    name: BTreeMap<&'static str, &'a str>,
    open: bool,
    waiting: usize,
}

async fn departments(
    State(exchange): State<Arc<Exchange>>,
    Desk(desk): Desk,
) -> Json<serde_json::Value> {
    let mut shown = Vec::new();
    for department in within(&exchange, &desk) {
        let (waiting, _) = exchange
            .look(|queue, now| queue.outlook(now, &department.id))
            .await;
        shown.push(DepartmentShown {
            id: &department.id,
            name: texts(&department.name),
            open: is_open(&exchange, department),
            waiting,
        });
    }
    Json(serde_json::json!(shown))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Handed {
    department: String,
}

async fn hand_over(
    State(exchange): State<Arc<Exchange>>,
    Desk(desk): Desk,
    Json(handed): Json<Handed>,
) -> Result<StatusCode, Refused> {
    let department = within(&exchange, &desk)
        .find(|department| department.id == handed.department)
        .ok_or(Refused::new(StatusCode::NOT_FOUND, "no-department"))?;
    if !is_open(&exchange, department) {
        return Err(Refused::new(StatusCode::CONFLICT, "closed"));
    }
    exchange
        .tell(move |queue, now| queue.hand_over(now, &desk, &handed.department))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How a conversation can be left.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Done,
    FollowUp,
    Unresolved,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Left {
    outcome: Outcome,
}

async fn outcome(
    State(exchange): State<Arc<Exchange>>,
    Desk(desk): Desk,
    Json(left): Json<Left>,
) -> Result<StatusCode, Refused> {
    let day = jiff::Zoned::now()
        .with_time_zone(exchange.config.time_zone.clone())
        .date()
        .to_string();
    let outcome = match left.outcome {
        Outcome::Done => "done",
        Outcome::FollowUp => "follow-up",
        Outcome::Unresolved => "unresolved",
    };
    exchange
        .tell(move |queue, _| {
            let department = queue.outcome(&desk)?;
            Ok(vec![Effect::Counted {
                day,
                department,
                outcome,
            }])
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
