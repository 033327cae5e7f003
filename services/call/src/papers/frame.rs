// SPDX-License-Identifier: EUPL-1.2
//! Frames: one a message of the channel. A type, then fields of fixed width, the last one filling the rest; numbers big-endian.

use thiserror::Error;

use super::paper::{self, Offer, Refusal};
use super::scan::Scanning;
use super::{CHUNK, COPIES, DOCUMENTS, NAME, PAGES};

/// The most bytes of a frame.
pub const FRAME: usize = CHUNK + 9;
/// The version of all this. Another one is not understood.
pub const VERSION: u8 = 1;

/// How far it is with a print that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The citizen agrees; it is being printed.
    Agreed,
    /// The citizen does not.
    Declined,
    /// It has come out.
    Printed,
    /// It could not be printed.
    Failed,
    /// Another print is not done yet, or there is no such document.
    NotNow,
}

impl Answer {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Agreed,
        Self::Declined,
        Self::Printed,
        Self::Failed,
        Self::NotNow,
    ];

    /// The number on the way.
    pub const fn code(self) -> u8 {
        match self {
            Self::Agreed => 1,
            Self::Declined => 2,
            Self::Printed => 3,
            Self::Failed => 4,
            Self::NotNow => 5,
        }
    }

    /// Whether nothing comes after it.
    pub const fn is_last(self) -> bool {
        !matches!(self, Self::Agreed)
    }
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The channel is open, maybe again.
    Hello {
        /// The other side has to say it too.
        asks: bool,
        /// The numbers of all documents of the sender that are not taken back.
        ids: Vec<u32>,
    },
    /// A document can be had.
    Offer {
        /// How often it was offered before, the last 8 bits of it.
        turn: u8,
        /// Which document.
        offer: Offer,
    },
    /// It is wanted.
    Want {
        /// Which.
        id: u32,
        /// The turn of the offer that this answers: only the last one counts.
        turn: u8,
        /// From this byte on.
        from: u32,
    },
    /// A part of it.
    Chunk {
        /// Of which.
        id: u32,
        /// The place of its first byte.
        from: u32,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// So much of it is there; where it is all, it is whole and right.
    Have {
        /// Of which.
        id: u32,
        /// So many bytes.
        bytes: u32,
    },
    /// It is not taken.
    Refuse {
        /// Which.
        id: u32,
        /// Why.
        why: Refusal,
    },
    /// Its sender takes it back: it is forgotten.
    Drop {
        /// Which.
        id: u32,
    },
    /// The desk shows a page of one of its documents, the first is 1.
    Show {
        /// Of which.
        id: u32,
        /// Which page.
        page: u16,
    },
    /// The desk shows nothing any more, neither a page nor its screen.
    Hide,
    /// The desk shows its screen, or a part of it, and no page: it comes as a picture.
    Share,
    /// The desk points at a place of the page: in parts of 65535 of its width and height.
    Point {
        /// From the left.
        x: u16,
        /// From above.
        y: u16,
    },
    /// The desk points at nothing any more.
    Lift,
    /// The desk asks for one of its documents to be printed.
    Print {
        /// The number of what is asked, from 1 on.
        request: u32,
        /// Which document.
        id: u32,
        /// How often.
        copies: u8,
    },
    /// The terminal answers.
    Printing {
        /// What was asked.
        request: u32,
        /// The answer.
        answer: Answer,
    },
    /// The desk asks for a paper of the citizen's to be scanned.
    Scan {
        /// The number of what is asked, from 1 on.
        request: u32,
    },
    /// The terminal says how far it is with that.
    Scanning {
        /// What was asked.
        request: u32,
        /// How far it is.
        says: Scanning,
    },
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    /// Too few bytes, or too many.
    #[error("a frame of a wrong length")]
    Length,
    /// A type or a version that does not exist.
    #[error("a frame of an unknown type")]
    Type,
    /// A field that says what it cannot say.
    #[error("a frame with a field out of its range")]
    Field,
}

/// Reads fields one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Unfit> {
        let (first, rest) = self.0.split_first_chunk().ok_or(Unfit::Length)?;
        self.0 = rest;
        Ok(*first)
    }

    fn byte(&mut self) -> Result<u8, Unfit> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn short(&mut self) -> Result<u16, Unfit> {
        self.take().map(u16::from_be_bytes)
    }

    fn long(&mut self) -> Result<u32, Unfit> {
        self.take().map(u32::from_be_bytes)
    }

    /// A number of a document or a request.
    fn number(&mut self) -> Result<u32, Unfit> {
        match self.long()? {
            0 => Err(Unfit::Field),
            number => Ok(number),
        }
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    fn end(self) -> Result<(), Unfit> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Unfit::Length)
        }
    }
}

impl Frame {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Hello { asks, ids } => {
                out.extend([0x01, VERSION, u8::from(*asks)]);
                for id in ids {
                    out.extend(id.to_be_bytes());
                }
            }
            Self::Offer { turn, offer } => {
                numbers(&mut out, 0x10, [offer.id]);
                out.extend([*turn, paper::kind_code(offer.kind)]);
                out.extend(offer.bytes.to_be_bytes());
                out.extend(offer.hash);
                out.extend(offer.name.as_bytes());
            }
            Self::Want { id, turn, from } => {
                numbers(&mut out, 0x11, [*id]);
                out.push(*turn);
                out.extend(from.to_be_bytes());
            }
            Self::Chunk { id, from, bytes } => {
                numbers(&mut out, 0x12, [*id, *from]);
                out.extend(bytes);
            }
            Self::Have { id, bytes } => numbers(&mut out, 0x13, [*id, *bytes]),
            Self::Refuse { id, why } => {
                numbers(&mut out, 0x14, [*id]);
                out.push(why.code());
            }
            Self::Drop { id } => numbers(&mut out, 0x15, [*id]),
            Self::Show { id, page } => {
                numbers(&mut out, 0x20, [*id]);
                out.extend(page.to_be_bytes());
            }
            Self::Hide => out.push(0x21),
            Self::Point { x, y } => {
                out.push(0x22);
                out.extend(x.to_be_bytes());
                out.extend(y.to_be_bytes());
            }
            Self::Lift => out.push(0x23),
            Self::Share => out.push(0x24),
            Self::Print {
                request,
                id,
                copies,
            } => {
                numbers(&mut out, 0x30, [*request, *id]);
                out.push(*copies);
            }
            Self::Printing { request, answer } => {
                numbers(&mut out, 0x31, [*request]);
                out.push(answer.code());
            }
            Self::Scan { request } => numbers(&mut out, 0x32, [*request]),
            Self::Scanning { request, says } => {
                numbers(&mut out, 0x33, [*request]);
                let (says, reason) = says.codes();
                out.extend([says, reason]);
            }
        }
        out
    }

    /// Reads what came.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unfit> {
        if bytes.len() > FRAME {
            return Err(Unfit::Length);
        }
        let mut fields = Fields(bytes);
        let frame = match fields.byte()? {
            0x01 => hello(&mut fields)?,
            0x10 => offer(&mut fields)?,
            0x11 => Self::Want {
                id: fields.number()?,
                turn: fields.byte()?,
                from: fields.long()?,
            },
            0x12 => {
                let (id, from, bytes) = (fields.number()?, fields.long()?, fields.rest());
                if bytes.is_empty() {
                    return Err(Unfit::Length);
                }
                let bytes = bytes.to_vec();
                Self::Chunk { id, from, bytes }
            }
            0x13 => Self::Have {
                id: fields.number()?,
                bytes: fields.long()?,
            },
            0x14 => Self::Refuse {
                id: fields.number()?,
                why: Refusal::of(fields.byte()?).ok_or(Unfit::Field)?,
            },
            0x15 => Self::Drop {
                id: fields.number()?,
            },
            0x20 => {
                let (id, page) = (fields.number()?, fields.short()?);
                if page == 0 || page > PAGES {
                    return Err(Unfit::Field);
                }
                Self::Show { id, page }
            }
            0x21 => Self::Hide,
            0x22 => Self::Point {
                x: fields.short()?,
                y: fields.short()?,
            },
            0x23 => Self::Lift,
            0x24 => Self::Share,
            0x30 => {
                let (request, id, copies) = (fields.number()?, fields.number()?, fields.byte()?);
                if copies == 0 || copies > COPIES {
                    return Err(Unfit::Field);
                }
                Self::Print {
                    request,
                    id,
                    copies,
                }
            }
            0x31 => {
                let (request, code) = (fields.number()?, fields.byte()?);
                let answer = Answer::ALL.into_iter().find(|one| one.code() == code);
                let answer = answer.ok_or(Unfit::Field)?;
                Self::Printing { request, answer }
            }
            0x32 => Self::Scan {
                request: fields.number()?,
            },
            0x33 => {
                let (request, codes) = (fields.number()?, (fields.byte()?, fields.byte()?));
                let says = Scanning::of(codes).ok_or(Unfit::Field)?;
                Self::Scanning { request, says }
            }
            _ => return Err(Unfit::Type),
        };
        fields.end()?;
        Ok(frame)
    }
}

fn numbers<const N: usize>(out: &mut Vec<u8>, kind: u8, numbers: [u32; N]) {
    out.push(kind);
    out.extend(numbers.into_iter().flat_map(u32::to_be_bytes));
}

fn hello(fields: &mut Fields<'_>) -> Result<Frame, Unfit> {
    if fields.byte()? != VERSION {
        return Err(Unfit::Type);
    }
    let asks = match fields.byte()? {
        0 => false,
        1 => true,
        _ => return Err(Unfit::Field),
    };
    let mut ids = Vec::new();
    while !fields.0.is_empty() {
        if ids.len() >= DOCUMENTS {
            return Err(Unfit::Length);
        }
        ids.push(fields.number()?);
    }
    Ok(Frame::Hello { asks, ids })
}

fn offer(fields: &mut Fields<'_>) -> Result<Frame, Unfit> {
    let (id, turn) = (fields.number()?, fields.byte()?);
    let kind = paper::kind_of(fields.byte()?).ok_or(Unfit::Field)?;
    let (bytes, hash) = (fields.long()?, fields.take()?);
    let name = fields.rest();
    if name.len() > NAME {
        return Err(Unfit::Length);
    }
    let name = std::str::from_utf8(name).map_err(|_| Unfit::Field)?;
    if !paper::is_name(name) {
        return Err(Unfit::Field);
    }
    let name = name.to_owned();
    let offer = Offer {
        id,
        kind,
        bytes,
        hash,
        name,
    };
    Ok(Frame::Offer { turn, offer })
}

#[cfg(test)]
mod tests;
