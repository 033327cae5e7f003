// SPDX-License-Identifier: EUPL-1.2
//! A compositor on a thread of its own, which takes orders.
//!
//! An order is carried out before [`Server::order`] returns: what a test does next through a client comes after it.

use std::{
    collections::HashMap,
    os::{fd::RawFd, unix::net::UnixStream},
    sync::mpsc::{self, Receiver, Sender},
    thread::JoinHandle,
};

use compositor::{Compositor, Error, Input, Rank, Rules, Screen, Settings, Waker};

/// Width and height of the screen: a power of two, so that a pixel is a share of it without an error.
pub const SIDE: u16 = 2048;

/// What the compositor is to do.
#[derive(Debug)]
pub enum Order {
    /// Let a client in, known by the descriptor of its own end.
    Connect(UnixStream, RawFd),
    /// Put a client's surface somewhere.
    Place {
        /// Whose.
        client: RawFd,
        /// Its number on the wire.
        surface: u32,
        /// From the left.
        x: i32,
        /// From the top.
        y: i32,
    },
    /// Act as input devices.
    Inject(Vec<Input>),
    /// End.
    Stop,
}

type Orders = Receiver<(Order, Sender<()>)>;

/// The thread.
#[derive(Debug)]
pub struct Server {
    orders: Sender<(Order, Sender<()>)>,
    waker: Waker,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a compositor. `early_buffers` lets clients attach buffers before they have acknowledged a configure.
    pub fn start(early_buffers: bool) -> Option<Self> {
        let (orders, receiver) = mpsc::channel();
        let (sender, waker) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            if let Err(error) = run(early_buffers, &receiver, &sender) {
                eprintln!("the compositor ends: {error}");
            }
        });
        Some(Self {
            orders,
            waker: waker.recv().ok()?,
            thread: Some(thread),
        })
    }

    /// Has an order carried out. If the compositor has ended, nothing happens: the test sees it by its connection.
    pub fn order(&self, order: Order) {
        let (done, wait) = mpsc::channel();
        if self.orders.send((order, done)).is_ok() {
            self.waker.wake();
            // An error means that the compositor has ended meanwhile.
            let _ = wait.recv();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.order(Order::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            eprintln!("the compositor has panicked");
        }
    }
}

fn run(early_buffers: bool, orders: &Orders, waker: &Sender<Waker>) -> Result<(), Error> {
    let screen = Screen::Memory {
        width: SIDE,
        height: SIDE,
    };
    let mut compositor = Compositor::new(
        screen,
        Settings::default(),
        Rules::conformance(early_buffers),
    )?;
    let mut clients = HashMap::new();
    if waker.send(compositor.waker()).is_err() {
        return Ok(());
    }
    loop {
        while let Ok((order, done)) = orders.try_recv() {
            match order {
                Order::Connect(stream, client) => {
                    compositor.offer(stream, Rank::Shell);
                    if let Some(admitted) = compositor.admit().pop() {
                        clients.insert(client, admitted);
                    }
                }
                Order::Place {
                    client,
                    surface,
                    x,
                    y,
                } => {
                    if let Some(client) = clients.get(&client) {
                        compositor.place(client, surface, x, y);
                    }
                }
                Order::Inject(inputs) => inputs
                    .into_iter()
                    .for_each(|input| compositor.inject(input)),
                Order::Stop => {
                    drop(compositor);
                    drop(done);
                    return Ok(());
                }
            }
            // Nobody waits any more if the suite gave the test up.
            let _ = done.send(());
        }
        compositor.turn(None)?;
    }
}
