// SPDX-License-Identifier: EUPL-1.2
//! `de.amtsnah.Call1`: a call to a department, face to face.
//!
//! ```text
//! idle ──Call──► waiting ──► ringing ──► talking ◄──Pause──► paused        (by us)
//!  ▲                │           │           │    ◄─────────► held          (by the other side)
//!  │                │           │           │    ◄─────────► mending       (the link was lost)
//! ended ◄───────────┴───────────┴───────────┴── HangUp, and whatever else ends it (see `Reason`)
//!   └──Call──► waiting
//! ```
//!
//! What a caller has to know:
//!
//! * All properties are read after every change of any. `Reason` is why the last call ended, empty while there was none.
//! * In `waiting` others may be first: `Position` and `Wait` say how it stands. A call that is handed over to another department
//!   waits anew, in its old place.
//! * A call that is paused from both sides is `paused`. Neither sound nor picture flows in `paused` and `held`.
//! * In `mending` the call goes on by itself once there is a link again, or ends.
//! * `Text` is a piece of what the other side typed: U+0008 takes back the character before it, U+2028 is a new line.
//!
//! A server calls [`serve`] and answers [`Request`]s; a client uses [`Call1Proxy`] or [`Call1ProxyBlocking`].
//! `xml/de.amtsnah.Call1.xml` is the same contract for readers without Rust.

mod interface;
pub mod papers;
mod state;

pub use interface::{
    Answer, Call, Call1, Call1Proxy, Call1ProxyBlocking, CallError, Publisher, Request, serve,
};
pub use state::{CallState, Reason, Status};

/// The well-known bus name.
pub const BUS_NAME: &str = "de.amtsnah.Call1";
/// The only object.
pub const PATH: &str = "/de/amtsnah/Call1";
/// The interface.
pub const INTERFACE: &str = "de.amtsnah.Call1";
/// The most bytes of a department's id.
pub const MAX_DEPARTMENT: usize = 64;
/// The most bytes of a piece of text.
pub const MAX_TEXT: usize = 1024;

/// Whether this may be a department's id: it becomes a part of an address.
pub fn is_department(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    !id.is_empty() && id.len() <= MAX_DEPARTMENT && id.bytes().all(plain)
}
