// SPDX-License-Identifier: EUPL-1.2
//! The look: calm and of the place. Warm paper, near-black ink, one deep accent, one warning colour used seldom.

/// An opaque colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// As SVG writes it.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// The ground of every screen.
pub const PAPER: Rgb = Rgb(0xfa, 0xf7, 0xf0);
/// Cards and buttons.
pub const CARD: Rgb = Rgb(0xff, 0xff, 0xff);
/// Text.
pub const INK: Rgb = Rgb(0x1c, 0x1b, 0x1a);
/// Text of second rank.
pub const SOFT_INK: Rgb = Rgb(0x4c, 0x48, 0x42);
/// The edge of what can be touched.
pub const EDGE: Rgb = Rgb(0x8b, 0x83, 0x76);
/// Lines that only divide.
pub const LINE: Rgb = Rgb(0xdd, 0xd6, 0xc8);
/// What matters most, and what was chosen: the green of the hills.
pub const ACCENT: Rgb = Rgb(0x17, 0x4e, 0x46);
/// A breath of the accent.
pub const TINT: Rgb = Rgb(0xe4, 0xee, 0xe9);
/// While a finger is on it.
pub const PRESSED: Rgb = Rgb(0xc9, 0xde, 0xd6);
/// The ring around what the keyboard would choose.
pub const FOCUS: Rgb = Rgb(0xb0, 0x4a, 0x00);
/// Something went wrong.
pub const WARNING: Rgb = Rgb(0x8a, 0x1f, 0x11);
/// The ground under a warning.
pub const WARNING_TINT: Rgb = Rgb(0xfb, 0xec, 0xe6);
/// The bar at the bottom.
pub const BAR: Rgb = Rgb(0xf1, 0xec, 0xe0);

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

    fn luminance(Rgb(r, g, b): Rgb) -> f32 {
        let channel = |c: u8| {
            let c = f32::from(c) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
    }

    fn contrast(a: Rgb, b: Rgb) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Proves T13: text has a contrast of 7:1 on every ground it is drawn on, edges and the focus ring 3:1.
    #[test]
    fn contrasts_are_high() {
        let grounds = [PAPER, CARD, TINT, BAR, PRESSED];
        for ground in grounds {
            assert!(contrast(INK, ground) >= 7.0, "ink on {ground:?}");
            assert!(
                contrast(FOCUS, ground) >= 3.0,
                "focus on {ground:?} {}",
                contrast(FOCUS, ground)
            );
        }
        for ground in [PAPER, CARD, TINT, BAR] {
            assert!(contrast(SOFT_INK, ground) >= 7.0, "soft ink on {ground:?}");
            assert!(contrast(ACCENT, ground) >= 7.0, "accent on {ground:?}");
            assert!(
                contrast(EDGE, ground) >= 3.0,
                "edge on {ground:?} {}",
                contrast(EDGE, ground)
            );
        }
        assert!(contrast(CARD, ACCENT) >= 7.0);
        assert!(contrast(WARNING, WARNING_TINT) >= 7.0 && contrast(INK, WARNING_TINT) >= 7.0);
    }
}
