// SPDX-License-Identifier: EUPL-1.2
//! Runs the applications that a site releases to its clerks, one at a time.
//!
//! ```text
//! de.amtsnah.Applications1 ── calls ──► course ── run, kill ──► the program, with a connection to the compositor
//!                                         ▲ ▲                       │            │
//!                              time ──────┘ └── ended, fell ◄───────┘            │
//!                                           └── the connection was closed ◄──────┘
//! ```

pub mod arguments;
pub mod course;
pub mod program;
pub mod service;
