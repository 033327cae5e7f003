// SPDX-License-Identifier: EUPL-1.2
//! A printer as IPP shows it: what it takes, how it is, what it does with a job.

use std::io::Read;
use std::time::Duration;

use api::print::{Hindrance, Printer};
use site::Fingerprint;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector as _, TcpConnector};
use ureq::{Agent, SendBody};

use crate::ipp::{Answer, MAX_ANSWER, Operation, Request, Value};
use crate::raster::{Format, Sheet};
use crate::tls::Tls;

/// Who asks; shown by printers that show it.
const USER: &str = "amtsnah";
/// What every job is called: nothing of the document.
const NAME: &str = "Amtsnah";
/// A printer that takes longer to answer is not there.
const ANSWER: Duration = Duration::from_secs(5);
/// The paper of all offices.
const MEDIA: &str = "iso_a4_210x297mm";

/// Why a printer was not reached, or did not do it.
#[derive(Debug, thiserror::Error)]
pub enum PrinterError {
    /// It does not answer, or not any more.
    #[error("the printer does not answer: {0}")]
    Unreachable(String),
    /// There is no TLS to reach it by.
    #[error("TLS cannot be set up")]
    NoTls,
    /// It answers something else.
    #[error("the printer answers no IPP")]
    NoIpp,
    /// It does not want to.
    #[error("the printer answers {0:#06x}")]
    Refused(u16),
}

/// What it does with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It waits.
    Pending,
    /// It comes out.
    Printing,
    /// It is held up, and goes on when the printer can.
    Stopped,
    /// It came out.
    Done,
    /// It does not come out.
    GivenUp,
    /// It knows no such job.
    Unknown,
}

/// How far it is with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it does.
    pub stand: Stand,
    /// Pages that came out, where it counts them.
    pub out: Option<u32>,
}

/// What a printer takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// In which form pages are sent.
    pub sheet: Sheet,
    /// Whether a job can be made before its document is sent.
    pub is_two_step: bool,
    /// Whether it says that it has the paper.
    pub has_media: bool,
}

/// Which printer it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `ipp://host:port/path`, or `ipps://` for TLS, as it is told to the printer.
    pub uri: String,
    /// By what it is known, if the site says so.
    pub certificate: Option<Fingerprint>,
}

impl Target {
    /// The printer at `uri`, whoever that is.
    pub fn at(uri: impl Into<String>) -> Self {
        Self {
            uri: uri.into(),
            certificate: None,
        }
    }

    /// Where HTTP goes: IPP has a port of its own, whatever HTTP's is (RFC 8010, RFC 7472).
    fn url(&self) -> String {
        let (scheme, rest) = match self.uri.strip_prefix("ipps://") {
            Some(rest) => ("https", rest),
            None => ("http", self.uri.strip_prefix("ipp://").unwrap_or(&self.uri)),
        };
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let has_port = host
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.ends_with(']'));
        let port = if has_port { "" } else { ":631" };
        format!("{scheme}://{host}{port}/{path}")
    }
}

/// The printer at an address.
#[derive(Clone, Debug)]
pub struct Device {
    target: Target,
    url: String,
    quick: Agent,
    patient: Agent,
}

impl Device {
    /// The printer that `target` says.
    pub fn new(target: &Target) -> Result<Self, PrinterError> {
        let agent = |answer| {
            let config = Agent::config_builder()
                // What stands in the environment, or what a printer says, leads nowhere else.
                .proxy(None)
                .max_redirects(0)
                .http_status_as_error(false)
                .user_agent("")
                .accept_encoding("")
                .timeout_connect(Some(ANSWER))
                .timeout_resolve(Some(ANSWER))
                .timeout_global(answer);
            let tls = Tls::new(target.certificate).map_err(|_| PrinterError::NoTls)?;
            let connector = ().chain(TcpConnector::default()).chain(tls);
            let resolver = DefaultResolver::default();
            Ok(Agent::with_parts(config.build(), connector, resolver))
        };
        Ok(Self {
            url: target.url(),
            target: target.clone(),
            quick: agent(Some(ANSWER))?,
            // Out of paper, a printer takes nothing more for as long as nobody sees to it.
            patient: agent(None)?,
        })
    }

    fn request(&self, operation: Operation) -> Request {
        Request::new(operation, &self.target.uri).name("requesting-user-name", USER)
    }

    fn of_job(&self, operation: Operation, number: i32) -> Request {
        Request::new(operation, &self.target.uri)
            .integer("job-id", number)
            .name("requesting-user-name", USER)
    }

    fn ask(&self, request: Request) -> Result<Answer, PrinterError> {
        let body = request.finish();
        post(
            &self.quick,
            &self.url,
            SendBody::from_reader(&mut body.as_slice()),
        )
    }

    /// What it takes; nothing of ours if there is no form that both know.
    pub fn abilities(&self) -> Result<Option<Abilities>, PrinterError> {
        let wanted = [
            "document-format-supported",
            "pwg-raster-document-resolution-supported",
            "pwg-raster-document-type-supported",
            "urf-supported",
            "color-supported",
            "media-supported",
            "operations-supported",
        ];
        let request = self.request(Operation::GetPrinterAttributes);
        let answer = well(self.ask(request.keywords("requested-attributes", &wanted))?)?;
        Ok(abilities(&answer))
    }

    /// How it is.
    pub fn state(&self) -> Result<Printer, PrinterError> {
        let wanted = [
            "printer-state",
            "printer-state-reasons",
            "printer-is-accepting-jobs",
        ];
        let request = self.request(Operation::GetPrinterAttributes);
        let answer = well(self.ask(request.keywords("requested-attributes", &wanted))?)?;
        Ok(state(&answer))
    }

    /// How far it is with a job.
    pub fn progress(&self, number: i32) -> Result<Progress, PrinterError> {
        let wanted = [
            "job-state",
            "job-state-reasons",
            "job-impressions-completed",
            "job-media-sheets-completed",
        ];
        let request = self.of_job(Operation::GetJobAttributes, number);
        let answer = self.ask(request.keywords("requested-attributes", &wanted))?;
        progress(&answer)
    }

    /// Makes a job; returns the printer's number of it.
    pub fn create(&self, abilities: &Abilities) -> Result<i32, PrinterError> {
        let request = self.request(Operation::CreateJob).name("job-name", NAME);
        let answer = well(self.ask(of_paper(request, abilities))?)?;
        answer.numbers("job-id").next().ok_or(PrinterError::NoIpp)
    }

    /// Sends the only document of the job, however long the printer takes.
    pub fn send(
        &self,
        number: i32,
        format: Format,
        document: &mut (impl Read + ?Sized),
    ) -> Result<(), PrinterError> {
        let request = self
            .of_job(Operation::SendDocument, number)
            .mime("document-format", format.mime())
            .boolean("last-document", true);
        self.post(request, document).map(drop)
    }

    /// Makes a job and sends its document in one: for printers that know no other way.
    pub fn print(
        &self,
        abilities: &Abilities,
        document: &mut (impl Read + ?Sized),
    ) -> Result<i32, PrinterError> {
        let request = self
            .request(Operation::PrintJob)
            .name("job-name", NAME)
            .mime("document-format", abilities.sheet.format.mime());
        let answer = self.post(of_paper(request, abilities), document)?;
        answer.numbers("job-id").next().ok_or(PrinterError::NoIpp)
    }

    /// Tells it to forget a job. One that it does not know, or that is done, is forgotten.
    pub fn cancel(&self, number: i32) -> Result<(), PrinterError> {
        /// `client-error-not-possible`, `client-error-not-found`, `client-error-gone`.
        const FORGOTTEN: [u16; 3] = [0x0404, 0x0406, 0x0407];
        let answer = self.ask(self.of_job(Operation::CancelJob, number))?;
        if FORGOTTEN.contains(&answer.status) {
            return Ok(());
        }
        well(answer).map(drop)
    }

    fn post(
        &self,
        request: Request,
        document: &mut (impl Read + ?Sized),
    ) -> Result<Answer, PrinterError> {
        let head = request.finish();
        let mut body = head.chain(document);
        well(post(
            &self.patient,
            &self.url,
            SendBody::from_reader(&mut body),
        )?)
    }
}

fn post(agent: &Agent, url: &str, body: SendBody) -> Result<Answer, PrinterError> {
    let unreachable = |error: ureq::Error| PrinterError::Unreachable(error.to_string());
    let mut response = agent
        .post(url)
        .content_type("application/ipp")
        .send(body)
        .map_err(unreachable)?;
    if response.status() != 200 {
        return Err(PrinterError::NoIpp);
    }
    let answer = response.body_mut().with_config().limit(MAX_ANSWER);
    let answer = answer.read_to_vec().map_err(unreachable)?;
    Answer::parse(&answer).ok_or(PrinterError::NoIpp)
}

fn well(answer: Answer) -> Result<Answer, PrinterError> {
    if answer.is_ok() {
        Ok(answer)
    } else {
        Err(PrinterError::Refused(answer.status))
    }
}

fn of_paper(request: Request, abilities: &Abilities) -> Request {
    let request = request.job();
    if abilities.has_media {
        request.keywords("media", &[MEDIA])
    } else {
        request
    }
}

fn abilities(answer: &Answer) -> Option<Abilities> {
    let is_colour = answer.values("color-supported") == [Value::Boolean(true)];
    let formats: Vec<&str> = answer.texts("document-format-supported").collect();
    let pwg = || {
        let types: Vec<&str> = answer.texts("pwg-raster-document-type-supported").collect();
        let takes = |name| types.contains(&name);
        // Where nothing is said, every printer of that kind takes grey.
        let is_colour = is_colour && takes("srgb_8") || !types.is_empty() && !takes("sgray_8");
        let resolutions = answer.values("pwg-raster-document-resolution-supported");
        let square = resolutions.iter().filter_map(|value| match value {
            Value::Resolution(x, y) if x == y => u32::try_from(*x).ok(),
            _ => None,
        });
        Sheet::new(Format::Pwg, resolution(square).unwrap_or(300), is_colour)
    };
    let urf = || {
        let words: Vec<&str> = answer.texts("urf-supported").collect();
        let resolutions = words.iter().find_map(|word| word.strip_prefix("RS"));
        let resolutions = resolutions.unwrap_or("300").split('-');
        let is_colour = is_colour && words.contains(&"SRGB24") || !words.contains(&"W8");
        let dpi = resolution(resolutions.filter_map(|dpi| dpi.parse().ok()));
        Sheet::new(Format::Urf, dpi.unwrap_or(300), is_colour)
    };
    let sheet = if formats.contains(&Format::Pwg.mime()) {
        pwg()
    } else if formats.contains(&Format::Urf.mime()) {
        urf()
    } else {
        return None;
    };
    let operations: Vec<i32> = answer.numbers("operations-supported").collect();
    let can = |operation: Operation| operations.contains(&(operation as i32));
    Some(Abilities {
        sheet: sheet?,
        is_two_step: can(Operation::CreateJob) && can(Operation::SendDocument),
        has_media: answer.texts("media-supported").any(|media| media == MEDIA),
    })
}

/// The resolution that text needs and no more; the next best where there is none.
fn resolution(offered: impl Iterator<Item = u32>) -> Option<u32> {
    offered.min_by_key(|dpi| if *dpi < 300 { 10_000 - dpi } else { *dpi })
}

fn state(answer: &Answer) -> Printer {
    const STOPPED: i32 = 5;
    let is_stopped = answer.numbers("printer-state").next() == Some(STOPPED);
    let mut worst = None;
    for reason in answer.texts("printer-state-reasons") {
        let is_warning = reason.ends_with("-warning");
        let reason = reason
            .trim_end_matches("-warning")
            .trim_end_matches("-error");
        if reason.ends_with("-report") {
            continue;
        }
        // Of two trays one may be empty, and what is called empty toner prints for weeks: a warning keeps a printer from printing only
        // where it stands still. What it needs, and what never prints, some call a warning all the same.
        let always = matches!(
            reason,
            "media-needed" | "media-jam" | "cover-open" | "door-open"
        );
        if is_warning && !is_stopped && !always {
            continue;
        }
        if let Some(hindrance) = hindrance(reason) {
            worst = Some(worst.map_or(hindrance, |worst: Hindrance| worst.min(hindrance)));
        }
    }
    let refuses = answer.values("printer-is-accepting-jobs") == [Value::Boolean(false)];
    match worst {
        Some(hindrance) => Printer::Hindered(hindrance),
        None if is_stopped || refuses => Printer::Hindered(Hindrance::Other),
        None => Printer::Ready,
    }
}

/// The reasons of RFC 8011 and PWG 5100.9 for which nothing comes out.
fn hindrance(reason: &str) -> Option<Hindrance> {
    Some(match reason {
        "media-empty" | "media-needed" | "input-tray-missing" | "input-media-supply-empty" => {
            Hindrance::PaperOut
        }
        "media-jam" => Hindrance::Jam,
        "cover-open"
        | "door-open"
        | "interlock-open"
        | "input-tray-open"
        | "output-tray-missing" => Hindrance::CoverOpen,
        "toner-empty"
        | "marker-supply-empty"
        | "marker-waste-full"
        | "marker-supply-missing"
        | "developer-empty" => Hindrance::TonerOut,
        "timed-out" | "connecting-to-device" => Hindrance::Offline,
        "paused" | "shutdown" | "output-area-full" | "fuser-over-temp" | "opc-life-over"
        | "spool-area-full" | "other" => Hindrance::Other,
        _ => return None,
    })
}

fn progress(answer: &Answer) -> Result<Progress, PrinterError> {
    /// `client-error-not-found`, `client-error-gone`.
    const UNKNOWN: [u16; 2] = [0x0406, 0x0407];
    let counted = |name| {
        answer
            .numbers(name)
            .next()
            .and_then(|n| u32::try_from(n).ok())
    };
    let out = counted("job-impressions-completed").or(counted("job-media-sheets-completed"));
    let stand = if UNKNOWN.contains(&answer.status) {
        Stand::Unknown
    } else if answer.is_ok() {
        match answer.numbers("job-state").next() {
            Some(3 | 4) => Stand::Pending,
            Some(5) => Stand::Printing,
            Some(6) => Stand::Stopped,
            Some(7 | 8) => Stand::GivenUp,
            Some(9) => Stand::Done,
            _ => return Err(PrinterError::NoIpp),
        }
    } else {
        return Err(PrinterError::Refused(answer.status));
    };
    Ok(Progress { stand, out })
}

#[cfg(test)]
mod tests;
