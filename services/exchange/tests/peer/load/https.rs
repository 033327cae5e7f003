// SPDX-License-Identifier: EUPL-1.2
//! HTTPS without a program of its own for each request: as much as terminals and pages need.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::Value;

use crate::place::{DEADLINE, DOMAIN, Place};

/// TLS that trusts this exchange, perhaps with a certificate (chain, key) of one's own.
pub fn tls(place: &Place, own: Option<(&str, &str)>) -> Arc<ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    let pem = std::fs::read(place.state().join("authority.pem")).unwrap();
    roots
        .add(CertificateDer::from_pem_slice(&pem).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    Arc::new(match own {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let chain = vec![CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    })
}

/// A connection.
pub struct Https {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
    port: u16,
}

/// What was answered.
pub struct Answer {
    pub status: u16,
    pub cookie: Option<String>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The same, if it is what was hoped for.
    pub fn hoped(self, what: &str, status: u16) -> Result<Self, String> {
        if self.status == status {
            return Ok(self);
        }
        Err(format!("{what}: {} {}", self.status, self.body))
    }
}

impl Https {
    pub fn connect(place: &Place, port: u16, tls: &Arc<ClientConfig>) -> Result<Self, String> {
        let server = ServerName::try_from(DOMAIN).unwrap();
        let connection = ClientConnection::new(tls.clone(), server).unwrap();
        let socket =
            TcpStream::connect(place.at(port)).map_err(|error| format!("connect: {error}"))?;
        socket.set_nodelay(true).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        Ok(Self {
            stream: BufReader::new(StreamOwned::new(connection, socket)),
            port,
        })
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line) {
            Ok(n) if n > 0 => Ok(line.trim_end().to_owned()),
            Ok(_) => Err("HTTPS: cut off".to_owned()),
            Err(error) => Err(format!("HTTPS: {error}")),
        }
    }

    /// Asks, and reads the head of the answer.
    fn head(&mut self, request: &str, more: &str, body: &str) -> Result<(Answer, usize), String> {
        let length = body.len();
        let port = self.port;
        let text = format!(
            "{request} HTTP/1.1\r\nHost: {DOMAIN}:{port}\r\nContent-Type: application/json\r\n{more}Content-Length: {length}\r\n\r\n{body}"
        );
        let stream = self.stream.get_mut();
        let sent = stream
            .write_all(text.as_bytes())
            .and_then(|()| stream.flush());
        sent.map_err(|error| format!("HTTPS: {error}"))?;
        let first = self.line()?;
        let status = first
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let mut answer = Answer {
            status: status.ok_or(format!("HTTPS: {first}"))?,
            cookie: None,
            body: String::new(),
        };
        let mut length = 0;
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(": ") else {
                return Ok((answer, length));
            };
            match name {
                "content-length" => length = value.parse().unwrap(),
                "set-cookie" => answer.cookie = value.split(';').next().map(str::to_owned),
                _ => {}
            }
        }
    }

    /// Asks; `more` are lines of the head.
    pub fn ask(&mut self, request: &str, more: &str, body: &str) -> Result<Answer, String> {
        let (mut answer, length) = self.head(request, more, body)?;
        let mut bytes = vec![0; length];
        self.stream
            .read_exact(&mut bytes)
            .map_err(|error| format!("HTTPS: {error}"))?;
        answer.body = String::from_utf8(bytes).unwrap();
        Ok(answer)
    }

    /// Follows a stream until its state is as wanted.
    pub fn follow(
        &mut self,
        path: &str,
        more: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<(), String> {
        let more = format!("{more}Accept: text/event-stream\r\n");
        self.head(&format!("GET {path}"), &more, "")?
            .0
            .hoped(path, 200)?;
        self.until(wanted)
    }

    /// Goes on following it, for a while: a stream says that it is alive for ever.
    pub fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<(), String> {
        let end = Instant::now() + DEADLINE;
        let mut seen = String::new();
        while Instant::now() < end {
            let line = self.line()?;
            let Some(data) = line.strip_prefix("data: ") else {
                continue;
            };
            let state: Value = serde_json::from_str(data).unwrap_or_default();
            if wanted(&state) {
                return Ok(());
            }
            seen = state["phase"].to_string();
        }
        Err(format!("a stream stays at {seen}"))
    }

    /// Reads what comes until the other side hangs up.
    pub fn drain(mut self) {
        self.stream.get_ref().sock.set_read_timeout(None).unwrap();
        while self.line().is_ok() {}
    }
}
