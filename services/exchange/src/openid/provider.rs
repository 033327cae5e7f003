// SPDX-License-Identifier: EUPL-1.2
//! What is asked of a provider, and what of its answers is believed.

use std::sync::Arc;
use std::time::Duration;

use api::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use rustls::RootCertStore;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;
use url::{Url, form_urlencoded};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::callback::{Callback, is_word};
use super::client::{Client, Question};
use super::keys::{self, Keys};
use super::known::Known;
use super::metadata::{self, Metadata};
use super::pending::Begun;
use super::token::{self, Claims, Expected, TokenError};
use super::{Arrived, Fault, ProviderError, person};
use crate::config;
use crate::exchange::since_1970;
use crate::given;

/// Before somebody is sent to a provider, and after they are back, no more time goes by.
const PATIENCE: Duration = Duration::from_secs(15);
/// So many people at once are asked about; a provider that is silent holds up no more.
const ROOM: usize = 64;
/// Bytes of an answer with tokens, or of what is said of a person.
const ANSWER: usize = 128 * 1024;
/// Characters of a token that is kept, to sign out with.
const HINT: usize = 6 * 1024;

/// The identity provider of an authority.
pub struct Provider {
    named: config::Provider,
    secret: Secret,
    client: Client,
    /// Where a browser comes back to.
    callback: String,
    /// And where it does after signing out.
    home: String,
    room: Semaphore,
    known: Mutex<Known>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Provider").field(&self.named.issuer).finish()
    }
}

#[derive(Deserialize, ZeroizeOnDrop)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

fn roots(named: &config::Provider, authority: &str) -> Result<RootCertStore, ProviderError> {
    let mut roots = RootCertStore::empty();
    // What of them cannot be read is not needed where the others are.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &named.authority {
        let (_, all) = given::certificates(path).map_err(|error| ProviderError::File {
            authority: authority.to_owned(),
            error,
        })?;
        for certificate in all {
            roots
                .add(certificate)
                .map_err(|error| ProviderError::Trust {
                    authority: authority.to_owned(),
                    why: error.to_string(),
                })?;
        }
    }
    Ok(roots)
}

impl Provider {
    /// Reads what the configuration names.
    pub(super) fn read(
        named: &config::Provider,
        authority: &str,
        page: &str,
    ) -> Result<Self, ProviderError> {
        let owned = || authority.to_owned();
        let credential = format!("exchange.provider.{authority}");
        let secret = given::secret(named.secret.as_deref(), &credential)
            .map_err(|error| ProviderError::File {
                authority: owned(),
                error,
            })?
            .ok_or_else(|| ProviderError::NoSecret { authority: owned() })?;
        let client =
            Client::new(roots(named, authority)?).map_err(|error| ProviderError::Trust {
                authority: owned(),
                why: error.to_string(),
            })?;
        Ok(Self {
            named: named.clone(),
            secret,
            client,
            callback: format!("{page}/api/desk/provider/{authority}/callback"),
            home: format!("{page}/"),
            room: Semaphore::new(ROOM),
            known: Mutex::default(),
        })
    }

    /// Where a browser is sent to, for this sign-in.
    pub async fn send(&self, state: &str, begun: &Begun) -> Result<Url, Fault> {
        let metadata = self.bounded(self.metadata()).await?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.verifier.as_bytes()));
        let scopes = [&["openid".to_owned()], self.named.scopes.as_slice()].concat();
        let mut url = metadata.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.named.client)
            .append_pair("redirect_uri", &self.callback)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", state)
            .append_pair("nonce", &begun.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    /// Who it is that came back.
    pub async fn arrive(&self, begun: &Begun, callback: Callback) -> Result<Arrived, Fault> {
        self.bounded(self.ask(begun, callback)).await
    }

    /// Where somebody signs out there too, as far as is known.
    pub fn leave(&self, hint: Option<&str>) -> Option<Url> {
        // Nobody waits for a provider to sign out.
        let known = self.known.try_lock().ok()?.last();
        let mut url = known?.end.clone()?;
        {
            let mut query = url.query_pairs_mut();
            if let Some(hint) = hint {
                query.append_pair("id_token_hint", hint);
            }
            query
                .append_pair("client_id", &self.named.client)
                .append_pair("post_logout_redirect_uri", &self.home);
        }
        Some(url)
    }

    /// With an end, and for a few at a time.
    async fn bounded<T>(&self, asked: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let Ok(_place) = self.room.try_acquire() else {
            return Err(Fault::Busy);
        };
        timeout(PATIENCE, asked).await.unwrap_or(Err(Fault::Busy))
    }

    async fn ask(&self, begun: &Begun, callback: Callback) -> Result<Arrived, Fault> {
        let metadata = self.metadata().await?;
        // Another provider may have sent the browser here with our state (RFC 9207).
        let named = callback.issuer.as_deref();
        if named.is_some_and(|named| named != self.named.issuer)
            || (named.is_none() && metadata.says_issuer)
        {
            return Err(Fault::Odd("another provider sent the browser back (`iss`)"));
        }
        let code = callback.said.map_err(Fault::Refused)?;
        let tokens = self.tokens(&metadata, begun, &code).await?;
        let mut claims = self.claims(&metadata, begun, &tokens.id_token).await?;
        if person::is_incomplete(&claims, &self.named)
            && let (Some(url), Some(access)) = (&metadata.person, &tokens.access_token)
        {
            let more = self.more(url, access).await?;
            if !person::complete(&mut claims, more) {
                return Err(Fault::Odd("it says more of somebody else (`sub`)"));
            }
        }
        let desks = person::desks(&claims, &self.named);
        if desks.is_empty() {
            return Err(Fault::NoDesk);
        }
        let hint = (tokens.id_token.len() <= HINT).then(|| tokens.id_token.clone());
        Ok(Arrived {
            subject: token::subject(&claims).unwrap_or_default().to_owned(),
            name: person::name(&claims, &self.named.person),
            desks,
            hint,
        })
    }

    /// How it describes itself; it is asked by one of all who want to know.
    async fn metadata(&self) -> Result<Arc<Metadata>, Fault> {
        let mut known = self.known.lock().await;
        if let Some(metadata) = known.metadata(since_1970()) {
            return Ok(metadata);
        }
        if !known.asks(since_1970()) {
            return Err(Fault::Busy);
        }
        let url = Metadata::place(&self.named.issuer).ok_or(Fault::Odd("it has no address"))?;
        let bytes = self.read_at(url, metadata::ALL).await?;
        let metadata = Metadata::read(&bytes, &self.named.issuer).map_err(Fault::Odd)?;
        Ok(known.described(since_1970(), metadata))
    }

    async fn keys(
        &self,
        metadata: &Metadata,
        unknown: Option<&Arc<Keys>>,
    ) -> Result<Arc<Keys>, Fault> {
        let mut known = self.known.lock().await;
        let now = since_1970();
        if let Some(keys) = known.keys(now)
            && !unknown.is_some_and(|used| known.asks_anew(now, used))
        {
            return Ok(keys);
        }
        let bytes = self.read_at(metadata.keys.clone(), keys::ALL).await?;
        let keys = Keys::read(&bytes).ok_or(Fault::Odd("its keys are none"))?;
        Ok(known.keyed(since_1970(), keys))
    }

    async fn claims(
        &self,
        metadata: &Metadata,
        begun: &Begun,
        token: &str,
    ) -> Result<Claims, Fault> {
        let expected = Expected {
            issuer: &self.named.issuer,
            client: &self.named.client,
            nonce: &begun.nonce,
        };
        let keys = self.keys(metadata, None).await?;
        match token::check(token, &keys, expected, since_1970()) {
            // It may have a new one.
            Err(TokenError::NoKey) => {
                let keys = self.keys(metadata, Some(&keys)).await?;
                Ok(token::check(token, &keys, expected, since_1970())?)
            }
            checked => Ok(checked?),
        }
    }

    async fn read_at(&self, url: Url, longest: usize) -> Result<Bytes, Fault> {
        let question = Question {
            url,
            authorization: None,
            form: None,
            longest,
        };
        match self.client.ask(question).await? {
            (StatusCode::OK, bytes) => Ok(bytes),
            (status, _) => Err(Fault::Fails(status)),
        }
    }

    async fn tokens(
        &self,
        metadata: &Metadata,
        begun: &Begun,
        code: &str,
    ) -> Result<Tokens, Fault> {
        let question = self.question(metadata, begun, code)?;
        let (status, bytes) = self.client.ask(question).await?;
        if status == StatusCode::OK {
            return serde_json::from_slice(&bytes)
                .map_err(|_| Fault::Odd("it gave no `id_token` for the code"));
        }
        if !status.is_client_error() {
            return Err(Fault::Fails(status));
        }
        let said = serde_json::from_slice(&bytes).map(|Refusal { error }| error);
        let said = said.ok().filter(|said| is_word(said));
        Err(match said.as_deref() {
            Some("invalid_grant") => Fault::Over,
            Some("invalid_client" | "unauthorized_client") | None => {
                Fault::Unknown(said.unwrap_or_else(|| status.to_string()))
            }
            Some(said) => Fault::Refused(said.to_owned()),
        })
    }

    /// A code becomes tokens by this.
    fn question(&self, metadata: &Metadata, begun: &Begun, code: &str) -> Result<Question, Fault> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.callback)
            .append_pair("code_verifier", &begun.verifier);
        let secret = self.secret.expose();
        let authorization = if metadata.in_body {
            form.append_pair("client_id", &self.named.client)
                .append_pair("client_secret", secret);
            None
        } else {
            Some(basic(&self.named.client, secret)?)
        };
        Ok(Question {
            url: metadata.token.clone(),
            authorization,
            form: Some(form.finish()),
            longest: ANSWER,
        })
    }

    /// What it says of the person beside the token.
    async fn more(&self, url: &Url, access: &str) -> Result<Claims, Fault> {
        let bearer = Zeroizing::new(format!("Bearer {access}"));
        let mut bearer =
            HeaderValue::from_str(&bearer).map_err(|_| Fault::Odd("its access token is none"))?;
        bearer.set_sensitive(true);
        let question = Question {
            url: url.clone(),
            authorization: Some(bearer),
            form: None,
            longest: ANSWER,
        };
        match self.client.ask(question).await? {
            (StatusCode::OK, bytes) => serde_json::from_slice(&bytes)
                .map_err(|_| Fault::Odd("what it says of a person cannot be read")),
            (status, _) => Err(Fault::Fails(status)),
        }
    }
}

/// RFC 6749, 2.3.1.
fn basic(client: &str, secret: &str) -> Result<HeaderValue, Fault> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let both = Zeroizing::new(format!("{}:{}", encoded(client), encoded(secret)));
    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(both.as_bytes())));
    let mut header = HeaderValue::from_str(&text).map_err(|_| Fault::Odd("`client` is no name"))?;
    header.set_sensitive(true);
    Ok(header)
}
