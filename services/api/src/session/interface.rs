// SPDX-License-Identifier: EUPL-1.2
//! The interface itself: a thin object that holds channels only.
//!
//! Calls become [`Request`]s on a channel; the service takes them one by one on its own thread and answers each.
//! What it publishes goes the other way through a [`Publisher`].

use std::os::fd;
use std::sync::{Arc, Mutex, PoisonError};

use async_channel::Receiver;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedFd;

use super::{Document, Kind, Outcome, PATH, SessionError, SessionState, Status};
use crate::request::{self, Asks, Failure};

/// What a caller wants.
#[derive(Debug)]
pub enum Call {
    /// Somebody has come, and speaks this language.
    Begin(String),
    /// Somebody speaks this language from now on.
    Speak(String),
    /// Somebody wants the screen in this manner from now on.
    Prefer(String),
    /// Somebody is there: touched something.
    Presence,
    /// Somebody needs more time.
    Extend,
    /// A service with this name was used.
    Note(String),
    /// The session ends.
    End(Outcome),
    /// How satisfied the person was; 0 is no answer.
    Rate(u8),
    /// Keep a document.
    Create(Kind, fd::OwnedFd),
    /// Which documents there are.
    List,
    /// A descriptor of a document.
    Open(u64),
    /// Erase a document.
    Drop(u64),
}

/// What a call leads to, if all is well.
#[derive(Debug)]
pub enum Reply {
    /// It is done.
    Done,
    /// The document has this number.
    Created(u64),
    /// These documents there are.
    Listed(Vec<Document>),
    /// This is the document.
    Opened(fd::OwnedFd),
}

/// Takes the one answer to a [`Request`].
pub type Answer = request::Answer<Reply, SessionError>;
/// A call that waits for its answer.
pub type Request = request::Request<Call, Reply, SessionError>;

impl Failure for SessionError {
    fn failed(text: String) -> Self {
        Self::Failed(text)
    }
}

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Session1 {
    status: Arc<Mutex<Status>>,
    requests: Asks<Call, Reply, SessionError>,
}

impl Session1 {
    fn read<T>(&self, pick: impl FnOnce(&Status) -> T) -> T {
        pick(&self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn tell(&self, call: Call) -> Result<(), SessionError> {
        self.requests.ask(call).await.map(drop)
    }
}

/// Another answer than the call can have.
fn mismatch<T>() -> Result<T, SessionError> {
    Err(SessionError::Failed(
        "the session service answered something else".into(),
    ))
}

/// One person's time at the device.
#[zbus::interface(
    name = "de.amtsnah.Session1",
    proxy(
        default_service = "de.amtsnah.Session1",
        default_path = "/de/amtsnah/Session1"
    )
)]
impl Session1 {
    /// Begins a session (in `idle` and `erased`). `language` is what the person speaks: `de`, `de-leicht`, `en`, `hsb`, `ar`.
    async fn begin(&self, language: String) -> Result<(), SessionError> {
        self.tell(Call::Begin(language)).await
    }

    /// The person speaks another language from now on (in `active` and `warned`).
    async fn speak(&self, language: String) -> Result<(), SessionError> {
        self.tell(Call::Speak(language)).await
    }

    /// The person wants the screen in this manner from now on (in `active` and `warned`): a word of the shell's own.
    async fn prefer(&self, manner: String) -> Result<(), SessionError> {
        self.tell(Call::Prefer(manner)).await
    }

    /// Somebody touched something: puts off the warning, and the end of the last screen (in `active` and `erased`; without effect in
    /// `warned`).
    async fn presence(&self) -> Result<(), SessionError> {
        self.tell(Call::Presence).await
    }

    /// Somebody needs more time: all of it from the beginning (in `active` and `warned`), as often as they want.
    async fn extend(&self) -> Result<(), SessionError> {
        self.tell(Call::Extend).await
    }

    /// Counts that a service was used (in `active` and `warned`); one that neither the site configuration nor its service descriptions name counts as `other`.
    async fn note(&self, service: String) -> Result<(), SessionError> {
        self.tell(Call::Note(service)).await
    }

    /// Ends the session (in `active` and `warned`) and begins to erase all of it. Answered before that is done.
    async fn end(&self, outcome: Outcome) -> Result<(), SessionError> {
        self.tell(Call::End(outcome)).await
    }

    /// How satisfied the person was, 1 to 3, or 0 for no answer (in `ending` and `erased`, once).
    async fn rate(&self, rating: u8) -> Result<(), SessionError> {
        self.tell(Call::Rate(rating)).await
    }

    /// Keeps a document until the session ends; returns its number. `content` is sealed memory.
    async fn create_document(&self, kind: Kind, content: OwnedFd) -> Result<u64, SessionError> {
        match self
            .requests
            .ask(Call::Create(kind, content.into()))
            .await?
        {
            Reply::Created(id) => Ok(id),
            _ => mismatch(),
        }
    }

    /// The documents of this session: number, kind and size of each.
    async fn list_documents(&self) -> Result<Vec<Document>, SessionError> {
        match self.requests.ask(Call::List).await? {
            Reply::Listed(documents) => Ok(documents),
            _ => mismatch(),
        }
    }

    /// A descriptor of a document's sealed memory.
    async fn open_document(&self, id: u64) -> Result<OwnedFd, SessionError> {
        match self.requests.ask(Call::Open(id)).await? {
            Reply::Opened(content) => Ok(content.into()),
            _ => mismatch(),
        }
    }

    /// Erases a document before the session ends.
    async fn drop_document(&self, id: u64) -> Result<(), SessionError> {
        self.tell(Call::Drop(id)).await
    }

    /// The shell has to end its process now.
    #[zbus(signal)]
    async fn leave(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    /// Where the session stands.
    #[zbus(property)]
    fn state(&self) -> SessionState {
        self.read(|status| status.state)
    }

    /// When the next time-out comes, in milliseconds of `CLOCK_BOOTTIME`; 0 if there is none.
    #[zbus(property)]
    fn deadline(&self) -> u64 {
        self.read(Status::deadline_ms)
    }

    /// How much is erased, in percent; 0 unless the state is `ending` or `erased`.
    #[zbus(property)]
    fn progress(&self) -> u8 {
        self.read(|status| status.progress)
    }

    /// What the person speaks; empty in `idle`.
    #[zbus(property)]
    fn language(&self) -> String {
        self.read(|status| status.language.clone())
    }

    /// How the person wants the screen, as the shell has said; empty in `idle`.
    #[zbus(property)]
    fn manner(&self) -> String {
        self.read(|status| status.manner.clone())
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
    /// Publishes `new`. `State` is announced last, so that whoever reacts to it finds the others in place.
    pub fn set(&self, new: &Status) -> zbus::Result<()> {
        let old = {
            let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *status, new.clone())
        };
        let object = self
            .connection
            .object_server()
            .interface::<_, Session1>(PATH)?;
        let (session, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(async {
            if old.language != new.language {
                session.language_changed(emitter).await?;
            }
            if old.manner != new.manner {
                session.manner_changed(emitter).await?;
            }
            if old.deadline != new.deadline {
                session.deadline_changed(emitter).await?;
            }
            if old.progress != new.progress {
                session.progress_changed(emitter).await?;
            }
            if old.state != new.state {
                session.state_changed(emitter).await?;
            }
            Ok(())
        })
    }

    /// Asks the shell to end its process.
    pub fn ask_to_leave(&self) -> zbus::Result<()> {
        let object = self
            .connection
            .object_server()
            .interface::<_, Session1>(PATH)?;
        zbus::block_on(Session1::leave(object.signal_emitter()))
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
        Session1 {
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
