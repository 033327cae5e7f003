// SPDX-License-Identifier: EUPL-1.2
//! The interface itself: a thin object that holds channels only.

use std::sync::{Arc, Mutex, PoisonError};

use async_channel::Receiver;

use super::{MAX_ID, PATH, RunState, SIZE, Status};
use crate::request::{self, Asks, Failure};

/// The errors of `de.amtsnah.Applications1`; each has the bus name `de.amtsnah.Applications1.Error.` and its own.
/// The text is for the log of the caller, not for a screen.
#[derive(Clone, Debug, zbus::DBusError, PartialEq)]
#[zbus(prefix = "de.amtsnah.Applications1.Error")]
pub enum ApplicationsError {
    /// The bus failed, or an error that is not ours.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// The site releases no such application.
    NotReleased(String),
    /// The call does not fit the present state.
    NotExpected(String),
    /// This is no id, or no size of a screen.
    BadInput(String),
    /// Something else went wrong; the service's log says what.
    Failed(String),
}

/// What a caller wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Start the application with this id in a place of so many pixels.
    Start(String, (u32, u32)),
    /// Stop the one that was started.
    Stop,
}

/// Takes the one answer to a [`Request`].
pub type Answer = request::Answer<(), ApplicationsError>;
/// A call that waits for its answer.
pub type Request = request::Request<Call, (), ApplicationsError>;

impl Failure for ApplicationsError {
    fn failed(text: String) -> Self {
        Self::Failed(text)
    }
}

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Applications1 {
    status: Arc<Mutex<Status>>,
    requests: Asks<Call, (), ApplicationsError>,
}

impl Applications1 {
    fn read<T>(&self, pick: impl FnOnce(&Status) -> T) -> T {
        pick(&self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The applications that are released, and the one that runs.
#[zbus::interface(
    name = "de.amtsnah.Applications1",
    proxy(
        default_service = "de.amtsnah.Applications1",
        default_path = "/de/amtsnah/Applications1"
    )
)]
impl Applications1 {
    /// Starts an application (in `stopped` and `failed`) in a place of so many pixels.
    async fn start(&self, id: String, width: u32, height: u32) -> Result<(), ApplicationsError> {
        if id.is_empty() || id.len() > MAX_ID || !SIZE.contains(&width) || !SIZE.contains(&height) {
            let text = "no id, or no size of a screen".to_owned();
            return Err(ApplicationsError::BadInput(text));
        }
        self.requests.ask(Call::Start(id, (width, height))).await
    }

    /// Stops the application that was started.
    async fn stop(&self) -> Result<(), ApplicationsError> {
        self.requests.ask(Call::Stop).await
    }

    /// The ids of the applications released.
    #[zbus(property)]
    fn applications(&self) -> Vec<String> {
        self.read(|status| status.released.clone())
    }

    /// How it stands with the one that was started.
    #[zbus(property)]
    fn state(&self) -> RunState {
        self.read(|status| status.state)
    }

    /// Its id; empty if none was.
    #[zbus(property)]
    fn application(&self) -> String {
        self.read(|status| status.application.clone())
    }

    /// Why it fell last; empty if it did not.
    #[zbus(property)]
    fn reason(&self) -> String {
        self.read(|status| status.reason_word().to_owned())
    }

    /// When it is started again, in milliseconds of `CLOCK_BOOTTIME`; 0 if there is no such time.
    #[zbus(property)]
    fn retry(&self) -> u64 {
        self.read(Status::retry_ms)
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
        let object = server.interface::<_, Applications1>(PATH)?;
        let (applications, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(async {
            if old.released != new.released {
                applications.applications_changed(emitter).await?;
            }
            if old.application != new.application {
                applications.application_changed(emitter).await?;
            }
            if old.reason != new.reason {
                applications.reason_changed(emitter).await?;
            }
            if old.retry != new.retry {
                applications.retry_changed(emitter).await?;
            }
            if old.state != new.state {
                applications.state_changed(emitter).await?;
            }
            Ok(())
        })
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
    let object = Applications1 {
        status: Arc::clone(&status),
        requests,
    };
    connection.object_server().at(PATH, object)?;
    let publisher = Publisher {
        connection: connection.clone(),
        status,
    };
    Ok((publisher, receiver))
}
