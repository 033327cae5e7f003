// SPDX-License-Identifier: EUPL-1.2
//! The service on the bus: calls, time, words of jobs and answers of the printer come to one worker.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use api::print::{
    Answer, BUS_NAME, Call, Drawing, MAX_DRAWINGS, PrintError, Publisher, Reply, Request, serve,
};
use api::session::{Kind, document};
use clock::Alarm;
use miette::{IntoDiagnostic, WrapErr, miette};
use zbus::blocking::Connection;

use crate::course::{Course, Effect, Event, Refusal};
use crate::drawing::{self, Drawings};
use crate::find::{Ask, Candidates, Finder, Found, Held};
use crate::marker::Marker;
use crate::printer::Target;
use crate::program::{Heard, Order, Program};
use crate::word::Word;

/// What wakes the worker.
enum Input {
    Call(Request),
    Tick,
    Heard(Heard),
    Found(Found),
    /// The bus is gone, and with it everybody who could ask.
    Gone,
}

/// Where the service works.
#[derive(Clone, Debug)]
pub struct Place {
    /// The program that prints one document: this one.
    pub program: PathBuf,
    /// A directory in memory that outlives the service.
    pub runtime: PathBuf,
}

/// Serves the printer on `connection`; calls `ready` once. Returns only when something went wrong.
pub fn run(
    connection: &Connection,
    candidates: Candidates,
    place: Place,
    ready: impl FnOnce() -> miette::Result<()>,
) -> miette::Result<()> {
    let (publisher, requests) = serve(connection)
        .into_diagnostic()
        .wrap_err("cannot serve de.amtsnah.Print1")?;
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
    let marker = Marker::in_dir(&place.runtime);
    let finder = Finder::new(candidates, marker.clone());
    start("printer", move || finder.run(&asks, &found, Input::Found))?;
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
        publisher,
        alarm,
        ask,
        sender,
        marker,
        course: Course::default(),
        printer: None,
        document: None,
        program: None,
        drawings: Drawings::default(),
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
    publisher: Publisher,
    alarm: Arc<Alarm>,
    ask: Sender<Ask>,
    sender: Sender<Input>,
    marker: Marker,
    course: Course,
    /// The printer that answers; while there is a job, the one that has it.
    printer: Option<Target>,
    /// What the next job prints, between the call and its process.
    document: Option<(Kind, OwnedFd, u32)>,
    program: Option<Program>,
    drawings: Drawings,
}

impl Worker {
    fn run(mut self, inbox: &Receiver<Input>) -> miette::Result<()> {
        self.settle()?;
        loop {
            let input = inbox
                .recv()
                .into_diagnostic()
                .wrap_err("nothing can happen any more")?;
            let result = match input {
                // What is drawn for the screen changes nothing that is published.
                Input::Call(Request {
                    call: Call::Draw(drawing),
                    answer,
                }) => {
                    self.draw(drawing, answer);
                    continue;
                }
                Input::Call(Request { call, answer }) => {
                    let result = self.call(call);
                    if let Err(error) = &result {
                        tracing::warn!("{error}");
                    }
                    // Whoever gets the answer finds the new state published.
                    self.settle()?;
                    answer.send(result);
                    continue;
                }
                Input::Tick => self.step(Event::Tick),
                Input::Heard(Heard::Said(id, word)) => self.said(id, word),
                Input::Heard(Heard::Ended(id)) => self.step(Event::Ended(id)),
                Input::Found(found) => {
                    self.printer = found.printer;
                    self.step(Event::Looked(found.look))
                }
                Input::Gone => return Err(miette!("the system bus is gone")),
            };
            if let Err(error) = &result {
                tracing::warn!("{error}");
            }
            self.settle()?;
        }
    }

    fn call(&mut self, call: Call) -> Result<Reply, PrintError> {
        match call {
            Call::Print(Kind::Text, ..) => {
                Err(PrintError::BadInput("plain text is not printed".into()))
            }
            Call::Print(kind, content, copies) => {
                document::size(&content, document::MAX_BYTES)
                    .map_err(|error| PrintError::BadInput(error.to_string()))?;
                if self.printer.is_none() {
                    return Err(PrintError::NoPrinter("no printer answers".into()));
                }
                self.document = Some((kind, content, copies));
                let result = self.step(Event::Print);
                self.document = None;
                result.map(|()| Reply::Job(self.course.status().job.id))
            }
            Call::Cancel(id) => self.step(Event::Cancel(id)).map(|()| Reply::Done),
            Call::Draw(_) => Err(PrintError::Failed("nobody draws it".into())),
        }
    }

    /// Draws beside everything else; what comes of it goes straight to who wants it.
    fn draw(&self, drawing: Drawing, answer: Answer) {
        let Drawing {
            kind,
            content,
            page,
            width,
            height,
        } = drawing;
        let side = |side: u32| u16::try_from(side).unwrap_or(u16::MAX);
        let order = drawing::Order {
            kind,
            page,
            width: side(width),
            height: side(height),
        };
        let fits = match kind {
            Kind::Text => Err(PrintError::BadInput("plain text is not drawn".into())),
            _ => document::size(&content, document::MAX_BYTES)
                .map(drop)
                .map_err(|error| PrintError::BadInput(error.to_string())),
        };
        if let Err(error) = fits {
            return answer.send(Err(error));
        }
        if !self.drawings.has_room() {
            let text = format!("{MAX_DRAWINGS} pages are drawn already");
            return answer.send(Err(PrintError::NotExpected(text)));
        }
        let tell = move |drawn: drawing::Drawn| {
            answer.send(drawn.map(|(picture, pages)| Reply::Drawn(picture, pages)));
        };
        if let Err(error) = self
            .drawings
            .start(&self.place.program, order, content, tell)
        {
            // Its answer went with it, which says that it has failed.
            tracing::error!("cannot start the thread of a page: {error}");
        }
    }

    fn said(&mut self, id: u64, word: Word) -> Result<(), PrintError> {
        // Marked first: whatever happens next, the printer is told to forget it.
        if let (Word::Taken(number), Some(printer)) = (word, &self.printer)
            && let Err(error) = self.marker.set(&printer.uri, number)
        {
            tracing::error!("cannot note which job was sent: {error}");
        }
        self.step(Event::Said(id, word))
    }

    fn step(&mut self, event: Event) -> Result<(), PrintError> {
        let before = self.course.status();
        let next = self.course.next(clock::now(), event);
        let (course, effects) = next.map_err(|refusal| match refusal {
            Refusal::NoPrinter => PrintError::NoPrinter(refusal.to_string()),
            Refusal::Busy | Refusal::NoJob => PrintError::NotExpected(refusal.to_string()),
        })?;
        self.course = course;
        let now = self.course.status();
        if before.printer != now.printer {
            tracing::info!("printer: {:?}", now.printer);
        }
        if before.job.state != now.job.state {
            tracing::info!("job {}: {:?}", now.job.id, now.job.state);
        }
        for effect in effects {
            self.carry_out(effect)?;
        }
        Ok(())
    }

    fn carry_out(&mut self, effect: Effect) -> Result<(), PrintError> {
        match effect {
            Effect::Run(id) => {
                if !self.start(id) {
                    return self.step(Event::Ended(id));
                }
            }
            Effect::Kill => {
                if let Some(program) = self.program.take() {
                    program.kill();
                }
            }
            Effect::Look(numbers) => {
                let is_under_way = self.course.status().job.state.is_under_way();
                let held = self.printer.clone().filter(|_| is_under_way);
                self.tell(Ask::Look(held.map(|printer| Held { printer, numbers })));
            }
            Effect::Revoke(_) => self.tell(Ask::Revoke),
            Effect::Forget(_) => self.tell(Ask::Forget),
        }
        Ok(())
    }

    fn tell(&self, ask: Ask) {
        if self.ask.send(ask).is_err() {
            tracing::error!("nobody talks to the printer any more");
        }
    }

    fn start(&mut self, id: u64) -> bool {
        let (Some(printer), Some((kind, content, copies))) =
            (self.printer.clone(), self.document.take())
        else {
            return false;
        };
        let order = Order {
            printer,
            kind,
            content,
            copies,
        };
        let program = Program::start(
            &self.place.program,
            order,
            id,
            self.sender.clone(),
            Input::Heard,
        );
        match program {
            Ok(program) => {
                self.program = Some(program);
                true
            }
            Err(error) => {
                tracing::error!("cannot start a job: {error}");
                false
            }
        }
    }

    /// Makes known where the course stands now, and sets the alarm.
    fn settle(&mut self) -> miette::Result<()> {
        self.alarm
            .set(
                self.course
                    .deadline()
                    .map(|at| at.max(std::time::Duration::from_millis(1))),
            )
            .into_diagnostic()
            .wrap_err("cannot set the alarm")?;
        self.publisher
            .set(&self.course.status())
            .into_diagnostic()
            .wrap_err("cannot publish the state")
    }
}
