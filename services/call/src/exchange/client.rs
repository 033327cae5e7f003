// SPDX-License-Identifier: EUPL-1.2
//! HTTPS to the exchange, by hyper: one request for each connection, whose TLS is resumed. It trusts the certificates of the site alone,
//! and proves itself with its own where it has one.

use std::error::Error as StdError;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::answer;

/// Each step of a request may take so long.
const STEP: Duration = Duration::from_secs(5);
/// The most bytes of an answer.
const ANSWER: usize = 64 * 1024;

/// Where the exchange is, and whom it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The name in its certificate.
    pub domain: String,
    /// Its address, where the name is not looked up.
    pub address: Option<IpAddr>,
    /// The certificates that may have signed its own, as PEM.
    pub roots: String,
}

/// What a terminal proves itself with.
#[derive(Clone)]
pub struct Identity {
    /// Its certificate, as PEM.
    pub certificate: String,
    /// Its key, as PEM.
    pub key: Zeroizing<String>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The certificates, the key or the name of the exchange are none.
    #[error("cannot use {0} for the exchange")]
    Means(&'static str),
    /// The exchange is not reached.
    #[error("cannot reach the exchange: {0}")]
    Unreachable(String),
    /// What answers cannot prove to be the exchange.
    #[error("cannot trust what answers for the exchange: {0}")]
    Untrusted(String),
    /// It does not take our certificate.
    #[error("the exchange does not take this terminal's certificate")]
    Certificate,
    /// It refuses.
    #[error("the exchange refuses to {operation}: {status} {word}")]
    Refused {
        /// What was asked for.
        operation: &'static str,
        /// The status of HTTP.
        status: StatusCode,
        /// Its own word for it.
        word: String,
    },
    /// What it answers is none of what it may.
    #[error("cannot read what the exchange answers to {0}")]
    Form(&'static str),
}

/// A way to the exchange.
#[derive(Clone)]
pub struct Client {
    way: Way,
    port: u16,
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
}

impl Client {
    /// One to this port of the exchange.
    pub fn new(way: Way, port: u16, identity: Option<&Identity>) -> Result<Self, ClientError> {
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(way.roots.as_bytes()) {
            let root = root.map_err(|_| ClientError::Means("the site's certificates"))?;
            roots
                .add(root)
                .map_err(|_| ClientError::Means("the site's certificates"))?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| ClientError::Means("TLS"))?
            .with_root_certificates(roots);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let own = || ClientError::Means("the terminal's certificate");
                let chain = CertificateDer::pem_slice_iter(identity.certificate.as_bytes());
                let chain = chain.collect::<Result<_, _>>().map_err(|_| own())?;
                let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes());
                let key = key.map_err(|_| own())?;
                builder
                    .with_client_auth_cert(chain, key)
                    .map_err(|_| own())?
            }
        };
        let name = ServerName::try_from(way.domain.clone());
        Ok(Self {
            name: name.map_err(|_| ClientError::Means("the site's name"))?,
            way,
            port,
            config: Arc::new(config),
        })
    }

    /// Where it leads to.
    pub fn way(&self) -> &Way {
        &self.way
    }

    /// Asks, and gives the answer if it is the one that was hoped for.
    pub async fn ask(
        &self,
        operation: &'static str,
        (method, path): (Method, &str),
        body: Option<String>,
        hoped: StatusCode,
    ) -> Result<Bytes, ClientError> {
        let request = self.request(method, path, body);
        let response = self.send(operation, request?).await?;
        let status = response.status();
        let whole = timeout(STEP, Limited::new(response.into_body(), ANSWER).collect()).await;
        let bytes = match whole {
            Ok(Ok(whole)) => whole.to_bytes(),
            Ok(Err(_)) => return Err(ClientError::Form(operation)),
            Err(_) => return Err(ClientError::Unreachable("no answer in time".to_owned())),
        };
        if status == hoped {
            return Ok(bytes);
        }
        Err(ClientError::Refused {
            operation,
            status,
            word: answer::word(&bytes),
        })
    }

    /// Begins a stream of events.
    pub async fn follow(
        &self,
        operation: &'static str,
        path: &str,
    ) -> Result<Incoming, ClientError> {
        let mut request = self.request(Method::GET, path, None)?;
        let stream = hyper::header::HeaderValue::from_static("text/event-stream");
        request.headers_mut().insert(ACCEPT, stream);
        let response = self.send(operation, request).await?;
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(response.into_body());
        }
        Err(ClientError::Refused {
            operation,
            status,
            word: String::new(),
        })
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<Request<Full<Bytes>>, ClientError> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, format!("{}:{}", self.way.domain, self.port));
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        request
            .body(Full::new(Bytes::from(body.unwrap_or_default())))
            .map_err(|_| ClientError::Means("this request"))
    }

    async fn send(
        &self,
        operation: &'static str,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ClientError> {
        let mut sender = self.connect().await?;
        match timeout(STEP, sender.send_request(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if error.is_parse() => Err(ClientError::Form(operation)),
            Ok(Err(error)) => Err(judged(&error)),
            Err(_) => Err(ClientError::Unreachable("no answer in time".to_owned())),
        }
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, ClientError> {
        let stream = timeout(STEP, self.dial())
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|error| ClientError::Unreachable(error.to_string()))?;
        let connector = TlsConnector::from(self.config.clone());
        let stream = match timeout(STEP, connector.connect(self.name.clone(), stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(judged(&error)),
            Err(_) => return Err(ClientError::Unreachable("no handshake in time".to_owned())),
        };
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| judged(&error))?;
        // What ends it is told by the answer.
        tokio::spawn(connection);
        Ok(sender)
    }

    async fn dial(&self) -> io::Result<TcpStream> {
        let stream = if let Some(address) = self.way.address {
            TcpStream::connect((address, self.port)).await?
        } else {
            let found = lookup_host((self.way.domain.as_str(), self.port)).await?;
            let addresses: Vec<_> = found.collect();
            TcpStream::connect(addresses.as_slice()).await?
        };
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// What an error of a connection says of the other side.
fn judged(error: &(dyn StdError + 'static)) -> ClientError {
    let mut text = error.to_string();
    let mut cause = Some(error);
    while let Some(error) = cause {
        let tls = match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().and_then(|inner| inner.downcast_ref()),
            None => error.downcast_ref::<rustls::Error>(),
        };
        match tls {
            // It says so only after the handshake.
            Some(rustls::Error::AlertReceived(_)) => return ClientError::Certificate,
            Some(error) => return ClientError::Untrusted(error.to_string()),
            None => text = error.to_string(),
        }
        cause = error.source();
    }
    ClientError::Unreachable(text)
}
