// SPDX-License-Identifier: EUPL-1.2
//! `clerk`: the service that answers `de.amtsnah.Clerk1`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use api::clerk::{
    BUS_NAME, Call, ClerkError, Publisher, Request, Task, password_is_acceptable, serve,
};
use api::secret::SecretPipe;
use clap::Parser;
use clerk::course::{Course, Event, Found, Refusal};
use clerk::lid::Lids;
use clerk::marker::Marker;
use clerk::sleep::Sleeps;
use clerk::store::{Kept, Store};
use clock::Alarm;
use miette::{IntoDiagnostic, WrapErr, miette};
use password::Hash;
use site::LastGood;

/// Who is signed in at this case; answers de.amtsnah.Clerk1 on the system bus.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The image's site configuration.
    #[arg(long, default_value = "/usr/share/amtsnah/site/site.toml")]
    site: PathBuf,
    /// The directory of newer ones.
    #[arg(long, default_value = "/var/lib/site")]
    site_store: PathBuf,
    /// The directory of the password's hash.
    #[arg(long, default_value = "/var/lib/clerk")]
    state: PathBuf,
    /// A directory in memory that outlives the service.
    #[arg(long, default_value = "/run/clerk")]
    runtime: PathBuf,
}

/// What wakes the worker.
enum Input {
    Call(Request),
    Tick,
    /// The device goes to sleep, or its lid is closed.
    Away(&'static str),
    /// The bus is gone, and with it everybody who could ask.
    Gone,
}

fn main() -> miette::Result<()> {
    journal::start("info");
    let args = Args::parse();
    let store = Store::in_dir(&args.state);
    let marker = Marker::in_dir(&args.runtime);
    let (kept, found) = match store.load() {
        Ok(None) => (None, Found::Nothing),
        Ok(Some(kept)) => {
            let tries = kept.tries;
            (Some(kept), Found::Password(tries))
        }
        Err(error) => {
            tracing::error!("nobody can sign in: {:?}", miette!("{error}"));
            (None, Found::Damaged)
        }
    };
    let was_in = marker
        .is_set()
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot look into {}", args.runtime.display()))?;
    let course = Course::new(found, was_in, clock::now());
    let connection = api::bus::system()
        .into_diagnostic()
        .wrap_err("cannot reach the system bus")?;
    let (publisher, requests) = serve(&connection, course.status())
        .into_diagnostic()
        .wrap_err("cannot serve de.amtsnah.Clerk1")?;
    let (sender, inbox) = channel();
    let calls = sender.clone();
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
    let sleeps = Sleeps::follow(&connection)
        .into_diagnostic()
        .wrap_err("cannot hear when the device goes to sleep")?;
    let asleep = sender.clone();
    start("sleep", move || {
        for () in sleeps {
            if asleep
                .send(Input::Away("the device goes to sleep"))
                .is_err()
            {
                return;
            }
        }
    })?;
    let lids = Lids::follow(&connection)
        .into_diagnostic()
        .wrap_err("cannot hear when the lid is closed")?;
    let closed = sender.clone();
    start("lid", move || {
        for () in lids {
            if closed.send(Input::Away("the lid is closed")).is_err() {
                return;
            }
        }
    })?;
    // Nobody listens if the worker has ended too.
    api::bus::when_gone(&connection, move || drop(sender.send(Input::Gone)))
        .into_diagnostic()
        .wrap_err("cannot hear of the end of the system bus")?;
    let mut worker = Worker {
        site: LastGood::new(&args.site, &args.site_store),
        store,
        marker,
        kept,
        publisher,
        alarm,
        course,
    };
    worker.settle()?;
    connection
        .request_name(BUS_NAME)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot take the name {BUS_NAME}"))?;
    sd_notify::notify(false, &[sd_notify::NotifyState::Ready])
        .into_diagnostic()
        .wrap_err("cannot tell systemd that the service is there")?;
    worker.run(&inbox)
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
    site: LastGood,
    store: Store,
    marker: Marker,
    kept: Option<Kept>,
    publisher: Publisher,
    alarm: Arc<Alarm>,
    course: Course,
}

fn failed(error: impl std::fmt::Display) -> ClerkError {
    ClerkError::Failed(error.to_string())
}

fn refused(refusal: Refusal) -> ClerkError {
    match refusal {
        Refusal::NotExpected(_) => ClerkError::NotExpected(refusal.to_string()),
        Refusal::TooEarly => ClerkError::TooEarly(refusal.to_string()),
    }
}

impl Worker {
    fn run(mut self, inbox: &Receiver<Input>) -> miette::Result<()> {
        loop {
            let input = inbox
                .recv()
                .into_diagnostic()
                .wrap_err("nothing can happen any more")?;
            match input {
                Input::Call(Request { call, answer }) => {
                    let result = self.call(call);
                    if let Err(ClerkError::Failed(error)) = &result {
                        tracing::error!("{error}");
                    }
                    // Whoever gets the answer finds the new state published.
                    self.settle()?;
                    answer.send(result);
                }
                Input::Away(why) => {
                    // Nobody is there to lock out where this is refused.
                    if self.step(Event::Lock).is_ok() {
                        tracing::info!("locked: {why}");
                    }
                    self.settle()?;
                }
                Input::Gone => return Err(miette!("the system bus is gone")),
                Input::Tick => {
                    self.step(Event::Tick).map_err(|error| miette!("{error}"))?;
                    self.settle()?;
                }
            }
        }
    }

    fn call(&mut self, call: Call) -> Result<(), ClerkError> {
        match call {
            Call::Password(task, pipe) => self.password(task, pipe),
            Call::Lock => self.step(Event::Lock),
            Call::SignOut => self.step(Event::SignOut),
            Call::Presence => self.step(Event::Presence),
        }
    }

    fn step(&mut self, event: Event) -> Result<(), ClerkError> {
        self.course = self.course.next(clock::now(), event).map_err(refused)?;
        Ok(())
    }

    /// Makes known where the course stands now, and sets the alarm.
    fn settle(&mut self) -> miette::Result<()> {
        self.marker
            .set(self.course.is_in())
            .into_diagnostic()
            .wrap_err("cannot note whether the clerk is signed in")?;
        self.alarm
            .set(self.course.deadline())
            .into_diagnostic()
            .wrap_err("cannot set the alarm")?;
        self.publisher
            .set(self.course.status())
            .into_diagnostic()
            .wrap_err("cannot publish the state")
    }

    fn password(&mut self, task: Task, pipe: SecretPipe) -> Result<(), ClerkError> {
        self.course.accepts(clock::now(), task).map_err(refused)?;
        let bad = |error: &dyn std::fmt::Display| ClerkError::BadInput(error.to_string());
        let password = pipe.read().map_err(|error| bad(&error))?;
        if task == Task::Choose {
            if !password_is_acceptable(password.expose()) {
                return Err(bad(&"too weak to be chosen"));
            }
            let hash = Hash::of(&password).map_err(failed)?;
            // What can fail comes first: a password that is kept is in force.
            let away = self.away()?;
            self.keep(Kept { hash, tries: 0 })?;
            return self.step(Event::Chosen(away));
        }
        let away = self.away()?;
        let Some(hash) = self.kept.as_ref().map(|kept| kept.hash.clone()) else {
            return Err(failed("there is no password"));
        };
        // Counted for good before anybody looks: a power cut does not give the try back.
        let course = self
            .course
            .next(clock::now(), Event::Try(task))
            .map_err(refused)?;
        let tries = course.tries();
        self.keep(Kept {
            hash: hash.clone(),
            tries,
        })?;
        self.course = course;
        match hash.is_of(&password) {
            Ok(true) => {
                // Whether the count can be taken back or not: the password is right.
                if let Err(error) = self.keep(Kept { hash, tries: 0 }) {
                    tracing::error!("wrong tries stay counted: {error}");
                }
                self.step(Event::Right(away))
            }
            Ok(false) => {
                self.step(Event::Wrong)?;
                tracing::warn!(tries, "a wrong password");
                Err(ClerkError::WrongPassword("not the password".into()))
            }
            Err(error) => {
                self.step(Event::Wrong)?;
                Err(failed(error))
            }
        }
    }

    fn keep(&mut self, kept: Kept) -> Result<(), ClerkError> {
        self.store.save(&kept).map_err(failed)?;
        self.kept = Some(kept);
        Ok(())
    }

    /// How long the clerk may be away, from the site configuration in use: read anew each time, as the shell does.
    fn away(&self) -> Result<Duration, ClerkError> {
        let loaded = self.site.load().map_err(failed)?;
        Ok(loaded.site.clerk.lock)
    }
}
