// SPDX-License-Identifier: EUPL-1.2
//! What the site says of its screens and input devices.

use std::{fs::File, io::Read, path::Path};

use site::{Devices, SecondScreen, limits};

use crate::screens::{Second, Wishes};

/// Settings of one site.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How the screens hang and what they show.
    pub wishes: Wishes,
    /// Which input devices are heard.
    pub devices: Devices,
}

impl Settings {
    /// Reads a site configuration. With one that cannot be read the screen has to be lit all the same, in the usual way.
    pub fn of_file(path: &Path) -> Self {
        match read(path) {
            Ok(site) => Self {
                wishes: Wishes::from(&site.screen),
                devices: site.devices,
            },
            Err(error) => {
                tracing::error!(path = %path.display(), error, "site configuration, going on with the usual settings");
                Self::default()
            }
        }
    }
}

fn read(path: &Path) -> Result<site::Site, String> {
    // One byte more than is allowed is enough to be refused.
    let most = limits::FILE as u64 + 1;
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(most).read_to_string(&mut text))
        .map_err(|error| format!("read: {error}"))?;
    site::parse(&path.display().to_string(), &text).map_err(|error| error.to_string())
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
        Settings::of_file(&path)
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
        let missing = Settings::of_file(Path::new("/nonexistent/site.toml"));
        assert_eq!(missing.devices, Devices::default());
    }
}
