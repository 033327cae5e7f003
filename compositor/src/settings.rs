// SPDX-License-Identifier: EUPL-1.2
//! What the site says of its screens and input devices.

use site::{Devices, LastGood, SecondScreen, Site};

use crate::screens::{Second, Wishes};

/// Settings of one site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// How the screens hang and what they show.
    pub wishes: Wishes,
    /// Which input devices are heard.
    pub devices: Devices,
}

impl Settings {
    /// What the device has accepted last. With an image whose own configuration cannot be read the screen has to be lit all the
    /// same, in the usual way.
    pub fn of(site: &LastGood) -> Self {
        match site.accepted() {
            Ok(loaded) => Self::from(loaded.site),
            Err(error) => {
                tracing::error!(%error, "site configuration, going on with the usual settings");
                Self::default()
            }
        }
    }
}

impl From<Site> for Settings {
    fn from(site: Site) -> Self {
        Self {
            wishes: Wishes::from(&site.screen),
            devices: site.devices,
        }
    }
}

impl From<&site::Screen> for Wishes {
    fn from(screen: &site::Screen) -> Self {
        Self {
            main: screen.main.clone(),
            millimetres: screen
                .millimetres
                .map(|(width, height)| (width.into(), height.into())),
            scale: f64::from(screen.scale_percent) / 100.0,
            second: match screen.second {
                SecondScreen::Black => Second::Black,
                SecondScreen::Mirror => Second::Mirror,
            },
            ..Self::default()
        }
        .turned(screen.quarters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../recipes/site/site.toml");

    fn of(text: &str) -> Settings {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("site.toml");
        std::fs::write(&path, text).unwrap();
        Settings::of(&LastGood::new(path, dir.path().join("store")))
    }

    /// Proves O4: the screen is turned, scaled and doubled as the site says, without a rebuild.
    #[test]
    fn the_site_says_how_the_screen_hangs() {
        let text = SAMPLE
            .replacen("rotation = 0", "rotation = 90\nmillimetres = [527, 296]", 1)
            .replacen("scale = 100", "scale = 150", 1)
            .replacen("\"black\"\n\n", "\"mirror\"\nmain = \"DP-2\"\n\n", 1);
        let expected = Wishes {
            main: Some("DP-2".to_owned()),
            millimetres: Some((527, 296)),
            scale: 1.5,
            second: Second::Mirror,
            ..Wishes::default()
        };
        assert_eq!(of(&text).wishes, expected.turned(1));
    }

    /// Proves T12: a damaged or missing site configuration leaves a lit screen and no more devices than usual.
    #[test]
    fn a_bad_site_changes_nothing() {
        for text in ["", "[devices]", &SAMPLE.replacen("\"usb\"", "\"all\"", 1)] {
            let settings = of(text);
            assert_eq!(settings.wishes, Wishes::default());
            assert_eq!(settings.devices, Devices::default());
        }
        let missing = LastGood::new("/nonexistent/site.toml", "/nonexistent");
        assert_eq!(Settings::of(&missing), Settings::default());
    }
}
