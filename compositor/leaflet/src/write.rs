// SPDX-License-Identifier: EUPL-1.2
//! From rows on pages to a PDF with a structure: what is a heading, a paragraph, a list, and in which language.

use std::num::NonZeroU16;

use krilla::configure::{Accessibility, Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::{Metadata, TextDirection};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{
    ArtifactType, ContentTag, Identifier, ListNumbering, Node, SpanTag, Tag, TagGroup, TagTree,
};
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings, tagging};
use site::Language;

use crate::layout::{FOOT, PAGE, Page, Press, Row, Run, SIDE};
use crate::{Leaflet, LeafletError, Style};

/// The leaflet as PDF/UA-1; as a tagged PDF where a sign is in none of the fonts, which that does not allow.
pub fn pdf(leaflet: &Leaflet, press: &mut Press, pages: &[Page]) -> Result<Vec<u8>, LeafletError> {
    let strict = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish();
    if let Ok(strict) = strict
        && let Ok(pdf) = write(leaflet, press, pages, strict)
    {
        return Ok(pdf);
    }
    let plain = ConfigurationBuilder::new().finish();
    let plain = plain.map_err(|error| LeafletError::Write(format!("{error:?}")))?;
    write(leaflet, press, pages, plain)
}

fn write(
    leaflet: &Leaflet,
    press: &mut Press,
    pages: &[Page],
    configuration: Configuration,
) -> Result<Vec<u8>, LeafletError> {
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        enable_tagging: true,
        ..SerializeSettings::default()
    });
    let direction = if leaflet.language.is_rtl() {
        TextDirection::RightToLeft
    } else {
        TextDirection::LeftToRight
    };
    let metadata = Metadata::new()
        .title(leaflet.title.clone())
        .language(tag_of(leaflet.language).to_owned())
        .creator("Amtsnah".to_owned())
        .text_direction(direction);
    document.set_metadata(metadata);
    let mut outline = Outline::new();
    // The pieces of each line, over all pages, in the order in which they are read.
    let mut pieces: Vec<Pieces> = leaflet.lines.iter().map(|_| Pieces::default()).collect();
    for (number, rows) in pages.iter().enumerate() {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1)
            .ok_or_else(|| LeafletError::Write("no page of this size".into()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for row in rows {
            let Some(line) = leaflet.lines.get(row.line) else {
                continue;
            };
            let span = SpanTag::empty().with_lang(Some(tag_of(line.language)));
            let piece = surface.start_tagged(ContentTag::Span(span));
            draw_row(&mut surface, press, row)?;
            surface.end_tagged();
            let Some(of_line) = pieces.get_mut(row.line) else {
                continue;
            };
            let heads = matches!(line.style, Style::Title | Style::Heading);
            if heads && of_line.text.is_empty() {
                let top = row.runs.first().map_or(0.0, |run| run.y - run.size);
                let place = XyzDestination::new(number, Point::from_xy(SIDE, top));
                outline.push_child(OutlineNode::new(line.text.clone(), place));
            }
            if row.is_mark {
                of_line.mark.push(piece);
            } else {
                of_line.text.push(piece);
            }
        }
        surface.start_tagged(ContentTag::Artifact(tagging::Artifact::with_kind(
            ArtifactType::Footer,
        )));
        let foot = format!(
            "{} · {}",
            leaflet.place,
            (leaflet.page)(number + 1, pages.len())
        );
        for mut run in press.row(&foot, leaflet.language, (SIDE, PAGE.0 - 2.0 * SIDE)) {
            run.y += FOOT;
            draw(&mut surface, press, &run, &foot)?;
        }
        surface.end_tagged();
        surface.finish();
        page.finish();
    }
    document.set_outline(outline);
    document.set_tag_tree(tree(leaflet, pieces));
    document
        .finish()
        .map_err(|error| LeafletError::Write(format!("{error:?}")))
}

/// What of a line is on the pages.
#[derive(Default)]
struct Pieces {
    mark: Vec<Identifier>,
    text: Vec<Identifier>,
}

/// The structure: what follows each other as items is one list.
fn tree(leaflet: &Leaflet, pieces: Vec<Pieces>) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(tag_of(leaflet.language).to_owned()));
    let mut list: Option<TagGroup> = None;
    let one = NonZeroU16::MIN;
    for (line, pieces) in leaflet.lines.iter().zip(pieces) {
        let text: Vec<Node> = pieces.text.into_iter().map(Node::from).collect();
        let title = Some(line.text.clone());
        let heading = |level: u16| Tag::Hn(one.saturating_add(level), title.clone());
        if let Style::Item(_, mark) = &line.style {
            let numbering = if mark.starts_with(|c: char| c.is_numeric()) {
                ListNumbering::Decimal
            } else {
                ListNumbering::Disc
            };
            let mut item = TagGroup::new(Tag::LI);
            let mark = pieces.mark.into_iter().map(Node::from).collect();
            item.push(TagGroup::with_children(Tag::Lbl, mark));
            item.push(TagGroup::with_children(Tag::LBody, text));
            list.get_or_insert_with(|| TagGroup::new(Tag::L(numbering)))
                .push(item);
            continue;
        }
        if let Some(list) = list.take() {
            tree.push(list);
        }
        let group = match line.style {
            Style::Title => TagGroup::with_children(heading(0), text),
            Style::Heading => TagGroup::with_children(heading(1), text),
            Style::Subheading => TagGroup::with_children(heading(2), text),
            _ => TagGroup::with_children(Tag::P, text),
        };
        tree.push(group);
    }
    if let Some(list) = list {
        tree.push(list);
    }
    tree
}

/// The language as documents tell it. Easy German is German.
fn tag_of(language: Language) -> &'static str {
    match language {
        Language::De | Language::DeLeicht => "de",
        Language::En => "en",
        Language::Hsb => "hsb",
        Language::Ar => "ar",
    }
}

fn draw_row(surface: &mut Surface<'_>, press: &mut Press, row: &Row) -> Result<(), LeafletError> {
    for run in &row.runs {
        draw(surface, press, run, &row.text)?;
    }
    Ok(())
}

fn draw(
    surface: &mut Surface<'_>,
    press: &mut Press,
    run: &Run,
    text: &str,
) -> Result<(), LeafletError> {
    let font = press.font(run.font)?;
    let glyphs: Vec<KrillaGlyph> = run
        .glyphs
        .iter()
        .map(|glyph| {
            KrillaGlyph::new(
                GlyphId::new(u32::from(glyph.id)),
                glyph.advance,
                glyph.offset.0,
                glyph.offset.1,
                0.0,
                glyph.text.clone(),
                None,
            )
        })
        .collect();
    surface.draw_glyphs(
        Point::from_xy(run.x, run.y),
        &glyphs,
        font,
        text,
        run.size,
        false,
    );
    Ok(())
}
