// SPDX-License-Identifier: EUPL-1.2
//! `de.amtsnah.Papers1`, on the object of [`de.amtsnah.Call1`](super): documents that go between terminal and desk during a call.
//!
//! What a caller has to know:
//!
//! * Everything here belongs to the present call and is gone with it: empty before it and after it.
//! * `Received` are the desk's documents. One is there once `whole` is true; then [`Papers1Proxy::open_document`] gives it as sealed
//!   memory, as the session service does (see [`crate::session::document`]).
//! * `Shown` is which page of which of them the desk shows; `Pointer` where it points, in parts of 65535 of the page's width and
//!   height. It is told only as it changes: with another page, and with nothing shown, there is no pointer.
//! * `Shares` says that it shows its screen instead: that is a part of the call's picture, large, with the face beside it.
//! * `Print` is what the desk has asked to be printed. As long as its answer is empty, the citizen is asked; the answer goes to the
//!   desk with [`Papers1Proxy::answer_print`]: `agreed` or `declined`, and after `agreed` how it ended, `printed` or `failed`. Whoever
//!   asks the citizen prints: this service never does.
//! * `Scan` is what the desk has asked to be scanned, in the same way: the answer goes with [`Papers1Proxy::answer_scan`]. After `agreed`
//!   it may be `hindered`, with what keeps the scanner, and `agreed` again, as often as that happens; it ends `sent`, once the desk has
//!   the document, `declined` or `failed`. Whoever asks the citizen scans, and hands the document over.
//! * `Sent` are the terminal's documents, handed over with [`Papers1Proxy::send_document`].
//!
//! A server calls [`serve`] and answers [`Request`]s; a client uses [`Papers1Proxy`] or [`Papers1ProxyBlocking`].
//! `xml/de.amtsnah.Call1.xml` is the same contract for readers without Rust.

mod interface;
mod state;

pub use interface::{
    Answer, Call, Papers1, Papers1Proxy, Papers1ProxyBlocking, PapersError, Publisher, Reply,
    Request, serve,
};
pub use state::{Print, PrintAnswer, Received, Scan, ScanAnswer, Sent, SentState, Shown, Status};

/// The interface.
pub const INTERFACE: &str = "de.amtsnah.Papers1";
/// The most bytes of a document's name.
pub const MAX_NAME: usize = 120;
