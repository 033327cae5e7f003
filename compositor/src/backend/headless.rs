// SPDX-License-Identifier: EUPL-1.2
//! Screens in memory, for tests: the same renderer and damage tracking as on a machine without a GPU.

mod memory;
mod shared;

use smithay::{
    backend::renderer::pixman::PixmanRenderer,
    output::{Mode, Output},
};

pub use memory::Snapshot;

use super::Drawn;
use crate::{
    Error,
    heads::Head,
    scene::Scene,
    screens::{Placed, Role, Wishes, arrange},
};
use memory::Memory;

/// Pixels of a millimetre of the pretended screens.
const PIXELS_PER_MM: i32 = 4;
/// The screen that there is at first.
const FIRST: &str = "headless";

fn mode((width, height): (u16, u16)) -> Mode {
    Mode {
        size: (width.into(), height.into()).into(),
        refresh: 60_000,
    }
}

/// The screens in memory.
#[derive(Debug)]
pub struct Headless {
    renderer: PixmanRenderer,
    screens: Vec<Memory>,
    wishes: Wishes,
}

impl Headless {
    /// One screen of the given size.
    pub fn new(width: u16, height: u16, wishes: Wishes) -> Result<Self, Error> {
        let mut this = Self {
            renderer: PixmanRenderer::new()?,
            screens: Vec::new(),
            wishes,
        };
        this.plug(FIRST, &[(width, height)]);
        Ok(this)
    }

    /// Connects a screen with these modes, or another one in the same place.
    pub fn plug(&mut self, name: &str, modes: &[(u16, u16)]) {
        let before = self.main_name();
        let modes: Vec<Mode> = modes.iter().copied().map(mode).collect();
        let Some(preferred) = modes.first().copied() else {
            return;
        };
        let size = preferred.size;
        let millimetres = (size.w / PIXELS_PER_MM, size.h / PIXELS_PER_MM);
        self.screens.retain(|screen| screen.name() != name);
        self.screens.push(Memory::new(Placed::new(
            name,
            modes,
            preferred,
            millimetres,
        )));
        self.arrange(before.as_deref());
    }

    /// Takes a screen away.
    pub fn unplug(&mut self, name: &str) {
        let before = self.main_name();
        self.screens.retain(|screen| screen.name() != name);
        self.arrange(before.as_deref());
    }

    /// Follows other wishes.
    pub fn wish(&mut self, wishes: Wishes) {
        let before = self.main_name();
        self.wishes = wishes;
        self.arrange(before.as_deref());
    }

    fn arrange(&mut self, before: Option<&str>) {
        for screen in &mut self.screens {
            let placed = screen.placed();
            let (name, now) = (placed.output.name(), placed.output.current_mode());
            let modes = placed.modes.clone();
            if let Some(mode) = self.wishes.mode(&name, &modes)
                && now != Some(mode)
            {
                // Like a card's: another mode is another screen.
                let size = placed.output.physical_properties().size;
                *screen = Memory::new(Placed::new(&name, modes, mode, size.into()));
            }
        }
        let placed = self.screens.iter_mut().map(Memory::placed_mut);
        arrange(placed, &self.wishes, before);
    }

    /// The screens, as they are told of.
    pub fn heads(&self) -> Vec<Head> {
        let placed = self.screens.iter().map(Memory::placed);
        placed.map(Head::from).collect()
    }

    /// How they are wanted.
    pub fn wishes(&self) -> &Wishes {
        &self.wishes
    }

    fn main(&self) -> Option<&Memory> {
        self.screens
            .iter()
            .find(|screen| screen.placed().role == Role::Main)
    }

    fn main_name(&self) -> Option<String> {
        self.main().map(Memory::name)
    }

    /// The screen that clients see.
    pub fn output(&self) -> Option<Output> {
        self.main().map(|screen| screen.placed().output.clone())
    }

    /// How many frames of the main screen had anything to draw.
    pub fn frames(&self) -> u64 {
        self.main().map_or(0, Memory::frames)
    }

    /// Draws a scene on all screens.
    pub fn draw(&mut self, scene: &Scene) -> Result<Drawn, String> {
        if self.screens.is_empty() {
            return Ok(Drawn::Dark);
        }
        for screen in &mut self.screens {
            screen.draw(&mut self.renderer, scene)?;
        }
        Ok(Drawn::Done)
    }

    /// Copies what is on the main screen.
    pub fn snapshot(&mut self) -> Result<Option<Snapshot>, Error> {
        self.main_name()
            .map_or(Ok(None), |name| self.snapshot_of(&name))
    }

    /// Copies what is on a screen.
    pub fn snapshot_of(&mut self, name: &str) -> Result<Option<Snapshot>, Error> {
        let found = self.screens.iter_mut().find(|screen| screen.name() == name);
        found
            .map(|screen| screen.snapshot(&mut self.renderer))
            .transpose()
    }
}
