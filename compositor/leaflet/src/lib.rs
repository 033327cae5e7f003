// SPDX-License-Identifier: EUPL-1.2
//! What the screen says, on paper: A4 pages with text that can be searched, copied and read out (PDF/UA-1). All of it is made in
//! memory.
//!
//! ```no_run
//! use leaflet::{Leaflet, Line, Style};
//! use site::Language;
//!
//! let leaflet = Leaflet {
//!     language: Language::De,
//!     title: "Hund anmelden".into(),
//!     place: "Weißbach an der Löbnitz".into(),
//!     page: Box::new(|page, pages| format!("Seite {page} von {pages}")),
//!     scale: 1.0,
//!     lines: vec![Line::new(Style::Title, Language::De, "Hund anmelden")],
//! };
//! let pdf = leaflet.pdf(std::path::Path::new("/usr/share/fonts/truetype"))?;
//! # Ok::<(), leaflet::LeafletError>(())
//! ```

mod layout;
mod write;

use std::fmt;
use std::path::Path;

use site::Language;

use layout::Press;

/// More lines than anybody reads on paper.
pub const MAX_LINES: usize = 2000;

/// Why there is no leaflet.
#[derive(Debug, thiserror::Error)]
pub enum LeafletError {
    /// A font is not there.
    #[error("cannot load the font {path}")]
    Font {
        /// Which.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A font is there and is none.
    #[error("cannot use a font")]
    NotAFont,
    /// It has more than [`MAX_LINES`].
    #[error("the leaflet has too many lines")]
    TooLong,
    /// The PDF cannot be written.
    #[error("cannot write the leaflet: {0}")]
    Write(String),
}

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Style {
    /// What it is about.
    Title,
    /// Of second rank.
    Small,
    /// Over a part.
    Heading,
    /// Over a piece of a part.
    Subheading,
    /// A paragraph.
    Paragraph,
    /// An item of a list, so deep, with what stands before it.
    Item(usize, String),
}

/// A line: a paragraph, a heading, an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub style: Style,
    /// The language it is in.
    pub language: Language,
    /// What it says.
    pub text: String,
}

impl Line {
    /// A line.
    pub fn new(style: Style, language: Language, text: impl Into<String>) -> Self {
        // What cannot be seen cannot be printed.
        let text = text.into().replace(|c: char| c.is_control(), " ");
        Self {
            style,
            language,
            text,
        }
    }
}

/// What stands below each page, by its number and how many there are.
pub type Numbers = Box<dyn Fn(usize, usize) -> String + Send>;

/// What is printed.
pub struct Leaflet {
    /// The language it is in, mostly.
    pub language: Language,
    /// What it is called.
    pub title: String,
    /// Who gives it out; below each page.
    pub place: String,
    /// The number of a page.
    pub page: Numbers,
    /// How large text is; 1 is the normal size.
    pub scale: f32,
    /// What it says.
    pub lines: Vec<Line>,
}

impl fmt::Debug for Leaflet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaflet").finish_non_exhaustive()
    }
}

impl Leaflet {
    /// The PDF, with the fonts below `fonts`.
    pub fn pdf(&self, fonts: &Path) -> Result<Vec<u8>, LeafletError> {
        if self.lines.len() > MAX_LINES {
            return Err(LeafletError::TooLong);
        }
        let mut press = Press::new(fonts, self.scale.clamp(0.8, 2.0))?;
        let pages = press.lay_out(self);
        write::pdf(self, &mut press, &pages)
    }
}
