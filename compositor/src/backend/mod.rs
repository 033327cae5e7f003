// SPDX-License-Identifier: EUPL-1.2
//! What the compositor draws on and hears from.

mod grab;
pub mod headless;
mod identity;
pub mod kms;
pub mod libinput;

use std::time::Instant;

use headless::Headless;
use kms::Kms;

use smithay::backend::allocator::dmabuf::Dmabuf;

use crate::{handlers::dmabuf::Import, heads::Head, scene::Scene, screens::Wishes, state::Kiosk};

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// It will be seen with the next page flip, which the backend reports.
    Queued,
    /// It is as good as seen: nothing has changed, or nobody watches.
    Done,
    /// There is no screen.
    Dark,
}

/// Where frames go.
#[derive(Debug)]
pub enum Backend {
    /// Into memory, for tests.
    Headless(Box<Headless>),
    /// To a graphics card.
    Kms(Box<Kms>),
}

impl Backend {
    /// Draws a scene. An error means that this scene cannot be drawn.
    pub fn draw(&mut self, scene: &Scene) -> Result<Drawn, String> {
        match self {
            Self::Headless(headless) => headless.draw(scene),
            Self::Kms(kms) => kms.draw(scene),
        }
    }

    /// What of a GPU's memory it can draw with; `None` where the processor draws.
    pub fn import(&self) -> Option<Import> {
        match self {
            Self::Headless(_) => None,
            Self::Kms(kms) => kms.import(),
        }
    }

    /// Whether it can draw with a client's buffer.
    pub fn try_import(&mut self, dmabuf: &Dmabuf) -> Result<(), String> {
        match self {
            Self::Headless(_) => Err("the processor draws".to_owned()),
            Self::Kms(kms) => kms.try_import(dmabuf),
        }
    }

    /// When it has something to do by itself.
    pub fn due(&self) -> Option<Instant> {
        match self {
            Self::Headless(_) => None,
            Self::Kms(kms) => kms.due(),
        }
    }

    /// The connected screens.
    pub fn heads(&self) -> Vec<Head> {
        match self {
            Self::Headless(headless) => headless.heads(),
            Self::Kms(kms) => kms.heads(),
        }
    }

    /// How the screens are wanted now.
    pub fn wishes(&self) -> &Wishes {
        match self {
            Self::Headless(headless) => headless.wishes(),
            Self::Kms(kms) => kms.wishes(),
        }
    }
}

impl Kiosk {
    /// Turns, scales and chooses the screens anew.
    pub fn wish(&mut self, wishes: Wishes) {
        match &mut self.backend {
            Backend::Headless(headless) => {
                headless.wish(wishes);
                self.show_headless();
            }
            Backend::Kms(kms) => {
                kms.wish(wishes);
                kms::rescan(self);
            }
        }
    }

    /// The same if the screens can be so; otherwise all is as before. Whether they can.
    pub fn rearrange(&mut self, wishes: Wishes) -> bool {
        let before = self.backend.wishes().clone();
        self.wish(wishes);
        let failed = matches!(&self.backend, Backend::Kms(kms) if kms.is_broken());
        if failed {
            self.wish(before);
        }
        !failed
    }

    /// Takes the main one of the screens in memory into use.
    pub fn show_headless(&mut self) {
        if let Backend::Headless(headless) = &self.backend {
            let output = headless.output();
            self.set_screen(output);
        }
    }
}
