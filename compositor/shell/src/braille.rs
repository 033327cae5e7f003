// SPDX-License-Identifier: EUPL-1.2
//! The Braille line: the screen as one line of cells under the fingers, and its keys.
//!
//! ```text
//!  scene ──► reading::pieces ──► passages ──► Reader ──► Shown ──► Link ──► BrlAPI (brltty) ──► cells
//!  update ◄── Runtime ◄── Deed ◄──────────────┘ ▲
//!                                               └── Command ◄── keys ◄── Link ◄── BrlAPI ◄── keys of the line
//! ```
//!
//! [`Reader`] is pure. [`Link`] is the edge: a thread that speaks `BrlAPI`'s protocol with brltty while there is one.

mod keys;
mod link;
mod passage;
mod protocol;
mod reader;

use std::path::PathBuf;

pub use keys::meaning;
pub use link::{Link, News};
pub use passage::Passage;
pub use reader::{Command, Deed, Edges, Reader, Shown, Stand};

use crate::event::{Effect, Event};
use crate::i18n::Texts;
use crate::reading;
use crate::runtime::{Key, Runtime};

/// The Braille line of a running shell.
pub struct Display {
    reader: Reader,
    link: Link,
    texts: Texts,
}

impl Display {
    /// Looks for a Braille line from now on: brltty's socket is in `directory`, which need not exist. `news` is called on
    /// another thread for everything there is to tell, until it says that nobody listens any more.
    pub fn start(
        directory: PathBuf,
        news: impl Fn(News) -> bool + Send + 'static,
    ) -> std::io::Result<Self> {
        Ok(Self {
            reader: Reader::default(),
            link: Link::start(directory, news)?,
            texts: Texts::default(),
        })
    }

    /// Takes in what the link tells; returns what has to be done outside.
    pub fn news(&mut self, told: News, runtime: &mut Runtime) -> Vec<Effect> {
        match told {
            News::Cells(cells) => {
                self.reader.resize(cells);
                self.show(runtime);
                Vec::new()
            }
            News::Key(code) => {
                let effects = self.key(code, runtime);
                self.link.show(self.reader.shown());
                effects
            }
        }
    }

    fn key(&mut self, code: u64, runtime: &mut Runtime) -> Vec<Effect> {
        let Some(command) = meaning(code) else {
            return runtime.handle(Event::Presence);
        };
        match self.reader.press(command) {
            Deed::Key(key) => runtime.key(key),
            Deed::Nothing => runtime.handle(Event::Presence),
            Deed::Focus(focus) => {
                let mut effects = runtime.handle(Event::Presence);
                effects.extend(runtime.handle(Event::Focus(focus)));
                effects
            }
            Deed::Act(action) => {
                let mut effects = runtime.handle(Event::Presence);
                effects.extend(runtime.handle(Event::Act(action)));
                effects
            }
            // Where only one thing can be meant it needs not be read first.
            Deed::Confirm => runtime.key(Key::Enter),
        }
    }

    /// Shows what is on the screen now.
    pub fn show(&mut self, runtime: &Runtime) {
        if !self.reader.is_there() {
            return;
        }
        let state = runtime.state();
        let speech = self.texts.speak(state.language);
        let passages = Passage::all(&reading::pieces(&runtime.scene().tree), &speech);
        let stand = Stand {
            screen: state.screen(),
            page: state.page(),
            language: state.language,
        };
        let edges = Edges {
            start: speech.get("braille-start"),
            end: speech.get("braille-end"),
        };
        self.reader.show(stand, passages, state.focus, edges);
        self.link.show(self.reader.shown());
    }
}
