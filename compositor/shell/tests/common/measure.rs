// SPDX-License-Identifier: EUPL-1.2
//! Contrast as an eye meets it: on painted pixels, not on the colours that were asked for.
//!
//! A screen is painted twice, with and without its text and icons. Where the two differ something is written, and the
//! second picture shows the ground it stands on. The edges of letters are smoothed and fade into the ground: what counts
//! is a letter's core, the strongest twentieth of what is painted in a piece about three letters wide. So a thin edge
//! does not lower the contrast, and a word that runs onto another ground is not helped by the rest of its line.

use shell::canvas::Rect;
use shell::paint::Painter;
use shell::scene::{Item, Paint, Scene};
use shell::text::Engine;
use shell::theme::Rgb;
use tiny_skia::{Pixmap, PremultipliedColorU8 as Pixel};

/// Of what is painted in a piece, this part is its core.
const CORE: f32 = 0.05;

/// Measures pictures.
pub struct Gauge {
    /// The linear value of a channel, by its value in a picture.
    linear: [f32; 256],
}

/// A screen, painted.
#[derive(Clone)]
pub struct Painted {
    pub whole: Pixmap,
    /// Without text and icons.
    pub ground: Pixmap,
}

impl Default for Gauge {
    fn default() -> Self {
        // The luminance of a grey is the linear value of its channel.
        let value = |i: usize| Rgb(i as u8, i as u8, i as u8).luminance();
        Self {
            linear: std::array::from_fn(value),
        }
    }
}

/// The whole of a picture.
pub fn all(pixels: &Pixmap) -> Rect {
    Rect::new(0.0, 0.0, pixels.width() as f32, pixels.height() as f32)
}

/// The same screen without text and icons.
pub fn bare(scene: &Scene) -> Scene {
    let keeps = |item: &&Item| matches!(item.paint, Paint::Look(_) | Paint::Picture(_));
    Scene {
        items: scene.items.iter().filter(keeps).cloned().collect(),
        ..scene.clone()
    }
}

impl Painted {
    /// Paints this part of a screen both ways.
    pub fn again(
        &mut self,
        scene: &Scene,
        part: &Rect,
        painter: &mut Painter,
        engine: &mut Engine,
    ) {
        painter.paint(&bare(scene), part, engine, &mut self.ground);
        painter.paint(scene, part, engine, &mut self.whole);
    }

    /// A screen painted both ways.
    pub fn new(
        scene: &Scene,
        (w, h): (u32, u32),
        painter: &mut Painter,
        engine: &mut Engine,
    ) -> Self {
        let mut both = Self {
            whole: Pixmap::new(w, h).unwrap(),
            ground: Pixmap::new(w, h).unwrap(),
        };
        let part = all(&both.whole);
        both.again(scene, &part, painter, engine);
        both
    }
}

impl Gauge {
    fn luminance(&self, pixel: Pixel) -> f32 {
        let linear = |value: u8| self.linear[usize::from(value)];
        let (r, g, b) = (pixel.red(), pixel.green(), pixel.blue());
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    fn contrast(&self, one: Pixel, other: Pixel) -> f32 {
        let (a, b) = (self.luminance(one), self.luminance(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The contrast of what is written in `rect` to its ground: that of the weakest of its pieces, which are up to `wide`
    /// pixels long and stand in lines of `high`. 1 if nothing can be seen of it.
    pub fn written(&self, painted: &Painted, rect: &Rect, (wide, high): (f32, f32)) -> f32 {
        // Text stands in the middle of its place, which may be higher. Of its first and last line the rims are empty.
        let inked = inked(painted, rect);
        let lines = ((inked + high * 0.3) / high).round().max(1.0);
        let top = rect.centre().1 - lines * high / 2.0;
        let mut weakest = f32::INFINITY;
        for line in 0..lines as usize {
            let line = Rect::new(rect.x, top + line as f32 * high, rect.w, high);
            let mut pieces = self.pieces(painted, &line, wide as usize);
            // The last bit of a line may be half a letter, whose edges have no core.
            let whole = |piece: &Vec<f32>| piece.len() as f32 > 0.1 * wide * high;
            if pieces.len() > 1 {
                pieces.retain(whole);
            }
            for mut piece in pieces {
                let core = (piece.len() as f32 * CORE).ceil() as usize;
                let at = piece.len() - core.max(1);
                let (_, strong, _) = piece.select_nth_unstable_by(at, f32::total_cmp);
                weakest = weakest.min(*strong);
            }
        }
        if weakest.is_finite() { weakest } else { 1.0 }
    }

    /// The contrasts of all that is written in `line` to its ground, in pieces of `wide` columns that begin where something is
    /// written.
    fn pieces(
        &self,
        Painted { whole, ground }: &Painted,
        line: &Rect,
        wide: usize,
    ) -> Vec<Vec<f32>> {
        let mut written = Vec::new();
        for y in edge(line.y, whole.height())..edge(line.bottom(), whole.height()) {
            let (left, right) = (
                edge(line.x, whole.width()),
                edge(line.right(), whole.width()),
            );
            let row = y * whole.width() as usize;
            let (inks, grounds) = (whole.pixels(), ground.pixels());
            let (inks, grounds) = (
                &inks[row + left..row + right],
                &grounds[row + left..row + right],
            );
            if inks == grounds {
                continue;
            }
            for (x, (ink, below)) in inks.iter().zip(grounds).enumerate() {
                if ink != below {
                    written.push((x, self.contrast(*ink, *below)));
                }
            }
        }
        written.sort_by_key(|(x, _)| *x);
        let mut pieces: Vec<Vec<f32>> = Vec::new();
        let mut begun = None;
        for (x, contrast) in written {
            if begun.is_none_or(|from| x - from >= wide) {
                begun = Some(x);
                pieces.push(Vec::new());
            }
            pieces.last_mut().unwrap().push(contrast);
        }
        pieces
    }

    /// How much the box at `rect` stands out from what is around it, where it does so least: by its edge or its ground. Its
    /// corners are left out, and `depth` is how far from its rim it may begin.
    pub fn boxed(&self, whole: &Pixmap, rect: &Rect, radius: f32, depth: f32) -> f32 {
        let mut least = f32::INFINITY;
        across(rect, radius, |(x, y), (dx, dy)| {
            let beyond = pixel(whole, x + 2 * dx, y + 2 * dy);
            let rim =
                (-1..=depth.ceil() as i32).filter_map(|i| pixel(whole, x - i * dx, y - i * dy));
            let stands = beyond.map_or(1.0, |beyond| {
                rim.map(|rim| self.contrast(rim, beyond))
                    .fold(1.0, f32::max)
            });
            least = least.min(stands);
        });
        least
    }

    /// The contrast of a ring with its box at `rect` to what is right outside and right inside of it, the least all around;
    /// `without` is the same picture without the ring. 1 where there is no ring.
    pub fn ring(&self, with: &Pixmap, without: &Pixmap, rect: &Rect, radius: f32) -> f32 {
        let mut least = f32::INFINITY;
        let reach = 12;
        across(rect, radius, |(x, y), (dx, dy)| {
            let at = |pixels: &Pixmap, i: i32| pixel(pixels, x - i * dx, y - i * dy);
            let drawn = |i: &i32| at(with, *i) != at(without, *i);
            let first = (-2..reach).find(drawn);
            let end = first.and_then(|first| (first..reach).take_while(drawn).last());
            let is = first.zip(end).and_then(|(first, end)| {
                let (outer, inner) = (at(with, first - 1)?, at(with, end + 1)?);
                let cores = (first..=end).filter_map(|i| at(with, i));
                let both = |core| self.contrast(core, outer).min(self.contrast(core, inner));
                cores.map(both).reduce(f32::max)
            });
            least = least.min(is.unwrap_or(1.0));
        });
        least
    }
}

/// How many rows lie between the first and the last in which something is written in `rect`.
fn inked(Painted { whole, ground }: &Painted, rect: &Rect) -> f32 {
    let width = whole.width() as usize;
    let (left, right) = (
        edge(rect.x, whole.width()),
        edge(rect.right(), whole.width()),
    );
    let rows = edge(rect.y, whole.height())..edge(rect.bottom(), whole.height());
    let written = |y: &usize| {
        let row = y * width + left..y * width + right;
        whole.pixels().get(row.clone()) != ground.pixels().get(row)
    };
    let (first, last) = (rows.clone().find(written), rows.rev().find(written));
    first
        .zip(last)
        .map_or(0.0, |(first, last)| (last - first + 1) as f32)
}

/// The colour at a place, if it is on the picture.
fn pixel(pixels: &Pixmap, x: i32, y: i32) -> Option<Pixel> {
    pixels.pixel(u32::try_from(x).ok()?, u32::try_from(y).ok()?)
}

/// The pixel at which something begins or ends, on the picture.
fn edge(at: f32, most: u32) -> usize {
    at.round().clamp(0.0, most as f32) as usize
}

/// Calls `look` at places all around the rim of `rect`, but not at its round corners: with the first pixel inside, and the
/// direction that leads out.
fn across(rect: &Rect, radius: f32, mut look: impl FnMut((i32, i32), (i32, i32))) {
    const PLACES: i32 = 9;
    let along = |from: f32, length: f32, i: i32| {
        let straight = (length - 2.0 * radius - 2.0).max(0.0);
        let part = (i as f32 + 0.5) / PLACES as f32;
        ((from + (length - straight) / 2.0 + straight * part).floor()) as i32
    };
    let (left, top) = (rect.x as i32, rect.y as i32);
    let (right, bottom) = (rect.right() as i32 - 1, rect.bottom() as i32 - 1);
    for i in 0..PLACES {
        let (x, y) = (along(rect.x, rect.w, i), along(rect.y, rect.h, i));
        look((x, top), (0, -1));
        look((x, bottom), (0, 1));
        look((left, y), (-1, 0));
        look((right, y), (1, 0));
    }
}
