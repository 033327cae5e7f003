// SPDX-License-Identifier: EUPL-1.2
//! The loop: everything that happens becomes an event of the shell, and what changed is shown once a frame.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use site::{LastGood, Origin};
use smithay_client_toolkit::compositor::{CompositorState, FrameCallbackData};
use smithay_client_toolkit::output::OutputState;
use smithay_client_toolkit::reexports::calloop::generic::Generic;
use smithay_client_toolkit::reexports::calloop::timer::{TimeoutAction, Timer};
use smithay_client_toolkit::reexports::calloop::{
    self, EventLoop, Interest, LoopHandle, LoopSignal, Mode, PostAction, RegistrationToken,
};
use smithay_client_toolkit::reexports::calloop_wayland_source::WaylandSource;
use smithay_client_toolkit::reexports::client::globals::{
    BindError, GlobalError, registry_queue_init,
};
use smithay_client_toolkit::reexports::client::protocol::{
    wl_keyboard::WlKeyboard, wl_output::Transform, wl_pointer::WlPointer, wl_touch::WlTouch,
};
use smithay_client_toolkit::reexports::client::{Connection, QueueHandle};
use smithay_client_toolkit::registry::RegistryState;
use smithay_client_toolkit::seat::SeatState;
use smithay_client_toolkit::shell::WaylandSurface;
use smithay_client_toolkit::shell::xdg::XdgShell;
use smithay_client_toolkit::shell::xdg::window::{Window, WindowDecorations};
use smithay_client_toolkit::shm::Shm;

use super::applications::Applications;
use super::buffers::{BufferError, Buffers};
use super::frame::Frame;
use super::typist::Typist;
use crate::applications;
use crate::battery;
use crate::braille;
use crate::call;
use crate::canvas::{Canvas, Rect};
use crate::catalogue::Catalogue;
use crate::clerk;
use crate::event::{
    Call, Clerk, Effect, Event, PapersRequest, ScanRequest, Session, SessionRequest, Trust,
};
use crate::inventory;
use crate::network;
use crate::papers;
use crate::runtime::Runtime;
use crate::session;
use crate::sound;
use crate::ssip;
use crate::store::Arrival;
use crate::system::Clock;
use crate::trust;
use crate::{print, scan};

/// What the loop needs besides the compositor.
pub struct Options {
    /// Where site configurations come from.
    pub site: LastGood,
    /// Where service descriptions come from.
    pub procedures: procedures::LastGood,
    /// When newer ones can be read.
    pub store: Arrival,
    /// Whether to follow the services.
    pub services: bool,
    /// The directory in which brltty's socket comes, when a Braille line does.
    pub braille: PathBuf,
    /// The directory of the fonts, for what is printed.
    pub fonts: PathBuf,
    /// Tells the time.
    pub clock: Clock,
    /// The size to begin with where the compositor leaves it to us.
    pub size: (u32, u32),
}

/// Why the shell ends, other than with a session.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The compositor lacks something.
    #[error("the compositor does not offer {what}")]
    Bind {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        source: BindError,
    },
    /// The compositor says nothing.
    #[error("the compositor does not tell what it offers")]
    Globals(#[from] GlobalError),
    /// The loop failed.
    #[error("cannot {operation} the event loop")]
    Loop {
        /// What was tried.
        operation: &'static str,
        /// Why.
        #[source]
        source: calloop::Error,
    },
    /// A picture could not be shown.
    #[error("cannot show the screen")]
    Show(#[from] BufferError),
    /// The threads for the services could not be started.
    #[error("cannot start the threads for the services")]
    Threads(#[source] std::io::Error),
    /// The compositor went away or closed the window.
    #[error("the compositor has closed the window")]
    Closed,
}

/// The window and all it is connected to.
pub(super) struct App {
    pub(super) registry: RegistryState,
    pub(super) seats: SeatState,
    pub(super) outputs: OutputState,
    pub(super) shm: Shm,
    pub(super) window: Window,
    pub(super) frame: Option<Frame>,
    pub(super) applications: Applications,
    pub(super) typist: Option<Typist>,
    pub(super) runtime: Runtime,
    pub(super) keyboard: Option<WlKeyboard>,
    pub(super) pointer: Option<WlPointer>,
    pub(super) touch: Option<WlTouch>,
    pub(super) end: Option<RunError>,
    pub(super) size: Option<(u32, u32)>,
    buffers: Option<Buffers>,
    /// What changed since the last picture was handed over.
    damage: Option<Rect>,
    /// Whether the compositor has yet to show the last picture.
    waiting: bool,
    ready: bool,
    fallback: (u32, u32),
    handle: LoopHandle<'static, App>,
    signal: LoopSignal,
    timer: Option<RegistrationToken>,
    clock: Clock,
    site: LastGood,
    procedures: procedures::LastGood,
    trust: Option<trust::Link>,
    session: Option<session::Link>,
    clerk: Option<clerk::Link>,
    call: Option<call::Link>,
    papers: Option<papers::Link>,
    released: Option<applications::Link>,
    print: Option<print::Link>,
    scan: Option<scan::Link>,
    voice: Option<ssip::Link>,
    braille: braille::Display,
    /// Whether the shell was asked to end.
    left: bool,
    queue: QueueHandle<App>,
}

/// Runs the shell until its session ends or the compositor is gone.
pub fn run(connection: &Connection, runtime: Runtime, options: Options) -> Result<(), RunError> {
    let failed = |operation| move |source| RunError::Loop { operation, source };
    let (globals, events) = registry_queue_init::<App>(connection)?;
    let queue = events.handle();
    let mut event_loop = EventLoop::<App>::try_new().map_err(failed("make"))?;
    let handle = event_loop.handle();
    let inserted = WaylandSource::new(connection.clone(), events).insert(handle.clone());
    inserted.map_err(|error| RunError::Loop {
        operation: "add Wayland to",
        source: error.error,
    })?;

    let bind = |what| move |source| RunError::Bind { what, source };
    let compositor = CompositorState::bind(&globals, &queue).map_err(bind("wl_compositor"))?;
    let xdg = XdgShell::bind(&globals, &queue).map_err(bind("xdg_wm_base"))?;
    let shm = Shm::bind(&globals, &queue).map_err(bind("wl_shm"))?;
    let window = whole_screen(&xdg, &compositor, &queue);
    let frame = Frame::new(&globals, &queue, &compositor, &shm)?;
    let seats = SeatState::new(&globals, &queue);
    let typist = seats.seats().next();
    let typist = typist.and_then(|seat| Typist::new(&globals, &queue, &seat));

    let trust = follow(&handle, options.services, Event::Trust, |news| {
        trust::Link::start(move |told: Trust| news.send(told).is_ok())
    })?;
    let session = follow(&handle, options.services, Event::Session, |news| {
        session::Link::start(move |told: Session| news.send(told).is_ok())
    })?;
    let is_case = options.services && runtime.state().clerk.is_some();
    let clerk = follow(&handle, is_case, Event::Clerk, |news| {
        clerk::Link::start(move |told: Clerk| news.send(told).is_ok())
    })?;
    let is_terminal = options.services && runtime.state().clerk.is_none();
    let call = follow(&handle, is_terminal, Event::Call, |news| {
        call::Link::start(move |told: Call| news.send(told).is_ok())
    })?;
    let papers = follow(&handle, is_terminal, shown, |news| {
        papers::Link::start(move |told| news.send(told).is_ok())
    })?;
    let released = follow(&handle, is_case, Event::Applications, |news| {
        applications::Link::start(move |told| news.send(told).is_ok())
    })?;
    let fonts = options.fonts;
    let print = follow(&handle, options.services, told, |news| {
        print::Link::start(fonts, move |told| news.send(told).is_ok())
    })?;
    let scan = follow(&handle, options.services, seen, |news| {
        scan::Link::start(move |told| news.send(told).is_ok())
    })?;
    listen(&handle, options.services, is_case)?;
    let voice = options
        .services
        .then(|| ssip::Link::start(Path::new(ssip::SOCKET)));
    let voice = voice.transpose().map_err(RunError::Threads)?;
    let braille = feel(&handle, options.braille)?;
    watch(&handle, options.store)?;

    let mut app = App {
        registry: RegistryState::new(&globals),
        seats,
        outputs: OutputState::new(&globals, &queue),
        shm,
        window,
        frame,
        applications: Applications::new(&globals, &queue),
        typist,
        runtime,
        keyboard: None,
        pointer: None,
        touch: None,
        end: None,
        size: None,
        buffers: None,
        damage: None,
        waiting: false,
        ready: false,
        fallback: options.size,
        handle,
        signal: event_loop.get_signal(),
        timer: None,
        clock: options.clock,
        site: options.site,
        procedures: options.procedures,
        trust,
        session,
        clerk,
        call,
        papers,
        released,
        print,
        scan,
        voice,
        braille,
        left: false,
        queue,
    };
    app.tick();
    event_loop
        .run(None, &mut app, App::show)
        .map_err(failed("run"))?;
    match app.end {
        None if app.left => Ok(()),
        end => Err(end.unwrap_or(RunError::Closed)),
    }
}

/// The shell's own window.
fn whole_screen(xdg: &XdgShell, compositor: &CompositorState, queue: &QueueHandle<App>) -> Window {
    let surface = compositor.create_surface(queue);
    let window = xdg.create_window(surface, WindowDecorations::None, queue);
    window.set_title("Amtsnah");
    window.set_app_id("de.amtsnah.shell");
    window.set_fullscreen(None);
    window.commit();
    window
}

/// Takes in the news of the services that are asked for nothing.
fn listen(
    handle: &LoopHandle<'static, App>,
    services: bool,
    is_case: bool,
) -> Result<(), RunError> {
    follow(handle, is_case, Event::Battery, |news| {
        battery::start(move |told| news.send(told).is_ok())
    })?;
    follow(handle, is_case, Event::Devices, |news| {
        inventory::follow(move |told| news.send(told).is_ok())
    })?;
    follow(handle, services, Event::Link, |news| {
        network::follow(move |told| news.send(told).is_ok())
    })?;
    follow(handle, services, Event::Ear, |news| {
        sound::follow(move |there: bool| news.send(there).is_ok())
    })?;
    Ok(())
}

/// What the printing service tells.
fn told(news: print::News) -> Event {
    match news {
        print::News::Status(status) => Event::Print(status),
        print::News::Answer(job) => Event::Printed(job),
    }
}

/// What is told of the papers of a conversation.
fn shown(news: papers::News) -> Event {
    match news {
        papers::News::Papers(told) => Event::Papers(told),
        papers::News::Drawn(wish, drawn) => Event::Drawn(wish, drawn),
        papers::News::Printed(job) => Event::Printed(job),
        papers::News::Sent(document, id) => Event::Sent(document, id),
    }
}

/// What the scanning service tells.
fn seen(news: scan::News) -> Event {
    match news {
        scan::News::Status(status) => Event::Scan(status),
        scan::News::Picture(page, pixels) => Event::Scanned(page, pixels),
    }
}

/// Takes in the news of a service, unless there is none.
fn follow<News: 'static, Link>(
    handle: &LoopHandle<'static, App>,
    wanted: bool,
    event: fn(News) -> Event,
    start: impl FnOnce(calloop::channel::Sender<News>) -> std::io::Result<Link>,
) -> Result<Option<Link>, RunError> {
    if !wanted {
        return Ok(None);
    }
    let (news, inbox) = calloop::channel::channel::<News>();
    let inserted = handle.insert_source(inbox, move |told, (), app| {
        if let calloop::channel::Event::Msg(told) = told {
            app.event(event(told));
        }
    });
    inserted.map_err(|error| RunError::Loop {
        operation: "add a service to",
        source: error.error,
    })?;
    start(news).map(Some).map_err(RunError::Threads)
}

/// Takes in what is told of a Braille line.
fn feel(
    handle: &LoopHandle<'static, App>,
    directory: PathBuf,
) -> Result<braille::Display, RunError> {
    let (news, inbox) = calloop::channel::channel();
    let inserted = handle.insert_source(inbox, |told, (), app| {
        if let calloop::channel::Event::Msg(told) = told {
            let effects = app.braille.news(told, &mut app.runtime);
            app.run(effects);
        }
    });
    inserted.map_err(|error| RunError::Loop {
        operation: "add the Braille line to",
        source: error.error,
    })?;
    braille::Display::start(directory, move |told| news.send(told).is_ok())
        .map_err(RunError::Threads)
}

/// Reads the site configuration again when the store comes.
fn watch(handle: &LoopHandle<'static, App>, mut store: Arrival) -> Result<(), RunError> {
    let mounts = match Arrival::mounts() {
        Ok(mounts) => mounts,
        // No reason to show nothing.
        Err(error) => {
            tracing::error!("cannot watch for newer site configurations: {error}");
            return Ok(());
        }
    };
    // The list of mounts can be read at any time; only its changes are news.
    let source = Generic::new(mounts, Interest::READ, Mode::Edge);
    let inserted = handle.insert_source(source, move |_, _, app| {
        if store.has_come() {
            app.reload();
            app.tick();
        }
        Ok(PostAction::Continue)
    });
    inserted.map(drop).map_err(|error| RunError::Loop {
        operation: "add the list of mounts to",
        source: error.error,
    })
}

impl App {
    /// Ends the loop.
    pub(super) fn stop(&mut self, error: RunError) {
        self.end.get_or_insert(error);
        self.signal.stop();
    }

    /// Lets the shell know of something, and does what it asks for.
    pub(super) fn event(&mut self, event: Event) {
        // It happens now, and not when the time was told last.
        self.tick();
        let effects = self.runtime.handle(event);
        self.run(effects);
    }

    /// Does what the shell asks for.
    pub(super) fn run(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Submit(task, secret) => {
                    if let Some(link) = &self.trust {
                        link.submit(task, secret);
                    }
                }
                Effect::Session(request) => {
                    match &self.session {
                        Some(link) => link.ask(request),
                        // For development, without services: nobody keeps anything of a visit.
                        None if matches!(request, SessionRequest::End(_)) => {
                            let refused = Event::Session(Session::Refused(request));
                            self.runtime.handle(refused);
                        }
                        None => {}
                    }
                }
                Effect::Clerk(request) => {
                    if let Some(link) = &self.clerk {
                        link.ask(request);
                    }
                }
                Effect::Call(request) => {
                    if let Some(link) = &self.call {
                        link.ask(request);
                    }
                }
                Effect::Papers(request) => match (&self.papers, request) {
                    (Some(link), request) => link.ask(papers::Request::Wish(request)),
                    (None, PapersRequest::Print { .. }) => {
                        self.runtime.handle(Event::Printed(None));
                    }
                    (None, PapersRequest::Answer(..) | PapersRequest::AnswerScan(..)) => {}
                },
                Effect::Draw(wish) => match &self.papers {
                    Some(link) => link.draw(wish),
                    None => drop(self.runtime.handle(Event::Drawn(wish, None))),
                },
                Effect::Send(document) => match &self.papers {
                    Some(link) => {
                        let name = self.runtime.scan_name();
                        link.ask(papers::Request::Send(document, name));
                    }
                    None => drop(self.runtime.handle(Event::Sent(document, None))),
                },
                Effect::Start(id) => {
                    let size = self.runtime.room_for_application();
                    if let (Some(link), Some(size)) = (&self.released, size) {
                        link.ask(applications::Request::Start(id, size));
                    }
                }
                Effect::Stop => {
                    if let Some(link) = &self.released {
                        link.ask(applications::Request::Stop);
                    }
                }
                Effect::Print(service) => {
                    // A paper of nothing is not printed either.
                    let paper = self.runtime.paper(service);
                    match (&self.print, paper) {
                        (Some(link), Some(paper)) => link.ask(print::Request::Print(paper)),
                        _ => drop(self.runtime.handle(Event::Printed(None))),
                    }
                }
                Effect::StopPrinting(job) => {
                    if let Some(link) = &self.print {
                        link.ask(print::Request::Cancel(job));
                    }
                }
                Effect::Scan(request) => {
                    let request = match request {
                        ScanRequest::Finish => {
                            let (title, language) = self.runtime.scan_title();
                            scan::Request::Finish(title, language)
                        }
                        wish => scan::Request::Wish(wish),
                    };
                    if let Some(link) = &self.scan {
                        link.ask(request);
                    }
                }
                Effect::Copy(document) => match &self.print {
                    Some(link) => link.ask(print::Request::Copy(document)),
                    None => drop(self.runtime.handle(Event::Printed(None))),
                },
                Effect::Type(typed) => {
                    if let Some(typist) = &mut self.typist {
                        typist.type_in(typed);
                    }
                }
                Effect::Leave => {
                    self.left = true;
                    self.signal.stop();
                }
            }
        }
        self.tick();
    }

    /// Reads what has come with the store. What the image has is in use since the start.
    fn reload(&mut self) {
        let site = match self.site.load() {
            Ok(loaded) if loaded.origin == Origin::Image => Arc::clone(&self.runtime.state().site),
            Ok(loaded) => {
                tracing::info!("site configuration from {:?}", loaded.origin);
                self.clock.set_zone(&loaded.site.place.time_zone);
                if let Err(error) = self.runtime.painter().load_picture(&loaded.picture) {
                    tracing::warn!("{error}");
                }
                let site = Arc::new(loaded.site);
                self.runtime.handle(Event::Site(Arc::clone(&site)));
                site
            }
            Err(error) => {
                tracing::warn!("going on with the site configuration in use: {error}");
                Arc::clone(&self.runtime.state().site)
            }
        };
        // Who is responsible depends on the site, so these are read again with it.
        let loaded = self.procedures.load(&site);
        tracing::info!("service descriptions from {:?}", loaded.origin);
        let catalogue = Arc::new(Catalogue::new(loaded.procedures, &site));
        if self.runtime.state().catalogue != catalogue {
            self.runtime.handle(Event::Catalogue(catalogue));
        }
    }

    /// Tells the time, and sets the alarm for when it matters next.
    fn tick(&mut self) {
        let (now, until_minute) = self.clock.now();
        let effects = self.runtime.handle(Event::Tick(now));
        if !effects.is_empty() {
            // It tells the time again when all is done: at this moment nothing more is asked for.
            self.run(effects);
            return;
        }
        // A moment after the boundary, so that the new minute has begun for sure.
        let sleep =
            crate::update::sleep(self.runtime.state(), until_minute) + Duration::from_millis(5);
        if let Some(timer) = self.timer.take() {
            self.handle.remove(timer);
        }
        let alarm = self
            .handle
            .insert_source(Timer::from_duration(sleep), |_, (), app| {
                // The source ends here; `tick` sets the next one.
                app.timer = None;
                app.tick();
                TimeoutAction::Drop
            });
        match alarm {
            Ok(timer) => self.timer = Some(timer),
            Err(error) => self.stop(RunError::Loop {
                operation: "set a timer in",
                source: error.error,
            }),
        }
    }

    /// The compositor gave the window a size, or told more about its screen.
    pub(super) fn fit(&mut self) {
        let Some(size) = self.size else { return };
        let (width, height) = if size.0 == 0 || size.1 == 0 {
            self.fallback
        } else {
            size
        };
        let output = self
            .outputs
            .outputs()
            .next()
            .and_then(|output| self.outputs.info(&output));
        let mm = output.map(|info| {
            let (across, down) = info.physical_size;
            // Told of the screen as it was made; it may hang on its side.
            match info.transform {
                Transform::_90 | Transform::_270 | Transform::Flipped90 | Transform::Flipped270 => {
                    (down as f32, across as f32)
                }
                _ => (across as f32, down as f32),
            }
        });
        self.runtime.resize(Canvas::new(width, height, mm));
    }

    /// The compositor has shown the last picture.
    pub(super) fn shown(&mut self) {
        self.waiting = false;
        if !std::mem::replace(&mut self.ready, true) {
            if let Err(error) = sd_notify::notify(false, &[sd_notify::NotifyState::Ready]) {
                tracing::warn!("cannot tell systemd that the first frame was shown: {error}");
            }
            tracing::info!("first frame shown");
        }
    }

    /// Hands on what is to be said.
    fn speak(&mut self) {
        for utterance in self.runtime.spoken() {
            if let Some(link) = &self.voice {
                link.say(utterance);
            }
        }
    }

    /// Shows what has changed, at most once a frame.
    fn show(&mut self) {
        self.speak();
        if self.size.is_none() || self.waiting {
            return;
        }
        if let Err(error) = self.try_show() {
            self.stop(error.into());
        }
        self.speak();
    }

    fn try_show(&mut self) -> Result<(), BufferError> {
        let (width, height) = (self.runtime.canvas().width, self.runtime.canvas().height);
        let painted = self.runtime.paint();
        let effects = self.runtime.wishes();
        if !effects.is_empty() {
            self.run(effects);
        }
        if let Some(frame) = &mut self.frame {
            frame.leave(self.runtime.scene().frame.as_ref(), (width, height));
        }
        self.braille.show(&self.runtime);
        let buffers = match &mut self.buffers {
            Some(buffers) if buffers.fit(width, height) => buffers,
            buffers => buffers.insert(Buffers::new(&self.shm, width, height)?),
        };
        if let Some(painted) = painted {
            buffers.note(&painted);
            self.damage = Some(self.damage.map_or(painted, |damage| damage.union(&painted)));
        }
        let (Some(damage), Some(picture)) = (self.damage, self.runtime.pixels()) else {
            return Ok(());
        };
        let surface = self.window.wl_surface();
        // If both buffers are in use, the release of one wakes the loop, which then comes here again.
        if buffers.attach(picture, &damage, surface)? {
            surface.frame(&self.queue, FrameCallbackData(surface.clone()));
            self.window.commit();
            self.damage = None;
            self.waiting = true;
        }
        Ok(())
    }
}
