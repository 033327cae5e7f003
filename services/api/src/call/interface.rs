// SPDX-License-Identifier: EUPL-1.2
//! The interface itself: a thin object that holds channels only.

use std::sync::{Arc, Mutex, PoisonError};

use async_channel::Receiver;
use zbus::object_server::SignalEmitter;

use super::{CallState, MAX_TEXT, PATH, Status, is_department};
use crate::request::{self, Asks, Failure};

/// The errors of `de.amtsnah.Call1`; each has the bus name `de.amtsnah.Call1.Error.` and its own.
/// The text is for the log of the caller, not for a screen.
#[derive(Clone, Debug, zbus::DBusError, PartialEq)]
#[zbus(prefix = "de.amtsnah.Call1.Error")]
pub enum CallError {
    /// The bus failed, or an error that is not ours.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// The call does not fit the present state.
    NotExpected(String),
    /// This is no department's id, or no text.
    BadInput(String),
    /// Something else went wrong; the service's log says what.
    Failed(String),
}

/// What a caller wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Call the department with this id.
    Call(String),
    /// End the call.
    HangUp,
    /// Pause it, or go on.
    Pause(bool),
    /// Send no sound, or some again.
    Mute(bool),
    /// Send a piece of text.
    SendText(String),
    /// So many pixels across and down has the picture on the screen.
    Room(u32, u32),
}

/// Takes the one answer to a [`Request`].
pub type Answer = request::Answer<(), CallError>;
/// A call that waits for its answer.
pub type Request = request::Request<Call, (), CallError>;

impl Failure for CallError {
    fn failed(text: String) -> Self {
        Self::Failed(text)
    }
}

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Call1 {
    status: Arc<Mutex<Status>>,
    requests: Asks<Call, (), CallError>,
}

impl Call1 {
    fn read<T>(&self, pick: impl FnOnce(&Status) -> T) -> T {
        pick(&self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A call to a department.
#[zbus::interface(
    name = "de.amtsnah.Call1",
    proxy(
        default_service = "de.amtsnah.Call1",
        default_path = "/de/amtsnah/Call1"
    )
)]
impl Call1 {
    /// Calls a department (in `idle` and `ended`).
    async fn call(&self, department: String) -> Result<(), CallError> {
        if !is_department(&department) {
            return Err(CallError::BadInput("no department's id".to_owned()));
        }
        self.requests.ask(Call::Call(department)).await
    }

    /// Ends the call (in every state but `idle` and `ended`).
    async fn hang_up(&self) -> Result<(), CallError> {
        self.requests.ask(Call::HangUp).await
    }

    /// Pauses an answered call, or goes on with it.
    async fn pause(&self, paused: bool) -> Result<(), CallError> {
        self.requests.ask(Call::Pause(paused)).await
    }

    /// Sends no sound in this call any more, or some again (in every state but `idle` and `ended`).
    async fn mute(&self, muted: bool) -> Result<(), CallError> {
        self.requests.ask(Call::Mute(muted)).await
    }

    /// Sends a piece of text (in an answered call that is not paused).
    async fn send_text(&self, text: String) -> Result<(), CallError> {
        if text.is_empty() || text.len() > MAX_TEXT {
            return Err(CallError::BadInput("no text, or too much".to_owned()));
        }
        self.requests.ask(Call::SendText(text)).await
    }

    /// Says how many pixels the picture has on the screen (in any state): what the desk shares and its face are laid out in that shape.
    async fn room(&self, width: u32, height: u32) -> Result<(), CallError> {
        if width == 0 || height == 0 {
            return Err(CallError::BadInput("no room".to_owned()));
        }
        self.requests.ask(Call::Room(width, height)).await
    }

    /// A piece of text has come.
    #[zbus(signal)]
    async fn text(emitter: &SignalEmitter<'_>, text: &str) -> zbus::Result<()>;

    /// How it stands with the call.
    #[zbus(property)]
    fn state(&self) -> CallState {
        self.read(|status| status.state)
    }

    /// The department that is or was called; empty if none was.
    #[zbus(property)]
    fn department(&self) -> String {
        self.read(|status| status.department.clone())
    }

    /// Why the last call ended; empty if there was none.
    #[zbus(property)]
    fn reason(&self) -> String {
        self.read(|status| status.reason_word().to_owned())
    }

    /// Whether no sound of ours is sent.
    #[zbus(property)]
    fn muted(&self) -> bool {
        self.read(|status| status.muted)
    }

    /// Whether our camera is away, so that the other side sees nothing.
    #[zbus(property)]
    fn unseen(&self) -> bool {
        self.read(|status| status.unseen)
    }

    /// The place among those who wait for the department, from 1; 0 while nobody waits.
    #[zbus(property)]
    fn position(&self) -> u32 {
        self.read(|status| status.position.unwrap_or_default())
    }

    /// How many seconds it will still be; -1 where nothing is known.
    #[zbus(property)]
    fn wait(&self) -> i64 {
        self.read(Status::wait_seconds)
    }
}

/// How many calls may wait.
const WAITING_CALLS: usize = 16;

/// Publishes the [`Status`] of a served object.
#[derive(Clone, Debug)]
pub struct Publisher {
    connection: zbus::blocking::Connection,
    status: Arc<Mutex<Status>>,
}

impl Publisher {
    /// Publishes `new`. Each property that differs is announced when all are in place.
    pub fn set(&self, new: &Status) -> zbus::Result<()> {
        let old = {
            let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *status, new.clone())
        };
        let server = self.connection.object_server();
        let object = server.interface::<_, Call1>(PATH)?;
        let (call, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(async {
            if old.department != new.department {
                call.department_changed(emitter).await?;
            }
            if old.reason != new.reason {
                call.reason_changed(emitter).await?;
            }
            if old.muted != new.muted {
                call.muted_changed(emitter).await?;
            }
            if old.unseen != new.unseen {
                call.unseen_changed(emitter).await?;
            }
            if old.position != new.position {
                call.position_changed(emitter).await?;
            }
            if old.wait != new.wait {
                call.wait_changed(emitter).await?;
            }
            if old.state != new.state {
                call.state_changed(emitter).await?;
            }
            Ok(())
        })
    }

    /// Announces a piece of text.
    pub fn text(&self, text: &str) -> zbus::Result<()> {
        let server = self.connection.object_server();
        let object = server.interface::<_, Call1>(PATH)?;
        zbus::block_on(Call1::text(object.signal_emitter(), text))
    }
}

/// Puts the object on `connection`, first with `status`. Request the bus name only afterwards, so that nobody meets a name
/// without an object. The receiver yields calls.
pub fn serve(
    connection: &zbus::blocking::Connection,
    status: Status,
) -> zbus::Result<(Publisher, Receiver<Request>)> {
    let (requests, receiver) = request::bounded(WAITING_CALLS);
    let status = Arc::new(Mutex::new(status));
    let object = Call1 {
        status: status.clone(),
        requests,
    };
    connection.object_server().at(PATH, object)?;
    let publisher = Publisher {
        connection: connection.clone(),
        status,
    };
    Ok((publisher, receiver))
}
