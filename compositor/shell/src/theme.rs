// SPDX-License-Identifier: EUPL-1.2
//! The look: calm and of the place. Warm paper, near-black ink, one deep accent, one warning colour used seldom; and
//! two themes of high contrast, which are themes of their own and no filters.

/// An opaque colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// As SVG writes it.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// How bright it is for an eye, as WCAG 2.1 computes it: 0 to 1.
    pub fn luminance(self) -> f32 {
        let channel = |c: u8| {
            let c = f32::from(c) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(self.0) + 0.7152 * channel(self.1) + 0.0722 * channel(self.2)
    }

    /// The contrast to another colour, as WCAG 2.1 computes it: 1 to 21.
    pub fn contrast(self, other: Self) -> f32 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

/// What a colour is for. Which colour that is, the [`Theme`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// The ground of every screen.
    Paper,
    /// Cards and buttons, and text on the accent.
    Card,
    /// Text.
    Ink,
    /// Text of second rank.
    SoftInk,
    /// The edge of what can be touched.
    Edge,
    /// Lines that only divide.
    Line,
    /// What matters most, and what was chosen.
    Accent,
    /// A breath of the accent.
    Tint,
    /// While a finger is on it.
    Pressed,
    /// The same for what has the accent as its ground.
    PressedAccent,
    /// The ring around what the keyboard would choose.
    Focus,
    /// Something went wrong.
    Warning,
    /// The ground under a warning.
    WarningTint,
    /// The bar at the bottom.
    Bar,
    /// Where somebody points on a page.
    Pointer,
}

/// A whole set of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Warm paper, and the green of the hills.
    #[default]
    Paper,
    /// Black on white, with strong edges.
    Light,
    /// White on black.
    Dark,
}

impl Theme {
    /// All themes, in the order in which they follow each other.
    pub const ALL: [Self; 3] = [Self::Paper, Self::Light, Self::Dark];

    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Paper => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Paper,
        }
    }

    /// The colour for `tone`.
    pub const fn color(self, tone: Tone) -> Rgb {
        match self {
            Self::Paper => paper(tone),
            Self::Light => light(tone),
            Self::Dark => dark(tone),
        }
    }
}

/// Papers look the same in every theme, and so does what points at them: seen on white and on black alike.
const POINTER: Rgb = Rgb(0xd6, 0x00, 0x6c);

const fn paper(tone: Tone) -> Rgb {
    match tone {
        Tone::Paper => Rgb(0xfa, 0xf7, 0xf0),
        Tone::Card => Rgb(0xff, 0xff, 0xff),
        Tone::Ink => Rgb(0x1c, 0x1b, 0x1a),
        Tone::SoftInk => Rgb(0x4c, 0x48, 0x42),
        Tone::Edge => Rgb(0x8b, 0x83, 0x76),
        Tone::Line => Rgb(0xdd, 0xd6, 0xc8),
        Tone::Accent => Rgb(0x17, 0x4e, 0x46),
        Tone::Tint => Rgb(0xe4, 0xee, 0xe9),
        Tone::Pressed => Rgb(0xc9, 0xde, 0xd6),
        Tone::PressedAccent => Rgb(0x0b, 0x31, 0x2c),
        Tone::Focus => Rgb(0xb0, 0x4a, 0x00),
        Tone::Warning => Rgb(0x8a, 0x1f, 0x11),
        Tone::WarningTint => Rgb(0xfb, 0xec, 0xe6),
        Tone::Bar => Rgb(0xf1, 0xec, 0xe0),
        Tone::Pointer => POINTER,
    }
}

const fn light(tone: Tone) -> Rgb {
    match tone {
        Tone::Paper | Tone::Card | Tone::WarningTint | Tone::Bar => Rgb(0xff, 0xff, 0xff),
        Tone::Ink | Tone::SoftInk | Tone::Edge | Tone::Line => Rgb(0x00, 0x00, 0x00),
        Tone::Accent => Rgb(0x00, 0x2f, 0x6c),
        Tone::Tint => Rgb(0xe3, 0xea, 0xf6),
        Tone::Pressed => Rgb(0xc5, 0xd5, 0xf0),
        Tone::PressedAccent => Rgb(0x00, 0x18, 0x3a),
        Tone::Focus => Rgb(0xb0, 0x00, 0x50),
        Tone::Warning => Rgb(0x7a, 0x00, 0x00),
        Tone::Pointer => POINTER,
    }
}

const fn dark(tone: Tone) -> Rgb {
    match tone {
        Tone::Paper | Tone::Card | Tone::Bar => Rgb(0x00, 0x00, 0x00),
        Tone::Ink | Tone::SoftInk | Tone::Edge => Rgb(0xff, 0xff, 0xff),
        Tone::Line => Rgb(0xa0, 0xa0, 0xa0),
        Tone::Accent => Rgb(0xff, 0xe1, 0x4d),
        Tone::Tint => Rgb(0x26, 0x22, 0x06),
        Tone::Pressed => Rgb(0x3a, 0x36, 0x0c),
        Tone::PressedAccent => Rgb(0xff, 0xf3, 0xb0),
        Tone::Focus => Rgb(0x66, 0xe0, 0xff),
        Tone::Warning => Rgb(0xff, 0xb8, 0xa8),
        Tone::WarningTint => Rgb(0x2c, 0x08, 0x02),
        Tone::Pointer => POINTER,
    }
}

/// How large text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TextSize {
    /// As the place meant it.
    #[default]
    Normal,
    /// Half as large again.
    Large,
    /// Twice as large.
    Largest,
}

impl TextSize {
    /// All sizes, in the order in which they follow each other.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Large, Self::Largest];

    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Normal => Self::Large,
            Self::Large => Self::Largest,
            Self::Largest => Self::Normal,
        }
    }

    /// In percent of the normal size.
    pub const fn percent(self) -> u16 {
        match self {
            Self::Normal => 100,
            Self::Large => 150,
            Self::Largest => 200,
        }
    }

    /// How much larger than normal.
    pub fn factor(self) -> f32 {
        f32::from(self.percent()) / 100.0
    }
}

/// Sizes of text in units: body text has an x-height of 3.5 mm, headings are 1.6 times as large.
pub mod size {
    /// Ordinary text.
    pub const BODY: f32 = 7.0;
    /// Text of second rank.
    pub const SMALL: f32 = 6.0;
    /// The version in its corner, which only the operator reads.
    pub const TINY: f32 = 4.6;
    /// Names on cards and buttons.
    pub const LABEL: f32 = 8.0;
    /// Headings.
    pub const HEADING: f32 = 11.2;
    /// The one largest text of a screen.
    pub const DISPLAY: f32 = 14.5;
}

/// The corner of cards.
pub const RADIUS: f32 = 4.0;
/// The distance from the screen's edge.
pub const MARGIN: f32 = 12.0;
/// The width of edges.
pub const STROKE: f32 = 0.55;

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T13: in every theme text has a contrast of 7:1 on every ground it is drawn on; edges and the focus ring 3:1.
    #[test]
    fn contrasts_are_high() {
        for theme in Theme::ALL {
            let contrast = |a: Tone, b: Tone| theme.color(a).contrast(theme.color(b));
            let text = |tone: Tone, ground: Tone| {
                let is = contrast(tone, ground);
                assert!(is >= 7.0, "{theme:?}: {tone:?} on {ground:?}: {is}");
            };
            let shape = |tone: Tone, ground: Tone| {
                let is = contrast(tone, ground);
                assert!(is >= 3.0, "{theme:?}: {tone:?} on {ground:?}: {is}");
            };
            for ground in [Tone::Paper, Tone::Card, Tone::Tint, Tone::Bar] {
                text(Tone::Ink, ground);
                text(Tone::SoftInk, ground);
                text(Tone::Accent, ground);
                shape(Tone::Edge, ground);
                shape(Tone::Focus, ground);
            }
            for ground in [Rgb(0, 0, 0), Rgb(255, 255, 255)] {
                assert!(theme.color(Tone::Pointer).contrast(ground) >= 3.0);
            }
            text(Tone::Ink, Tone::Pressed);
            text(Tone::Card, Tone::Accent);
            text(Tone::Card, Tone::PressedAccent);
            text(Tone::Warning, Tone::WarningTint);
            text(Tone::Ink, Tone::WarningTint);
        }
    }
}
