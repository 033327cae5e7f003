// SPDX-License-Identifier: EUPL-1.2
//! Pictures that come from services: PNG, unpacked within limits.

use std::io::Cursor;

use png::{DecodingError, Transformations};
use tiny_skia::{ColorU8, Pixmap};

/// Why a picture is not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// No side may be longer.
    #[error("the picture of a page is larger than {0} pixels")]
    TooLarge(u32),
    /// It is no PNG, or a broken one.
    #[error("cannot read the picture of a page")]
    Broken(#[from] DecodingError),
    /// There is nothing in it, or nothing that can be shown.
    #[error("the picture of a page is none")]
    Empty,
}

/// Unpacks a PNG of which no side is longer than `most`; what is in it beside its colours is left out.
pub fn png(content: &[u8], most: u32) -> Result<Pixmap, UnpackError> {
    let mut decoder = png::Decoder::new(Cursor::new(content));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let header = decoder.read_header_info()?;
    if header.width.max(header.height) > most {
        return Err(UnpackError::TooLarge(most));
    }
    let mut reader = decoder.read_info()?;
    let samples = reader.output_color_type().0.samples();
    let size = reader
        .output_buffer_size()
        .ok_or(UnpackError::TooLarge(most))?;
    let mut raw = zeroize::Zeroizing::new(vec![0; size]);
    let info = reader.next_frame(&mut raw)?;
    let mut pixmap = Pixmap::new(info.width, info.height).ok_or(UnpackError::Empty)?;
    for (pixel, from) in pixmap
        .pixels_mut()
        .iter_mut()
        .zip(raw.chunks_exact(samples))
    {
        let [r, g, b] = match *from {
            [v] | [v, _] => [v; 3],
            [r, g, b] | [r, g, b, _] => [r, g, b],
            _ => return Err(UnpackError::Empty),
        };
        *pixel = ColorU8::from_rgba(r, g, b, 255).premultiply();
    }
    Ok(pixmap)
}
