// SPDX-License-Identifier: EUPL-1.2
//! How pages come to be, and become a document. Pure: time comes in with every event.

use std::time::Duration;

use api::scan::{MAX_BYTES, MAX_PAGES, Page, Status, Trouble, Work};

/// How often it is looked for a scanner.
pub const LOOK: Duration = Duration::from_secs(10);
/// A scanner of which nothing came for so long will send nothing more: a lamp takes half a minute to be warm.
pub const SILENCE: Duration = Duration::from_mins(1);
/// And pages that have become no document in this time never will.
pub const BINDING: Duration = Duration::from_mins(1);

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody wants another page.
    Scan,
    /// Somebody wants this page anew.
    Again(u64),
    /// Somebody wants to scan no more.
    Cancel,
    /// Somebody wants this page turned.
    Turn(u64),
    /// Somebody does not want this page.
    Discard(u64),
    /// Somebody wants none of the pages.
    Clear,
    /// Somebody wants the document.
    Finish,
    /// So many percent of this page are there.
    Came(u64, u8),
    /// This page is there, of so many bytes.
    Kept(u64, u64),
    /// The document of this number is in the store, as that number.
    Stored(u64, u64),
    /// The page or document of this number came to nothing.
    Failed(u64, Trouble),
    /// It was looked for a scanner: is there one?
    Looked(bool),
    /// Time has passed.
    Tick,
}

/// What has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Scan the page of this number.
    Take(u64),
    /// Make a document of all pages; this is its number here.
    Bind(u64),
    /// End what is under way.
    Kill,
    /// Forget the page of this number.
    Drop(u64),
    /// Look for a scanner.
    Look,
}

/// A call that has no place in the present state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no scanner.
    #[error("there is no scanner")]
    NoScanner,
    /// One thing at a time.
    #[error("something is under way")]
    Busy,
    /// Nothing is scanned.
    #[error("nothing is scanned")]
    Nothing,
    /// There is no such page.
    #[error("there is no such page")]
    NoPage,
    /// There are as many pages as there may be.
    #[error("there are {MAX_PAGES} pages already")]
    Full,
}

/// A page that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    page: Page,
    bytes: u64,
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// The number of the page or the document.
    id: u64,
    /// The page that it takes the place of.
    instead: Option<u64>,
    /// When it is given up.
    until: Duration,
}

/// Where scanner and pages stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    is_there: bool,
    work: Work,
    pages: Vec<Held>,
    document: Option<u64>,
    run: Option<Run>,
    /// The last number given to a page or a document. Never given again.
    last: u64,
    is_looking: bool,
    look_at: Duration,
}

impl Course {
    /// What is published.
    pub fn status(&self) -> Status {
        Status {
            is_there: self.is_there,
            work: self.work,
            pages: self.pages.iter().map(|held| held.page).collect(),
            document: self.document,
        }
    }

    /// When [`Event::Tick`] changes something.
    pub fn deadline(&self) -> Option<Duration> {
        match self.run {
            Some(run) => Some(run.until),
            None => (!self.is_looking).then_some(self.look_at),
        }
    }

    /// The number last given: that of the page that is scanned.
    pub fn last(&self) -> u64 {
        self.last
    }

    fn place(&self, id: u64) -> Result<usize, Refusal> {
        let place = self.pages.iter().position(|held| held.page.id == id);
        place.ok_or(Refusal::NoPage)
    }

    fn bytes(&self) -> u64 {
        self.pages.iter().map(|held| held.bytes).sum()
    }

    /// The course after `event` at `now`, and what has to be done.
    pub fn next(&self, now: Duration, event: Event) -> Result<(Self, Vec<Effect>), Refusal> {
        let mut next = self.clone();
        let mut effects = Vec::new();
        match event {
            Event::Scan => {
                if self.pages.len() >= MAX_PAGES && self.run.is_none() {
                    return Err(Refusal::Full);
                }
                next.take(now, None, &mut effects)?;
            }
            Event::Again(id) => {
                self.place(id)?;
                next.take(now, Some(id), &mut effects)?;
            }
            Event::Cancel => {
                if !matches!(self.work, Work::Scanning(_)) {
                    return Err(Refusal::Nothing);
                }
                next.end(now, Work::Idle);
                effects.push(Effect::Kill);
            }
            Event::Turn(id) => {
                let place = self.place(id)?;
                self.may_change()?;
                if let Some(held) = next.pages.get_mut(place) {
                    held.page.turns = (held.page.turns + 1) % 4;
                }
            }
            Event::Discard(id) => {
                let place = self.place(id)?;
                self.may_change()?;
                next.pages.remove(place);
                next.work = Work::Idle;
                effects.push(Effect::Drop(id));
            }
            Event::Clear => {
                if self.run.is_some() {
                    effects.push(Effect::Kill);
                }
                next.end(now, Work::Idle);
                next.empty(&mut effects);
                next.document = None;
            }
            Event::Finish => {
                self.may_change()?;
                if self.pages.is_empty() {
                    return Err(Refusal::NoPage);
                }
                next.last += 1;
                next.work = Work::Binding;
                next.run = Some(Run {
                    id: next.last,
                    instead: None,
                    until: now + BINDING,
                });
                effects.push(Effect::Bind(next.last));
            }
            Event::Came(id, percent) => {
                if let (Some(run), Work::Scanning(before)) = (self.run_of(id), self.work) {
                    next.work = Work::Scanning(percent.clamp(before, 100));
                    next.run = Some(Run {
                        until: now + SILENCE,
                        ..run
                    });
                }
            }
            Event::Kept(id, bytes) => next.keep(now, id, bytes, &mut effects),
            Event::Stored(id, document) => {
                if self.run_of(id).is_some() && self.work == Work::Binding {
                    next.end(now, Work::Done);
                    next.empty(&mut effects);
                    next.document = Some(document);
                }
            }
            Event::Failed(id, trouble) => {
                if self.run_of(id).is_some() {
                    next.end(now, Work::Trouble(trouble));
                    effects.push(Effect::Kill);
                }
            }
            Event::Looked(is_there) => {
                next.is_looking = false;
                // What is scanned on is there.
                if self.run.is_none() {
                    next.is_there = is_there;
                }
                next.look_at = now + LOOK;
            }
            Event::Tick => next.tick(now, &mut effects),
        }
        Ok((next, effects))
    }

    fn run_of(&self, id: u64) -> Option<Run> {
        self.run.filter(|run| run.id == id)
    }

    fn may_change(&self) -> Result<(), Refusal> {
        match self.run {
            Some(_) => Err(Refusal::Busy),
            None => Ok(()),
        }
    }

    fn take(
        &mut self,
        now: Duration,
        instead: Option<u64>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.may_change()?;
        if !self.is_there {
            return Err(Refusal::NoScanner);
        }
        self.last += 1;
        self.work = Work::Scanning(0);
        // What comes now is another document.
        self.document = None;
        self.run = Some(Run {
            id: self.last,
            instead,
            until: now + SILENCE,
        });
        effects.push(Effect::Take(self.last));
        Ok(())
    }

    fn keep(&mut self, now: Duration, id: u64, bytes: u64, effects: &mut Vec<Effect>) {
        let run = self.run_of(id);
        let Some(run) = run.filter(|_| matches!(self.work, Work::Scanning(_))) else {
            // Said twice, a page is no less there.
            if self.place(id).is_err() {
                effects.push(Effect::Drop(id));
            }
            return;
        };
        let old = run.instead.and_then(|old| self.place(old).ok());
        let freed = old.and_then(|place| self.pages.get(place));
        let freed = freed.map_or(0, |held| held.bytes);
        if (self.bytes() - freed).saturating_add(bytes) > MAX_BYTES {
            self.end(now, Work::Trouble(Trouble::Full));
            effects.push(Effect::Drop(id));
            return;
        }
        let held = Held {
            page: Page { id, turns: 0 },
            bytes,
        };
        match old.and_then(|place| self.pages.get_mut(place)) {
            Some(old) => {
                effects.push(Effect::Drop(old.page.id));
                *old = held;
            }
            None => self.pages.push(held),
        }
        self.end(now, Work::Kept);
    }

    /// Nothing is under way any more; a scanner that made trouble is looked for at once.
    fn end(&mut self, now: Duration, work: Work) {
        self.run = None;
        self.work = work;
        self.look_at = now;
    }

    fn empty(&mut self, effects: &mut Vec<Effect>) {
        let pages = self.pages.drain(..);
        effects.extend(pages.map(|held| Effect::Drop(held.page.id)));
    }

    fn tick(&mut self, now: Duration, effects: &mut Vec<Effect>) {
        match self.run {
            Some(run) if now >= run.until => {
                let trouble = match self.work {
                    Work::Binding => Trouble::Other,
                    _ => Trouble::Silent,
                };
                self.end(now, Work::Trouble(trouble));
                effects.push(Effect::Kill);
            }
            None if !self.is_looking && now >= self.look_at => {
                self.is_looking = true;
                effects.push(Effect::Look);
            }
            // A scanner that works is left in peace.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
