// SPDX-License-Identifier: EUPL-1.2
//! Popups: menus and lists of choices that belong to a window or a layer surface.

use smithay::{
    desktop::{
        PopupKeyboardGrab, PopupKind, PopupManager, PopupPointerGrab, PopupUngrabStrategy,
        find_popup_root_surface, get_popup_toplevel_coords,
    },
    input::pointer::Focus,
    reexports::wayland_server::{Resource, protocol::wl_surface::WlSurface},
    utils::{Rectangle, Serial},
    wayland::{
        compositor::with_states,
        shell::xdg::{PopupState, PopupSurface, PositionerState, XdgPopupSurfaceData},
    },
};

use crate::{client::disconnect, state::Kiosk};

impl Kiosk {
    /// A popup was made. One without a parent waits for it to be told.
    pub fn add_popup(&mut self, popup: PopupSurface, positioner: PositionerState) {
        if is_its_own_ancestor(&popup) {
            if let Some(client) = popup.wl_surface().client() {
                disconnect(&client, &self.display, "a popup cannot be its own ancestor");
            }
            return;
        }
        self.place_popup(&popup, positioner);
        if let Err(error) = self.popups.track_popup(PopupKind::Xdg(popup)) {
            tracing::debug!(%error, "a popup without a living parent");
        }
    }

    /// A popup that had no parent was told one.
    pub fn popup_has_parent(&mut self, popup: &PopupSurface) {
        let positioner = popup.with_pending_state(|state| state.positioner);
        self.place_popup(popup, positioner);
    }

    /// Moves a popup so that all of it is where its window may be seen, as far as its own rules allow.
    pub fn place_popup(&self, popup: &PopupSurface, positioner: PositionerState) {
        let kind = PopupKind::Xdg(popup.clone());
        let mut limits = Rectangle::from_size(self.size());
        // Without a root there is nothing to be relative to, and smithay would not find an end of the parents.
        if let Ok(root) = find_popup_root_surface(&kind) {
            if let Some(window) = self.window(&root) {
                limits = self.limits_of(window).unwrap_or(limits);
                limits.loc -= self.place_of(window);
            } else if let Some(placed) = self.layers.find(&root) {
                limits.loc -= placed.corner();
            }
            limits.loc -= get_popup_toplevel_coords(&kind);
        }
        popup.with_pending_state(|state| {
            state.geometry = positioner.get_unconstrained_geometry(limits);
            state.positioner = positioner;
        });
    }

    /// After a window has moved, moves its popups that want to be.
    pub fn reposition_popups(&mut self, root: &WlSurface) {
        for (popup, _) in PopupManager::popups_for_surface(root) {
            if let PopupKind::Xdg(popup) = popup {
                let positioner = popup.with_pending_state(|state| state.positioner);
                if positioner.reactive {
                    self.place_popup(&popup, positioner);
                    if let Err(error) = popup.send_pending_configure() {
                        tracing::debug!(%error, "configure a popup anew");
                    }
                }
            }
        }
    }

    /// Sends a popup's first configure, once it asks for it by its first commit.
    pub fn popup_committed(&mut self, surface: &WlSurface) {
        if let Some(PopupKind::Xdg(popup)) = self.popups.find_popup(surface)
            && !popup.is_initial_configure_sent()
            && let Err(error) = popup.send_configure()
        {
            tracing::debug!(%error, "configure a popup");
        }
    }

    /// A popup has acknowledged where it is: "the client must acknowledge the new popup configuration for the new position to
    /// take effect". smithay waits for a commit.
    pub fn popup_acknowledged(&mut self, surface: &WlSurface, acknowledged: &PopupState) {
        with_states(surface, |states| {
            if let Some(data) = states.data_map.get::<XdgPopupSurfaceData>()
                && let Ok(mut data) = data.lock()
            {
                data.current = *acknowledged;
            }
        });
        self.queue_redraw();
    }

    /// A popup wants the keyboard, and to be told when somebody presses elsewhere.
    pub fn grab_for_popup(&mut self, popup: PopupSurface, serial: Serial) {
        let kind = PopupKind::Xdg(popup);
        let Ok(root) = find_popup_root_surface(&kind) else {
            return;
        };
        let seat = self.devices.seat.clone();
        let mut grab = match self.popups.grab_popup(root, kind, &seat, serial) {
            Ok(grab) => grab,
            Err(error) => {
                tracing::debug!(%error, "a popup's grab");
                return;
            }
        };
        let keyboard = self.devices.keyboard.clone();
        let pointer = self.devices.pointer.clone();
        let ours = grab.previous_serial().unwrap_or(serial);
        let taken = keyboard.is_grabbed()
            && !(keyboard.has_grab(serial) || keyboard.has_grab(ours))
            || pointer.is_grabbed() && !(pointer.has_grab(serial) || pointer.has_grab(ours));
        if taken {
            grab.ungrab(PopupUngrabStrategy::All);
            return;
        }
        keyboard.set_focus(self, grab.current_grab(), serial);
        keyboard.set_grab(self, PopupKeyboardGrab::new(&grab), serial);
        pointer.set_grab(self, PopupPointerGrab::new(&grab), serial, Focus::Keep);
        self.popup_grab = Some(grab);
    }

    /// Ends the popups that have the keyboard.
    pub fn dismiss_popups(&mut self) {
        if let Some(mut grab) = self.popup_grab.take()
            && !grab.has_ended()
        {
            grab.ungrab(PopupUngrabStrategy::All);
            self.devices.pointer.clone().unset_grab(
                self,
                smithay::utils::SERIAL_COUNTER.next_serial(),
                self.clock.now().as_millis(),
            );
            self.devices.keyboard.clone().unset_grab(self);
        }
    }
}

/// Whether following the parents from a popup comes back to it. smithay follows them until they end.
fn is_its_own_ancestor(popup: &PopupSurface) -> bool {
    let mut ancestor = popup.get_parent_surface();
    // Bounded by the number of a client's surfaces: each popup before this one has passed the same check.
    while let Some(surface) = ancestor {
        if surface == *popup.wl_surface() {
            return true;
        }
        ancestor = parent_of(&surface);
    }
    false
}

/// A popup's parent; `None` for any other surface.
fn parent_of(surface: &WlSurface) -> Option<WlSurface> {
    with_states(surface, |states| {
        let popup = states.data_map.get::<XdgPopupSurfaceData>()?;
        popup.lock().ok()?.parent.clone()
    })
}
