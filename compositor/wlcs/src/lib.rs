// SPDX-License-Identifier: EUPL-1.2
//! The compositor under the Wayland conformance suite, Debian's package `wlcs`.
//!
//! The suite loads this library into each of its processes and calls it through a C interface (`integration`); behind it
//! a thread runs the real compositor with a screen in memory ([`server`]). The program of this crate runs all tests, in
//! parallel and with a deadline each ([`runner`]), and compares what became of them with `expected.txt` ([`expected`]),
//! which names each test that is skipped or fails, and why.

pub mod expected;
mod integration;
pub mod outcome;
pub mod runner;
pub mod server;
