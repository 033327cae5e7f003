// SPDX-License-Identifier: EUPL-1.2
//! `de.amtsnah.Scan1`: the scanner of the device, and the pages that were put on it.
//!
//! ```text
//!            ┌──────── Cancel ───────┐
//!            ▼                       │  the page is there
//! idle ──Scan, Again──► scanning ────┼────────────────────► kept ──Scan, Again──► scanning
//!                          │                                  └──Finish──► binding ──► done ──Scan──► scanning
//!                          └── it came to nothing ──► trouble ──Scan, Again, Finish──► …     │
//!                                                        ▲── the store did not take it ──────┘
//! ```
//!
//! What a caller has to know:
//!
//! * A page is scanned with [`DPI`] dots per inch. `Scan` is answered with its number at once; it is in `Pages` when it is there.
//! * Pages stay, whatever happens to the scanner, until they are discarded, have become a document, or the session ends. `Again` scans a
//!   page anew, and the old one stays until the new one is there.
//! * `Pages` is number and quarter turns clockwise of each, in their order in the document. `Preview` is a small PNG of a page as it was
//!   scanned, not turned.
//! * `Finish` makes one PDF/A-2b of all pages, with a title and a language, and hands it to the session service, as every document:
//!   `Document` is its number there. Then there are no pages any more.
//! * `Work` is state, percent (of a page that is `scanning`) and reason: a word of [`Trouble`] where it is `trouble`.
//! * One thing at a time: what has to wait is refused.
//!
//! A server calls [`serve`] and answers [`Request`]s; a client uses [`Scan1Proxy`] or [`Scan1ProxyBlocking`].
//! `xml/de.amtsnah.Scan1.xml` is the same contract for readers without Rust.

mod interface;
mod state;

pub use interface::{
    Answer, Call, Publisher, Reply, Request, Scan1, Scan1Proxy, Scan1ProxyBlocking, ScanError,
    serve,
};
pub use state::{Page, PageWords, Status, Trouble, Work, WorkWords};

use crate::session::document;

/// The well-known bus name.
pub const BUS_NAME: &str = "de.amtsnah.Scan1";
/// The only object.
pub const PATH: &str = "/de/amtsnah/Scan1";
/// The interface.
pub const INTERFACE: &str = "de.amtsnah.Scan1";
/// Dots per inch of a page.
pub const DPI: u16 = 300;
/// The most pages of a document.
pub const MAX_PAGES: usize = 20;
/// The most bytes of all pages of a document: what the session's store takes, without what a PDF adds to them.
pub const MAX_BYTES: u64 = document::MAX_BYTES - (256 << 10);
/// The most bytes of a title.
pub const MAX_TITLE: usize = 200;
