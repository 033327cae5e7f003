// SPDX-License-Identifier: EUPL-1.2
//! Where lines stand on which page. All in points.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use cosmic_text::{
    Align, Attrs, Buffer, Family, FontSystem, LayoutGlyph, Metrics, Shaping, Weight, Wrap, fontdb,
};
use krilla::text::Font;
use site::Language;

use crate::{Leaflet, LeafletError, Style};

/// A4.
pub const PAGE: (f32, f32) = (595.28, 841.89);
/// What stays empty at the sides and above.
pub const SIDE: f32 = 57.0;
const TOP: f32 = 51.0;
/// Where text ends; below it is the number of the page.
const BOTTOM: f32 = PAGE.1 - 68.0;
/// Where the number of the page stands.
pub const FOOT: f32 = PAGE.1 - 51.0;
/// The size of ordinary text: larger than that of letters, for weak eyes.
const BODY: f32 = 13.0;
/// Lines are this much higher than the font is large.
const LINE_HEIGHT: f32 = 1.36;
/// How wide what stands before an item is, in sizes.
const MARK: f32 = 1.7;

const FILES: [&str; 4] = [
    "atkinson-hyperlegible/AtkinsonHyperlegible-Regular.ttf",
    "atkinson-hyperlegible/AtkinsonHyperlegible-Bold.ttf",
    "noto/NotoSansArabic-Regular.ttf",
    "noto/NotoSansArabic-Bold.ttf",
];

/// A piece of text with one font, as it stands: from its first glyph on.
#[derive(Debug)]
pub struct Run {
    pub font: fontdb::ID,
    pub x: f32,
    pub y: f32,
    pub size: f32,
    pub glyphs: Vec<Placed>,
}

/// A glyph: how far the next one is, and what is off its place, in sizes of the font.
#[derive(Debug)]
pub struct Placed {
    pub id: u16,
    pub advance: f32,
    pub offset: (f32, f32),
    /// The bytes of the text that it shows.
    pub text: Range<usize>,
}

/// A line of text that is shown on one page, in one piece for who reads it out.
#[derive(Debug)]
pub struct Row {
    /// The line of the leaflet, by its number.
    pub line: usize,
    /// The mark before an item, and no text of its own.
    pub is_mark: bool,
    pub text: Arc<str>,
    pub runs: Vec<Run>,
}

/// A page: its rows, from above.
pub type Page = Vec<Row>;

/// Fonts, and how text is set in them.
pub struct Press {
    fonts: FontSystem,
    buffer: Buffer,
    written: HashMap<fontdb::ID, Font>,
    scale: f32,
}

/// A text that was set: rows, each with its own height, and the height of all.
struct Set {
    rows: Vec<(f32, Row)>,
    height: f32,
}

impl Press {
    pub fn new(dir: &Path, scale: f32) -> Result<Self, LeafletError> {
        let mut db = fontdb::Database::new();
        for file in FILES {
            let path = dir.join(file);
            let bytes = std::fs::read(&path).map_err(|source| LeafletError::Font {
                path: path.display().to_string(),
                source,
            })?;
            db.load_font_data(bytes);
        }
        let mut fonts = FontSystem::new_with_locale_and_db("de-DE".to_owned(), db);
        let buffer = Buffer::new(&mut fonts, Metrics::new(16.0, 16.0));
        Ok(Self {
            fonts,
            buffer,
            written: HashMap::new(),
            scale,
        })
    }

    /// The font as it is written.
    pub fn font(&mut self, id: fontdb::ID) -> Result<Font, LeafletError> {
        if let Some(font) = self.written.get(&id) {
            return Ok(font.clone());
        }
        let data = self
            .fonts
            .db()
            .with_face_data(id, |data, index| (data.to_vec(), index));
        let (data, index) = data.ok_or(LeafletError::NotAFont)?;
        let font = Font::new(data.into(), index).ok_or(LeafletError::NotAFont)?;
        self.written.insert(id, font.clone());
        Ok(font)
    }

    fn size(&self, style: &Style) -> f32 {
        let size = match style {
            Style::Title => 22.0,
            Style::Heading => 16.0,
            Style::Small => 11.0,
            Style::Subheading | Style::Paragraph | Style::Item(..) => BODY,
        };
        size * self.scale
    }

    /// The pages of a leaflet.
    pub fn lay_out(&mut self, leaflet: &Leaflet) -> Vec<Page> {
        let mut pages = vec![Page::new()];
        let mut y = TOP;
        let mut lines = leaflet.lines.iter().enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let set = self.line(number, line);
            let gap = if y > TOP { self.gap(&line.style) } else { 0.0 };
            // What stands over something never is the last of a page.
            let heads = matches!(line.style, Style::Heading | Style::Subheading);
            let follows = if heads && lines.peek().is_some() {
                3.0 * BODY * self.scale * LINE_HEIGHT
            } else {
                0.0
            };
            if y + gap + set.height + follows > BOTTOM && heads && y > TOP {
                pages.push(Page::new());
                y = TOP;
            } else {
                y += gap;
            }
            let mut above = 0.0;
            for (bottom, mut row) in set.rows {
                if y + bottom - above > BOTTOM && y > TOP {
                    pages.push(Page::new());
                    y = TOP;
                    above = bottom - self.size(&line.style) * LINE_HEIGHT;
                }
                for run in &mut row.runs {
                    run.y += y - above;
                }
                if let Some(page) = pages.last_mut() {
                    page.push(row);
                }
            }
            y += set.height - above;
        }
        pages
    }

    fn gap(&self, style: &Style) -> f32 {
        let gap = match style {
            Style::Title => 10.0,
            Style::Small => 2.0,
            Style::Heading => 16.0,
            Style::Subheading => 9.0,
            Style::Paragraph => 6.0,
            Style::Item(..) => 4.0,
        };
        gap * self.scale
    }

    /// A line with its mark: rows with their lower edges.
    fn line(&mut self, number: usize, line: &crate::Line) -> Set {
        let size = self.size(&line.style);
        let width = PAGE.0 - 2.0 * SIDE;
        let is_bold = matches!(
            line.style,
            Style::Title | Style::Heading | Style::Subheading
        );
        let Style::Item(depth, mark) = &line.style else {
            return self.set(
                number,
                &line.text,
                line.language,
                (size, is_bold),
                (SIDE, width),
            );
        };
        let inner = size * MARK;
        let before = inner * (*depth).min(6) as f32;
        let rest = width - before - inner;
        let (of_text, of_mark) = if line.language.is_rtl() {
            (SIDE, SIDE + rest)
        } else {
            (SIDE + before + inner, SIDE + before)
        };
        let mut mark = self.set(number, mark, line.language, (size, false), (of_mark, inner));
        let mut set = self.set(
            number,
            &line.text,
            line.language,
            (size, false),
            (of_text, rest),
        );
        mark.rows.truncate(1);
        for (_, row) in &mut mark.rows {
            row.is_mark = true;
        }
        mark.rows.append(&mut set.rows);
        Set {
            rows: mark.rows,
            height: set.height,
        }
    }

    /// Sets `text` at `at`, so far from the left and so wide.
    pub fn row(&mut self, text: &str, language: Language, at: (f32, f32)) -> Vec<Run> {
        let size = self.size(&Style::Small);
        let set = self.set(0, text, language, (size, false), at);
        let mut rows = set.rows.into_iter();
        rows.next().map(|(_, row)| row.runs).unwrap_or_default()
    }

    fn set(
        &mut self,
        line: usize,
        text: &str,
        language: Language,
        (size, is_bold): (f32, bool),
        (left, width): (f32, f32),
    ) -> Set {
        let (family, align) = if language.is_rtl() {
            ("Noto Sans Arabic", Align::Right)
        } else {
            ("Atkinson Hyperlegible", Align::Left)
        };
        let weight = if is_bold {
            Weight::BOLD
        } else {
            Weight::NORMAL
        };
        let attrs = Attrs::new().family(Family::Name(family)).weight(weight);
        self.buffer
            .set_metrics(Metrics::relative(size, LINE_HEIGHT));
        self.buffer.set_wrap(Wrap::WordOrGlyph);
        self.buffer.set_size(Some(width), None);
        self.buffer
            .set_text(text, &attrs, Shaping::Advanced, Some(align));
        self.buffer.shape_until_scroll(&mut self.fonts, false);
        let mut set = Set {
            rows: Vec::new(),
            height: 0.0,
        };
        for run in self.buffer.layout_runs() {
            let bottom = run.line_top + run.line_height;
            set.height = set.height.max(bottom);
            let runs = runs(run.glyphs, left, run.line_y);
            let row = Row {
                line,
                is_mark: false,
                text: Arc::from(run.text),
                runs,
            };
            set.rows.push((bottom, row));
        }
        set
    }
}

/// Glyphs of a row, cut where the font changes.
fn runs(glyphs: &[LayoutGlyph], left: f32, y: f32) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    // From left to right as they are seen, whatever the order in which they are read.
    let mut seen: Vec<&LayoutGlyph> = glyphs.iter().collect();
    seen.sort_by(|a, b| a.x.total_cmp(&b.x));
    for glyph in seen {
        let size = glyph.font_size.max(1.0);
        let fits = runs.last().is_some_and(|run| run.font == glyph.font_id);
        if !fits {
            runs.push(Run {
                font: glyph.font_id,
                x: left + glyph.x,
                y: y + glyph.y,
                size,
                glyphs: Vec::new(),
            });
        }
        if let Some(run) = runs.last_mut() {
            run.glyphs.push(Placed {
                id: glyph.glyph_id,
                advance: glyph.w / size,
                offset: (glyph.x_offset, glyph.y_offset),
                text: glyph.start..glyph.end,
            });
        }
    }
    runs
}
