// SPDX-License-Identifier: EUPL-1.2
//! Documents of ours, as they go. Pure.

use std::collections::BTreeMap;

use api::session::Kind;
use zeroize::Zeroizing;

use super::frame::Frame;
use super::paper::{self, Offer};
use super::{ALL_BYTES, BYTES, CHUNK, DOCUMENTS, NUMBERS, WINDOW};

/// Why a document is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// It is empty or too large.
    #[error("the document is empty or has more than {BYTES} bytes")]
    Size,
    /// There is no room for it.
    #[error("there are too many documents")]
    Room,
    /// Its name is none, or its content is not what it is said to be.
    #[error("the document's name or its kind is not right")]
    Form,
}

/// How far it is with a document of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The other side has so many bytes of it.
    Going(u32),
    /// It has all of it.
    Whole,
    /// It does not take it.
    Refused,
}

struct Outgoing {
    offer: Offer,
    /// Empty once it is not needed any more.
    content: Zeroizing<Vec<u8>>,
    sent: Sent,
    /// How often it was offered before.
    turn: u8,
    /// What is sent next, once it is wanted.
    next: Option<u32>,
}

/// All documents of ours.
#[derive(Default)]
pub struct Outbox {
    papers: BTreeMap<u32, Outgoing>,
    last: u32,
}

impl Outbox {
    /// Takes in a document; gives its number and what the other side is told.
    pub fn add(
        &mut self,
        kind: Kind,
        name: &str,
        content: Zeroizing<Vec<u8>>,
    ) -> Result<(u32, Frame), Unsent> {
        let bytes = u32::try_from(content.len()).unwrap_or(u32::MAX);
        if bytes == 0 || bytes > BYTES {
            return Err(Unsent::Size);
        }
        if !paper::is_name(name) || !paper::fits(kind, &content) {
            return Err(Unsent::Form);
        }
        let all: u32 = self.papers.values().map(|known| known.offer.bytes).sum();
        let full = self.papers.len() >= DOCUMENTS || self.last >= NUMBERS;
        if full || all + bytes > ALL_BYTES {
            return Err(Unsent::Room);
        }
        self.last += 1;
        let offer = Offer {
            id: self.last,
            kind,
            bytes,
            hash: paper::hash(&content),
            name: name.to_owned(),
        };
        let outgoing = Outgoing {
            offer: offer.clone(),
            content,
            sent: Sent::Going(0),
            turn: 0,
            next: None,
        };
        self.papers.insert(self.last, outgoing);
        Ok((self.last, Frame::Offer { turn: 0, offer }))
    }

    /// What is offered anew on a channel that is open again: all that has not arrived.
    pub fn again(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        for known in self.papers.values_mut() {
            if matches!(known.sent, Sent::Going(_)) {
                known.next = None;
                known.turn = known.turn.wrapping_add(1);
                frames.push(Frame::Offer {
                    turn: known.turn,
                    offer: known.offer.clone(),
                });
            }
        }
        frames
    }

    /// The other side wants a document from a byte on.
    pub fn want(&mut self, id: u32, turn: u8, from: u32) {
        if let Some(known) = self.papers.get_mut(&id)
            && matches!(known.sent, Sent::Going(_))
            && turn == known.turn
            && from < known.offer.bytes
        {
            known.sent = Sent::Going(from);
            known.next = Some(from);
        }
    }

    /// The other side has so much of it; says whether that changes anything.
    pub fn have(&mut self, id: u32, bytes: u32) -> bool {
        let Some(known) = self.papers.get_mut(&id) else {
            return false;
        };
        let Sent::Going(had) = known.sent else {
            return false;
        };
        if bytes == known.offer.bytes {
            known.sent = Sent::Whole;
            known.content = Zeroizing::default();
            known.next = None;
            return true;
        }
        // Nobody has what was not sent.
        if known.next.is_none_or(|next| bytes > next) || bytes <= had {
            return false;
        }
        known.sent = Sent::Going(bytes);
        true
    }

    /// The other side does not take it; says whether that changes anything.
    pub fn refused(&mut self, id: u32) -> bool {
        match self.papers.get_mut(&id) {
            Some(known) if matches!(known.sent, Sent::Going(_)) => {
                known.sent = Sent::Refused;
                known.content = Zeroizing::default();
                known.next = None;
                true
            }
            _ => false,
        }
    }

    /// Takes a document back; what the other side is told, if there was one.
    pub fn drop(&mut self, id: u32) -> Option<Frame> {
        self.papers.remove(&id).map(|_| Frame::Drop { id })
    }

    /// The next chunk that may be sent: one document after the other.
    pub fn next_chunk(&mut self) -> Option<Frame> {
        for (id, known) in &mut self.papers {
            let (Sent::Going(had), Some(next)) = (known.sent, known.next) else {
                continue;
            };
            let rest = known.content.get(next as usize..).unwrap_or_default();
            if rest.is_empty() || next - had >= WINDOW {
                // The one under way comes first.
                return None;
            }
            let bytes = rest.get(..CHUNK).unwrap_or(rest).to_vec();
            // No more than `offer.bytes`.
            known.next = Some(next + bytes.len() as u32);
            return Some(Frame::Chunk {
                id: *id,
                from: next,
                bytes,
            });
        }
        None
    }

    /// The numbers of all that is not taken back.
    pub fn ids(&self) -> Vec<u32> {
        self.papers.keys().copied().collect()
    }

    /// What there is, and how far.
    pub fn list(&self) -> impl Iterator<Item = (&Offer, Sent)> {
        self.papers.values().map(|known| (&known.offer, known.sent))
    }
}
