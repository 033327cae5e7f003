// SPDX-License-Identifier: EUPL-1.2
//! What the compositor draws on and hears from.

mod grab;
pub mod headless;
mod identity;
pub mod kms;
pub mod libinput;

use headless::Headless;
use kms::Kms;

use crate::scene::Scene;

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
}
