// SPDX-License-Identifier: EUPL-1.2
//! The pointer: one large arrow, seen only after a mouse has moved and gone with the next touch.

use smithay::{
    backend::{allocator::Fourcc, renderer::element::memory::MemoryRenderBuffer},
    utils::{Logical, Point, Size, Transform},
};

/// Side of the arrow's square picture in pixels; large, for weak eyes.
const SIDE: i32 = 48;
/// Corners of the arrow, tip first, in parts of [`SIDE`] = 48.
const ARROW: [(f64, f64); 7] = [
    (3.0, 3.0),
    (3.0, 39.0),
    (11.0, 31.0),
    (17.0, 45.0),
    (23.0, 42.0),
    (17.0, 29.0),
    (29.0, 29.0),
];
/// Width of the white line around the arrow.
const OUTLINE: f64 = 2.5;

/// Where the pointer is and whether it is seen.
#[derive(Debug)]
pub struct Pointer {
    picture: MemoryRenderBuffer,
    at: Point<f64, Logical>,
    visible: bool,
}

impl Pointer {
    /// A hidden pointer.
    #[must_use]
    pub fn new() -> Self {
        let picture = MemoryRenderBuffer::from_slice(
            &paint(),
            Fourcc::Argb8888,
            (SIDE, SIDE),
            1,
            Transform::Normal,
            None,
        );
        Self {
            picture,
            at: Point::default(),
            visible: false,
        }
    }

    /// Puts the pointer somewhere on a screen of the given size and shows it.
    pub fn show_at(&mut self, at: Point<f64, Logical>, screen: Size<i32, Logical>) {
        self.at = clamp(at, screen);
        self.visible = true;
    }

    /// Hides the pointer; returns whether it was seen before.
    pub fn hide(&mut self) -> bool {
        std::mem::replace(&mut self.visible, false)
    }

    /// The tip's place.
    pub fn at(&self) -> Point<f64, Logical> {
        self.at
    }

    /// Whether it is seen.
    pub fn is_seen(&self) -> bool {
        self.visible
    }

    /// What to draw, if it is seen.
    pub fn drawn(&self) -> Option<(MemoryRenderBuffer, Point<f64, Logical>)> {
        let place = self.at - Point::from(ARROW[0]);
        self.visible.then(|| (self.picture.clone(), place))
    }
}

impl Default for Pointer {
    fn default() -> Self {
        Self::new()
    }
}

/// Keeps a point on the screen, whatever a device says.
pub fn clamp(at: Point<f64, Logical>, screen: Size<i32, Logical>) -> Point<f64, Logical> {
    let fit = |value: f64, size: i32| {
        let last = f64::from((size - 1).max(0));
        if value.is_finite() {
            value.clamp(0.0, last)
        } else {
            0.0
        }
    };
    Point::from((fit(at.x, screen.w), fit(at.y, screen.h)))
}

/// Near-black arrow with a white line around it, premultiplied ARGB.
fn paint() -> Vec<u8> {
    let mut pixels = Vec::with_capacity((SIDE * SIDE * 4) as usize);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let point = (f64::from(x) + 0.5, f64::from(y) + 0.5);
            let [grey, alpha] = if inside(point) {
                [0x1a, 0xff]
            } else if edge_distance(point) <= OUTLINE {
                [0xff, 0xff]
            } else {
                [0, 0]
            };
            pixels.extend([grey, grey, grey, alpha]);
        }
    }
    pixels
}

fn sides() -> impl Iterator<Item = ((f64, f64), (f64, f64))> {
    ARROW.into_iter().zip(ARROW.into_iter().cycle().skip(1))
}

fn inside((x, y): (f64, f64)) -> bool {
    let crossings = sides().filter(|((ax, ay), (bx, by))| {
        (ay > &y) != (by > &y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
    });
    crossings.count() % 2 == 1
}

fn edge_distance((x, y): (f64, f64)) -> f64 {
    sides()
        .map(|((ax, ay), (bx, by))| {
            let (dx, dy) = (bx - ax, by - ay);
            let along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
            (x - ax - along * dx).hypot(y - ay - along * dy)
        })
        .fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_stays_on_the_screen() {
        let screen = Size::from((800, 600));
        for (x, y) in [(-5.0, 700.0), (f64::NAN, f64::INFINITY), (1e300, -1e300)] {
            let point = clamp((x, y).into(), screen);
            assert!((0.0..800.0).contains(&point.x) && (0.0..600.0).contains(&point.y));
        }
        assert_eq!(
            clamp((3.0, 4.0).into(), Size::from((0, 0))),
            Point::from((0.0, 0.0))
        );
    }

    #[test]
    fn the_arrow_is_dark_on_white() {
        let picture = paint();
        let pixel = |x: usize, y: usize| picture[(y * SIDE as usize + x) * 4];
        assert_eq!(pixel(8, 24), 0x1a);
        assert_eq!(pixel(1, 20), 0xff);
        assert_eq!(
            picture[(SIDE as usize * 2 - 1) * 4 + 3],
            0,
            "nothing in the far corner"
        );
    }
}
