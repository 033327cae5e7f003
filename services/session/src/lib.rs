// SPDX-License-Identifier: EUPL-1.2
//! The session service: one person's time at the device, and that nothing of it stays (T15).
//!
//! ```text
//!  calls, time ──► course (pure) ──► effects ──► erasing: documents, processes, the shell
//!                                        └─────► usage figures, the published status
//! ```
//!
//! | module | noun |
//! |---|---|
//! | [`course`] | the pure state machine of a session |
//! | [`store`] | its documents, in [`memory`] that can be erased under whoever still looks at it |
//! | [`processes`] | what runs in the session's slice, and how it ends |
//! | [`erasure`] | the order in which everything goes |
//! | [`usage`] | counting without personal data |
//! | [`marker`] | that there was a session when the service itself fell |

pub mod course;
pub mod erasure;
pub mod marker;
pub mod memory;
pub mod processes;
pub mod store;
pub mod usage;
