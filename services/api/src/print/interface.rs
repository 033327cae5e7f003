// SPDX-License-Identifier: EUPL-1.2
//! The interface itself: a thin object that holds channels only.

use std::os::fd;
use std::sync::{Arc, Mutex, PoisonError};

use async_channel::Receiver;
use zbus::zvariant::OwnedFd;

use super::{JobWords, MAX_COPIES, MAX_SIDE, PATH, PrinterWords, Status};
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
    /// A job is under way, or the one that is meant is not; or too much is drawn already.
    NotExpected(String),
    /// This is no document to print or draw, or it has no such page; or no number of copies, or no size of a picture.
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
    /// Draw a page for the screen.
    Draw(Drawing),
}

/// A page that is to be drawn.
#[derive(Debug)]
pub struct Drawing {
    /// What the document is.
    pub kind: Kind,
    /// Its descriptor.
    pub content: fd::OwnedFd,
    /// Which page, the first is 1.
    pub page: u32,
    /// How many pixels across there is room for.
    pub width: u32,
    /// How many down.
    pub height: u32,
}

/// What a call leads to, if all is well.
#[derive(Debug)]
pub enum Reply {
    /// It is done.
    Done,
    /// The document is printed as the job with this number.
    Job(u64),
    /// The page: a PNG in sealed memory, and how many pages the document has.
    Drawn(fd::OwnedFd, u32),
}

/// Takes the one answer to a [`Request`].
pub type Answer = request::Answer<Reply, PrintError>;
/// A call that waits for its answer.
pub type Request = request::Request<Call, Reply, PrintError>;

impl Failure for PrintError {
    fn failed(text: String) -> Self {
        Self::Failed(text)
    }
}

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Print1 {
    status: Arc<Mutex<Status>>,
    requests: Asks<Call, Reply, PrintError>,
}

/// Another answer than the call can have.
fn mismatch<T>() -> Result<T, PrintError> {
    Err(PrintError::Failed(
        "the printing service answered something else".into(),
    ))
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
        let call = Call::Print(kind, content.into(), copies);
        match self.requests.ask(call).await? {
            Reply::Job(job) => Ok(job),
            _ => mismatch(),
        }
    }

    /// Prints the job no more (in `waiting`, `printing` and `stopped`). What is on paper stays there.
    async fn cancel(&self, job: u64) -> Result<(), PrintError> {
        self.requests.ask(Call::Cancel(job)).await.map(drop)
    }

    /// Draws a page, from 1 on, of a document, `pdf`, `png` or `jpeg`, as large as it fits into so many pixels. Gives a PNG in sealed
    /// memory, and how many pages there are. `content` is sealed memory.
    async fn draw(
        &self,
        kind: Kind,
        content: OwnedFd,
        page: u32,
        width: u32,
        height: u32,
    ) -> Result<(OwnedFd, u32), PrintError> {
        let sides = 1..=MAX_SIDE;
        if !sides.contains(&width) || !sides.contains(&height) {
            let text = format!("a page is drawn on 1 to {MAX_SIDE} pixels each way");
            return Err(PrintError::BadInput(text));
        }
        let content = content.into();
        let drawing = Drawing {
            kind,
            content,
            page,
            width,
            height,
        };
        match self.requests.ask(Call::Draw(drawing)).await? {
            Reply::Drawn(picture, pages) => Ok((picture.into(), pages)),
            _ => mismatch(),
        }
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
