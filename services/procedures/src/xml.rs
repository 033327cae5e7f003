// SPDX-License-Identifier: EUPL-1.2
//! The XML of a file as elements and texts with their places, within limits.
//!
//! There are no entities but XML's own five, no document type, nothing outside of the file.

use std::ops::Range;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use site::Fault;

use crate::limits;

/// What a check found, or a result.
pub type Checked<T> = Result<T, Fault>;

/// What all versions of the standard that are read have their names in; the version follows.
const NAMESPACE: &str = "http://xoev.de/schemata/xzufi/2_";

/// The start of an element.
pub struct Element {
    /// Its name without prefix.
    pub name: String,
    /// Whether it belongs to XZuFi.
    pub ours: bool,
    /// Its attributes, names without prefix.
    pub attributes: Vec<(String, String)>,
    /// Where its start tag is.
    pub span: Range<usize>,
}

impl Element {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

enum Piece {
    Open(Element),
    Close,
    Text(String),
    End,
}

/// Goes through a file from its beginning to its end.
pub struct Xml<'a> {
    reader: NsReader<&'a [u8]>,
    /// The names of the elements that are open, and where they were opened.
    open: Vec<(String, usize)>,
    length: usize,
}

impl<'a> Xml<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            open: Vec::new(),
            length: text.len(),
        }
    }

    /// The outermost element.
    pub fn root(&mut self) -> Checked<Element> {
        loop {
            match self.piece()? {
                Piece::Open(element) => return Ok(element),
                Piece::Text(text) if text.trim().is_empty() => {}
                Piece::Text(_) | Piece::Close | Piece::End => {
                    return Err(Fault::new(
                        0..0,
                        "procedures::no-xml",
                        "the file is not an XML file",
                        "export the service descriptions of the state portal as XZuFi",
                    ));
                }
            }
        }
    }

    /// The next element inside the one that is open, or nothing at its end. Text between elements means nothing.
    pub fn child(&mut self) -> Checked<Option<Element>> {
        loop {
            match self.piece()? {
                Piece::Open(element) => return Ok(Some(element)),
                Piece::Close => return Ok(None),
                Piece::Text(_) => {}
                Piece::End => return Err(self.cut_off()),
            }
        }
    }

    /// The text of the element that was opened last, up to its end.
    pub fn text(&mut self, element: &Element, most: usize) -> Checked<String> {
        let mut whole = String::new();
        loop {
            match self.piece()? {
                Piece::Close => return Ok(whole),
                Piece::End => return Err(self.cut_off()),
                Piece::Open(inner) => {
                    let message = format!(
                        "there is an element <{}> in the text of <{}>",
                        inner.name, element.name
                    );
                    return Err(Fault::new(
                        inner.span,
                        "procedures::element-in-text",
                        message,
                        "write HTML in a text as `&lt;p&gt;` or in a CDATA section",
                    ));
                }
                Piece::Text(text) => {
                    if whole.len() + text.len() > most {
                        let message = format!(
                            "the text of <{}> has more than the {most} bytes that are allowed",
                            element.name
                        );
                        return Err(Fault::new(
                            element.span.clone(),
                            "procedures::long-text",
                            message,
                            "shorten it in the portal's editor: nobody reads that much standing",
                        ));
                    }
                    whole.push_str(&text);
                }
            }
        }
    }

    /// Leaves out the rest of the element that was opened last.
    pub fn skip(&mut self) -> Checked<()> {
        let depth = self.open.len();
        while self.open.len() >= depth {
            if matches!(self.piece()?, Piece::End) {
                return Err(self.cut_off());
            }
        }
        Ok(())
    }

    /// Nothing but white space and comments may follow the outermost element.
    pub fn end(&mut self) -> Checked<()> {
        let start = self.position();
        match self.piece()? {
            Piece::End => Ok(()),
            Piece::Text(text) if text.trim().is_empty() => self.end(),
            _ => Err(Fault::new(
                start..self.position(),
                "procedures::syntax",
                "there is something after the end of the outermost element",
                "a file holds one message; split it or remove the rest",
            )),
        }
    }

    fn piece(&mut self) -> Checked<Piece> {
        loop {
            let start = self.position();
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let at = self.reader.error_position() as usize;
                    // What is not closed is known by its beginning.
                    let at = if at < start { start } else { at };
                    return Err(syntax(at..at + 1, &error.to_string()));
                }
            };
            let span = start..self.position();
            match event {
                Event::Start(tag) => return self.open(&tag, span).map(Piece::Open),
                Event::End(_) => {
                    self.open.pop();
                    return Ok(Piece::Close);
                }
                Event::Text(text) => {
                    let text = text.xml10_content();
                    let text = text.map_err(|error| syntax(span, &error.to_string()))?;
                    return Ok(Piece::Text(text.into_owned()));
                }
                Event::CData(text) => {
                    let text = text.xml10_content();
                    let text = text.map_err(|error| syntax(span, &error.to_string()))?;
                    return Ok(Piece::Text(text.into_owned()));
                }
                Event::GeneralRef(name) => return reference(&name, span).map(Piece::Text),
                Event::Decl(declaration) => utf8(&declaration, span)?,
                Event::DocType(_) => {
                    return Err(Fault::new(
                        span,
                        "procedures::document-type",
                        "the file has a document type declaration",
                        "XZuFi files have none: remove it, and look where the file came from",
                    ));
                }
                Event::Eof => return Ok(Piece::End),
                // Expanded by the reader, or nothing to us.
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) => {}
            }
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, span: Range<usize>) -> Checked<Element> {
        let name = String::from_utf8_lossy(tag.local_name().as_ref()).into_owned();
        if name.len() > limits::ID {
            return Err(syntax(span, "the name of an element is too long"));
        }
        if self.open.len() == limits::DEPTH {
            let message = format!("more than {} elements are inside each other", limits::DEPTH);
            return Err(Fault::new(
                span,
                "procedures::too-deep",
                message,
                "XZuFi needs fewer: look where the file came from",
            ));
        }
        let attributes = attributes(tag, &span)?;
        let (namespace, _) = self.reader.resolver().resolve_element(tag.name());
        let ours = match namespace {
            ResolveResult::Bound(namespace) => namespace.as_ref().starts_with(NAMESPACE.as_bytes()),
            ResolveResult::Unbound => false,
            ResolveResult::Unknown(prefix) => {
                let prefix = String::from_utf8_lossy(&prefix);
                return Err(syntax(
                    span,
                    &format!("the prefix `{prefix}` is not declared"),
                ));
            }
        };
        self.open.push((name.clone(), span.start));
        Ok(Element {
            name,
            ours,
            attributes,
            span,
        })
    }

    fn position(&self) -> usize {
        self.reader.buffer_position() as usize
    }

    fn cut_off(&self) -> Fault {
        let inside = self.open.last().map_or("", |(name, _)| name);
        Fault::new(
            self.length..self.length,
            "procedures::syntax",
            format!("the file ends inside of <{inside}>"),
            "it was cut off: export or copy it again",
        )
    }
}

fn attributes(tag: &BytesStart<'_>, span: &Range<usize>) -> Checked<Vec<(String, String)>> {
    let mut attributes = Vec::new();
    // Each is compared with all before it, so their number is limited before that.
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| syntax(span.clone(), &error.to_string()))?;
        if attributes.len() == limits::ATTRIBUTES || attribute.value.len() > limits::ATTRIBUTE {
            let message = format!(
                "an element has more than {} attributes, or one of more than {} bytes",
                limits::ATTRIBUTES,
                limits::ATTRIBUTE
            );
            return Err(Fault::new(
                span.clone(),
                "procedures::large-attributes",
                message,
                "XZuFi needs fewer: look where the file came from",
            ));
        }
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|error| syntax(span.clone(), &error.to_string()))?;
        let (whole, local) = (attribute.key.0, attribute.key.local_name());
        if attributes.iter().any(|(known, _, _)| *known == whole) {
            let name = String::from_utf8_lossy(whole);
            return Err(syntax(
                span.clone(),
                &format!("the attribute `{name}` is there twice"),
            ));
        }
        let name = String::from_utf8_lossy(local.into_inner()).into_owned();
        attributes.push((whole, name, value.into_owned()));
    }
    Ok(attributes
        .into_iter()
        .map(|(_, name, value)| (name, value))
        .collect())
}

/// A letter, or one of XML's own five entities. There are no others, so nothing can be expanded.
fn reference(name: &BytesRef<'_>, span: Range<usize>) -> Checked<String> {
    if let Ok(Some(letter)) = name.resolve_char_ref() {
        return Ok(letter.to_string());
    }
    let name = name.decode().unwrap_or_default();
    resolve_predefined_entity(&name)
        .map(str::to_owned)
        .ok_or_else(|| {
            Fault::new(
                span,
                "procedures::unknown-entity",
                format!("`&{name};` is not known in XML"),
                "write the letter itself; for HTML, write `&amp;` for the `&`",
            )
        })
}

fn utf8(declaration: &BytesDecl<'_>, span: Range<usize>) -> Checked<()> {
    let Some(encoding) = declaration.encoding() else {
        return Ok(());
    };
    let encoding = encoding.map_err(|error| syntax(span.clone(), &error.to_string()))?;
    if encoding.eq_ignore_ascii_case(b"utf-8") {
        return Ok(());
    }
    let encoding = String::from_utf8_lossy(&encoding);
    Err(Fault::new(
        span,
        "procedures::not-utf8",
        format!("the file says that it is written in {encoding}"),
        "export or save it as UTF-8",
    ))
}

fn syntax(span: Range<usize>, message: &str) -> Fault {
    Fault::new(
        span,
        "procedures::syntax",
        format!("this is not well-formed XML: {message}"),
        "export the file again, or correct it here",
    )
}
