// SPDX-License-Identifier: EUPL-1.2
//! `session`: the service that answers `de.amtsnah.Session1`.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use api::session::{
    BUS_NAME, Call, MAX_SERVICE, Publisher, Reply, Request, SessionError, is_language, is_manner,
};
use clap::Parser;
use clock::Alarm;
use miette::{IntoDiagnostic, WrapErr, miette};
use session::course::{Course, Effect, Event, Refusal};
use session::erasure::Erasure;
use session::marker::Marker;
use session::store::{Store, StoreError};
use session::usage::{OTHER, Usage};
use site::{Language, LastGood, Site};

/// A session cannot be erased: only a restart of the device is as good (`FailureAction=` in the unit).
const CANNOT_ERASE: u8 = 75;

/// One person's time at the device; answers de.amtsnah.Session1 on the system bus.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The image's site configuration.
    #[arg(long, default_value = "/usr/share/amtsnah/site/site.toml")]
    site: PathBuf,
    /// The image's service descriptions.
    #[arg(long, default_value = "/usr/share/amtsnah/site/procedures.xml")]
    procedures: PathBuf,
    /// The directory of newer ones of both.
    #[arg(long, default_value = "/var/lib/site")]
    site_store: PathBuf,
    /// The directory of the usage figures.
    #[arg(long, default_value = "/var/lib/session")]
    state: PathBuf,
    /// A directory in memory that outlives the service.
    #[arg(long, default_value = "/run/session")]
    runtime: PathBuf,
    /// The control group of everything that runs for a session.
    #[arg(long, default_value = "/sys/fs/cgroup/session.slice")]
    slice: PathBuf,
    /// The unit of the shell in it.
    #[arg(long, default_value = "shell.service")]
    shell: String,
}

fn main() -> ExitCode {
    journal::start("info");
    match run(&Args::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

/// What wakes the worker.
enum Input {
    Call(Request),
    Tick,
    Progress(u8),
    Erased(bool),
    /// The bus is gone, and with it everybody who could ask.
    Gone,
}

fn run(args: &Args) -> miette::Result<ExitCode> {
    let site = LastGood::new(&args.site, &args.site_store);
    let procedures = procedures::LastGood::new(&args.procedures, &args.site_store);
    let figures = args.state.join("usage.json");
    let usage = Usage::load(&figures).unwrap_or_else(|error| {
        // Counting anew is better than serving nobody.
        tracing::error!("the usage figures are lost: {error}");
        Usage::default()
    });
    let marker = Marker::in_dir(&args.runtime);
    let fell = marker
        .is_set()
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot look into {}", args.runtime.display()))?;
    let course = if fell {
        Course::interrupted()
    } else {
        Course::idle()
    };
    let connection = api::bus::system()
        .into_diagnostic()
        .wrap_err("cannot reach the system bus")?;
    let (publisher, requests) = api::session::serve(&connection, course.status())
        .into_diagnostic()
        .wrap_err("cannot serve de.amtsnah.Session1")?;
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
    let (ticks, rings) = (sender.clone(), Arc::clone(&alarm));
    start("alarm", move || {
        while rings.wait().is_ok() && ticks.send(Input::Tick).is_ok() {}
    })?;
    let bus = sender.clone();
    // Nobody listens if the worker has ended too.
    api::bus::when_gone(&connection, move || drop(bus.send(Input::Gone)))
        .into_diagnostic()
        .wrap_err("cannot hear of the end of the system bus")?;
    connection
        .request_name(BUS_NAME)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot take the name {BUS_NAME}"))?;
    sd_notify::notify(false, &[sd_notify::NotifyState::Ready])
        .into_diagnostic()
        .wrap_err("cannot tell systemd that the service is there")?;
    Worker {
        site,
        procedures,
        services: Services::default(),
        figures,
        usage,
        marker,
        erasure: Erasure::new(&args.slice, &args.shell),
        store: Store::default(),
        publisher,
        alarm,
        sender,
        course,
    }
    .run(&inbox, fell)
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> miette::Result<()> {
    thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .map(drop)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot start the thread `{name}`"))
}

/// The services that are counted by their own name, as read for a session.
#[derive(Default)]
struct Services {
    names: HashSet<String>,
    /// For reading the descriptions, which takes long where there are many: not before one of them is used.
    unread: Option<Site>,
}

impl Services {
    fn of(site: Site) -> Self {
        Self {
            names: site.departments.iter().map(|d| d.id.clone()).collect(),
            unread: Some(site),
        }
    }

    fn contains(&mut self, name: &str, procedures: &procedures::LastGood) -> bool {
        if !self.names.contains(name)
            && let Some(site) = self.unread.take()
        {
            let loaded = procedures.load(&site).procedures;
            self.names
                .extend(loaded.all().iter().map(|procedure| procedure.id.clone()));
        }
        self.names.contains(name)
    }
}

/// The I/O around a [`Course`].
struct Worker {
    site: LastGood,
    procedures: procedures::LastGood,
    services: Services,
    figures: PathBuf,
    usage: Usage,
    marker: Marker,
    erasure: Erasure,
    store: Store,
    publisher: Publisher,
    alarm: Arc<Alarm>,
    sender: Sender<Input>,
    course: Course,
}

impl Worker {
    fn run(mut self, inbox: &Receiver<Input>, fell: bool) -> miette::Result<ExitCode> {
        if fell {
            tracing::warn!("the service fell during a session, which ends now");
            self.erase()?;
        }
        loop {
            let input = inbox
                .recv()
                .into_diagnostic()
                .wrap_err("nothing can happen any more")?;
            match input {
                Input::Call(Request { call, answer }) => {
                    let result = self.call(call);
                    if let Err(SessionError::Failed(error)) = &result {
                        tracing::error!("{error}");
                    }
                    answer.send(result);
                }
                Input::Gone => return Err(miette!("the system bus is gone")),
                Input::Tick => self.happened(Event::Tick)?,
                Input::Progress(percent) => self.happened(Event::Progress(percent))?,
                Input::Erased(true) => {
                    self.marker
                        .clear()
                        .into_diagnostic()
                        .wrap_err("cannot note that all is erased")?;
                    self.happened(Event::Clean)?;
                }
                // The marker stays: whatever comes next erases first.
                Input::Erased(false) => return Ok(ExitCode::from(CANNOT_ERASE)),
            }
        }
    }

    /// What is no call is never refused; that it does not fit only means that it came late.
    fn happened(&mut self, event: Event) -> miette::Result<()> {
        match self.step(event) {
            Ok(()) | Err(SessionError::NotExpected(_)) => Ok(()),
            Err(error) => Err(miette!("{error}")),
        }
    }

    fn step(&mut self, event: Event) -> Result<(), SessionError> {
        let failed = |error: &dyn std::fmt::Display| SessionError::Failed(error.to_string());
        let before = self.course.state();
        let (course, effects) =
            self.course
                .next(clock::now(), event)
                .map_err(|refusal| match refusal {
                    Refusal::BadRating => SessionError::BadInput(refusal.to_string()),
                    Refusal::NotExpected(_) | Refusal::RatedAlready => {
                        SessionError::NotExpected(refusal.to_string())
                    }
                })?;
        if effects.contains(&Effect::Open) {
            // Without it a fallen service would not know: then nobody is let in.
            self.marker.set().map_err(|e| failed(&e))?;
        }
        self.course = course;
        for effect in effects {
            match effect {
                Effect::Open => {}
                Effect::Erase => self.erase().map_err(|e| failed(&e))?,
                Effect::Count(record) => {
                    self.usage.count(&record);
                    if let Err(error) = self.usage.save(&self.figures) {
                        tracing::error!("a session is not counted: {error}");
                    }
                }
            }
        }
        if self.course.state() != before {
            tracing::info!(state = self.course.state().as_str(), "state");
        }
        self.alarm
            .set(self.course.deadline())
            .map_err(|e| failed(&e))?;
        self.publisher
            .set(&self.course.status())
            .map_err(SessionError::ZBus)
    }

    /// Erases the documents at once and begins with the rest.
    fn erase(&mut self) -> miette::Result<()> {
        self.store.clear();
        let (erasure, publisher, sender) = (
            self.erasure.clone(),
            self.publisher.clone(),
            self.sender.clone(),
        );
        start("erasure", move || {
            let ask = || {
                // Whoever is not asked is ended all the same.
                if let Err(error) = publisher.ask_to_leave() {
                    tracing::warn!("the shell cannot be asked to leave: {error}");
                }
            };
            let tell = |percent| {
                // The worker lives as long as the process.
                let _ = sender.send(Input::Progress(percent));
            };
            let result = erasure.run(ask, tell);
            if let Err(error) = &result {
                tracing::error!("the session cannot be erased: {error}");
            }
            let _ = sender.send(Input::Erased(result.is_ok()));
        })
    }

    fn call(&mut self, call: Call) -> Result<Reply, SessionError> {
        let done = |()| Reply::Done;
        match call {
            Call::Begin(language) => {
                let language = spoken(&language)?;
                let site = self.load()?;
                let limits = site.session;
                self.step(Event::Begin(language, limits))?;
                self.services = Services::of(site);
                Ok(Reply::Done)
            }
            Call::Speak(language) => self.step(Event::Speak(spoken(&language)?)).map(done),
            Call::Prefer(manner) if is_manner(&manner) => {
                self.step(Event::Prefer(manner)).map(done)
            }
            Call::Prefer(_) => Err(SessionError::BadInput("this is no manner".into())),
            Call::Presence => self.step(Event::Presence).map(done),
            Call::Extend => self.step(Event::Extend).map(done),
            Call::Note(service) => {
                let service = self.known(service)?;
                self.step(Event::Note(service)).map(done)
            }
            Call::End(outcome) => self.step(Event::End(outcome)).map(done),
            Call::Rate(rating) => self.step(Event::Rate(rating)).map(done),
            Call::Create(..) | Call::List | Call::Open(_) | Call::Drop(_)
                if !self.course.state().is_open() =>
            {
                Err(SessionError::NotExpected("there is no session".into()))
            }
            Call::Create(kind, content) => {
                let id = self
                    .store
                    .create(kind, content)
                    .map_err(|error| refused(&error))?;
                Ok(Reply::Created(id))
            }
            Call::List => Ok(Reply::Listed(self.store.list())),
            Call::Open(id) => self
                .store
                .open(id)
                .map(Reply::Opened)
                .map_err(|error| refused(&error)),
            Call::Drop(id) => self
                .store
                .remove(id)
                .map(done)
                .map_err(|error| refused(&error)),
        }
    }

    /// The site configuration in use: read for each session, as the shell reads it when its process is new.
    fn load(&self) -> Result<Site, SessionError> {
        let loaded = self.site.load();
        loaded
            .map(|loaded| loaded.site)
            .map_err(|error| SessionError::Failed(error.to_string()))
    }

    /// The service's name if the place has it: no other word is ever kept.
    fn known(&mut self, service: String) -> Result<String, SessionError> {
        if service.is_empty() || service.len() > MAX_SERVICE {
            return Err(SessionError::BadInput("this is no service's name".into()));
        }
        let known = self.services.contains(&service, &self.procedures);
        Ok(if known { service } else { OTHER.to_owned() })
    }
}

fn spoken(language: &str) -> Result<Language, SessionError> {
    Some(language)
        .filter(|language| is_language(language))
        .and_then(Language::from_tag)
        .ok_or_else(|| SessionError::BadInput("this is no language of the device".into()))
}

fn refused(error: &StoreError) -> SessionError {
    use api::session::document::DocumentError;
    let text = error.to_string();
    match error {
        StoreError::Full | StoreError::Document(DocumentError::TooLarge { .. }) => {
            SessionError::NoRoom(text)
        }
        StoreError::Unknown(_) => SessionError::NotFound(text),
        StoreError::Document(DocumentError::NotSealed | DocumentError::Empty) => {
            SessionError::BadInput(text)
        }
        StoreError::Document(DocumentError::Memory { .. }) => SessionError::Failed(text),
    }
}
