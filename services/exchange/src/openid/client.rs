// SPDX-License-Identifier: EUPL-1.2
//! HTTPS to a provider, by hyper: one request for each connection, with bounds on how long it takes and how much it says. No redirection is
//! followed and nothing compressed is read.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// A connection is made, with TLS, in this time.
const REACH: Duration = Duration::from_secs(4);
/// An answer is whole after so long.
const ANSWER: Duration = Duration::from_secs(5);
/// Bytes of an answer's head.
const HEAD: usize = 16 * 1024;

/// Why a provider gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It is not reached.
    #[error("it is not reached: {0}")]
    Unreachable(String),
    /// It says nothing, or does not come to an end.
    #[error("it does not answer in time")]
    Silent,
    /// It cannot prove who it is.
    #[error("it cannot prove who it is: {0}")]
    Untrusted(String),
    /// It says more than it may.
    #[error("it answers with more than {0} bytes")]
    Long(usize),
    /// What it says is no HTTP.
    #[error("what it answers cannot be read")]
    Form,
}

/// What is asked.
pub struct Question {
    /// Where.
    pub url: Url,
    /// By what we prove who we are.
    pub authorization: Option<HeaderValue>,
    /// A form, or nothing for what is only read.
    pub form: Option<String>,
    /// Bytes of the answer at most.
    pub longest: usize,
}

/// Somebody who asks a provider.
#[derive(Clone)]
pub struct Client(Arc<ClientConfig>);

impl Client {
    /// One that believes these authorities; an error if TLS is not to be had.
    pub fn new(roots: RootCertStore) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// Asks, and gives the status and the body.
    pub async fn ask(&self, question: Question) -> Result<(StatusCode, Bytes), ClientError> {
        let connection = timeout(REACH, self.connect(&question.url));
        let stream = connection.await.map_err(|_| ClientError::Silent)??;
        timeout(ANSWER, exchange(stream, question))
            .await
            .map_err(|_| ClientError::Silent)?
    }

    async fn connect(
        &self,
        url: &Url,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, ClientError> {
        let none = || ClientError::Unreachable("this is no address".to_owned());
        let unreachable = |error: io::Error| ClientError::Unreachable(error.to_string());
        let port = url.port_or_known_default().ok_or_else(none)?;
        // As a name or as an address, without the brackets of IPv6.
        let (stream, name) = match url.host().ok_or_else(none)? {
            Host::Domain(domain) => (
                TcpStream::connect((domain, port)).await,
                ServerName::try_from(domain.to_owned()).map_err(|_| none())?,
            ),
            Host::Ipv4(address) => (
                TcpStream::connect((address, port)).await,
                std::net::IpAddr::from(address).into(),
            ),
            Host::Ipv6(address) => (
                TcpStream::connect((address, port)).await,
                std::net::IpAddr::from(address).into(),
            ),
        };
        let stream = stream.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        let connector = TlsConnector::from(self.0.clone());
        connector
            .connect(name, stream)
            .await
            .map_err(|error| judged(&error))
    }
}

async fn exchange(
    stream: tokio_rustls::client::TlsStream<TcpStream>,
    question: Question,
) -> Result<(StatusCode, Bytes), ClientError> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| judged(&error))?;
    let _ended = Ended(tokio::spawn(connection));
    let response = sender
        .send_request(request(&question)?)
        .await
        .map_err(|error| judged(&error))?;
    let status = response.status();
    let body = Limited::new(response.into_body(), question.longest);
    let whole = body.collect().await.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            ClientError::Long(question.longest)
        } else {
            judged(&*error)
        }
    })?;
    Ok((status, whole.to_bytes()))
}

/// The connection ends with the answer, whatever is still to come.
struct Ended(tokio::task::JoinHandle<hyper::Result<()>>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn request(question: &Question) -> Result<Request<Full<Bytes>>, ClientError> {
    let Question { url, form, .. } = question;
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        None => host.to_owned(),
        Some(port) => format!("{host}:{port}"),
    };
    let path = match url.query() {
        None => url.path().to_owned(),
        Some(query) => format!("{}?{query}", url.path()),
    };
    let method = match form {
        None => Method::GET,
        Some(_) => Method::POST,
    };
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, host)
        .header(ACCEPT, "application/json");
    if form.is_some() {
        request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    if let Some(authorization) = &question.authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    let body = Bytes::from(form.clone().unwrap_or_default());
    request
        .body(Full::new(body))
        .map_err(|_| ClientError::Unreachable("this is no address".to_owned()))
}

/// What an error of a connection says of the other side.
fn judged(error: &(dyn StdError + 'static)) -> ClientError {
    let mut cause = Some(error);
    let mut last = error;
    while let Some(error) = cause {
        if error
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_parse)
        {
            return ClientError::Form;
        }
        let tls = match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().and_then(|inner| inner.downcast_ref()),
            None => error.downcast_ref::<rustls::Error>(),
        };
        if let Some(error) = tls {
            return ClientError::Untrusted(rustls::Error::to_string(error));
        }
        last = error;
        cause = error.source();
    }
    ClientError::Unreachable(last.to_string())
}
