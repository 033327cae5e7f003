// SPDX-License-Identifier: EUPL-1.2
//! Turns a terminal's byte stream into lines of plain text.

use vte::{Params, Parser, Perform};

/// Splits a terminal stream into lines without escape sequences.
///
/// Firmware and boot loader place text by moving the cursor instead of ending lines: a move counts as a line's end.
#[derive(Default)]
pub struct Console {
    parser: Parser,
    page: Page,
}

#[derive(Default)]
struct Page {
    current: String,
    done: Vec<String>,
}

/// A guest that never ends a line must not fill the memory.
const LINE_LIMIT: usize = 4096;

impl Console {
    /// Takes bytes, gives the lines that they completed.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        // One at a time: vte 0.15 drops what follows a letter that two reads share, such as the line's end in "ä\rü".
        for byte in bytes.chunks(1) {
            self.parser.advance(&mut self.page, byte);
        }
        std::mem::take(&mut self.page.done)
    }

    /// The line that is not complete yet.
    pub fn current(&self) -> &str {
        &self.page.current
    }
}

impl Page {
    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.current);
        let line = line.trim_end();
        if !line.is_empty() {
            self.done.push(line.to_owned());
        }
    }
}

impl Perform for Page {
    fn print(&mut self, c: char) {
        self.current.push(c);
        if self.current.len() >= LINE_LIMIT {
            self.end_line();
        }
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' | b'\r' | 0x0b | 0x0c => self.end_line(),
            b'\t' => self.current.push(' '),
            0x08 => {
                self.current.pop();
            }
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, _: &Params, _: &[u8], _: bool, action: char) {
        // Cursor to a position, a line or a column; screen erased.
        if matches!(action, 'H' | 'f' | 'd' | 'G' | 'E' | 'F' | 'J') {
            self.end_line();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves O9: colours and cursor moves of firmware, boot loader and service manager leave readable lines.
    #[test]
    fn reads_what_boot_software_prints() {
        let mut console = Console::default();
        let lines = console.feed(
            b"\x1b[2J\x1b[01;01H\x1b[=3h\x1b[2J\x1b[01;01HBdsDxe: loading Boot0001\r\n\
              \x1b[0;37;40m\x1b[05;10HBoot in 3 s.\x1b[06;01H[\x1b[0;32m  OK  \x1b[0m] Started \x1b[0;1;39mshell.service\x1b[0m.\r\nrest",
        );
        assert_eq!(
            lines,
            [
                "BdsDxe: loading Boot0001",
                "Boot in 3 s.",
                "[  OK  ] Started shell.service."
            ]
        );
        assert_eq!(console.current(), "rest");
    }

    /// Proves O9: a read that ends within a letter loses nothing of what follows.
    #[test]
    fn a_letter_of_two_reads_keeps_its_line() {
        let text = "ä\rü".as_bytes();
        for cut in 0..text.len() {
            let mut console = Console::default();
            let mut lines = console.feed(&text[..cut]);
            lines.extend(console.feed(&text[cut..]));
            assert_eq!(
                (lines.as_slice(), console.current()),
                (&["ä".to_owned()][..], "ü")
            );
        }
    }

    proptest! {
        /// Proves O9: a hostile guest can print anything; lines stay bounded and free of control characters.
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..20_000)) {
            let mut console = Console::default();
            for line in console.feed(&bytes) {
                prop_assert!(line.len() <= LINE_LIMIT + 4);
                prop_assert!(!line.contains(['\n', '\r', '\x1b']));
            }
        }

        /// Proves O9: where the stream is cut into reads does not matter, not even within a letter.
        #[test]
        fn cuts_do_not_matter(text in "([a-zäöü€ \\r\\n]|\x1b\\[[0-9;]{0,5}[a-zA-Z]){0,200}", cut in 0usize..2_000) {
            let bytes = text.as_bytes();
            let whole = Console::default().feed(bytes);
            let (a, b) = bytes.split_at(cut.min(bytes.len()));
            let mut console = Console::default();
            let mut parts = console.feed(a);
            parts.extend(console.feed(b));
            prop_assert_eq!(whole, parts);
        }
    }
}
