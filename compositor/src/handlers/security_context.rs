// SPDX-License-Identifier: EUPL-1.2
//! `wp_security_context`: the shell makes sockets for applications in sandboxes of their own; whoever comes by one is an
//! application.

use std::{io, os::unix::net::UnixStream};

use calloop::{EventSource, Poll, PostAction, Readiness, Token, TokenFactory};
use smithay::{
    delegate_security_context,
    wayland::security_context::{
        SecurityContext, SecurityContextHandler, SecurityContextListenerSource,
    },
};

use crate::{client::Rank, state::Kiosk};

/// A socket for an application. What fails on it ends it; smithay's own source would end the event loop.
struct Listener(SecurityContextListenerSource);

impl EventSource for Listener {
    type Event = UnixStream;
    type Metadata = ();
    type Ret = ();
    type Error = io::Error;

    fn process_events<F: FnMut(UnixStream, &mut ())>(
        &mut self,
        readiness: Readiness,
        token: Token,
        callback: F,
    ) -> io::Result<PostAction> {
        let processed = self.0.process_events(readiness, token, callback);
        Ok(processed.unwrap_or_else(|error| {
            tracing::warn!(%error, "accept an application; its socket is given up");
            PostAction::Remove
        }))
    }

    fn register(&mut self, poll: &mut Poll, tokens: &mut TokenFactory) -> calloop::Result<()> {
        self.0.register(poll, tokens)
    }

    fn reregister(&mut self, poll: &mut Poll, tokens: &mut TokenFactory) -> calloop::Result<()> {
        self.0.reregister(poll, tokens)
    }

    fn unregister(&mut self, poll: &mut Poll) -> calloop::Result<()> {
        self.0.unregister(poll)
    }
}

impl SecurityContextHandler for Kiosk {
    fn context_created(&mut self, source: SecurityContextListenerSource, context: SecurityContext) {
        tracing::info!(application = context.app_id, "a socket for an application");
        let inserted = self
            .events
            .insert_source(Listener(source), |stream, (), kiosk| {
                kiosk.admission.knock(stream, Rank::Application);
            });
        if let Err(error) = inserted {
            tracing::error!(%error, "listen for an application");
        }
    }
}

delegate_security_context!(Kiosk);
