// SPDX-License-Identifier: EUPL-1.2
//! Who may connect: the shell, once, and applications, with few rights. Each rank has its own socket.

use std::{
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use smithay::{
    reexports::wayland_server::{
        Client, DisplayHandle, Resource,
        backend::{ClientData, ClientId, DisconnectReason, protocol::ProtocolError},
        protocol::wl_surface::WlSurface,
    },
    wayland::compositor::CompositorClientState,
};

/// So many applications may be connected.
const MAX_APPLICATIONS: usize = 16;
/// So many descriptors a client may make the compositor hold. All clients together stay below what the unit allows.
const MAX_DESCRIPTORS: usize = 512;
/// So many connections may arrive in one turn of the event loop.
const MAX_WAITING: usize = 16;

/// What a client is, by the socket that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// The kiosk's own shell.
    Shell,
    /// Anything that the shell lets people use.
    Application,
}

/// What the compositor keeps for a client.
#[derive(Debug)]
pub struct ClientState {
    /// smithay's part.
    pub compositor: CompositorClientState,
    /// How many surfaces it has.
    pub surfaces: AtomicUsize,
    /// How many buffers in a GPU's memory it has.
    pub dmabufs: AtomicUsize,
    /// How many descriptors the compositor may hold for it: each comes with a pool, a buffer or a plane, and goes with the last of them.
    descriptors: AtomicUsize,
    rank: Rank,
    gone: AtomicBool,
}

impl ClientState {
    fn new(rank: Rank) -> Arc<Self> {
        Arc::new(Self {
            compositor: CompositorClientState::default(),
            surfaces: AtomicUsize::default(),
            dmabufs: AtomicUsize::default(),
            descriptors: AtomicUsize::default(),
            rank,
            gone: AtomicBool::default(),
        })
    }

    /// Counts that something which may hold so many descriptors is gone.
    pub fn release(&self, count: usize) {
        self.descriptors.fetch_sub(count, Ordering::Relaxed);
    }

    fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }
}

impl ClientData for ClientState {
    fn disconnected(&self, _client: ClientId, reason: DisconnectReason) {
        self.gone.store(true, Ordering::Release);
        let rank = self.rank;
        match reason {
            DisconnectReason::ConnectionClosed => {
                tracing::info!(?rank, "a client has closed its connection");
            }
            DisconnectReason::ProtocolError(error) => {
                tracing::error!(
                    ?rank,
                    object = error.object_interface,
                    message = error.message,
                    "a client broke the protocol"
                );
            }
        }
    }
}

/// Counts something that may hold so many descriptors; a client that has too many of them loses its connection. Without a limit one
/// client could take them all, and nobody else's memory would arrive.
pub fn hold(client: &Client, count: usize, display: &DisplayHandle) -> bool {
    let held = client.get_data::<ClientState>().map(|state| {
        let before = state.descriptors.fetch_add(count, Ordering::Relaxed);
        before.saturating_add(count)
    });
    let has_room = held.is_some_and(|held| held <= MAX_DESCRIPTORS);
    if !has_room {
        disconnect(client, display, "too many descriptors");
    }
    has_room
}

/// Whether a client is the shell; what only the shell may do asks this.
pub fn is_shell(client: &Client) -> bool {
    client
        .get_data::<ClientState>()
        .is_some_and(|state| state.rank == Rank::Shell)
}

/// The rank of a surface's client. A surface without a client is nobody's and has no rights.
pub fn rank_of(surface: &WlSurface) -> Rank {
    match surface.client() {
        Some(client) if is_shell(&client) => Rank::Shell,
        _ => Rank::Application,
    }
}

/// Whether a surface's client is still connected.
pub fn is_connected(surface: &WlSurface) -> bool {
    surface.client().is_some_and(|client| {
        client
            .get_data::<ClientState>()
            .is_some_and(|state| !state.is_gone())
    })
}

/// Ends the connection of a client that is not worth keeping.
pub fn disconnect(client: &Client, display: &DisplayHandle, reason: &str) {
    client.kill(
        display,
        ProtocolError {
            code: 0,
            object_id: 1,
            object_interface: "wl_display".to_owned(),
            message: reason.to_owned(),
        },
    );
}

/// Lets clients in.
#[derive(Debug)]
pub struct Admission {
    everyone_is_shell: bool,
    clients: Vec<(Arc<ClientState>, ClientId)>,
    waiting: Vec<(UnixStream, Rank)>,
}

impl Admission {
    /// Nobody is in. Only tests let everyone in as if it were the shell.
    pub fn new(everyone_is_shell: bool) -> Self {
        Self {
            everyone_is_shell,
            clients: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Notes a new connection. It is decided on by [`Admission::settle`], after the present clients' sockets were read:
    /// a client that died and its successor may show up in the same turn of the event loop.
    pub fn knock(&mut self, stream: UnixStream, rank: Rank) {
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push((stream, rank));
        } else {
            tracing::warn!(
                ?rank,
                "connection refused: too many arrived at the same time"
            );
        }
    }

    /// The client, if there is only one.
    pub fn only(&self) -> Option<ClientId> {
        let mut living = self.clients.iter().filter(|(state, _)| !state.is_gone());
        let (_, id) = living.next()?;
        living.next().is_none().then(|| id.clone())
    }

    /// Whether somebody wants to be let in.
    pub fn is_asked(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Lets the waiting connections in that have a place, and closes the others. Returns those that were let in.
    pub fn settle(&mut self, display: &DisplayHandle) -> Vec<Client> {
        self.clients.retain(|(state, _)| !state.is_gone());
        let mut admitted = Vec::new();
        for (stream, rank) in std::mem::take(&mut self.waiting) {
            if !self.has_place(rank) {
                tracing::warn!(?rank, "connection refused: the place is taken");
                continue;
            }
            let rank = if self.everyone_is_shell {
                Rank::Shell
            } else {
                rank
            };
            let state = ClientState::new(rank);
            let mut display = display.clone();
            match stream
                .set_nonblocking(true)
                .and_then(|()| display.insert_client(stream, state.clone()))
            {
                Ok(client) => {
                    tracing::info!(?rank, "a client is connected");
                    self.clients.push((state, client.id()));
                    admitted.push(client);
                }
                Err(error) => tracing::error!(%error, "add the client to the display"),
            }
        }
        admitted
    }

    fn has_place(&self, rank: Rank) -> bool {
        let of_rank = self.clients.iter().filter(|(state, _)| state.rank == rank);
        let places = match rank {
            _ if self.everyone_is_shell => usize::MAX,
            Rank::Shell => 1,
            Rank::Application => MAX_APPLICATIONS,
        };
        of_rank.count() < places
    }
}
