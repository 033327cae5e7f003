// SPDX-License-Identifier: EUPL-1.2
//! The exchange as a terminal meets it: it is enrolled once, then takes a place in a department's queue, hears how it stands, and calls when
//! it is its turn. SIP is for the call alone.
//!
//! ```text
//! enrol: code ──► certificate            place: ticket ──► events ──► called ──► account ──► who is called, and with what
//!                     │                    │                                                             │
//!                     └──── identity ──────┴── client ── HTTPS, certificates on both sides ──► exchange  └──► course
//! ```
//!
//! Whatever the exchange answers is bounded and checked ([`answer`], [`events`]): it is another machine.

pub mod answer;
pub mod client;
pub mod enrol;
pub mod events;
pub mod identity;
pub mod place;

use std::sync::Arc;
use std::time::Duration;

use api::call::Reason;
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::account::Account;

/// How far a place in the queue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Others are first, or nobody is free.
    Waiting,
    /// It is our turn.
    Called,
    /// It rings.
    Ringing,
    /// Somebody has answered.
    Talking,
}

/// Where a place in the queue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How far it is.
    pub phase: Phase,
    /// The place among those who wait, from 1.
    pub position: u32,
    /// How long it will still be, if that is known.
    pub wait: Option<Duration>,
}

/// What becomes of a place in the queue.
#[derive(Clone, Debug)]
pub enum News {
    /// It stands there.
    Stands(Standing),
    /// It is our turn: this name at the exchange is called, with this account.
    Called(String, Box<Account>),
    /// It is gone: the conversation is over.
    Gone,
    /// There is none, or no longer.
    Refused(Reason),
}

/// Where news are told: from any thread.
pub type Tell = Arc<dyn Fn(News) + Send + Sync>;

/// Whoever gives places in the queue of a department.
pub trait Exchange: Send {
    /// Asks for one; what becomes of it is told.
    fn enter(&self, runtime: &Handle, department: String, tell: Tell) -> Place;
}

/// A place in the queue, held or asked for. Dropping it gives it up.
#[derive(Debug)]
pub struct Place(#[allow(dead_code)] DropGuard);

impl Place {
    /// One, and what tells that it was given up.
    pub fn new() -> (Self, CancellationToken) {
        let given_up = CancellationToken::new();
        (Self(given_up.clone().drop_guard()), given_up)
    }
}
