// SPDX-License-Identifier: EUPL-1.2
//! The interface itself: a thin object that holds channels only.

use std::os::fd;
use std::sync::{Arc, Mutex, PoisonError};

use async_channel::Receiver;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedFd;

use super::{MAX_NAME, Print, PrintAnswer, Received, Scan, ScanAnswer, Sent, Shown, Status};
use crate::call::PATH;
use crate::request::{self, Asks, Failure};
use crate::session::Kind;

/// The errors of `de.amtsnah.Papers1`; each has the bus name `de.amtsnah.Papers1.Error.` and its own.
/// The text is for the log of the caller, not for a screen, and never carries anything of a person's.
#[derive(Clone, Debug, zbus::DBusError, PartialEq)]
#[zbus(prefix = "de.amtsnah.Papers1.Error")]
pub enum PapersError {
    /// The bus failed, or an error that is not ours.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// There is no call, or nothing like that was asked.
    NotExpected(String),
    /// A name, a word or a descriptor is not well formed.
    BadInput(String),
    /// There is no room for more documents in this call.
    NoRoom(String),
    /// There is no such document, or not all of it.
    NotFound(String),
    /// Something else went wrong; the service's log says what.
    Failed(String),
}

/// What a caller wants.
#[derive(Debug)]
pub enum Call {
    /// A document of the desk.
    Open(u32),
    /// Send a document to the desk.
    Send(Kind, String, fd::OwnedFd),
    /// Answer what the desk has asked to be printed.
    Answer(u32, PrintAnswer),
    /// Answer what the desk has asked to be scanned.
    AnswerScan(u32, ScanAnswer),
}

/// What a call leads to, if all is well.
#[derive(Debug)]
pub enum Reply {
    /// It is done.
    Done,
    /// This is the document.
    Opened(fd::OwnedFd),
    /// The document has this number.
    Sent(u32),
}

/// Takes the one answer to a [`Request`].
pub type Answer = request::Answer<Reply, PapersError>;
/// A call that waits for its answer.
pub type Request = request::Request<Call, Reply, PapersError>;

impl Failure for PapersError {
    fn failed(text: String) -> Self {
        Self::Failed(text)
    }
}

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Papers1 {
    status: Arc<Mutex<Status>>,
    requests: Asks<Call, Reply, PapersError>,
}

impl Papers1 {
    fn read<T>(&self, pick: impl FnOnce(&Status) -> T) -> T {
        pick(&self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Another answer than the call can have.
fn mismatch<T>() -> Result<T, PapersError> {
    Err(PapersError::Failed(
        "the service of calls answered something else".into(),
    ))
}

/// Documents of the present call.
#[zbus::interface(
    name = "de.amtsnah.Papers1",
    proxy(
        default_service = "de.amtsnah.Call1",
        default_path = "/de/amtsnah/Call1"
    )
)]
impl Papers1 {
    /// A document of the desk that is whole, as sealed memory.
    async fn open_document(&self, id: u32) -> Result<OwnedFd, PapersError> {
        match self.requests.ask(Call::Open(id)).await? {
            Reply::Opened(document) => Ok(document.into()),
            _ => mismatch(),
        }
    }

    /// Sends the document behind `document`, sealed memory, to the desk; gives its number.
    async fn send_document(
        &self,
        kind: Kind,
        name: String,
        document: OwnedFd,
    ) -> Result<u32, PapersError> {
        if name.is_empty() || name.len() > MAX_NAME {
            let text = "no name, or too long a one".to_owned();
            return Err(PapersError::BadInput(text));
        }
        let call = Call::Send(kind, name, document.into());
        match self.requests.ask(call).await? {
            Reply::Sent(id) => Ok(id),
            _ => mismatch(),
        }
    }

    /// Answers what the desk has asked to be printed, with a word of [`PrintAnswer`].
    async fn answer_print(&self, request: u32, answer: String) -> Result<(), PapersError> {
        let answer = PrintAnswer::parse(&answer)
            .ok_or_else(|| PapersError::BadInput("no answer to a print".to_owned()))?;
        let call = Call::Answer(request, answer);
        self.requests.ask(call).await.map(drop)
    }

    /// Answers what the desk has asked to be scanned, with the words of a [`ScanAnswer`].
    async fn answer_scan(
        &self,
        request: u32,
        answer: String,
        reason: String,
    ) -> Result<(), PapersError> {
        let answer = ScanAnswer::parse(&answer, &reason)
            .ok_or_else(|| PapersError::BadInput("no answer to a scan".to_owned()))?;
        let call = Call::AnswerScan(request, answer);
        self.requests.ask(call).await.map(drop)
    }

    /// The desk points at this place of the page, or at nothing any more.
    #[zbus(signal)]
    async fn pointer(emitter: &SignalEmitter<'_>, points: bool, x: u16, y: u16)
    -> zbus::Result<()>;

    /// Documents of the desk.
    #[zbus(property)]
    fn received(&self) -> Vec<Received> {
        self.read(|status| status.received.clone())
    }

    /// Documents of the terminal.
    #[zbus(property)]
    fn sent(&self) -> Vec<Sent> {
        self.read(|status| status.sent.clone())
    }

    /// What the desk shows.
    #[zbus(property)]
    fn shown(&self) -> Shown {
        self.read(|status| status.shown)
    }

    /// Whether the desk shows its screen.
    #[zbus(property)]
    fn shares(&self) -> bool {
        self.read(|status| status.shares)
    }

    /// What the desk has asked to be printed.
    #[zbus(property)]
    fn print(&self) -> Print {
        self.read(|status| status.print.clone())
    }

    /// What the desk has asked to be scanned.
    #[zbus(property)]
    fn scan(&self) -> Scan {
        self.read(|status| status.scan.clone())
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
    /// Publishes `new`. Documents are announced first, so that whoever is shown one, or asked about one, finds it.
    pub fn set(&self, new: &Status) -> zbus::Result<()> {
        let old = {
            let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
            if *status == *new {
                return Ok(());
            }
            std::mem::replace(&mut *status, new.clone())
        };
        let server = self.connection.object_server();
        let object = server.interface::<_, Papers1>(PATH)?;
        let (papers, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(async {
            if old.received != new.received {
                papers.received_changed(emitter).await?;
            }
            if old.sent != new.sent {
                papers.sent_changed(emitter).await?;
            }
            if old.shown != new.shown {
                papers.shown_changed(emitter).await?;
            }
            if old.shares != new.shares {
                papers.shares_changed(emitter).await?;
            }
            if old.print != new.print {
                papers.print_changed(emitter).await?;
            }
            if old.scan != new.scan {
                papers.scan_changed(emitter).await?;
            }
            Ok(())
        })
    }

    /// Announces where the desk points.
    pub fn pointer(&self, at: Option<(u16, u16)>) -> zbus::Result<()> {
        let server = self.connection.object_server();
        let object = server.interface::<_, Papers1>(PATH)?;
        let (x, y) = at.unwrap_or_default();
        let emitter = object.signal_emitter();
        zbus::block_on(Papers1::pointer(emitter, at.is_some(), x, y))
    }
}

/// Puts the object on `connection`, first without papers. Request the bus name only afterwards. The receiver yields calls.
pub fn serve(
    connection: &zbus::blocking::Connection,
) -> zbus::Result<(Publisher, Receiver<Request>)> {
    let (requests, receiver) = request::bounded(WAITING_CALLS);
    let status = Arc::new(Mutex::new(Status::default()));
    let object = Papers1 {
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
