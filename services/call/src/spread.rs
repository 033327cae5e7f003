// SPDX-License-Identifier: EUPL-1.2
//! Where a screen that the other side shares, and its face, lie in one picture: beside or below each other, never one over the other. Pure.

/// The face has so much of the room at least, across or down: less of it is no face.
const FACE: f64 = 0.2;
/// Where nobody has said how much room there is, the screen has it all down, and this times its width.
const WIDE: f64 = 1.25;
/// No picture of both has more pixels across or down.
pub const SIDE: u32 = 2048;
/// No room is smaller or larger.
const ROOM: (u32, u32) = (64, 8192);

/// Pixels across and down.
pub type Size = (u32, u32);

/// A place in a picture. All of its numbers are even: colours are known for pairs of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From the left.
    pub x: u32,
    /// From above.
    pub y: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// A picture of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Its pixels across and down.
    pub size: Size,
    /// Where the screen lies.
    pub screen: Place,
    /// Where the face lies, if there is one.
    pub face: Option<Place>,
}

impl Spread {
    /// Lays a screen of this size, as large as it can be, and a face out in the shape of `room`.
    pub fn new(room: Option<Size>, screen: Size, face: Option<Size>) -> Option<Self> {
        let shape = shape(screen)?;
        let (w, h) = match room {
            Some((w, h)) => (within(w), within(h)),
            None if face.is_some() => (f64::from(screen.0) * WIDE, f64::from(screen.1)),
            None => (f64::from(screen.0), f64::from(screen.1)),
        };
        // What a face has beside the screen, or else below it.
        let (across, down) = match face {
            Some(_) => ((w - h * shape).max(w * FACE), (h - w / shape).max(h * FACE)),
            None => (0.0, 0.0),
        };
        let (beside, below) = (fit(shape, (w - across, h)), fit(shape, (w, h - down)));
        let (shown, left, origin) = if beside.0 >= below.0 {
            (beside, (across, h), (w - across, 0.0))
        } else {
            (below, (w, down), (0.0, h - down))
        };
        let rest = if origin.0 > 0.0 {
            (w - left.0, h)
        } else {
            (w, h - left.1)
        };
        // Its pixels are not made more than they are, and all of it stays a picture that can be had.
        let scale = (f64::from(screen.0) / shown.0)
            .min(f64::from(SIDE) / w.max(h))
            .min(1.0);
        let place = |(width, height): (f64, f64), (x, y), (w, h)| Place {
            x: even((x + (w - width) / 2.0) * scale),
            y: even((y + (h - height) / 2.0) * scale),
            width: even(width * scale).max(2),
            height: even(height * scale).max(2),
        };
        let face = match face {
            Some(size) => Some(place(fit(self::shape(size)?, left), origin, left)),
            None => None,
        };
        let spread = Self {
            size: (even(w * scale).max(2), even(h * scale).max(2)),
            screen: place(shown, (0.0, 0.0), rest),
            face,
        };
        spread.is_whole().then_some(spread)
    }

    /// Whether all of it lies within.
    fn is_whole(&self) -> bool {
        let within = |place: &Place| {
            place.x + place.width <= self.size.0 && place.y + place.height <= self.size.1
        };
        within(&self.screen) && self.face.iter().all(within)
    }
}

fn within(side: u32) -> f64 {
    f64::from(side.clamp(ROOM.0, ROOM.1))
}

/// How much wider than high it is.
fn shape((width, height): Size) -> Option<f64> {
    (width > 0 && height > 0).then(|| f64::from(width) / f64::from(height))
}

/// The largest of this shape in so much room.
fn fit(shape: f64, (w, h): (f64, f64)) -> (f64, f64) {
    if w / shape <= h {
        (w, w / shape)
    } else {
        (h * shape, h)
    }
}

fn even(length: f64) -> u32 {
    // Positive, and far below the limits of its type.
    (length.clamp(0.0, f64::from(ROOM.1)) as u32) & !1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FACES: Size = (640, 480);

    /// Proves D3: on a wide screen the face stands beside what is shared, on an upright one below it, and neither takes room that the other
    /// has no use for.
    #[test]
    fn the_face_stands_beside_or_below() {
        let beside = Spread::new(Some((1920, 800)), (1280, 720), Some(FACES)).unwrap();
        let face = beside.face.unwrap();
        assert_eq!((beside.screen.width, beside.screen.height), (1280, 720));
        assert!(face.x >= 1280 && face.width > 400, "{beside:?}");
        let below = Spread::new(Some((1080, 1400)), (1280, 720), Some(FACES)).unwrap();
        let face = below.face.unwrap();
        assert_eq!(below.screen.width, 1080);
        assert!(face.y >= 606 && face.height > 700, "{below:?}");
        let unknown = Spread::new(None, (1280, 720), Some(FACES)).unwrap();
        assert_eq!((unknown.size, unknown.screen.width), ((1600, 720), 1280));
        let alone = Spread::new(None, (1280, 720), None).unwrap();
        assert_eq!((alone.size, alone.screen.width), ((1280, 720), 1280));
        assert_eq!(Spread::new(None, (0, 720), None), None);
    }

    fn apart(one: Place, other: Place) -> bool {
        one.x + one.width <= other.x
            || other.x + other.width <= one.x
            || one.y + one.height <= other.y
            || other.y + other.height <= one.y
    }

    proptest! {
        /// Proves D3: whatever is shared in whatever room, it keeps its shape, is never less than the larger part of what it could be, and hides
        /// nothing.
        #[test]
        fn nothing_is_hidden(
            room in prop::option::of((0_u32..9000, 0_u32..9000)),
            screen in (1_u32..8000, 1_u32..8000),
            face in prop::option::of((1_u32..2000, 1_u32..2000)),
        ) {
            let Some(spread) = Spread::new(room, screen, face) else {
                return Ok(());
            };
            let (w, h) = spread.size;
            prop_assert!(w <= SIDE && h <= SIDE.max(screen.1), "{spread:?}");
            for place in [Some(spread.screen), spread.face].into_iter().flatten() {
                prop_assert!([place.x, place.y, place.width, place.height].iter().all(|n| n % 2 == 0));
                prop_assert!(place.x + place.width <= w && place.y + place.height <= h);
            }
            if let Some(face) = spread.face {
                prop_assert!(apart(spread.screen, face), "{spread:?}");
            }
            let Place { width, height, .. } = spread.screen;
            // Where it is thin, two pixels are all of it.
            if width > 40 && height > 40 {
                let (is, was) = (f64::from(width) / f64::from(height), f64::from(screen.0) / f64::from(screen.1));
                prop_assert!((is / was - 1.0).abs() < 0.1, "{spread:?}");
            }
            prop_assert!(width <= screen.0.max(2));
        }
    }
}
