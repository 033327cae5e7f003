// SPDX-License-Identifier: EUPL-1.2
//! A paper that nobody else has: as a scanner sends it, and as the device keeps it.

use jpeg_encoder::{ColorType, Encoder};
use qemu::residue::{Canaries, Form, paper};
use qemu::{Rect, Screen};
use scan::pack::pack;
use scan::picture::Picture;

/// A4 with 300 dots per inch.
const WIDTH: usize = 2480;
const HEIGHT: usize = 3508;
/// The side of a square of one shade: squares of JPEG's own grid come out as they went in, so that both sides have the same page.
const SQUARE: usize = 16;

/// The paper.
pub struct Sheet {
    /// What the scanner sends: a JPEG.
    pub sent: Vec<u8>,
    /// What is kept: the page, and the picture of it to look at.
    kept: [Vec<u8>; 2],
}

impl Sheet {
    /// What somebody with this seed brings along.
    pub fn of(seed: u64) -> Self {
        let across = WIDTH.div_ceil(SQUARE);
        let squares = across * HEIGHT.div_ceil(SQUARE);
        let shades: Vec<u8> = paper(seed, squares as u64).collect();
        let shade = |at: usize| shades[at / WIDTH / SQUARE * across + at % WIDTH / SQUARE];
        let pixels: Vec<u8> = (0..WIDTH * HEIGHT).flat_map(|at| [shade(at); 3]).collect();
        let mut sent = Vec::new();
        // Without loss, but for rounding.
        Encoder::new(&mut sent, 100)
            .encode(&pixels, WIDTH as u16, HEIGHT as u16, ColorType::Rgb)
            .unwrap();
        let packed = pack(Picture {
            width: WIDTH,
            height: HEIGHT,
            is_colour: true,
            pixels: pixels.into(),
        });
        let packed = packed.unwrap();
        Self {
            sent,
            kept: [packed.page.to_vec(), packed.small.to_vec()],
        }
    }

    /// Its pieces, to be looked for.
    pub fn canaries(&self, canaries: Canaries) -> Canaries {
        let [page, small] = &self.kept;
        canaries
            .pieces(Form::Sent, &self.sent)
            .pieces(Form::Kept, page)
            .pieces(Form::Kept, small)
    }
}

/// Where on the screen a sheet is looked at, if it is: there is more grey than in any word.
pub fn seen(screen: &Screen) -> Option<Rect> {
    let (width, height) = (screen.width(), screen.height());
    let is_grey = |[r, g, b]: [u8; 3]| r == g && g == b && (45..215).contains(&r);
    let (mut across, mut along) = (vec![0; width as usize], vec![0; height as usize]);
    for (i, _) in screen.pixels().enumerate().filter(|(_, p)| is_grey(*p)) {
        across[i % width as usize] += 1;
        along[i / width as usize] += 1;
    }
    let span = |counts: &[u32]| {
        let much = |count: &u32| *count > WORD;
        let first = counts.iter().position(much)?;
        let last = counts.iter().rposition(much)?;
        Some((first as u32, (last - first + 1) as u32))
    };
    let ((x, width), (y, height)) = span(&across).zip(span(&along))?;
    Some(Rect {
        x,
        y,
        width,
        height,
    })
}

/// More pixels of a line are never grey where there is no page.
const WORD: u32 = 80;
