// SPDX-License-Identifier: EUPL-1.2
//! The description of a service: its texts as the portal has them, page by page, each in the language it is written in.

use accesskit::Role;
use procedures::{Block as Text, Item, Kind, Link, Part, Procedure};
use site::Language;

use super::Cx;
use super::department::status;
use super::divide::divide;
use super::frame::frame;
use super::pages::{Block, Page, block, divisible, roomy, step, turn};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Look, Meaning, Node, column, glyph, row, words};
use crate::text::Words;
use crate::theme::{Tone, size};

pub fn service(cx: &Cx, number: usize) -> Node {
    let Some(service) = cx.state.catalogue.get(number) else {
        return frame(cx, Node::default());
    };
    let language = cx.state.language;
    let parts: Vec<Part> = service.modules(language).collect();
    let mut blocks: Vec<Block> = only_german(cx, parts.iter().map(|part| part.language))
        .into_iter()
        .collect();
    for shown in &parts {
        blocks.extend(part(cx, shown));
    }
    blocks.extend(place(cx, number, service));
    let mut ways = Vec::new();
    if service.forms(language).any(|form| form.target.is_some()) {
        ways.push(turn(cx, Glyph::Form, "get-form", Action::Form));
    }
    ways.extend(print_way(cx));
    ways.push(step(cx, Glyph::Talk, "talk", Action::Talk, true));
    roomy(
        cx,
        Page {
            heading: heading(cx, service),
            blocks,
            ways,
            back: true,
        },
    )
}

/// The way to paper, where there is a printer.
pub fn print_way(cx: &Cx) -> Option<Node> {
    let has = cx.state.has_printer();
    has.then(|| turn(cx, Glyph::Print, "print", Action::Print))
}

/// What it is called, and what the authority calls it.
pub fn heading(cx: &Cx, service: &Procedure) -> Node {
    let language = cx.state.language;
    let spoken = service.names().language(language);
    let name = Words {
        bold: true,
        language: spoken,
        along: cx.begin(spoken),
        ..cx.words(service.name(language), cx.grown(size::HEADING))
    };
    let mut names = vec![words(name).heads(1)];
    if let Some(official) = service.official(Language::De) {
        let official = Words {
            color: Tone::SoftInk,
            language: Language::De,
            along: cx.begin(Language::De),
            ..cx.words(official, size::SMALL)
        };
        names.push(words(official));
    }
    column(0.5, names)
}

/// A line that says so where a text is there in German only.
pub fn only_german(cx: &Cx, real: impl Iterator<Item = Language>) -> Option<Block> {
    let (mine, german): (Vec<_>, Vec<_>) = real.partition(|real| *real == cx.state.language);
    let says = match (mine.is_empty(), german.is_empty()) {
        (_, true) => return None,
        (true, false) => "only-german",
        (false, false) => "partly-german",
    };
    let says = words(cx.words(cx.t(says), size::BODY)).grow(1.0);
    let icon = glyph(Glyph::Languages, Tone::Accent, 9.0);
    let look = Look::fill(Tone::Tint);
    let note = row(4.0, vec![icon, says]).pad(5.0, 3.0).look(look);
    Some(block(0.0, note))
}

/// One text with its title.
pub fn part(cx: &Cx, part: &Part) -> Vec<Block> {
    let mut lines = Vec::new();
    for text in part.blocks {
        match text {
            Text::Heading(text) => lines.push(Line::new(Mark::Heading, text)),
            Text::Paragraph(text) => lines.push(Line::new(Mark::None, text)),
            Text::List { ordered, items } => lines.extend(list(*ordered, items)),
        }
    }
    lines.extend(part.links.iter().map(|link| Line {
        mark: Mark::Link,
        text: link_text(link, part.language),
    }));
    let mut title = title(part.kind).map(|key| cx.title(cx.t(key)));
    // A title or heading is never the last thing of a page: it goes with the line after it.
    let mut above: Vec<Line> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    for line in lines {
        if line.mark == Mark::Heading && line.text.len() <= HEADING {
            above.push(line);
            continue;
        }
        let gap = if title.is_some() || blocks.is_empty() {
            7.0
        } else if above.is_empty() && line.mark != Mark::None {
            2.0
        } else {
            4.0
        };
        let headings = std::mem::take(&mut above);
        blocks.push(piece(gap, title.take(), headings, line, part.language));
    }
    let rest = above.into_iter();
    blocks.extend(rest.map(|line| piece(4.0, title.take(), Vec::new(), line, part.language)));
    blocks
}

/// A heading that is longer than this, in bytes, is a paragraph.
const HEADING: usize = 160;

/// What stands before a line.
#[derive(Clone, Debug, PartialEq)]
enum Mark {
    None,
    Heading,
    /// A dot, so deep in lists.
    Dot(usize),
    /// A number to count steps.
    Number(usize),
    Link,
}

/// A line of a text: a paragraph, a heading, an item.
#[derive(Clone)]
struct Line {
    mark: Mark,
    text: String,
}

impl Line {
    fn new(mark: Mark, text: &str) -> Self {
        let text = text.to_owned();
        Self { mark, text }
    }
}

fn list(ordered: bool, items: &[Item]) -> Vec<Line> {
    let mut count = 0;
    let lines = items.iter().map(|item| {
        let mark = if ordered && item.depth == 0 {
            count += 1;
            Mark::Number(count)
        } else {
            Mark::Dot(item.depth)
        };
        Line::new(mark, &item.text)
    });
    lines.collect()
}

/// What a link leads to. Nothing opens from here: its address is there to be copied.
pub fn link_text(link: &Link, language: Language) -> String {
    match &link.target {
        Some(target) if *target == link.title => target.clone(),
        Some(target) if language.is_rtl() => {
            format!("{}: \u{2066}{target}\u{2069}", link.title)
        }
        Some(target) => format!("{}: {target}", link.title),
        None => link.title.clone(),
    }
}

/// A line that may be divided, below what belongs above it.
fn piece(
    gap: f32,
    title: Option<Node>,
    headings: Vec<Line>,
    line: Line,
    language: Language,
) -> Block {
    let text = line.text.clone();
    divisible(gap, text, move |cx, text, first, width| {
        let line = Line::new(line.mark.clone(), text);
        let drawn = draw(cx, &line, language, first, width);
        if !first || title.is_none() && headings.is_empty() {
            return drawn;
        }
        let headings = headings.iter();
        let headings = headings.map(|line| draw(cx, line, language, true, width));
        let above = title.clone().into_iter().chain(headings);
        column(2.0, above.chain([drawn]).collect())
    })
}

/// A line; a part of one that is not the first has no mark of its own.
fn draw(cx: &Cx, line: &Line, language: Language, first: bool, width: f32) -> Node {
    let written = Words {
        language,
        bold: line.mark == Mark::Heading,
        ..cx.words(line.text.as_str(), size::BODY)
    };
    let mark = match line.mark {
        Mark::Heading if line.text.len() <= HEADING => {
            return along(soft(cx, written, width).heads(3), language);
        }
        Mark::None | Mark::Heading => {
            let paragraph = Meaning::new(Role::Paragraph, "");
            let text = soft(cx, written, width);
            return along(column(0.0, vec![text]).means(paragraph), language);
        }
        Mark::Dot(_) => dot(cx),
        Mark::Link => glyph(Glyph::Form, Tone::Accent, MARK),
        Mark::Number(number) => {
            let number = Words {
                bold: true,
                color: Tone::Accent,
                wrap: false,
                language,
                ..cx.words(format!("{number}."), size::BODY)
            };
            words(number)
        }
    };
    let deep = match line.mark {
        Mark::Dot(depth) => MARK * depth as f32,
        _ => 0.0,
    };
    let before = match line.mark {
        // Two digits.
        Mark::Number(_) => MARK * 1.6 * cx.text_scale,
        _ => MARK,
    };
    let mark = if first { mark } else { Node::default() };
    let text = soft(cx, written, width - deep - before - BESIDE).grow(1.0);
    let inside = vec![column(0.0, vec![mark]).width(deep + before).rigid(), text];
    let item = row(BESIDE, inside)
        .align(taffy::AlignItems::START)
        .means(Meaning::new(Role::ListItem, ""));
    along(item, language)
}

/// A dot in the middle of the first line.
fn dot(cx: &Cx) -> Node {
    let dot = Node::default().size(DOT, DOT).rigid();
    let above = size::BODY * cx.text_scale * 0.66 - DOT / 2.0;
    let dot = dot.look(Look::fill(Tone::Accent).round(DOT / 2.0));
    row(0.0, vec![dot.below(above)])
}

/// How large a dot is.
const DOT: f32 = 2.6;

/// A word that is longer than this may be wider than a line.
const LONG: usize = 12;

/// Text that fits this width: words that are wider than a line are divided. Who hears it hears them whole.
pub fn soft(cx: &Cx, mut written: Words, width: f32) -> Node {
    let long = |word: &str| word.chars().nth(LONG).is_some();
    if !written.text.split(' ').any(long) {
        return words(written);
    }
    let scale = cx.canvas.scale;
    let fits = |word: &str, more: &str| {
        let word = Words {
            text: format!("{word}{more}"),
            size: written.size * scale,
            wrap: false,
            ..written.clone()
        };
        cx.engine.borrow_mut().measure(&word, None).0 <= width * scale
    };
    let mut text = String::with_capacity(written.text.len());
    for word in written.text.split(' ') {
        if !text.is_empty() {
            text.push(' ');
        }
        // A hyphen would be part of an address.
        let hyphen = if word.contains(['.', '/', '@']) {
            "\u{200b}"
        } else {
            "-\u{200b}"
        };
        if long(word) && !fits(word, "") {
            let parts = divide(word, |part, _| fits(part, hyphen));
            text.push_str(&parts.join(hyphen));
        } else {
            text.push_str(word);
        }
    }
    if text == written.text {
        return words(written);
    }
    let whole = std::mem::replace(&mut written.text, text);
    words(written).means(Meaning::new(Role::Label, &whole))
}

/// How wide what stands before a line is.
const MARK: f32 = 7.0;
/// And how far it is from the line.
const BESIDE: f32 = 4.0;

/// In the direction of `language`, whatever that of the screen is.
fn along(node: Node, language: Language) -> Node {
    if language.is_rtl() {
        node
    } else {
        node.left_to_right()
    }
}

/// The title of a text; the first ones need none.
pub fn title(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Teaser | Kind::Summary => return None,
        Kind::Description => "about-description",
        Kind::Requirements => "about-requirements",
        Kind::Documents => "about-documents",
        Kind::Costs => "about-costs",
        Kind::Steps => "about-steps",
        Kind::Duration => "about-duration",
        Kind::Deadline => "about-deadline",
        Kind::Forms => "about-forms",
        Kind::Office => "about-office",
        Kind::Contact => "about-contact",
        Kind::Notes => "about-notes",
        Kind::FurtherInformation => "about-more",
        Kind::Appeal => "about-appeal",
        Kind::LegalBasis => "about-law",
    })
}

/// Where it is done, and whether somebody is there.
fn place(cx: &Cx, number: usize, service: &Procedure) -> Vec<Block> {
    let site = &cx.state.site;
    let department = cx
        .state
        .department_of(number)
        .and_then(|i| site.departments.get(i));
    let mut all = site.authorities.iter();
    let authority = all.find(|authority| match department {
        Some(department) => department.authority == authority.id,
        None => service.authorities.contains(&authority.id),
    });
    let Some(authority) = authority else {
        return Vec::new();
    };
    let mut names = cx.site(&authority.name);
    if let Some(department) = department {
        names = format!("{} · {names}", cx.site(&department.official));
    }
    let title = cx.title(cx.t("about-place"));
    let mut blocks = vec![block(7.0, column(2.0, vec![title, cx.body(names)]))];
    blocks.extend(department.map(|department| block(2.0, status(cx, department))));
    blocks
}
