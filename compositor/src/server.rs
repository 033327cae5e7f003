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
use smithay::reexports::{
    calloop::{EventLoop, Interest, Mode, PostAction, generic::Generic},
    wayland_server::Display,
};

use crate::{
    Drawing, Error, Input, Snapshot,
    backend::{Backend, headless::Headless, kms, kms::Kms, libinput},
    state::Kiosk,
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

/// A running compositor.
#[derive(Debug)]
pub struct Compositor {
    events: EventLoop<'static, Kiosk>,
    display: Display<Kiosk>,
    kiosk: Kiosk,
}

impl Compositor {
    /// Sets everything up. A graphics card need not be there yet.
    pub fn new(screen: Screen) -> Result<Self, Error> {
        let events = EventLoop::try_new()?;
        let display = Display::new()?;
        let backend = match screen {
            Screen::Card(drawing) => Backend::Kms(Box::new(Kms::new(drawing))),
            Screen::Memory { width, height } => {
                Backend::Headless(Box::new(Headless::new(width, height)?))
            }
        };
        let mut kiosk = Kiosk::new(display.handle(), events.handle(), backend)?;
        match &kiosk.backend {
            Backend::Headless(headless) => {
                let output = headless.output();
                kiosk.set_screen(Some(output));
            }
            Backend::Kms(_) => {
                libinput::listen(&kiosk.events)?;
                kms::start(&mut kiosk)?;
            }
        }
        let this = Self {
            events,
            display,
            kiosk,
        };
        this.wake_for_clients()?;
        Ok(this)
    }

    /// Takes connections from a socket.
    pub fn listen(&self, socket: UnixListener) -> Result<(), Error> {
        socket.set_nonblocking(true).map_err(Error::Activation)?;
        self.events
            .handle()
            .insert_source(
                Generic::new(socket, Interest::READ, Mode::Level),
                |_, socket, kiosk| {
                    loop {
                        match socket.accept() {
                            Ok((stream, _)) => kiosk.admission.knock(stream),
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

    /// Offers a connection as if it had come from the socket.
    pub fn offer(&mut self, stream: UnixStream) {
        self.kiosk.admission.knock(stream);
    }

    /// Acts as an input device.
    pub fn inject(&mut self, input: Input) {
        self.kiosk.input(input);
    }

    /// What is on the screen in memory; `None` on a card.
    pub fn snapshot(&mut self) -> Result<Option<Snapshot>, Error> {
        match &mut self.kiosk.backend {
            Backend::Headless(headless) => headless.snapshot().map(Some),
            Backend::Kms(_) => Ok(None),
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
        // What was left by the set-up or by an injected event must not wait for the next event.
        self.show();
        self.events.dispatch(timeout, &mut self.kiosk)?;
        self.read_clients();
        if self.kiosk.admission.settle(&self.kiosk.display) {
            self.kiosk.release_keys();
            // Its first requests may be there already.
            self.read_clients();
        }
        self.show();
        Ok(())
    }

    /// Brings the state to the screen and to the client.
    fn show(&mut self) {
        self.kiosk.popups.cleanup();
        self.kiosk.redraw();
        if let Backend::Kms(kms) = &mut self.kiosk.backend
            && kms.take_broken()
        {
            kms::recover(&mut self.kiosk);
        }
        if let Some(lit) = &self.kiosk.lit {
            lit.output.cleanup();
        }
        self.flush();
    }

    fn read_clients(&mut self) {
        if let Err(error) = self.display.dispatch_clients(&mut self.kiosk) {
            tracing::error!(%error, "read the client's requests");
        }
    }

    fn flush(&mut self) {
        if let Err(error) = self.display.flush_clients() {
            tracing::debug!(%error, "write to the client");
        }
    }

    /// Ends the wait of a turn when a client has sent something.
    fn wake_for_clients(&self) -> Result<(), Error> {
        let waker = self
            .display
            .as_fd()
            .try_clone_to_owned()
            .map_err(|error| Error::Loop(error.into()))?;
        self.events
            .handle()
            .insert_source(
                Generic::new(waker, Interest::READ, Mode::Level),
                |_, _, _| Ok(PostAction::Continue),
            )
            .map_err(|error| Error::Loop(error.error))?;
        Ok(())
    }
}
