// SPDX-License-Identifier: EUPL-1.2
//! The gate of the line: bytes come in, whole SIP messages within our limits go on, everything else stays outside. Pure.
//!
//! A stream cannot be framed anew after a length that cannot be trusted: then the line is cut. A message that is framed but not
//! sound is left out, and the line goes on.

use thiserror::Error;

/// The most bytes of start line and header fields.
pub const HEAD: usize = 8 * 1024;
/// The most bytes of a body. Descriptions of browsers with all their codecs have about 8 KiB.
pub const BODY: usize = 32 * 1024;
/// The most header fields.
pub const FIELDS: usize = 64;
/// The most bytes of a line.
pub const LINE: usize = 4 * 1024;
/// The highest number of a request (RFC 3261 8.1.1.5).
const SEQUENCE: u32 = 1 << 31;

/// What the bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A message that may go on.
    Message(Vec<u8>),
    /// A message that may not, and why.
    Refused(Unsound),
    /// The other side asks whether we are there (RFC 5626).
    Ping,
    /// The other side is there.
    Pong,
}

/// Why the line has to be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// No end of the header fields where one has to be.
    #[error("cannot frame the stream: a head of more than {HEAD} bytes")]
    Head,
    /// No length, or one that is no number, or several that differ.
    #[error("cannot frame the stream: no one length of a body")]
    Length,
    /// A length beyond the limit.
    #[error("cannot frame the stream: a body of more than {BODY} bytes")]
    Body,
}

/// Why a message is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unsound {
    /// Bytes that are not UTF-8, or control characters.
    #[error("bytes that are no text")]
    Text,
    /// Too many or too long lines.
    #[error("too many or too long lines")]
    Size,
    /// A first line that is neither a request's nor a response's.
    #[error("a start line of another protocol")]
    Start,
    /// A header field without a name.
    #[error("a header field without a name")]
    Field,
    /// A field that has to be there once is not, or is there more often.
    #[error("a mandatory header field is missing or there twice")]
    Mandatory,
    /// The number of the request is none, or names another method.
    #[error("a CSeq that does not fit")]
    Sequence,
}

/// Takes in bytes, gives out [`Item`]s.
#[derive(Debug, Default)]
pub struct Gate {
    buffer: Vec<u8>,
}

impl Gate {
    /// Takes in what was read; calls `item` with all that is whole now. After an error nothing can be read any more.
    pub fn read(&mut self, bytes: &[u8], mut item: impl FnMut(Item)) -> Result<(), Broken> {
        self.buffer.extend_from_slice(bytes);
        loop {
            if self.buffer.starts_with(b"\r\n\r\n") {
                self.buffer.drain(..4);
                item(Item::Ping);
                continue;
            }
            // One line end alone may be the first half of two.
            if self.buffer.starts_with(b"\r\n") {
                match self.buffer.get(2) {
                    None => {
                        self.buffer.clear();
                        item(Item::Pong);
                        return Ok(());
                    }
                    Some(b'\r') if self.buffer.len() == 3 => return Ok(()),
                    Some(_) => {
                        self.buffer.drain(..2);
                        item(Item::Pong);
                        continue;
                    }
                }
            }
            let Some(length) = frame(&self.buffer)? else {
                return Ok(());
            };
            let message: Vec<u8> = self.buffer.drain(..length.whole).collect();
            item(match sound(&message, length.head) {
                Ok(()) => Item::Message(message),
                Err(unsound) => Item::Refused(unsound),
            });
        }
    }
}

struct Length {
    /// Start line and header fields, without the empty line.
    head: usize,
    /// All of it.
    whole: usize,
}

/// The lengths of the message that the bytes begin with, once it is there.
fn frame(bytes: &[u8]) -> Result<Option<Length>, Broken> {
    let searched = bytes.get(..HEAD + 4).unwrap_or(bytes);
    let Some(head) = searched.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if bytes.len() >= HEAD + 4 {
            Err(Broken::Head)
        } else {
            Ok(None)
        };
    };
    let mut body = None;
    for line in bytes.get(..head).unwrap_or_default().split(|b| *b == b'\n') {
        let Some(colon) = line.iter().position(|b| *b == b':') else {
            continue;
        };
        let (name, value) = line.split_at(colon);
        let name = name.trim_ascii();
        if !(name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l")) {
            continue;
        }
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        let number = length(value).ok_or(Broken::Length)?;
        if body.is_some_and(|other| other != number) {
            return Err(Broken::Length);
        }
        body = Some(number);
    }
    // On a stream it is mandatory (RFC 3261 20.14).
    let body = body.ok_or(Broken::Length)?;
    if body > BODY {
        return Err(Broken::Body);
    }
    let whole = head + 4 + body;
    Ok((bytes.len() >= whole).then_some(Length { head, whole }))
}

fn length(digits: &[u8]) -> Option<usize> {
    let plain = !digits.is_empty() && digits.len() <= 10 && digits.iter().all(u8::is_ascii_digit);
    plain
        .then(|| std::str::from_utf8(digits).ok()?.parse().ok())
        .flatten()
}

/// Whether a framed message may go on.
fn sound(message: &[u8], head: usize) -> Result<(), Unsound> {
    let head = std::str::from_utf8(message.get(..head).unwrap_or_default());
    let head = head.map_err(|_| Unsound::Text)?;
    let mut lines = Vec::new();
    for line in head.split("\r\n") {
        // A single carriage return or line feed is one too: parsers differ in what they take for a line.
        if line.chars().any(|c| c.is_control() && c != '\t') {
            return Err(Unsound::Text);
        }
        if line.len() > LINE {
            return Err(Unsound::Size);
        }
        lines.push(line);
    }
    let (start, fields) = lines.split_first().ok_or(Unsound::Start)?;
    if fields.len() > FIELDS {
        return Err(Unsound::Size);
    }
    let method = method(start)?;
    let mut seen = [0_usize; 5];
    let mut sequence = None;
    for field in fields {
        // A field that goes on in the next line.
        if field.starts_with([' ', '\t']) {
            continue;
        }
        let (name, value) = field.split_once(':').ok_or(Unsound::Field)?;
        let name = name.trim_end();
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(Unsound::Field);
        }
        let slot = match name.to_ascii_lowercase().as_str() {
            "via" | "v" => 0,
            "from" | "f" => 1,
            "to" | "t" => 2,
            "call-id" | "i" => 3,
            "cseq" => 4,
            _ => continue,
        };
        if let Some(seen) = seen.get_mut(slot) {
            *seen += 1;
        }
        if slot == 4 {
            sequence = Some(value);
        }
    }
    let [vias, others @ ..] = seen;
    if vias == 0 || others.iter().any(|n| *n != 1) {
        return Err(Unsound::Mandatory);
    }
    fits(sequence.unwrap_or_default(), method)
}

/// The method of a request's start line; none of a response's.
fn method(start: &str) -> Result<Option<&str>, Unsound> {
    let mut words = start.splitn(3, ' ');
    let mut word = || words.next().ok_or(Unsound::Start);
    let (first, second) = (word()?, word()?);
    if first == "SIP/2.0" {
        let known = second.len() == 3 && second.bytes().all(|b| b.is_ascii_digit());
        let class = second.as_bytes().first();
        return match class {
            Some(b'1'..=b'6') if known => Ok(None),
            _ => Err(Unsound::Start),
        };
    }
    let version = word()?;
    let plain = !first.is_empty() && first.bytes().all(is_token);
    // Angle brackets or quotes around an address are not one (RFC 4475 3.1.2.5).
    let address = second.contains(':') && !second.contains(['<', '>', '"']);
    if plain && address && version == "SIP/2.0" {
        Ok(Some(first))
    } else {
        Err(Unsound::Start)
    }
}

fn fits(sequence: &str, method: Option<&str>) -> Result<(), Unsound> {
    let mut words = sequence.split_ascii_whitespace();
    let (number, name) = (words.next(), words.next());
    let number: u32 = number
        .filter(|n| n.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|n| n.parse().ok())
        .ok_or(Unsound::Sequence)?;
    let named = name.filter(|name| name.bytes().all(is_token));
    let fits = named.is_some_and(|name| method.is_none_or(|method| method == name));
    if number < SEQUENCE && fits && words.next().is_none() {
        Ok(())
    } else {
        Err(Unsound::Sequence)
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte)
}
