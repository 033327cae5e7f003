// SPDX-License-Identifier: EUPL-1.2
//! How a call to the clerk service fails.

/// The errors of `de.amtsnah.Clerk1`; each has the bus name `de.amtsnah.Clerk1.Error.` and its own.
/// The text is for the log of the caller, not for a screen, and never carries any part of a password.
#[derive(Clone, Debug, zbus::DBusError, PartialEq)]
#[zbus(prefix = "de.amtsnah.Clerk1.Error")]
pub enum ClerkError {
    /// The bus failed, or an error that is not ours.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// The password is not the right one.
    WrongPassword(String),
    /// It is too early for another try: see `Retry`.
    TooEarly(String),
    /// The call does not fit the present state.
    NotExpected(String),
    /// The password is not well formed, or too weak to be chosen: see [`super::password_is_acceptable`].
    BadInput(String),
    /// Something else went wrong; the service's log says what.
    Failed(String),
}
