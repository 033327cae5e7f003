// SPDX-License-Identifier: EUPL-1.2
//! Where everything a machine says comes together, so that one wait can listen to all of it.

use std::{
    collections::HashMap,
    fs::File,
    io::{Read, Write},
    os::unix::net::UnixStream,
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    console::Console,
    deadline::Deadline,
    stage::{Stage, StageTracker},
};

/// A line of the serial console.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it was complete, since power on.
    pub at: Duration,
    /// Plain text.
    pub text: String,
}

/// Something QEMU reported by itself.
#[derive(Clone, Debug)]
pub struct Event {
    /// When, since power on.
    pub at: Duration,
    /// Name, such as `RESET`.
    pub name: String,
    /// What QEMU added to it.
    pub data: Value,
}

/// A stage of a boot and when it was reached.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    /// The stage.
    pub stage: Stage,
    /// When, since power on.
    pub at: Duration,
    /// Which boot since power on: 0 is the first.
    pub boot: u32,
}

/// All that is known of a running machine.
#[derive(Default)]
pub struct Heard {
    pub lines: Vec<Line>,
    pub current: String,
    pub events: Vec<Event>,
    pub tracker: StageTracker,
    pub stages: Vec<Reached>,
    pub replies: HashMap<u64, Result<Value, String>>,
    /// QEMU closed the monitor: it has ended or is about to.
    pub closed: bool,
}

/// Shared between the listening threads and whoever waits.
pub struct Hub {
    powered: OnceLock<Instant>,
    heard: Mutex<Heard>,
    changed: Condvar,
}

impl Hub {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            powered: OnceLock::new(),
            heard: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// The machine is powered from now on.
    pub fn power_on(&self) {
        self.powered.get_or_init(Instant::now);
    }

    /// Time since power on.
    pub fn now(&self) -> Duration {
        self.powered.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something has changed: whoever waits looks again.
    pub fn tell(&self, change: impl FnOnce(&mut Heard)) {
        change(&mut self.heard());
        self.changed.notify_all();
    }

    /// Waits until `look` finds something, the machine ends or the deadline passes.
    pub fn wait<T>(
        &self,
        deadline: Deadline,
        mut look: impl FnMut(&mut Heard) -> Option<T>,
    ) -> Wait<T> {
        let mut heard = self.heard();
        loop {
            if let Some(found) = look(&mut heard) {
                return Wait::Found(found);
            }
            if heard.closed {
                return Wait::Ended;
            }
            if deadline.passed() {
                return Wait::Passed;
            }
            heard = self
                .changed
                .wait_timeout(heard, deadline.left())
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Notes that something else than the console proved a stage.
    pub fn reach(&self, stage: Stage) {
        let at = self.now();
        self.tell(|heard| {
            if heard.tracker.reach(stage).is_some() {
                let boot = heard.tracker.resets();
                heard.stages.push(Reached { stage, at, boot });
            }
        });
    }

    /// Listens to the serial console until the machine closes it; every byte also goes to `log`.
    pub fn listen_serial(
        self: &Arc<Self>,
        mut serial: UnixStream,
        mut log: File,
    ) -> JoinHandle<()> {
        let hub = Arc::clone(self);
        thread::spawn(move || {
            let mut console = Console::default();
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = serial.read(&mut buffer) {
                // A full disk must not stop the listening: the lines in memory still serve the waits.
                let _ = log.write_all(&buffer[..count]);
                let texts = console.feed(&buffer[..count]);
                let at = hub.now();
                hub.tell(|heard| {
                    for text in texts {
                        if let Some(stage) = heard.tracker.line(&text) {
                            let boot = heard.tracker.resets();
                            heard.stages.push(Reached { stage, at, boot });
                        }
                        heard.lines.push(Line { at, text });
                    }
                    console.current().clone_into(&mut heard.current);
                });
            }
        })
    }

    /// Takes one message of the monitor.
    pub fn monitor(&self, message: &Value) {
        let at = self.now();
        if let Some(name) = message["event"].as_str() {
            let event = Event {
                at,
                name: name.to_owned(),
                data: message["data"].clone(),
            };
            self.tell(|heard| {
                if event.name == "RESET" {
                    heard.tracker.reset();
                }
                heard.events.push(event);
            });
        } else if let Some(id) = message["id"].as_u64() {
            let reply = match message.get("error") {
                Some(error) => Err(error["desc"]
                    .as_str()
                    .unwrap_or("no reason given")
                    .to_owned()),
                None => Ok(message["return"].clone()),
            };
            self.tell(|heard| {
                heard.replies.insert(id, reply);
            });
        }
    }

    /// Notes that the monitor was closed.
    pub fn close(&self) {
        self.tell(|heard| heard.closed = true);
    }
}

/// How a wait ended.
pub enum Wait<T> {
    /// It happened.
    Found(T),
    /// The machine ended first.
    Ended,
    /// The deadline passed first.
    Passed,
}
