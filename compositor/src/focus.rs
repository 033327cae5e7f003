// SPDX-License-Identifier: EUPL-1.2
//! Who has the keyboard, and what is under a point.

use smithay::{
    desktop::{PopupManager, WindowSurfaceType, utils::under_from_surface_tree},
    reexports::wayland_server::{Resource, protocol::wl_surface::WlSurface},
    utils::{Logical, Point, SERIAL_COUNTER},
    wayland::shell::wlr_layer::{KeyboardInteractivity, Layer},
};

use crate::{rules::Placement, scene::Shown, state::Kiosk};

/// A surface under a point.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Which.
    pub surface: WlSurface,
    /// Where it begins on the screen.
    pub begin: Point<f64, Logical>,
    /// The window, layer surface or popup's window that it is part of.
    pub root: WlSurface,
}

impl Kiosk {
    /// All that is to be seen, front to back.
    pub fn shown(&self) -> Vec<Shown> {
        let mut shown = Vec::new();
        if self.lock.is_locked() {
            if let Some(lock) = self.lock.surface() {
                with_popups(
                    lock.wl_surface(),
                    Point::default(),
                    Point::default(),
                    &mut shown,
                );
            }
            return shown;
        }
        let layers = |layers: [Layer; 2], shown: &mut Vec<Shown>| {
            for placed in layers
                .into_iter()
                .flat_map(|layer| self.layers.shown(layer))
            {
                with_popups(placed.surface(), placed.corner(), placed.corner(), shown);
            }
        };
        layers([Layer::Overlay, Layer::Top], &mut shown);
        for window in self.shown_windows().into_iter().rev() {
            let place = self.place_of(window);
            let from = shown.len();
            with_popups(
                window.surface(),
                place,
                place - window.geometry().loc,
                &mut shown,
            );
            let limits = self.limits_of(window);
            for part in &mut shown[from..] {
                part.limits = limits;
            }
        }
        layers([Layer::Bottom, Layer::Background], &mut shown);
        shown
    }

    /// The surface under a point.
    pub fn surface_at(&self, point: Point<f64, Logical>) -> Option<Hit> {
        self.shown().into_iter().find_map(|part| {
            if part
                .limits
                .is_some_and(|limits| !limits.to_f64().contains(point))
            {
                return None;
            }
            let (surface, begin) = under_from_surface_tree(
                &part.surface,
                point,
                part.place,
                WindowSurfaceType::TOPLEVEL | WindowSurfaceType::SUBSURFACE,
            )?;
            Some(Hit {
                surface,
                begin: begin.to_f64(),
                root: part.root,
            })
        })
    }

    /// A finger or a button has come down: what is under it may take the keyboard, and popups of others end.
    pub fn pressed(&mut self, hit: Option<&Hit>) {
        let client = hit.and_then(|hit| hit.surface.client());
        let stays = self.popup_grab.as_ref().is_none_or(|grab| {
            grab.current_grab()
                .is_some_and(|popup| popup.client() == client)
        });
        if !stays {
            self.dismiss_popups();
        }
        let Some(root) = hit.map(|hit| hit.root.clone()) else {
            return;
        };
        self.ask_whether_alive(&root);
        if let Some(placed) = self.layers.find(&root) {
            if placed.interactivity() == KeyboardInteractivity::OnDemand {
                self.keyboard_wish = Some(root);
            }
        } else if self.rules.placement == Placement::Free {
            self.raise(&root);
        } else {
            self.keyboard_wish = None;
        }
    }

    /// Who should have the keyboard.
    fn keyboard_owner(&self) -> Option<WlSurface> {
        if self.lock.is_locked() {
            return self.lock.surface().map(|lock| lock.wl_surface().clone());
        }
        if let Some(placed) = self.layers.exclusive() {
            return Some(placed.surface().clone());
        }
        let windows = self.shown_windows();
        let wish = self.keyboard_wish.as_ref().filter(|wish| {
            windows.iter().any(|window| window.surface() == *wish)
                || self.layers.find(wish).is_some_and(|placed| {
                    placed.is_shown() && placed.interactivity() == KeyboardInteractivity::OnDemand
                })
        });
        wish.or_else(|| windows.last().map(|window| window.surface()))
            .cloned()
    }

    /// Gives the keyboard to whom it belongs.
    pub fn refocus(&mut self) {
        let owner = self.keyboard_owner();
        if self.keyboard_target != owner {
            self.keyboard_target.clone_from(&owner);
            if self.rules.placement == Placement::Free {
                self.configure_windows();
            }
        }
        let popup = self.popup_grab.as_ref().filter(|grab| !grab.has_ended());
        let owner = match popup {
            Some(grab) => grab.current_grab(),
            None => owner,
        };
        let keyboard = self.devices.keyboard.clone();
        if keyboard.current_focus() != owner {
            self.release_keys();
            keyboard.set_focus(self, owner, SERIAL_COUNTER.next_serial());
        }
    }

    /// Turns the keyboard from the application in front to the shell, or back.
    pub fn turn_keyboard(&mut self) {
        if self.rules.placement == Placement::Free || self.lock.is_locked() {
            return;
        }
        let windows = self.shown_windows();
        let Some(shell) = windows.first().map(|window| window.surface().clone()) else {
            return;
        };
        self.dismiss_popups();
        let has_it = self.keyboard_wish.as_ref() == Some(&shell);
        self.keyboard_wish = (!has_it).then_some(shell);
    }

    /// Gives the keyboard to the shell for a key that is its own; the next turn gives it back.
    pub fn give_shell_the_keyboard(&mut self) {
        if self.rules.placement == Placement::Free || self.lock.is_locked() {
            return;
        }
        let windows = self.shown_windows();
        let shell = windows.first().map(|window| window.surface().clone());
        let keyboard = self.devices.keyboard.clone();
        if shell.is_none() || keyboard.current_focus() == shell {
            return;
        }
        self.dismiss_popups();
        self.release_keys();
        keyboard.set_focus(self, shell, SERIAL_COUNTER.next_serial());
    }

    /// Tells the clients where the pointer is, if what is under it has changed.
    pub fn aim_resting_pointer(&mut self) {
        if !self.pointer.is_seen() {
            return;
        }
        let hit = self.surface_at(self.pointer.at());
        let aim = hit.map(|hit| (hit.surface, hit.begin));
        if aim != self.aim {
            let time = self.clock.now().as_millis();
            self.aim_pointer(time);
        }
    }
}

/// A surface and its popups, front to back. `place` is where its geometry begins, `corner` where its own picture does.
fn with_popups(
    surface: &WlSurface,
    place: Point<i32, Logical>,
    corner: Point<i32, Logical>,
    shown: &mut Vec<Shown>,
) {
    let mut show = |part: WlSurface, place| {
        shown.push(Shown {
            surface: part,
            place,
            root: surface.clone(),
            limits: None,
        });
    };
    for (popup, offset) in PopupManager::popups_for_surface(surface) {
        show(
            popup.wl_surface().clone(),
            place + offset - popup.geometry().loc,
        );
    }
    show(surface.clone(), corner);
}
