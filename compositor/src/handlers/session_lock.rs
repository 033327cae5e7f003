// SPDX-License-Identifier: EUPL-1.2
//! `ext_session_lock`: nothing but the lock is seen until it is opened; only for the shell.

use smithay::{
    delegate_session_lock,
    reexports::{
        wayland_protocols::ext::session_lock::v1::server::ext_session_lock_v1::ExtSessionLockV1,
        wayland_server::{Resource, protocol::wl_output::WlOutput},
    },
    utils::Size,
    wayland::session_lock::{
        LockSurface, SessionLockHandler, SessionLockManagerState, SessionLocker,
    },
};

use crate::{client::is_connected, state::Kiosk};

/// Whether the session is locked, and what is seen then.
#[derive(Debug, Default)]
pub struct Lock {
    locked: bool,
    /// Confirmed once a frame without the session is seen.
    asked: Option<SessionLocker>,
    covered: bool,
    owner: Option<ExtSessionLockV1>,
    surface: Option<LockSurface>,
}

impl Lock {
    /// Whether only the lock may be seen.
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    /// What is seen of it; nothing if whoever has locked is gone: it stays locked.
    pub fn surface(&self) -> Option<&LockSurface> {
        self.surface
            .as_ref()
            .filter(|surface| surface.alive() && is_connected(surface.wl_surface()))
    }

    /// A frame was drawn.
    pub fn drawn(&mut self) {
        self.covered = self.asked.is_some();
    }

    /// The drawn frame is seen, or nothing is.
    pub fn seen(&mut self) {
        if std::mem::take(&mut self.covered)
            && let Some(asked) = self.asked.take()
        {
            asked.lock();
        }
    }
}

impl SessionLockHandler for Kiosk {
    fn lock_state(&mut self) -> &mut SessionLockManagerState {
        &mut self.globals.session_lock
    }

    fn lock(&mut self, confirmation: SessionLocker) {
        let owner = confirmation.ext_session_lock().clone();
        if self.lock.owner.as_ref().is_some_and(Resource::is_alive) {
            // Dropped, which tells the client that it has not locked.
            return;
        }
        self.lock = Lock {
            locked: true,
            asked: Some(confirmation),
            covered: false,
            owner: Some(owner),
            surface: None,
        };
        self.dismiss_popups();
        if self.lit.is_none() {
            self.lock.drawn();
            self.lock.seen();
        }
        self.queue_redraw();
    }

    fn unlock(&mut self) {
        self.lock = Lock::default();
        self.queue_redraw();
    }

    fn new_surface(&mut self, surface: LockSurface, _output: WlOutput) {
        self.enter_screen(surface.wl_surface());
        self.lock.surface = Some(surface);
        self.configure_lock();
    }
}

impl Kiosk {
    /// Tells the lock how large the screen is.
    pub fn configure_lock(&self) {
        if let Some(surface) = self.lock.surface() {
            let size = self.size();
            surface.with_pending_state(|state| {
                state.size = Some(Size::from((size.w.unsigned_abs(), size.h.unsigned_abs())));
            });
            surface.send_configure();
        }
    }
}

delegate_session_lock!(Kiosk);
