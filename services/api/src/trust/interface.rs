// SPDX-License-Identifier: EUPL-1.2
//! The interface itself: a thin object that holds channels only.
//!
//! Calls become [`Request`]s on a channel; the service takes them one by one on its own thread and answers each.
//! What it publishes goes the other way through a [`Publisher`].

use std::sync::{Arc, Mutex, PoisonError};

use async_channel::Receiver;
use zbus::zvariant::OwnedFd;

use super::{PATH, Status, TrustError, TrustState};
use crate::request::{self, Asks, Failure};
use crate::secret::SecretPipe;

/// What a caller wants done with the secret it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// Make this the PIN (in state `new-pin`).
    ChoosePin,
    /// Open with this PIN (in state `pin`).
    SubmitPin,
    /// Open with this recovery key (in state `recovery`).
    SubmitRecoveryKey,
}

/// What a caller wants, and with what; [`SecretPipe::read`] blocks, so read it on the worker.
pub type Call = (Task, SecretPipe);
/// Takes the one answer to a [`Request`].
pub type Answer = request::Answer<(), TrustError>;
/// A call that waits for its answer.
pub type Request = request::Request<Call, (), TrustError>;

impl Failure for TrustError {
    fn failed(text: String) -> Self {
        Self::Failed(text)
    }
}

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Trust1 {
    status: Arc<Mutex<Status>>,
    requests: Asks<Call, (), TrustError>,
}

impl Trust1 {
    fn read<T>(&self, pick: impl FnOnce(&Status) -> T) -> T {
        pick(&self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn ask(&self, task: Task, secret: OwnedFd) -> Result<(), TrustError> {
        let secret = std::os::fd::OwnedFd::from(secret).into();
        self.requests.ask((task, secret)).await
    }
}

/// The encrypted data volume of this device.
#[zbus::interface(
    name = "de.amtsnah.Trust1",
    proxy(
        default_service = "de.amtsnah.Trust1",
        default_path = "/de/amtsnah/Trust1"
    )
)]
impl Trust1 {
    /// Chooses the PIN of a new case. `secret` is the read end of a pipe with the digits.
    async fn choose_pin(&self, secret: OwnedFd) -> Result<(), TrustError> {
        self.ask(Task::ChoosePin, secret).await
    }

    /// Opens the volume by the PIN. `secret` is the read end of a pipe with the digits.
    async fn submit_pin(&self, secret: OwnedFd) -> Result<(), TrustError> {
        self.ask(Task::SubmitPin, secret).await
    }

    /// Opens the volume by the recovery key. `secret` is the read end of a pipe with the key.
    async fn submit_recovery_key(&self, secret: OwnedFd) -> Result<(), TrustError> {
        self.ask(Task::SubmitRecoveryKey, secret).await
    }

    /// Where the opening stands.
    #[zbus(property)]
    fn state(&self) -> TrustState {
        self.read(|status| status.state)
    }

    /// What a person reads to the operator; empty unless the state is `recovery`.
    #[zbus(property)]
    fn code(&self) -> String {
        self.read(|status| status.code.clone())
    }

    /// One short machine word for the cause; empty if there is none.
    #[zbus(property)]
    fn reason(&self) -> String {
        self.read(|status| status.reason.clone())
    }
}

/// How many calls may wait: the shell is the only caller and waits for each answer.
const WAITING_CALLS: usize = 4;

/// Publishes the [`Status`] of a served object.
#[derive(Clone, Debug)]
pub struct Publisher {
    connection: zbus::blocking::Connection,
    status: Arc<Mutex<Status>>,
}

impl Publisher {
    /// Publishes `new`. `Code` and `Reason` are announced before `State`, so that whoever reacts to the new state
    /// finds the other two in place.
    pub fn set(&self, new: Status) -> zbus::Result<()> {
        let (state, code, reason) = {
            let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
            let changed = (
                status.state != new.state,
                status.code != new.code,
                status.reason != new.reason,
            );
            *status = new;
            changed
        };
        let object = self
            .connection
            .object_server()
            .interface::<_, Trust1>(PATH)?;
        let (trust, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(async {
            if code {
                trust.code_changed(emitter).await?;
            }
            if reason {
                trust.reason_changed(emitter).await?;
            }
            if state {
                trust.state_changed(emitter).await?;
            }
            Ok(())
        })
    }
}

/// Puts the object on `connection`, first with `status`. Request the bus name only afterwards, so that nobody meets
/// a name without an object. The receiver yields calls; `recv_blocking` it in the service's own thread.
pub fn serve(
    connection: &zbus::blocking::Connection,
    status: Status,
) -> zbus::Result<(Publisher, Receiver<Request>)> {
    let (requests, receiver) = request::bounded(WAITING_CALLS);
    let status = Arc::new(Mutex::new(status));
    connection.object_server().at(
        PATH,
        Trust1 {
            status: Arc::clone(&status),
            requests,
        },
    )?;
    Ok((
        Publisher {
            connection: connection.clone(),
            status,
        },
        receiver,
    ))
}
