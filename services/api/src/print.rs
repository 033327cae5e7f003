// SPDX-License-Identifier: EUPL-1.2
//! `de.amtsnah.Print1`: the printer of the device, and the one document that it prints.
//!
//! ```text
//! none ──Print──► waiting ──► printing ──► done ──Print──► waiting
//!                    │ ▲        │ ▲ │
//!                    ▼ │        ▼ │ └──Cancel, it cannot be printed──► failed ──Print──► waiting
//!                    stopped: somebody has to do something; it goes on by itself
//! ```
//!
//! What a caller has to know:
//!
//! * `Print` takes a document as the session service does: sealed memory by descriptor, never a path. It is answered with the job's
//!   number at once; whether the document can be printed at all is told by `Job`.
//! * One job at a time: another `Print` is refused while one is `waiting`, `printing` or `stopped`.
//! * `Printer` is whether there is one, and what it lacks: a word of [`Hindrance`], empty if nothing.
//! * `Job` is number, state, page, pages and reason: a word of [`Hindrance`] where it is `stopped`, of [`Failure`] where it `failed`.
//!   Pages are those of all copies, 0 while nobody knows; the page is the one that comes out, from 1 on.
//! * `Draw` is for the screen: it gives one page of a document as a PNG, as large as there is room for, and how many pages there are.
//!   Whatever a document does to what draws it, it does to a process of its own. It has nothing to do with the printer.
//! * When the session ends the service ends with it, and the printer is told to forget the job.
//!
//! A server calls [`serve`] and answers [`Request`]s; a client uses [`Print1Proxy`] or [`Print1ProxyBlocking`].
//! `xml/de.amtsnah.Print1.xml` is the same contract for readers without Rust.

mod interface;
mod state;

pub use interface::{
    Answer, Call, Drawing, Print1, Print1Proxy, Print1ProxyBlocking, PrintError, Publisher, Reply,
    Request, serve,
};
pub use state::{Failure, Hindrance, Job, JobState, JobWords, Printer, PrinterWords, Status};

/// The well-known bus name.
pub const BUS_NAME: &str = "de.amtsnah.Print1";
/// The only object.
pub const PATH: &str = "/de/amtsnah/Print1";
/// The interface.
pub const INTERFACE: &str = "de.amtsnah.Print1";
/// The most copies of a document.
pub const MAX_COPIES: u32 = 5;
/// The most pages of all copies together.
pub const MAX_PAGES: u32 = 60;
/// The most pixels of each side of a page that is drawn for the screen.
pub const MAX_SIDE: u32 = 4096;
/// The most bytes of its PNG.
pub const MAX_PICTURE: u64 = 64 << 20;
/// So many pages are drawn at the same time.
pub const MAX_DRAWINGS: usize = 2;
