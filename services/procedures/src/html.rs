// SPDX-License-Identifier: EUPL-1.2
//! From the HTML of a text module to blocks that can be laid out and read aloud.
//!
//! The tokenizer is a browser's, so what it takes for a tag, a script or a reference is what the writer's preview took
//! for it. Nothing of the markup survives: only text comes out, in headings, paragraphs and lists.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use crate::plain::plain;
use crate::tags::{attribute, is_block, is_hidden, is_left_out, is_void, raw};
use crate::target::target;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// What the following is about.
    Heading(String),
    /// One or more sentences.
    Paragraph(String),
    /// A list.
    List {
        /// Whether its items are steps to be counted.
        ordered: bool,
        /// At least one.
        items: Vec<Item>,
    },
}

impl Block {
    /// How long it is, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Heading(text) | Self::Paragraph(text) => text.len(),
            Self::List { items, .. } => items.iter().map(|item| item.text.len()).sum(),
        }
    }

    /// How many lines it begins: more than one in a list only.
    pub(crate) fn lines(&self) -> usize {
        match self {
            Self::Heading(_) | Self::Paragraph(_) => 1,
            Self::List { items, .. } => items.len(),
        }
    }
}

/// One item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// How many lists it is inside of, beside the outermost: at most 2.
    pub depth: usize,
    /// What it says.
    pub text: String,
}

/// The deepest list level that is told apart.
const DEPTH: usize = 2;

/// The blocks of `html`, which may as well be plain text.
pub fn blocks(html: &str) -> Vec<Block> {
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    // It stops for scripts only if the sink asks for that, which it never does.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut builder = tokenizer.sink.0.into_inner();
    builder.flush();
    builder.blocks
}

#[derive(Default)]
struct Sink(RefCell<Builder>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut builder = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => builder.tag(&tag),
            Token::CharacterTokens(text) => {
                builder.text(&text);
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

/// What the text being collected will be.
#[derive(Clone, Copy, Default, PartialEq)]
enum Line {
    #[default]
    Paragraph,
    Heading,
    Item,
}

#[derive(Default)]
struct Builder {
    blocks: Vec<Block>,
    line: Line,
    text: String,
    /// The open lists, whether each is ordered.
    lists: Vec<bool>,
    /// Whether the last block is the list that is open.
    listing: bool,
    /// The element whose contents are left out, and how many of its name are open.
    skipped: Option<(String, usize)>,
    /// Where the open link leads and where its text begins.
    link: Option<(String, usize)>,
}

impl Builder {
    fn text(&mut self, text: &str) {
        if self.skipped.is_none() {
            self.text.push_str(text);
        }
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        match tag.kind {
            TagKind::StartTag => {
                self.start(name, tag);
                raw(name)
            }
            TagKind::EndTag => {
                self.end(name);
                TokenSinkResult::Continue
            }
        }
    }

    fn start(&mut self, name: &str, tag: &Tag) {
        if let Some((skipped, open)) = &mut self.skipped {
            if skipped == name {
                *open += 1;
            }
            return;
        }
        if is_void(name) {
            if matches!(name, "br" | "hr") {
                self.line_break(name == "hr");
            }
            return;
        }
        if is_left_out(name) || is_hidden(tag) {
            // Foreign elements are the only ones that a slash ends.
            if !(tag.self_closing && matches!(name, "svg" | "math")) {
                self.skipped = Some((name.to_owned(), 1));
            }
            return;
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if self.lists.is_empty() => {
                self.flush();
                self.line = Line::Heading;
            }
            "ul" | "ol" | "menu" => {
                self.flush();
                if self.lists.is_empty() {
                    self.listing = false;
                }
                // How deep is told apart up to a limit; a closing tag each is still needed.
                self.lists.push(name == "ol");
                self.line = Line::Item;
            }
            "li" => {
                self.flush();
                self.line = Line::Item;
            }
            "a" => {
                self.end_link();
                let href = attribute(tag, "href").unwrap_or_default();
                self.link = Some((href.to_owned(), self.text.len()));
            }
            // The first cell of a row follows nothing; an empty one is like no cell.
            "td" | "th" if self.text.trim_start().is_empty() => {}
            "td" | "th" => self.text.push_str(", "),
            _ if is_block(name) => self.line_break(true),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((skipped, open)) = &mut self.skipped {
            if skipped == name {
                *open -= 1;
                if *open == 0 {
                    self.skipped = None;
                }
            }
            return;
        }
        match name {
            "ul" | "ol" | "menu" if !self.lists.is_empty() => {
                self.flush();
                self.lists.pop();
                if self.lists.is_empty() {
                    self.listing = false;
                    self.line = Line::Paragraph;
                }
            }
            "li" => self.flush(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if self.lists.is_empty() => {
                self.flush();
                self.line = Line::Paragraph;
            }
            "a" => self.end_link(),
            _ if is_block(name) => self.line_break(true),
            _ => {}
        }
    }

    /// Ends a line: inside a list item, and for a mere line break in a heading, the text goes on.
    fn line_break(&mut self, block: bool) {
        match self.line {
            Line::Item => self.text.push(' '),
            Line::Heading if !block => self.text.push(' '),
            Line::Heading | Line::Paragraph => {
                self.flush();
                self.line = Line::Paragraph;
            }
        }
    }

    fn end_link(&mut self) {
        let Some((href, start)) = self.link.take() else {
            return;
        };
        let label = plain(self.text.get(start..).unwrap_or_default());
        match target(&href) {
            Some(shown) if label.is_empty() => self.text.push_str(&shown),
            Some(shown) if !label.contains(&shown) => {
                self.text.truncate(self.text.trim_end().len());
                self.text.push_str(" (");
                self.text.push_str(&shown);
                self.text.push(')');
            }
            _ => {}
        }
    }

    fn flush(&mut self) {
        self.end_link();
        let text = plain(&std::mem::take(&mut self.text));
        if text.is_empty() {
            return;
        }
        match self.line {
            Line::Heading => self.blocks.push(Block::Heading(text)),
            Line::Paragraph => self.blocks.push(Block::Paragraph(text)),
            Line::Item => self.item(text),
        }
        if self.line == Line::Item && self.lists.is_empty() {
            self.line = Line::Paragraph;
        }
    }

    /// An item of the list that is open; one outside of any list makes its own.
    fn item(&mut self, text: String) {
        let depth = self.lists.len().saturating_sub(1).min(DEPTH);
        let item = Item { depth, text };
        if let (true, Some(Block::List { items, .. })) = (self.listing, self.blocks.last_mut()) {
            items.push(item);
            return;
        }
        self.blocks.push(Block::List {
            ordered: self.lists.first().copied().unwrap_or(false),
            items: vec![item],
        });
        self.listing = !self.lists.is_empty();
    }
}
