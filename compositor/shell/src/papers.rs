// SPDX-License-Identifier: EUPL-1.2
//! The papers of a conversation, as the shell meets them: news of the service of calls in; pages drawn by the printing service, answers,
//! prints and scans out, each on threads of their own. No document is read here: it goes by its descriptor from one service to the other.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use api::call::papers::{
    INTERFACE, Papers1ProxyBlocking, PapersError, Print, Received, Scan, Sent, Shown, Status,
};
use api::call::{BUS_NAME, PATH};
use api::print::{MAX_DRAWINGS, MAX_PICTURE, MAX_SIDE, Print1ProxyBlocking};
use api::session::{Kind, Session1ProxyBlocking, document};
use zbus::blocking::Connection;
use zbus::message::Message;
use zbus::proxy::CacheProperties;
use zbus::zvariant::OwnedValue;

use crate::event::{Papers, PapersRequest};
use crate::node::Pixels;
use crate::service::{Properties, Service, Shared, current, watch};
use crate::state::papers::{Drawn, Wish};
use crate::unpack;

/// What is told.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// News of the service of calls.
    Papers(Papers),
    /// What came of a wish to see a page; nothing if it could not be drawn.
    Drawn(Wish, Option<Drawn>),
    /// The number of the job that a document became; nothing if it was not taken.
    Printed(Option<u64>),
    /// The number in the conversation of this document of the session's store; nothing if it was not taken.
    Sent(u64, Option<u32>),
}

/// What is asked.
#[derive(Debug)]
pub enum Request {
    /// What the visitor wants.
    Wish(PapersRequest),
    /// Send this document of the session's store to the other side, with this name.
    Send(u64, String),
}

/// The contract.
struct Contract;

impl Service for Contract {
    type News = News;
    const BUS_NAME: &'static str = BUS_NAME;
    const PATH: &'static str = PATH;
    const INTERFACE: &'static str = INTERFACE;

    fn gone() -> News {
        News::Papers(Papers::Gone)
    }

    fn status(properties: &mut Properties) -> zbus::Result<News> {
        let (received, sent): (OwnedValue, OwnedValue) =
            (properties.take("Received")?, properties.take("Sent")?);
        Ok(News::Papers(Papers::Status(Status {
            received: Vec::<Received>::try_from(received)?,
            sent: Vec::<Sent>::try_from(sent)?,
            shown: properties.take::<Shown>("Shown")?,
            shares: properties.take("Shares")?,
            print: properties.take::<Print>("Print")?,
            scan: properties.take::<Scan>("Scan")?,
        })))
    }

    fn signal(member: &str, message: &Message) -> Option<News> {
        if member != "Pointer" {
            return None;
        }
        let (points, x, y): (bool, u16, u16) = message.body().deserialize().ok()?;
        Some(News::Papers(Papers::Points(points.then_some((x, y)))))
    }
}

/// The page that is wanted and that nobody draws yet: a newer one overtakes an older one.
#[derive(Debug, Default)]
struct Wanted {
    wish: Mutex<Option<Wish>>,
    changed: Condvar,
}

impl Wanted {
    fn set(&self, wish: Wish) {
        *self.wish.lock().unwrap_or_else(PoisonError::into_inner) = Some(wish);
        self.changed.notify_one();
    }

    fn take(&self) -> Wish {
        let mut wish = self.wish.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(wish) = wish.take() {
                return wish;
            }
            wish = self
                .changed
                .wait(wish)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The way to the services.
#[derive(Debug)]
pub struct Link {
    requests: Sender<Request>,
    wanted: Arc<Wanted>,
}

impl Link {
    /// Starts all threads on the system bus. `news` is called for everything there is to tell, until it says that nobody listens any
    /// more.
    pub fn start(news: impl Fn(News) -> bool + Clone + Send + 'static) -> std::io::Result<Self> {
        Self::start_on(Connection::system, news)
    }

    /// As [`Link::start`] on another bus.
    pub fn start_on(
        connect: impl Fn() -> zbus::Result<Connection> + Send + 'static,
        news: impl Fn(News) -> bool + Clone + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Shared::default();
        let (requests, asked) = channel();
        let wanted = Arc::new(Wanted::default());
        // A page that takes long is not waited for: a newer one is drawn beside it.
        for _ in 0..MAX_DRAWINGS {
            let (connection, wanted, drawn) =
                (Arc::clone(&shared), Arc::clone(&wanted), news.clone());
            thread::Builder::new()
                .name("papers-draw".into())
                .spawn(move || draw(&wanted, &connection, &drawn))?;
        }
        let (connection, answers) = (Arc::clone(&shared), news.clone());
        thread::Builder::new()
            .name("papers-news".into())
            .spawn(move || watch::<Contract>(&connect, &shared, &news))?;
        thread::Builder::new()
            .name("papers-ask".into())
            .spawn(move || ask(asked, &connection, &answers))?;
        Ok(Self { requests, wanted })
    }

    /// Asks for something.
    pub fn ask(&self, request: Request) {
        // The other end lives as long as the process.
        let _ = self.requests.send(request);
    }

    /// Wants a page drawn, and none that was wanted before.
    pub fn draw(&self, wish: Wish) {
        self.wanted.set(wish);
    }
}

type Any = Box<dyn std::error::Error>;

fn papers(connection: &Connection) -> zbus::Result<Papers1ProxyBlocking<'static>> {
    let proxy = Papers1ProxyBlocking::builder(connection);
    proxy.cache_properties(CacheProperties::No).build()
}

fn printer(connection: &Connection) -> zbus::Result<Print1ProxyBlocking<'static>> {
    let proxy = Print1ProxyBlocking::builder(connection);
    proxy.cache_properties(CacheProperties::No).build()
}

fn draw(wanted: &Wanted, shared: &Shared, news: &impl Fn(News) -> bool) {
    loop {
        let wish = wanted.take();
        let drawn = page(shared, wish);
        if let Err(error) = &drawn {
            tracing::warn!("a page is not shown: {error}");
        }
        if !news(News::Drawn(wish, drawn.ok())) {
            return;
        }
    }
}

fn page(shared: &Shared, wish: Wish) -> Result<Drawn, Any> {
    let connection = current(shared).ok_or("not connected to the bus")?;
    let content = papers(&connection)?.open_document(wish.document)?;
    let side = |side: u32| side.clamp(1, MAX_SIDE);
    let (width, height) = (side(wish.width), side(wish.height));
    let (drawn, pages) =
        printer(&connection)?.draw(wish.kind, content, wish.page, width, height)?;
    let length = usize::try_from(document::size(&drawn, MAX_PICTURE)?)?;
    let mut packed = zeroize::Zeroizing::new(vec![0; length]);
    document::fill(&drawn, &mut packed)?;
    let pixels = Pixels(Arc::new(unpack::png(&packed, MAX_SIDE)?));
    Ok(Drawn { pixels, pages })
}

fn ask(requests: Receiver<Request>, shared: &Shared, news: &impl Fn(News) -> bool) {
    for request in requests {
        match request {
            Request::Wish(PapersRequest::Answer(request, answer)) => {
                let word = answer.as_str().to_owned();
                answered(shared, |papers| papers.answer_print(request, word));
            }
            Request::Wish(PapersRequest::AnswerScan(request, answer)) => {
                let (word, reason) = answer.words();
                let (word, reason) = (word.to_owned(), reason.to_owned());
                answered(shared, |papers| papers.answer_scan(request, word, reason));
            }
            Request::Send(document, name) => {
                let id = send(shared, document, name);
                if let Err(error) = &id {
                    tracing::warn!("a document does not go to the desk: {error}");
                }
                if !news(News::Sent(document, id.ok())) {
                    return;
                }
            }
            Request::Wish(PapersRequest::Print {
                document,
                kind,
                copies,
            }) => {
                let job = print(shared, document, kind, copies);
                if let Err(error) = &job {
                    tracing::warn!("a document of the desk is not printed: {error}");
                }
                if !news(News::Printed(job.ok())) {
                    return;
                }
            }
        }
    }
}

fn answered(
    shared: &Shared,
    answer: impl FnOnce(&Papers1ProxyBlocking<'_>) -> Result<(), PapersError>,
) {
    let answered = current(shared)
        .ok_or_else(|| Any::from("not connected to the bus"))
        .and_then(|connection| Ok(answer(&papers(&connection)?)?));
    if let Err(error) = answered {
        tracing::warn!("an answer does not reach the desk: {error}");
    }
}

/// A document goes as sealed memory from the session's store to the service of calls.
fn send(shared: &Shared, document: u64, name: String) -> Result<u32, Any> {
    let connection = current(shared).ok_or("not connected to the bus")?;
    let session = Session1ProxyBlocking::builder(&connection)
        .cache_properties(CacheProperties::No)
        .build()?;
    let content = session.open_document(document)?;
    Ok(papers(&connection)?.send_document(Kind::Pdf, name, content)?)
}

fn print(shared: &Shared, document: u32, kind: Kind, copies: u32) -> Result<u64, Any> {
    let connection = current(shared).ok_or("not connected to the bus")?;
    let content = papers(&connection)?.open_document(document)?;
    Ok(printer(&connection)?.print(kind, content, copies)?)
}
