// SPDX-License-Identifier: EUPL-1.2
//! Pictures: PNG and JPEG, one a page, as large as the sheet allows.

use std::fmt;

use api::print::Failure;
use png::{DecodingError, Limits, Transformations};
use zeroize::Zeroizing;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::{Onto, Page, fitted, grey};

/// The most pixels of a picture: A4 at 600 dots per inch, and a little more.
const PIXELS: u64 = 40_000_000;
/// The longest side.
const SIDE: u32 = 20_000;
/// Bytes that a decoder may use beside the picture.
const ROOM: usize = 64 << 20;
/// What a picture keeps off the edge of the sheet, in millimetres.
const EDGE: f32 = 10.0;

/// A picture: red, green and blue of each pixel, on white.
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").finish_non_exhaustive()
    }
}

/// Whether a picture of this size can be drawn; asked before anything of it is unpacked.
fn allowed(width: u32, height: u32) -> Result<(), Failure> {
    let pixels = u64::from(width) * u64::from(height);
    match (width.max(height), pixels) {
        (_, 0) => Err(Failure::Damaged),
        (side, pixels) if side > SIDE || pixels > PIXELS => Err(Failure::TooLarge),
        _ => Ok(()),
    }
}

/// Reads a PNG.
pub fn png(content: &[u8]) -> Result<Picture, Failure> {
    let refused = |error: DecodingError| match error {
        DecodingError::LimitsExceeded => Failure::TooLarge,
        _ => Failure::Damaged,
    };
    let mut decoder =
        png::Decoder::new_with_limits(std::io::Cursor::new(content), Limits { bytes: ROOM });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(refused)?;
    let (width, height) = (header.width, header.height);
    allowed(width, height)?;
    let mut reader = decoder.read_info().map_err(refused)?;
    let (colour, _) = reader.output_color_type();
    let samples = colour.samples();
    let size = reader.output_buffer_size().ok_or(Failure::TooLarge)?;
    let mut raw = Zeroizing::new(vec![0; size]);
    reader.next_frame(&mut raw).map_err(refused)?;
    let on_white = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    let mut pixels = Zeroizing::new(Vec::with_capacity(width as usize * height as usize * 3));
    for pixel in raw.chunks_exact(samples) {
        let rgb = match *pixel {
            [v] => [v; 3],
            [v, a] => [on_white(v, a); 3],
            [r, g, b] => [r, g, b],
            [r, g, b, a] => [on_white(r, a), on_white(g, a), on_white(b, a)],
            _ => return Err(Failure::Damaged),
        };
        pixels.extend_from_slice(&rgb);
    }
    Picture::new(width as usize, height as usize, pixels)
}

/// Reads a JPEG.
pub fn jpeg(content: &[u8]) -> Result<Picture, Failure> {
    let options = DecoderOptions::default()
        .set_max_width(SIDE as usize)
        .set_max_height(SIDE as usize)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(content), options);
    decoder.decode_headers().map_err(|error| match error {
        zune_jpeg::errors::DecodeErrors::LargeDimensions(_) => Failure::TooLarge,
        _ => Failure::Damaged,
    })?;
    let info = decoder.info().ok_or(Failure::Damaged)?;
    allowed(info.width.into(), info.height.into())?;
    let pixels = decoder.decode().map_err(|_| Failure::Damaged)?;
    Picture::new(
        info.width.into(),
        info.height.into(),
        Zeroizing::new(pixels),
    )
}

impl Picture {
    fn new(width: usize, height: usize, pixels: Zeroizing<Vec<u8>>) -> Result<Self, Failure> {
        if pixels.len() != width * height * 3 {
            return Err(Failure::Damaged);
        }
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// A pixel of the picture as it stands on the sheet.
    fn at(&self, x: usize, y: usize, is_turned: bool) -> [u8; 3] {
        let (x, y) = if is_turned {
            (y, self.height - 1 - x)
        } else {
            (x, y)
        };
        let at = (y * self.width + x) * 3;
        [self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]]
    }

    /// As large as it can be: on a sheet in the middle, off its edges, and turned to stand where it lies.
    pub fn draw(&self, onto: Onto) -> Page {
        let is_turned = matches!(onto, Onto::Sheet(_)) && self.width > self.height;
        let (width, height) = if is_turned {
            (self.height, self.width)
        } else {
            (self.width, self.height)
        };
        let sides = (width as f64, height as f64);
        let (ground, (w, h)) = match onto {
            Onto::Sheet(sheet) => {
                let edge = 2.0 * EDGE / 25.4 * f32::from(sheet.dpi);
                let (across, along) = sheet.size();
                let inner = |side: u16| (f32::from(side) - edge) as u16;
                let (size, _) = fitted(sides, (inner(across), inner(along)));
                (sheet.size(), size)
            }
            Onto::Screen(across, along) => {
                let (size, _) = fitted(sides, (across, along));
                (size, size)
            }
        };
        let (w, h) = (usize::from(w), usize::from(h));
        let (across, along) = (usize::from(ground.0), usize::from(ground.1));
        let (left, top) = ((across - w.min(across)) / 2, (along - h.min(along)) / 2);
        let mut page = Page::white(ground, onto.is_colour());
        let samples = page.samples;
        let pixels = page.pixels_mut();
        for y in 0..h {
            // Each pixel is the mean of those of the picture that it covers.
            let rows = y * height / h..((y + 1) * height / h).max(y * height / h + 1);
            for x in 0..w {
                let columns = x * width / w..((x + 1) * width / w).max(x * width / w + 1);
                let mut sum = [0_u32; 3];
                for row in rows.clone() {
                    for column in columns.clone() {
                        let pixel = self.at(column, row, is_turned);
                        for (sum, value) in sum.iter_mut().zip(pixel) {
                            *sum += u32::from(value);
                        }
                    }
                }
                let count = (rows.len() * columns.len()) as u32;
                let mean = sum.map(|sum| (sum / count.max(1)) as u8);
                let at = ((top + y) * across + left + x) * samples;
                if onto.is_colour() {
                    pixels[at..at + 3].copy_from_slice(&mean);
                } else {
                    pixels[at] = grey(mean);
                }
            }
        }
        page
    }
}
