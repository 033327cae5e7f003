// SPDX-License-Identifier: EUPL-1.2
//! The terminal's side of a consultation: calls a department, face to face.
//!
//! ```text
//! de.amtsnah.Call1 ── calls ──► course ──► signalling ── SIP over TLS ──► exchange ──► desk
//!                                 ▲ ▲          │ descriptions                            │
//!                                 │ └──────────┘                                         │
//!                                 └── media ◄── sound, picture, text (DTLS-SRTP, ICE) ──►┘
//! ```

pub mod account;
pub mod accounts;
pub mod budget;
pub mod course;
pub mod media;
pub mod service;
pub mod signalling;
pub mod talk;
pub mod text;
