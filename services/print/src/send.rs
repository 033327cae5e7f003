// SPDX-License-Identifier: EUPL-1.2
//! The process of a job: it alone reads the document, draws it page by page and sends each as it is drawn. It says how far it is
//! (see [`Word`]), and everything of the document ends with it.

use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

use api::print::{Failure, MAX_COPIES, MAX_PAGES};
use api::session::{Kind, document};
use rustix::process::{Resource, Rlimit, setrlimit};
use zeroize::{Zeroize, Zeroizing};

use crate::draw::{Document, Onto};
use crate::printer::{Abilities, Device, PrinterError, Target};
use crate::raster::Sheet;
use crate::word::Word;

/// Bytes of memory: a page at the finest resolution in colour, and what drawing it takes.
const MEMORY: u64 = 1536 << 20;
/// Seconds of computing: all pages of the longest document on a slow machine.
pub const SECONDS: u64 = 600;
/// A printer that has no room for another job is asked again after this.
const BUSY: Duration = Duration::from_secs(2);
/// `server-error-busy`, `server-error-not-accepting-jobs`, `server-error-too-many-jobs`.
const LATER: [u16; 3] = [0x0507, 0x0506, 0x050b];

/// Keeps this process, and whatever it draws, within limits: so many seconds of computing.
pub fn confine(seconds: u64) -> io::Result<()> {
    let limit = |resource, most| {
        setrlimit(
            resource,
            Rlimit {
                current: Some(most),
                maximum: Some(most),
            },
        )
    };
    limit(Resource::As, MEMORY)?;
    limit(Resource::Cpu, seconds)?;
    limit(Resource::Core, 0)?;
    Ok(())
}

/// Prints the document on standard input, `copies` times, on `printer`. How it ends is the last word.
pub fn run(printer: &Target, kind: Kind, copies: u32) {
    let device = Device::new(printer).map_err(|error| failed(&error));
    let end = match device.and_then(|device| print(&device, kind, copies)) {
        Ok(()) => Word::Sent,
        Err(failure) => Word::Failed(failure),
    };
    say(end);
}

/// Whoever does not listen any more has ended this process too.
fn say(word: Word) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{word}");
    let _ = out.flush();
}

fn print(printer: &Device, kind: Kind, copies: u32) -> Result<(), Failure> {
    let content = document::read(io::stdin()).map_err(|_| Failure::Damaged)?;
    let document = Document::open(kind, content)?;
    let pages = u32::try_from(document.pages()).unwrap_or(u32::MAX);
    let all = pages.saturating_mul(copies.clamp(1, MAX_COPIES));
    if all > MAX_PAGES {
        return Err(Failure::TooLarge);
    }
    let abilities = printer.abilities().map_err(|error| failed(&error))?;
    let abilities = abilities.ok_or(Failure::Rejected)?;
    let sheet = abilities.sheet;
    let mut stream = Stream {
        document: &document,
        sheet,
        pages,
        all,
        next: 0,
        ready: Zeroizing::new(Vec::new()),
        at: 0,
        failure: None,
    };
    // A document that cannot be drawn is refused before the printer hears of it.
    stream.draw()?;
    say(Word::Pages(all));
    let sent = send(printer, &abilities, &mut stream);
    match (stream.failure.take(), sent) {
        (Some(failure), _) => Err(failure),
        (None, sent) => sent.map_err(|error| failed(&error)),
    }
}

fn send(
    printer: &Device,
    abilities: &Abilities,
    stream: &mut Stream<'_>,
) -> Result<(), PrinterError> {
    if !abilities.is_two_step {
        let number = printer.print(abilities, stream)?;
        say(Word::Taken(number));
        return Ok(());
    }
    let number = loop {
        match printer.create(abilities) {
            Err(PrinterError::Refused(status)) if LATER.contains(&status) => thread::sleep(BUSY),
            result => break result?,
        }
    };
    say(Word::Taken(number));
    printer.send(number, abilities.sheet.format, stream)
}

fn failed(error: &PrinterError) -> Failure {
    tracing::warn!("{error}");
    match error {
        PrinterError::Unreachable(_) | PrinterError::NoTls => Failure::Gone,
        PrinterError::NoIpp | PrinterError::Refused(_) => Failure::Rejected,
    }
}

/// The pages as they are sent: the next one is drawn when the one before is gone.
struct Stream<'a> {
    document: &'a Document,
    sheet: Sheet,
    /// Pages of the document.
    pages: u32,
    /// Pages of all copies.
    all: u32,
    /// The page that is drawn next.
    next: u32,
    ready: Zeroizing<Vec<u8>>,
    at: usize,
    failure: Option<Failure>,
}

impl Stream<'_> {
    fn draw(&mut self) -> Result<(), Failure> {
        let number = self.next % self.pages.max(1);
        let onto = Onto::Sheet(self.sheet);
        let page = self.document.draw(number as usize, onto)?;
        self.ready.zeroize();
        self.at = 0;
        if self.next == 0 {
            self.ready.extend(self.sheet.begin(self.all));
        }
        self.ready.extend(self.sheet.encode(&page, self.all));
        self.next += 1;
        Ok(())
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.ready.len() {
            if self.next >= self.all {
                return Ok(0);
            }
            if let Err(failure) = self.draw() {
                self.failure = Some(failure);
                return Err(io::Error::other("a page cannot be drawn"));
            }
        }
        if self.at == 0 {
            say(Word::Page(self.next));
        }
        let rest = &self.ready[self.at..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}
