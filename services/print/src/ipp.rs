// SPDX-License-Identifier: EUPL-1.2
//! IPP's messages (RFC 8010), as far as printing needs them. The crates for it go as deep into collections as a printer says, and
//! refuse a whole answer for one text that is too long; here nothing nests, and what is not understood is passed over.

/// The largest answer that is read.
pub const MAX_ANSWER: u64 = 256 * 1024;
/// The most values of all attributes together.
const MAX_VALUES: usize = 16_384;

/// What a printer is asked for (RFC 8011, PWG 5100.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Each is what the standard calls it.
pub enum Operation {
    PrintJob = 0x0002,
    CreateJob = 0x0005,
    SendDocument = 0x0006,
    CancelJob = 0x0008,
    GetJobAttributes = 0x0009,
    GetPrinterAttributes = 0x000b,
}

mod tag {
    pub const OPERATION: u8 = 0x01;
    pub const JOB: u8 = 0x02;
    pub const END: u8 = 0x03;
    pub const INTEGER: u8 = 0x21;
    pub const BOOLEAN: u8 = 0x22;
    pub const ENUM: u8 = 0x23;
    pub const RESOLUTION: u8 = 0x32;
    pub const RANGE: u8 = 0x33;
    pub const BEGIN_COLLECTION: u8 = 0x34;
    pub const END_COLLECTION: u8 = 0x37;
    pub const NAME: u8 = 0x42;
    pub const KEYWORD: u8 = 0x44;
    pub const URI: u8 = 0x45;
    pub const CHARSET: u8 = 0x47;
    pub const LANGUAGE: u8 = 0x48;
    pub const MIME: u8 = 0x49;
}

/// A request that is being written.
#[derive(Clone, Debug)]
pub struct Request(Vec<u8>);

impl Request {
    /// Asks the printer at `uri` for `operation`.
    pub fn new(operation: Operation, uri: &str) -> Self {
        // Version 2.0, as IPP Everywhere has it; request number 1, as each has its own answer.
        let mut bytes = vec![2, 0];
        bytes.extend_from_slice(&(operation as u16).to_be_bytes());
        bytes.extend_from_slice(&1_u32.to_be_bytes());
        bytes.push(tag::OPERATION);
        Self(bytes)
            .value(tag::CHARSET, "attributes-charset", b"utf-8")
            .value(tag::LANGUAGE, "attributes-natural-language", b"en")
            .value(tag::URI, "printer-uri", uri.as_bytes())
    }

    fn value(mut self, tag: u8, name: &str, value: &[u8]) -> Self {
        self.0.push(tag);
        for part in [name.as_bytes(), value] {
            // Names are ours, and a printer's address is short: nothing is cut.
            let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
            self.0.extend_from_slice(&length.to_be_bytes());
            self.0.extend_from_slice(&part[..usize::from(length)]);
        }
        self
    }

    /// A name.
    #[must_use]
    pub fn name(self, name: &str, value: &str) -> Self {
        self.value(tag::NAME, name, value.as_bytes())
    }

    /// A number.
    #[must_use]
    pub fn integer(self, name: &str, value: i32) -> Self {
        self.value(tag::INTEGER, name, &value.to_be_bytes())
    }

    /// A number that stands for something.
    #[must_use]
    pub fn number(self, name: &str, value: i32) -> Self {
        self.value(tag::ENUM, name, &value.to_be_bytes())
    }

    /// Yes or no.
    #[must_use]
    pub fn boolean(self, name: &str, value: bool) -> Self {
        self.value(tag::BOOLEAN, name, &[u8::from(value)])
    }

    /// A kind of document.
    #[must_use]
    pub fn mime(self, name: &str, value: &str) -> Self {
        self.value(tag::MIME, name, value.as_bytes())
    }

    /// Keywords.
    #[must_use]
    pub fn keywords(self, name: &str, values: &[&str]) -> Self {
        let mut names = std::iter::once(name).chain(std::iter::repeat(""));
        values.iter().fold(self, |request, value| {
            let name = names.next().unwrap_or_default();
            request.value(tag::KEYWORD, name, value.as_bytes())
        })
    }

    /// What follows is of the job.
    #[must_use]
    pub fn job(mut self) -> Self {
        self.0.push(tag::JOB);
        self
    }

    /// The whole request.
    pub fn finish(mut self) -> Vec<u8> {
        self.0.push(tag::END);
        self.0
    }
}

/// A value that printing needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number, also one that stands for something.
    Integer(i32),
    /// Yes or no.
    Boolean(bool),
    /// Dots per inch, across and along.
    Resolution(i32, i32),
    /// From, to.
    Range(i32, i32),
    /// A text, keyword or name.
    Text(String),
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// How it went: 0x0000 to 0x00ff is well.
    pub status: u16,
    attributes: Vec<(String, Vec<Value>)>,
}

impl Answer {
    /// Reads an answer; nothing if it is none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = Reader(bytes);
        rest.take(2)?;
        let mut answer = Self {
            status: rest.u16()?,
            ..Self::default()
        };
        rest.take(4)?;
        let (mut depth, mut values) = (0_u32, 0);
        loop {
            let tag = rest.take(1)?[0];
            match tag {
                tag::END => return Some(answer),
                // Attributes of all groups are kept together: names differ, and one object is asked for at a time.
                0x00..=0x0f => continue,
                _ => {}
            }
            let name = rest.field()?;
            let value = rest.field()?;
            match tag {
                tag::BEGIN_COLLECTION => depth = depth.saturating_add(1),
                tag::END_COLLECTION => depth = depth.saturating_sub(1),
                _ => {}
            }
            let inside = depth > 0 && tag != tag::BEGIN_COLLECTION;
            if inside || tag == tag::END_COLLECTION {
                continue;
            }
            if !name.is_empty() {
                let name = String::from_utf8_lossy(name).into_owned();
                answer.attributes.push((name, Vec::new()));
            }
            values += 1;
            if values > MAX_VALUES {
                return None;
            }
            let value = read(tag, value);
            if let (Some((_, values)), Some(value)) = (answer.attributes.last_mut(), value) {
                values.push(value);
            }
        }
    }

    /// Whether it went well.
    pub fn is_ok(&self) -> bool {
        self.status < 0x0100
    }

    /// The values of an attribute.
    pub fn values(&self, name: &str) -> &[Value] {
        let found = self.attributes.iter().find(|(n, _)| n == name);
        found.map_or(&[], |(_, values)| values)
    }

    /// The texts of an attribute.
    pub fn texts<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.values(name).iter().filter_map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The numbers of an attribute.
    pub fn numbers<'a>(&'a self, name: &str) -> impl Iterator<Item = i32> + use<'a> {
        self.values(name).iter().filter_map(|value| match value {
            Value::Integer(number) => Some(*number),
            _ => None,
        })
    }
}

fn read(tag: u8, value: &[u8]) -> Option<Value> {
    let integer = |at: usize| {
        let bytes = value.get(at..at + 4)?;
        Some(i32::from_be_bytes(bytes.try_into().ok()?))
    };
    let text = |bytes: &[u8]| Value::Text(String::from_utf8_lossy(bytes).into_owned());
    Some(match tag {
        tag::INTEGER | tag::ENUM => Value::Integer(integer(0)?),
        tag::BOOLEAN => Value::Boolean(*value.first()? != 0),
        tag::RESOLUTION => {
            let (across, along) = (integer(0)?, integer(4)?);
            match value.get(8)? {
                // Dots per inch, or per centimetre.
                3 => Value::Resolution(across, along),
                4 => {
                    let inch = |n: i32| i32::try_from(i64::from(n) * 254 / 100).ok();
                    Value::Resolution(inch(across)?, inch(along)?)
                }
                _ => return None,
            }
        }
        tag::RANGE => Value::Range(integer(0)?, integer(4)?),
        // With a language: its length and itself, then those of the text.
        0x35 | 0x36 => {
            let mut rest = Reader(value);
            rest.field()?;
            text(rest.field()?)
        }
        0x41..=0x49 => text(value),
        _ => return None,
    })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        let bytes = self.take(2)?;
        Some(u16::from_be_bytes(bytes.try_into().ok()?))
    }

    fn field(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A request reads as an answer does: operation and status have the same place.
    fn echo(request: Request) -> Answer {
        Answer::parse(&request.finish()).unwrap()
    }

    /// Proves T7: what is written is read; the first three attributes are those that the standard wants first.
    #[test]
    fn what_is_written_is_read() {
        let request = Request::new(Operation::GetPrinterAttributes, "ipp://printer/ipp/print")
            .name("requesting-user-name", "Ämter")
            .keywords("requested-attributes", &["printer-state", "media-ready"])
            .boolean("last-document", true)
            .mime("document-format", "image/pwg-raster")
            .job()
            .integer("copies", -2)
            .number("print-quality", 4);
        let answer = echo(request);
        assert_eq!(answer.status, 0x000b);
        let names: Vec<&str> = answer.attributes.iter().map(|(n, _)| n.as_str()).collect();
        let first = [
            "attributes-charset",
            "attributes-natural-language",
            "printer-uri",
        ];
        assert_eq!(names[..3], first);
        let wanted: Vec<&str> = answer.texts("requested-attributes").collect();
        assert_eq!(wanted, ["printer-state", "media-ready"]);
        assert_eq!(answer.values("last-document"), [Value::Boolean(true)]);
        assert_eq!(answer.values("copies"), [Value::Integer(-2)]);
        assert_eq!(answer.numbers("print-quality").next(), Some(4));
        assert_eq!(answer.texts("requesting-user-name").next(), Some("Ämter"));
        assert_eq!(answer.values("not-there"), []);
    }

    /// Proves T7: collections are passed over however deep they are, and what follows them is read.
    #[test]
    fn collections_are_passed_over() {
        let mut request = Request::new(Operation::GetPrinterAttributes, "ipp://p/");
        request = request.value(tag::BEGIN_COLLECTION, "media-col", b"");
        for _ in 0..10_000 {
            request = request.value(0x4a, "", b"inner");
            request = request.value(tag::BEGIN_COLLECTION, "", b"");
        }
        for _ in 0..=10_000 {
            request = request.value(tag::END_COLLECTION, "", b"");
        }
        let answer = echo(request.number("printer-state", 3));
        assert_eq!(answer.values("media-col"), []);
        assert_eq!(answer.numbers("printer-state").next(), Some(3));
    }

    proptest! {
        /// Proves T7: whatever a device in the network answers, it is read or refused.
        #[test]
        fn anything_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), cut in 0_usize..400) {
            let _ = Answer::parse(&bytes);
            let mut whole = Request::new(Operation::PrintJob, "ipp://p/")
                .keywords("a", &["b", "c"])
                .integer("d", 1)
                .finish();
            whole.truncate(cut);
            whole.extend_from_slice(&bytes);
            let _ = Answer::parse(&whole);
        }
    }
}
