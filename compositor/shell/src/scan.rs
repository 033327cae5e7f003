// SPDX-License-Identifier: EUPL-1.2
//! The scanning service, as the shell meets it: news in, wishes out, each on a thread of its own. Pictures of pages are unpacked there
//! too, so that the screen never waits for them.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use api::scan::{
    BUS_NAME, INTERFACE, PATH, Page, PageWords, Scan1ProxyBlocking, Status, Work, WorkWords,
};
use api::session::document;
use tiny_skia::Pixmap;
use zbus::blocking::Connection;
use zbus::proxy::CacheProperties;
use zbus::zvariant::OwnedValue;

use crate::event::ScanRequest;
use crate::service::{Properties, Service, Shared, current, watch};
use crate::unpack;

/// The longest side of a picture of a page.
const SIDE: u32 = 2000;

/// What is asked of it.
#[derive(Debug)]
pub enum Request {
    /// What the visitor wants.
    Wish(ScanRequest),
    /// Make a document of all pages, with this title in this language.
    Finish(String, String),
}

/// What it tells.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// Where it stands; nothing while it is not there.
    Status(Option<Status>),
    /// A picture of the page with this number.
    Picture(u64, Arc<Pixmap>),
}

/// The contract.
struct Contract;

impl Service for Contract {
    type News = News;
    const BUS_NAME: &'static str = BUS_NAME;
    const PATH: &'static str = PATH;
    const INTERFACE: &'static str = INTERFACE;

    fn gone() -> Self::News {
        News::Status(None)
    }

    fn status(properties: &mut Properties) -> zbus::Result<Self::News> {
        let work: WorkWords = properties.take("Work")?;
        let pages: OwnedValue = properties.take("Pages")?;
        let pages: Vec<PageWords> = pages.try_into()?;
        let document: u64 = properties.take("Document")?;
        Ok(News::Status(Some(Status {
            is_there: properties.take("Scanner")?,
            // What this version does not know is as good as nothing.
            work: Work::from_words(&work).unwrap_or_default(),
            pages: pages.iter().map(Page::from_words).collect(),
            document: Some(document).filter(|id| *id > 0),
        })))
    }
}

/// The way to the service.
#[derive(Debug)]
pub struct Link(Sender<Request>);

impl Link {
    /// Starts both threads on the system bus. `news` is called for everything there is to tell, until it says that nobody listens any
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
        let (sender, requests) = channel();
        let (connection, pictures) = (Arc::clone(&shared), news.clone());
        thread::Builder::new()
            .name("scan-news".into())
            .spawn(move || watch::<Contract>(&connect, &shared, &news))?;
        thread::Builder::new()
            .name("scan-ask".into())
            .spawn(move || ask(requests, &connection, &pictures))?;
        Ok(Self(sender))
    }

    /// Asks for something.
    pub fn ask(&self, request: Request) {
        // The other end lives as long as the process.
        let _ = self.0.send(request);
    }
}

fn ask(requests: Receiver<Request>, shared: &Shared, news: &impl Fn(News) -> bool) {
    for request in requests {
        match answer(shared, request) {
            Ok(Some(picture)) => {
                if !news(picture) {
                    return;
                }
            }
            Ok(None) => {}
            // Where it stands is told, and shown.
            Err(error) => tracing::warn!("a wish of scanning is not done: {error}"),
        }
    }
}

type Any = Box<dyn std::error::Error>;

fn answer(shared: &Shared, request: Request) -> Result<Option<News>, Any> {
    let connection = current(shared).ok_or("not connected to the bus")?;
    let proxy = Scan1ProxyBlocking::builder(&connection)
        .cache_properties(CacheProperties::No)
        .build()?;
    match request {
        Request::Wish(ScanRequest::Scan) => drop(proxy.scan()?),
        Request::Wish(ScanRequest::Again(page)) => drop(proxy.again(page)?),
        Request::Wish(ScanRequest::Cancel) => proxy.cancel()?,
        Request::Wish(ScanRequest::Turn(page)) => proxy.turn(page)?,
        Request::Wish(ScanRequest::Clear) => proxy.clear()?,
        Request::Wish(ScanRequest::Preview(page)) => {
            let content = document::read(proxy.preview(page)?)?;
            return Ok(Some(News::Picture(
                page,
                Arc::new(unpack::png(&content, SIDE)?),
            )));
        }
        // It has a title.
        Request::Wish(ScanRequest::Finish) => {}
        Request::Finish(title, language) => proxy.finish(title, language)?,
    }
    Ok(None)
}
