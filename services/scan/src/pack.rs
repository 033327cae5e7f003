// SPDX-License-Identifier: EUPL-1.2
//! A page becomes small: grey where it has no colour; by JPEG, or without loss (PNG) where that is no larger, as on a page of few
//! tones. And a picture of it to look at.

use jpeg_encoder::{ColorType, Encoder};
use zeroize::Zeroizing;

use crate::picture::Picture;

/// How good a JPEG is, of 100; the first that is within [`ROOM`], or the last.
const QUALITIES: [u8; 3] = [80, 60, 40];
/// The bytes that a page should have at most.
const ROOM: usize = 2 << 20;
/// How far the values of a pixel are apart at least for it to be coloured: a scanner's grey is never quite grey.
const COLOURED: u8 = 48;
/// Of so many pixels, one may be coloured by chance.
const CHANCE: usize = 2000;
/// The longest side of the picture to look at.
const SMALL: usize = 880;

/// Why a page cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// By PNG.
    #[error("cannot write a page as PNG")]
    Png(#[from] png::EncodingError),
    /// By JPEG.
    #[error("cannot write a page as JPEG")]
    Jpeg(#[from] jpeg_encoder::EncodingError),
    /// It is longer than JPEG can tell.
    #[error("the page is too large")]
    TooLarge,
}

/// A page that is packed.
#[derive(Debug)]
pub struct Packed {
    /// The page, JPEG or PNG.
    pub page: Zeroizing<Vec<u8>>,
    /// To look at, PNG.
    pub small: Zeroizing<Vec<u8>>,
}

/// Packs a page.
pub fn pack(picture: Picture) -> Result<Packed, PackError> {
    let small = small(&picture)?;
    let page = if has_colour(&picture) {
        smallest(&picture)?
    } else {
        smallest(&grey(picture))?
    };
    Ok(Packed { page, small })
}

fn has_colour(picture: &Picture) -> bool {
    if !picture.is_colour {
        return false;
    }
    let is_coloured = |pixel: &&[u8]| {
        let (most, least) = (pixel.iter().max(), pixel.iter().min());
        most.zip(least)
            .is_some_and(|(most, least)| most - least >= COLOURED)
    };
    let coloured = picture.pixels.chunks_exact(3).filter(is_coloured).count();
    coloured > picture.width * picture.height / CHANCE
}

/// How light each pixel is (ITU-R BT.601).
fn grey(picture: Picture) -> Picture {
    if !picture.is_colour {
        return picture;
    }
    let light = |pixel: &[u8]| {
        let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
        ((r * 299 + g * 587 + b * 114 + 500) / 1000) as u8
    };
    let pixels = picture.pixels.chunks_exact(3).map(light).collect();
    Picture {
        is_colour: false,
        pixels: Zeroizing::new(pixels),
        ..picture
    }
}

fn smallest(picture: &Picture) -> Result<Zeroizing<Vec<u8>>, PackError> {
    let lossless = png(picture)?;
    for (i, quality) in QUALITIES.into_iter().enumerate() {
        let lossy = jpeg(picture, quality)?;
        if lossless.len() <= lossy.len() {
            return Ok(lossless);
        }
        if lossy.len() <= ROOM || i + 1 == QUALITIES.len() {
            return Ok(lossy);
        }
    }
    Ok(lossless)
}

fn jpeg(picture: &Picture, quality: u8) -> Result<Zeroizing<Vec<u8>>, PackError> {
    let side = |side: usize| u16::try_from(side).map_err(|_| PackError::TooLarge);
    let (width, height) = (side(picture.width)?, side(picture.height)?);
    let kind = if picture.is_colour {
        ColorType::Rgb
    } else {
        ColorType::Luma
    };
    let mut out = Zeroizing::new(Vec::new());
    Encoder::new(&mut *out, quality).encode(&picture.pixels, width, height, kind)?;
    Ok(out)
}

fn png(picture: &Picture) -> Result<Zeroizing<Vec<u8>>, PackError> {
    let mut out = Zeroizing::new(Vec::new());
    let (width, height) = (picture.width as u32, picture.height as u32);
    let mut encoder = png::Encoder::new(&mut *out, width, height);
    encoder.set_color(if picture.is_colour {
        png::ColorType::Rgb
    } else {
        png::ColorType::Grayscale
    });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&picture.pixels)?;
    writer.finish()?;
    Ok(out)
}

/// Each pixel is the mean of those that it covers.
fn small(picture: &Picture) -> Result<Zeroizing<Vec<u8>>, PackError> {
    let by = picture.width.max(picture.height).div_ceil(SMALL).max(1);
    let (width, height) = ((picture.width / by).max(1), (picture.height / by).max(1));
    let samples = picture.samples();
    let mut pixels = Zeroizing::new(Vec::with_capacity(width * height * samples));
    for y in 0..height {
        for x in 0..width {
            for sample in 0..samples {
                let (mut sum, mut count) = (0_u32, 0_u32);
                for row in (y * by..(y + 1) * by).take_while(|row| *row < picture.height) {
                    for column in (x * by..(x + 1) * by).take_while(|x| *x < picture.width) {
                        let at = (row * picture.width + column) * samples + sample;
                        sum += u32::from(picture.pixels[at]);
                        count += 1;
                    }
                }
                pixels.push((sum / count.max(1)) as u8);
            }
        }
    }
    png(&Picture {
        width,
        height,
        is_colour: picture.is_colour,
        pixels,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(colour: impl Fn(usize, usize) -> [u8; 3]) -> Picture {
        let (width, height) = (620, 877);
        let pixels =
            (0..height).flat_map(|y| (0..width).flat_map(|x| colour(x, y)).collect::<Vec<_>>());
        Picture {
            width,
            height,
            is_colour: true,
            pixels: Zeroizing::new(pixels.collect()),
        }
    }

    fn colour_of(png: &[u8]) -> (png::ColorType, u32, u32) {
        let reader = png::Decoder::new(std::io::Cursor::new(png))
            .read_info()
            .unwrap();
        (
            reader.info().color_type,
            reader.info().width,
            reader.info().height,
        )
    }

    const PNG: &[u8] = b"\x89PNG";
    const JPEG: &[u8] = b"\xff\xd8\xff";

    /// Proves T6: a page of few tones stays as it is; one of many is packed by JPEG; a little noise makes no page coloured.
    #[test]
    fn a_page_is_packed_by_what_it_shows() {
        let noise = |x: usize, y: usize| (((x * 31 + y * 17) * 2_654_435_761) >> 16) as u8;
        let line = picture(|_, y| [if y % 40 < 4 { 0 } else { 255 }; 3]);
        let packed = pack(line).unwrap();
        assert!(packed.page.starts_with(PNG));
        assert_eq!(colour_of(&packed.page).0, png::ColorType::Grayscale);
        let photo = picture(|x, y| [noise(x, y), noise(y, x) / 2, (x % 256) as u8]);
        let packed = pack(photo).unwrap();
        assert!(packed.page.starts_with(JPEG));
        // Three components: it is in colour.
        assert!(packed.page.windows(4).any(|at| at[..2] == [0xff, 0xc0]));
        assert_eq!(colour_of(&packed.small), (png::ColorType::Rgb, 620, 877));
        let warm = picture(|x, y| {
            let tone = noise(x, y) / 4 + 180;
            [tone, tone, tone - 20]
        });
        let is_grey = |jpeg: &[u8]| {
            let at = jpeg.windows(2).position(|at| at == [0xff, 0xc0]).unwrap();
            jpeg[at + 9] == 1
        };
        assert!(is_grey(&pack(warm).unwrap().page));
    }

    /// Proves T6: what is looked at is small, and shows what the page shows.
    #[test]
    fn the_small_picture_is_small() {
        let large = Picture {
            width: 2480,
            height: 3508,
            is_colour: false,
            pixels: Zeroizing::new(
                (0..2480 * 3508)
                    .map(|i| if i < 2480 * 1754 { 0 } else { 200 })
                    .collect(),
            ),
        };
        let packed = pack(large).unwrap();
        assert_eq!(
            colour_of(&packed.small),
            (png::ColorType::Grayscale, 620, 877)
        );
        let mut reader = png::Decoder::new(std::io::Cursor::new(&**packed.small))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!((pixels[620 * 100], pixels[620 * 800]), (0, 200));
    }
}
