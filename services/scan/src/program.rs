// SPDX-License-Identifier: EUPL-1.2
//! The running processes of a page or a document: what they say and hand over, and their end.

use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use api::scan::Trouble;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, Shutdown, SocketFlags, SocketType, shutdown, socketpair};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::sane::{Sane, overheard, trouble};
use crate::take::confine;
use crate::word::{Word, hear, say};

/// A scanner that has sent its page, or is told to stop, has so long to put itself in order.
const GRACE: Duration = Duration::from_secs(5);

/// A page, or a document, that is there.
#[derive(Debug)]
pub struct Sheet {
    /// It itself.
    pub content: OwnedFd,
    /// A small picture of it, where it is a page.
    pub small: Option<OwnedFd>,
}

/// What is heard of them.
#[derive(Debug)]
pub enum Heard {
    /// So many percent are there.
    Came(u64, u8),
    /// It is there.
    There(u64, Sheet),
    /// It came to nothing.
    Failed(u64, Trouble),
    /// They have ended, and say nothing more.
    Ended(u64),
}

/// The processes that run for the page or document of a number.
#[derive(Debug)]
pub struct Program {
    /// Its number.
    pub id: u64,
    /// The one that works on it.
    worker: OwnedFd,
    /// The one of the scanner.
    scanner: Option<OwnedFd>,
}

/// A child with a descriptor of it, ended if it cannot be watched.
fn watch(mut child: Child) -> io::Result<(Child, OwnedFd)> {
    match pid_of(&child).and_then(|pid| Ok(pidfd_open(pid, PidfdFlags::empty())?)) {
        Ok(process) => Ok((child, process)),
        Err(error) => {
            end(&mut child);
            Err(error)
        }
    }
}

fn end(child: &mut Child) {
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        tracing::error!("cannot end a process: {error}");
    }
}

/// The number of a process that was not waited for yet.
pub fn pid_of(child: &Child) -> io::Result<Pid> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    pid.ok_or_else(|| Errno::SRCH.into())
}

/// Whether the process ends in this time.
pub fn wait_for(child: &Child, time: Duration) -> io::Result<bool> {
    ends_within(&pidfd_open(pid_of(child)?, PidfdFlags::empty())?, time)
}

fn ends_within(process: &OwnedFd, time: Duration) -> io::Result<bool> {
    let end = clock::now() + time;
    loop {
        let left = end.saturating_sub(clock::now());
        let left = Timespec {
            tv_sec: left.as_secs().cast_signed(),
            tv_nsec: left.subsec_nanos().into(),
        };
        match poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&left)) {
            Err(Errno::INTR) => {}
            result => return Ok(result? > 0),
        }
    }
}

fn socket() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = SocketFlags::CLOEXEC;
    Ok(socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        flags,
        None,
    )?)
}

/// Who is told what is heard.
pub trait Tell: Fn(Heard) + Send + 'static {}
impl<F: Fn(Heard) + Send + 'static> Tell for F {}

/// What is told to `sender`. Whoever does not listen any more ends with this process.
pub fn to<T: Send + 'static>(
    sender: Sender<T>,
    wrap: impl Fn(Heard) -> T + Send + 'static,
) -> impl Tell {
    move |heard| {
        let _ = sender.send(wrap(heard));
    }
}

impl Program {
    /// Scans a page: `scanner` sends it through SANE, `program` packs it.
    pub fn take(
        program: &Path,
        sane: &Sane,
        scanner: &str,
        id: u64,
        tell: impl Tell,
    ) -> io::Result<Self> {
        let (here, there) = socket()?;
        let mut source = sane
            .page(scanner)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (Some(picture), Some(words)) = (source.stdout.take(), source.stderr.take()) else {
            end(&mut source);
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let (mut source, scanner) = watch(source)?;
        let confined = pid_of(&source).and_then(|pid| confine(Some(pid)));
        let worker = confined.and_then(|()| {
            Command::new(program)
                .arg("take")
                .current_dir("/")
                .stdin(Stdio::from(picture))
                .stdout(Stdio::from(there))
                .spawn()
        });
        let listening = worker.and_then(watch).and_then(|worker| {
            let process = scanner.try_clone()?;
            let (heard, troubles) = channel();
            thread::Builder::new()
                .name("words".into())
                .spawn(move || overhear(words, &process, &heard))?;
            Ok((worker, troubles))
        });
        let ((worker, process), troubles) = match listening {
            Ok(listening) => listening,
            Err(error) => {
                end(&mut source);
                return Err(error);
            }
        };
        thread::Builder::new()
            .name("page".into())
            .spawn(move || listen(&here, worker, Some((source, troubles)), id, &tell))?;
        Ok(Self {
            id,
            worker: process,
            scanner: Some(scanner),
        })
    }

    /// Makes a document of pages, each turned so often, in their order.
    pub fn bind(
        program: &Path,
        title: Word,
        pages: Vec<(u8, OwnedFd)>,
        id: u64,
        tell: impl Tell,
    ) -> io::Result<Self> {
        let (here, there) = socket()?;
        let worker = Command::new(program)
            .arg("bind")
            .current_dir("/")
            .stdin(Stdio::from(there.try_clone()?))
            .stdout(Stdio::from(there))
            .spawn()?;
        let (worker, process) = watch(worker)?;
        thread::Builder::new()
            .name("document".into())
            .spawn(move || {
                let fed = say(&here, &title, &[]).and_then(|()| {
                    for (turns, page) in &pages {
                        say(&here, &Word::Sheet(*turns), &[page.as_fd()])?;
                    }
                    shutdown(&here, Shutdown::Write)
                });
                if let Err(error) = fed {
                    tracing::warn!("cannot hand the pages to a document: {error}");
                }
                drop(pages);
                listen(&here, worker, None, id, &tell);
            })?;
        Ok(Self {
            id,
            worker: process,
            scanner: None,
        })
    }

    /// Ends it; that it has ended is told as if it had by itself. SANE is asked to, so that the scanner hears of it.
    pub fn kill(&self) {
        let all = [
            (Some(&self.worker), Signal::KILL),
            (self.scanner.as_ref(), Signal::TERM),
        ];
        for (process, signal) in all {
            match process.map_or(Ok(()), |process| pidfd_send_signal(process, signal)) {
                Ok(()) | Err(Errno::SRCH) => {}
                Err(error) => tracing::error!("cannot end a process: {error}"),
            }
        }
    }
}

/// The most bytes of a line of the scanner's program.
const LINE: u64 = 1024;

/// Hears what the scanner's program says until it ends, and tells what is wrong with the scanner, once, if it says so. After that it may
/// hang instead of ending: it stops the scanner from within the signal that nobody reads any more, and some backends wait for
/// themselves then.
fn overhear(words: ChildStderr, process: &OwnedFd, heard: &Sender<Trouble>) {
    let mut words = BufReader::new(words);
    let mut line = Vec::new();
    let mut is_told = false;
    loop {
        line.clear();
        match words.by_ref().take(LINE).read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!("cannot hear a scanner's program: {error}");
                return;
            }
        }
        let said = String::from_utf8_lossy(&line);
        tracing::info!("{}", said.trim_end());
        let Some(trouble) = overheard(&said).filter(|_| !is_told) else {
            continue;
        };
        is_told = true;
        // Nobody wants to know where the page has come all the same.
        let _ = heard.send(trouble);
        if !matches!(ends_within(process, GRACE), Ok(true)) {
            tracing::warn!("a scanner does not come to its end");
            if let Err(error) = pidfd_send_signal(process, Signal::KILL) {
                tracing::error!("cannot end a process: {error}");
            }
        }
    }
}

/// Everything that is said, and the end of both processes.
fn listen(
    socket: &OwnedFd,
    mut worker: Child,
    source: Option<(Child, Receiver<Trouble>)>,
    id: u64,
    tell: &impl Tell,
) {
    let (mut there, mut failed) = (None, None);
    while let Some((word, descriptors)) = hear(socket) {
        let mut descriptors = descriptors.into_iter();
        match (word, descriptors.next(), descriptors.next()) {
            (Word::Came(percent), None, None) => tell(Heard::Came(id, percent)),
            (Word::Page, Some(content), small @ Some(_)) => there = Some(Sheet { content, small }),
            (Word::Bound, Some(content), None) => {
                let small = None;
                there = Some(Sheet { content, small });
            }
            (Word::Failed(trouble), None, None) => failed = Some(trouble),
            _ => break,
        }
        if there.is_some() || failed.is_some() {
            break;
        }
    }
    end(&mut worker);
    let said = source.and_then(|(mut source, troubles)| {
        // The next page finds the scanner free.
        let ended = if matches!(wait_for(&source, GRACE), Ok(true)) {
            source.wait().map(|status| trouble(status.code()))
        } else {
            tracing::warn!("a scanner does not come to its end");
            end(&mut source);
            Ok(None)
        };
        let ended = ended.unwrap_or_else(|error| {
            tracing::error!("cannot learn how a scanner ended: {error}");
            None
        });
        // Somebody whom the scanner's program has left behind may go on saying nothing.
        troubles.recv_timeout(GRACE).ok().or(ended)
    });
    match there {
        // All of it came: how the scanner ended after that is its own business.
        Some(sheet) => tell(Heard::There(id, sheet)),
        // Who died without a word was given something that was too much for it.
        None => tell(Heard::Failed(
            id,
            said.or(failed).unwrap_or(Trouble::Damaged),
        )),
    }
    tell(Heard::Ended(id));
}
