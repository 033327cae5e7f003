// SPDX-License-Identifier: EUPL-1.2
//! In which ways every screen is shown: on which screens, in which languages and modes. Tests and gallery share it.

use shell::canvas::Canvas;
use shell::event::Action;
use shell::i18n::Texts;
use shell::scene::Scene;
use shell::screens;
use shell::state::{Modes, Screen, State};
use shell::text::Engine;
use shell::theme::{TextSize, Theme};
use site::Language;

/// A screen as it is built into a device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Device {
    /// What people call it.
    pub name: &'static str,
    /// Pixels across and down.
    pub pixels: (u32, u32),
    /// The millimetres it reports, if it does.
    pub mm: Option<(f32, f32)>,
}

impl Device {
    /// Its canvas with this many times fewer pixels on each side: as many units, painted faster.
    pub fn canvas(&self, fewer: u32) -> Canvas {
        let (w, h) = self.pixels;
        Canvas::new(w / fewer, h / fewer, self.mm)
    }
}

const fn device(name: &'static str, w: u32, h: u32, mm: Option<(f32, f32)>) -> Device {
    Device {
        name,
        pixels: (w, h),
        mm,
    }
}

/// The usual one: 24 inch is assumed where a screen says nothing.
pub const USUAL: Device = device("24 inch", 1920, 1080, None);
/// The same upright.
pub const UPRIGHT: Device = device("24 inch upright", 1080, 1920, None);
/// Where room is scarcest: low, and narrow.
pub const EXTREME: [Device; 3] = [
    device("case 14 inch", 1920, 1080, Some((309.0, 174.0))),
    device("15 inch upright", 1080, 1920, Some((187.0, 332.0))),
    device("32 inch upright", 2160, 3840, Some((398.0, 708.0))),
];
const OTHERS: [Device; 3] = [
    device("small resolution", 1280, 800, None),
    device("case 14 inch 16:10", 1920, 1200, Some((301.0, 188.0))),
    device("case 13 inch", 2560, 1600, Some((286.0, 179.0))),
];

/// All screens.
pub fn devices() -> Vec<Device> {
    [&[USUAL, UPRIGHT][..], &EXTREME, &OTHERS].concat()
}

/// One way to show everything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    pub device: Device,
    pub language: Language,
    pub modes: Modes,
}

impl Setting {
    /// What a screen is called in this setting.
    pub fn name(&self, screen: &str) -> String {
        let Modes {
            text, theme, lower, ..
        } = self.modes;
        let (tag, percent) = (self.language.tag(), text.percent());
        let low = if lower { ", low" } else { "" };
        format!(
            "{screen}, {tag}, {theme:?}, {percent} %{low}, {}",
            self.device.name
        )
    }
}

fn modes(theme: Theme, text: TextSize, lower: bool) -> Modes {
    Modes {
        text,
        theme,
        lower,
        ..Modes::default()
    }
}

/// The language with the longest words, and the one from right to left.
const FAR: [Language; 2] = [Language::De, Language::Ar];

/// What is looked at: each language with the smallest and the largest text on the usual screen; in [`FAR`] ones also in every
/// theme, on the scarce screens, and everything low.
pub fn sample() -> Vec<Setting> {
    let ends = [TextSize::Normal, TextSize::Largest];
    let mut settings = Vec::new();
    let mut add = |device, language, modes| {
        settings.push(Setting {
            device,
            language,
            modes,
        });
    };
    for language in Language::ALL {
        for (theme, text) in Theme::ALL
            .into_iter()
            .flat_map(|theme| ends.map(|text| (theme, text)))
            .filter(|(theme, _)| *theme == Theme::Paper || FAR.contains(&language))
        {
            add(USUAL, language, modes(theme, text, false));
        }
    }
    for language in FAR {
        for text in ends {
            for device in EXTREME {
                add(device, language, modes(Theme::Paper, text, false));
            }
            add(UPRIGHT, language, modes(Theme::Paper, text, true));
        }
    }
    settings
}

/// Everything.
pub fn everything() -> Vec<Setting> {
    let mut settings = Vec::new();
    for device in devices() {
        for language in Language::ALL {
            for theme in Theme::ALL {
                for text in TextSize::ALL {
                    for lower in [false, true] {
                        settings.push(Setting {
                            device,
                            language,
                            modes: modes(theme, text, lower),
                        });
                    }
                }
            }
        }
    }
    settings
}

/// Whether everything there is has to be seen.
pub fn soak() -> bool {
    std::env::var_os("AMTSNAH_SOAK").is_some()
}

/// One page of one screen.
pub struct Shown {
    /// The screen's name.
    pub screen: String,
    /// The same, and the page's number where it is not the first.
    pub name: String,
    pub state: State,
    pub scene: Scene,
}

/// Beyond the last page of anything: then the last one is shown.
const LAST: usize = 999;

/// Every page of every screen; of long texts, unless everything has to be seen, the first two and the last.
pub fn each_page(
    language: Language,
    modes: Modes,
    canvas: &Canvas,
    texts: &Texts,
    engine: &mut Engine,
) -> Vec<Shown> {
    let mut pages = Vec::new();
    for (screen, mut state) in super::walk_with(language, modes) {
        loop {
            let scene = screens::show(&state, texts, canvas, engine);
            let next = state.page() + 1;
            let more = scene.tree.control(Action::Page(next)).is_some();
            let name = match state.page() {
                0 => screen.clone(),
                LAST => format!("{screen}/last"),
                page => format!("{screen}/{}", page + 1),
            };
            // Ways come after what is read there, on several pages.
            let long = state.screen() != Screen::Voice && !screen.ends_with("-kept");
            let next = if next > 1 && long && !soak() {
                LAST
            } else {
                next
            };
            let after = more.then(|| super::way(state.clone(), &[Action::Page(next)]));
            pages.push(Shown {
                screen: screen.clone(),
                name,
                state,
                scene,
            });
            let Some(after) = after else {
                break;
            };
            state = after;
        }
    }
    pages
}
