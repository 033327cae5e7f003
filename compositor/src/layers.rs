// SPDX-License-Identifier: EUPL-1.2
//! Layer surfaces: bars, keyboards and backgrounds of the shell, around and behind the windows.

use smithay::{
    reexports::wayland_server::protocol::wl_surface::WlSurface,
    utils::{Logical, Point, Rectangle},
    wayland::{
        compositor::with_states,
        shell::wlr_layer::{
            KeyboardInteractivity, Layer, LayerSurface, LayerSurfaceCachedState, LayerSurfaceData,
        },
    },
};

use crate::{
    client::is_connected,
    layout::{Wish, arrange},
    state::Kiosk,
    windows::has_picture,
};

/// A layer surface and where it is.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Its surface and role.
    pub layer: LayerSurface,
    /// Its place by the layout.
    pub place: Rectangle<i32, Logical>,
    mapped: bool,
    /// Whether it has asked for its first configure, which has to wait while there is no screen.
    asked: bool,
    put: Option<Point<i32, Logical>>,
}

impl Placed {
    /// The surface.
    pub fn surface(&self) -> &WlSurface {
        self.layer.wl_surface()
    }

    /// Its top left corner.
    pub fn corner(&self) -> Point<i32, Logical> {
        self.put.unwrap_or(self.place.loc)
    }

    fn state(&self) -> LayerSurfaceCachedState {
        with_states(self.surface(), |states| {
            *states
                .cached_state
                .get::<LayerSurfaceCachedState>()
                .current()
        })
    }

    /// Whether it is to be seen.
    pub fn is_shown(&self) -> bool {
        self.mapped && self.layer.alive() && is_connected(self.surface())
    }

    /// How it takes the keyboard.
    pub fn interactivity(&self) -> KeyboardInteractivity {
        self.state().keyboard_interactivity
    }
}

/// The layer surfaces, oldest first, and what they leave free.
#[derive(Debug, Default)]
pub struct Layers {
    all: Vec<Placed>,
    /// The frame for windows.
    pub free: Rectangle<i32, Logical>,
}

impl Layers {
    /// The one with this surface.
    pub fn find(&self, surface: &WlSurface) -> Option<&Placed> {
        self.all.iter().find(|placed| placed.surface() == surface)
    }

    /// Those whose surface is there, shown or not.
    pub fn living(&self) -> impl Iterator<Item = &Placed> {
        self.all.iter().filter(|placed| placed.layer.alive())
    }

    /// The shown ones of a layer, newest first.
    pub fn shown(&self, layer: Layer) -> impl Iterator<Item = &Placed> {
        let of_layer = move |placed: &&Placed| placed.is_shown() && placed.state().layer == layer;
        self.all.iter().rev().filter(of_layer)
    }

    /// The one that takes the keyboard from everything else.
    pub fn exclusive(&self) -> Option<&Placed> {
        [Layer::Overlay, Layer::Top]
            .into_iter()
            .flat_map(|layer| self.shown(layer))
            .find(|placed| placed.interactivity() == KeyboardInteractivity::Exclusive)
    }

    /// Puts one somewhere against the layout; for tests.
    pub fn put(&mut self, surface: &WlSurface, place: Point<i32, Logical>) {
        if let Some(placed) = self
            .all
            .iter_mut()
            .find(|placed| placed.surface() == surface)
        {
            placed.put = Some(place);
        }
    }
}

impl Kiosk {
    /// A layer surface was made; it is configured when it first commits.
    pub fn add_layer(&mut self, layer: LayerSurface) {
        self.enter_screen(layer.wl_surface());
        self.layers.all.push(Placed {
            layer,
            place: Rectangle::default(),
            mapped: false,
            asked: false,
            put: None,
        });
    }

    /// A layer surface is gone.
    pub fn remove_layer(&mut self, layer: &LayerSurface) {
        self.layers.all.retain(|placed| placed.layer != *layer);
        // While the surface is still there, so that the pointer can leave it.
        self.aim_resting_pointer();
        self.arrange_layers();
    }

    /// A layer surface has committed: its wishes may have changed.
    pub fn layer_committed(&mut self, surface: &WlSurface) {
        let Some(index) = self
            .layers
            .all
            .iter()
            .position(|placed| placed.surface() == surface)
        else {
            return;
        };
        let picture = has_picture(surface);
        let was_mapped = std::mem::replace(&mut self.layers.all[index].mapped, picture);
        self.layers.all[index].asked = true;
        self.arrange_layers();
        let placed = &self.layers.all[index];
        if picture && !was_mapped && placed.interactivity() == KeyboardInteractivity::OnDemand {
            self.keyboard_wish = Some(surface.clone());
        }
    }

    /// Places all layer surfaces anew and tells everybody whose size has changed.
    pub fn arrange_layers(&mut self) {
        let screen = Rectangle::from_size(self.size());
        let mut order: Vec<usize> = (0..self.layers.all.len()).collect();
        // Those in front come first, as they are nearer to the edge.
        order.sort_by_key(|index| match self.layers.all[*index].state().layer {
            Layer::Overlay => 0,
            Layer::Top => 1,
            Layer::Bottom => 2,
            Layer::Background => 3,
        });
        let wish = |index: &usize| {
            let state = self.layers.all[*index].state();
            Wish {
                size: state.size,
                anchor: state.anchor,
                margin: state.margin,
                zone: state.exclusive_zone,
            }
        };
        let wishes: Vec<Wish> = order.iter().map(wish).collect();
        let (places, free) = arrange(screen, &wishes);
        let is_lit = self.lit.is_some();
        for (index, place) in order.into_iter().zip(places) {
            let item = &mut self.layers.all[index];
            item.place = place;
            if item.layer.alive() {
                item.layer
                    .with_pending_state(|state| state.size = Some(place.size));
                if is_configured_once(item.surface()) {
                    item.layer.send_pending_configure();
                } else if item.asked && is_lit {
                    item.layer.send_configure();
                }
            }
        }
        if std::mem::replace(&mut self.layers.free, free) != free {
            if !self.has_frame() {
                // One that has the keyboard would keep it.
                self.dismiss_popups();
            }
            self.configure_windows();
        }
        self.queue_redraw();
    }
}

/// Whether the first configure was sent.
fn is_configured_once(surface: &WlSurface) -> bool {
    with_states(surface, |states| {
        let data = states.data_map.get::<LayerSurfaceData>();
        data.and_then(|data| Some(data.lock().ok()?.initial_configure_sent))
            .unwrap_or(false)
    })
}
