// SPDX-License-Identifier: EUPL-1.2
//! The interface itself: a thin object that holds channels only.
//!
//! Calls become [`Request`]s on a channel; the service takes them one by one on its own thread and answers each.
//! What it publishes goes the other way through a [`Publisher`].

use std::sync::{Arc, Mutex, PoisonError};

use async_channel::Receiver;
use zbus::zvariant::OwnedFd;

use super::{ClerkError, ClerkState, PATH, Status};
use crate::request::{self, Asks, Failure};
use crate::secret::SecretPipe;

/// What a caller wants done with the password it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// Make this the password (in state `unset`), and sign in.
    Choose,
    /// Sign in with it (in state `signed-out`).
    SignIn,
    /// Unlock with it (in state `locked`).
    Unlock,
}

/// What a caller wants.
#[derive(Debug)]
pub enum Call {
    /// Something with a password; [`SecretPipe::read`] blocks, so read it on the worker.
    Password(Task, SecretPipe),
    /// The clerk goes away for a while.
    Lock,
    /// The clerk is done.
    SignOut,
    /// The clerk is there: touched something.
    Presence,
}

/// Takes the one answer to a [`Request`].
pub type Answer = request::Answer<(), ClerkError>;
/// A call that waits for its answer.
pub type Request = request::Request<Call, (), ClerkError>;

impl Failure for ClerkError {
    fn failed(text: String) -> Self {
        Self::Failed(text)
    }
}

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Clerk1 {
    status: Arc<Mutex<Status>>,
    requests: Asks<Call, (), ClerkError>,
}

impl Clerk1 {
    fn read<T>(&self, pick: impl FnOnce(&Status) -> T) -> T {
        pick(&self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn submit(&self, task: Task, password: OwnedFd) -> Result<(), ClerkError> {
        let pipe = std::os::fd::OwnedFd::from(password).into();
        self.requests.ask(Call::Password(task, pipe)).await
    }
}

/// Who is signed in at this case.
#[zbus::interface(
    name = "de.amtsnah.Clerk1",
    proxy(
        default_service = "de.amtsnah.Clerk1",
        default_path = "/de/amtsnah/Clerk1"
    )
)]
impl Clerk1 {
    /// Chooses the password of a new case and signs in (in `unset`). `password` is the read end of a pipe.
    async fn choose_password(&self, password: OwnedFd) -> Result<(), ClerkError> {
        self.submit(Task::Choose, password).await
    }

    /// Signs in (in `signed-out`). `password` is the read end of a pipe.
    async fn sign_in(&self, password: OwnedFd) -> Result<(), ClerkError> {
        self.submit(Task::SignIn, password).await
    }

    /// Unlocks (in `locked`). `password` is the read end of a pipe.
    async fn unlock(&self, password: OwnedFd) -> Result<(), ClerkError> {
        self.submit(Task::Unlock, password).await
    }

    /// Locks (in `signed-in`).
    async fn lock(&self) -> Result<(), ClerkError> {
        self.requests.ask(Call::Lock).await
    }

    /// Signs out (in `signed-in`).
    async fn sign_out(&self) -> Result<(), ClerkError> {
        self.requests.ask(Call::SignOut).await
    }

    /// The clerk touched something: puts the lock off (in `signed-in`; without effect in other states).
    async fn presence(&self) -> Result<(), ClerkError> {
        self.requests.ask(Call::Presence).await
    }

    /// Where the signing in stands.
    #[zbus(property)]
    fn state(&self) -> ClerkState {
        self.read(|status| status.state)
    }

    /// When the next try is taken, in milliseconds of `CLOCK_BOOTTIME`; 0 if that is now.
    #[zbus(property)]
    fn retry(&self) -> u64 {
        self.read(Status::retry_ms)
    }
}

/// How many calls may wait: every touch can be one.
const WAITING_CALLS: usize = 16;

/// Publishes the [`Status`] of a served object.
#[derive(Clone, Debug)]
pub struct Publisher {
    connection: zbus::blocking::Connection,
    status: Arc<Mutex<Status>>,
}

impl Publisher {
    /// Publishes `new`. `State` is announced last, so that whoever reacts to it finds the other in place.
    pub fn set(&self, new: Status) -> zbus::Result<()> {
        let old = {
            let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *status, new)
        };
        let object = self
            .connection
            .object_server()
            .interface::<_, Clerk1>(PATH)?;
        let (clerk, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(async {
            if old.retry != new.retry {
                clerk.retry_changed(emitter).await?;
            }
            if old.state != new.state {
                clerk.state_changed(emitter).await?;
            }
            Ok(())
        })
    }
}

/// Puts the object on `connection`, first with `status`. Request the bus name only afterwards, so that nobody meets
/// a name without an object. The receiver yields calls.
pub fn serve(
    connection: &zbus::blocking::Connection,
    status: Status,
) -> zbus::Result<(Publisher, Receiver<Request>)> {
    let (requests, receiver) = request::bounded(WAITING_CALLS);
    let status = Arc::new(Mutex::new(status));
    connection.object_server().at(
        PATH,
        Clerk1 {
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
