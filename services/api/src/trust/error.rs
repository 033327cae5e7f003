// SPDX-License-Identifier: EUPL-1.2
//! How a call to the trust service fails.

/// The errors of `de.amtsnah.Trust1`; each has the bus name `de.amtsnah.Trust1.Error.` and its own.
/// The text is for the log of the caller, not for a screen, and never carries any part of a secret.
#[derive(Clone, Debug, zbus::DBusError, PartialEq)]
#[zbus(prefix = "de.amtsnah.Trust1.Error")]
pub enum TrustError {
    /// The bus failed, or an error that is not ours.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// The PIN is not the right one.
    WrongPin(String),
    /// The recovery key is well formed but opens nothing here.
    WrongKey(String),
    /// Too many wrong attempts: the TPM takes no more for a while.
    LockedOut(String),
    /// The call does not fit the present state.
    NotExpected(String),
    /// The secret is not well formed: see [`super::pin_is_acceptable`] and [`super::RecoveryKey::parse`].
    BadInput(String),
    /// Something else went wrong; the service's log says what.
    Failed(String),
}
