// SPDX-License-Identifier: EUPL-1.2
//! The interface itself: a thin object that holds channels only.

use std::os::fd;
use std::sync::{Arc, Mutex, PoisonError};

use async_channel::Receiver;
use zbus::zvariant::OwnedFd;

use super::{MAX_TITLE, PATH, Page, PageWords, Status, WorkWords};
use crate::request::{self, Asks, Failure};
use crate::session::is_language;

/// The errors of `de.amtsnah.Scan1`; each has the bus name `de.amtsnah.Scan1.Error.` and its own.
/// The text is for the log of the caller, not for a screen, and never carries anything of a page's.
#[derive(Clone, Debug, zbus::DBusError, PartialEq)]
#[zbus(prefix = "de.amtsnah.Scan1.Error")]
pub enum ScanError {
    /// The bus failed, or an error that is not ours.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// There is no scanner.
    NoScanner(String),
    /// Something is under way, or what is meant is not.
    NotExpected(String),
    /// There is no such page, or this is no title and no language.
    BadInput(String),
    /// There are as many pages as there may be.
    Full(String),
    /// Something else went wrong; the service's log says what.
    Failed(String),
}

/// What a caller wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Scan another page.
    Scan,
    /// Scan this page anew.
    Again(u64),
    /// Stop scanning.
    Cancel,
    /// Turn this page by a quarter, clockwise.
    Turn(u64),
    /// Give this page up.
    Discard(u64),
    /// Give all pages up.
    Clear,
    /// A small picture of this page.
    Preview(u64),
    /// Make a document of all pages.
    Finish {
        /// What it is.
        title: String,
        /// What language that is in.
        language: String,
    },
}

/// What a call leads to, if all is well.
#[derive(Debug)]
pub enum Reply {
    /// It is done, or has begun.
    Done,
    /// The page has, or will have, this number.
    Page(u64),
    /// This is its picture.
    Preview(fd::OwnedFd),
}

/// Takes the one answer to a [`Request`].
pub type Answer = request::Answer<Reply, ScanError>;
/// A call that waits for its answer.
pub type Request = request::Request<Call, Reply, ScanError>;

impl Failure for ScanError {
    fn failed(text: String) -> Self {
        Self::Failed(text)
    }
}

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Scan1 {
    status: Arc<Mutex<Status>>,
    requests: Asks<Call, Reply, ScanError>,
}

impl Scan1 {
    fn read<T>(&self, pick: impl FnOnce(&Status) -> T) -> T {
        pick(&self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn tell(&self, call: Call) -> Result<(), ScanError> {
        self.requests.ask(call).await.map(drop)
    }

    async fn number(&self, call: Call) -> Result<u64, ScanError> {
        match self.requests.ask(call).await? {
            Reply::Page(id) => Ok(id),
            _ => mismatch(),
        }
    }
}

/// Another answer than the call can have.
fn mismatch<T>() -> Result<T, ScanError> {
    let text = "the service of the scanner answered something else";
    Err(ScanError::Failed(text.into()))
}

/// The scanner, and the pages that were put on it.
#[zbus::interface(
    name = "de.amtsnah.Scan1",
    proxy(
        default_service = "de.amtsnah.Scan1",
        default_path = "/de/amtsnah/Scan1"
    )
)]
impl Scan1 {
    /// Scans another page; returns the number that it will have.
    async fn scan(&self) -> Result<u64, ScanError> {
        self.number(Call::Scan).await
    }

    /// Scans a page anew, to its place; returns the number that the new one will have. The old one stays until then.
    async fn again(&self, page: u64) -> Result<u64, ScanError> {
        self.number(Call::Again(page)).await
    }

    /// Stops scanning (in `scanning`).
    async fn cancel(&self) -> Result<(), ScanError> {
        self.tell(Call::Cancel).await
    }

    /// Turns a page by a quarter, clockwise.
    async fn turn(&self, page: u64) -> Result<(), ScanError> {
        self.tell(Call::Turn(page)).await
    }

    /// Gives a page up.
    async fn discard(&self, page: u64) -> Result<(), ScanError> {
        self.tell(Call::Discard(page)).await
    }

    /// Gives all pages up, and stops what is under way.
    async fn clear(&self) -> Result<(), ScanError> {
        self.tell(Call::Clear).await
    }

    /// A small PNG of a page as it was scanned, in sealed memory.
    async fn preview(&self, page: u64) -> Result<OwnedFd, ScanError> {
        match self.requests.ask(Call::Preview(page)).await? {
            Reply::Preview(picture) => Ok(picture.into()),
            _ => mismatch(),
        }
    }

    /// Makes a document of all pages and hands it to the session service. `title` says in `language` (`de`, `en`, …) what it is.
    async fn finish(&self, title: String, language: String) -> Result<(), ScanError> {
        let is_title = !title.trim().is_empty() && !title.contains(char::is_control);
        if !is_title || title.len() > MAX_TITLE {
            let text = format!("a title has from 1 to {MAX_TITLE} bytes in one line");
            return Err(ScanError::BadInput(text));
        }
        if !is_language(&language) {
            return Err(ScanError::BadInput("this is no language".into()));
        }
        self.tell(Call::Finish { title, language }).await
    }

    /// Whether there is a scanner.
    #[zbus(property)]
    fn scanner(&self) -> bool {
        self.read(|status| status.is_there)
    }

    /// What is being done, or was done last: state, percent and reason.
    #[zbus(property)]
    fn work(&self) -> WorkWords {
        self.read(|status| status.work.words())
    }

    /// The pages: number and quarter turns of each.
    #[zbus(property)]
    fn pages(&self) -> Vec<PageWords> {
        self.read(|status| status.pages.iter().map(|page| Page::words(*page)).collect())
    }

    /// The number that the document has in the session's store (in `done`); 0 if there is none.
    #[zbus(property)]
    fn document(&self) -> u64 {
        self.read(|status| status.document.unwrap_or_default())
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
    /// Publishes `new`. `Work` is announced last, so that whoever reacts to it finds the others in place.
    pub fn set(&self, new: &Status) -> zbus::Result<()> {
        let old = {
            let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
            if *status == *new {
                return Ok(());
            }
            std::mem::replace(&mut *status, new.clone())
        };
        let server = self.connection.object_server();
        let object = server.interface::<_, Scan1>(PATH)?;
        let (scan, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(async {
            if old.is_there != new.is_there {
                scan.scanner_changed(emitter).await?;
            }
            if old.pages != new.pages {
                scan.pages_changed(emitter).await?;
            }
            if old.document != new.document {
                scan.document_changed(emitter).await?;
            }
            if old.work != new.work {
                scan.work_changed(emitter).await?;
            }
            Ok(())
        })
    }
}

/// Puts the object on `connection`, first without a scanner. Request the bus name only afterwards, so that nobody meets a name
/// without an object. The receiver yields calls.
pub fn serve(
    connection: &zbus::blocking::Connection,
) -> zbus::Result<(Publisher, Receiver<Request>)> {
    let (requests, receiver) = request::bounded(WAITING_CALLS);
    let status = Arc::new(Mutex::new(Status::default()));
    let object = Scan1 {
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
