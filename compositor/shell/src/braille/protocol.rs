// SPDX-License-Identifier: EUPL-1.2
//! `BrlAPI`'s protocol, version 8, as far as one line of text and its keys need it (`brlapi_protocol.h`). A packet is its size, its
//! type and its content, all numbers in the order of the network.
//!
//! Why not libbrlapi: it waits where we must not, and its binding would be unsafe code and one more library for a few packets.

use std::io::{self, Read, Write};

use site::Language;

use super::reader::Shown;

/// The version spoken.
const VERSION: u32 = 8;
/// The longest content of a packet.
const MOST: usize = 4096;
/// More cells than any line has.
pub const MOST_CELLS: usize = 1024;

/// The types of packets.
mod kind {
    pub const VERSION: u32 = b'v' as u32;
    pub const AUTH: u32 = b'a' as u32;
    pub const SIZE: u32 = b's' as u32;
    pub const ENTER: u32 = b't' as u32;
    pub const ACCEPT_KEYS: u32 = b'u' as u32;
    pub const WRITE: u32 = b'w' as u32;
    pub const KEY: u32 = b'k' as u32;
    pub const ACK: u32 = b'A' as u32;
    pub const ERROR: u32 = b'e' as u32;
    pub const EXCEPTION: u32 = b'E' as u32;
    pub const VALUE: u32 = u32::from_be_bytes(*b"\0\0PV");
    pub const REQUEST: u32 = u32::from_be_bytes(*b"\0\0PR");
    pub const UPDATE: u32 = u32::from_be_bytes(*b"\0\0PU");
}

/// "You are known already, by your user."
const AUTH_NONE: u32 = b'N' as u32;

/// Parameters: the size of the line, and the table by which text becomes dots.
const PARAMETER_SIZE: u32 = 6;
const PARAMETER_TABLE: u32 = 28;
/// How parameters are asked for and set: the one value for everybody, now and when it changes.
const GLOBAL: u32 = 0x1;
const GET: u32 = 0x100;
const SUBSCRIBE: u32 = 0x200;

/// What a packet to write has in it.
const REGION: u32 = 0x02;
const TEXT: u32 = 0x04;
const CURSOR: u32 = 0x20;
const CHARSET: u32 = 0x40;
const UTF8: &[u8] = b"\x05UTF-8";

/// What brltty tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The version it speaks.
    Version(u32),
    /// Who we are for it: whether it knows us already.
    Known(bool),
    /// The line has so many cells.
    Size(usize),
    /// The line is another one, or another size. Which, is to be asked: what comes along is wrong in brltty 6.7.
    Resized,
    /// A key was pressed.
    Key(u64),
    /// It did not do what it was asked to, and why.
    Refused(u32),
    /// Anything else.
    Other,
}

/// What brltty is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// To speak our version.
    Version,
    /// To tell when the line is another one.
    Sizes,
    /// For the size of the line.
    Size,
    /// For the line: there is no console beside which we could be.
    Enter,
    /// For all keys, its own menus' among them.
    Keys,
    /// To write text in this language.
    Table(Language),
}

/// The table of brltty for a language. Upper Sorbian's letters are in the German one.
const fn table(language: Language) -> &'static str {
    match language {
        Language::De | Language::DeLeicht | Language::Hsb => "de",
        Language::En => "en",
        Language::Ar => "ar",
    }
}

impl Ask {
    /// Asks for it.
    pub fn send(self, to: &mut impl Write) -> io::Result<()> {
        let parameter = |flags, number| [flags, number, 0, 0].map(u32::to_be_bytes).concat();
        let (kind, content) = match self {
            Self::Version => (kind::VERSION, VERSION.to_be_bytes().to_vec()),
            Self::Sizes => (
                kind::REQUEST,
                parameter(GLOBAL | GET | SUBSCRIBE, PARAMETER_SIZE),
            ),
            Self::Size => (kind::SIZE, Vec::new()),
            // A path of no terminal at all, and no driver's own codes.
            Self::Enter => (kind::ENTER, vec![0; 5]),
            Self::Keys => (kind::ACCEPT_KEYS, [[0; 8], [0xff; 8]].concat()),
            Self::Table(language) => {
                let mut content = parameter(GLOBAL, PARAMETER_TABLE);
                content.extend(table(language).as_bytes());
                (kind::VALUE, content)
            }
        };
        send(to, kind, &content)
    }
}

/// Shows a line on `cells` cells.
pub fn write(to: &mut impl Write, shown: &Shown, cells: usize) -> io::Result<()> {
    let mut content = (REGION | TEXT | CURSOR | CHARSET).to_be_bytes().to_vec();
    let text = shown.text.as_bytes();
    // From the first cell on; a negative size means that what is left becomes blank.
    for number in [1, -(cells as i32), text.len() as i32] {
        content.extend(number.to_be_bytes());
    }
    content.extend(text);
    // The first cell is 1; 0 is no cursor.
    let cursor = shown.cursor.map_or(0, |cursor| cursor as u32 + 1);
    content.extend(cursor.to_be_bytes());
    content.extend(UTF8);
    send(to, kind::WRITE, &content)
}

fn send(to: &mut impl Write, kind: u32, content: &[u8]) -> io::Result<()> {
    let mut packet = Vec::with_capacity(8 + content.len());
    packet.extend((content.len() as u32).to_be_bytes());
    packet.extend(kind.to_be_bytes());
    packet.extend(content);
    to.write_all(&packet)
}

/// Reads one packet.
pub fn read(from: &mut impl Read) -> io::Result<Told> {
    let [size, kind] = [number(from)?, number(from)?];
    let size = size as usize;
    if size > MOST {
        let what = format!("a packet of {size} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    let mut content = vec![0; size];
    from.read_exact(&mut content)?;
    Ok(understand(kind, &content))
}

fn number(from: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}

fn understand(kind: u32, content: &[u8]) -> Told {
    let word = |at: usize| {
        content
            .get(4 * at..)?
            .first_chunk()
            .copied()
            .map(u32::from_be_bytes)
    };
    let told = match kind {
        kind::VERSION => word(0).map(Told::Version),
        kind::AUTH => Some(Told::Known(word(0) == Some(AUTH_NONE))),
        kind::SIZE => word(0).zip(word(1)).map(|(columns, rows)| {
            let cells = (columns as usize).saturating_mul(rows as usize);
            Told::Size(cells.min(MOST_CELLS))
        }),
        kind::UPDATE if word(1) == Some(PARAMETER_SIZE) => Some(Told::Resized),
        kind::KEY => content
            .first_chunk()
            .copied()
            .map(|code| Told::Key(u64::from_be_bytes(code))),
        kind::ERROR | kind::EXCEPTION => word(0).map(Told::Refused),
        kind::ACK | kind::VALUE | kind::UPDATE => Some(Told::Other),
        _ => None,
    };
    told.unwrap_or(Told::Other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_written_as_the_protocol_has_it() {
        let shown = Shown {
            text: "Tür".into(),
            cursor: Some(2),
            language: Language::De,
        };
        let mut bytes = Vec::new();
        write(&mut bytes, &shown, 40).unwrap();
        let head = [
            0, 0, 0, 30, 0, 0, 0, b'w', 0, 0, 0, 0x66, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xd8,
        ];
        assert_eq!(&bytes[..20], head);
        assert_eq!(&bytes[20..], b"\0\0\0\x04T\xc3\xbcr\0\0\0\x03\x05UTF-8");
    }

    #[test]
    fn packets_are_understood() {
        let told = |bytes: &[u8]| read(&mut &*bytes);
        let key = b"\0\0\0\x08\0\0\0k\0\0\0\0\x20\x01\0\x05";
        assert_eq!(told(key).unwrap(), Told::Key(0x2001_0005));
        let size = b"\0\0\0\x08\0\0\0s\0\0\0\x28\0\0\0\x01";
        assert_eq!(told(size).unwrap(), Told::Size(40));
        let endless = b"\0\0\0\x08\0\0\0s\xff\xff\xff\xff\xff\xff\xff\xff";
        assert_eq!(told(endless).unwrap(), Told::Size(MOST_CELLS));
        assert!(told(b"\0\0\x10\x01\0\0\0k").is_err(), "too long");
        assert!(told(b"\0\0\0\x08\0\0\0k").is_err(), "cut off");
    }

    proptest! {
        /// Proves T13: whatever brltty sends, nothing breaks.
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..64), kind in prop::sample::select(b"vastukwAeE".to_vec())) {
            let _ = read(&mut &*bytes);
            let packet = [&(bytes.len() as u32).to_be_bytes(), &[0, 0, 0, kind][..], &bytes].concat();
            prop_assert!(read(&mut &*packet).is_ok());
        }
    }
}
