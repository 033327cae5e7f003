// SPDX-License-Identifier: EUPL-1.2
//! Whether there is a scanner, looked for beside the worker: SANE may take seconds to say.

use std::io::{self, Read};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender};
use std::thread;
use std::time::Duration;

use site::Site;

use crate::program::{pid_of, wait_for};
use crate::sane::{Sane, names, urls};
use crate::take::confine;

/// SANE has so long to say which scanners there are, and whether one is.
const PATIENCE: Duration = Duration::from_secs(20);
/// An address has so long to answer.
const ANSWER: Duration = Duration::from_secs(1);
/// What was found holds so often without SANE being asked, where the same addresses answer.
const HOLDS: u32 = 6;
/// The longest list.
const LIST: u64 = 16 << 10;

/// Where scanners may be: while nothing answers there, SANE need not be asked. None at all says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses(Vec<String>);

impl Addresses {
    /// Those of `site`.
    pub fn of(site: &Site) -> Self {
        let place = |url: String| {
            // Those that are plugged in are on the device itself, in the clear and with a port.
            let (scheme, rest) = url.split_once("://")?;
            let port = if scheme == "https" { 443 } else { 80 };
            let (authority, _) = rest.split_once('/')?;
            let after = authority
                .rsplit_once(']')
                .map_or(authority, |(_, port)| port);
            Some(if after.contains(':') {
                authority.to_owned()
            } else {
                format!("{authority}:{port}")
            })
        };
        Self(urls(site).filter_map(place).collect())
    }

    fn answering(&self) -> Vec<bool> {
        let answers = |place: &String| {
            let all = place.to_socket_addrs().into_iter().flatten();
            all.into_iter()
                .any(|at| TcpStream::connect_timeout(&at, ANSWER).is_ok())
        };
        self.0.iter().map(answers).collect()
    }
}

/// Looks for a scanner.
#[derive(Debug)]
pub struct Finder {
    sane: Sane,
    addresses: Addresses,
    /// Which addresses answered, what was found there, and how often that still holds.
    last: Option<(Vec<bool>, Option<String>, u32)>,
}

impl Finder {
    /// Has not looked yet.
    pub fn new(sane: Sane, addresses: Addresses) -> Self {
        Self {
            sane,
            addresses,
            last: None,
        }
    }

    /// Looks whenever it is asked, anew where the present scanner is doubtful, until nobody asks any more: the name of the scanner, if
    /// there is one.
    pub fn run<T>(
        mut self,
        asks: &Receiver<bool>,
        found: &Sender<T>,
        wrap: impl Fn(Option<String>) -> T,
    ) {
        for is_doubtful in asks {
            if is_doubtful {
                self.last = None;
            }
            let scanner = self.look().unwrap_or_else(|error| {
                tracing::error!("cannot look for a scanner: {error}");
                None
            });
            if found.send(wrap(scanner)).is_err() {
                return;
            }
        }
    }

    fn look(&mut self) -> io::Result<Option<String>> {
        let answering = self.addresses.answering();
        if !answering.is_empty() && !answering.contains(&true) {
            self.last = None;
            return Ok(None);
        }
        if let Some((before, scanner, left)) = &mut self.last
            && *before == answering
            && *left > 0
        {
            *left -= 1;
            return Ok(scanner.clone());
        }
        let scanner = self.search()?;
        let holds = if answering.is_empty() { 0 } else { HOLDS };
        self.last = Some((answering, scanner.clone(), holds));
        Ok(scanner)
    }

    /// The first scanner that is there.
    fn search(&self) -> io::Result<Option<String>> {
        let (_, list) = said(self.sane.list())?;
        for name in names(&list) {
            if said(self.sane.open(name)).is_ok_and(|(is_there, _)| is_there) {
                return Ok(Some(name.to_owned()));
            }
        }
        Ok(None)
    }
}

/// Whether SANE came to a good end, and what it said.
fn said(mut command: Command) -> io::Result<(bool, String)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let heard = listen(&mut child);
    // One that is too slow is ended, and its pipe with it.
    if heard.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    heard.map(|heard| (status.success(), heard))
}

fn listen(child: &mut Child) -> io::Result<String> {
    let pid = pid_of(child)?;
    confine(Some(pid))?;
    let out = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let reader = thread::Builder::new().name("list".into()).spawn(move || {
        let mut list = String::new();
        out.take(LIST).read_to_string(&mut list).map(|_| list)
    })?;
    if !wait_for(child, PATIENCE)? {
        return Err(io::ErrorKind::TimedOut.into());
    }
    reader
        .join()
        .map_err(|_| io::Error::from(io::ErrorKind::Other))?
}
