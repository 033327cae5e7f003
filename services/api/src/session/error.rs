// SPDX-License-Identifier: EUPL-1.2
//! How a call to the session service fails.

/// The errors of `de.amtsnah.Session1`; each has the bus name `de.amtsnah.Session1.Error.` and its own.
/// The text is for the log of the caller, not for a screen, and never carries anything of a person's.
#[derive(Clone, Debug, zbus::DBusError, PartialEq)]
#[zbus(prefix = "de.amtsnah.Session1.Error")]
pub enum SessionError {
    /// The bus failed, or an error that is not ours.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// The call does not fit the present state.
    NotExpected(String),
    /// A word, number or descriptor is not well formed.
    BadInput(String),
    /// The document store is full, or the document too large.
    NoRoom(String),
    /// There is no such document.
    NotFound(String),
    /// Something else went wrong; the service's log says what.
    Failed(String),
}
