// SPDX-License-Identifier: EUPL-1.2
//! A screen in memory, for tests: the same renderer and damage tracking as on a machine without a GPU.

use smithay::{
    backend::{
        allocator::Fourcc,
        renderer::{
            Bind, ExportMem, Offscreen, damage::OutputDamageTracker, pixman::PixmanRenderer,
        },
    },
    output::{Mode, Output, PhysicalProperties, Subpixel},
    reexports::pixman::Image,
    utils::{Rectangle, Size},
};

use super::Drawn;
use crate::{
    Error,
    scene::{PAPER, Scene},
};

/// Pixels of a millimetre of the pretended screen.
const PIXELS_PER_MM: i32 = 4;

/// The screen in memory.
#[derive(Debug)]
pub struct Headless {
    renderer: PixmanRenderer,
    picture: Image<'static, 'static>,
    damage: OutputDamageTracker,
    output: Output,
    frames: u64,
}

/// A copy of what is on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    width: usize,
    pixels: Vec<u8>,
}

impl Snapshot {
    /// The colour at a place: red, green, blue.
    pub fn pixel(&self, x: usize, y: usize) -> Option<[u8; 3]> {
        let start = y.checked_mul(self.width)?.checked_add(x)?.checked_mul(4)?;
        match self.pixels.get(start..start.checked_add(4)?) {
            Some(&[blue, green, red, _]) if x < self.width => Some([red, green, blue]),
            _ => None,
        }
    }
}

impl Headless {
    /// A screen of the given size.
    pub fn new(width: u16, height: u16) -> Result<Self, Error> {
        let mut renderer = PixmanRenderer::new()?;
        let (width, height) = (i32::from(width), i32::from(height));
        let picture = renderer.create_buffer(Fourcc::Xrgb8888, Size::from((width, height)))?;
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
        let damage = OutputDamageTracker::from_output(&output);
        Ok(Self {
            renderer,
            picture,
            damage,
            output,
            frames: 0,
        })
    }

    /// The screen as clients see it.
    pub fn output(&self) -> Output {
        self.output.clone()
    }

    /// How many frames had anything to draw.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Draws a scene.
    pub fn draw(&mut self, scene: &Scene) -> Result<Drawn, String> {
        let elements = scene.elements(&mut self.renderer);
        let mut target = self
            .renderer
            .bind(&mut self.picture)
            .map_err(|error| error.to_string())?;
        let age = usize::from(self.frames > 0);
        let result = self
            .damage
            .render_output(&mut self.renderer, &mut target, age, &elements, PAPER)
            .map_err(|error| error.to_string())?;
        self.frames += u64::from(result.damage.is_some());
        Ok(Drawn::Done)
    }

    /// Copies what is on the screen.
    pub fn snapshot(&mut self) -> Result<Snapshot, Error> {
        let (width, height) = (self.picture.width(), self.picture.height());
        let target = self.renderer.bind(&mut self.picture)?;
        let whole = Rectangle::from_size(Size::from((width as i32, height as i32)));
        let copy = self
            .renderer
            .copy_framebuffer(&target, whole, Fourcc::Xrgb8888)?;
        let pixels = self.renderer.map_texture(&copy)?.to_vec();
        Ok(Snapshot { width, pixels })
    }
}
