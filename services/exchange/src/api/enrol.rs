// SPDX-License-Identifier: EUPL-1.2
//! A terminal comes for the first time: a one-time code and a signing request become its certificate.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Refused;
use crate::exchange::Exchange;
use crate::identity::IdentityError;
use crate::random;
use crate::server::Peer;

/// Characters of a code: 60 bits, typed once by a person.
pub const CODE: usize = 12;
/// A code holds so long.
pub const HOLDS: Duration = Duration::from_hours(24);

/// The route.
pub fn routes() -> Router<Arc<Exchange>> {
    Router::new().route("/enrol", post(enrol))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    terminal: String,
    code: String,
    /// PKCS #10 in PEM.
    request: String,
}

#[derive(Serialize)]
struct Enrolled {
    /// Its certificate in PEM.
    certificate: String,
    /// That of who certified it.
    authority: String,
}

async fn enrol(
    State(exchange): State<Arc<Exchange>>,
    Extension(peer): Extension<Peer>,
    Json(asked): Json<Asked>,
) -> Result<(StatusCode, Json<Enrolled>), Refused> {
    let refused = || Refused::new(StatusCode::FORBIDDEN, "refused");
    // People group what they type.
    let code: String = asked
        .code
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .collect();
    if asked.terminal.len() > site::limits::ID || !random::is_word(&code, CODE) {
        return Err(refused());
    }
    exchange
        .begin_try(peer.address, "enrol")
        .map_err(Refused::wait)?;
    if exchange.config.terminal(&asked.terminal).is_none() {
        return Err(refused());
    }
    let (certificate, der) = match exchange.authority.certify(&asked.terminal, &asked.request) {
        Ok(certified) => certified,
        Err(IdentityError::Request) => {
            return Err(Refused::new(StatusCode::BAD_REQUEST, "request"));
        }
        Err(error) => {
            tracing::error!("{error}");
            return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable"));
        }
    };
    // The certificate is nothing worth without the code: it is known by what the store keeps.
    if !exchange.enrol(&asked.terminal, &code, &der).await? {
        return Err(refused());
    }
    exchange.right_try(peer.address, "enrol");
    tracing::info!("the terminal {} is enrolled", asked.terminal);
    let authority = exchange.authority.pem().to_owned();
    Ok((
        StatusCode::CREATED,
        Json(Enrolled {
            certificate,
            authority,
        }),
    ))
}
