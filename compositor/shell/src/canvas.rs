// SPDX-License-Identifier: EUPL-1.2
//! How large things are. Screens are laid out in *units*: one unit is at least one millimetre of the real screen.
//!
//! On screens whose short side is 170 to 240 mm a unit is a millimetre; on larger ones, which people look at from
//! further away, the layout grows with the screen. Below 170 mm (under 13 inch) it shrinks: smaller than a
//! millimetre, because cut off would be worse than small.

/// The short side of a screen the layout is made for, in units.
const SHORT_MIN: f32 = 170.0;
/// From here on the layout grows with the screen.
const SHORT_MAX: f32 = 240.0;
/// How much of the screen is used when everything is low.
const LOWER: f32 = 0.66;
/// What is assumed where a screen does not tell its size: 24 inch, in millimetres across.
const ASSUMED_DIAGONAL: f32 = 24.0 * 25.4;
/// Diagonals that are believed: 7 to 90 inch.
const PLAUSIBLE: std::ops::RangeInclusive<f32> = 7.0 * 25.4..=90.0 * 25.4;

/// The smallest side of anything that can be touched, in units (T10, T13).
pub const TARGET: f32 = 15.0;
/// The smallest distance of two such things, in units.
pub const GAP: f32 = 4.0;

/// The size of a screen, in pixels and in units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Canvas {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Pixels a unit.
    pub scale: f32,
    /// Pixels a millimetre.
    pub px_per_mm: f32,
}

impl Canvas {
    /// A screen of `width` by `height` pixels that claims to be `mm` millimetres wide and high.
    pub fn new(width: u32, height: u32, mm: Option<(f32, f32)>) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let (w, h) = (width as f32, height as f32);
        let px_per_mm = mm.filter(|size| plausible(*size, w / h)).map_or_else(
            || w.hypot(h) / ASSUMED_DIAGONAL,
            |(mm_w, mm_h)| w.hypot(h) / mm_w.hypot(mm_h),
        );
        let short = w.min(h);
        let short_units = (short / px_per_mm).clamp(SHORT_MIN, SHORT_MAX);
        Self {
            width,
            height,
            scale: short / short_units,
            px_per_mm,
        }
    }

    /// Units across.
    pub fn w(&self) -> f32 {
        self.width as f32 / self.scale
    }

    /// Units down.
    pub fn h(&self) -> f32 {
        self.height as f32 / self.scale
    }

    /// The lower part of the screen, which is within reach of a wheelchair. Text that is `larger` times as large needs
    /// some more of it on small screens.
    #[must_use]
    pub fn lower(&self, larger: f32) -> Self {
        let least = (SHORT_MIN * (1.0 + larger) / 2.0).min(self.h());
        let units = (self.h() * LOWER).max(least);
        Self {
            height: ((units * self.scale).round() as u32).min(self.height),
            ..*self
        }
    }

    /// Whether it stands upright.
    pub fn is_portrait(&self) -> bool {
        self.height > self.width
    }

    /// Whether it is so low that screens have to save height: a case.
    pub fn is_low(&self) -> bool {
        !self.is_portrait() && self.h() < 200.0
    }

    /// How large text is, of what the theme asks for: less on small screens, which are also nearer to the eye.
    pub fn text_scale(&self) -> f32 {
        (self.w().min(self.h()) / 225.0).clamp(0.74, 1.0)
    }
}

/// Whether a size in millimetres can be true: not absurd, and of the shape the pixels have.
fn plausible((w, h): (f32, f32), aspect: f32) -> bool {
    // A screen that is turned often still reports its size lying down.
    let shape = |ratio: f32| (ratio / aspect - 1.0).abs() < 0.15;
    w > 0.0 && h > 0.0 && PLAUSIBLE.contains(&w.hypot(h)) && (shape(w / h) || shape(h / w))
}

/// A rectangle; pixels or units, as its owner says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// A rectangle by its left upper corner and size.
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self { x, y, w, h }
    }

    /// Right edge.
    pub fn right(&self) -> f32 {
        self.x + self.w
    }

    /// Bottom edge.
    pub fn bottom(&self) -> f32 {
        self.y + self.h
    }

    /// The middle.
    pub fn centre(&self) -> (f32, f32) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Whether the point lies in it.
    pub fn contains(&self, x: f32, y: f32) -> bool {
        x >= self.x && y >= self.y && x < self.right() && y < self.bottom()
    }

    /// `by` larger on each side.
    #[must_use]
    pub fn outset(&self, by: f32) -> Self {
        Self::new(
            self.x - by,
            self.y - by,
            (self.w + 2.0 * by).max(0.0),
            (self.h + 2.0 * by).max(0.0),
        )
    }

    /// The smallest rectangle with both in it.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self::new(
            x,
            y,
            self.right().max(other.right()) - x,
            self.bottom().max(other.bottom()) - y,
        )
    }

    /// Whether they share any area.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    /// Whether all of it lies in `other`.
    pub fn lies_in(&self, other: &Self) -> bool {
        self.x >= other.x
            && self.y >= other.y
            && self.right() <= other.right()
            && self.bottom() <= other.bottom()
    }

    /// How far apart they are: 0 if they touch or overlap.
    pub fn distance(&self, other: &Self) -> f32 {
        let dx = (other.x - self.right())
            .max(self.x - other.right())
            .max(0.0);
        let dy = (other.y - self.bottom())
            .max(self.y - other.bottom())
            .max(0.0);
        dx.hypot(dy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T10: a unit is never less than a millimetre from 14 to 32 inch, whatever the screen claims.
    #[test]
    fn a_unit_is_a_millimetre_or_more() {
        for (w, h) in [(1280, 800), (1920, 1080), (1080, 1920), (3840, 2160)] {
            for inches in [14.0_f32, 15.0, 21.5, 24.0, 27.0, 32.0] {
                let diagonal = (w as f32).hypot(h as f32);
                let mm = |px: u32| px as f32 / diagonal * inches * 25.4;
                let canvas = Canvas::new(w, h, Some((mm(w), mm(h))));
                assert!(
                    canvas.scale >= canvas.px_per_mm * 0.999,
                    "{w}x{h} {inches}: {canvas:?}"
                );
                assert!(canvas.w().min(canvas.h()) <= SHORT_MAX + 0.01);
            }
        }
    }

    /// Proves T10: sizes that cannot be true are not believed.
    #[test]
    fn absurd_sizes_are_not_believed() {
        let assumed = Canvas::new(1920, 1080, None);
        for mm in [
            (0.0, 0.0),
            (16.0, 9.0),
            (160_000.0, 90_000.0),
            (530.0, 530.0),
            (f32::NAN, 300.0),
            (-530.0, -300.0),
        ] {
            assert_eq!(Canvas::new(1920, 1080, Some(mm)), assumed, "{mm:?}");
        }
        // A turned screen that reports its size lying down.
        assert!(
            (Canvas::new(1080, 1920, Some((531.0, 299.0))).px_per_mm - assumed.px_per_mm).abs()
                < 0.02
        );
        assert!(Canvas::new(0, 0, None).scale.is_finite());
    }
}
