// SPDX-License-Identifier: EUPL-1.2
//! Scans papers on the device's scanner, by SANE, into memory alone.
//!
//! ```text
//! de.amtsnah.Scan1 ── calls ──► course ── take, bind, kill ──► scanimage ── picture ──► a process for the page: packs it
//!                                ▲ ▲ ▲                            ▲                      │ sealed memory, by descriptor
//!                     time ──────┘ │ └── words, pages ◄───────────┼──────────────────────┤
//!                                  └── is there one? ◄── find ────┘      a process for the document: makes the PDF
//!                                                                                        │ de.amtsnah.Session1
//! ```
//!
//! SANE is met through Debian's `scanimage`, a process a page: a backend that hangs or falls is ended with it and takes nobody along,
//! and the Rust bindings of SANE are neither kept up nor safe. What it sends is read by a process of our own with limits. The service
//! itself passes on descriptors and never looks into a page; all of it ends with the session (`session.slice`).

pub mod bind;
pub mod course;
pub mod find;
pub mod pack;
pub mod picture;
pub mod program;
pub mod sane;
pub mod service;
pub mod take;
pub mod word;
