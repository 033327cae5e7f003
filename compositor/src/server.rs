// SPDX-License-Identifier: EUPL-1.2
//! The compositor as a whole: the event loop and the order of things in one turn of it.

use std::{
    io,
    os::{
        fd::AsFd,
        unix::net::{UnixListener, UnixStream},
    },
    time::Duration,
};

use calloop::signals::{Signal, Signals};
use site::LastGood;
use smithay::reexports::{
    calloop::{EventLoop, Interest, LoopSignal, Mode, PostAction, generic::Generic},
    wayland_server::{Client, Display, protocol::wl_surface::WlSurface},
};

use crate::{
    Drawing, Error, Input, Settings, Snapshot, Wishes,
    backend::{Backend, headless::Headless, kms, kms::Kms, libinput},
    client::{Rank, is_shell},
    news,
    rules::Rules,
    state::Kiosk,
    wait::wait,
};

/// Which screen to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The graphics card's, with the seat's input devices.
    Card(Drawing),
    /// One in memory.
    Memory {
        /// In pixels.
        width: u16,
        /// In pixels.
        height: u16,
    },
}

/// Ends the wait of a turn.
#[derive(Clone, Debug)]
pub struct Waker(LoopSignal);

impl Waker {
    /// Ends the present wait, or the next one.
    pub fn wake(&self) {
        self.0.wakeup();
    }
}

/// A running compositor.
#[derive(Debug)]
pub struct Compositor {
    events: EventLoop<'static, Kiosk>,
    display: Display<Kiosk>,
    kiosk: Kiosk,
    /// Whether everything that has happened was brought to the screen and to the clients.
    settled: bool,
}

impl Compositor {
    /// Sets everything up. A graphics card need not be there yet.
    pub fn new(screen: Screen, settings: Settings, rules: Rules) -> Result<Self, Error> {
        let wishes = settings.wishes.clone();
        let events = EventLoop::try_new()?;
        let display = Display::new()?;
        let backend = match screen {
            Screen::Card(drawing) => Backend::Kms(Box::new(Kms::new(drawing, wishes))),
            Screen::Memory { width, height } => {
                Backend::Headless(Box::new(Headless::new(width, height, wishes)?))
            }
        };
        let mut kiosk = Kiosk::new(display.handle(), events.handle(), backend, settings, rules)?;
        match &kiosk.backend {
            Backend::Headless(_) => kiosk.show_headless(),
            Backend::Kms(_) => {
                let devices = kiosk.settings.devices.clone();
                kiosk.hearing = Some(libinput::listen(&kiosk.events, devices)?);
                kms::start(&mut kiosk)?;
            }
        }
        Ok(Self {
            events,
            display,
            kiosk,
            settled: false,
        })
    }

    /// Follows what comes to the store of newer site configurations from now on.
    pub fn follow(&mut self, site: LastGood) -> Result<(), Error> {
        news::follow(&mut self.kiosk, site)
    }

    /// Takes connections of one rank from a socket.
    pub fn listen(&self, socket: UnixListener, rank: Rank) -> Result<(), Error> {
        socket.set_nonblocking(true).map_err(Error::Activation)?;
        self.events
            .handle()
            .insert_source(
                Generic::new(socket, Interest::READ, Mode::Level),
                move |_, socket, kiosk| {
                    loop {
                        match socket.accept() {
                            Ok((stream, _)) => kiosk.admission.knock(stream, rank),
                            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                            Err(error) => {
                                tracing::error!(%error, "accept a connection");
                                break;
                            }
                        }
                    }
                    Ok(PostAction::Continue)
                },
            )
            .map_err(|error| Error::Loop(error.error))?;
        Ok(())
    }

    /// Offers a connection as if it had come from the socket of its rank.
    pub fn offer(&mut self, stream: UnixStream, rank: Rank) {
        self.settled = false;
        self.kiosk.admission.knock(stream, rank);
    }

    /// Lets the waiting connections in; the clients that were let in, in the order that they came.
    pub fn admit(&mut self) -> Vec<Client> {
        let admitted = self.kiosk.admission.settle(&self.kiosk.display);
        self.settled &= admitted.is_empty();
        if admitted.iter().any(is_shell) {
            self.kiosk.release_keys();
        }
        admitted
    }

    /// Puts a client's window somewhere on the screen, if the rules let windows be free.
    pub fn place(&mut self, client: &Client, surface: u32, x: i32, y: i32) {
        self.settled = false;
        let surface: Result<WlSurface, _> =
            client.object_from_protocol_id(&self.kiosk.display, surface);
        match surface {
            Ok(surface) => self.kiosk.put(&surface, (x, y).into()),
            Err(error) => tracing::error!(%error, "place a surface"),
        }
    }

    /// What ends the wait of a turn, from any thread.
    pub fn waker(&self) -> Waker {
        Waker(self.events.get_signal())
    }

    /// Acts as an input device.
    pub fn inject(&mut self, input: Input) {
        self.settled = false;
        self.kiosk.input(input);
    }

    /// What is on the screen in memory; `None` on a card.
    pub fn snapshot(&mut self) -> Result<Option<Snapshot>, Error> {
        match &mut self.kiosk.backend {
            Backend::Headless(headless) => headless.snapshot(),
            Backend::Kms(_) => Ok(None),
        }
    }

    /// What is on a screen in memory, by its name.
    pub fn snapshot_of(&mut self, name: &str) -> Result<Option<Snapshot>, Error> {
        match &mut self.kiosk.backend {
            Backend::Headless(headless) => headless.snapshot_of(name),
            Backend::Kms(_) => Ok(None),
        }
    }

    /// Connects another screen in memory, or one of another size in the same place.
    pub fn plug(&mut self, name: &str, width: u16, height: u16) {
        self.plug_with_modes(name, &[(width, height)]);
    }

    /// The same with several modes, the preferred one first.
    pub fn plug_with_modes(&mut self, name: &str, modes: &[(u16, u16)]) {
        self.rearrange(|headless| headless.plug(name, modes));
    }

    /// Takes a screen in memory away.
    pub fn unplug(&mut self, name: &str) {
        self.rearrange(|headless| headless.unplug(name));
    }

    /// Turns, scales and chooses the screens anew.
    pub fn wish(&mut self, wishes: Wishes) {
        self.settled = false;
        self.kiosk.wish(wishes);
    }

    fn rearrange(&mut self, change: impl FnOnce(&mut Headless)) {
        self.settled = false;
        if let Backend::Headless(headless) = &mut self.kiosk.backend {
            change(headless);
            self.kiosk.show_headless();
        }
    }

    /// How many frames were drawn on the screen in memory.
    pub fn frames(&self) -> u64 {
        match &self.kiosk.backend {
            Backend::Headless(headless) => headless.frames(),
            Backend::Kms(_) => 0,
        }
    }

    /// Runs until SIGTERM or SIGINT, or until nothing can be drawn any more.
    pub fn run(&mut self) -> Result<(), Error> {
        let signals = Signals::new(&[Signal::SIGTERM, Signal::SIGINT]).map_err(Error::Loop)?;
        self.events
            .handle()
            .insert_source(signals, |signal, (), kiosk| {
                tracing::info!(signal = ?signal.signal(), "asked to end");
                kiosk.end = Some(Ok(()));
            })
            .map_err(|error| Error::Loop(error.error))?;
        loop {
            self.turn(None)?;
            if let Some(end) = self.kiosk.end.take() {
                return end;
            }
        }
    }

    /// One turn: waits for anything to happen, at most so long, and handles it.
    pub fn turn(&mut self, timeout: Option<Duration>) -> Result<(), Error> {
        // What was left by the set-up, an injected event or a frame that failed must not wait for the next event.
        if !self.settled {
            self.show();
        }
        let patience = self.kiosk.patience(timeout);
        let ready = wait(self.display.as_fd(), self.events.as_fd(), patience)
            .map_err(|error| Error::Loop(error.into()))?;
        if ready.events {
            self.events.dispatch(Duration::ZERO, &mut self.kiosk)?;
        }
        self.kiosk.do_what_is_due();
        // The shell's place is free only when what its predecessor has left was read.
        if ready.clients || self.kiosk.admission.is_asked() {
            self.read_clients();
        }
        self.sweep();
        if !self.admit().is_empty() {
            // Their first requests may be there already.
            self.read_clients();
        }
        self.show();
        Ok(())
    }

    /// Brings the state to the screen and to the client.
    fn show(&mut self) {
        self.kiosk.popups.cleanup();
        self.kiosk.tell_heads();
        self.kiosk.redraw();
        let mut broken = false;
        if let Backend::Kms(kms) = &mut self.kiosk.backend
            && kms.take_broken()
        {
            kms::recover(&mut self.kiosk);
            broken = true;
        }
        if let Some(lit) = &self.kiosk.lit {
            lit.output.cleanup();
        }
        self.flush();
        self.settled = !broken && !self.kiosk.is_frame_overdue();
    }

    fn read_clients(&mut self) {
        if let Some(client) = self.kiosk.admission.only() {
            // Nobody has to find out which client it is. What goes wrong with it, its own state notes.
            let backend = self.display.backend();
            let _ = backend.dispatch_single_client(&mut self.kiosk, client);
        } else if let Err(error) = self.display.dispatch_clients(&mut self.kiosk) {
            tracing::error!(%error, "read the clients' requests");
        }
    }

    /// Takes the objects of an ended connection away, which the backend does only after it has read from somebody.
    fn sweep(&mut self) {
        if let Some(client) = self.kiosk.sweep.take() {
            let swept = self
                .display
                .backend()
                .dispatch_single_client(&mut self.kiosk, client);
            if let Err(error) = swept {
                tracing::debug!(%error, "sweep after a client");
            }
        }
    }

    fn flush(&mut self) {
        if let Err(error) = self.display.flush_clients() {
            tracing::debug!(%error, "write to the client");
        }
    }
}
