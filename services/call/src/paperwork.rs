// SPDX-License-Identifier: EUPL-1.2
//! The papers of the present call on the bus: what the shell wants of them, and what it is told.

use api::call::papers::{
    Call, PapersError, Print, PrintAnswer, Publisher, Received, Reply, Scan, ScanAnswer, Sent,
    SentState, Shown, Status,
};
use api::session::document::{self, DocumentError};

use crate::papers::frame::Answer;
use crate::papers::outbox::{self, Unsent};
use crate::papers::{Frame, Papers, Told};

/// What has come of a document is told in so many steps: each is a signal on the bus.
const STEPS: u64 = 20;

/// The papers of the present call, if there is one.
pub struct Paperwork {
    publisher: Publisher,
    papers: Papers,
    changed: bool,
}

impl Paperwork {
    /// No papers yet; what there is goes to `publisher`.
    pub fn new(publisher: Publisher) -> Self {
        Self {
            publisher,
            papers: Papers::default(),
            changed: false,
        }
    }

    /// A call begins or has ended: no paper of another one is left.
    pub fn clear(&mut self) {
        self.papers = Papers::default();
        self.changed = true;
    }

    /// The way to the desk is open; `send` sends a message.
    pub fn open(&mut self, send: impl Fn(&[u8])) {
        pass(&self.papers.open(), send);
    }

    /// Takes in a message of the desk.
    pub fn take(&mut self, bytes: &[u8], send: impl Fn(&[u8])) {
        match self.papers.take(bytes) {
            Ok(step) => {
                pass(&step.send, send);
                match step.told {
                    Some(Told::Changed) => self.changed = true,
                    Some(Told::Points(at)) => {
                        if let Err(error) = self.publisher.pointer(at) {
                            tracing::error!("cannot announce where the desk points: {error}");
                        }
                    }
                    None => {}
                }
            }
            Err(error) => tracing::warn!("a message about papers is left out: {error}"),
        }
    }

    /// Does what the shell wants, in an answered call.
    pub fn call(&mut self, call: Call, send: impl Fn(&[u8])) -> Result<Reply, PapersError> {
        match call {
            Call::Open(id) => {
                let content = self.papers.inbox().content(id).ok_or_else(|| {
                    PapersError::NotFound(format!("there is no whole document {id}"))
                })?;
                let sealed = document::seal(content);
                sealed.map(Reply::Opened).map_err(|error| {
                    tracing::error!("cannot hand over a document: {error}");
                    PapersError::Failed("the document cannot be handed over".to_owned())
                })
            }
            Call::Send(kind, name, descriptor) => {
                let content = document::read(descriptor).map_err(|error| match error {
                    DocumentError::Memory { .. } => PapersError::Failed(error.to_string()),
                    _ => PapersError::BadInput(error.to_string()),
                })?;
                let offered = self.papers.offer(kind, &name, content);
                let (id, frames) = offered.map_err(|error| match error {
                    Unsent::Room => PapersError::NoRoom(error.to_string()),
                    Unsent::Size | Unsent::Form => PapersError::BadInput(error.to_string()),
                })?;
                self.changed = true;
                pass(&frames, send);
                Ok(Reply::Sent(id))
            }
            Call::Answer(request, answer) => {
                let frames = self.papers.answer(request, word(answer)).ok_or_else(|| {
                    PapersError::NotExpected("no print waits for this answer".to_owned())
                })?;
                self.changed = true;
                pass(&frames, send);
                Ok(Reply::Done)
            }
            Call::AnswerScan(request, answer) => {
                let frames = self.papers.answer_scan(request, answer).ok_or_else(|| {
                    PapersError::NotExpected("no scan waits for this answer".to_owned())
                })?;
                self.changed = true;
                pass(&frames, send);
                Ok(Reply::Done)
            }
        }
    }

    /// Whether the desk shows its screen.
    pub fn shares(&self) -> bool {
        self.papers.shares()
    }

    /// Publishes what has changed.
    pub fn publish(&mut self) -> zbus::Result<()> {
        if std::mem::take(&mut self.changed) {
            self.publisher.set(&status(&self.papers))?;
        }
        Ok(())
    }
}

fn pass(frames: &[Frame], send: impl Fn(&[u8])) {
    for frame in frames {
        send(&frame.encode());
    }
}

fn word(answer: PrintAnswer) -> Answer {
    match answer {
        PrintAnswer::Agreed => Answer::Agreed,
        PrintAnswer::Declined => Answer::Declined,
        PrintAnswer::Printed => Answer::Printed,
        PrintAnswer::Failed => Answer::Failed,
    }
}

fn answered(answer: Answer) -> &'static str {
    match answer {
        Answer::Agreed => PrintAnswer::Agreed.as_str(),
        Answer::Declined => PrintAnswer::Declined.as_str(),
        Answer::Printed => PrintAnswer::Printed.as_str(),
        // The terminal says `NotNow` to what it does not even ask.
        Answer::Failed | Answer::NotNow => PrintAnswer::Failed.as_str(),
    }
}

/// How much of `bytes` has come, in steps.
fn coarse(had: u64, bytes: u64) -> u64 {
    let step = (bytes / STEPS).max(1);
    if had == bytes { had } else { had / step * step }
}

fn status(papers: &Papers) -> Status {
    let received = papers.inbox().list().map(|(offer, had)| Received {
        id: offer.id,
        kind: offer.kind,
        name: offer.name.clone(),
        bytes: offer.bytes.into(),
        had: coarse(had.into(), offer.bytes.into()),
        whole: papers.inbox().content(offer.id).is_some(),
    });
    let sent = papers.outbox().list().map(|(offer, sent)| {
        let bytes = u64::from(offer.bytes);
        let (had, state) = match sent {
            outbox::Sent::Going(had) => (coarse(had.into(), bytes), SentState::Going),
            outbox::Sent::Whole => (bytes, SentState::Whole),
            outbox::Sent::Refused => (0, SentState::Refused),
        };
        Sent {
            id: offer.id,
            kind: offer.kind,
            name: offer.name.clone(),
            bytes,
            had,
            state,
        }
    });
    Status {
        received: received.collect(),
        sent: sent.collect(),
        shown: papers.shown().map_or_else(Shown::default, |shown| Shown {
            id: shown.id,
            page: shown.page.into(),
        }),
        shares: papers.shares(),
        print: papers.asked().map_or_else(Print::default, |asked| Print {
            request: asked.request,
            id: asked.id,
            copies: asked.copies.into(),
            answer: asked.answer.map(answered).unwrap_or_default().to_owned(),
        }),
        scan: papers.scan_asked().map_or_else(Scan::default, |scan| {
            let (answer, reason) = scan.answer.map(ScanAnswer::words).unwrap_or_default();
            Scan {
                request: scan.request,
                answer: answer.to_owned(),
                reason: reason.to_owned(),
            }
        }),
    }
}
