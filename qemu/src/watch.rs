// SPDX-License-Identifier: EUPL-1.2
//! What a person sees of a machine, and waits for: its screen, its console, its stages.

use std::{fs, io::Write, path::PathBuf, sync::atomic::Ordering, time::Duration};

use serde_json::json;

use crate::{
    deadline::Deadline,
    error::{Error, Result},
    hub::{Event, Line, Reached, Wait},
    input::Found,
    ocr::Words,
    screen::Screen,
    stage::Stage,
    vm::{Vm, channel, lock},
};

/// How often the screen is looked at while something is awaited on it.
const LOOK: Duration = Duration::from_millis(250);

/// A place in what a machine has said so far; waits can begin there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    lines: usize,
    events: usize,
}

impl Vm {
    // What it says.

    /// This moment in what it says.
    pub fn mark(&self) -> Mark {
        let heard = self.hub.heard();
        Mark {
            lines: heard.lines.len(),
            events: heard.events.len(),
        }
    }

    /// Waits until a console line holds a text, counting what was said since power on.
    pub fn wait_serial(&self, text: &str, deadline: Deadline) -> Result<Line> {
        self.wait_serial_since(Mark::default(), text, deadline)
    }

    /// Waits until a console line holds a text, counting only what was said since `mark`.
    pub fn wait_serial_since(&self, mark: Mark, text: &str, deadline: Deadline) -> Result<Line> {
        let mut next = mark.lines;
        let awaited = format!("“{text}” on the console");
        self.wait(&awaited, deadline, |heard| {
            let found = heard.lines[next..]
                .iter()
                .find(|line| line.text.contains(text));
            next = heard.lines.len();
            found.cloned().or_else(|| {
                // A prompt has no end of line.
                heard.current.contains(text).then(|| Line {
                    at: self.hub.now(),
                    text: heard.current.clone(),
                })
            })
        })
    }

    /// All console lines since power on.
    pub fn serial_lines(&self) -> Vec<Line> {
        self.hub.heard().lines.clone()
    }

    /// Types on the serial console.
    pub fn serial_send(&self, bytes: &[u8]) -> Result<()> {
        lock(&self.serial)
            .write_all(bytes)
            .map_err(channel("typing on the console"))
    }

    /// Waits until QEMU reports an event (`RESET`, `SHUTDOWN`, `GUEST_PANICKED`), counting from power on.
    pub fn wait_event(&self, name: &str, deadline: Deadline) -> Result<Event> {
        self.wait_event_since(Mark::default(), name, deadline)
    }

    /// Waits until QEMU reports an event, counting only those since `mark`.
    pub fn wait_event_since(&self, mark: Mark, name: &str, deadline: Deadline) -> Result<Event> {
        self.wait(&format!("the event {name}"), deadline, |heard| {
            heard.events[mark.events..]
                .iter()
                .find(|event| event.name == name)
                .cloned()
        })
    }

    // How far it has come.

    /// The furthest stage of the current boot.
    pub fn stage(&self) -> Stage {
        self.hub.heard().tracker.reached()
    }

    /// Every stage of every boot since power on, with its time.
    pub fn stages(&self) -> Vec<Reached> {
        self.hub.heard().stages.clone()
    }

    /// How often it was reset since power on.
    pub fn resets(&self) -> u32 {
        self.hub.heard().tracker.resets()
    }

    /// Console lines that spoke of trouble.
    pub fn troubles(&self) -> Vec<String> {
        self.hub
            .heard()
            .tracker
            .troubles()
            .map(str::to_owned)
            .collect()
    }

    /// Notes that a picture proved a stage that the console did not tell.
    pub fn reached(&self, stage: Stage) {
        self.hub.reach(stage);
    }

    /// Waits until the current boot reaches a stage; the answer is when, since power on.
    pub fn wait_stage(&self, stage: Stage, deadline: Deadline) -> Result<Duration> {
        self.wait(&format!("the stage “{stage}”"), deadline, |heard| {
            let boot = heard.tracker.resets();
            heard
                .stages
                .iter()
                .find(|reached| reached.boot == boot && reached.stage >= stage)
                .map(|reached| reached.at)
        })
    }

    /// Whether the current boot has opened `/var` by now.
    pub fn is_state_open(&self) -> bool {
        self.hub.heard().tracker.state_open()
    }

    /// Waits until the current boot has opened `/var`.
    pub fn wait_state_open(&self, deadline: Deadline) -> Result<()> {
        self.wait("the opening of /var", deadline, |heard| {
            heard.tracker.state_open().then_some(())
        })
    }

    // What it shows.

    /// Takes a picture of the screen.
    pub fn screen(&self) -> Result<Screen> {
        let screen = self.screen_of(0)?;
        *lock(&self.size) = (screen.width(), screen.height());
        Ok(screen)
    }

    /// Takes a picture of one of the screens that are connected to the graphics card.
    fn screen_of(&self, head: u8) -> Result<Screen> {
        if let Some(desk) = &self.desk {
            return desk.picture();
        }
        let number = self.pictures.fetch_add(1, Ordering::Relaxed);
        let path = self.artefacts.join(format!("dump-{number}.ppm"));
        let arguments = json!({ "filename": path, "format": "ppm", "device": "gpu", "head": head });
        self.command("screendump", &arguments)?;
        let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
        fs::remove_file(&path).map_err(Error::file("remove", &path))?;
        Screen::from_ppm(&bytes)
    }

    /// Stores a picture of the screen as PNG among the artefacts, which are kept then.
    pub fn screenshot(&self, name: &str) -> Result<PathBuf> {
        let path = self.artefacts.join(format!("{name}.png"));
        self.screen()?.save(&path)?;
        self.keep.store(true, Ordering::Relaxed);
        Ok(path)
    }

    /// Waits until `look` finds what it seeks on the screen; it is asked for every new picture.
    pub fn wait_screen<T>(
        &self,
        awaited: &str,
        deadline: Deadline,
        look: impl FnMut(&Screen) -> Result<Option<T>>,
    ) -> Result<T> {
        self.wait_picture(awaited, deadline, Self::screen, look)
    }

    /// The same on the second screen.
    pub fn wait_second_screen<T>(
        &self,
        awaited: &str,
        deadline: Deadline,
        look: impl FnMut(&Screen) -> Result<Option<T>>,
    ) -> Result<T> {
        self.wait_picture(awaited, deadline, |vm| vm.screen_of(1), look)
    }

    fn wait_picture<T>(
        &self,
        awaited: &str,
        deadline: Deadline,
        take: impl Fn(&Self) -> Result<Screen>,
        mut look: impl FnMut(&Screen) -> Result<Option<T>>,
    ) -> Result<T> {
        let mut last = None;
        loop {
            let screen = take(self)?;
            if last.as_ref() != Some(&screen) {
                if let Some(found) = look(&screen)? {
                    return Ok(found);
                }
                last = Some(screen);
            }
            // Pictures have no event of their own: look again after a moment, at once if the machine ends.
            let moment = Deadline::after(deadline.left_at_most(LOOK));
            match self.hub.wait(moment, |_| None::<()>) {
                Wait::Ended => return Err(self.ended(awaited.to_owned())),
                _ if deadline.passed() => return Err(self.timeout(awaited.to_owned(), deadline)),
                _ => {}
            }
        }
    }

    /// Waits until a text is on the screen, as a person reads it.
    pub fn wait_text(&self, text: &str, deadline: Deadline) -> Result<Found<'_>> {
        let place =
            self.wait_screen(&format!("“{text}” on the screen"), deadline, |screen| {
                screen.find_text(text)
            })?;
        Ok(Found::new(self, place))
    }

    /// Waits until a text is no longer on the screen.
    pub fn wait_no_text(&self, text: &str, deadline: Deadline) -> Result<()> {
        let awaited = format!("“{text}” gone from the screen");
        self.wait_screen(&awaited, deadline, |screen| {
            Ok(screen.find_text(text)?.is_none().then_some(()))
        })
    }

    /// Waits until more than `share` of the screen's pixels (0 to 1) differs from a picture.
    pub fn wait_change(&self, from: &Screen, share: f64, deadline: Deadline) -> Result<Screen> {
        self.wait_screen("a change of the screen", deadline, |screen| {
            Ok(screen.differs(from, share).then(|| screen.clone()))
        })
    }

    /// Reads the screen's words now.
    pub fn read_screen(&self) -> Result<Words> {
        self.screen()?.read()
    }
}
