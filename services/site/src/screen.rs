// SPDX-License-Identifier: EUPL-1.2
//! How the screens of a device hang and what they show.

use serde::Deserialize;

/// The screens. What is not written is as usual: upright, one pixel for one, nothing on a second screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// The connector of the citizen's screen, such as `HDMI-A-1`; otherwise the first one.
    pub main: Option<String>,
    /// By how many quarters the screen is turned clockwise, seen from the front.
    pub quarters: u8,
    /// Width and height of the visible area of the screen before it was turned, where the screen tells it wrongly or not.
    pub millimetres: Option<(u16, u16)>,
    /// How many per cent of a usual pixel's size one has for programs that do not measure in millimetres.
    pub scale_percent: u16,
    /// What a second screen shows.
    pub second: SecondScreen,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            main: None,
            quarters: 0,
            millimetres: None,
            scale_percent: 100,
            second: SecondScreen::Black,
        }
    }
}

/// What a second screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondScreen {
    /// Nothing.
    #[default]
    Black,
    /// The same as the first one.
    Mirror,
}
