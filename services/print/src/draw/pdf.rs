// SPDX-License-Identifier: EUPL-1.2
//! PDF, drawn by hayro.

use std::fmt;

use api::print::Failure;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_syntax::page::Page as PdfPage;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError};
use hayro::kurbo::Affine;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, hayro_syntax, render_into};
use zeroize::Zeroizing;

use super::{Onto, Page, fitted, grey};
use crate::raster::Sheet;

/// A page whose sides differ from the sheet's by less than this, of them, is printed as large as it is.
const SAME: f64 = 0.02;
/// What is made to fit keeps this off the edge, in millimetres: printers cannot print there.
const EDGE: f64 = 5.0;
/// Points of a page's side: A0, and a little more.
const SIDE: std::ops::RangeInclusive<f32> = 1.0..=4000.0;

/// A PDF that was opened.
pub struct Pdf(hayro_syntax::Pdf);

impl fmt::Debug for Pdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pdf").finish_non_exhaustive()
    }
}

impl Pdf {
    /// Opens it.
    pub fn open(mut content: Zeroizing<Vec<u8>>) -> Result<Self, Failure> {
        let content = std::mem::take(&mut *content);
        match hayro_syntax::Pdf::new(content) {
            Ok(pdf) if pdf.pages().is_empty() => Err(Failure::Damaged),
            Ok(pdf) => Ok(Self(pdf)),
            Err(LoadPdfError::Decryption(
                DecryptionError::PasswordProtected | DecryptionError::UnsupportedAlgorithm,
            )) => Err(Failure::Encrypted),
            Err(LoadPdfError::Decryption(_) | LoadPdfError::Invalid) => Err(Failure::Damaged),
        }
    }

    /// How many pages it has.
    pub fn pages(&self) -> usize {
        self.0.pages().len()
    }

    /// Draws a page.
    pub fn draw(&self, number: usize, onto: Onto) -> Result<Page, Failure> {
        let page = self.0.pages().get(number).ok_or(Failure::Damaged)?;
        let ((width, height), place) = match onto {
            Onto::Sheet(sheet) => (sheet.size(), place(page, sheet)?),
            Onto::Screen(across, along) => {
                let (size, scale) = fitted(dimensions(page)?, (across, along));
                let upright = page.initial_transform(true).to_kurbo();
                (size, Affine::scale(scale) * upright)
            }
        };
        let mut context = RenderContext::new(width, height);
        // A cache each: a document with many large pictures does not keep all of them.
        let cache = RenderCache::new();
        let settings = InterpreterSettings::default();
        let how = RenderSettings::default();
        render_into(page, &cache, &settings, &how, &mut context, place);
        context.flush();
        let mut pixmap = Pixmap::new(width, height);
        let on_white = RasterizerSettings {
            target_init: TargetInit::Clear(WHITE),
            ..RasterizerSettings::default()
        };
        context.render_with(&mut pixmap, &mut Resources::default(), on_white);
        let mut drawn = Page::white((width, height), onto.is_colour());
        let pixels = drawn.pixels_mut();
        if onto.is_colour() {
            for (to, from) in pixels.chunks_exact_mut(3).zip(pixmap.data()) {
                to.copy_from_slice(&[from.r, from.g, from.b]);
            }
        } else {
            for (to, from) in pixels.iter_mut().zip(pixmap.data()) {
                *to = grey([from.r, from.g, from.b]);
            }
        }
        Ok(drawn)
    }
}

/// The sides of a page, in points.
fn dimensions(page: &PdfPage<'_>) -> Result<(f64, f64), Failure> {
    let (width, height) = page.render_dimensions();
    if !SIDE.contains(&width) || !SIDE.contains(&height) {
        return Err(Failure::TooLarge);
    }
    Ok((f64::from(width), f64::from(height)))
}

/// Where a page stands on the sheet: as it is where it fits, otherwise turned and scaled so that all of it is seen.
fn place(page: &PdfPage<'_>, sheet: Sheet) -> Result<Affine, Failure> {
    let (width, height) = dimensions(page)?;
    let upright = page.initial_transform(true).to_kurbo();
    let (across, along) = sheet.size();
    let (across, along) = (f64::from(across), f64::from(along));
    let point = f64::from(sheet.dpi) / 72.0;
    // A page that lies is turned to stand.
    let (upright, width, height) = if width > height {
        let turned = Affine::new([0.0, 1.0, -1.0, 0.0, height, 0.0]) * upright;
        (turned, height, width)
    } else {
        (upright, width, height)
    };
    let is_near = |a: f64, b: f64| (a / b - 1.0).abs() < SAME;
    let scale = if is_near(width * point, across) && is_near(height * point, along) {
        point
    } else {
        let edge = 2.0 * EDGE / 25.4 * f64::from(sheet.dpi);
        // What is smaller than the sheet stays as large as it is.
        ((across - edge) / width)
            .min((along - edge) / height)
            .min(point)
    };
    let middle = (
        (across - width * scale) / 2.0,
        (along - height * scale) / 2.0,
    );
    Ok(Affine::translate(middle) * Affine::scale(scale) * upright)
}
