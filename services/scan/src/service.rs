// SPDX-License-Identifier: EUPL-1.2
//! The service on the bus: calls, time, words of processes and what was found come to one worker.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use api::scan::{BUS_NAME, Call, Publisher, Reply, Request, ScanError, Trouble, Work, serve};
use api::session::{Kind, Session1ProxyBlocking, document};
use clock::Alarm;
use miette::{IntoDiagnostic, WrapErr, miette};
use zbus::blocking::Connection;
use zbus::proxy::CacheProperties;

use crate::course::{Course, Effect, Event, Refusal};
use crate::find::{Addresses, Finder};
use crate::program::{Heard, Program, Sheet, to};
use crate::sane::Sane;
use crate::word::Word;

/// What wakes the worker.
enum Input {
    Call(Request),
    Tick,
    Heard(Heard),
    Found(Option<String>),
    /// The document of this number is in the store, or is not.
    Stored(u64, Option<u64>),
    /// The bus is gone, and with it everybody who could ask.
    Gone,
}

/// Where the service works.
#[derive(Clone, Debug)]
pub struct Place {
    /// The program that packs pages and makes documents: this one.
    pub program: PathBuf,
    /// The way to the scanner.
    pub sane: Sane,
    /// Where scanners may be.
    pub addresses: Addresses,
}

/// Serves the scanner on `connection`; calls `ready` once. Returns only when something went wrong.
pub fn run(
    connection: &Connection,
    place: Place,
    ready: impl FnOnce() -> miette::Result<()>,
) -> miette::Result<()> {
    let (publisher, requests) = serve(connection)
        .into_diagnostic()
        .wrap_err("cannot serve de.amtsnah.Scan1")?;
    let (sender, inbox) = channel();
    let (calls, bus, found) = (sender.clone(), sender.clone(), sender.clone());
    start("calls", move || {
        while let Ok(request) = requests.recv_blocking() {
            if calls.send(Input::Call(request)).is_err() {
                return;
            }
        }
    })?;
    let alarm = Arc::new(
        Alarm::new()
            .into_diagnostic()
            .wrap_err("cannot make an alarm")?,
    );
    let (rings, ticks) = (Arc::clone(&alarm), sender.clone());
    start("alarm", move || {
        while rings.wait().is_ok() && ticks.send(Input::Tick).is_ok() {}
    })?;
    let (ask, asks) = channel();
    let finder = Finder::new(place.sane.clone(), place.addresses.clone());
    start("scanner", move || finder.run(&asks, &found, Input::Found))?;
    // Nobody listens if the worker has ended too.
    api::bus::when_gone(connection, move || drop(bus.send(Input::Gone)))
        .into_diagnostic()
        .wrap_err("cannot hear of the end of the system bus")?;
    connection
        .request_name(BUS_NAME)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot take the name {BUS_NAME}"))?;
    ready()?;
    Worker {
        place,
        connection: connection.clone(),
        publisher,
        alarm,
        ask,
        sender,
        course: Course::default(),
        scanner: None,
        sheets: BTreeMap::new(),
        title: None,
        program: None,
        waiting: None,
    }
    .run(&inbox)
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> miette::Result<()> {
    thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .map(drop)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot start the thread `{name}`"))
}

/// The I/O around a [`Course`].
struct Worker {
    place: Place,
    connection: Connection,
    publisher: Publisher,
    alarm: Arc<Alarm>,
    ask: Sender<bool>,
    sender: Sender<Input>,
    course: Course,
    /// The scanner that is there.
    scanner: Option<String>,
    /// The pages, by their numbers.
    sheets: BTreeMap<u64, Sheet>,
    /// What the next document is, between the call and its process.
    title: Option<Word>,
    /// What runs, or comes to its end.
    program: Option<Program>,
    /// What is to run as soon as that has ended.
    waiting: Option<Effect>,
}

impl Worker {
    fn run(mut self, inbox: &Receiver<Input>) -> miette::Result<()> {
        self.settle()?;
        loop {
            let input = inbox
                .recv()
                .into_diagnostic()
                .wrap_err("nothing can happen any more")?;
            let (result, answer) = match input {
                Input::Call(Request { call, answer }) => (self.call(call), Some(answer)),
                Input::Tick => (self.step(Event::Tick).map(|()| Reply::Done), None),
                Input::Heard(heard) => (self.heard(heard).map(|()| Reply::Done), None),
                Input::Found(scanner) => {
                    let is_there = scanner.is_some();
                    if !self.course.status().work.is_under_way() {
                        self.scanner = scanner;
                    }
                    let step = self.step(Event::Looked(is_there));
                    (step.map(|()| Reply::Done), None)
                }
                Input::Stored(id, document) => {
                    let event = match document {
                        Some(document) => Event::Stored(id, document),
                        None => Event::Failed(id, Trouble::Store),
                    };
                    (self.step(event).map(|()| Reply::Done), None)
                }
                Input::Gone => return Err(miette!("the system bus is gone")),
            };
            if let Err(error) = &result {
                tracing::warn!("{error}");
            }
            // Whoever gets the answer finds the new state published.
            self.settle()?;
            if let Some(answer) = answer {
                answer.send(result);
            }
        }
    }

    fn call(&mut self, call: Call) -> Result<Reply, ScanError> {
        let event = match call {
            Call::Scan => Event::Scan,
            Call::Again(id) => Event::Again(id),
            Call::Cancel => Event::Cancel,
            Call::Turn(id) => Event::Turn(id),
            Call::Discard(id) => Event::Discard(id),
            Call::Clear => Event::Clear,
            Call::Preview(id) => return self.preview(id),
            Call::Finish { title, language } => {
                self.title = Some(Word::Title(language, title));
                Event::Finish
            }
        };
        self.step(event)?;
        Ok(match event {
            Event::Scan | Event::Again(_) => Reply::Page(self.course.last()),
            _ => Reply::Done,
        })
    }

    fn preview(&self, id: u64) -> Result<Reply, ScanError> {
        let page = self.sheets.get(&id).and_then(|sheet| sheet.small.as_ref());
        let no_page = || ScanError::BadInput(Refusal::NoPage.to_string());
        let copy = page.ok_or_else(no_page)?.try_clone();
        let failed = |error| ScanError::Failed(format!("cannot hand a picture over: {error}"));
        copy.map(Reply::Preview).map_err(failed)
    }

    fn heard(&mut self, heard: Heard) -> Result<(), ScanError> {
        match heard {
            Heard::Came(id, percent) => self.step(Event::Came(id, percent)),
            Heard::Failed(id, trouble) => self.step(Event::Failed(id, trouble)),
            Heard::There(id, sheet) if sheet.small.is_none() => {
                self.store(id, sheet.content);
                Ok(())
            }
            Heard::There(id, sheet) => {
                // It is memory that nobody changes, or it is no page.
                let Ok(bytes) = document::size(&sheet.content, document::MAX_BYTES) else {
                    return self.step(Event::Failed(id, Trouble::Damaged));
                };
                self.sheets.insert(id, sheet);
                self.step(Event::Kept(id, bytes))
            }
            Heard::Ended(id) => {
                if self
                    .program
                    .as_ref()
                    .is_some_and(|program| program.id == id)
                {
                    self.program = None;
                }
                match self.waiting.take() {
                    Some(effect) => self.carry_out(effect),
                    None => Ok(()),
                }
            }
        }
    }

    fn step(&mut self, event: Event) -> Result<(), ScanError> {
        let before = self.course.status();
        let next = self.course.next(clock::now(), event);
        let (course, effects) = next.map_err(|refusal| {
            let text = refusal.to_string();
            match refusal {
                Refusal::NoScanner => ScanError::NoScanner(text),
                Refusal::Busy | Refusal::Nothing => ScanError::NotExpected(text),
                Refusal::NoPage => ScanError::BadInput(text),
                Refusal::Full => ScanError::Full(text),
            }
        })?;
        self.course = course;
        let now = self.course.status();
        if before.is_there != now.is_there {
            tracing::info!("scanner: {}", now.is_there);
        }
        if std::mem::discriminant(&before.work) != std::mem::discriminant(&now.work) {
            tracing::info!("{:?}, {} pages", now.work, now.pages.len());
        }
        for effect in effects {
            self.carry_out(effect)?;
        }
        Ok(())
    }

    fn carry_out(&mut self, effect: Effect) -> Result<(), ScanError> {
        match effect {
            Effect::Take(id) | Effect::Bind(id) => {
                // What was told to end may still hold the scanner.
                if self.program.is_some() {
                    self.waiting = Some(effect);
                } else if let Err(error) = self.start(effect) {
                    tracing::error!("cannot start a process: {error}");
                    return self.step(Event::Failed(id, Trouble::Other));
                }
            }
            Effect::Kill => {
                self.waiting = None;
                if let Some(program) = &self.program {
                    program.kill();
                }
            }
            Effect::Drop(id) => drop(self.sheets.remove(&id)),
            Effect::Look => {
                // One that made trouble has to show that it is there.
                let is_doubtful = matches!(self.course.status().work, Work::Trouble(_));
                if self.ask.send(is_doubtful).is_err() {
                    tracing::error!("nobody looks for a scanner any more");
                }
            }
        }
        Ok(())
    }

    fn start(&mut self, effect: Effect) -> std::io::Result<()> {
        let tell = to(self.sender.clone(), Input::Heard);
        let program = &self.place.program;
        self.program = match effect {
            Effect::Take(id) => {
                let scanner = self
                    .scanner
                    .as_deref()
                    .ok_or(std::io::ErrorKind::NotFound)?;
                Some(Program::take(program, &self.place.sane, scanner, id, tell)?)
            }
            Effect::Bind(id) => {
                let title = self.title.take().ok_or(std::io::ErrorKind::NotFound)?;
                let pages = self.course.status().pages;
                let pages = pages.iter().filter_map(|page| {
                    let sheet = self.sheets.get(&page.id)?;
                    Some(
                        sheet
                            .content
                            .try_clone()
                            .map(|content| (page.turns, content)),
                    )
                });
                let pages = pages.collect::<std::io::Result<_>>()?;
                Some(Program::bind(program, title, pages, id, tell)?)
            }
            _ => None,
        };
        Ok(())
    }

    /// Hands a document to the session's store, beside the worker.
    fn store(&self, id: u64, content: OwnedFd) {
        let (connection, sender) = (self.connection.clone(), self.sender.clone());
        let stored = start("store", move || {
            let document = store(&connection, content);
            if let Err(error) = &document {
                tracing::warn!("the session does not take the document: {error}");
            }
            // Nobody listens if the worker has ended.
            let _ = sender.send(Input::Stored(id, document.ok()));
        });
        if let Err(error) = stored {
            tracing::error!("{error}");
            let _ = self.sender.send(Input::Stored(id, None));
        }
    }

    /// Makes known where the course stands now, and sets the alarm.
    fn settle(&mut self) -> miette::Result<()> {
        let deadline = self.course.deadline();
        self.alarm
            .set(deadline.map(|at| at.max(Duration::from_millis(1))))
            .into_diagnostic()
            .wrap_err("cannot set the alarm")?;
        self.publisher
            .set(&self.course.status())
            .into_diagnostic()
            .wrap_err("cannot publish the state")
    }
}

fn store(connection: &Connection, content: OwnedFd) -> Result<u64, api::session::SessionError> {
    Session1ProxyBlocking::builder(connection)
        .cache_properties(CacheProperties::No)
        .build()?
        .create_document(Kind::Pdf, content.into())
}
