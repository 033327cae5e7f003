// SPDX-License-Identifier: EUPL-1.2
//! The running program of an application, with its connection to the compositor.
//!
//! This process makes the connection and keeps one end of it beside the program's: that the compositor has closed it is seen here
//! even where the program does not react to anything any more. Then it is ended.

use std::io::{self, BufRead, BufReader, Read};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use api::applications::Fall;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// Bytes of a line that are looked at.
const LINE: u64 = 4096;

/// Where programs run and what they run in.
#[derive(Clone, Debug)]
pub struct Place {
    /// The program.
    pub program: PathBuf,
    /// The compositor's socket for applications.
    pub socket: PathBuf,
    /// Its home: a directory in memory.
    pub home: PathBuf,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As it should.
    Done,
    /// It fell.
    Fell(Fall),
}

/// A program that runs.
#[derive(Debug)]
pub struct Program {
    process: OwnedFd,
}

impl Program {
    /// Starts it; `ended` gets `tag` and how it ended, once.
    pub fn start<Tag: Send + 'static>(
        place: &Place,
        arguments: &[String],
        ended: Sender<Ended<Tag>>,
        tag: Tag,
    ) -> io::Result<Self> {
        let (ours, theirs) = connect(&place.socket)?;
        let mut command = Command::new(&place.program);
        command
            .args(arguments)
            .env_clear()
            .env("HOME", &place.home)
            .env("XDG_RUNTIME_DIR", &place.home)
            .env("LANG", "C.UTF-8")
            .env("WAYLAND_SOCKET", theirs.as_raw_fd().to_string())
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        // The program has its own now.
        drop(theirs);
        let process = pid_of(&child).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()));
        let process = match process {
            Ok(process) => process,
            Err(error) => {
                child.kill()?;
                child.wait()?;
                return Err(error.into());
            }
        };
        let watched = process.try_clone()?;
        thread::Builder::new()
            .name("program".into())
            .spawn(move || {
                let end = watch(child, &watched, &ours);
                // Whoever does not listen any more ends with this process.
                let _ = ended.send(Ended { tag, end });
            })?;
        Ok(Self { process })
    }

    /// Ends it; that it has ended is told as if it had by itself.
    pub fn kill(&self) {
        kill(&self.process);
    }
}

/// That a program has ended.
#[derive(Debug)]
pub struct Ended<Tag> {
    /// Which.
    pub tag: Tag,
    /// How.
    pub end: End,
}

fn connect(socket: &Path) -> io::Result<(UnixStream, UnixStream)> {
    let ours = UnixStream::connect(socket)?;
    let theirs = ours.try_clone()?;
    // One program is started at a time, and nothing else by this process: nobody else inherits it.
    fcntl_setfd(&theirs, FdFlags::empty())?;
    Ok((ours, theirs))
}

fn pid_of(child: &Child) -> Result<Pid, Errno> {
    i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or(Errno::SRCH)
}

fn kill(process: &OwnedFd) {
    match pidfd_send_signal(process, Signal::KILL) {
        Ok(()) | Err(Errno::SRCH) => {}
        Err(error) => tracing::error!("cannot end a program: {error}"),
    }
}

/// Waits until it ends, and ends it where the compositor has closed its connection.
fn watch(mut child: Child, process: &OwnedFd, connection: &UnixStream) -> End {
    // What it says names servers and may name people: only what decides about its end is looked for.
    let (tell, told) = channel();
    if let Some(stderr) = child.stderr.take() {
        let reader = thread::Builder::new().name("errors".into());
        let reads = reader.spawn(move || {
            // Nobody listens if it ends too late.
            let _ = tell.send(said(stderr));
        });
        // Without the thread its end is judged by the exit status alone.
        if let Err(error) = reads {
            tracing::error!("cannot read what a program says: {error}");
        }
    }
    let mut waits = [
        PollFd::new(process, PollFlags::IN),
        // Hanging up is told without being asked for.
        PollFd::new(connection, PollFlags::empty()),
    ];
    loop {
        match poll(&mut waits, None) {
            Ok(_) => break,
            Err(Errno::INTR) => {}
            Err(error) => {
                tracing::error!("cannot wait for a program: {error}");
                break;
            }
        }
    }
    let [by_itself, _] = waits.map(|wait| !wait.revents().is_empty());
    if !by_itself {
        tracing::warn!("the compositor has closed an application's connection");
        kill(process);
    }
    let status = child.wait();
    // Whatever it has started has no window any more either, and cannot keep its end from being told.
    if let Err(error) = connection.shutdown(Shutdown::Both)
        && error.kind() != io::ErrorKind::NotConnected
    {
        tracing::error!("cannot close an application's connection: {error}");
    }
    let said = told.recv_timeout(LAST_WORDS).unwrap_or_default();
    match status {
        Ok(status) if by_itself => judge(status, said),
        Ok(_) => End::Fell(Fall::Crashed),
        Err(error) => {
            tracing::error!("cannot learn how a program ended: {error}");
            End::Fell(Fall::Crashed)
        }
    }
}

/// So long after its end something more of what it said may come.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// `ERRCONNECT_TLS_CONNECT_FAILED` of `FreeRDP`'s API (`freerdp/error.h`): no session, because the server's certificate is not the one
/// that is pinned, or because TLS failed otherwise.
const TLS_FAILED: u32 = 0x0002_0008;
/// `wlfreerdp` exits so when it never had a session.
const NO_SESSION: i32 = 255;
/// And so when the session was lost without a word from the server.
const LOST: i32 = 42;
/// The most it exits with after a session that the server ended in order: the number of what woke it last.
const ORDERLY: i32 = 9;

/// What only its check of a certificate says. Without it a torn handshake would pass for another server.
const REFUSED: &str = "certificate not trusted, aborting";

/// What a program has said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Said {
    /// The last error of its API.
    error: Option<u32>,
    /// That it does not take the server's certificate.
    refused: bool,
}

/// What the exit status and what it has said mean.
fn judge(status: ExitStatus, Said { error, refused }: Said) -> End {
    if let Some(signal) = status.signal() {
        tracing::warn!(signal, "an application's program was ended by a signal");
        return End::Fell(Fall::Crashed);
    }
    let code = status.code().unwrap_or(NO_SESSION);
    let end = match code {
        NO_SESSION if refused && error == Some(TLS_FAILED) => End::Fell(Fall::Untrusted),
        NO_SESSION | LOST => End::Fell(Fall::Unreachable),
        0..=ORDERLY => End::Done,
        _ => End::Fell(Fall::Crashed),
    };
    let error = error.map(|error| format!("{error:#010x}"));
    tracing::info!(code, ?error, ?end, "an application's program has ended");
    end
}

/// What the program says, however much, until it says no more.
fn said(stderr: impl Read) -> Said {
    let mut lines = BufReader::new(stderr);
    let (mut line, mut said) = (Vec::new(), Said::default());
    loop {
        line.clear();
        match lines.by_ref().take(LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return said,
            Ok(_) => {
                let line = String::from_utf8_lossy(&line);
                said.error = error_in(&line).or(said.error);
                said.refused |= line.contains(REFUSED);
            }
        }
    }
}

/// An error of its API (`[0x0002....]`) at the end of a line.
fn error_in(line: &str) -> Option<u32> {
    let (_, code) = line.trim_end().strip_suffix(']')?.rsplit_once("[0x")?;
    let code = u32::from_str_radix(code, 16).ok()?;
    // The class of errors while connecting.
    (code >> 16 == 2).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exits(code: i32) -> ExitStatus {
        ExitStatus::from_raw(code << 8)
    }

    /// Proves C3, C13: what a program's end means for the clerk: done, no link, a server that is another one, a crash.
    #[test]
    fn an_end_is_judged() {
        let unreachable = End::Fell(Fall::Unreachable);
        let refused = Said {
            error: Some(TLS_FAILED),
            refused: true,
        };
        assert_eq!(judge(exits(255), refused), End::Fell(Fall::Untrusted));
        for (status, error, end) in [
            (exits(0), None, End::Done),
            (exits(2), None, End::Done),
            // A handshake that was torn.
            (exits(255), Some(TLS_FAILED), unreachable),
            (exits(255), Some(0x0002_0005), unreachable),
            (exits(255), None, unreachable),
            (exits(42), Some(0x0002_000d), unreachable),
            (exits(24), None, End::Fell(Fall::Crashed)),
            (ExitStatus::from_raw(11), None, End::Fell(Fall::Crashed)),
        ] {
            let said = Said {
                error,
                refused: false,
            };
            assert_eq!(judge(status, said), end, "{status:?} {error:?}");
        }
    }

    /// Proves C3: the code of an error is found in what the program says, and nothing else is taken for one.
    #[test]
    fn errors_are_found() {
        let line = "[21:52:22:799] [20:00000014] [ERROR][com.freerdp.core] - [transport_default_connect_tls]: ERRCONNECT_TLS_CONNECT_FAILED [0x00020008]\n";
        assert_eq!(error_in(line), Some(TLS_FAILED));
        for other in [
            "",
            "]",
            "ERRINFO_LOGOFF_BY_USER [0x0001000C]",
            "[0x0002zzzz]",
            "[0x00020008] and more",
            "[0x1000200080]",
        ] {
            assert_eq!(error_in(other), None, "{other}");
        }
    }
}
