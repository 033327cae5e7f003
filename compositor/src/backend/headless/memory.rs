// SPDX-License-Identifier: EUPL-1.2
//! One screen in memory: paper white, a client's buffer as it is, or a picture drawn by pixman.
//!
//! ```text
//!  Paper --- a window's buffer fits exactly ---> Direct(buffer)     nothing is copied, nothing is drawn
//!    \                                             ^   |
//!     \-- anything else ---> Drawn(picture) <------+---+            only what has changed is drawn
//! ```

use smithay::{
    backend::{
        allocator::Fourcc,
        renderer::{
            Bind, Color32F, ExportMem, Offscreen,
            damage::OutputDamageTracker,
            pixman::PixmanRenderer,
            utils::{Buffer, CommitCounter, with_renderer_surface_state},
        },
    },
    output::Output,
    reexports::{pixman::Image, wayland_server::protocol::wl_surface::WlSurface},
    utils::{Rectangle, Size},
    wayland::compositor::get_children,
};

use super::shared;
use crate::{
    Error,
    scene::{BLACK, PAPER, Scene},
    screens::{Placed, Role, logical_size},
};

/// What a screen shows.
#[derive(Debug)]
enum Shown {
    /// Paper white.
    Paper,
    /// Black.
    Black,
    /// A client's buffer, which the client gets back when another takes its place.
    Direct(Buffer, CommitCounter),
    /// A picture of our own.
    Drawn(Image<'static, 'static>),
}

/// A screen in memory.
#[derive(Debug)]
pub struct Memory {
    placed: Placed,
    shown: Shown,
    damage: OutputDamageTracker,
    /// Whose changes of size and rotation `damage` follows.
    tracked: Output,
    frames: u64,
}

impl Memory {
    /// A screen that shows paper white.
    pub fn new(placed: Placed) -> Self {
        Self {
            damage: OutputDamageTracker::from_output(&placed.output),
            tracked: placed.output.clone(),
            placed,
            shown: Shown::Paper,
            frames: 0,
        }
    }

    /// The screen and its role.
    pub fn placed(&self) -> &Placed {
        &self.placed
    }

    /// The screen and its role, to be given another.
    pub fn placed_mut(&mut self) -> &mut Placed {
        &mut self.placed
    }

    /// Where it is connected.
    pub fn name(&self) -> String {
        self.placed.output.name()
    }

    /// How many frames had anything new.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Draws a scene, unless it can be shown without drawing.
    pub fn draw(&mut self, renderer: &mut PixmanRenderer, scene: &Scene) -> Result<(), String> {
        if self.placed.role == Role::Black {
            self.show(Shown::Black);
            return Ok(());
        }
        if scene.is_empty() {
            self.show(Shown::Paper);
            return Ok(());
        }
        if let Some((buffer, commit)) = scene.only_surface().and_then(|only| self.exact(only)) {
            if !shared::is_there(&buffer) {
                return Err("the buffer's memory is not there".to_owned());
            }
            self.show(Shown::Direct(buffer, commit));
            return Ok(());
        }
        self.compose(renderer, scene)
    }

    fn show(&mut self, new: Shown) {
        let same = match (&self.shown, &new) {
            (Shown::Paper, Shown::Paper) | (Shown::Black, Shown::Black) => self.frames > 0,
            (Shown::Direct(old, before), Shown::Direct(new, now)) => *old == **new && before == now,
            _ => false,
        };
        self.frames += u64::from(!same);
        self.shown = new;
    }

    /// The buffer of a surface that is pixel for pixel what the whole screen shows.
    fn exact(&self, surface: &WlSurface) -> Option<(Buffer, CommitCounter)> {
        if !get_children(surface).is_empty() {
            return None;
        }
        let output = &self.placed.output;
        let mode = output.current_mode()?;
        let transform = output.current_transform();
        let size = logical_size(output);
        with_renderer_surface_state(surface, |state| {
            let view = state.view()?;
            let buffer = state.buffer()?;
            let (width, height) = smithay::backend::renderer::buffer_dimensions(buffer)?.into();
            let whole = Rectangle::from_size(state.buffer_size()?).to_f64();
            let opaque = state.opaque_regions().is_some_and(|regions| {
                regions
                    .iter()
                    .any(|region| region.contains_rect(Rectangle::from_size(size)))
            });
            let fits = (width, height) == (mode.size.w, mode.size.h)
                && state.buffer_transform() == transform
                && view.src == whole
                && view.dst == size
                && self.placed.view.offset == (0, 0).into();
            (fits && opaque).then(|| (buffer.clone(), state.current_commit()))
        })?
    }

    fn compose(&mut self, renderer: &mut PixmanRenderer, scene: &Scene) -> Result<(), String> {
        let error = |error: smithay::backend::renderer::pixman::PixmanError| error.to_string();
        if self.tracked != self.placed.output {
            self.tracked = self.placed.output.clone();
            self.damage = OutputDamageTracker::from_output(&self.tracked);
        }
        let mut age = 1;
        if !matches!(self.shown, Shown::Drawn(_)) {
            let mode = self
                .tracked
                .current_mode()
                .ok_or("the screen has no mode")?;
            let size = Size::from((mode.size.w, mode.size.h));
            let picture = renderer
                .create_buffer(Fourcc::Xrgb8888, size)
                .map_err(error)?;
            self.shown = Shown::Drawn(picture);
            age = 0;
        }
        let Shown::Drawn(picture) = &mut self.shown else {
            return Ok(());
        };
        let elements = scene.elements(renderer, self.placed.view);
        let mut target = renderer.bind(picture).map_err(error)?;
        let result = self
            .damage
            .render_output(renderer, &mut target, age, &elements, PAPER)
            .map_err(|error| error.to_string())?;
        self.frames += u64::from(result.damage.is_some());
        Ok(())
    }

    /// Copies what is on the screen. A buffer that the client has taken away meanwhile counts as paper white.
    pub fn snapshot(&mut self, renderer: &mut PixmanRenderer) -> Result<Snapshot, Error> {
        let mode = self.placed.output.current_mode();
        let (width, height) = mode.map_or((0, 0), |mode| (mode.size.w, mode.size.h));
        let mut colour = PAPER;
        let pixels = match &mut self.shown {
            Shown::Paper => None,
            Shown::Black => {
                colour = BLACK;
                None
            }
            Shown::Direct(buffer, _) => shared::copy(buffer),
            Shown::Drawn(picture) => {
                let target = renderer.bind(picture)?;
                let whole = Rectangle::from_size(Size::from((width, height)));
                let copy = renderer.copy_framebuffer(&target, whole, Fourcc::Xrgb8888)?;
                Some(renderer.map_texture(&copy)?.to_vec())
            }
        };
        let (width, height) = (width as usize, height as usize);
        let pixels = pixels.unwrap_or_else(|| one_pixel(colour).repeat(width * height));
        Ok(Snapshot { width, pixels })
    }
}

/// A pixel of a colour as it lies in memory.
fn one_pixel(colour: Color32F) -> [u8; 4] {
    let [red, green, blue, _] = colour.components().map(|part| (part * 255.0).round() as u8);
    [blue, green, red, 0xff]
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
