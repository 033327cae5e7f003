// SPDX-License-Identifier: EUPL-1.2
//! The terminal's side of a consultation: calls a department, face to face.
//!
//! ```text
//!                                 ┌────► exchange ─── a place in the queue ──► exchange
//! de.amtsnah.Call1 ── calls ──► course ──► signalling ── SIP over TLS ──────► exchange ──► desk
//!                                 ▲ ▲          │ descriptions                            │
//!                                 │ └──────────┘                                         │
//!                                 └── media ◄── sound, picture, text, papers (DTLS-SRTP, ICE) ──►┘
//! ```
//!
//! Why `rsipstack`: it has transactions, forking, glare and digest, is kept, and its parser withstood 1.5
//! million broken messages. Why without its transports: its WebSocket client takes no certificate authority of ours, its framing of
//! streams overflows with a hostile length, and it follows addresses that a peer has written to TCP in the clear. So it is given one
//! connection (`signalling/line.rs`) that never ends, to the exchange alone.

pub mod account;
pub mod budget;
pub mod congestion;
pub mod course;
pub mod exchange;
pub mod media;
pub mod papers;
pub mod paperwork;
pub mod service;
pub mod session;
pub mod signalling;
pub mod spread;
pub mod talk;
pub mod text;
