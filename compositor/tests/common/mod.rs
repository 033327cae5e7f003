// SPDX-License-Identifier: EUPL-1.2
//! A compositor with a screen in memory and real clients, in one thread: each step lets both sides work until a condition
//! holds or a deadline passes.

#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::must_use_candidate
)]

mod client;
pub mod heads;
mod typing;

use std::{
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

pub use client::Client;
use compositor::{Compositor, Input, Rank, Rules, Screen, Settings, Share, Snapshot};

pub const WIDTH: u16 = 800;
pub const HEIGHT: u16 = 600;
/// The shell's paper white.
pub const PAPER: [u8; 3] = [0xfa, 0xf7, 0xf0];
const DEADLINE: Duration = Duration::from_secs(20);

/// The server side.
pub struct Kiosk {
    pub compositor: Compositor,
}

impl Kiosk {
    pub fn new() -> Self {
        Self::with_rules(Rules::kiosk())
    }

    pub fn with_rules(rules: Rules) -> Self {
        let screen = Screen::Memory {
            width: WIDTH,
            height: HEIGHT,
        };
        Self {
            compositor: Compositor::new(screen, Settings::default(), rules).unwrap(),
        }
    }

    /// Connects, as the service manager does for the shell.
    pub fn connect(&mut self) -> UnixStream {
        let (ours, theirs) = UnixStream::pair().unwrap();
        self.compositor.offer(theirs, Rank::Shell);
        ours
    }

    pub fn client(&mut self) -> Client {
        Client::new(self.connect())
    }

    /// An application, as it comes by the other socket.
    pub fn application(&mut self) -> Client {
        let (ours, theirs) = UnixStream::pair().unwrap();
        self.compositor.offer(theirs, Rank::Application);
        Client::new(ours)
    }

    /// A client with a window that has been told its size.
    pub fn client_with_window(&mut self) -> Client {
        let client = self.client();
        self.with_window(client)
    }

    /// Gives a client a window that has been told its size.
    pub fn with_window(&mut self, mut client: Client) -> Client {
        self.until(&mut client, "globals", Client::globals_are_known);
        client.make_window();
        self.until(&mut client, "the first configure", |client| {
            client.seen.configured.is_some()
        });
        client
    }

    /// A client whose window is filled with a colour and seen.
    pub fn client_showing(&mut self, colour: [u8; 3]) -> Client {
        self.client_showing_in(colour, (400, 300))
    }

    /// The same, seen at a place that the screen has.
    pub fn client_showing_in(&mut self, colour: [u8; 3], place: (usize, usize)) -> Client {
        let mut client = self.client_with_window();
        client.paint(colour);
        self.until_pixel(&mut client, place, colour);
        client
    }

    /// One step of both sides.
    pub fn step(&mut self, client: Option<&mut Client>) {
        self.compositor
            .turn(Some(Duration::from_millis(2)))
            .unwrap();
        if let Some(client) = client {
            client.step();
        }
    }

    pub fn until(
        &mut self,
        client: &mut Client,
        what: &str,
        mut holds: impl FnMut(&Client) -> bool,
    ) {
        let start = Instant::now();
        while !holds(client) {
            assert!(
                start.elapsed() < DEADLINE,
                "{what} did not come; seen: {:?}",
                client.seen
            );
            assert!(
                !client.seen.disconnected,
                "disconnected while waiting for {what}"
            );
            self.step(Some(client));
        }
    }

    pub fn until_disconnected(&mut self, client: &mut Client) {
        let start = Instant::now();
        while !client.seen.disconnected {
            assert!(start.elapsed() < DEADLINE, "the client is still connected");
            self.step(Some(client));
        }
    }

    pub fn until_pixel(&mut self, client: &mut Client, (x, y): (usize, usize), colour: [u8; 3]) {
        let start = Instant::now();
        while self.snapshot().pixel(x, y) != Some(colour) {
            let found = self.snapshot().pixel(x, y);
            assert!(
                start.elapsed() < DEADLINE,
                "({x}, {y}) is {found:?}, not {colour:?}"
            );
            self.step(Some(client));
        }
    }

    /// Makes sure that everything sent so far has been handled on both sides.
    pub fn settle(&mut self, client: &mut Client) {
        let wanted = client.sync();
        self.until(client, "the answer to sync", |client| {
            client.seen.synced >= wanted
        });
    }

    pub fn snapshot(&mut self) -> Snapshot {
        self.compositor.snapshot().unwrap().unwrap()
    }

    pub fn key(&mut self, code: u32, pressed: bool) {
        self.compositor.inject(Input::Key {
            code,
            pressed,
            time: 1,
        });
    }

    pub fn strike(&mut self, code: u32) {
        self.key(code, true);
        self.key(code, false);
    }

    pub fn touch(&mut self, x: f64, y: f64) {
        self.touch_at(Share {
            x: x / f64::from(WIDTH),
            y: y / f64::from(HEIGHT),
        });
    }

    pub fn touch_at(&mut self, at: Share) {
        self.compositor.inject(Input::TouchDown {
            slot: 0,
            at,
            time: 1,
        });
        self.compositor.inject(Input::TouchFrame);
        self.compositor.inject(Input::TouchUp { slot: 0, time: 2 });
        self.compositor.inject(Input::TouchFrame);
    }
}
