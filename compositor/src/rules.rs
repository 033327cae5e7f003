// SPDX-License-Identifier: EUPL-1.2
//! What differs between a kiosk and a conformance test.
//!
//! A kiosk is [`Rules::kiosk`], always: no argument, variable or message of the running program changes it. Tests that need
//! several clients with ordinary windows ask for other rules when they make their compositor.

use std::time::Duration;

/// Where windows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// The shell's windows fill the screen; one application is shown inside the frame that the shell leaves free.
    Frame,
    /// Windows have the size they like and are where [`Compositor::place`](crate::Compositor::place) puts them.
    Free,
}

/// Who may connect, and what is expected of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Where windows go.
    pub placement: Placement,
    /// Any number of clients is let in, each with the shell's rights.
    pub everyone_is_shell: bool,
    /// A buffer may be attached before the first configure is acknowledged.
    pub early_buffers: bool,
    /// So long an application may take to answer a ping.
    pub answer_within: Duration,
}

impl Rules {
    /// One shell, applications with few rights, windows in the frame.
    #[must_use]
    pub const fn kiosk() -> Self {
        Self {
            placement: Placement::Frame,
            everyone_is_shell: false,
            early_buffers: false,
            answer_within: Duration::from_secs(10),
        }
    }

    /// What a conformance test expects of a desktop.
    #[must_use]
    pub const fn conformance(early_buffers: bool) -> Self {
        Self {
            placement: Placement::Free,
            everyone_is_shell: true,
            early_buffers,
            ..Self::kiosk()
        }
    }
}
