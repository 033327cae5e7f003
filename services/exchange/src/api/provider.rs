// SPDX-License-Identifier: EUPL-1.2
//! A clerk's browser on its way to the identity provider of its authority, and back (D2). Whatever goes wrong on the way ends at the sign-in page,
//! with a word that it has words for.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use zeroize::Zeroizing;

use super::Refused;
use super::desk::{TOKEN, cookie, guarded, word};
use super::terminal::texts;
use crate::exchange::Exchange;
use crate::openid::callback::{Callback, STATE};
use crate::openid::pending::{Begun, LASTS};
use crate::openid::{Arrived, VERIFIER};
use crate::server::Peer;
use crate::session::{NoPlace, Person};

/// It says which browser began a sign-in. A provider sends the browser back from another site, so it is not strict; it is worth nothing but
/// together with `state`, once.
const COOKIE: &str = "__Host-sign-in";

/// The routes, below `/api/desk`.
pub fn routes() -> Router<Arc<Exchange>> {
    Router::new()
        .route("/ways", get(ways))
        .route("/provider/{authority}", get(begin))
        .route("/provider/{authority}/callback", get(callback))
}

/// How one can sign in.
#[derive(Serialize)]
struct Ways<'a> {
    /// With a desk's own password.
    passwords: bool,
    providers: Vec<Offered<'a>>,
}

/// An authority whose clerks have accounts.
#[derive(Serialize)]
struct Offered<'a> {
    authority: &'a str,
    name: BTreeMap<&'static str, &'a str>,
    label: Option<BTreeMap<&'static str, &'a str>>,
}

async fn ways(State(exchange): State<Arc<Exchange>>) -> Json<serde_json::Value> {
    let config = &exchange.config;
    let mut desks = config.desks.iter();
    let ways = Ways {
        passwords: desks.any(|desk| config.takes_password(desk)),
        providers: config
            .authorities
            .iter()
            .filter_map(|authority| {
                let provider = authority.provider.as_ref()?;
                Some(Offered {
                    authority: &authority.id,
                    name: texts(&authority.name),
                    label: provider.label.as_ref().map(texts),
                })
            })
            .collect(),
    };
    Json(serde_json::json!(ways))
}

/// Where the browser goes next, and what it keeps.
fn go(to: &str, cookies: Vec<HeaderValue>) -> Result<Response, Refused> {
    let to = HeaderValue::from_str(to)
        .map_err(|_| Refused::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable"))?;
    let cookies = cookies
        .into_iter()
        .map(|cookie| (header::SET_COOKIE, cookie));
    Ok((
        StatusCode::SEE_OTHER,
        [(header::LOCATION, to)],
        AppendHeaders(cookies.collect::<Vec<_>>()),
    )
        .into_response())
}

/// Back to the sign-in page, which says why.
fn back(word: &str, cookies: Vec<HeaderValue>) -> Result<Response, Refused> {
    go(&format!("/?sign-in={word}"), cookies)
}

fn browser(word: &str, age: u64) -> Result<HeaderValue, Refused> {
    let text = format!("{COOKIE}={word}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}");
    HeaderValue::from_str(&text)
        .map_err(|_| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "unavailable"))
}

/// Our own page sent the browser here, or somebody who typed the address; no other page signs a clerk in.
fn is_asked_for(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_none_or(|from| matches!(from.as_bytes(), b"same-origin" | b"none"))
}

async fn begin(
    State(exchange): State<Arc<Exchange>>,
    Extension(peer): Extension<Peer>,
    Path(authority): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let Some(provider) = exchange.providers.of(&authority) else {
        return Err(Refused::new(StatusCode::NOT_FOUND, "no-provider"));
    };
    if !is_asked_for(&headers) {
        return Err(Refused::new(StatusCode::FORBIDDEN, "other-origin"));
    }
    let begun = Begun {
        authority: authority.clone(),
        nonce: guarded::<TOKEN>()?,
        verifier: Zeroizing::new(guarded::<VERIFIER>()?),
    };
    let (state, token) = (guarded::<STATE>()?, guarded::<TOKEN>()?);
    let url = match provider.send(&state, &begun).await {
        Ok(url) => url,
        Err(fault) => {
            tracing::error!("the identity provider of {authority}: {fault}");
            return back(fault.word(), Vec::new());
        }
    };
    if !exchange.send_off(peer.address, (&state, &token), begun) {
        return back("full", Vec::new());
    }
    go(url.as_str(), vec![browser(&token, LASTS.as_secs())?])
}

async fn callback(
    State(exchange): State<Arc<Exchange>>,
    Path(authority): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let forget = browser("", 0)?;
    let read = Callback::read(query.as_deref().unwrap_or_default());
    let known = read.and_then(|callback| {
        // Without a cookie too it is over: whoever knows the state is not to try again.
        let cookie = word(&headers, COOKIE).unwrap_or_default();
        let begun = exchange.come_back(&callback.state, cookie)?;
        Some((callback, begun)).filter(|(_, begun)| begun.authority == authority)
    });
    // Too late, a second time, or with another browser.
    let (Some((callback, begun)), Some(provider)) = (known, exchange.providers.of(&authority))
    else {
        return back("late", vec![forget]);
    };
    let arrived = match provider.arrive(&begun, callback).await {
        Ok(arrived) => arrived,
        Err(fault) => {
            // What it is about is told to whoever runs the exchange; of the person nothing.
            tracing::warn!("the identity provider of {authority}: {fault}");
            return back(fault.word(), vec![forget]);
        }
    };
    let Arrived {
        subject,
        name,
        desks,
        hint,
    } = arrived;
    let person = Person {
        authority,
        subject,
        name,
        hint,
    };
    let token = guarded::<TOKEN>()?;
    let desk = match exchange.sit(&token, &desks, person) {
        Ok(desk) => desk,
        Err(NoPlace::Taken) => return back("taken", vec![forget]),
        Err(NoPlace::Full) => return back("full", vec![forget]),
    };
    let told = exchange
        .tell(move |queue, now| queue.sign_in(now, &desk))
        .await;
    if let Err(fault) = told {
        exchange.end_session(&token);
        return Err(fault.into());
    }
    go("/", vec![forget, cookie(&token, None)?])
}
