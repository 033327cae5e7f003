// SPDX-License-Identifier: EUPL-1.2
//! A Braille line in a USB socket, and the person at it: QEMU brings the line's USB chip (a Baum `SuperVario` 40 behind FTDI), and what
//! the line says and understands through it is spoken here.

use std::{
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use serde_json::json;

use crate::{
    deadline::Deadline,
    error::{Error, Result},
    hub::Hub,
    vm::{Vm, channel},
};

/// Its cells.
pub const CELLS: usize = 40;

/// Begins a packet; a plain one is sent twice.
const ESCAPE: u8 = 0x1b;
/// Packets of the computer, by their first byte.
const DISPLAY: u8 = 0x01;
const GET_KEYS: u8 = 0x08;
const GET_IDENTITY: u8 = 0x84;
/// Packets of the line.
const CELL_COUNT: u8 = 0x01;
const ROUTING_KEYS: u8 = 0x22;
const DISPLAY_KEYS: u8 = 0x24;
const IDENTITY: u8 = 0x84;
const NAME: &[u8; 16] = b"SuperVario 40   ";

/// A Braille line that is plugged in. Dropping it leaves it there, dead.
pub struct Braille<'a> {
    vm: &'a Vm,
    socket: Arc<Mutex<UnixStream>>,
    felt: Arc<Mutex<Vec<u8>>>,
    listener: Option<JoinHandle<()>>,
    // Removed with the line.
    _dir: tempfile::TempDir,
}

impl Vm {
    /// Plugs in a Braille line.
    pub fn plug_braille(&self, id: &str) -> Result<Braille<'_>> {
        let dir = tempfile::tempdir().map_err(channel("a Braille line"))?;
        let path = dir.path().join("line");
        let chardev = format!("{id}-line");
        let address = json!({ "type": "unix", "data": { "path": path } });
        let socket = json!({ "addr": address, "server": true, "wait": false });
        let backend = json!({ "type": "socket", "data": socket });
        self.command("chardev-add", &json!({ "id": chardev, "backend": backend }))?;
        let failed = || channel("a Braille line");
        let listening = UnixStream::connect(&path).map_err(failed())?;
        let socket = listening.try_clone().map_err(failed())?;
        let socket = Arc::new(Mutex::new(socket));
        let felt = Arc::<Mutex<Vec<u8>>>::default();
        let (hub, answers, cells) = (
            Arc::clone(&self.hub),
            Arc::clone(&socket),
            Arc::clone(&felt),
        );
        let listener = thread::spawn(move || listen(listening, &answers, &cells, &hub));
        let device =
            json!({ "driver": "usb-braille", "bus": "usb.0", "id": id, "chardev": chardev });
        self.command("device_add", &device)?;
        Ok(Braille {
            vm: self,
            socket,
            felt,
            listener: Some(listener),
            _dir: dir,
        })
    }
}

impl Braille<'_> {
    /// What is felt, read as German computer Braille.
    pub fn text(&self) -> String {
        let cells = self.felt.lock().unwrap_or_else(PoisonError::into_inner);
        cells
            .iter()
            .copied()
            .map(letter)
            .collect::<String>()
            .trim_end()
            .to_owned()
    }

    /// Waits until something is felt that is right.
    pub fn wait(
        &self,
        awaited: &str,
        deadline: Deadline,
        is_it: impl Fn(&str) -> bool,
    ) -> Result<String> {
        let found = self.vm.wait(awaited, deadline, |_| {
            Some(self.text()).filter(|text| is_it(text))
        });
        found.map_err(|error| match error {
            Error::Timeout {
                awaited,
                waited,
                report,
            } => Error::Timeout {
                awaited: format!("{awaited} (the line says “{}”)", self.text()),
                waited,
                report,
            },
            other => other,
        })
    }

    /// Waits until these words are felt.
    pub fn wait_text(&self, words: &str, deadline: Deadline) -> Result<String> {
        self.wait(&format!("“{words}” in Braille"), deadline, |text| {
            text.contains(words)
        })
    }

    /// Presses keys at the ends of the line together and releases them: 1 to 3 are left, 4 to 6 right, from top to bottom.
    pub fn press(&self, keys: &[u8]) -> Result<()> {
        let all = keys.iter().fold(0, |all, key| all | 1 << (key - 1));
        self.say(&[DISPLAY_KEYS, all])?;
        self.say(&[DISPLAY_KEYS, 0])
    }

    /// Presses the key at a cell and releases it.
    pub fn route(&self, cell: usize) -> Result<()> {
        let mut keys = [0; 1 + CELLS / 8];
        keys[0] = ROUTING_KEYS;
        let up = keys;
        keys[1 + cell / 8] = 1 << (cell % 8);
        self.say(&keys)?;
        self.say(&up)
    }

    fn say(&self, packet: &[u8]) -> Result<()> {
        say(&self.socket, packet).map_err(channel("a key of the Braille line"))
    }
}

impl Drop for Braille<'_> {
    fn drop(&mut self) {
        let socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        // Ends the listener too.
        let _ = socket.shutdown(Shutdown::Both);
        drop(socket);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

/// Answers the computer, and notes what is to be felt.
fn listen(mut socket: UnixStream, answers: &Mutex<UnixStream>, felt: &Mutex<Vec<u8>>, hub: &Hub) {
    let (mut parser, mut buffer) = (Parser::default(), [0; 512]);
    while let Ok(count @ 1..) = socket.read(&mut buffer) {
        for byte in &buffer[..count] {
            let answer: &[u8] = match parser.feed(*byte) {
                Some(Request::Cells(cells)) => {
                    *felt.lock().unwrap_or_else(PoisonError::into_inner) = cells;
                    hub.tell(|_| ());
                    continue;
                }
                Some(Request::Size) => &[CELL_COUNT, CELLS as u8],
                Some(Request::Keys) => &[DISPLAY_KEYS, 0],
                Some(Request::Identity) => &[&[IDENTITY][..], NAME].concat(),
                None => continue,
            };
            if say(answers, answer).is_err() {
                return;
            }
        }
    }
}

fn say(socket: &Mutex<UnixStream>, packet: &[u8]) -> std::io::Result<()> {
    let mut bytes = vec![ESCAPE];
    for byte in packet {
        bytes.push(*byte);
        if *byte == ESCAPE {
            bytes.push(ESCAPE);
        }
    }
    let mut socket = socket.lock().unwrap_or_else(PoisonError::into_inner);
    socket.write_all(&bytes)
}

/// What the computer wants.
#[derive(Debug, PartialEq, Eq)]
enum Request {
    /// To show these cells.
    Cells(Vec<u8>),
    /// To know how many cells there are: it begins to show some, and stops.
    Size,
    /// To know which keys are held.
    Keys,
    /// To know the line's name.
    Identity,
}

/// Packets have no length and no end: the next one ends the one before.
#[derive(Default)]
struct Parser {
    escaped: bool,
    packet: Vec<u8>,
}

impl Parser {
    fn feed(&mut self, byte: u8) -> Option<Request> {
        if !std::mem::take(&mut self.escaped) {
            if byte == ESCAPE {
                self.escaped = true;
                return None;
            }
            return self.add(byte);
        }
        if byte == ESCAPE {
            return self.add(byte);
        }
        let before = std::mem::replace(&mut self.packet, vec![byte]);
        match byte {
            GET_KEYS if before == [DISPLAY, 0] => {
                // Both are asked for; one answer after the other would be no use to a person either.
                Some(Request::Size)
            }
            GET_KEYS => Some(Request::Keys),
            GET_IDENTITY => Some(Request::Identity),
            _ => None,
        }
    }

    fn add(&mut self, byte: u8) -> Option<Request> {
        if self.packet.len() <= CELLS {
            self.packet.push(byte);
        }
        let shows = self.packet.first() == Some(&DISPLAY) && self.packet.len() == 1 + CELLS;
        shows.then(|| Request::Cells(self.packet.split_off(1)))
    }
}

/// The dots 7 and 8, which are also the cursor.
const LOW: u8 = 0xc0;
const CAPITAL: u8 = 0x40;

/// The characters of German computer Braille that the tests need, by their dots: dot 1 is the lowest bit.
const LETTERS: &[(char, u8)] = &[
    ('a', 0x01),
    ('b', 0x03),
    ('c', 0x09),
    ('d', 0x19),
    ('e', 0x11),
    ('f', 0x0b),
    ('g', 0x1b),
    ('h', 0x13),
    ('i', 0x0a),
    ('j', 0x1a),
    ('k', 0x05),
    ('l', 0x07),
    ('m', 0x0d),
    ('n', 0x1d),
    ('o', 0x15),
    ('p', 0x0f),
    ('q', 0x1f),
    ('r', 0x17),
    ('s', 0x0e),
    ('t', 0x1e),
    ('u', 0x25),
    ('v', 0x27),
    ('w', 0x3a),
    ('x', 0x2d),
    ('y', 0x3d),
    ('z', 0x35),
    ('ä', 0x9c),
    ('ö', 0xaa),
    ('ü', 0xb3),
    ('ß', 0xbc),
    (' ', 0x00),
    (',', 0x02),
    ('.', 0x04),
    (':', 0x12),
    ('?', 0x22),
    ('-', 0x24),
];

/// The character of a cell. Below the cursor a small letter and a capital are the same.
fn letter(dots: u8) -> char {
    let find = |dots: u8| LETTERS.iter().find(|(_, of)| *of == dots).map(|(c, _)| *c);
    let capital = |dots: u8| {
        let small = find(dots & !CAPITAL).filter(|c| dots & CAPITAL != 0 && c.is_ascii_lowercase());
        small.map(|c| c.to_ascii_uppercase())
    };
    let found = find(dots).or_else(|| capital(dots));
    found
        .or_else(|| capital(dots & !LOW | CAPITAL))
        .unwrap_or('\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(bytes: &[u8]) -> Vec<Request> {
        let mut parser = Parser::default();
        bytes.iter().filter_map(|byte| parser.feed(*byte)).collect()
    }

    /// Proves O9: what a computer asks a line and shows on it is understood, a cell that looks like the beginning of a packet
    /// included.
    #[test]
    fn packets_are_understood() {
        let asked = feed(&[0x1b, 0x8a, 0x1b, 0x84, 0x1b, 0x01, 0x00, 0x1b, 0x08]);
        assert_eq!(asked, [Request::Identity, Request::Size]);
        let mut shown = vec![0x1b, 0x01, 0x1b, 0x1b];
        shown.extend([0x11; CELLS - 1]);
        let mut cells = vec![0x1b];
        cells.extend([0x11; CELLS - 1]);
        assert_eq!(feed(&shown), [Request::Cells(cells)]);
        assert_eq!(feed(&[0x1b, 0x08]), [Request::Keys]);
    }

    #[test]
    fn dots_are_letters() {
        let read = |dots: &[u8]| dots.iter().copied().map(letter).collect::<String>();
        assert_eq!(read(&[0x5e, 0xb3, 0x17]), "Tür");
        assert_eq!(read(&[0xc5]), "K", "below the cursor");
        assert_eq!(read(&[0xff]), "\u{fffd}");
    }
}
