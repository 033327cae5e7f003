// SPDX-License-Identifier: EUPL-1.2
//! The process of a document: pages, each as it was turned, become a PDF/A-2b of A4 sheets that says what it is.

use std::os::fd::{AsFd, OwnedFd};

use api::scan::{DPI, MAX_PAGES, Trouble};
use api::session::document;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{Size, Transform};
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::tagging::{ContentTag, SpanTag, Tag, TagGroup, TagTree};
use krilla::{Data, Document, SerializeSettings};

use crate::word::{Word, hear, say};

/// A4, in points.
const PAGE: (f32, f32) = (595.276, 841.89);

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// A page is none.
    #[error("a page of the document cannot be read: {0}")]
    Page(String),
    /// The PDF cannot be written.
    #[error("cannot write the document: {0}")]
    Write(String),
}

/// A page of the document: packed, and turned so often by a quarter.
#[derive(Debug)]
pub struct Leaf {
    /// JPEG or PNG.
    pub content: Vec<u8>,
    /// From 0 to 3, clockwise.
    pub turns: u8,
}

/// Hears of title and pages at standard input, and hands the document over at standard output; both are one socket.
pub fn run() {
    let socket = rustix::stdio::stdout();
    let said = match bind() {
        Ok(document) => say(socket, &Word::Bound, &[document.as_fd()]),
        Err(trouble) => say(socket, &Word::Failed(trouble), &[]),
    };
    if let Err(error) = said {
        tracing::warn!("nobody takes the document: {error}");
    }
}

fn bind() -> Result<OwnedFd, Trouble> {
    let socket = rustix::stdio::stdin();
    let (mut title, mut leaves) = (None, Vec::new());
    while let Some((word, descriptors)) = hear(socket) {
        match word {
            Word::Title(language, text) => title = Some((language, text)),
            Word::Sheet(turns) if leaves.len() < MAX_PAGES => {
                let page = descriptors.first().ok_or(Trouble::Other)?;
                let content = document::read(page).map_err(|error| {
                    tracing::error!("{error}");
                    Trouble::Damaged
                })?;
                leaves.push(Leaf {
                    content: content.to_vec(),
                    turns,
                });
            }
            _ => return Err(Trouble::Other),
        }
    }
    let (language, title) = title.ok_or(Trouble::Other)?;
    let pdf = pdf(&language, &title, leaves).map_err(|error| {
        tracing::error!("{error}");
        Trouble::Damaged
    })?;
    if pdf.len() as u64 > document::MAX_BYTES {
        return Err(Trouble::Full);
    }
    document::seal(&pdf).map_err(|error| {
        tracing::error!("{error}");
        Trouble::Other
    })
}

/// The PDF of `leaves`.
pub fn pdf(language: &str, title: &str, leaves: Vec<Leaf>) -> Result<Vec<u8>, BindError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_B)
        .finish()
        .map_err(|error| BindError::Write(format!("{error:?}")))?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        enable_tagging: true,
        ..SerializeSettings::default()
    });
    // Easy German is German.
    let language = language.split('-').next().unwrap_or("de").to_owned();
    document.set_metadata(
        Metadata::new()
            .title(title.to_owned())
            .language(language.clone())
            .creation_date(today())
            .creator("Amtsnah".to_owned()),
    );
    let mut tree = TagTree::new().with_lang(Some(language));
    let all = leaves.len();
    for (i, leaf) in leaves.into_iter().enumerate() {
        let image = image(leaf.content)?;
        let (across, along) = if leaf.turns % 2 == 0 {
            PAGE
        } else {
            (PAGE.1, PAGE.0)
        };
        let no_page = || BindError::Write("no page of this size".into());
        let settings = PageSettings::from_wh(across, along).ok_or_else(no_page)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let piece = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        surface.push_transform(&turned(leaf.turns));
        let size = size_of(&image).ok_or_else(no_page)?;
        surface.draw_image(image, size);
        surface.pop();
        surface.end_tagged();
        surface.finish();
        page.finish();
        let says = format!("{title} ({}/{all})", i + 1);
        let figure = Tag::Figure(Some(says));
        tree.push(TagGroup::with_children(figure, vec![piece.into()]));
    }
    document.set_tag_tree(tree);
    document
        .finish()
        .map_err(|error| BindError::Write(format!("{error:?}")))
}

/// Now, in UTC.
fn today() -> DateTime {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    DateTime::new(u16::try_from(now.year()).unwrap_or_default())
        .month(part(now.month()))
        .day(part(now.day()))
        .hour(part(now.hour()))
        .minute(part(now.minute()))
        .second(part(now.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn image(content: Vec<u8>) -> Result<Image, BindError> {
    let is_jpeg = content.starts_with(b"\xff\xd8");
    let data = Data::from(content);
    let image = if is_jpeg {
        Image::from_jpeg(data, false)
    } else {
        Image::from_png(data, false)
    };
    image.map_err(BindError::Page)
}

/// As large as it was, or as large as the sheet.
fn size_of(image: &Image) -> Option<Size> {
    let (width, height) = image.size();
    let points = |dots: u32| dots as f32 * 72.0 / f32::from(DPI);
    let (width, height) = (points(width), points(height));
    let scale = (PAGE.0 / width).min(PAGE.1 / height).min(1.0);
    Size::from_wh(width * scale, height * scale)
}

/// From the upright sheet to the turned one.
fn turned(turns: u8) -> Transform {
    match turns % 4 {
        0 => Transform::from_row(1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
        1 => Transform::from_row(0.0, 1.0, -1.0, 0.0, PAGE.1, 0.0),
        2 => Transform::from_row(-1.0, 0.0, 0.0, -1.0, PAGE.0, PAGE.1),
        _ => Transform::from_row(0.0, -1.0, 1.0, 0.0, 0.0, PAGE.0),
    }
}
