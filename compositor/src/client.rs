// SPDX-License-Identifier: EUPL-1.2
//! Who may connect: one client, on the socket that the service manager listens on.

use std::{
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use smithay::{
    reexports::wayland_server::{
        Client, DisplayHandle,
        backend::{ClientData, ClientId, DisconnectReason},
    },
    wayland::compositor::CompositorClientState,
};

/// What the compositor keeps for its client.
#[derive(Debug, Default)]
pub struct ClientState {
    /// smithay's part.
    pub compositor: CompositorClientState,
    /// How many surfaces it has.
    pub surfaces: AtomicUsize,
    gone: AtomicBool,
}

impl ClientData for ClientState {
    fn disconnected(&self, _client: ClientId, reason: DisconnectReason) {
        self.gone.store(true, Ordering::Release);
        match reason {
            DisconnectReason::ConnectionClosed => {
                tracing::info!("the client has closed its connection");
            }
            DisconnectReason::ProtocolError(error) => {
                tracing::error!(
                    object = error.object_interface,
                    message = error.message,
                    "the client broke the protocol"
                );
            }
        }
    }
}

/// Keeps the place for the one client.
#[derive(Debug, Default)]
pub struct Admission {
    client: Option<(Client, Arc<ClientState>)>,
    waiting: Option<UnixStream>,
}

impl Admission {
    /// Notes a new connection. It is decided on by [`Admission::settle`], after the current client's socket was read:
    /// a client that died and its successor may show up in the same turn of the event loop.
    pub fn knock(&mut self, stream: UnixStream) {
        if self.waiting.replace(stream).is_some() {
            tracing::warn!("connection refused: another one arrived at the same time");
        }
    }

    /// Lets the waiting connection in if there is no client, else closes it. Returns whether a client was let in.
    pub fn settle(&mut self, display: &DisplayHandle) -> bool {
        let Some(stream) = self.waiting.take() else {
            return false;
        };
        if self.current().is_some() {
            tracing::warn!("connection refused: there is a client already");
            return false;
        }
        let state = Arc::new(ClientState::default());
        let mut display = display.clone();
        match stream
            .set_nonblocking(true)
            .and_then(|()| display.insert_client(stream, state.clone()))
        {
            Ok(client) => {
                tracing::info!("the client is connected");
                self.client = Some((client, state));
                true
            }
            Err(error) => {
                tracing::error!(%error, "add the client to the display");
                false
            }
        }
    }

    /// The living client.
    pub fn current(&self) -> Option<&Client> {
        self.client
            .as_ref()
            .filter(|(_, state)| !state.gone.load(Ordering::Acquire))
            .map(|(client, _)| client)
    }
}
