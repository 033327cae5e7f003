// SPDX-License-Identifier: EUPL-1.2
//! `wp_security_context`: the shell makes sockets for applications in sandboxes of their own; whoever comes by one is an
//! application.

use smithay::{
    delegate_security_context,
    wayland::security_context::{
        SecurityContext, SecurityContextHandler, SecurityContextListenerSource,
    },
};

use crate::{client::Rank, state::Kiosk};

impl SecurityContextHandler for Kiosk {
    fn context_created(&mut self, source: SecurityContextListenerSource, context: SecurityContext) {
        tracing::info!(application = context.app_id, "a socket for an application");
        let inserted = self.events.insert_source(source, |stream, (), kiosk| {
            kiosk.admission.knock(stream, Rank::Application);
        });
        if let Err(error) = inserted {
            tracing::error!(%error, "listen for an application");
        }
    }
}

delegate_security_context!(Kiosk);
