// SPDX-License-Identifier: EUPL-1.2
//! What a desk's page asks (D2). A desk is known by a cookie that only the browser sees.

use std::sync::Arc;

use api::secret::Secret;
use axum::extract::{Extension, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize as _;

use super::Refused;
use super::events::follow;
use super::{consultation, practice};
use crate::account::{Account, Holder};
use crate::exchange::Exchange;
use crate::queue::{Presence, Refusal};
use crate::random;
use crate::server::Peer;

/// `__Host-` binds it to this host, to TLS and to all of it.
const COOKIE: &str = "__Host-desk";
/// Characters of a token: 130 bits.
pub(super) const TOKEN: usize = 26;

/// The routes, below `/api/desk`.
pub fn routes() -> Router<Arc<Exchange>> {
    Router::new()
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/session", get(session))
        .route("/presence", post(presence))
        .route("/events", get(events))
        .route("/account", get(account))
        .merge(consultation::routes())
        .merge(practice::routes())
}

/// The desk that asks.
pub struct Desk(pub(super) String);

impl FromRequestParts<Arc<Exchange>> for Desk {
    type Rejection = Refused;

    async fn from_request_parts(
        parts: &mut Parts,
        exchange: &Arc<Exchange>,
    ) -> Result<Self, Refused> {
        same_origin(&parts.headers, exchange)?;
        let desk = token(&parts.headers).and_then(|token| exchange.desk_of(token));
        desk.map(Self).ok_or(signed_out())
    }
}

fn signed_out() -> Refused {
    Refused::new(StatusCode::UNAUTHORIZED, "signed-out")
}

fn token(headers: &HeaderMap) -> Option<&str> {
    word(headers, COOKIE)
}

/// The word that a cookie of ours has.
pub(super) fn word<'a>(headers: &'a HeaderMap, cookie: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(cookie)?.strip_prefix('='))
        .filter(|token| random::is_word(token, TOKEN))
}

/// Another page cannot ask in a clerk's name: the cookie is strict, and browsers say where a request is from.
fn same_origin(headers: &HeaderMap, exchange: &Exchange) -> Result<(), Refused> {
    match headers.get(header::ORIGIN) {
        Some(origin) if origin.as_bytes() != exchange.config.page().as_bytes() => {
            Err(Refused::new(StatusCode::FORBIDDEN, "other-origin"))
        }
        _ => Ok(()),
    }
}

/// The cookie of a session; an empty one, of no age, ends it.
pub(super) fn cookie(token: &str, age: Option<u64>) -> Result<HeaderValue, Refused> {
    let age = age.map_or(String::new(), |age| format!("; Max-Age={age}"));
    let text = format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict{age}");
    HeaderValue::from_str(&text)
        .map_err(|_| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "unavailable"))
}

/// A word that nobody can guess.
pub(super) fn guarded<const N: usize>() -> Result<String, Refused> {
    random::word::<N>().map_err(|error| {
        tracing::error!("{error}");
        Refused::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    desk: String,
    password: String,
}

impl Drop for SignIn {
    fn drop(&mut self) {
        self.password.zeroize();
    }
}

async fn sign_in(
    State(exchange): State<Arc<Exchange>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Json(mut given): Json<SignIn>,
) -> Result<impl IntoResponse, Refused> {
    same_origin(&headers, &exchange)?;
    let wrong = || Refused::new(StatusCode::UNAUTHORIZED, "wrong");
    if given.desk.len() > site::limits::ID {
        return Err(wrong());
    }
    let desk = std::mem::take(&mut given.desk);
    let password = Secret::new(std::mem::take(&mut given.password)).map_err(|_| wrong())?;
    exchange
        .begin_try(peer.address, &desk)
        .map_err(Refused::wait)?;
    let right = exchange.is_password(&desk, password).await?;
    // An account may be older than the configuration, and no way in any more.
    let desks = exchange.config.desk(&desk);
    if !right || !desks.is_some_and(|desk| exchange.config.takes_password(desk)) {
        return Err(wrong());
    }
    exchange.right_try(peer.address, &desk);
    let token = guarded::<TOKEN>()?;
    let id = desk.clone();
    exchange
        .tell(move |queue, now| queue.sign_in(now, &id))
        .await?;
    if !exchange.begin_session(&token, &desk) {
        exchange.signed_out(desk).await;
        return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "full"));
    }
    Ok((
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, cookie(&token, None)?)],
    ))
}

async fn sign_out(
    State(exchange): State<Arc<Exchange>>,
    headers: HeaderMap,
    _: Desk,
) -> Result<impl IntoResponse, Refused> {
    let ended = token(&headers).and_then(|token| exchange.end_session(token));
    let (desk, person) = ended.ok_or(signed_out())?;
    exchange.signed_out(desk).await;
    let next = person.and_then(|person| {
        let provider = exchange.providers.of(&person.authority)?;
        provider.leave(person.hint.as_deref())
    });
    let cookie = [(header::SET_COOKIE, cookie("", Some(0))?)];
    Ok(match next {
        None => (StatusCode::NO_CONTENT, cookie).into_response(),
        Some(next) => (cookie, Json(Next { next: next.into() })).into_response(),
    })
}

/// Where the browser goes to sign out at the provider too.
#[derive(Serialize)]
struct Next {
    next: String,
}

/// Who sits where.
#[derive(Serialize)]
struct Seated {
    desk: String,
    /// What their provider calls them, if it was one.
    person: String,
}

async fn session(
    State(exchange): State<Arc<Exchange>>,
    headers: HeaderMap,
    Desk(desk): Desk,
) -> Json<Seated> {
    let person = token(&headers).and_then(|token| exchange.person_of(token));
    Json(Seated {
        desk,
        person: person.map(|person| person.name).unwrap_or_default(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    presence: Presence,
}

async fn presence(
    State(exchange): State<Arc<Exchange>>,
    Desk(desk): Desk,
    Json(said): Json<Said>,
) -> Result<StatusCode, Refused> {
    exchange
        .tell(move |queue, now| queue.presence(now, &desk, said.presence))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn account(State(exchange): State<Arc<Exchange>>, Desk(desk): Desk) -> Json<Account> {
    Json(exchange.account(Holder::Desk(&desk)))
}

/// What the page shows. Nothing tells who it is that waits.
#[derive(Serialize)]
struct Shown {
    presence: Presence,
    talking: bool,
    /// The desk practises.
    practice: Option<Practised>,
    waiting: Vec<Waiting>,
}

/// What is practised, once it is called.
#[derive(Serialize)]
struct Practised {
    department: Option<String>,
    topic: Option<String>,
}

#[derive(Serialize)]
struct Waiting {
    department: String,
    /// What they came for, in the words of citizens.
    topic: String,
    /// For how many seconds when this was sent.
    waited: u64,
    /// Whether this desk rings for them.
    rings: bool,
}

async fn events(
    State(exchange): State<Arc<Exchange>>,
    headers: HeaderMap,
    Desk(desk): Desk,
) -> Result<impl IntoResponse, Refused> {
    let key = format!("desk.{desk}");
    let token = token(&headers).unwrap_or_default().to_owned();
    if exchange.watch(&key) {
        let id = desk.clone();
        let watched = exchange
            .tell(move |queue, now| queue.watch_desk(now, &id, true))
            .await;
        if let Err(fault) = watched {
            exchange.unwatch(&key);
            return Err(fault.into());
        }
    }
    let over = {
        let (exchange, desk) = (exchange.clone(), desk.clone());
        Box::new(move || {
            if exchange.unwatch(&key) {
                tokio::spawn(async move {
                    // Signed out meanwhile: then there is nothing to tell.
                    let _ = exchange
                        .tell(move |queue, now| queue.watch_desk(now, &desk, false))
                        .await;
                });
            }
        })
    };
    let view = {
        let exchange = exchange.clone();
        move || {
            let (exchange, desk, token) = (exchange.clone(), desk.clone(), token.clone());
            let view: super::events::View = Box::pin(async move {
                // A page that is open is in use; one that signed out elsewhere is over.
                exchange.desk_of(&token)?;
                let ((presence, waiters, talking), practice) = exchange
                    .look(|queue, now| {
                        let seen = queue.desk(now, &desk)?;
                        Ok::<_, Refusal>((seen, queue.practice_of(&desk)))
                    })
                    .await
                    .ok()?;
                let topic = |id: &String| {
                    let department = exchange.config.department(id)?;
                    Some(department.name.get(site::Language::De).to_owned())
                };
                let mut shown = Shown {
                    presence,
                    talking,
                    practice: practice.map(|practice| Practised {
                        topic: practice.department.as_ref().and_then(topic),
                        department: practice.department,
                    }),
                    waiting: Vec::new(),
                };
                for waiter in waiters {
                    shown.waiting.push(Waiting {
                        topic: topic(&waiter.department)?,
                        department: waiter.department,
                        waited: 0,
                        rings: waiter.rings,
                    });
                }
                // That time passes is no news.
                let key = serde_json::to_string(&shown).ok()?;
                let waits = exchange
                    .look(|queue, now| queue.desk(now, &desk))
                    .await
                    .ok()?
                    .1;
                for (shown, waiter) in shown.waiting.iter_mut().zip(waits) {
                    shown.waited = waiter.waited.as_secs();
                }
                Some((key, serde_json::to_string(&shown).ok()?))
            });
            view
        }
    };
    Ok(follow(&exchange, view, over))
}
