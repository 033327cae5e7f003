// SPDX-License-Identifier: EUPL-1.2
//! The service on the bus: calls, time and ends of programs come to one worker.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use api::applications::{
    ApplicationsError, BUS_NAME, Call, Fall, Publisher, Request, Status, serve,
};
use clock::Alarm;
use miette::{IntoDiagnostic, WrapErr, miette};
use site::{Application, LastGood, LoadError};
use zbus::blocking::Connection;

use crate::arguments::arguments;
use crate::course::{Course, Effect, Event};
use crate::program::{End, Ended, Place, Program};

/// What wakes the worker.
enum Input {
    Call(Request),
    Tick,
    Ended(Ended<u64>),
    /// The bus is gone, and with it everybody who could ask.
    Gone,
}

/// Serves the applications of `site` on `connection`; calls `ready` once. Returns only when something went wrong.
pub fn run(
    connection: &Connection,
    site: &LastGood,
    place: Place,
    ready: impl FnOnce() -> miette::Result<()>,
) -> miette::Result<()> {
    let released = released(site)?;
    let status = status(&released, &Course::default());
    let (publisher, requests) = serve(connection, status)
        .into_diagnostic()
        .wrap_err("cannot serve de.amtsnah.Applications1")?;
    let (sender, inbox) = channel();
    let (calls, bus) = (sender.clone(), sender.clone());
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
    let (ended, ends) = channel();
    start("ends", move || {
        for end in ends {
            if sender.send(Input::Ended(end)).is_err() {
                return;
            }
        }
    })?;
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
        site,
        released,
        place,
        publisher,
        alarm,
        ended,
        course: Course::default(),
        program: None,
        runs: 0,
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

/// What the shell has accepted last.
fn released(site: &LastGood) -> Result<Vec<Application>, LoadError> {
    site.accepted().map(|loaded| loaded.site.applications)
}

fn status(released: &[Application], course: &Course) -> Status {
    Status {
        released: released.iter().map(|app| app.id.clone()).collect(),
        state: course.state(),
        application: course.application().unwrap_or_default().to_owned(),
        reason: course.reason(),
        retry: course.retry(),
    }
}

/// The I/O around a [`Course`].
struct Worker<'a> {
    site: &'a LastGood,
    released: Vec<Application>,
    place: Place,
    publisher: Publisher,
    alarm: Arc<Alarm>,
    ended: Sender<Ended<u64>>,
    course: Course,
    /// The program that runs, with its number.
    program: Option<(u64, Program)>,
    /// How many programs were run.
    runs: u64,
}

impl Worker<'_> {
    fn run(mut self, inbox: &Receiver<Input>) -> miette::Result<()> {
        loop {
            let input = inbox
                .recv()
                .into_diagnostic()
                .wrap_err("nothing can happen any more")?;
            let (result, answer) = match input {
                Input::Call(Request { call, answer }) => (self.call(call), Some(answer)),
                Input::Tick => (self.step(Event::Tick), None),
                Input::Gone => return Err(miette!("the system bus is gone")),
                Input::Ended(Ended { tag, end }) => {
                    // One that was ended on purpose tells nothing new.
                    if self.program.take_if(|(number, _)| *number == tag).is_none() {
                        continue;
                    }
                    let event = match end {
                        End::Done => Event::Ended,
                        End::Fell(fall) => Event::Fell(fall),
                    };
                    (self.step(event), None)
                }
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

    fn call(&mut self, call: Call) -> Result<(), ApplicationsError> {
        match call {
            Call::Start(id, size) => {
                // Read anew: a release that was taken back, or another certificate, is in force at once.
                self.released = released(self.site)
                    .map_err(|error| ApplicationsError::Failed(error.to_string()))?;
                if self.find(&id).is_none() {
                    let text = "the site releases no such application".to_owned();
                    return Err(ApplicationsError::NotReleased(text));
                }
                self.step(Event::Start(id, size))
            }
            Call::Stop => self.step(Event::Stop),
        }
    }

    fn find(&self, id: &str) -> Option<&Application> {
        self.released.iter().find(|app| app.id == id)
    }

    fn step(&mut self, event: Event) -> Result<(), ApplicationsError> {
        let next = self.course.next(clock::now(), event);
        let (course, effects) =
            next.map_err(|refusal| ApplicationsError::NotExpected(refusal.to_string()))?;
        if course.state() != self.course.state() {
            tracing::info!(state = course.state().as_str(), "state");
        }
        self.course = course;
        for effect in effects {
            match effect {
                Effect::Kill => {
                    if let Some((_, program)) = self.program.take() {
                        program.kill();
                    }
                }
                Effect::Run(id, size) => self.start(&id, size)?,
            }
        }
        Ok(())
    }

    /// Runs the program. That it cannot be run is a fall like any other.
    fn start(&mut self, id: &str, size: (u32, u32)) -> Result<(), ApplicationsError> {
        let Some(application) = self.find(id) else {
            return self.step(Event::Fell(Fall::Crashed));
        };
        let arguments = arguments(&application.rdp, size);
        self.runs += 1;
        let started = Program::start(&self.place, &arguments, self.ended.clone(), self.runs);
        match started {
            Ok(program) => {
                self.program = Some((self.runs, program));
                Ok(())
            }
            Err(error) => {
                tracing::error!("cannot start `{id}`: {error}");
                self.step(Event::Fell(Fall::Crashed))
            }
        }
    }

    /// Makes known where the course stands now, and sets the alarm.
    fn settle(&mut self) -> miette::Result<()> {
        self.alarm
            .set(self.course.deadline())
            .into_diagnostic()
            .wrap_err("cannot set the alarm")?;
        self.publisher
            .set(&status(&self.released, &self.course))
            .into_diagnostic()
            .wrap_err("cannot publish the state")
    }
}
