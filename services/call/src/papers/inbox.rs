// SPDX-License-Identifier: EUPL-1.2
//! Documents of the other side, as they come. Pure.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::frame::Frame;
use super::paper::{self, Offer, Refusal};
use super::{ALL_BYTES, BYTES, DOCUMENTS, NUMBERS};

/// A document that comes or has come. Its content is overwritten when it is dropped.
struct Incoming {
    offer: Offer,
    content: Zeroizing<Vec<u8>>,
    whole: bool,
    /// The turn of its last offer.
    turn: u8,
    /// From where on it was asked for last: what is under way from elsewhere is not asked for again and again.
    asked: Option<u32>,
}

/// What a chunk leads to.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    /// What the sender is told, if anything.
    pub reply: Option<Frame>,
    /// A document is there whole.
    pub whole: bool,
}

/// All documents of the other side.
#[derive(Default)]
pub struct Inbox {
    papers: BTreeMap<u32, Incoming>,
    /// The highest number that was offered.
    last: u32,
}

impl Inbox {
    /// Takes in an offer; says what the sender is told.
    pub fn offer(&mut self, turn: u8, offer: Offer) -> Frame {
        let id = offer.id;
        let refuse = |why| Frame::Refuse { id, why };
        if let Some(known) = self.papers.get_mut(&id) {
            if known.offer != offer {
                return refuse(Refusal::Number);
            }
            let bytes = known.len();
            if known.whole {
                return Frame::Have { id, bytes };
            }
            known.turn = turn;
            known.asked = Some(bytes);
            return Frame::Want {
                id,
                turn,
                from: bytes,
            };
        }
        if id <= self.last || id > NUMBERS {
            return refuse(Refusal::Number);
        }
        self.last = id;
        if offer.bytes == 0 || offer.bytes > BYTES {
            return refuse(Refusal::Size);
        }
        if self.papers.len() >= DOCUMENTS || self.bytes() + offer.bytes > ALL_BYTES {
            return refuse(Refusal::Room);
        }
        // All of it at once: what grows leaves copies of itself behind.
        let content = Zeroizing::new(Vec::with_capacity(offer.bytes as usize));
        let incoming = Incoming {
            offer,
            content,
            whole: false,
            turn,
            asked: Some(0),
        };
        self.papers.insert(id, incoming);
        Frame::Want { id, turn, from: 0 }
    }

    /// Takes in a chunk.
    pub fn chunk(&mut self, id: u32, from: u32, bytes: &[u8]) -> Taken {
        let nothing = Taken {
            reply: None,
            whole: false,
        };
        // What is gone may still be under way.
        let Some(known) = self.papers.get_mut(&id).filter(|known| !known.whole) else {
            return nothing;
        };
        let len = known.len();
        if from != len {
            if from > len && known.asked != Some(len) {
                known.asked = Some(len);
                let (turn, from) = (known.turn, len);
                let reply = Some(Frame::Want { id, turn, from });
                return Taken { reply, ..nothing };
            }
            return nothing;
        }
        let room = (known.offer.bytes - len) as usize;
        if bytes.len() > room {
            return self.damaged(id);
        }
        known.asked = None;
        known.content.extend_from_slice(bytes);
        let have = Frame::Have {
            id,
            bytes: known.len(),
        };
        if bytes.len() == room {
            let Offer { kind, hash, .. } = known.offer;
            if paper::hash(&known.content) != hash || !paper::fits(kind, &known.content) {
                return self.damaged(id);
            }
            known.whole = true;
        }
        Taken {
            whole: known.whole,
            reply: Some(have),
        }
    }

    fn damaged(&mut self, id: u32) -> Taken {
        self.papers.remove(&id);
        Taken {
            reply: Some(Frame::Refuse {
                id,
                why: Refusal::Damaged,
            }),
            whole: false,
        }
    }

    /// Forgets a document; says whether there was one.
    pub fn drop(&mut self, id: u32) -> bool {
        self.papers.remove(&id).is_some()
    }

    /// Forgets all but these; says whether anything was forgotten.
    pub fn keep(&mut self, ids: &[u32]) -> bool {
        let before = self.papers.len();
        self.papers.retain(|id, _| ids.contains(id));
        self.papers.len() != before
    }

    /// The content of a document that is whole.
    pub fn content(&self, id: u32) -> Option<&[u8]> {
        let known = self.papers.get(&id).filter(|known| known.whole)?;
        Some(&known.content)
    }

    /// What there is: what was said of each, and how much of it has come; it is whole where that is all.
    pub fn list(&self) -> impl Iterator<Item = (&Offer, u32)> {
        self.papers
            .values()
            .map(|known| (&known.offer, known.len()))
    }

    fn bytes(&self) -> u32 {
        // No more than ALL_BYTES.
        self.papers.values().map(|known| known.offer.bytes).sum()
    }
}

impl Incoming {
    fn len(&self) -> u32 {
        // No more than `offer.bytes`.
        u32::try_from(self.content.len()).unwrap_or(u32::MAX)
    }
}
