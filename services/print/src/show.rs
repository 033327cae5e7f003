// SPDX-License-Identifier: EUPL-1.2
//! The process of a page for the screen: it alone reads the document, draws the one page, and hands it over as sealed memory. It says one
//! word, and everything of the document ends with it.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use api::print::Failure;
use api::session::document;
use zeroize::Zeroizing;

use crate::draw::{Document, Onto, Page};
use crate::drawing::{Order, say};
use crate::word::Word;

/// Seconds of computing: one page on a slow machine. Nobody looks at a page that takes longer.
pub const SECONDS: u64 = 10;

/// Draws the page of the document on standard input, and says on standard output what came of it.
pub fn run(order: Order) {
    let (word, picture) = match draw(order) {
        Ok((picture, pages)) => (Word::Drawn(pages), Some(picture)),
        Err(word) => (word, None),
    };
    // Whoever does not listen any more does not want it.
    let picture = picture.as_ref().map(AsFd::as_fd);
    let _ = say(io::stdout(), word, picture);
}

fn draw(order: Order) -> Result<(OwnedFd, u32), Word> {
    let content = document::read(io::stdin()).map_err(|_| Word::Failed(Failure::Damaged))?;
    let document = Document::open(order.kind, content).map_err(Word::Failed)?;
    let pages = u32::try_from(document.pages()).unwrap_or(u32::MAX);
    let number = order.page.checked_sub(1);
    let number = number.filter(|_| order.page <= pages);
    let number = number.ok_or(Word::NoPage(pages))?;
    let onto = Onto::Screen(order.width, order.height);
    let page = document.draw(number as usize, onto).map_err(Word::Failed)?;
    let picture = png(&page).map_err(|_| Word::Failed(Failure::TooLarge))?;
    let sealed = document::seal(&picture).map_err(|_| Word::Failed(Failure::TooLarge))?;
    Ok((sealed, pages))
}

/// The page as a PNG, packed quickly: it does not go far.
fn png(page: &Page) -> Result<Zeroizing<Vec<u8>>, png::EncodingError> {
    let (width, height) = page.size();
    let mut out = Zeroizing::new(Vec::with_capacity(page.pixels().len() / 4));
    let mut encoder = png::Encoder::new(&mut *out, width.into(), height.into());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(page.pixels())?;
    writer.finish()?;
    Ok(out)
}
