// SPDX-License-Identifier: EUPL-1.2
//! No buffer before the first configure is acknowledged: "The client must acknowledge it and is then allowed to attach a
//! buffer to map the surface." smithay leaves the check to us.
//!
//! A buffer counts once it is committed, except where it can never be right: on a surface that is neither window nor popup
//! yet.

use std::sync::{Mutex, PoisonError};

use smithay::{
    reexports::{
        wayland_protocols::xdg::shell::server::xdg_surface::{self, XdgSurface},
        wayland_server::{
            Client, DataInit, Dispatch, DisplayHandle, Resource, Weak, backend::ClientId,
            protocol::wl_surface::WlSurface,
        },
    },
    wayland::{
        compositor::{BufferAssignment, SurfaceAttributes, SurfaceData, with_states},
        shell::xdg::{
            XdgPopupSurfaceData, XdgShellState, XdgSurfaceUserData, XdgToplevelSurfaceData,
        },
    },
};

use crate::state::Kiosk;

/// The `xdg_surface` of a surface.
#[derive(Clone, Debug, Default)]
enum Role {
    /// There is none.
    #[default]
    None,
    /// There is one, which is neither window nor popup yet.
    Bare,
    /// There is this one.
    Made(Weak<XdgSurface>),
}

fn set_role(surface: &WlSurface, role: Role) {
    with_states(surface, |states| {
        states
            .data_map
            .insert_if_missing_threadsafe(Mutex::<Role>::default);
        if let Some(slot) = states.data_map.get::<Mutex<Role>>() {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = role;
        }
    });
}

fn role(states: &SurfaceData) -> Role {
    let slot = states.data_map.get::<Mutex<Role>>();
    slot.map(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner).clone())
        .unwrap_or_default()
}

/// A surface was given an `xdg_surface`.
pub fn mark_bare(surface: &WlSurface) {
    set_role(surface, Role::Bare);
}

impl Kiosk {
    /// A surface has become a window or popup.
    pub fn mark_made(&mut self, surface: &WlSurface) {
        if let Some(xdg_surface) = self.making.take() {
            set_role(surface, Role::Made(xdg_surface.downgrade()));
        }
    }

    /// Whether a buffer may be attached; if not, the client has heard so.
    pub fn may_attach(&self, client: &Client, surface: &WlSurface) -> bool {
        if !matches!(with_states(surface, role), Role::Bare) {
            return true;
        }
        // The request that made it does not tell its name, so it is looked for now that the client must go.
        let Some(bare) = self.last_xdg_surface(client) else {
            set_role(surface, Role::None);
            return true;
        };
        refuse(&bare);
        false
    }

    /// Whether a surface may commit what is attached; if not, the client has heard so.
    pub fn may_commit(&self, surface: &WlSurface) -> bool {
        let made = with_states(surface, |states| {
            let early = has_new_buffer(states) && !is_configured(states);
            match role(states) {
                Role::Made(xdg_surface) if early => xdg_surface.upgrade().ok(),
                _ => None,
            }
        });
        match made {
            Some(xdg_surface) if !self.rules.early_buffers => {
                refuse(&xdg_surface);
                false
            }
            _ => true,
        }
    }

    /// The `xdg_surface` of a client that has the last number: the newest, as long as none is given up.
    fn last_xdg_surface(&self, client: &Client) -> Option<XdgSurface> {
        let mut last = None;
        let handle = self.display.backend_handle();
        let asked = handle.with_all_objects_for(client.id(), |id| {
            if id.interface().name == XdgSurface::interface().name {
                last = Some(id);
            }
        });
        XdgSurface::from_id(&self.display, asked.ok().and(last)?).ok()
    }
}

fn has_new_buffer(states: &SurfaceData) -> bool {
    let mut state = states.cached_state.get::<SurfaceAttributes>();
    matches!(state.pending().buffer, Some(BufferAssignment::NewBuffer(_)))
}

fn is_configured(states: &SurfaceData) -> bool {
    let map = &states.data_map;
    let window = || Some(map.get::<XdgToplevelSurfaceData>()?.lock().ok()?.configured);
    let popup = || Some(map.get::<XdgPopupSurfaceData>()?.lock().ok()?.configured);
    window().or_else(popup).unwrap_or(false)
}

fn refuse(xdg_surface: &XdgSurface) {
    xdg_surface.post_error(
        xdg_surface::Error::UnconfiguredBuffer,
        "a buffer before the first configure is acknowledged",
    );
}

impl Dispatch<XdgSurface, XdgSurfaceUserData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        xdg_surface: &XdgSurface,
        request: xdg_surface::Request,
        data: &XdgSurfaceUserData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        // Kept for the handler of the new window or popup, which is told the surface only.
        state.making = Some(xdg_surface.clone());
        <XdgShellState as Dispatch<XdgSurface, XdgSurfaceUserData, Self>>::request(
            state,
            client,
            xdg_surface,
            request,
            data,
            display,
            init,
        );
        state.making = None;
    }

    fn destroyed(
        state: &mut Self,
        client: ClientId,
        xdg_surface: &XdgSurface,
        data: &XdgSurfaceUserData,
    ) {
        <XdgShellState as Dispatch<XdgSurface, XdgSurfaceUserData, Self>>::destroyed(
            state,
            client,
            xdg_surface,
            data,
        );
    }
}
