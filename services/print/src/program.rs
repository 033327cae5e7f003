// SPDX-License-Identifier: EUPL-1.2
//! The running process of a job: what it says, and its end.

use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;

use api::session::Kind;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::printer::Target;
use crate::word::{LINE, Word};

/// What a job's process is to do.
#[derive(Debug)]
pub struct Order {
    /// The printer.
    pub printer: Target,
    /// What the document is.
    pub kind: Kind,
    /// Its descriptor.
    pub content: OwnedFd,
    /// How often it is printed.
    pub copies: u32,
}

/// What is heard of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It said this.
    Said(u64, Word),
    /// It has ended, and says nothing more.
    Ended(u64),
}

/// A process that runs.
#[derive(Debug)]
pub struct Program(OwnedFd);

/// The word of a kind of document.
pub fn word_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Pdf => "pdf",
        Kind::Png => "png",
        Kind::Jpeg => "jpeg",
        Kind::Text => "text",
    }
}

impl Program {
    /// Starts `program` for the job `id`; `heard` gets what it says, and its end.
    pub fn start<T: Send + 'static>(
        program: &Path,
        order: Order,
        id: u64,
        heard: Sender<T>,
        wrap: impl Fn(Heard) -> T + Send + 'static,
    ) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg("send").args(["--printer", &order.printer.uri]);
        if let Some(certificate) = order.printer.certificate {
            command.args(["--certificate", &certificate.hex()]);
        }
        let mut child = command
            .args(["--kind", word_of(order.kind)])
            .args(["--copies", &order.copies.to_string()])
            .current_dir("/")
            .stdin(Stdio::from(order.content))
            .stdout(Stdio::piped())
            .spawn()?;
        let process = match pid_of(&child).and_then(|pid| pidfd_open(pid, PidfdFlags::empty())) {
            Ok(process) => process,
            Err(error) => {
                child.kill()?;
                child.wait()?;
                return Err(error.into());
            }
        };
        thread::Builder::new().name("job".into()).spawn(move || {
            // Whoever does not listen any more ends with this process.
            if let Some(out) = child.stdout.take() {
                listen(out, |word| {
                    let _ = heard.send(wrap(Heard::Said(id, word)));
                });
            }
            match child.wait() {
                Ok(status) if !status.success() => {
                    tracing::warn!("the process of a job ended: {status}");
                }
                Ok(_) => {}
                Err(error) => tracing::error!("cannot learn how a job ended: {error}"),
            }
            let _ = heard.send(wrap(Heard::Ended(id)));
        })?;
        Ok(Self(process))
    }

    /// Ends it; that it has ended is told as if it had by itself.
    pub fn kill(&self) {
        match pidfd_send_signal(&self.0, Signal::KILL) {
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => tracing::error!("cannot end the process of a job: {error}"),
        }
    }
}

fn pid_of(child: &Child) -> Result<Pid, Errno> {
    i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or(Errno::SRCH)
}

/// Each word, until it says no more or something else.
fn listen(out: impl Read, mut word: impl FnMut(Word)) {
    let mut lines = BufReader::new(out);
    let mut line = Vec::new();
    loop {
        line.clear();
        match lines.by_ref().take(LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => match Word::parse(&String::from_utf8_lossy(&line)) {
                Some(said) => word(said),
                None => return,
            },
        }
    }
}
