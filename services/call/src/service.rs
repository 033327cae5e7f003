// SPDX-License-Identifier: EUPL-1.2
//! The service on the bus: what callers want, what the other side does, and time come to one worker.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use api::call::papers::{self, PapersError};
use api::call::{BUS_NAME, Call, CallError, CallState, Publisher, Reason, Request, Status, serve};
use miette::{IntoDiagnostic, WrapErr, miette};
use tokio::signal::unix::{SignalKind, signal};
use zbus::blocking::Connection;

use crate::account::Account;
use crate::course::{Course, Effect, Event};
use crate::exchange::{Exchange, News, Place};
use crate::media::{self, Ends};
use crate::paperwork::Paperwork;
use crate::session;
use crate::spread::Size;
use crate::talk::{Input, Talk};
use crate::text;

/// It is looked so often whether something comes from the other side.
const LOOK: Duration = Duration::from_millis(500);

/// What wakes the worker.
enum Wake {
    Call(Request),
    Papers(papers::Request),
    Talk(u64, Input),
    /// Of so manyth place in the queue.
    Queue(u64, News),
    /// The visit is over.
    Over,
    /// The service has to end.
    Leave,
    /// The bus is gone, and with it everybody who could ask.
    Gone,
}

/// To say goodbye to everybody may take so long.
const GOODBYE: Duration = Duration::from_millis(1500);

/// Serves calls by way of `exchange` with `ends` on `connection`; calls `ready` once. Returns when it was told to end (SIGTERM), or when
/// something went wrong.
pub fn run(
    connection: &Connection,
    exchange: impl Exchange,
    ends: Ends,
    ready: impl FnOnce() -> miette::Result<()>,
) -> miette::Result<()> {
    // It looks through all its plugins: nobody who calls waits for that.
    media::start()
        .into_diagnostic()
        .wrap_err("cannot prepare the media")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("signalling")
        .enable_all()
        .build()
        .into_diagnostic()
        .wrap_err("cannot start the tasks of signalling")?;
    let (publisher, requests) = serve(connection, Status::default())
        .into_diagnostic()
        .wrap_err("cannot serve de.amtsnah.Call1")?;
    let (paperwork, asked) = papers::serve(connection)
        .into_diagnostic()
        .wrap_err("cannot serve de.amtsnah.Papers1")?;
    let (sender, inbox) = channel();
    let (calls, papers, bus) = (sender.clone(), sender.clone(), sender.clone());
    let visit = sender.clone();
    thread::Builder::new()
        .name("calls".into())
        .spawn(move || {
            while let Ok(request) = requests.recv_blocking() {
                if calls.send(Wake::Call(request)).is_err() {
                    return;
                }
            }
        })
        .into_diagnostic()
        .wrap_err("cannot start the thread `calls`")?;
    thread::Builder::new()
        .name("papers".into())
        .spawn(move || {
            while let Ok(request) = asked.recv_blocking() {
                if papers.send(Wake::Papers(request)).is_err() {
                    return;
                }
            }
        })
        .into_diagnostic()
        .wrap_err("cannot start the thread `papers`")?;
    // Nobody listens if the worker has ended too.
    api::bus::when_gone(connection, move || drop(bus.send(Wake::Gone)))
        .into_diagnostic()
        .wrap_err("cannot hear of the end of the system bus")?;
    session::when_over(connection, move || drop(visit.send(Wake::Over)))
        .into_diagnostic()
        .wrap_err("cannot follow the session service")?;
    leave_when_told(&runtime, sender.clone())
        .into_diagnostic()
        .wrap_err("cannot wait for signals")?;
    connection
        .request_name(BUS_NAME)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot take the name {BUS_NAME}"))?;
    ready()?;
    Worker {
        exchange,
        ends,
        publisher,
        paperwork: Paperwork::new(paperwork),
        sender,
        runtime: runtime.handle().clone(),
        course: Course::default(),
        place: None,
        invitation: None,
        talk: None,
        room: None,
        places: 0,
        calls: 0,
    }
    .run(&inbox)?;
    // Both sides of a call, and the queue, are told that it is over.
    let end = Instant::now() + GOODBYE;
    while runtime.metrics().num_alive_tasks() > 0 && Instant::now() < end {
        thread::sleep(Duration::from_millis(10));
    }
    runtime.shutdown_background();
    Ok(())
}

fn leave_when_told(runtime: &tokio::runtime::Runtime, sender: Sender<Wake>) -> std::io::Result<()> {
    let _entered = runtime.enter();
    let mut terminate = signal(SignalKind::terminate())?;
    runtime.spawn(async move {
        terminate.recv().await;
        // Nobody listens if the worker has ended too.
        let _ = sender.send(Wake::Leave);
    });
    Ok(())
}

struct Worker<E> {
    exchange: E,
    ends: Ends,
    publisher: Publisher,
    paperwork: Paperwork,
    sender: Sender<Wake>,
    runtime: tokio::runtime::Handle,
    course: Course,
    place: Option<Place>,
    /// Whom to call, and with what, once it is our turn.
    invitation: Option<(String, Box<Account>)>,
    talk: Option<Talk>,
    /// So much room has the picture, once somebody has said so.
    room: Option<Size>,
    /// How many places in the queue there were: of an old one nothing is heard.
    places: u64,
    /// How many calls there were: what an old one still tells is not heard.
    calls: u64,
}

impl<E: Exchange> Worker<E> {
    fn run(mut self, inbox: &Receiver<Wake>) -> miette::Result<()> {
        loop {
            let (mut answer, mut paper) = (None, None);
            let result = match inbox.recv_timeout(self.wait()) {
                Ok(Wake::Call(request)) => {
                    answer = Some(request.answer);
                    self.call(request.call)
                }
                Ok(Wake::Papers(request)) => {
                    paper = Some((request.answer, self.papers(request.call)));
                    Ok(())
                }
                Ok(Wake::Talk(call, input)) => {
                    if call == self.calls {
                        self.input(input);
                    }
                    Ok(())
                }
                Ok(Wake::Queue(place, news)) => {
                    if place == self.places {
                        self.queue(news);
                    }
                    Ok(())
                }
                Ok(Wake::Over) => {
                    self.over();
                    Ok(())
                }
                Ok(Wake::Leave) => {
                    self.over();
                    return Ok(());
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.look();
                    Ok(())
                }
                Ok(Wake::Gone) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(miette!("the system bus is gone"));
                }
            };
            if let Err(error) = &result {
                tracing::warn!("{error}");
            }
            // Whoever gets the answer finds the new state published.
            self.publisher
                .set(&status(&self.course))
                .into_diagnostic()
                .wrap_err("cannot publish the state")?;
            self.paperwork
                .publish()
                .into_diagnostic()
                .wrap_err("cannot publish the papers")?;
            if let Some(answer) = answer {
                answer.send(result);
            }
            if let Some((answer, result)) = paper {
                answer.send(result);
            }
        }
    }

    /// How long nothing has to be done.
    fn wait(&self) -> Duration {
        let deadline = self.course.deadline();
        let left = deadline.map(|at| at.saturating_sub(clock::now()));
        match (&self.talk, left) {
            (Some(_), left) => left.unwrap_or(LOOK).min(LOOK),
            (None, left) => left.unwrap_or(Duration::from_hours(1)),
        }
    }

    fn call(&mut self, call: Call) -> Result<(), CallError> {
        match call {
            Call::Call(department) => self.step(Event::Call(department)),
            Call::HangUp => self.step(Event::HangUp),
            Call::Pause(paused) => self.step(Event::Pause(paused)),
            Call::Mute(muted) => self.step(Event::Mute(muted)),
            Call::Room(width, height) => {
                self.room = Some((width, height));
                if let Some(talk) = &mut self.talk {
                    talk.room((width, height));
                }
                Ok(())
            }
            Call::SendText(piece) => {
                if !text::is_piece(&piece) {
                    return Err(CallError::BadInput("no text".to_owned()));
                }
                let sent = self.course.expects_flow()
                    && self.talk.as_ref().is_some_and(|talk| talk.send(&piece));
                if sent {
                    Ok(())
                } else {
                    let text = "there is no way for text now".to_owned();
                    Err(CallError::NotExpected(text))
                }
            }
        }
    }

    fn papers(&mut self, call: papers::Call) -> Result<papers::Reply, PapersError> {
        match &self.talk {
            Some(talk) if self.course.state().is_answered() => {
                self.paperwork.call(call, |message| talk.pass(message))
            }
            _ => Err(PapersError::NotExpected("there is no call".to_owned())),
        }
    }

    /// Takes in what becomes of our place in the queue.
    fn queue(&mut self, news: News) {
        let event = match news {
            News::Stands(standing) => Event::Stands(standing),
            News::Called(callee, account) => {
                self.invitation = Some((callee, account));
                Event::Called
            }
            News::Gone => Event::Gone,
            News::Refused(reason) => Event::Refused(reason),
        };
        self.follow(event);
    }

    /// Whoever called is gone.
    fn over(&mut self) {
        if !matches!(self.course.state(), CallState::Idle | CallState::Ended) {
            self.follow(Event::HangUp);
        }
    }

    /// Takes in what happened to the call.
    fn input(&mut self, input: Input) {
        let Some(talk) = &mut self.talk else { return };
        match &input {
            Input::Media(number, media::Event::PapersOpen) if talk.is(*number) => {
                self.paperwork.open(|message| talk.pass(message));
            }
            Input::Media(number, media::Event::Papers(bytes)) if talk.is(*number) => {
                self.paperwork.take(bytes, |message| talk.pass(message));
                talk.share(self.paperwork.shares());
            }
            _ => {}
        }
        if let Input::Media(_, media::Event::Text(piece)) = &input {
            // Nobody reads while the call is paused.
            if self.course.expects_flow()
                && let Err(error) = self.publisher.text(piece)
            {
                tracing::error!("cannot announce text: {error}");
            }
            return;
        }
        let paused = self.course.paused();
        for event in talk.take(input, paused, self.course.lost()) {
            self.follow(event);
        }
    }

    /// Looks at the time and at what has come.
    fn look(&mut self) {
        if self.course.expects_flow()
            && let Some(flow) = self.talk.as_mut().and_then(|talk| talk.flow(clock::now()))
        {
            self.follow(if flow { Event::Flows } else { Event::Stalled });
        }
        self.follow(Event::Tick);
    }

    /// An event that nobody has asked for has no place to be refused in.
    fn follow(&mut self, event: Event) {
        if let Err(error) = self.step(event) {
            tracing::warn!("{error}");
        }
    }

    fn step(&mut self, event: Event) -> Result<(), CallError> {
        let next = self.course.next(clock::now(), event);
        let (course, effects) =
            next.map_err(|refusal| CallError::NotExpected(refusal.to_string()))?;
        if course.state() != self.course.state() {
            let reason = course.reason().map(Reason::as_str);
            tracing::info!(state = course.state().as_str(), reason, "state");
        }
        self.course = course;
        for effect in effects {
            self.perform(effect);
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Enter(department) => {
                self.places += 1;
                let (sender, place) = (self.sender.clone(), self.places);
                // Nobody listens if the worker has ended.
                let tell = Arc::new(move |news| drop(sender.send(Wake::Queue(place, news))));
                self.place = Some(self.exchange.enter(&self.runtime, department, tell));
            }
            Effect::Leave => (self.place, self.invitation) = (None, None),
            Effect::Begin => {
                self.calls += 1;
                self.paperwork.clear();
                if let Err(reason) = self.begin() {
                    self.follow(Event::Failed(reason));
                }
            }
            // Dropping it ends it.
            Effect::End => {
                self.talk = None;
                self.paperwork.clear();
            }
            Effect::Tell(paused) => {
                if let Some(talk) = &mut self.talk {
                    talk.tell(paused);
                }
            }
            Effect::Hush(hushed) => {
                if let Some(talk) = &mut self.talk {
                    talk.hush(hushed);
                }
            }
            Effect::Mute(muted) => {
                if let Some(talk) = &mut self.talk {
                    talk.mute(muted);
                }
            }
            Effect::Mend => {
                if let Some(talk) = &mut self.talk
                    && let Err(error) = talk.mend()
                {
                    tracing::error!("{error}");
                    self.follow(Event::Failed(Reason::Device));
                }
            }
        }
    }

    fn begin(&mut self) -> Result<(), Reason> {
        let (callee, account) = self.invitation.take().ok_or(Reason::Failed)?;
        let (sender, call) = (self.sender.clone(), self.calls);
        // Nobody listens if the worker has ended.
        let tell = Arc::new(move |input| drop(sender.send(Wake::Talk(call, input))));
        let runtime = self.runtime.clone();
        let talk = Talk::begin(
            runtime,
            *account,
            callee,
            (self.ends.clone(), self.room),
            tell,
        );
        self.talk = Some(talk.map_err(|error| {
            tracing::error!("{error}");
            Reason::Device
        })?);
        Ok(())
    }
}

fn status(course: &Course) -> Status {
    Status {
        state: course.state(),
        department: course.department().to_owned(),
        reason: course.reason(),
        muted: course.muted(),
        unseen: course.unseen(),
        position: course.standing().map(|standing| standing.position),
        wait: course.standing().and_then(|standing| standing.wait),
    }
}
