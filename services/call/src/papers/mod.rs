// SPDX-License-Identifier: EUPL-1.2
//! Papers: documents that go between terminal and desk over a data channel, end to end, and what is done with them. Pure.
//!
//! ```text
//!            Hello (what I still have of mine) ──►
//! sender     Offer (number, turn, kind, size, hash, name) ──►                receiver
//!            ◄── Want (turn, from which byte on) │ Refuse (why)
//!            Chunk (from which byte on, bytes) ──►      at most WINDOW bytes ahead of
//!            ◄── Have (so many bytes)                   what the receiver has
//! ```
//!
//! Each side numbers its own documents from 1 on; no number comes twice. After a break, whoever has an open channel again says Hello:
//! everything that has not arrived is offered anew, and the receiver says from where on it wants it. What has arrived whole fits its
//! size, its hash and its kind, or it has not arrived.
//!
//! The desk shows a page of one of its documents or its screen, one thing at a time: each takes the place of the other. The screen itself is
//! no document; it comes as the second picture of the call (`media/board.rs`).
//!
//! `services/desk/src/papers` is the other side; both read `vectors.json`.

pub mod frame;
pub mod inbox;
pub mod outbox;
pub mod paper;
pub mod scan;
pub mod terminal;

pub use frame::{Frame, Unfit};
pub use inbox::Inbox;
pub use outbox::Outbox;
pub use paper::{Offer, Refusal};
pub use scan::{Scan, Scanning};
pub use terminal::{Papers, Told};

/// The most bytes of a document.
pub const BYTES: u32 = 16 << 20;
/// The most bytes of all documents of one side.
pub const ALL_BYTES: u32 = 64 << 20;
/// The most documents of one side at the same time.
pub const DOCUMENTS: usize = 32;
/// The most documents of one side in a call.
pub const NUMBERS: u32 = 1000;
/// The most bytes of a name.
pub const NAME: usize = 120;
/// The most bytes of a chunk.
pub const CHUNK: usize = 16 << 10;
/// So many bytes may be under way: more would hold up sound and picture on a line of 1 Mbit/s for longer than half a second.
pub const WINDOW: u32 = 64 << 10;
/// The most pages of a document.
pub const PAGES: u16 = 2000;
/// The most copies that are asked for.
pub const COPIES: u8 = 5;
