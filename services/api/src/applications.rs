// SPDX-License-Identifier: EUPL-1.2
//! `de.amtsnah.Applications1`: the applications that a site releases to its clerks, and the one that runs.
//!
//! ```text
//! stopped ──Start──► running ──it falls──► restarting ──time──► running     (the pauses grow)
//!    ▲                  │                      │
//!    ├──Stop, it ends───┘                      └──it fell too often──► failed ──Start──► running
//!    └──Stop, from each of them                                        (at once where its server cannot prove itself)
//! ```
//!
//! What a caller has to know:
//!
//! * `State`, `Application`, `Reason` and `Retry` are read after every change of any. `Reason` is why the application fell last,
//!   empty if it did not; `Retry` is when it is started again, in milliseconds of `CLOCK_BOOTTIME`, 0 if there is no such time.
//! * That it runs says that its program does. Whether it has a window is the compositor's to tell.
//! * One that does not answer any more is taken for one that fell: the compositor closes its connection.
//! * Names are the site configuration's: here are only ids.
//!
//! A server calls [`serve`] and answers [`Request`]s; a client uses [`Applications1Proxy`] or [`Applications1ProxyBlocking`].
//! `xml/de.amtsnah.Applications1.xml` is the same contract for readers without Rust.

mod interface;
mod state;

pub use interface::{
    Answer, Applications1, Applications1Proxy, Applications1ProxyBlocking, ApplicationsError, Call,
    Publisher, Request, serve,
};
pub use state::{Fall, RunState, Status, released_from};

/// The well-known bus name.
pub const BUS_NAME: &str = "de.amtsnah.Applications1";
/// The only object.
pub const PATH: &str = "/de/amtsnah/Applications1";
/// The interface.
pub const INTERFACE: &str = "de.amtsnah.Applications1";
/// More applications than a client takes in.
pub const MAX_APPLICATIONS: usize = 16;
/// The most bytes of an id.
pub const MAX_ID: usize = 40;
/// Pixels of the place that an application gets, each way.
pub const SIZE: std::ops::RangeInclusive<u32> = 200..=8192;
