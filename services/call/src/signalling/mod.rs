// SPDX-License-Identifier: EUPL-1.2
//! Signalling: SIP over TLS to the exchange, one call a time.
//!
//! ```text
//! TLS ─► gate (limits) ─► rsipstack (transactions, dialog, digest) ─► agent ─► events
//! ```
//!
//! Why `rsipstack`: see the crate's documentation. It gets no transport of its own: only the [`line`] exists.

// The stack's own errors are large, and rare.
#![allow(clippy::result_large_err)]

pub mod agent;
pub mod gate;
pub mod line;
pub mod sdp;

pub use agent::{Agent, Event, Failure};
