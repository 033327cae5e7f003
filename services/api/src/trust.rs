// SPDX-License-Identifier: EUPL-1.2
//! `de.amtsnah.Trust1`: whether the encrypted data volume is open, and the few things a person can do about it.
//!
//! ```text
//! opening ──► open
//!    ├──────► new-pin ──ChoosePin──► opening
//!    ├──────► pin ──SubmitPin──► opening            (case only; too many wrong PINs: recovery)
//!    └──────► recovery ──SubmitRecoveryKey──► opening
//! ```
//!
//! A server calls [`serve`] and answers [`Request`]s; a client uses [`Trust1Proxy`] or [`Trust1ProxyBlocking`]
//! and [`Status::read`]. `xml/de.amtsnah.Trust1.xml` is the same contract for readers without Rust.

mod error;
mod interface;
mod recovery_key;
mod state;

pub use error::TrustError;
pub use interface::{
    Answer, Call, Publisher, Request, Task, Trust1, Trust1Proxy, Trust1ProxyBlocking, serve,
};
pub use recovery_key::{
    MODHEX, RECOVERY_GROUP, RECOVERY_GROUPS, RECOVERY_LETTERS, RecoveryKey, RecoveryKeyError,
};
pub use state::{Status, TrustState};

/// The well-known bus name.
pub const BUS_NAME: &str = "de.amtsnah.Trust1";
/// The only object.
pub const PATH: &str = "/de/amtsnah/Trust1";
/// The interface.
pub const INTERFACE: &str = "de.amtsnah.Trust1";

/// The fewest digits of a PIN that may be chosen.
pub const MIN_PIN_DIGITS: usize = 6;
/// The most digits of a PIN: more cannot be told apart on the screen.
pub const MAX_PIN_DIGITS: usize = 16;

/// The letters of a person to call read out: `Code` is two groups of this many letters, joined by `-`.
pub const CODE_GROUP: usize = 4;

/// Whether `pin` may be chosen: only digits, not too few, not too many, and not one digit over and over or a plain
/// run such as 123456.
pub fn pin_is_acceptable(pin: &str) -> bool {
    let digits = pin.as_bytes();
    let step_is = |step: i16| {
        digits
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if i16::from(*b) - i16::from(*a) == step))
    };
    (MIN_PIN_DIGITS..=MAX_PIN_DIGITS).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
        && ![0, 1, -1].into_iter().any(step_is)
}

#[cfg(test)]
mod tests {
    use super::pin_is_acceptable;

    /// Proves C6: the secret of the clerk is not one of the first that anyone would try.
    #[test]
    fn weak_pins_are_refused() {
        for weak in [
            "",
            "12345",
            "123456",
            "987654",
            "000000",
            "12345a",
            "12345678901234567",
            "१२३४५६",
        ] {
            assert!(!pin_is_acceptable(weak), "{weak}");
        }
        for good in ["135790", "112233", "4711081500000000"] {
            assert!(pin_is_acceptable(good), "{good}");
        }
    }
}
