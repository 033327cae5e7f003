// SPDX-License-Identifier: EUPL-1.2
//! The terminal's side: documents both ways, what the desk shows of its own, and what it asks to be printed or
//! scanned. Pure.

use api::call::papers::ScanAnswer;
use api::session::Kind;
use zeroize::Zeroizing;

use super::frame::{Answer, Frame, Unfit};
use super::inbox::Inbox;
use super::outbox::{Outbox, Unsent};
use super::scan::{Scan, Scanning};

/// What changes for those who look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The documents, what is shown, or what is asked.
    Changed,
    /// The desk points at this place of the page, or at nothing.
    Points(Option<(u16, u16)>),
}

/// What the desk shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Of which of its documents.
    pub id: u32,
    /// Which page.
    pub page: u16,
}

/// A print that the desk has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its number.
    pub request: u32,
    /// Which of its documents.
    pub id: u32,
    /// How often.
    pub copies: u8,
    /// What the citizen, and then the printer, has answered.
    pub answer: Option<Answer>,
}

/// All papers of a call. Dropping it forgets them.
#[derive(Default)]
pub struct Papers {
    inbox: Inbox,
    outbox: Outbox,
    shown: Option<Shown>,
    /// The desk shows its screen instead.
    shares: bool,
    asked: Option<Asked>,
    scan: Option<Scan>,
}

/// What is sent, and what has changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// To the other side, in this order.
    pub send: Vec<Frame>,
    /// To those who look.
    pub told: Option<Told>,
}

impl Step {
    fn changed() -> Self {
        Self {
            send: Vec::new(),
            told: Some(Told::Changed),
        }
    }

    fn reply(frame: Frame) -> Self {
        Self {
            send: vec![frame],
            told: None,
        }
    }
}

impl Papers {
    /// A channel is open.
    pub fn open(&mut self) -> Vec<Frame> {
        self.hello(true)
    }

    fn hello(&mut self, asks: bool) -> Vec<Frame> {
        let ids = self.outbox.ids();
        let mut frames = vec![Frame::Hello { asks, ids }];
        frames.extend(self.outbox.again());
        if let Some(Asked {
            request,
            answer: Some(answer),
            ..
        }) = self.asked
        {
            frames.push(Frame::Printing { request, answer });
        }
        if let Some(Scan {
            request,
            answer: Some(answer),
        }) = self.scan
        {
            frames.push(scanning(request, answer));
        }
        frames
    }

    /// Takes in what came.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Step, Unfit> {
        let mut step = self.frame(Frame::decode(bytes)?);
        step.send.extend(self.chunks());
        Ok(step)
    }

    fn frame(&mut self, frame: Frame) -> Step {
        match frame {
            Frame::Hello { asks, ids } => {
                let send = if asks { self.hello(false) } else { Vec::new() };
                let told = self.inbox.keep(&ids).then_some(Told::Changed);
                self.settle();
                Step { send, told }
            }
            Frame::Offer { turn, offer } => Step {
                send: vec![self.inbox.offer(turn, offer)],
                told: Some(Told::Changed),
            },
            Frame::Chunk { id, from, bytes } => {
                let taken = self.inbox.chunk(id, from, &bytes);
                self.settle();
                Step {
                    told: taken.reply.is_some().then_some(Told::Changed),
                    send: taken.reply.into_iter().collect(),
                }
            }
            Frame::Want { id, turn, from } => {
                self.outbox.want(id, turn, from);
                Step::default()
            }
            Frame::Have { id, bytes } => Step {
                told: self.outbox.have(id, bytes).then_some(Told::Changed),
                ..Step::default()
            },
            Frame::Refuse { id, why } => {
                tracing::warn!(id, why = why.as_str(), "a document was not taken");
                Step {
                    told: self.outbox.refused(id).then_some(Told::Changed),
                    ..Step::default()
                }
            }
            Frame::Drop { id } => {
                let told = self.inbox.drop(id).then_some(Told::Changed);
                self.settle();
                Step {
                    told,
                    ..Step::default()
                }
            }
            Frame::Show { id, page } => {
                // Ordered: what is shown was offered before.
                if self.inbox.list().any(|(offer, _)| offer.id == id) {
                    self.shown = Some(Shown { id, page });
                    self.shares = false;
                }
                Step::changed()
            }
            Frame::Hide => {
                (self.shown, self.shares) = (None, false);
                Step::changed()
            }
            Frame::Share => {
                (self.shown, self.shares) = (None, true);
                Step::changed()
            }
            Frame::Point { x, y } => Step {
                told: self.shown().map(|_| Told::Points(Some((x, y)))),
                ..Step::default()
            },
            Frame::Lift => Step {
                told: Some(Told::Points(None)),
                ..Step::default()
            },
            Frame::Print {
                request,
                id,
                copies,
            } => self.print(request, id, copies),
            Frame::Scan { request } => self.scan(request),
            // Only the terminal answers.
            Frame::Printing { .. } | Frame::Scanning { .. } => Step::default(),
        }
    }

    /// What is gone is neither shown nor printed.
    fn settle(&mut self) {
        let has = |id| self.inbox.list().any(|(offer, _)| offer.id == id);
        self.shown = self.shown.filter(|shown| has(shown.id));
        let waits = |asked: &Asked| asked.answer.is_some() || has(asked.id);
        self.asked = self.asked.filter(waits);
    }

    fn print(&mut self, request: u32, id: u32, copies: u8) -> Step {
        if let Some(asked) = self.asked {
            if asked.request == request {
                // It was asked again after a break.
                let again = |answer| Step::reply(Frame::Printing { request, answer });
                return asked.answer.map(again).unwrap_or_default();
            }
            if request < asked.request || asked.answer.is_none_or(|answer| !answer.is_last()) {
                let answer = Answer::NotNow;
                return Step::reply(Frame::Printing { request, answer });
            }
        }
        if self.inbox.content(id).is_none() {
            let answer = Answer::NotNow;
            return Step::reply(Frame::Printing { request, answer });
        }
        self.asked = Some(Asked {
            request,
            id,
            copies,
            answer: None,
        });
        Step::changed()
    }

    /// The citizen or the printer answers; nothing where nothing like that was asked, or all was said.
    pub fn answer(&mut self, request: u32, answer: Answer) -> Option<Vec<Frame>> {
        let asked = self.asked.as_mut().filter(|one| one.request == request)?;
        let fits = match asked.answer {
            None => matches!(answer, Answer::Agreed | Answer::Declined),
            Some(Answer::Agreed) => matches!(answer, Answer::Printed | Answer::Failed),
            Some(_) => false,
        };
        if !fits {
            return None;
        }
        asked.answer = Some(answer);
        Some(vec![Frame::Printing { request, answer }])
    }

    fn scan(&mut self, request: u32) -> Step {
        if let Some(scan) = self.scan {
            if scan.request == request {
                // It was asked again after a break.
                let again = |answer| Step::reply(scanning(request, answer));
                return scan.answer.map(again).unwrap_or_default();
            }
            if request < scan.request || scan.is_open() {
                let says = Scanning::NotNow;
                return Step::reply(Frame::Scanning { request, says });
            }
        }
        self.scan = Some(Scan::new(request));
        Step::changed()
    }

    /// The citizen or the scanner answers; nothing where nothing like that was asked, or all was said.
    pub fn answer_scan(&mut self, request: u32, answer: ScanAnswer) -> Option<Vec<Frame>> {
        let scan = self.scan.as_mut().filter(|one| one.request == request)?;
        scan.answer(answer).then(|| vec![scanning(request, answer)])
    }

    /// Offers a document to the desk; gives its number.
    pub fn offer(
        &mut self,
        kind: Kind,
        name: &str,
        content: Zeroizing<Vec<u8>>,
    ) -> Result<(u32, Vec<Frame>), Unsent> {
        let (id, frame) = self.outbox.add(kind, name, content)?;
        Ok((id, vec![frame]))
    }

    /// Chunks that may be sent now.
    fn chunks(&mut self) -> impl Iterator<Item = Frame> {
        std::iter::from_fn(|| self.outbox.next_chunk())
    }

    /// What the desk shows, once it is there.
    pub fn shown(&self) -> Option<Shown> {
        self.shown
            .filter(|shown| self.inbox.content(shown.id).is_some())
    }

    /// Whether it shows its screen.
    pub fn shares(&self) -> bool {
        self.shares
    }

    /// What the desk has asked to be printed last.
    pub fn asked(&self) -> Option<Asked> {
        self.asked
    }

    /// What the desk has asked to be scanned last.
    pub fn scan_asked(&self) -> Option<Scan> {
        self.scan
    }

    /// Documents of the desk.
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Documents of the terminal.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }
}

fn scanning(request: u32, answer: ScanAnswer) -> Frame {
    let says = Scanning::Answered(answer);
    Frame::Scanning { request, says }
}

#[cfg(test)]
mod tests;
