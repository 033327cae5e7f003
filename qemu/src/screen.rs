// SPDX-License-Identifier: EUPL-1.2
//! A picture of the machine's screen and what a test asks of it.

use std::{fs::File, io::BufWriter, path::Path};

use crate::error::{Error, Result};

/// A colour: red, green, blue.
pub type Rgb = [u8; 3];

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Rect {
    /// Its middle.
    pub fn middle(&self) -> (u32, u32) {
        (self.x + self.width / 2, self.y + self.height / 2)
    }

    /// Right edge, exclusive.
    pub fn right(&self) -> u32 {
        self.x.saturating_add(self.width)
    }

    /// Lower edge, exclusive.
    pub fn bottom(&self) -> u32 {
        self.y.saturating_add(self.height)
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self {
            x,
            y,
            width: self.right().max(other.right()) - x,
            height: self.bottom().max(other.bottom()) - y,
        }
    }
}

/// A picture of the screen.
#[derive(Clone, PartialEq, Eq)]
pub struct Screen {
    width: u32,
    height: u32,
    /// Three bytes a pixel, row by row.
    pixels: Vec<u8>,
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Screen({} x {})", self.width, self.height)
    }
}

impl Screen {
    /// A picture from raw pixels, three bytes each.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self> {
        let expected = u64::from(width) * u64::from(height) * 3;
        if expected == 0 || pixels.len() as u64 != expected {
            return Err(Error::Picture(format!(
                "{width} x {height} pixels need {expected} bytes, not {}",
                pixels.len()
            )));
        }
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// A picture of one colour.
    pub fn plain(width: u32, height: u32, colour: Rgb) -> Result<Self> {
        Self::new(width, height, colour.repeat((width * height) as usize))
    }

    /// Reads a binary PPM, the form in which QEMU hands out the screen fastest.
    pub fn from_ppm(bytes: &[u8]) -> Result<Self> {
        let bad = || Error::Picture("not a binary PPM with 8 bits a channel".to_owned());
        let mut rest = bytes.strip_prefix(b"P6").ok_or_else(bad)?;
        let mut number = || -> Option<u32> {
            let start = rest.iter().position(|b| !b.is_ascii_whitespace())?;
            let length = rest[start..].iter().position(|b| !b.is_ascii_digit())?;
            let text = std::str::from_utf8(&rest[start..start + length]).ok()?;
            rest = &rest[start + length..];
            text.parse().ok()
        };
        let mut next = || number().ok_or_else(bad);
        let (width, height, depth) = (next()?, next()?, next()?);
        if depth != 255 {
            return Err(bad());
        }
        // Exactly one white space ends the header.
        let pixels = rest.get(1..).ok_or_else(bad)?;
        Self::new(width, height, pixels.to_vec())
    }

    /// Reads a PNG file, for example a reference picture.
    pub fn load(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::file("open", path))?;
        let picture =
            |error: png::DecodingError| Error::Picture(format!("{}: {error}", path.display()));
        let mut decoder = png::Decoder::new(std::io::BufReader::new(file));
        decoder.set_transformations(
            png::Transformations::normalize_to_color8() | png::Transformations::STRIP_16,
        );
        let mut reader = decoder.read_info().map_err(picture)?;
        let size = reader
            .output_buffer_size()
            .ok_or_else(|| Error::Picture(format!("{}: too large", path.display())))?;
        let mut buffer = vec![0; size];
        let info = reader.next_frame(&mut buffer).map_err(picture)?;
        buffer.truncate(info.buffer_size());
        let pixels = match info.color_type {
            png::ColorType::Rgb => buffer,
            png::ColorType::Rgba => buffer
                .chunks_exact(4)
                .flat_map(|p| [p[0], p[1], p[2]])
                .collect(),
            png::ColorType::Grayscale => buffer.iter().flat_map(|&v| [v; 3]).collect(),
            png::ColorType::GrayscaleAlpha => {
                buffer.chunks_exact(2).flat_map(|p| [p[0]; 3]).collect()
            }
            png::ColorType::Indexed => {
                return Err(Error::Picture(format!(
                    "{}: palette was not expanded",
                    path.display()
                )));
            }
        };
        Self::new(info.width, info.height, pixels)
    }

    /// Writes a PNG file.
    pub fn save(&self, path: &Path) -> Result<()> {
        let file = File::create(path).map_err(Error::file("create", path))?;
        let mut encoder = png::Encoder::new(BufWriter::new(file), self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let picture = |error| Error::Picture(format!("cannot write {}: {error}", path.display()));
        let mut writer = encoder.write_header().map_err(picture)?;
        writer.write_image_data(&self.pixels).map_err(picture)?;
        writer.finish().map_err(picture)
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Colour of a pixel; `None` outside.
    pub fn pixel(&self, x: u32, y: u32) -> Option<Rgb> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let at = (y as usize * self.width as usize + x as usize) * 3;
        self.pixels.get(at..at + 3)?.try_into().ok()
    }

    /// All pixels, row by row.
    pub fn pixels(&self) -> impl ExactSizeIterator<Item = Rgb> {
        self.pixels.as_chunks::<3>().0.iter().copied()
    }

    /// A part of it, cut at its edges.
    pub fn crop(&self, part: Rect) -> Result<Self> {
        let (right, bottom) = (part.right().min(self.width), part.bottom().min(self.height));
        let (width, height) = (right.saturating_sub(part.x), bottom.saturating_sub(part.y));
        let rows = (part.y..bottom).flat_map(|y| {
            let start = (y as usize * self.width as usize + part.x as usize) * 3;
            self.pixels
                .iter()
                .skip(start)
                .take(width as usize * 3)
                .copied()
        });
        Self::new(width, height, rows.collect())
    }

    /// As somebody sees it who stands on his head.
    #[must_use]
    pub fn upside_down(&self) -> Self {
        let (pixels, _) = self.pixels.as_chunks::<3>();
        Self {
            pixels: pixels.iter().rev().flatten().copied().collect(),
            ..*self
        }
    }

    /// Which part of the pixels has this colour, within `tolerance` a channel; 0 to 1.
    pub fn share_of(&self, colour: Rgb, tolerance: u8) -> f64 {
        let same = self
            .pixels()
            .filter(|&pixel| close(pixel, colour, tolerance))
            .count();
        same as f64 / self.pixels().len() as f64
    }

    /// Whether at least `share` of the pixels (0 to 1) has this colour, roughly.
    pub fn is_mostly(&self, colour: Rgb, share: f64) -> bool {
        self.share_of(colour, 12) >= share
    }

    /// Which part of the pixels is the same in both, within `tolerance` a channel; 0 when the sizes differ.
    pub fn similarity(&self, reference: &Self, tolerance: u8) -> f64 {
        if (self.width, self.height) != (reference.width, reference.height) {
            return 0.0;
        }
        let pairs = self.pixels().zip(reference.pixels());
        let same = pairs.filter(|&(a, b)| close(a, b, tolerance)).count();
        same as f64 / self.pixels().len() as f64
    }

    /// Whether more than `share` of the pixels (0 to 1) differs visibly from `other`.
    pub fn differs(&self, other: &Self, share: f64) -> bool {
        1.0 - self.similarity(other, 12) > share
    }

    /// How many colours it has, counted in steps of 16 a channel: 1 means that nothing is drawn yet.
    pub fn colours(&self) -> usize {
        let mut seen = vec![false; 1 << 12];
        for [r, g, b] in self.pixels() {
            let index = usize::from(r >> 4) << 8 | usize::from(g >> 4) << 4 | usize::from(b >> 4);
            seen[index] = true;
        }
        seen.iter().filter(|&&seen| seen).count()
    }

    /// Grey values at twice the size, smoothed: letters of a screen are too small for OCR otherwise.
    pub(crate) fn doubled_grey(&self) -> (u32, u32, Vec<u8>) {
        let grey: Vec<u8> = self
            .pixels()
            .map(|[r, g, b]| {
                ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29) >> 8) as u8
            })
            .collect();
        let (width, height) = (self.width as usize, self.height as usize);
        let mut doubled = Vec::with_capacity(grey.len() * 4);
        for y in 0..height * 2 {
            // Each target pixel lies a quarter of a pixel off the source's middle.
            let (near_y, far_y) = neighbours(y, height);
            for x in 0..width * 2 {
                let (near_x, far_x) = neighbours(x, width);
                let value = |x: usize, y: usize| u32::from(grey[y * width + x]);
                let sum = 9 * value(near_x, near_y)
                    + 3 * (value(far_x, near_y) + value(near_x, far_y))
                    + value(far_x, far_y);
                doubled.push((sum / 16) as u8);
            }
        }
        (self.width * 2, self.height * 2, doubled)
    }
}

/// Source pixels for a pixel of the doubled picture: the one it lies in and the next one on its side.
fn neighbours(target: usize, size: usize) -> (usize, usize) {
    let near = target / 2;
    let far = if target.is_multiple_of(2) {
        near.saturating_sub(1)
    } else {
        (near + 1).min(size - 1)
    };
    (near, far)
}

fn close(a: Rgb, b: Rgb, tolerance: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= tolerance)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves O9: a picture survives its way through a file.
    #[test]
    fn png_round_trip() {
        let pixels = (0..12 * 7 * 3).map(|n| n as u8).collect();
        let screen = Screen::new(12, 7, pixels).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("screen.png");
        screen.save(&path).unwrap();
        assert_eq!(Screen::load(&path).unwrap(), screen);
    }

    /// Proves O9: colours and differences are measured as shares of the screen.
    #[test]
    fn measures_shares() {
        let blue = Screen::plain(10, 10, [0, 0, 200]).unwrap();
        assert!(blue.is_mostly([4, 4, 196], 1.0));
        assert_eq!(blue.colours(), 1);
        let mut half = blue.clone();
        half.pixels[..150].fill(255);
        assert!((half.similarity(&blue, 8) - 0.5).abs() < 1e-9);
        assert!(half.differs(&blue, 0.4) && !half.differs(&blue, 0.6));
        assert!(blue.similarity(&Screen::plain(9, 10, [0; 3]).unwrap(), 255) < 0.1);
        let part = half
            .crop(Rect {
                x: 8,
                y: 4,
                width: 5,
                height: 2,
            })
            .unwrap();
        assert_eq!((part.width(), part.height()), (2, 2));
        assert_eq!(part.pixel(0, 0), Some([255; 3]));
        let turned = half.upside_down();
        assert_eq!(turned.pixel(9, 9), half.pixel(0, 0));
        assert_eq!(turned.pixel(0, 9), half.pixel(9, 0));
        assert_ne!(turned, half);
        assert_eq!(part.pixel(0, 1), Some([0, 0, 200]));
        assert!(
            half.crop(Rect {
                x: 10,
                y: 0,
                width: 1,
                height: 1
            })
            .is_err()
        );
    }

    proptest! {
        /// Proves O9: broken pictures are refused, never a panic.
        #[test]
        fn any_bytes_as_ppm(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), head in any::<bool>()) {
            if head {
                bytes.splice(0..0, *b"P6\n2 3\n255\n");
            }
            let _ = Screen::from_ppm(&bytes);
        }
    }
}
