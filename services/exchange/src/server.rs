// SPDX-License-Identifier: EUPL-1.2
//! Listeners: TLS connections with bounds on how many there are, how long they may take and how much they may say.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::Extension;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// Connections of one listener at once.
const CONNECTIONS: usize = 8192;
/// Of these, from one address: an office may have one for all its desks.
const FROM_ONE: usize = 1024;
/// A handshake, and the head of a request, take no longer.
const HEAD: Duration = Duration::from_secs(10);
/// Bytes of a request's head.
const BUFFER: usize = 16 * 1024;
/// What is sent has to be confirmed in this time, or the other side is gone.
const CONFIRMED: u32 = 20_000;

/// Who is at the other end.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// The certificate it proved to have, if it was asked for one.
    pub certificate: Option<Arc<[u8]>>,
}

/// Why a listener cannot be.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ServerError {
    /// The address is not to be had.
    #[error("cannot listen on {address}")]
    #[diagnostic(help(
        "is the address this machine's, the port free, and above 1023 or allowed (CAP_NET_BIND_SERVICE)?"
    ))]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("cannot use the certificate: {0}")]
    #[diagnostic(help("`[certificate]` names a chain and its private key, both in PEM form"))]
    Certificate(String),
}

/// TLS with our certificate; with `clients`, only for those whom this authority (PEM) certified.
pub fn tls(
    chain: &str,
    key: &str,
    clients: Option<&str>,
) -> Result<Arc<ServerConfig>, ServerError> {
    let wrong = |error: &dyn std::fmt::Display| ServerError::Certificate(error.to_string());
    let read = |pem: &str| -> Result<Vec<CertificateDer<'static>>, ServerError> {
        CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(&error))
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let mut roots = rustls::RootCertStore::empty();
            for certificate in read(pem)? {
                roots.add(certificate).map_err(|error| wrong(&error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|error| wrong(&error))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|error| wrong(&error))?;
    let mut config = builder
        .with_single_cert(read(chain)?, key)
        .map_err(|error| wrong(&error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Takes an address.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ServerError::Listen { address, source })
}

/// Serves until the task is dropped; `tls` is missing on loopback only.
pub async fn serve(listener: TcpListener, tls: Option<Arc<ServerConfig>>, app: Router) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let tls = tls.map(TlsAcceptor::from);
    let from = Arc::new(Mutex::new(HashMap::new()));
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else {
            return;
        };
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, or the other side is gone already: others go on.
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(place) = Place::take(&from, address.ip()) else {
            continue;
        };
        let (tls, app) = (tls.clone(), app.clone());
        tokio::spawn(async move {
            if let Err(error) = connection(stream, address.ip(), tls, app).await {
                tracing::debug!("a connection ended: {error}");
            }
            drop((permit, place));
        });
    }
}

/// How many connections there are from each address.
type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// One connection of those that an address may have.
struct Place(Counts, IpAddr);

impl Place {
    fn take(counts: &Counts, address: IpAddr) -> Option<Self> {
        let mut held = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(address).or_default();
        if *count >= FROM_ONE {
            return None;
        }
        *count += 1;
        Some(Self(counts.clone(), address))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.1);
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    address: IpAddr,
    tls: Option<TlsAcceptor>,
    app: Router,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    rustix::net::sockopt::set_tcp_user_timeout(&stream, CONFIRMED)?;
    let Some(tls) = tls else {
        let peer = Peer {
            address,
            certificate: None,
        };
        return http(stream, peer, app).await;
    };
    let stream = timeout(HEAD, tls.accept(stream)).await??;
    let certificates = stream.get_ref().1.peer_certificates();
    let certificate = certificates
        .and_then(|all| all.first())
        .map(|first| first.as_ref().into());
    let peer = Peer {
        address,
        certificate,
    };
    http(stream, peer, app).await
}

async fn http(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: Peer,
    app: Router,
) -> io::Result<()> {
    let service = TowerToHyperService::new(app.layer(Extension(peer)));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves X1: one address cannot take all connections, and gets its places back.
    #[test]
    fn one_address_has_its_share() {
        let counts = Counts::default();
        let (here, there) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut all: Vec<_> = (0..FROM_ONE)
            .map(|_| Place::take(&counts, here).unwrap())
            .collect();
        assert!(Place::take(&counts, here).is_none());
        assert!(Place::take(&counts, there).is_some());
        all.pop();
        assert!(Place::take(&counts, here).is_some());
        drop(all);
        assert!(counts.lock().unwrap().is_empty());
    }
}
