// SPDX-License-Identifier: EUPL-1.2
//! Documents become pages of pixels. What draws them is safe Rust, in a process of its own with limits: a document that is too much for it
//! takes nobody else along.

mod pdf;
mod picture;

use api::print::Failure;
use api::session::Kind;
use zeroize::Zeroizing;

use crate::raster::Sheet;

/// A drawn page: the pixels of the sheet, line by line.
#[derive(Debug)]
pub struct Page(Zeroizing<Vec<u8>>);

impl Page {
    /// A white one.
    fn white(sheet: Sheet) -> Self {
        let (width, height) = sheet.size();
        let bytes = usize::from(width) * usize::from(height) * sheet.samples();
        Self(Zeroizing::new(vec![255; bytes]))
    }

    /// Its pixels.
    pub fn pixels(&self) -> &[u8] {
        &self.0
    }

    fn pixels_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
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
    pub fn draw(&self, number: usize, sheet: Sheet) -> Result<Page, Failure> {
        match self {
            Self::Pdf(pdf) => pdf.draw(number, sheet),
            Self::Picture(picture) => Ok(picture.draw(sheet)),
        }
    }
}
