// SPDX-License-Identifier: EUPL-1.2
//! Whether an application still answers. It is asked when somebody uses it, never by itself, so a still screen stays still;
//! one that does not answer in time loses its connection, and the shell sees its window go.

use std::time::Instant;

use smithay::{
    reexports::wayland_server::{Client, Resource, protocol::wl_surface::WlSurface},
    utils::SERIAL_COUNTER,
    wayland::shell::xdg::ShellClient,
};

use crate::{
    client::{Rank, disconnect, rank_of},
    state::Kiosk,
};

/// The clients that have not answered yet.
#[derive(Debug, Default)]
pub struct Pings(Vec<Ping>);

#[derive(Debug)]
struct Ping {
    shell_client: ShellClient,
    client: Client,
    /// Until when the answer must be there.
    due: Instant,
}

impl Pings {
    /// When the first answer must be there.
    pub fn due(&self) -> Option<Instant> {
        self.0.iter().map(|ping| ping.due).min()
    }
}

impl Kiosk {
    /// Somebody uses what is under a point or has the keyboard: asks its application whether it is there.
    pub fn ask_whether_alive(&mut self, root: &WlSurface) {
        if rank_of(root) == Rank::Shell {
            return;
        }
        let Some(client) = root.client() else { return };
        let Some(toplevel) = self.window(root).map(|window| &window.toplevel) else {
            return;
        };
        let shell_client = toplevel.client();
        // It fails where a question is open, or the client is gone.
        if shell_client.send_ping(SERIAL_COUNTER.next_serial()).is_ok() {
            self.pings.0.push(Ping {
                shell_client,
                client,
                due: Instant::now() + self.rules.answer_within,
            });
        }
    }

    /// An application has answered, or is gone.
    pub fn answered(&mut self, client: &ShellClient) {
        self.pings.0.retain(|ping| ping.shell_client != *client);
    }

    /// Ends the connections of those whose answer must be there and is not.
    pub fn disconnect_silent(&mut self, now: Instant) {
        for ping in self.pings.0.extract_if(.., |ping| ping.due <= now) {
            tracing::error!("an application does not answer, it is disconnected");
            disconnect(&ping.client, &self.display, "no answer to a ping");
            self.sweep = Some(ping.client.id());
            self.frame.want();
        }
    }
}
