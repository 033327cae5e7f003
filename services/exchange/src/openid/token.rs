// SPDX-License-Identifier: EUPL-1.2
//! Whether a token says what it has to, and who says it (OpenID Connect Core 1.0, 3.1.3.7). Pure: the time is passed in.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::keys::{Algorithm, Keys, Unproven};

/// Characters of a token.
const ALL: usize = 32 * 1024;
/// Clocks may differ by so much.
const LEEWAY: Duration = Duration::from_mins(1);
/// A token that was made longer ago is none that was asked for now.
const FRESH: Duration = Duration::from_mins(10);
/// Characters of what a provider calls a person.
const SUBJECT: usize = 255;

/// What a token says of somebody.
pub type Claims = Map<String, Value>;

/// What a token has to be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who makes it.
    pub issuer: &'a str,
    /// Whom it is for.
    pub client: &'a str,
    /// Which sign-in it belongs to.
    pub nonce: &'a str,
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // Each says so itself.
pub enum TokenError {
    #[error("it is no token, or too long")]
    Form,
    #[error("it is not signed in a way that is allowed (RS256, PS256, ES256, EdDSA)")]
    Algorithm,
    #[error("it is signed with a key that the provider does not name")]
    NoKey,
    #[error("its signature is not the provider's")]
    Forged,
    #[error("somebody else made it (`iss`)")]
    Issuer,
    #[error("it is for somebody else (`aud`, `azp`)")]
    Audience,
    #[error("it is over, or not from now (`exp`, `iat`, `nbf`): do both clocks agree?")]
    Time,
    #[error("it belongs to another sign-in (`nonce`)")]
    Nonce,
    #[error("it names nobody (`sub`)")]
    Subject,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// What has to be understood; we understand nothing beyond the standard.
    crit: Option<Value>,
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Form)
}

/// What the token says, if all of it is right.
pub fn check(
    token: &str,
    keys: &Keys,
    expected: Expected<'_>,
    now: Duration,
) -> Result<Claims, TokenError> {
    if token.len() > ALL {
        return Err(TokenError::Form);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Form)?;
    let (header, claims) = message.split_once('.').ok_or(TokenError::Form)?;
    let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| TokenError::Form)?;
    let algorithm = Algorithm::named(&header.alg).ok_or(TokenError::Algorithm)?;
    if header.crit.is_some() {
        return Err(TokenError::Algorithm);
    }
    let key = (algorithm, header.kid.as_deref());
    // Nothing of what it says is looked at before it is known who says it.
    keys.verify(key, message.as_bytes(), &decoded(signature)?)
        .map_err(|unproven| match unproven {
            Unproven::NoKey => TokenError::NoKey,
            Unproven::Forged => TokenError::Forged,
        })?;
    let claims: Claims = serde_json::from_slice(&decoded(claims)?).map_err(|_| TokenError::Form)?;
    judge(&claims, expected, now)?;
    Ok(claims)
}

fn judge(claims: &Claims, expected: Expected<'_>, now: Duration) -> Result<(), TokenError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(TokenError::Issuer);
    }
    // For us and for nobody beside us: there is nobody else whom we trust.
    let ours = |value: &Value| value.as_str() == Some(expected.client);
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(all)) => !all.is_empty() && all.iter().all(ours),
        Some(one) => ours(one),
        None => false,
    };
    if !is_for_us || !claims.get("azp").is_none_or(ours) {
        return Err(TokenError::Audience);
    }
    if !is_of_now(claims, now) {
        return Err(TokenError::Time);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(TokenError::Nonce);
    }
    subject(claims).map(|_| ()).ok_or(TokenError::Subject)
}

/// Seconds since 1970; with a fraction too, as some write them.
fn seconds(value: &Value) -> Option<Duration> {
    Duration::try_from_secs_f64(value.as_f64()?).ok()
}

fn is_of_now(claims: &Claims, now: Duration) -> bool {
    let at = |name: &str| claims.get(name).and_then(seconds);
    let (Some(ends), Some(made)) = (at("exp"), at("iat")) else {
        return false;
    };
    let begins = match claims.get("nbf") {
        None => Some(Duration::ZERO),
        Some(value) => seconds(value),
    };
    let soon = now + LEEWAY;
    now < ends.saturating_add(LEEWAY)
        && made <= soon
        && now <= made.saturating_add(FRESH + LEEWAY)
        && begins.is_some_and(|begins| begins <= soon)
}

/// What the provider calls the person, always.
pub fn subject(claims: &Claims) -> Option<&str> {
    let subject = claims.get("sub")?.as_str()?;
    (1..=SUBJECT).contains(&subject.len()).then_some(subject)
}

#[cfg(test)]
mod tests;
