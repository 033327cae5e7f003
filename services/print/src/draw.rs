// SPDX-License-Identifier: EUPL-1.2
//! Documents become pages of pixels. What draws them is safe Rust, in a process of its own with limits: a document that is too much for it
//! takes nobody else along.

mod pdf;
mod picture;

use api::print::Failure;
use api::session::Kind;
use zeroize::Zeroizing;

use crate::raster::Sheet;

/// What a page is drawn onto.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onto {
    /// A sheet of paper: upright, and off its edges.
    Sheet(Sheet),
    /// A part of a screen, so many pixels wide and high: as it is read, and as large as it can be.
    Screen(u16, u16),
}

impl Onto {
    /// Whether it has colours.
    fn is_colour(self) -> bool {
        match self {
            Self::Sheet(sheet) => sheet.is_colour,
            Self::Screen(..) => true,
        }
    }
}

/// A drawn page: its pixels, line by line.
#[derive(Debug)]
pub struct Page {
    width: u16,
    height: u16,
    samples: usize,
    pixels: Zeroizing<Vec<u8>>,
}

impl Page {
    /// A white one.
    fn white((width, height): (u16, u16), is_colour: bool) -> Self {
        let samples = if is_colour { 3 } else { 1 };
        let bytes = usize::from(width) * usize::from(height) * samples;
        Self {
            width,
            height,
            samples,
            pixels: Zeroizing::new(vec![255; bytes]),
        }
    }

    /// Its width and height in pixels.
    pub fn size(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    /// Its pixels.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    fn pixels_mut(&mut self) -> &mut [u8] {
        &mut self.pixels
    }
}

/// How large something of this size becomes in so much room, at least a pixel each way; and how much larger that is.
fn fitted((width, height): (f64, f64), (across, along): (u16, u16)) -> ((u16, u16), f64) {
    let scale = (f64::from(across) / width).min(f64::from(along) / height);
    let side = |side: f64, room: u16| ((side * scale).round() as u16).clamp(1, room.max(1));
    ((side(width, across), side(height, along)), scale)
}

/// How light a colour is, of 255 (ITU-R BT.601).
fn grey([r, g, b]: [u8; 3]) -> u8 {
    ((u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114 + 500) / 1000) as u8
}

/// A document that was opened.
#[derive(Debug)]
pub enum Document {
    /// Of pages.
    Pdf(pdf::Pdf),
    /// Of one picture.
    Picture(picture::Picture),
}

impl Document {
    /// Opens what `content` is said to be.
    pub fn open(kind: Kind, content: Zeroizing<Vec<u8>>) -> Result<Self, Failure> {
        match kind {
            Kind::Pdf => pdf::Pdf::open(content).map(Self::Pdf),
            Kind::Png => picture::png(&content).map(Self::Picture),
            Kind::Jpeg => picture::jpeg(&content).map(Self::Picture),
            Kind::Text => Err(Failure::Damaged),
        }
    }

    /// How many pages it has.
    pub fn pages(&self) -> usize {
        match self {
            Self::Pdf(pdf) => pdf.pages(),
            Self::Picture(_) => 1,
        }
    }

    /// Draws the page with this number, from 0 on.
    pub fn draw(&self, number: usize, onto: Onto) -> Result<Page, Failure> {
        match self {
            Self::Pdf(pdf) => pdf.draw(number, onto),
            Self::Picture(picture) => Ok(picture.draw(onto)),
        }
    }
}
