// SPDX-License-Identifier: EUPL-1.2
//! Text: which fonts, how large it becomes, and its pixels.
//!
//! Fonts come from a few named files; nothing scans the system for others, so a start is fast and always looks alike.

use std::collections::HashMap;
use std::path::Path;

use cosmic_text::{
    Align, Attrs, Buffer, Color, Family, FontSystem, Metrics, Shaping, SwashCache, Weight, Wrap,
    fontdb,
};
use site::Language;

use crate::theme::Tone;

/// Where Debian keeps fonts.
pub const FONT_DIR: &str = "/usr/share/fonts/truetype";

const FILES: [&str; 4] = [
    "atkinson-hyperlegible/AtkinsonHyperlegible-Regular.ttf",
    "atkinson-hyperlegible/AtkinsonHyperlegible-Bold.ttf",
    "noto/NotoSansArabic-Regular.ttf",
    "noto/NotoSansArabic-Bold.ttf",
];
const LATIN: &str = "Atkinson Hyperlegible";
const ARABIC: &str = "Noto Sans Arabic";

/// Lines are this much higher than the font is large.
const LINE_HEIGHT: f32 = 1.32;
/// How far text may shrink to fit its place, in this many steps.
const SHRINK: [f32; 6] = [1.0, 0.94, 0.88, 0.82, 0.76, 0.7];

/// A place is this much wider than it looks, in pixels: its edges were rounded, and no line breaks because of that.
const HAIR: f32 = 1.0;

/// Why there is no text at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot load the font {path}")]
pub struct FontError {
    path: String,
    #[source]
    source: std::io::Error,
}

/// Where text stands in its place, for text from left to right; the other way round for the other direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Along {
    /// Where reading begins.
    #[default]
    Start,
    /// In the middle.
    Centre,
    /// Where reading ends.
    End,
}

/// A text and how it looks. Sizes are units or pixels, as its owner says.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    /// What it says.
    pub text: String,
    /// The size of the font.
    pub size: f32,
    /// Whether it is bold.
    pub bold: bool,
    /// Its colour.
    pub color: Tone,
    /// Where it stands.
    pub along: Along,
    /// Its language, which decides font and direction.
    pub language: Language,
    /// Whether it may break into lines.
    pub wrap: bool,
    /// Space between letters is not the font's: groups of a key line up.
    pub spaced: bool,
}

/// Measures and draws text.
pub struct Engine {
    fonts: FontSystem,
    cache: SwashCache,
    buffer: Buffer,
    /// Sizes that were asked for before: a layout asks for the same ones many times.
    sizes: HashMap<Asked, (f32, f32)>,
}

/// What decides the size of a text, besides the fonts. Numbers are in bits, so that they can be compared.
#[derive(PartialEq, Eq, Hash)]
struct Asked {
    text: String,
    size: u32,
    width: Option<u32>,
    bold: bool,
    wrap: bool,
    language: Language,
}

/// So many sizes are kept.
const SIZES: usize = 4096;

impl Engine {
    /// Loads the fonts below `dir`, which is [`FONT_DIR`] on a device.
    pub fn new(dir: &Path) -> Result<Self, FontError> {
        let mut db = fontdb::Database::new();
        for file in FILES {
            let path = dir.join(file);
            let bytes = std::fs::read(&path).map_err(|source| FontError {
                path: path.display().to_string(),
                source,
            })?;
            db.load_font_data(bytes);
        }
        let mut fonts = FontSystem::new_with_locale_and_db("de-DE".to_owned(), db);
        let buffer = Buffer::new(&mut fonts, Metrics::new(16.0, 16.0));
        Ok(Self {
            fonts,
            cache: SwashCache::new(),
            buffer,
            sizes: HashMap::new(),
        })
    }

    /// Lays out `words` at `size` within `width`; returns the widest line, the height, and whether a word had to be
    /// broken. All in pixels.
    fn lay_out(&mut self, words: &Words, size: f32, width: Option<f32>) -> (f32, f32) {
        let size = size.max(1.0);
        let family = if words.language.is_rtl() {
            ARABIC
        } else {
            LATIN
        };
        let weight = if words.bold {
            Weight::BOLD
        } else {
            Weight::NORMAL
        };
        let mut attrs = Attrs::new().family(Family::Name(family)).weight(weight);
        if words.spaced {
            attrs = attrs.letter_spacing(0.06);
        }
        let rtl = words.language.is_rtl();
        let align = match (words.along, rtl) {
            (Along::Centre, _) => Align::Center,
            (Along::Start, false) | (Along::End, true) => Align::Left,
            (Along::Start, true) | (Along::End, false) => Align::Right,
        };
        self.buffer
            .set_metrics(Metrics::relative(size, LINE_HEIGHT));
        self.buffer
            .set_wrap(if words.wrap { Wrap::Word } else { Wrap::None });
        self.buffer.set_size(width, None);
        self.buffer
            .set_text(&words.text, &attrs, Shaping::Advanced, Some(align));
        self.buffer.shape_until_scroll(&mut self.fonts, false);
        let mut widest = 0.0_f32;
        let mut height = 0.0_f32;
        for run in self.buffer.layout_runs() {
            widest = widest.max(run.line_w);
            height = height.max(run.line_top + run.line_height);
        }
        (widest, height)
    }

    /// The size of `words` when it may be `width` wide. All in pixels.
    pub fn measure(&mut self, words: &Words, width: Option<f32>) -> (f32, f32) {
        let asked = Asked {
            text: words.text.clone(),
            size: words.size.to_bits(),
            width: width.map(f32::to_bits),
            bold: words.bold,
            wrap: words.wrap,
            language: words.language,
        };
        // Letters of a key are spaced, and no text to be kept.
        if let Some(size) = self.sizes.get(&asked).filter(|_| !words.spaced) {
            return *size;
        }
        let (w, h) = self.lay_out(words, words.size, width);
        // A hair more, so that the same text does not break when it is drawn into its own measure.
        let size = (w.ceil() + 1.0, h.ceil());
        if !words.spaced {
            if self.sizes.len() >= SIZES {
                self.sizes.clear();
            }
            self.sizes.insert(asked, size);
        }
        size
    }

    /// The width of the longest word: text can be squeezed this far and no further.
    pub fn longest_word(&mut self, words: &Words) -> f32 {
        let mut longest = 0.0_f32;
        for word in words.text.split_whitespace() {
            let word = Words {
                text: word.to_owned(),
                ..words.clone()
            };
            longest = longest.max(self.measure(&word, None).0);
        }
        longest
    }

    /// The largest size at which `words` fits into `w` by `h`, and whether it really fits there.
    pub fn fit(&mut self, words: &Words, w: f32, h: f32) -> (f32, bool) {
        let mut size = words.size;
        for step in SHRINK {
            size = words.size * step;
            let (width, height) = self.lay_out(words, size, Some(w + HAIR));
            if width <= w + 1.5 && height <= h + size * 0.3 {
                return (size, true);
            }
        }
        (size, false)
    }

    /// Calls `dot` for every pixel of `words` laid out within `w` by `h` pixels, standing in the middle of the height:
    /// x, y, and how much of the colour.
    #[allow(clippy::many_single_char_names)] // Coordinates and colours.
    pub fn draw(&mut self, words: &Words, w: f32, h: f32, mut dot: impl FnMut(i32, i32, u8)) {
        let (_, height) = self.lay_out(words, words.size, Some(w + HAIR));
        let top = ((h - height) / 2.0).round() as i32;
        self.buffer.draw(
            &mut self.fonts,
            &mut self.cache,
            Color::rgb(0, 0, 0),
            |x, y, w, h, color| {
                for dy in 0..h as i32 {
                    for dx in 0..w as i32 {
                        dot(x + dx, y + dy + top, color.a());
                    }
                }
            },
        );
    }

    /// Forgets the pictures of glyphs and the sizes of texts: they may spell a secret.
    pub fn forget(&mut self) {
        self.cache = SwashCache::new();
        self.sizes.clear();
        let empty = Words {
            text: String::new(),
            size: 16.0,
            bold: false,
            color: Tone::Ink,
            along: Along::Start,
            language: Language::De,
            wrap: false,
            spaced: false,
        };
        self.lay_out(&empty, 16.0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n;
    use crate::keyboard::{Keyboard, Layout};

    /// Proves T14: every letter of every text and of every key is in the fonts.
    #[test]
    fn fonts_have_every_letter() {
        let mut engine = Engine::new(Path::new(FONT_DIR)).unwrap();
        let mut check = |text: &str, language| {
            for bold in [false, true] {
                let words = Words {
                    text: text.to_owned(),
                    size: 16.0,
                    bold,
                    color: Tone::Ink,
                    along: Along::Start,
                    language,
                    wrap: false,
                    spaced: false,
                };
                engine.lay_out(&words, 16.0, None);
                let mut glyphs = engine.buffer.layout_runs().flat_map(|run| run.glyphs);
                let missing = glyphs.find(|glyph| glyph.glyph_id == 0);
                let missing = missing.and_then(|glyph| text.get(glyph.start..glyph.end));
                assert_eq!(missing, None, "{language:?} {text}");
            }
        };
        for language in Language::ALL {
            for line in i18n::source(language).lines() {
                check(line, language);
            }
        }
        for layout in Layout::ALL {
            for (shift, signs) in [(false, false), (true, false), (false, true)] {
                let keyboard = Keyboard {
                    shift,
                    signs,
                    ..Keyboard::new(layout)
                };
                for key in keyboard.rows().iter().flat_map(|row| row.chars()) {
                    check(&keyboard.types(key).to_string(), layout.language());
                }
            }
        }
    }
}
