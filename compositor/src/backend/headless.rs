// SPDX-License-Identifier: EUPL-1.2
//! A screen in memory, for tests: the same renderer and damage tracking as on a machine without a GPU.

mod memory;
mod shared;

use smithay::{
    backend::renderer::pixman::PixmanRenderer,
    output::{Mode, Output, PhysicalProperties, Subpixel},
};

pub use memory::Snapshot;

use super::Drawn;
use crate::{Error, scene::Scene};
use memory::Memory;

/// Pixels of a millimetre of the pretended screen.
const PIXELS_PER_MM: i32 = 4;

/// The screen in memory.
#[derive(Debug)]
pub struct Headless {
    renderer: PixmanRenderer,
    memory: Memory,
}

impl Headless {
    /// A screen of the given size.
    pub fn new(width: u16, height: u16) -> Result<Self, Error> {
        let (width, height) = (i32::from(width), i32::from(height));
        let output = Output::new(
            "headless".to_owned(),
            PhysicalProperties {
                size: (width / PIXELS_PER_MM, height / PIXELS_PER_MM).into(),
                subpixel: Subpixel::Unknown,
                make: "Amtsnah".to_owned(),
                model: "memory".to_owned(),
            },
        );
        let mode = Mode {
            size: (width, height).into(),
            refresh: 60_000,
        };
        output.change_current_state(Some(mode), None, None, Some((0, 0).into()));
        output.set_preferred(mode);
        Ok(Self {
            renderer: PixmanRenderer::new()?,
            memory: Memory::new(output),
        })
    }

    /// The screen as clients see it.
    pub fn output(&self) -> Output {
        self.memory.output().clone()
    }

    /// How many frames had anything to draw.
    pub fn frames(&self) -> u64 {
        self.memory.frames()
    }

    /// Draws a scene.
    pub fn draw(&mut self, scene: &Scene) -> Result<Drawn, String> {
        self.memory
            .draw(&mut self.renderer, scene)
            .map(|()| Drawn::Done)
    }

    /// Copies what is on the screen.
    pub fn snapshot(&mut self) -> Result<Snapshot, Error> {
        self.memory.snapshot(&mut self.renderer)
    }
}
