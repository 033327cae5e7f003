// SPDX-License-Identifier: EUPL-1.2
//! The clerk service: who is signed in at a case, and whether it is locked (C2, C6).
//!
//! ```text
//!  calls, time ──► course (pure) ──► the published status
//!                     │    ▲
//!       a try is kept ▼    │ right or wrong
//!                   store ─► password
//! ```
//!
//! | module | noun |
//! |---|---|
//! | [`course`] | the pure state machine of signing in, locking and waiting after wrong tries |
//! | crate `password` | the Argon2id hash of the password |
//! | [`store`] | the file it is kept in, with the number of wrong tries |
//! | [`sleep`] | that the device goes to sleep: the lid was closed |
//! | [`marker`] | that the clerk was signed in when the service itself fell |

pub mod course;
pub mod lid;
pub mod marker;
pub mod sleep;
pub mod store;
