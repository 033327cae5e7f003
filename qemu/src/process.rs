// SPDX-License-Identifier: EUPL-1.2
//! Child processes that cannot outlive their owner: they die with the guard, and with the process that holds it.

use std::{
    io::{self, Read},
    os::{fd::OwnedFd, unix::process::CommandExt},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, OnceLock, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open},
};

use crate::{
    deadline::Deadline,
    error::{Error, Result},
    preexec,
};

/// The kernel's "die with parent" means the parent *thread*; a machine may be started in one thread and used in
/// another. So one thread, which lives as long as the process, starts all children.
type Order = (Command, mpsc::Sender<io::Result<Child>>);

fn spawn_by_keeper(command: Command) -> io::Result<Child> {
    static KEEPER: OnceLock<Mutex<mpsc::Sender<Order>>> = OnceLock::new();
    let keeper = KEEPER.get_or_init(|| {
        let (orders, inbox) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in inbox {
                // The one who asked has gone: dropping a child leaves it running, so end it.
                if let Err(mpsc::SendError(Ok(mut child))) = answer.send(command.spawn()) {
                    let _ = child.kill().and_then(|()| child.wait());
                }
            }
        });
        Mutex::new(orders)
    });
    let (answer, reply) = mpsc::channel();
    keeper
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .send((command, answer))
        .map_err(|_| io::Error::other("the thread that starts programs has ended"))?;
    reply
        .recv()
        .map_err(|_| io::Error::other("the thread that starts programs has ended"))?
}

/// A running child in its own process group; dropping it kills and reaps the whole group.
#[derive(Debug)]
pub struct Process {
    program: String,
    child: Child,
    pidfd: OwnedFd,
    status: Option<ExitStatus>,
    words: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts `command` with the descriptors in `inherit`; it dies with this process.
    pub fn start(mut command: Command, inherit: Vec<OwnedFd>) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        preexec::die_with_parent(&mut command, inherit);
        let spawn = |source| Error::Spawn {
            program: program.clone(),
            source,
        };
        let mut child = spawn_by_keeper(command).map_err(spawn)?;
        let pidfd = match pidfd_open(Pid::from_child(&child), PidfdFlags::empty()) {
            Ok(fd) => fd,
            Err(error) => {
                let _ = child.kill().and_then(|()| child.wait());
                return Err(spawn(error.into()));
            }
        };
        let words = Arc::new(Mutex::new(String::new()));
        let listener = child.stderr.take().map(|stderr| {
            let words = Arc::clone(&words);
            thread::spawn(move || listen(stderr, &words))
        });
        Ok(Self {
            program,
            child,
            pidfd,
            status: None,
            words,
            listener,
        })
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end; `None` when the deadline passes first.
    pub fn wait(&mut self, deadline: Deadline) -> Result<Option<ExitStatus>> {
        if self.status.is_none() {
            let watch = |source| Error::Channel {
                what: "the watch over a child process",
                source,
            };
            let mut fds = [PollFd::new(&self.pidfd, PollFlags::IN)];
            loop {
                match poll(&mut fds, Some(&timespec(deadline.left()))) {
                    Ok(0) => return Ok(None),
                    Ok(_) => break,
                    Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return Err(watch(error.into())),
                }
            }
            self.status = Some(self.child.wait().map_err(watch)?);
            self.hear_out();
        }
        Ok(self.status)
    }

    /// Kills it at once, with everything it started, and reaps it.
    pub fn kill(&mut self) {
        if self.status.is_none() {
            // The group exists as long as its leader is not reaped, so this cannot hit a stranger.
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
            self.status = self.child.wait().ok();
            self.hear_out();
        }
    }

    /// What it said on standard error so far.
    pub fn words(&self) -> Vec<String> {
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let named = |line: &str| match line.strip_prefix(&self.program) {
            // QEMU names itself.
            Some(_) => line.to_owned(),
            None => format!("{}: {line}", self.program),
        };
        words.lines().map(named).collect()
    }

    fn hear_out(&mut self) {
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Keeps the last 16 KiB of what a child says.
fn listen(mut stderr: ChildStderr, words: &Mutex<String>) {
    const KEPT: usize = 16 << 10;
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stderr.read(&mut buffer) {
        let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
        words.push_str(&String::from_utf8_lossy(&buffer[..count]));
        let surplus = words.len().saturating_sub(KEPT);
        let cut = words.ceil_char_boundary(surplus);
        words.drain(..cut);
    }
}

pub fn timespec(span: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(span.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: span.subsec_nanos().into(),
    }
}

/// Runs a helper program to its end and returns what it printed; `input` goes to its standard input.
pub fn output(mut command: Command, input: Option<&[u8]>) -> Result<Vec<u8>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let spawn = |source| Error::Spawn {
        program: program.clone(),
        source,
    };
    command
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    preexec::die_with_parent(&mut command, Vec::new());
    let mut child = spawn_by_keeper(command).map_err(spawn)?;
    let stdin = child.stdin.take();
    let output = thread::scope(|scope| {
        if let (Some(mut stdin), Some(bytes)) = (stdin, input) {
            // A program that reads no further closes the pipe; its exit status tells why.
            scope.spawn(move || io::Write::write_all(&mut stdin, bytes));
        }
        child.wait_with_output()
    })
    .map_err(spawn)?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::Program {
            program,
            status: output.status,
            message,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O9: a dropped guard leaves neither the child nor what the child started.
    #[test]
    fn drop_ends_the_whole_group() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & echo $! >&2; wait"]);
        let process = Process::start(command, Vec::new()).unwrap();
        let deadline = Deadline::secs(10);
        let grandchild = loop {
            if let Some(line) = process.words().first() {
                break line.rsplit(' ').next().unwrap().to_owned();
            }
            assert!(!deadline.passed(), "the child said nothing");
            thread::yield_now();
        };
        let pid = Pid::from_raw(grandchild.parse().unwrap()).unwrap();
        let watch = pidfd_open(pid, PidfdFlags::empty()).unwrap();
        drop(process);
        let mut fds = [PollFd::new(&watch, PollFlags::IN)];
        let ended = poll(&mut fds, Some(&timespec(deadline.left()))).unwrap();
        assert_eq!(ended, 1, "the grandchild lives on");
    }

    /// Proves O9: a child outlives the thread that asked for it.
    #[test]
    fn survives_the_asking_thread() {
        let mut command = Command::new("sleep");
        command.arg("600");
        let mut process = thread::spawn(|| Process::start(command, Vec::new()).unwrap())
            .join()
            .unwrap();
        assert_eq!(process.wait(Deadline::after(Duration::ZERO)).unwrap(), None);
    }

    /// Proves O9: a failing program is named with its own words.
    #[test]
    fn errors_carry_the_programs_words() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo kaputt >&2; exit 3"]);
        let error = output(command, None).unwrap_err().to_string();
        assert!(
            error.contains("sh failed") && error.contains("kaputt"),
            "{error}"
        );
    }
}
