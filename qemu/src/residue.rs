// SPDX-License-Identifier: EUPL-1.2
//! What somebody leaves behind: canaries that appear nowhere else, and the search for them.
//!
//! A canary is made from a seed on both sides, so that neither a command line nor a file that is handed to the guest has it.

use std::collections::BTreeSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::path::Path;

use aho_corasick::AhoCorasick;

use crate::error::{Error, Result};
use crate::screen::{Rect, Screen};

/// How many canaries a session has.
pub const CANARIES: u64 = 40;
/// Letters of a canary.
const LETTERS: u64 = 24;
/// Bytes of a canary that is a picture.
const PIXELS: u64 = 64;
/// Syllables of a canary that is typed.
const SYLLABLES: u64 = 7;
/// Rows of a picture of a text that are searched for.
const ROWS: usize = 12;
/// A row has to change its colour this often to be like no other.
const CHANGES: usize = 20;
/// Bytes of a piece of something that is sent or kept: less than a page of memory, since its pages lie anywhere.
const PIECE: usize = 64;
/// A piece has to have so many different bytes to be like no other.
const DIFFERENT: usize = 20;
/// So many pieces of a thing are searched for.
const PIECES: usize = 24;
/// Bytes that are searched at once.
const BLOCK: usize = 8 << 20;

/// The pseudo-random bytes of a canary.
fn bytes(seed: u64, number: u64, length: u64) -> impl Iterator<Item = u8> {
    (0..length).map(move |at| {
        let mut hasher = DefaultHasher::new();
        (seed, number, at).hash(&mut hasher);
        hasher.finish() as u8
    })
}

/// What a person would write.
pub fn text(seed: u64, number: u64) -> String {
    bytes(seed, number, LETTERS)
        .map(|byte| char::from(b'a' + byte % 26))
        .collect()
}

/// What a person would show: bytes of a picture.
pub fn picture(seed: u64, number: u64) -> Vec<u8> {
    bytes(seed, number + CANARIES, PIXELS).collect()
}

/// What a person would type: a word of letters that are told apart on a screen.
pub fn word(seed: u64) -> String {
    let all = bytes(seed, 2 * CANARIES, 2 * SYLLABLES);
    let letter = |(at, byte): (usize, u8)| {
        let letters: &[u8] = if at % 2 == 0 { b"bdfkmnprst" } else { b"aeou" };
        char::from(letters[usize::from(byte) % letters.len()])
    };
    all.enumerate().map(letter).collect()
}

/// What a person's paper looks like: so many shades of grey.
pub fn paper(seed: u64, length: u64) -> impl Iterator<Item = u8> {
    bytes(seed, 3 * CANARIES, length).map(|byte| 40 + byte % 180)
}

/// A text as UTF-16, the lower byte of each unit first.
pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The form that a canary is found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text in UTF-8.
    Utf8,
    /// Text in UTF-16.
    Utf16,
    /// Bytes of a picture.
    Picture,
    /// What was typed.
    Typed,
    /// Pixels on the screen.
    Drawn,
    /// What a scanner sent.
    Sent,
    /// A page as it is kept.
    Kept,
}

/// Everything of a session that is searched for.
#[derive(Clone, Debug)]
pub struct Canaries(Vec<(Form, Vec<u8>)>);

impl Canaries {
    /// What a person with this seed writes, shows and types.
    pub fn of(seed: u64) -> Self {
        let mut all = Vec::new();
        for number in 0..CANARIES {
            let text = text(seed, number);
            all.push((Form::Utf16, utf16(&text)));
            all.push((Form::Utf8, text.into_bytes()));
            all.push((Form::Picture, picture(seed, number)));
        }
        let word = word(seed);
        all.push((Form::Typed, utf16(&word)));
        all.push((Form::Typed, word.into_bytes()));
        Self(all)
    }

    /// And what is drawn in a part of the screen, as it lies in the memory of who draws: rows of pixels in each order of colours.
    #[must_use]
    pub fn drawn(mut self, screen: &Screen, part: Rect) -> Self {
        let rows = (part.y..part.bottom()).map(|y| {
            let row = (part.x..part.right()).filter_map(move |x| screen.pixel(x, y));
            row.collect::<Vec<_>>()
        });
        let changes = |row: &[[u8; 3]]| row.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let mut rows: Vec<_> = rows.filter(|row| changes(row) >= CHANGES).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(changes(row)));
        for row in rows.iter().take(ROWS) {
            let pixels =
                |order: fn([u8; 3]) -> [u8; 4]| row.iter().copied().flat_map(order).collect();
            self.0
                .push((Form::Drawn, pixels(|[r, g, b]| [b, g, r, 0xff])));
            self.0.push((Form::Drawn, pixels(|[r, g, b]| [b, g, r, 0])));
            self.0
                .push((Form::Drawn, pixels(|[r, g, b]| [r, g, b, 0xff])));
        }
        self
    }

    /// And pieces of something, from all over it.
    #[must_use]
    pub fn pieces(mut self, form: Form, thing: &[u8]) -> Self {
        let is_rare = |piece: &&[u8]| piece.iter().collect::<BTreeSet<_>>().len() >= DIFFERENT;
        let rare: BTreeSet<&[u8]> = thing.chunks_exact(PIECE).filter(is_rare).collect();
        let step = (rare.len() / PIECES).max(1);
        let chosen = rare.into_iter().step_by(step).take(PIECES);
        self.0.extend(chosen.map(|piece| (form, piece.to_vec())));
        self
    }

    /// How many there are in this form.
    pub fn count(&self, form: Form) -> usize {
        self.0.iter().filter(|(other, _)| *other == form).count()
    }

    /// How many rows of pixels are among them.
    pub fn rows(&self) -> usize {
        self.count(Form::Drawn) / 3
    }
}

/// How often each form of the canaries of a session is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Texts in UTF-8.
    pub utf8: usize,
    /// Texts in UTF-16.
    pub utf16: usize,
    /// Pictures.
    pub pictures: usize,
    /// What was typed.
    pub typed: usize,
    /// Rows of pixels of what was typed, or of a page that is looked at.
    pub drawn: usize,
    /// Pieces of what a scanner sent.
    pub sent: usize,
    /// Pieces of pages as they are kept.
    pub kept: usize,
}

impl Hits {
    fn add(&mut self, form: Form) {
        let field = match form {
            Form::Utf8 => &mut self.utf8,
            Form::Utf16 => &mut self.utf16,
            Form::Picture => &mut self.pictures,
            Form::Typed => &mut self.typed,
            Form::Drawn => &mut self.drawn,
            Form::Sent => &mut self.sent,
            Form::Kept => &mut self.kept,
        };
        *field += 1;
    }
}

/// Looks through all of `file` for every canary in every form.
pub fn search(file: &Path, canaries: &Canaries) -> Result<Hits> {
    let all = search_all(file, std::slice::from_ref(canaries))?;
    Ok(all.first().copied().unwrap_or_default())
}

/// The same for those of several people, each with hits of their own, read once.
pub fn search_all(file: &Path, canaries: &[Canaries]) -> Result<Vec<Hits>> {
    let failed = |error: std::io::Error| Error::file("search", file)(error);
    let people = canaries.iter().enumerate();
    let patterns: Vec<(usize, Form, &[u8])> = people
        .flat_map(|(who, canaries)| {
            let all = canaries.0.iter();
            all.map(move |(form, pattern)| (who, *form, pattern.as_slice()))
        })
        .collect();
    let search = AhoCorasick::new(patterns.iter().map(|(.., pattern)| pattern))
        .map_err(|error| Error::Machine(format!("the canaries cannot be searched: {error}")))?;
    let longest = patterns.iter().map(|(.., pattern)| pattern.len()).max();
    // What begins in the last bytes of a block may not be all of it: it is found in the next one.
    let over = longest.unwrap_or_default().saturating_sub(1);
    let mut file = File::open(file).map_err(failed)?;
    let mut all = vec![Hits::default(); canaries.len()];
    let mut block = vec![0; BLOCK + over];
    let mut filled = 0;
    loop {
        let read = file.read(&mut block[filled..]).map_err(failed)?;
        filled += read;
        if read > 0 && filled < block.len() {
            continue;
        }
        let end = if read > 0 { filled - over } else { filled };
        for found in search.find_iter(&block[..filled]) {
            let pattern = patterns.get(found.pattern().as_usize());
            let Some((who, form, _)) = pattern.filter(|_| found.start() < end) else {
                continue;
            };
            if let Some(hits) = all.get_mut(*who) {
                hits.add(*form);
            }
        }
        if read == 0 {
            break;
        }
        block.copy_within(end..filled, 0);
        filled -= end;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Proves O9: each form is found wherever it lies, also across the search's own blocks, and nothing else is.
    #[test]
    fn canaries_are_found() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut content = vec![0; (8 << 20) - 7];
        content.extend(text(1, 0).bytes());
        content.extend(vec![b'a'; 70_000]);
        content.extend(utf16(&text(1, 39)));
        content.extend(picture(1, 5));
        content.extend(picture(1, 5));
        content.extend(word(1).bytes());
        file.write_all(&content).unwrap();
        let hits = search(file.path(), &Canaries::of(1)).unwrap();
        let expected = Hits {
            utf8: 1,
            utf16: 1,
            pictures: 2,
            typed: 1,
            ..Hits::default()
        };
        assert_eq!(hits, expected);
        let others = search(file.path(), &Canaries::of(2)).unwrap();
        assert_eq!(others, Hits::default());
    }

    /// Proves O9: what is drawn is found in each order of colours; a plain ground is no canary.
    #[test]
    fn drawn_rows_are_found() {
        let (width, height) = (60, 4);
        let shade = |at: u32| {
            (
                bytes(7, u64::from(at), 1).next().unwrap(),
                (at / width).is_multiple_of(2),
            )
        };
        let pixels: Vec<u8> = (0..width * height)
            .flat_map(|at| match shade(at) {
                (byte, true) => [byte, 255 - byte, 7],
                (_, false) => [250, 247, 240],
            })
            .collect();
        let screen = Screen::new(width, height, pixels).unwrap();
        let part = Rect {
            x: 5,
            y: 0,
            width: 50,
            height,
        };
        let canaries = Canaries::of(1).drawn(&screen, part);
        assert_eq!(canaries.rows(), 2);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for [r, g, b] in screen.pixels() {
            file.write_all(&[b, g, r, 0]).unwrap();
        }
        for [r, g, b] in screen.pixels() {
            file.write_all(&[r, g, b, 255]).unwrap();
        }
        assert_eq!(search(file.path(), &canaries).unwrap().drawn, 4);
        assert_eq!(search(file.path(), &Canaries::of(1)).unwrap().drawn, 0);
    }
}
