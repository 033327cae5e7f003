// SPDX-License-Identifier: EUPL-1.2
//! Whether an application still answers. It is asked when somebody uses it, never by itself, so a still screen stays still;
//! one that does not answer in time loses its connection, and the shell sees its window go.

use smithay::{
    reexports::{
        calloop::{
            RegistrationToken,
            timer::{TimeoutAction, Timer},
        },
        wayland_server::{Resource, protocol::wl_surface::WlSurface},
    },
    utils::SERIAL_COUNTER,
    wayland::shell::xdg::ShellClient,
};

use crate::{
    client::{Rank, disconnect, rank_of},
    state::Kiosk,
};

/// The clients that have not answered yet.
pub type Pings = Vec<(ShellClient, RegistrationToken)>;

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
        let (shell_client, asked) = (toplevel.client(), toplevel.client());
        // It fails where a question is open, or the client is gone.
        if shell_client
            .send_ping(SERIAL_COUNTER.next_serial())
            .is_err()
        {
            return;
        }
        let timer = Timer::from_duration(self.rules.answer_within);
        let inserted = self.events.insert_source(timer, move |_, (), kiosk| {
            tracing::error!("an application does not answer, it is disconnected");
            kiosk.pings.retain(|(other, _)| *other != asked);
            disconnect(&client, &kiosk.display, "no answer to a ping");
            kiosk.sweep = Some(client.id());
            kiosk.queue_redraw();
            TimeoutAction::Drop
        });
        match inserted {
            Ok(token) => self.pings.push((shell_client, token)),
            Err(error) => tracing::error!(%error, "set the timer of a ping"),
        }
    }

    /// An application has answered, or is gone.
    pub fn answered(&mut self, client: &ShellClient) {
        let events = self.events.clone();
        self.pings.retain(|(other, token)| {
            let same = other == client;
            if same {
                events.remove(*token);
            }
            !same
        });
    }
}
