// SPDX-License-Identifier: EUPL-1.2
//! What is wrong with a configuration, and where.

use std::fmt;
use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// Lines shown before and after the one that is wrong.
const LINES: usize = 1;
/// Characters shown of a line on either side of the place. Files of machines can be one line of many megabytes.
const CHARACTERS: usize = 160;

/// One mistake in a file that makes a device a town's device. `Display` is one line for a log; `miette` shows the
/// place in the file. Only the lines around the place are kept.
#[derive(Debug)]
pub struct Diagnostic {
    code: &'static str,
    message: String,
    help: Option<String>,
    excerpt: Excerpt,
    span: Range<usize>,
    line: usize,
    column: usize,
}

impl Diagnostic {
    pub(crate) fn new(
        name: &str,
        text: &str,
        span: Range<usize>,
        code: &'static str,
        message: String,
        help: Option<String>,
    ) -> Box<Self> {
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
        let (before, from_here) = text.split_at(start);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        let first = first_shown(before);
        let last = start + last_shown(from_here);
        let excerpt = Excerpt {
            name: name.to_owned(),
            text: text.get(first..last).unwrap_or_default().to_owned(),
            line: text.get(..first).unwrap_or_default().matches('\n').count(),
            column: first
                - before
                    .get(..first)
                    .and_then(|b| b.rfind('\n'))
                    .map_or(0, |end| end + 1),
        };
        let span = start - first..end.clamp(start, last) - first;
        Box::new(Self {
            code,
            message,
            help,
            excerpt,
            span,
            line,
            column,
        })
    }

    /// A stable word for the kind of mistake, such as `site::unknown-authority`.
    pub fn code_word(&self) -> &'static str {
        self.code
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The character in the line, from 1.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.excerpt.name, self.line, self.column, self.message
        )
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn code(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(self.code))
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(self.help.as_ref()?))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(
            Some("here".to_owned()),
            self.span.clone(),
        ))))
    }
}

/// What a check found, before it knows the file.
#[derive(Debug)]
pub struct Fault {
    /// The bytes that are wrong.
    pub span: Range<usize>,
    /// A stable word for the kind of mistake.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Fault {
    /// A mistake with the next step.
    pub fn new(
        span: Range<usize>,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            span,
            code,
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// The same for people: in `text`, which they know as `name`.
    pub fn in_file(self, name: &str, text: &str) -> Box<Diagnostic> {
        Diagnostic::new(name, text, self.span, self.code, self.message, self.help)
    }
}

/// The lines around a mistake, which know where in the file they are.
#[derive(Debug)]
struct Excerpt {
    name: String,
    text: String,
    /// Lines of the file before it.
    line: usize,
    /// Bytes of its first line that were left out.
    column: usize,
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let read = self.text.read_span(span, lines_before, lines_after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            read.data(),
            *read.span(),
            self.line + read.line(),
            read.column() + if read.line() == 0 { self.column } else { 0 },
            read.line_count(),
        )))
    }
}

/// Where an excerpt begins whose place is at the end of `before`.
fn first_shown(before: &str) -> usize {
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    match before
        .get(line..)
        .and_then(|here| here.char_indices().rev().nth(CHARACTERS))
    {
        Some((cut, _)) => line + cut,
        None => (0..LINES).fold(line, |line, _| {
            let above = before.get(..line.saturating_sub(1)).unwrap_or_default();
            let begin = above.rfind('\n').map_or(0, |end| end + 1);
            if line - begin > CHARACTERS * 4 {
                line
            } else {
                begin
            }
        }),
    }
}

/// Where an excerpt ends whose place is at the beginning of `text`.
fn last_shown(text: &str) -> usize {
    let line = text.find('\n').unwrap_or(text.len());
    match text
        .get(..line)
        .and_then(|here| here.char_indices().nth(CHARACTERS))
    {
        Some((cut, _)) => cut,
        None => (0..LINES).fold(line, |line, _| {
            let below = text.get(line + 1..).unwrap_or_default();
            let more = below.find('\n').unwrap_or(below.len());
            if line >= text.len() || more > CHARACTERS * 4 {
                line
            } else {
                line + 1 + more
            }
        }),
    }
}
