// SPDX-License-Identifier: EUPL-1.2
//! Two buffers shared with the compositor. Each remembers which part of it is older than the picture.

use smithay_client_toolkit::reexports::client::protocol::{wl_shm, wl_surface::WlSurface};
use smithay_client_toolkit::shm::Shm;
use smithay_client_toolkit::shm::slot::{ActivateSlotError, Buffer, CreateBufferError, SlotPool};
use tiny_skia::Pixmap;

use crate::canvas::Rect;

/// Why a picture could not be handed to the compositor.
#[derive(Debug, thiserror::Error)]
pub enum BufferError {
    /// No memory to share.
    #[error("cannot make shared memory for the screen")]
    Pool(#[from] smithay_client_toolkit::shm::CreatePoolError),
    /// No buffer in it.
    #[error("cannot make a buffer for the screen")]
    Buffer(#[from] CreateBufferError),
    /// The buffer is in use although it was free.
    #[error("cannot attach a buffer to the screen")]
    Attach(#[from] ActivateSlotError),
}

struct Slot {
    buffer: Buffer,
    old: Option<Rect>,
}

/// The buffers of one size of screen.
pub struct Buffers {
    pool: SlotPool,
    slots: Vec<Slot>,
    width: u32,
    height: u32,
}

impl Buffers {
    /// Buffers for a screen of this size.
    pub fn new(shm: &Shm, width: u32, height: u32) -> Result<Self, BufferError> {
        let bytes = width as usize * height as usize * 4;
        let mut pool = SlotPool::new(bytes * 2, shm)?;
        let mut slots = Vec::new();
        for _ in 0..2 {
            let stride = (width * 4) as i32;
            let (buffer, _) = pool.create_buffer(
                width as i32,
                height as i32,
                stride,
                wl_shm::Format::Xrgb8888,
            )?;
            slots.push(Slot {
                buffer,
                old: Some(Rect::new(0.0, 0.0, width as f32, height as f32)),
            });
        }
        Ok(Self {
            pool,
            slots,
            width,
            height,
        })
    }

    /// Whether they are for a screen of this size.
    pub fn fit(&self, width: u32, height: u32) -> bool {
        (self.width, self.height) == (width, height)
    }

    /// Notes that `damage` of the picture is new.
    pub fn note(&mut self, damage: &Rect) {
        for slot in &mut self.slots {
            slot.old = Some(slot.old.map_or(*damage, |old| old.union(damage)));
        }
    }

    /// Brings a free buffer up to date and attaches it; `false` if the compositor still reads both.
    pub fn attach(
        &mut self,
        picture: &Pixmap,
        damage: &Rect,
        surface: &WlSurface,
    ) -> Result<bool, BufferError> {
        for slot in &mut self.slots {
            let Some(memory) = self.pool.canvas(&slot.buffer) else {
                continue;
            };
            if let Some(old) = slot.old.take() {
                copy(picture, memory, &old);
            }
            slot.buffer.attach_to(surface)?;
            let (x, y) = (damage.x.floor().max(0.0), damage.y.floor().max(0.0));
            let (right, bottom) = (damage.right().ceil(), damage.bottom().ceil());
            surface.damage_buffer(x as i32, y as i32, (right - x) as i32, (bottom - y) as i32);
            return Ok(true);
        }
        Ok(false)
    }
}

/// Copies a part of the picture, with red and blue in the order the compositor wants them.
fn copy(picture: &Pixmap, memory: &mut [u8], part: &Rect) {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let left = (part.x.floor().max(0.0) as usize).min(width);
    let right = (part.right().ceil().max(0.0) as usize).min(width);
    let top = (part.y.floor().max(0.0) as usize).min(height);
    let bottom = (part.bottom().ceil().max(0.0) as usize).min(height);
    for y in top..bottom {
        let range = (y * width + left) * 4..(y * width + right.max(left)) * 4;
        let (Some(from), Some(to)) = (picture.data().get(range.clone()), memory.get_mut(range))
        else {
            return;
        };
        let (from, to) = (from.as_chunks::<4>().0, to.as_chunks_mut::<4>().0);
        for ([r, g, b, a], to) in from.iter().zip(to) {
            *to = [*b, *g, *r, *a];
        }
    }
}
