// SPDX-License-Identifier: EUPL-1.2
//! How a document that is to be printed goes on. Pure: time comes in with every event.

use std::time::Duration;

use api::print::{Failure, Hindrance, Job, JobState, Printer, Status};

use crate::printer::{Progress, Stand};
use crate::word::Word;

/// How often the printer is asked while it has something to print.
pub const BUSY: Duration = Duration::from_millis(500);
/// And while it has not.
pub const IDLE: Duration = Duration::from_secs(5);
/// A printer that did not answer for so long will not print what it was sent.
pub const LOST: Duration = Duration::from_mins(1);

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody wants something printed.
    Print,
    /// Somebody wants the job with this number no more.
    Cancel(u64),
    /// The process of the job with this number says this.
    Said(u64, Word),
    /// That process has ended.
    Ended(u64),
    /// The printer was asked.
    Looked(Look),
    /// Time has passed.
    Tick,
}

/// What the printer answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// How it is.
    pub printer: Printer,
    /// How far it is with the job of this number, where it was asked for one and answered.
    pub job: Option<(u64, Progress)>,
}

/// What has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Run the process of the job with this number.
    Run(u64),
    /// End it.
    Kill,
    /// Ask the printer how it is, and how far it is with its job of this number, which is ours of the other one.
    Look(Option<(u64, i32)>),
    /// Tell the printer to forget its job of this number.
    Revoke(i32),
    /// The printer is done with its job of this number.
    Forget(i32),
}

/// A call that has no place in the present state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no printer.
    #[error("there is no printer")]
    NoPrinter,
    /// One job at a time.
    #[error("a job is under way")]
    Busy,
    /// There is nothing to cancel.
    #[error("no such job is under way")]
    NoJob,
}

/// The job that was last asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Order {
    id: u64,
    state: JobState,
    /// Pages of all copies.
    pages: u32,
    /// The page that is sent.
    sending: u32,
    /// Pages that came out, where the printer counts them.
    out: Option<u32>,
    /// The printer's own number of it.
    number: Option<i32>,
    /// Whether the printer has all of it.
    sent: bool,
    /// Since when the printer does not answer.
    lost: Option<Duration>,
}

impl Order {
    fn new(id: u64) -> Self {
        Self {
            id,
            state: JobState::Waiting,
            pages: 0,
            sending: 0,
            out: None,
            number: None,
            sent: false,
            lost: None,
        }
    }

    /// The page that comes out.
    fn page(&self) -> u32 {
        let page = match (self.state, self.out) {
            (JobState::None | JobState::Waiting, _) => 0,
            (JobState::Done, _) => self.pages,
            // One that failed has come so far and no further.
            (JobState::Failed(_), Some(out)) => out,
            (_, Some(out)) => out.saturating_add(1),
            (_, None) => self.sending,
        };
        page.min(self.pages)
    }
}

/// Where printer and job stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Course {
    printer: Printer,
    order: Option<Order>,
    jobs: u64,
    looking: bool,
    look_at: Duration,
}

impl Course {
    /// What is published.
    pub fn status(&self) -> Status {
        let job = self.order.map(|order| Job {
            id: order.id,
            state: order.state,
            page: order.page(),
            pages: order.pages,
        });
        Status {
            printer: self.printer,
            job: job.unwrap_or_default(),
        }
    }

    /// When [`Event::Tick`] changes something.
    pub fn deadline(&self) -> Option<Duration> {
        (!self.looking).then_some(self.look_at)
    }

    fn under_way(&self) -> Option<Order> {
        self.order.filter(|order| order.state.is_under_way())
    }

    /// The course after `event` at `now`, and what has to be done.
    pub fn next(&self, now: Duration, event: Event) -> Result<(Self, Vec<Effect>), Refusal> {
        let mut next = *self;
        let mut effects = Vec::new();
        match event {
            Event::Print if self.under_way().is_some() => return Err(Refusal::Busy),
            Event::Print if self.printer == Printer::Absent => return Err(Refusal::NoPrinter),
            Event::Print => {
                next.jobs += 1;
                next.order = Some(Order::new(next.jobs));
                next.look_at = now;
                effects.push(Effect::Run(next.jobs));
            }
            Event::Cancel(id) => {
                let order = self.under_way().filter(|order| order.id == id);
                let order = order.ok_or(Refusal::NoJob)?;
                next.fail(order, Failure::Cancelled, &mut effects);
            }
            Event::Said(id, word) => next.hear(id, word, &mut effects),
            Event::Ended(id) => {
                if let Some(order) = self.under_way().filter(|order| order.id == id)
                    && !order.sent
                {
                    // Without a word: what it drew was too much for it.
                    next.fail(order, Failure::Damaged, &mut effects);
                }
            }
            Event::Looked(look) => next.look(now, look, &mut effects),
            Event::Tick => {
                if !self.looking && now >= self.look_at {
                    next.looking = true;
                    let job = self.under_way();
                    let job = job.and_then(|order| Some((order.id, order.number?)));
                    effects.push(Effect::Look(job));
                }
            }
        }
        Ok((next, effects))
    }

    fn hear(&mut self, id: u64, word: Word, effects: &mut Vec<Effect>) {
        let Some(mut order) = self.under_way().filter(|order| order.id == id) else {
            // It was ended, and the printer has begun all the same.
            if let Word::Taken(number) = word {
                effects.push(Effect::Revoke(number));
            }
            return;
        };
        match word {
            Word::Pages(pages) => order.pages = pages,
            Word::Taken(number) => order.number = Some(number),
            Word::Page(page) => {
                order.sending = page.min(order.pages);
                if order.state == JobState::Waiting {
                    order.state = JobState::Printing;
                }
            }
            Word::Sent => order.sent = true,
            Word::Failed(failure) => return self.fail(order, failure, effects),
            // Said of pages for the screen only.
            Word::Drawn(_) | Word::NoPage(_) => {}
        }
        self.order = Some(order);
    }

    fn look(&mut self, now: Duration, look: Look, effects: &mut Vec<Effect>) {
        self.looking = false;
        self.printer = look.printer;
        let Some(mut order) = self.under_way() else {
            self.look_at = now + IDLE;
            return;
        };
        self.look_at = now + BUSY;
        let away = match look.printer {
            Printer::Absent => Some(Hindrance::Offline),
            _ => look.printer.hindrance(),
        };
        if away == Some(Hindrance::Offline) {
            let since = *order.lost.get_or_insert(now);
            if now.saturating_sub(since) >= LOST {
                return self.fail(order, Failure::Gone, effects);
            }
            order.state = JobState::Stopped(Hindrance::Offline);
            self.order = Some(order);
            return;
        }
        let told = look.job.filter(|(id, _)| *id == order.id);
        match told.map(|(_, progress)| progress) {
            Some(Progress { stand, out }) => {
                order.out = out.or(order.out);
                match stand {
                    Stand::Done if order.sent => return self.done(order, effects),
                    Stand::GivenUp => return self.fail(order, Failure::Rejected, effects),
                    // A printer may forget what is done; one that was away has forgotten what was not.
                    Stand::Unknown if order.sent && order.lost.is_none() => {
                        return self.done(order, effects);
                    }
                    Stand::Unknown if order.sent => {
                        return self.fail(order, Failure::Gone, effects);
                    }
                    _ => {}
                }
                order.lost = None;
                let goes_on = match (stand, order.state) {
                    (Stand::Printing, _) | (_, JobState::Printing) => JobState::Printing,
                    // It stopped where it was.
                    (_, JobState::Stopped(_)) if order.page() > 0 => JobState::Printing,
                    _ => JobState::Waiting,
                };
                order.state = away.map_or(goes_on, JobState::Stopped);
            }
            None => {
                if let Some(hindrance) = away {
                    order.state = JobState::Stopped(hindrance);
                } else if matches!(order.state, JobState::Stopped(_)) && order.number.is_none() {
                    order.state = JobState::Waiting;
                    order.lost = None;
                }
            }
        }
        self.order = Some(order);
    }

    fn done(&mut self, mut order: Order, effects: &mut Vec<Effect>) {
        order.state = JobState::Done;
        self.order = Some(order);
        effects.extend(order.number.map(Effect::Forget));
    }

    fn fail(&mut self, mut order: Order, failure: Failure, effects: &mut Vec<Effect>) {
        order.state = JobState::Failed(failure);
        self.order = Some(order);
        effects.push(Effect::Kill);
        effects.extend(order.number.map(Effect::Revoke));
    }
}

#[cfg(test)]
mod tests;
