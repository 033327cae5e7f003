// SPDX-License-Identifier: EUPL-1.2
//! The frame in which the compositor shows an application. The window fills the screen; four layer surfaces that nobody sees or
//! touches reserve what is around the frame. Where no application may be seen they reserve everything.

use smithay_client_toolkit::compositor::{CompositorState, Region};
use smithay_client_toolkit::reexports::client::QueueHandle;
use smithay_client_toolkit::reexports::client::globals::GlobalList;
use smithay_client_toolkit::reexports::client::protocol::wl_shm;
use smithay_client_toolkit::shell::WaylandSurface;
use smithay_client_toolkit::shell::wlr_layer::{
    Anchor, KeyboardInteractivity, Layer, LayerShell, LayerSurface,
};
use smithay_client_toolkit::shm::Shm;
use smithay_client_toolkit::shm::slot::{Buffer, SlotPool};

use super::buffers::BufferError;
use super::window::App;
use crate::canvas::Rect;

/// The surfaces, and what they reserve.
pub struct Frame {
    strips: [Strip; 4],
    /// Of one pixel that is not seen.
    buffer: Buffer,
    _pool: SlotPool,
    reserved: [i32; 4],
}

struct Strip {
    layer: LayerSurface,
    configured: bool,
}

impl Frame {
    /// Reserves everything, as soon as the compositor answers; nothing if it has no layer surfaces, and then no applications of ours.
    pub fn new(
        globals: &GlobalList,
        queue: &QueueHandle<App>,
        compositor: &CompositorState,
        shm: &Shm,
    ) -> Result<Option<Self>, BufferError> {
        let Ok(shell) = LayerShell::bind(globals, queue) else {
            return Ok(None);
        };
        let Ok(untouched) = Region::new(compositor) else {
            return Ok(None);
        };
        let edges = [
            (Anchor::TOP, "above"),
            (Anchor::BOTTOM, "below"),
            (Anchor::LEFT, "left"),
            (Anchor::RIGHT, "right"),
        ];
        let strips = edges.map(|(edge, name)| {
            let surface = compositor.create_surface(queue);
            surface.set_input_region(Some(untouched.wl_region()));
            let layer = shell.create_layer_surface(queue, surface, Layer::Top, Some(name), None);
            layer.set_anchor(edge);
            layer.set_size(1, 1);
            layer.set_keyboard_interactivity(KeyboardInteractivity::None);
            // No screen is larger: what exceeds it is cut off.
            layer.set_exclusive_zone(ALL);
            layer.commit();
            Strip {
                layer,
                configured: false,
            }
        });
        let mut pool = SlotPool::new(4, shm)?;
        // Memory begins empty, and so the pixel is transparent.
        let (buffer, _) = pool.create_buffer(1, 1, 4, wl_shm::Format::Argb8888)?;
        Ok(Some(Self {
            strips,
            buffer,
            _pool: pool,
            reserved: [ALL; 4],
        }))
    }

    /// The compositor has answered one of them: now it may have a picture.
    pub fn configure(&mut self, layer: &LayerSurface) {
        for strip in &mut self.strips {
            if strip.layer == *layer && !std::mem::replace(&mut strip.configured, true) {
                let surface = layer.wl_surface();
                surface.attach(Some(self.buffer.wl_buffer()), 0, 0);
                surface.damage_buffer(0, 0, 1, 1);
                layer.commit();
            }
        }
    }

    /// Leaves this part of a screen of this width and height to an application, or nothing.
    pub fn leave(&mut self, free: Option<&Rect>, (width, height): (u32, u32)) {
        let wanted = free.map_or([ALL; 4], |free| {
            let below = height as f32 - free.bottom();
            let right = width as f32 - free.right();
            [free.y, below, free.x, right].map(|length| length.round().max(0.0) as i32)
        });
        if wanted == self.reserved {
            return;
        }
        self.reserved = wanted;
        for (strip, amount) in self.strips.iter().zip(wanted) {
            strip.layer.set_exclusive_zone(amount);
            strip.layer.commit();
        }
    }
}

/// More than any screen has.
const ALL: i32 = 1 << 16;
