// SPDX-License-Identifier: EUPL-1.2
//! What is wrong with a configuration, and where.

use std::fmt;
use std::ops::Range;

use miette::{LabeledSpan, NamedSource, SourceCode};

/// One mistake in a configuration. `Display` is one line for a log; `miette` shows the place in the file.
#[derive(Debug)]
pub struct Diagnostic {
    code: &'static str,
    message: String,
    help: Option<String>,
    source: NamedSource<String>,
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
        let start = span.start.min(text.len());
        let before = text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        let span = start..span.end.clamp(start, text.len());
        let source = NamedSource::new(name, text.to_owned()).with_language("TOML");
        Box::new(Self {
            code,
            message,
            help,
            source,
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
            self.source.name(),
            self.line,
            self.column,
            self.message
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
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(
            Some("here".to_owned()),
            self.span.clone(),
        ))))
    }
}
