// SPDX-License-Identifier: EUPL-1.2
//! Pages as printers take them: PWG raster (PWG 5102.4), which every IPP Everywhere printer knows, and Apple raster, which older
//! ones for telephones know instead. Both pack the same pixels the same way below different headers.

mod pack;

use crate::draw::Page;

/// Millimetres of the sheet.
const A4: (f32, f32) = (210.0, 297.0);

/// The form of a document that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PWG raster.
    Pwg,
    /// Apple raster.
    Urf,
}

impl Format {
    /// Its name.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Pwg => "image/pwg-raster",
            Self::Urf => "image/urf",
        }
    }
}

/// How pages are drawn and sent: A4, on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The form.
    pub format: Format,
    /// Pixels per inch.
    pub dpi: u16,
    /// In colour, or in grey.
    pub is_colour: bool,
}

impl Sheet {
    /// Such a sheet, if it can be read on paper and drawn in memory.
    pub fn new(format: Format, dpi: u32, is_colour: bool) -> Option<Self> {
        let dpi = u16::try_from(dpi).ok();
        Some(Self {
            format,
            dpi: dpi.filter(|dpi| (72..=1200).contains(dpi))?,
            is_colour,
        })
    }

    /// Its width and height in pixels.
    pub fn size(&self) -> (u16, u16) {
        // At most 14,032, by what `new` lets through.
        let pixels = |millimetres: f32| (millimetres / 25.4 * f32::from(self.dpi)).round() as u16;
        (pixels(A4.0), pixels(A4.1))
    }

    /// Bytes of a pixel.
    pub fn samples(&self) -> usize {
        if self.is_colour { 3 } else { 1 }
    }

    /// What stands before the first page of `pages`.
    pub fn begin(&self, pages: u32) -> Vec<u8> {
        match self.format {
            Format::Pwg => b"RaS2".to_vec(),
            Format::Urf => {
                let mut begin = b"UNIRAST\0".to_vec();
                begin.extend_from_slice(&pages.to_be_bytes());
                begin
            }
        }
    }

    /// A page of `pages`, as it is sent.
    pub fn encode(&self, page: &Page, pages: u32) -> Vec<u8> {
        let mut out = match self.format {
            Format::Pwg => self.pwg_header(pages),
            Format::Urf => self.urf_header(),
        };
        let (width, _) = self.size();
        let line = usize::from(width) * self.samples();
        pack::pack(&mut out, page.pixels(), line, self.samples());
        out
    }

    fn pwg_header(self, pages: u32) -> Vec<u8> {
        const SGRAY: u32 = 18;
        const SRGB: u32 = 19;
        const NORMAL: u32 = 4;
        let (width, height) = self.size();
        let (width, height) = (u32::from(width), u32::from(height));
        let (dpi, samples) = (u32::from(self.dpi), self.samples() as u32);
        let mut header = vec![0; 1796];
        let mut text = |at: usize, text: &str| {
            header[at..at + text.len()].copy_from_slice(text.as_bytes());
        };
        text(0, "PwgRaster");
        text(1732, "iso_a4_210x297mm");
        let mut number = |at: usize, number: u32| {
            header[at..at + 4].copy_from_slice(&number.to_be_bytes());
        };
        number(276, dpi);
        number(280, dpi);
        number(340, 1);
        // Points.
        number(352, 595);
        number(356, 842);
        number(372, width);
        number(376, height);
        number(384, 8);
        number(388, 8 * samples);
        number(392, width * samples);
        number(400, if self.is_colour { SRGB } else { SGRAY });
        number(420, samples);
        number(452, pages);
        // Not mirrored, either way.
        number(456, 1);
        number(460, 1);
        // All of it may be printed on.
        number(472, width);
        number(476, height);
        number(480, 0x00ff_ffff);
        number(484, NORMAL);
        header
    }

    fn urf_header(self) -> Vec<u8> {
        const ONE_SIDE: u8 = 1;
        const NORMAL: u8 = 4;
        let (width, height) = self.size();
        let mut header = vec![0; 32];
        header[0] = 8 * self.samples() as u8;
        header[1] = u8::from(self.is_colour);
        header[2] = ONE_SIDE;
        header[3] = NORMAL;
        header[12..16].copy_from_slice(&u32::from(width).to_be_bytes());
        header[16..20].copy_from_slice(&u32::from(height).to_be_bytes());
        header[20..24].copy_from_slice(&u32::from(self.dpi).to_be_bytes());
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T7: a sheet is A4 at every resolution, and none is so fine that it cannot be drawn.
    #[test]
    fn a_sheet_is_a4() {
        let sheet = Sheet::new(Format::Pwg, 300, false).unwrap();
        assert_eq!(sheet.size(), (2480, 3508));
        assert_eq!(
            Sheet::new(Format::Urf, 600, true).unwrap().size(),
            (4961, 7016)
        );
        for dpi in [0, 71, 1201, 70_000, u32::MAX] {
            assert_eq!(Sheet::new(Format::Pwg, dpi, false), None);
        }
        assert_eq!(sheet.pwg_header(3).len(), 1796);
    }
}
