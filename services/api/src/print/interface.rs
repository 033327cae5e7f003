// SPDX-License-Identifier: EUPL-1.2
//! The interface itself: a thin object that holds channels only.

use std::os::fd;
use std::sync::{Arc, Mutex, PoisonError};

use async_channel::Receiver;
use zbus::zvariant::OwnedFd;

use super::{JobWords, MAX_COPIES, PATH, PrinterWords, Status};
use crate::request::{self, Asks, Failure};
use crate::session::Kind;

/// The errors of `de.amtsnah.Print1`; each has the bus name `de.amtsnah.Print1.Error.` and its own.
/// The text is for the log of the caller, not for a screen, and never carries anything of a document's.
#[derive(Clone, Debug, zbus::DBusError, PartialEq)]
#[zbus(prefix = "de.amtsnah.Print1.Error")]
pub enum PrintError {
    /// The bus failed, or an error that is not ours.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// There is no printer.
    NoPrinter(String),
    /// A job is under way, or the one that is meant is not.
    NotExpected(String),
    /// This is no document to print, or no number of copies.
    BadInput(String),
    /// Something else went wrong; the service's log says what.
    Failed(String),
}

/// What a caller wants.
#[derive(Debug)]
pub enum Call {
    /// Print this document so many times.
    Print(Kind, fd::OwnedFd, u32),
    /// Print the job with this number no more.
    Cancel(u64),
}

/// Takes the one answer to a [`Request`]: the job's number.
pub type Answer = request::Answer<u64, PrintError>;
/// A call that waits for its answer.
pub type Request = request::Request<Call, u64, PrintError>;

impl Failure for PrintError {
    fn failed(text: String) -> Self {
        Self::Failed(text)
    }
}

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Print1 {
    status: Arc<Mutex<Status>>,
    requests: Asks<Call, u64, PrintError>,
}

impl Print1 {
    fn status(&self) -> Status {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The printer, and the document that it prints.
#[zbus::interface(
    name = "de.amtsnah.Print1",
    proxy(
        default_service = "de.amtsnah.Print1",
        default_path = "/de/amtsnah/Print1"
    )
)]
impl Print1 {
    /// Prints a document, `pdf`, `png` or `jpeg`, so many times; returns the job's number. `content` is sealed memory.
    async fn print(&self, kind: Kind, content: OwnedFd, copies: u32) -> Result<u64, PrintError> {
        if !(1..=MAX_COPIES).contains(&copies) {
            let text = format!("from 1 to {MAX_COPIES} copies");
            return Err(PrintError::BadInput(text));
        }
        self.requests
            .ask(Call::Print(kind, content.into(), copies))
            .await
    }

    /// Prints the job no more (in `waiting`, `printing` and `stopped`). What is on paper stays there.
    async fn cancel(&self, job: u64) -> Result<(), PrintError> {
        self.requests.ask(Call::Cancel(job)).await.map(drop)
    }

    /// Whether there is a printer, and what it lacks; empty if nothing.
    #[zbus(property)]
    fn printer(&self) -> PrinterWords {
        self.status().printer.words()
    }

    /// The job: number, state, page, pages and reason.
    #[zbus(property)]
    fn job(&self) -> JobWords {
        self.status().job.words()
    }
}

/// How many calls may wait.
const WAITING_CALLS: usize = 8;

/// Publishes the [`Status`] of a served object.
#[derive(Clone, Debug)]
pub struct Publisher {
    connection: zbus::blocking::Connection,
    status: Arc<Mutex<Status>>,
}

impl Publisher {
    /// Publishes `new`. Each property that differs is announced when both are in place.
    pub fn set(&self, new: &Status) -> zbus::Result<()> {
        let old = {
            let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *status, *new)
        };
        if old == *new {
            return Ok(());
        }
        let server = self.connection.object_server();
        let object = server.interface::<_, Print1>(PATH)?;
        let (print, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(async {
            if old.printer != new.printer {
                print.printer_changed(emitter).await?;
            }
            if old.job != new.job {
                print.job_changed(emitter).await?;
            }
            Ok(())
        })
    }
}

/// Puts the object on `connection`, first without a printer. Request the bus name only afterwards, so that nobody meets a name
/// without an object. The receiver yields calls.
pub fn serve(
    connection: &zbus::blocking::Connection,
) -> zbus::Result<(Publisher, Receiver<Request>)> {
    let (requests, receiver) = request::bounded(WAITING_CALLS);
    let status = Arc::new(Mutex::new(Status::default()));
    let object = Print1 {
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
