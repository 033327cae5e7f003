// SPDX-License-Identifier: EUPL-1.2
//! The line: one encrypted connection to the exchange, made anew when it is lost. There is no other transport.
//!
//! The SIP stack sees one connection that never ends, and gets whole messages that passed the [`gate`](super::gate).

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rsipstack::platform::tls::{TlsClientConfig, TlsConnector, TlsStream, set_client_connector};
use rsipstack::sip::Transport;
use rsipstack::transport::{PlatformTlsConnection, SipAddr};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::gate::{Gate, Item};
use crate::account::Account;

/// Each step of making a connection may take so long.
const STEP: Duration = Duration::from_secs(5);
/// A write that is not taken for so long has found a dead line.
const WRITE: Duration = Duration::from_secs(5);
/// The other side is asked so often whether it is there.
const PING: Duration = Duration::from_secs(10);
/// And it has to say something within so long.
const SILENCE: Duration = Duration::from_secs(15);
/// Pauses between tries to make the line anew: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));
/// Messages that wait for the stack; more are not read.
const WAITING: usize = 32;

type Stream = tokio_rustls::client::TlsStream<TcpStream>;

/// Why there is no line.
#[derive(Debug, Error)]
pub enum LineError {
    /// The account names no certificates that could be trusted.
    #[error("cannot read the certificates that an exchange may have signed its own with")]
    Roots,
    /// The domain is none.
    #[error("`{0}` is no domain")]
    Domain(String),
    /// The exchange is not reached.
    #[error("cannot reach the exchange")]
    Unreachable(#[source] io::Error),
    /// Something answers that cannot prove to be the exchange.
    #[error("cannot trust what answers for the exchange")]
    Untrusted(#[source] io::Error),
    /// The stack does not take the line.
    #[error("cannot hand the line to the SIP stack")]
    Stack(#[source] rsipstack::Error),
}

/// Where a line leads to.
struct Target {
    server: (String, u16),
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
}

impl Target {
    fn new(account: &Account) -> Result<Self, LineError> {
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(account.roots.as_bytes()) {
            let root = root.map_err(|_| LineError::Roots)?;
            roots.add(root).map_err(|_| LineError::Roots)?;
        }
        if roots.is_empty() {
            return Err(LineError::Roots);
        }
        let name = ServerName::try_from(account.domain.clone());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| LineError::Roots)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            server: account.server.clone(),
            name: name.map_err(|_| LineError::Domain(account.domain.clone()))?,
            config: Arc::new(config),
        })
    }

    /// A new connection, encrypted and proven.
    async fn dial(&self) -> Result<(Stream, SocketAddr), LineError> {
        let (host, port) = &self.server;
        let late = || io::Error::from(io::ErrorKind::TimedOut);
        let addresses = timeout(STEP, lookup_host((host.as_str(), *port))).await;
        let addresses = addresses
            .unwrap_or_else(|_| Err(late()))
            .map_err(LineError::Unreachable)?;
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in addresses {
            let connected = timeout(STEP, TcpStream::connect(address)).await;
            match connected.unwrap_or_else(|_| Err(late())) {
                Ok(stream) => return self.prove(stream, address).await,
                Err(error) => last = error,
            }
        }
        Err(LineError::Unreachable(last))
    }

    async fn prove(
        &self,
        stream: TcpStream,
        address: SocketAddr,
    ) -> Result<(Stream, SocketAddr), LineError> {
        stream.set_nodelay(true).map_err(LineError::Unreachable)?;
        let connector = tokio_rustls::TlsConnector::from(self.config.clone());
        let proven = timeout(STEP, connector.connect(self.name.clone(), stream)).await;
        match proven {
            Ok(Ok(stream)) => Ok((stream, address)),
            // What is no network's fault is rustls' judgement.
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                Err(LineError::Untrusted(error))
            }
            Ok(Err(error)) => Err(LineError::Unreachable(error)),
            Err(_) => Err(LineError::Unreachable(io::ErrorKind::TimedOut.into())),
        }
    }
}

/// What the reader, the stack and the owner of a line share.
struct Shared {
    writer: Mutex<Option<WriteHalf<Stream>>>,
    messages: Mutex<mpsc::Receiver<Vec<u8>>>,
    local: SocketAddr,
    closed: CancellationToken,
}

impl Shared {
    async fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut writer = self.writer.lock().await;
        let open = writer.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let written = timeout(WRITE, async {
            open.write_all(bytes).await?;
            open.flush().await
        });
        let result = written
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        if result.is_err() {
            // Half a message may have gone: this connection is of no use any more.
            *writer = None;
        }
        result
    }
}

/// An open line. It ends when it is dropped.
pub struct Line {
    shared: Arc<Shared>,
    up: watch::Receiver<bool>,
    /// What the stack sends by.
    pub connection: PlatformTlsConnection,
    /// The exchange as the stack names it.
    pub server: SipAddr,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.shared.closed.cancel();
    }
}

impl Line {
    /// Opens a line to the exchange of `account`.
    pub async fn open(account: &Account) -> Result<Self, LineError> {
        let target = Target::new(account)?;
        let (stream, address) = target.dial().await?;
        let local = stream.get_ref().0.local_addr();
        let local = local.map_err(LineError::Unreachable)?;
        let (reader, writer) = split(stream);
        let (sender, messages) = mpsc::channel(WAITING);
        let shared = Arc::new(Shared {
            writer: Mutex::new(Some(writer)),
            messages: Mutex::new(messages),
            local,
            closed: CancellationToken::new(),
        });
        let (tell, up) = watch::channel(true);
        let kept = Kept {
            target,
            shared: shared.clone(),
            sender,
            up: tell,
        };
        tokio::spawn(kept.run(reader));
        let server = SipAddr {
            r#type: Some(Transport::Tls),
            addr: address.into(),
        };
        let connection = shelve(shared.clone(), address, &server).await?;
        Ok(Self {
            shared,
            up,
            connection,
            server,
        })
    }

    /// Our end of it.
    pub fn local(&self) -> SocketAddr {
        self.shared.local
    }

    /// Waits until the line is lost or back; says whether it is there. `None` once it has ended.
    pub async fn changed(&mut self) -> Option<bool> {
        self.up.changed().await.ok()?;
        Some(*self.up.borrow_and_update())
    }
}

/// What keeps a line up.
struct Kept {
    target: Target,
    shared: Arc<Shared>,
    sender: mpsc::Sender<Vec<u8>>,
    up: watch::Sender<bool>,
}

impl Kept {
    async fn run(self, mut reader: ReadHalf<Stream>) {
        loop {
            tokio::select! {
                () = self.shared.closed.cancelled() => return self.hang_up().await,
                why = self.read(&mut reader) => tracing::warn!("the line to the exchange is lost: {why}"),
            }
            *self.shared.writer.lock().await = None;
            self.up.send_replace(false);
            tokio::select! {
                () = self.shared.closed.cancelled() => return,
                new = self.again() => reader = new,
            }
            tracing::info!("the line to the exchange is back");
            self.up.send_replace(true);
        }
    }

    /// Hands on what comes in until the connection is of no use any more; says why it is not.
    async fn read(&self, reader: &mut ReadHalf<Stream>) -> io::Error {
        let mut gate = Gate::default();
        let mut bytes = vec![0; 8192];
        let mut heard = Instant::now();
        let mut ping = tokio::time::interval_at(heard + PING, PING);
        loop {
            let count = tokio::select! {
                count = reader.read(&mut bytes) => match count {
                    Ok(0) => return io::ErrorKind::UnexpectedEof.into(),
                    Ok(count) => count,
                    Err(error) => return error,
                },
                _ = ping.tick() => {
                    if heard.elapsed() > SILENCE {
                        return io::ErrorKind::TimedOut.into();
                    }
                    if let Err(error) = self.shared.write(b"\r\n\r\n").await {
                        return error;
                    }
                    continue;
                }
            };
            heard = Instant::now();
            let (mut messages, mut pings) = (Vec::new(), 0_u32);
            let read = gate.read(bytes.get(..count).unwrap_or_default(), |item| match item {
                Item::Message(message) => messages.push(message),
                Item::Refused(why) => tracing::warn!("a SIP message is left out: {why}"),
                Item::Ping => pings += 1,
                Item::Pong => {}
            });
            for message in messages {
                if self.sender.send(message).await.is_err() {
                    return io::ErrorKind::BrokenPipe.into();
                }
            }
            if pings > 0
                && let Err(error) = self.shared.write(b"\r\n").await
            {
                return error;
            }
            if let Err(broken) = read {
                return io::Error::new(io::ErrorKind::InvalidData, broken);
            }
        }
    }

    /// Makes the connection anew, however often it takes.
    async fn again(&self) -> ReadHalf<Stream> {
        let (mut pause, longest) = PAUSES;
        loop {
            sleep(pause).await;
            match self.target.dial().await {
                Ok((stream, _)) => {
                    let (reader, writer) = split(stream);
                    *self.shared.writer.lock().await = Some(writer);
                    return reader;
                }
                Err(error) => tracing::info!("no line yet: {error}"),
            }
            pause = (pause * 2).min(longest);
        }
    }

    async fn hang_up(&self) {
        if let Some(mut writer) = self.shared.writer.lock().await.take() {
            // It ends either way.
            let _ = timeout(WRITE, writer.shutdown()).await;
        }
    }
}

/// The line as the stack knows it.
struct Handle(Arc<Shared>);

#[async_trait::async_trait]
impl TlsStream for Handle {
    async fn recv(&self) -> rsipstack::Result<Vec<u8>> {
        // Nothing is what the stack takes for the end.
        Ok(self
            .0
            .messages
            .lock()
            .await
            .recv()
            .await
            .unwrap_or_default())
    }

    async fn send_all(&self, data: Vec<u8>) -> rsipstack::Result<()> {
        self.0.write(&data).await.map_err(rsipstack::Error::from)
    }

    async fn shutdown(&self) -> rsipstack::Result<()> {
        self.0.closed.cancel();
        Ok(())
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.0.local)
    }
}

/// Lines that were opened and wait for the stack to ask for them. The stack can make no connection by itself.
#[derive(Default)]
struct Shelf(std::sync::Mutex<HashMap<SocketAddr, Arc<Shared>>>);

#[async_trait::async_trait]
impl TlsConnector for Shelf {
    async fn connect(
        &self,
        _: &TlsClientConfig,
        address: SocketAddr,
    ) -> rsipstack::Result<Box<dyn TlsStream>> {
        let mut lines = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let line = lines.remove(&address);
        let line = line.ok_or_else(|| rsipstack::Error::Error("no line is open".into()))?;
        Ok(Box::new(Handle(line)))
    }
}

/// Lets the stack take over an open line.
async fn shelve(
    line: Arc<Shared>,
    address: SocketAddr,
    server: &SipAddr,
) -> Result<PlatformTlsConnection, LineError> {
    static SHELF: OnceLock<(Arc<Shelf>, Mutex<()>)> = OnceLock::new();
    let (shelf, one) = SHELF.get_or_init(|| {
        let shelf = Arc::new(Shelf::default());
        set_client_connector(shelf.clone());
        (shelf, Mutex::new(()))
    });
    let _one_at_a_time = one.lock().await;
    let closed = line.closed.child_token();
    shelf
        .0
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .insert(address, line);
    PlatformTlsConnection::connect(server, None, Some(closed))
        .await
        .map_err(LineError::Stack)
}
