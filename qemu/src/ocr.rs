// SPDX-License-Identifier: EUPL-1.2
//! Reading a screen as a person does: its words and where they stand (tesseract, German).

use std::process::Command;

use crate::{
    error::Result,
    process,
    screen::{Rect, Screen},
};

/// A word on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// As it was read.
    pub text: String,
    /// Where it stands.
    pub place: Rect,
    /// How sure the reader is, in percent.
    pub confidence: f32,
}

/// All words of a screen, in reading order.
#[derive(Clone, Debug, Default)]
pub struct Words(pub Vec<Word>);

impl Screen {
    /// Reads its words. Takes about a second.
    pub fn read(&self) -> Result<Words> {
        let (width, height, grey) = self.doubled_grey();
        let mut picture = format!("P5\n{width} {height}\n255\n").into_bytes();
        picture.extend(grey);
        let mut command = Command::new("tesseract");
        // Sparse text: labels on tiles are no paragraphs. One thread, since machines run beside it.
        command
            .args(["-", "-", "-l", "deu", "--psm", "11", "--dpi", "200", "tsv"])
            .env("OMP_THREAD_LIMIT", "1");
        let table = process::output(command, Some(&picture))?;
        Ok(Words::from_tsv(&String::from_utf8_lossy(&table)))
    }

    /// Where a text stands, read tolerantly; see [`Words::find`].
    pub fn find_text(&self, text: &str) -> Result<Option<Rect>> {
        Ok(self.read()?.find(text))
    }
}

impl Words {
    /// Reads tesseract's table of a picture of twice the screen's size.
    fn from_tsv(table: &str) -> Self {
        let word = |line: &str| -> Option<Word> {
            let cells: Vec<&str> = line.split('\t').collect();
            let [level, .., left, top, width, height, confidence, text] = cells[..] else {
                return None;
            };
            let half = |cell: &str| cell.parse::<u16>().ok().map(|pixels| u32::from(pixels / 2));
            let text = text.trim();
            (level == "5" && !text.is_empty()).then_some(())?;
            Some(Word {
                text: text.to_owned(),
                place: Rect {
                    x: half(left)?,
                    y: half(top)?,
                    width: half(width)?,
                    height: half(height)?,
                },
                confidence: confidence.parse().ok()?,
            })
        };
        Self(table.lines().filter_map(word).collect())
    }

    /// Where a text stands: case, punctuation and the accents of umlauts do not count, and longer words may
    /// have a letter or two wrong; 0 and 8 are the same. The words of a text stand side by side or in lines one below the other.
    pub fn find(&self, text: &str) -> Option<Rect> {
        let wanted: Vec<String> = text
            .split_whitespace()
            .map(plain)
            .filter(|w| !w.is_empty())
            .collect();
        let (first, rest) = wanted.split_first()?;
        self.0
            .iter()
            .filter(|word| alike(&plain(&word.text), first))
            .find_map(|word| self.follow(word, word.place, rest))
    }

    /// Whether the text is on the screen; see [`Words::find`].
    pub fn contains(&self, text: &str) -> bool {
        self.find(text).is_some()
    }

    /// Everything that was read, words parted by a space.
    pub fn text(&self) -> String {
        let words: Vec<&str> = self.0.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }

    fn follow(&self, last: &Word, so_far: Rect, wanted: &[String]) -> Option<Rect> {
        let Some((next, rest)) = wanted.split_first() else {
            return Some(so_far);
        };
        self.0
            .iter()
            .filter(|word| {
                follows(last.place, so_far, word.place) && alike(&plain(&word.text), next)
            })
            .find_map(|word| self.follow(word, so_far.union(&word.place), rest))
    }
}

/// Whether a word may come next in a text: to the right in the same line, or in the line below.
fn follows(last: Rect, so_far: Rect, word: Rect) -> bool {
    let height = last.height.max(word.height).max(1);
    let (_, middle) = word.middle();
    let same_line = middle >= last.y
        && middle < last.bottom()
        && word.x + height / 2 >= last.right()
        && word.x <= last.right() + 2 * height;
    let below = word.y >= last.y + height / 2
        && word.y <= last.bottom() + 3 * height / 2
        && word.x < so_far.right() + height
        && word.right() + height > so_far.x;
    same_line || below
}

/// Lower case without punctuation and accents, and without the difference of 0 and 8.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric())
    {
        match c {
            'ä' => plain.push('a'),
            'ö' => plain.push('o'),
            'ü' => plain.push('u'),
            'ß' => plain.push_str("ss"),
            // The slashed zero of our font is read as an eight.
            '8' => plain.push('0'),
            c => plain.push(c),
        }
    }
    plain
}

/// Whether a read word may be the wanted one. Short words must be exact: `Hund` is no `Mund`.
fn alike(read: &str, wanted: &str) -> bool {
    let allowed = match wanted.chars().count() {
        0..=4 => 0,
        5..=9 => 1,
        _ => 2,
    };
    read == wanted || (allowed > 0 && strsim::levenshtein(read, wanted) <= allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(list: &[(&str, u32, u32)]) -> Words {
        let word = |&(text, x, y): &(&str, u32, u32)| Word {
            text: text.to_owned(),
            place: Rect {
                x,
                y,
                width: 8 * text.len() as u32,
                height: 16,
            },
            confidence: 90.0,
        };
        Words(list.iter().map(word).collect())
    }

    /// Proves O9: a text is found as a person would, across lines and small misreadings.
    #[test]
    fn finds_texts() {
        let screen = words(&[
            ("Bürgerbüro", 10, 10),
            ("Wohnge1d", 200, 10),
            ("Einwohner-", 10, 100),
            ("und", 100, 100),
            ("Meldeamt", 10, 120),
            ("Hund", 400, 400),
            ("Steuer", 600, 400),
            ("Version", 10, 700),
            ("8.1.8", 70, 700),
        ]);
        assert!(screen.contains("Version 0.1.0") && !screen.contains("Version 0.1.1"));
        assert_eq!(screen.find("Wohngeld").unwrap().x, 200);
        assert!(screen.contains("burgerburo"));
        let place = screen.find("Einwohner- und Meldeamt").unwrap();
        assert_eq!((place.y, place.bottom()), (100, 136));
        assert!(!screen.contains("Mund"), "short words are exact");
        assert!(!screen.contains("Hund Steuer"), "too far apart");
        assert!(!screen.contains("Wohnung") && !screen.contains("") && !screen.contains("…"));
    }

    /// Proves O9: the reader's table is halved back to screen pixels, anything but words is skipped.
    #[test]
    fn reads_the_table() {
        let table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
                     4\t1\t1\t1\t1\t0\t20\t40\t200\t30\t-1\t\n\
                     5\t1\t1\t1\t1\t1\t20\t40\t200\t30\t96.2\tWohngeld\n\
                     5\t1\t1\t1\t1\t2\tx\t40\t200\t30\t96.2\tkaputt\n";
        let words = Words::from_tsv(table);
        assert_eq!(words.0.len(), 1);
        assert_eq!(
            words.0[0].place,
            Rect {
                x: 10,
                y: 20,
                width: 100,
                height: 15
            }
        );
    }

    proptest! {
        /// Proves O9: whatever the reader prints, there is no panic.
        #[test]
        fn any_table(table in "[0-9a-z\t\n.-]{0,400}", text in any::<String>()) {
            let _ = Words::from_tsv(&table).find(&text);
        }
    }
}
