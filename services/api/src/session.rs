// SPDX-License-Identifier: EUPL-1.2
//! `de.amtsnah.Session1`: one person's time at the device, and that nothing of it stays.
//!
//! ```text
//! idle ──Begin──► active ◄──Extend── warned          (warned: nobody was there for a while, or it took long)
//!                   │  └──time-out────►┘ │
//!                   └─End─► ending ◄─────┘ time-out or End
//!                             │  everything is erased, the shell's process included
//!                             ▼
//! idle ◄──Rate, time-out── erased ──Begin──► active
//! ```
//!
//! What a caller has to know:
//!
//! * `State`, `Deadline`, `Progress`, `Language` and `Manner` are read after every change of `State`. `Deadline` is the next
//!   time-out in milliseconds of `CLOCK_BOOTTIME`, 0 if there is none: in `active` it is when the warning comes, in
//!   `warned` the end, in `erased` when the device is free again.
//! * In `warned` only `Extend` leads back: a hand on the screen may be the next person's.
//! * The signal `Leave` asks the shell to end its process. It has [`LEAVE`] for it; then it is killed. The process that
//!   comes after it finds `ending` or `erased` and shows them, in `Language` and as `Manner` says: large letters stay large.
//! * `Rate` is taken in `ending` and `erased`, once.
//! * A document is a descriptor of sealed memory: see [`document`]. Its content goes with the session even where a
//!   descriptor of it is still held somewhere.
//!
//! A server calls [`serve`] and answers [`Request`]s; a client uses [`Session1Proxy`] or [`Session1ProxyBlocking`] and
//! [`Status::read`]. `xml/de.amtsnah.Session1.xml` is the same contract for readers without Rust.

use std::time::Duration;

pub mod document;
mod error;
mod interface;
mod state;

pub use document::{Document, Kind};
pub use error::SessionError;
pub use interface::{
    Answer, Call, Publisher, Reply, Request, Session1, Session1Proxy, Session1ProxyBlocking, serve,
};
pub use state::{Outcome, SessionState, Status, is_language, is_manner};

/// The well-known bus name.
pub const BUS_NAME: &str = "de.amtsnah.Session1";
/// The only object.
pub const PATH: &str = "/de/amtsnah/Session1";
/// The interface.
pub const INTERFACE: &str = "de.amtsnah.Session1";

/// How long the shell has to end its process after `Leave`.
pub const LEAVE: Duration = Duration::from_secs(2);
/// How satisfied a person can say to be: from 1 to this; 0 is no answer.
pub const MAX_RATING: u8 = 3;
/// The most bytes of a language tag or of a manner.
pub const MAX_WORD: usize = 40;
/// The most bytes of a service's name: the id of a department or of a service description.
pub const MAX_SERVICE: usize = 161;
