// SPDX-License-Identifier: EUPL-1.2
//! What a scanner sends: a picture as PNM, grey (`P5`) or in colour (`P6`), eight bits each. Nobody's word is taken for how large it is.

use std::fmt;
use std::io::{self, Read};

use zeroize::Zeroizing;

/// The longest side: A4 lengthwise with as many dots again.
const SIDE: u32 = 8000;
/// The most pixels: A4 with twice as many dots each way as asked for.
const PIXELS: u64 = 36_000_000;
/// The most bytes before the pixels.
const HEAD: usize = 512;

/// A page: the pixels, line by line.
pub struct Picture {
    /// Pixels across.
    pub width: usize,
    /// Pixels along.
    pub height: usize,
    /// Whether a pixel is red, green and blue; one value otherwise.
    pub is_colour: bool,
    /// The pixels.
    pub pixels: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").finish_non_exhaustive()
    }
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// It is none.
    #[error("what came is no picture")]
    Strange,
    /// It is more than a page.
    #[error("the picture is larger than a page")]
    TooLarge,
    /// It is not all of it.
    #[error("the picture ends before its end")]
    Torn(#[source] io::Error),
}

impl Picture {
    /// Values of a pixel.
    pub fn samples(&self) -> usize {
        if self.is_colour { 3 } else { 1 }
    }

    /// Reads one; `came` gets how much of it is there, in percent, as often as that changes.
    pub fn read(mut from: impl Read, mut came: impl FnMut(u8)) -> Result<Self, PictureError> {
        let mut head = Head {
            from: &mut from,
            left: HEAD,
        };
        let is_colour = match head.word()?.as_str() {
            "P5" => false,
            "P6" => true,
            _ => return Err(PictureError::Strange),
        };
        let (width, height, most) = (head.number()?, head.number()?, head.number()?);
        if most != 255 || width == 0 || height == 0 {
            return Err(PictureError::Strange);
        }
        if width.max(height) > SIDE || u64::from(width) * u64::from(height) > PIXELS {
            return Err(PictureError::TooLarge);
        }
        let (width, height) = (width as usize, height as usize);
        let line = width * if is_colour { 3 } else { 1 };
        let mut pixels = Zeroizing::new(vec![0; line * height]);
        let mut told = None;
        for (i, row) in pixels.chunks_exact_mut(line).enumerate() {
            from.read_exact(row).map_err(PictureError::Torn)?;
            let percent = (100 * (i + 1) / height) as u8;
            if told != Some(percent) {
                told = Some(percent);
                came(percent);
            }
        }
        Ok(Self {
            width,
            height,
            is_colour,
            pixels,
        })
    }
}

/// What is before the pixels: words, and comments to the end of a line.
struct Head<'a, R> {
    from: &'a mut R,
    left: usize,
}

impl<R: Read> Head<'_, R> {
    fn byte(&mut self) -> Result<u8, PictureError> {
        self.left = self.left.checked_sub(1).ok_or(PictureError::Strange)?;
        let mut byte = [0];
        self.from
            .read_exact(&mut byte)
            .map_err(PictureError::Torn)?;
        Ok(byte[0])
    }

    /// The next word, and the one blank after it.
    fn word(&mut self) -> Result<String, PictureError> {
        let mut word = String::new();
        loop {
            match self.byte()? {
                b'#' if word.is_empty() => while self.byte()? != b'\n' {},
                blank if blank.is_ascii_whitespace() && word.is_empty() => {}
                blank if blank.is_ascii_whitespace() => return Ok(word),
                byte if byte.is_ascii_alphanumeric() => word.push(char::from(byte)),
                _ => return Err(PictureError::Strange),
            }
        }
    }

    fn number(&mut self) -> Result<u32, PictureError> {
        self.word()?.parse().map_err(|_| PictureError::Strange)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(content: &[u8]) -> Result<Picture, PictureError> {
        Picture::read(content, |_| {})
    }

    /// Proves T6: a picture is read as it was sent, with how far it is; half a picture is none.
    #[test]
    fn pictures_are_read() {
        let mut told = Vec::new();
        let content = b"P6\n# SANE data follows\n2 2\n255\nabcdefghijkl";
        let picture = Picture::read(&content[..], |percent| told.push(percent)).unwrap();
        assert_eq!(
            (picture.width, picture.height, picture.samples()),
            (2, 2, 3)
        );
        assert_eq!(**picture.pixels, *b"abcdefghijkl");
        assert_eq!(told, [50, 100]);
        let torn = read(&content[..content.len() - 1]);
        assert!(matches!(torn, Err(PictureError::Torn(_))));
        let grey = read(b"P5 1 2 255\n\x00\n").unwrap();
        assert_eq!((**grey.pixels).to_vec(), [0, b'\n']);
    }

    /// Proves T6: what is no page is refused before any room is made for it.
    #[test]
    fn strange_pictures_are_refused() {
        for content in [
            &b"P4 8 8 \0\0\0\0\0\0\0\0"[..],
            b"P6 1 1 65535 abcdef",
            b"P6 0 1 255 ",
            b"P6 -1 1 255 abc",
            b"\x89PNG",
            b"P6 \xff 1 255 ",
        ] {
            assert!(matches!(read(content), Err(PictureError::Strange)));
        }
        let endless = format!("P6 #{}", "x".repeat(1000));
        assert!(matches!(
            read(endless.as_bytes()),
            Err(PictureError::Strange)
        ));
        for content in [
            "P6 8001 1 255 ",
            "P5 7000 7000 255 ",
            "P6 4294967295 4294967295 255 ",
        ] {
            assert!(matches!(
                read(content.as_bytes()),
                Err(PictureError::TooLarge)
            ));
        }
    }

    proptest! {
        /// Proves T6: nothing that a scanner sends brings the process down.
        #[test]
        fn nothing_panics(content in prop::collection::vec(any::<u8>(), 0..200), is_pnm: bool) {
            let mut all = if is_pnm { b"P6\n".to_vec() } else { Vec::new() };
            all.extend(content);
            let _ = read(&all);
        }
    }
}
