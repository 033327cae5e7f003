// SPDX-License-Identifier: EUPL-1.2
//! Prints documents on the device's printer, by IPP alone: no queue, no filters, no driver, nothing kept.
//!
//! ```text
//! de.amtsnah.Print1 ── calls ──► course ── run, kill ──► the job's process: reads the document from its descriptor,
//!                                 ▲ ▲ ▲                  draws a page, sends it, draws the next
//!                      time ──────┘ │ └── words ◄────────────┘               │ PWG or Apple raster in IPP over HTTP
//!                                   └── look: printer, job ◄── IPP ──► printer (by ipp-usb, or named by the site)
//! ```
//!
//! A page for the screen is drawn the same way, each in a process of its own: `Draw` ──► drawing ──► the page's process ──► sealed memory.
//!
//! Whatever is of a document is in the job's process and in the printer. That process ends with the job, and all of it with the session
//! (`session.slice`); the service itself passes on the descriptor and never reads it.

pub mod course;
pub mod draw;
pub mod drawing;
pub mod find;
pub mod ipp;
pub mod marker;
pub mod printer;
pub mod program;
pub mod raster;
pub mod send;
pub mod service;
pub mod show;
pub mod tls;
pub mod word;
