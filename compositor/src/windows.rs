// SPDX-License-Identifier: EUPL-1.2
//! Windows: which there are, which are seen, and where.
//!
//! In a kiosk the shell's newest window fills the screen. Over it, inside the frame that the shell's layer surfaces leave
//! free, the newest application's window is shown and its dialogs in the middle; nothing of an application is drawn or
//! touched outside the frame. Where the shell leaves nothing free, or shows nothing itself, applications are neither seen
//! nor typed into.

use smithay::{
    backend::renderer::utils::with_renderer_surface_state,
    desktop::utils::bbox_from_surface_tree,
    reexports::{
        wayland_protocols::xdg::shell::server::xdg_toplevel::State,
        wayland_server::{Resource, protocol::wl_surface::WlSurface},
    },
    utils::{Logical, Point, Rectangle, Size},
    wayland::{
        compositor::with_states,
        foreign_toplevel_list::ForeignToplevelHandle,
        shell::xdg::{SurfaceCachedState, ToplevelSurface, XdgToplevelSurfaceData},
    },
};

use crate::{
    client::{Rank, is_connected, rank_of},
    rules::Placement,
    state::Kiosk,
};

/// A window.
#[derive(Clone, Debug)]
pub struct Window {
    /// Its surface and role.
    pub toplevel: ToplevelSurface,
    /// Whether its first configure was asked for and it has shown a picture since.
    pub mapped: bool,
    /// Whether it has asked for its first configure, which has to wait while there is no screen.
    asked: bool,
    /// Where it was put, if windows are free.
    pub place: Point<i32, Logical>,
    /// What the shell knows it by.
    listed: Option<ForeignToplevelHandle>,
}

impl Window {
    /// The surface.
    pub fn surface(&self) -> &WlSurface {
        self.toplevel.wl_surface()
    }

    fn is_there(&self) -> bool {
        self.toplevel.alive() && is_connected(self.surface())
    }

    fn is_application(&self) -> bool {
        rank_of(self.surface()) == Rank::Application
    }

    /// What the client calls the window, without shadows.
    pub fn geometry(&self) -> Rectangle<i32, Logical> {
        geometry(self.surface())
    }

    fn has_state(&self, state: State) -> bool {
        self.toplevel
            .with_pending_state(|pending| pending.states.contains(state))
    }
}

/// The windows, bottom to top.
pub type Windows = Vec<Window>;

/// A window's geometry; where the client has set none, its surface without the parts around it, so that those do not move it.
fn geometry(surface: &WlSurface) -> Rectangle<i32, Logical> {
    let set = with_states(surface, |states| {
        states
            .cached_state
            .get::<SurfaceCachedState>()
            .current()
            .geometry
    });
    let own = with_renderer_surface_state(surface, |state| state.surface_size()).flatten();
    set.and_then(|set| set.intersection(bbox_from_surface_tree(surface, (0, 0))))
        .unwrap_or_else(|| Rectangle::from_size(own.unwrap_or_default()))
}

/// A window's title and the application that it is of.
fn names(surface: &WlSurface) -> (String, String) {
    with_states(surface, |states| {
        let data = states.data_map.get::<XdgToplevelSurfaceData>();
        let data = data.and_then(|data| data.lock().ok());
        data.map(|data| {
            (
                data.title.clone().unwrap_or_default(),
                data.app_id.clone().unwrap_or_default(),
            )
        })
        .unwrap_or_default()
    })
}

/// Whether a surface has a picture to show.
pub fn has_picture(surface: &WlSurface) -> bool {
    with_renderer_surface_state(surface, |state| state.buffer().is_some()).unwrap_or(false)
}

impl Kiosk {
    /// A window was made; it is configured when it first commits.
    pub fn add_window(&mut self, toplevel: ToplevelSurface) {
        self.enter_screen(toplevel.wl_surface());
        self.windows.push(Window {
            toplevel,
            mapped: false,
            asked: false,
            place: Point::default(),
            listed: None,
        });
    }

    /// A window is gone.
    pub fn remove_window(&mut self, toplevel: &ToplevelSurface) {
        if let Some(window) = self.window(toplevel.wl_surface()).cloned() {
            self.unlist(&window);
        }
        self.windows.retain(|window| window.toplevel != *toplevel);
        // While the surface is still there, so that pointer and keyboard can leave it.
        self.aim_resting_pointer();
        self.refocus();
        self.queue_redraw();
    }

    /// The window that a surface is the root of.
    pub fn window(&self, surface: &WlSurface) -> Option<&Window> {
        self.windows
            .iter()
            .find(|window| window.surface() == surface)
    }

    /// The windows to show, bottom to top.
    pub fn shown_windows(&self) -> Vec<&Window> {
        let there = || self.windows.iter().filter(|window| window.is_there());
        if self.rules.placement == Placement::Free {
            return there().filter(|window| window.mapped).collect();
        }
        let shells = || there().rev().filter(|window| !window.is_application());
        let shell = shells()
            .find(|window| window.mapped)
            .or_else(|| shells().next());
        // Without the shell's picture around it an application could be anything, and nobody could leave it.
        let framed = shell.is_some_and(|shell| shell.mapped) && self.has_frame();
        let mut shown: Vec<_> = shell.into_iter().collect();
        let main = |window: &&Window| {
            window.mapped && window.is_application() && self.parent_window(window).is_none()
        };
        if framed && let Some(application) = there().rev().find(main) {
            let client = application.surface().client();
            shown.push(application);
            shown.extend(there().filter(|window| {
                window.mapped
                    && window.surface().client() == client
                    && self.parent_window(window).is_some()
            }));
        }
        shown
    }

    /// Whether the shell leaves any room for applications.
    pub fn has_frame(&self) -> bool {
        !self.layers.free.is_empty()
    }

    /// The window that a dialog belongs to, as long as that has a picture.
    fn parent_window(&self, window: &Window) -> Option<&Window> {
        let parent = window.toplevel.parent()?;
        self.window(&parent)
            .filter(|parent| parent.mapped && parent.is_there())
    }

    /// Where a window's geometry begins.
    pub fn place_of(&self, window: &Window) -> Point<i32, Logical> {
        match self.rules.placement {
            Placement::Free if window.has_state(State::Fullscreen) => Point::default(),
            Placement::Free if window.has_state(State::Maximized) => self.layers.free.loc,
            Placement::Free => window.place,
            Placement::Frame if !window.is_application() => Point::default(),
            Placement::Frame if self.parent_window(window).is_none() => self.layers.free.loc,
            Placement::Frame => {
                let (frame, size) = (self.layers.free, window.geometry().size);
                let rest = (frame.size - size).to_point();
                frame.loc + Point::from((rest.x.max(0) / 2, rest.y.max(0) / 2))
            }
        }
    }

    /// What of the screen a window may use; `None` for all of it.
    pub fn limits_of(&self, window: &Window) -> Option<Rectangle<i32, Logical>> {
        let limited = self.rules.placement == Placement::Frame && window.is_application();
        limited.then_some(self.layers.free)
    }

    /// The size that a window has to have; `None` where it chooses.
    fn size_for(&self, window: &Window) -> Option<Size<i32, Logical>> {
        let frame = self.layers.free.size;
        match self.rules.placement {
            Placement::Free if window.has_state(State::Fullscreen) => Some(self.size()),
            Placement::Free if window.has_state(State::Maximized) => Some(frame),
            Placement::Free => None,
            Placement::Frame if !window.is_application() => Some(self.size()),
            // Nobody sees it now: it stays as large as it was.
            Placement::Frame if !self.has_frame() => {
                let told = window.toplevel.with_pending_state(|state| state.size);
                told.or_else(|| Some(self.size()))
            }
            Placement::Frame if window.toplevel.parent().is_none() => Some(frame),
            Placement::Frame => {
                // A dialog chooses until it is too large, and stays at what it was told then: freed, it would grow again.
                let told = window.toplevel.with_pending_state(|state| state.size);
                let size = told.unwrap_or_else(|| window.geometry().size);
                let fits = size.w <= frame.w && size.h <= frame.h;
                (told.is_some() || !fits)
                    .then(|| Size::from((size.w.min(frame.w), size.h.min(frame.h))))
            }
        }
    }

    /// Tells a window how large it has to be; while there is no screen, nothing is told yet.
    ///
    /// With `answer` the client has asked and hears the same again, else it hears only of changes.
    pub fn configure_window(&self, window: &Window, answer: bool) {
        let Some(lit) = &self.lit else { return };
        let toplevel = &window.toplevel;
        let size = self.size_for(window);
        let bounds = match self.limits_of(window) {
            Some(limits) => limits.size,
            None => self.size(),
        };
        let kiosk = self.rules.placement == Placement::Frame;
        let is_dialog = window.is_application() && toplevel.parent().is_some();
        let fills = kiosk && !is_dialog;
        let activated = kiosk || self.keyboard_target.as_ref() == Some(window.surface());
        let client = window.surface().client();
        let output = client.and_then(|client| lit.output.client_outputs(&client).next());
        toplevel.with_pending_state(|state| {
            state.size = size;
            state.bounds = Some(bounds);
            if fills {
                state.states.set(State::Fullscreen);
                state.fullscreen_output.clone_from(&output);
            }
            if activated {
                state.states.set(State::Activated);
            } else {
                state.states.unset(State::Activated);
            }
        });
        if answer && toplevel.is_initial_configure_sent() {
            toplevel.send_configure();
        } else {
            toplevel.send_pending_configure();
        }
    }

    /// A client asks for a state, or to be rid of it; in a kiosk it has what it has.
    pub fn set_window_state(&mut self, toplevel: &ToplevelSurface, state: State, wanted: bool) {
        let Some(window) = self.window(toplevel.wl_surface()).cloned() else {
            return;
        };
        if self.rules.placement == Placement::Free {
            toplevel.with_pending_state(|pending| {
                if wanted {
                    pending.states.set(state);
                } else {
                    pending.states.unset(state);
                }
            });
        }
        self.configure_window(&window, true);
        self.queue_redraw();
    }

    /// Tells all windows after the screen or the frame has changed.
    pub fn configure_windows(&self) {
        for window in self.windows.iter().filter(|window| window.is_there()) {
            if window.asked || window.toplevel.is_initial_configure_sent() {
                self.configure_window(window, false);
            }
        }
    }

    /// A window's surface has committed: it wants its first configure, or shows its first picture, or shows none any more.
    pub fn window_committed(&mut self, surface: &WlSurface) {
        let Some(index) = self
            .windows
            .iter()
            .position(|window| window.surface() == surface)
        else {
            return;
        };
        let picture = has_picture(surface);
        let was_mapped = std::mem::replace(&mut self.windows[index].mapped, picture);
        let window = self.windows[index].clone();
        if was_mapped && !picture {
            self.unlist(&window);
            self.windows[index].listed = None;
            self.windows[index].asked = false;
            // Before it is shown again it must ask for a configure again.
            with_states(surface, |states| {
                if let Some(data) = states.data_map.get::<XdgToplevelSurfaceData>()
                    && let Ok(mut data) = data.lock()
                {
                    data.configured = false;
                }
            });
            return;
        }
        if !window.toplevel.is_initial_configure_sent() {
            self.windows[index].asked = true;
            self.configure_window(&window, false);
        }
        if picture && !was_mapped {
            self.dismiss_popups();
            self.list(index);
            self.raise(surface);
        } else if picture {
            // A dialog that has grown beyond the frame.
            self.configure_window(&window, false);
        }
    }

    /// Tells the shell that an application has a window.
    fn list(&mut self, index: usize) {
        let window = &self.windows[index];
        if window.is_application() {
            let (title, app_id) = names(window.surface());
            let list = &mut self.globals.toplevel_list;
            self.windows[index].listed = Some(list.new_toplevel::<Self>(title, app_id));
        }
    }

    /// Tells the shell that the window is gone.
    fn unlist(&mut self, window: &Window) {
        if let Some(listed) = &window.listed {
            self.globals.toplevel_list.remove_toplevel(listed);
        }
    }

    /// Tells the shell that a window is called otherwise.
    pub fn rename_window(&mut self, toplevel: &ToplevelSurface) {
        let window = self.window(toplevel.wl_surface());
        if let Some(listed) = window.and_then(|window| window.listed.as_ref()) {
            let (title, app_id) = names(toplevel.wl_surface());
            listed.send_title(&title);
            listed.send_app_id(&app_id);
            listed.send_done();
        }
    }

    /// Puts a window above the others and gives it the keyboard.
    pub fn raise(&mut self, surface: &WlSurface) {
        if let Some(index) = self
            .windows
            .iter()
            .position(|window| window.surface() == surface)
        {
            let window = self.windows.remove(index);
            self.windows.push(window);
        }
        self.keyboard_wish = Some(surface.clone());
        self.queue_redraw();
    }

    /// Puts a window's or a layer surface's geometry somewhere, if windows are free.
    pub fn put(&mut self, surface: &WlSurface, place: Point<i32, Logical>) {
        if self.rules.placement == Placement::Free {
            if let Some(window) = self
                .windows
                .iter_mut()
                .find(|window| window.surface() == surface)
            {
                window.place = place;
            }
            self.layers.put(surface, place);
            self.queue_redraw();
            self.reposition_popups(surface);
        }
    }
}
