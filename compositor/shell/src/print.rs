// SPDX-License-Identifier: EUPL-1.2
//! The printing service, as the shell meets it: news in, papers out, each on a thread of its own. The paper is made there too, so that
//! the screen never waits for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use api::print::{
    BUS_NAME, INTERFACE, Job, JobWords, PATH, Print1ProxyBlocking, Printer, PrinterWords, Status,
};
use api::session::{Kind, Session1ProxyBlocking, document};
use leaflet::Leaflet;
use zbus::blocking::Connection;
use zbus::proxy::CacheProperties;

use crate::service::{Properties, Service, Shared, current, watch};

/// What is asked of it.
#[derive(Debug)]
pub enum Request {
    /// Print this, once.
    Print(Leaflet),
    /// Print this document of the session, once.
    Copy(u64),
    /// Print this job no more.
    Cancel(u64),
}

/// What it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Where it stands; nothing while it is not there.
    Status(Option<Status>),
    /// The number of the job that a paper became; nothing if it was not taken.
    Answer(Option<u64>),
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
        let printer: PrinterWords = properties.take("Printer")?;
        let job: JobWords = properties.take("Job")?;
        Ok(News::Status(Some(Status {
            printer: Printer::from_words(&printer),
            // What this version does not know is as good as no job.
            job: Job::from_words(&job).unwrap_or_default(),
        })))
    }
}

/// The way to the service.
#[derive(Debug)]
pub struct Link(Sender<Request>);

impl Link {
    /// Starts both threads on the system bus. `news` is called for everything there is to tell, until it says that nobody listens any
    /// more. The fonts of a paper are below `fonts`.
    pub fn start(
        fonts: PathBuf,
        news: impl Fn(News) -> bool + Clone + Send + 'static,
    ) -> std::io::Result<Self> {
        Self::start_on(Connection::system, fonts, news)
    }

    /// As [`Link::start`] on another bus.
    pub fn start_on(
        connect: impl Fn() -> zbus::Result<Connection> + Send + 'static,
        fonts: PathBuf,
        news: impl Fn(News) -> bool + Clone + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Shared::default();
        let (sender, requests) = channel();
        let (connection, answers) = (Arc::clone(&shared), news.clone());
        thread::Builder::new()
            .name("print-news".into())
            .spawn(move || watch::<Contract>(&connect, &shared, &news))?;
        thread::Builder::new()
            .name("print-ask".into())
            .spawn(move || ask(requests, &connection, &fonts, &answers))?;
        Ok(Self(sender))
    }

    /// Asks for something.
    pub fn ask(&self, request: Request) {
        // The other end lives as long as the process.
        let _ = self.0.send(request);
    }
}

fn ask(
    requests: Receiver<Request>,
    shared: &Shared,
    fonts: &std::path::Path,
    news: &impl Fn(News) -> bool,
) {
    for request in requests {
        match request {
            Request::Print(leaflet) => {
                let job = print(shared, &leaflet, fonts);
                if let Err(error) = &job {
                    tracing::warn!("a paper is not printed: {error}");
                }
                if !news(News::Answer(job.ok())) {
                    return;
                }
            }
            Request::Copy(document) => {
                let job = copy(shared, document);
                if let Err(error) = &job {
                    tracing::warn!("a document is not printed: {error}");
                }
                if !news(News::Answer(job.ok())) {
                    return;
                }
            }
            Request::Cancel(job) => {
                let cancelled = proxy(shared).and_then(|proxy| Ok(proxy.cancel(job)?));
                if let Err(error) = cancelled {
                    tracing::warn!("a job is not cancelled: {error}");
                }
            }
        }
    }
}

type Any = Box<dyn std::error::Error>;

fn proxy(shared: &Shared) -> Result<Print1ProxyBlocking<'static>, Any> {
    let connection = current(shared).ok_or("not connected to the bus")?;
    let proxy = Print1ProxyBlocking::builder(&connection);
    Ok(proxy.cache_properties(CacheProperties::No).build()?)
}

fn copy(shared: &Shared, id: u64) -> Result<u64, Any> {
    let connection = current(shared).ok_or("not connected to the bus")?;
    let session = Session1ProxyBlocking::builder(&connection)
        .cache_properties(CacheProperties::No)
        .build()?;
    let content = session.open_document(id)?;
    Ok(proxy(shared)?.print(Kind::Pdf, content, 1)?)
}

fn print(shared: &Shared, leaflet: &Leaflet, fonts: &std::path::Path) -> Result<u64, Any> {
    let sealed = document::seal(&leaflet.pdf(fonts)?)?;
    Ok(proxy(shared)?.print(Kind::Pdf, sealed.into(), 1)?)
}
