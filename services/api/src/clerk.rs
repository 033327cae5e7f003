// SPDX-License-Identifier: EUPL-1.2
//! `de.amtsnah.Clerk1`: who is signed in at a case, and whether it is locked.
//!
//! ```text
//!                        ┌────────── SignOut ──────────┐
//!                        ▼                             │
//! unset ─ChoosePassword─►│  signed-out ───SignIn───► signed-in ◄──Unlock── locked
//!                        └─► (signed in at once)       └──Lock, time-out───►┘
//! damaged: what is kept of the password cannot be read; nothing is accepted
//! ```
//!
//! What a caller has to know:
//!
//! * `State` and `Retry` are read after every change of either. `Retry` is when the next try is taken, in milliseconds of
//!   `CLOCK_BOOTTIME`; 0 if that is now. It grows with every wrong try and is there again after a restart and a power cut.
//! * A password travels as the read end of a pipe: see [`crate::secret`].
//! * The service locks by itself when it has not heard of [`Call::Presence`] for as long as the site configuration says.
//! * There is one password for one case. The service does not know who the clerk is, and no name is kept.
//!
//! A server calls [`serve`] and answers [`Request`]s; a client uses [`Clerk1Proxy`] or [`Clerk1ProxyBlocking`] and
//! [`Status::read`]. `xml/de.amtsnah.Clerk1.xml` is the same contract for readers without Rust.

mod error;
mod interface;
mod state;

pub use error::ClerkError;
pub use interface::{
    Answer, Call, Clerk1, Clerk1Proxy, Clerk1ProxyBlocking, Publisher, Request, Task, serve,
};
pub use state::{ClerkState, Status};

/// The well-known bus name.
pub const BUS_NAME: &str = "de.amtsnah.Clerk1";
/// The only object.
pub const PATH: &str = "/de/amtsnah/Clerk1";
/// The interface.
pub const INTERFACE: &str = "de.amtsnah.Clerk1";

/// The fewest characters of a password that may be chosen.
pub const MIN_PASSWORD_CHARS: usize = 8;
/// The most characters of a password: in UTF-8 none of them is longer than [`crate::secret::MAX_SECRET_BYTES`].
pub const MAX_PASSWORD_CHARS: usize = 64;
/// The fewest different characters of one.
const DIFFERENT: usize = 4;

/// Whether `password` may be chosen: long enough, no control characters, of several different characters, and no plain run
/// such as abcdefgh. What else is asked for only makes people write it down; wrong tries are slowed down instead.
pub fn password_is_acceptable(password: &str) -> bool {
    let chars: Vec<char> = password.chars().collect();
    let mut different = chars.clone();
    different.sort_unstable();
    different.dedup();
    let step_is = |step: i64| {
        chars.windows(2).all(
            |pair| matches!(pair, [a, b] if i64::from(u32::from(*b)) - i64::from(u32::from(*a)) == step),
        )
    };
    (MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&chars.len())
        && !chars.iter().any(|c| c.is_control())
        && different.len() >= DIFFERENT
        && ![1, -1].into_iter().any(step_is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{MAX_SECRET_BYTES, Secret};

    /// Proves C6: a password is not one of the first that anyone would try, and every one that may be chosen can be sent.
    #[test]
    fn weak_passwords_are_refused() {
        let long = "xyz1".repeat(MAX_PASSWORD_CHARS / 4) + "x";
        for weak in [
            "",
            "kurz1!x",
            "aaaaaaaa",
            "abababab",
            "12345678",
            "hgfedcba",
            "lager\u{7}kiste",
            &long,
        ] {
            assert!(!password_is_acceptable(weak), "{weak}");
        }
        let longest = "\u{10348}abc".repeat(MAX_PASSWORD_CHARS / 4);
        for good in ["lagerkiste", "Lößnitz-Grund 7", "ضوء الصباح", &longest] {
            assert!(password_is_acceptable(good), "{good}");
            assert!(Secret::new(good.to_owned()).is_ok());
        }
        assert_eq!(MAX_PASSWORD_CHARS * 4, MAX_SECRET_BYTES);
    }
}
