// SPDX-License-Identifier: EUPL-1.2
//! The children: Kamailio and coturn run as long as the exchange does, start again when they fall, and end with it.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// The wait before the first new start; each is twice the one before.
const FIRST: Duration = Duration::from_millis(500);
/// The longest.
const LONGEST: Duration = Duration::from_mins(1);
/// Who ran so long begins with the first wait again.
const STEADY: Duration = Duration::from_mins(2);
/// A child has so long to end by itself.
const END: Duration = Duration::from_secs(5);
/// Bytes of a line that are passed on.
const LINE: usize = 600;

/// A program to be run.
#[derive(Clone, Debug)]
pub struct Program {
    /// How it is called in messages.
    pub name: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// Its arguments. No secret is among them.
    pub arguments: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
}

/// What happens to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// It runs, under this process id.
    Runs(u32),
    /// It fell, and starts again after this.
    Fell(Duration),
}

/// The wait before a program starts again that ran for `ran`, after it waited `before`. Pure.
pub fn wait_after(before: Option<Duration>, ran: Duration) -> Duration {
    match before {
        Some(before) if ran < STEADY => (before * 2).min(LONGEST),
        _ => FIRST,
    }
}

/// A program that is kept running.
#[derive(Debug)]
pub struct Kept {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Kept {
    /// Starts it; `told` gets every turn of its course.
    pub fn start(program: Program, told: mpsc::UnboundedSender<(&'static str, Course)>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(keep(program, told, stopped));
        Self { stop, task }
    }

    /// Ends it, and waits for that.
    pub async fn end(self) {
        self.stop.send_replace(true);
        if self.task.await.is_err() {
            tracing::error!("a child's keeper failed");
        }
    }
}

async fn keep(
    program: Program,
    told: mpsc::UnboundedSender<(&'static str, Course)>,
    mut stop: watch::Receiver<bool>,
) {
    let name = program.name;
    let mut before = None;
    loop {
        let began = Instant::now();
        match start(&program) {
            Ok(mut child) => {
                // Whoever does not listen ends with this process.
                let _ = told.send((name, Course::Runs(child.id().unwrap_or_default())));
                pass_on(name, child.stdout.take());
                pass_on(name, child.stderr.take());
                tokio::select! {
                    ended = child.wait() => match ended {
                        Ok(status) => tracing::error!("{name} ended: {status}"),
                        Err(error) => tracing::error!("cannot wait for {name}: {error}"),
                    },
                    () = asked(&mut stop) => {
                        end(name, &mut child).await;
                        return;
                    }
                }
            }
            Err(error) => {
                tracing::error!("cannot start {name} ({}): {error}", program.path.display());
            }
        }
        let wait = wait_after(before, began.elapsed());
        before = Some(wait);
        let _ = told.send((name, Course::Fell(wait)));
        tokio::select! {
            () = sleep(wait) => {}
            () = asked(&mut stop) => return,
        }
    }
}

async fn asked(stop: &mut watch::Receiver<bool>) {
    // A keeper that is dropped asks too.
    drop(stop.wait_for(|stop| *stop).await);
}

fn start(program: &Program) -> std::io::Result<Child> {
    // A child whose parent is killed gets SIGTERM from the kernel: it never outlives the exchange.
    Command::new("/usr/bin/setpriv")
        .args(["--pdeathsig", "TERM", "--"])
        .arg(&program.path)
        .args(&program.arguments)
        .current_dir(&program.directory)
        .env_clear()
        .env("LANG", "C.UTF-8")
        .env("HOME", &program.directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// What it says is ours to pass on, a line at a time.
fn pass_on(name: &'static str, from: Option<impl AsyncRead + Unpin + Send + 'static>) {
    let Some(from) = from else { return };
    tokio::spawn(async move {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        loop {
            line.clear();
            match reader.read_until(b'\n', &mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {
                    line.truncate(LINE);
                    let text = String::from_utf8_lossy(&line);
                    let text = text.trim_end();
                    // Both name their levels themselves; the rest is for who looks for something.
                    if ["ERROR", "CRITICAL", "BUG"]
                        .iter()
                        .any(|level| text.contains(level))
                    {
                        tracing::warn!(target: "child", "{name}: {text}");
                    } else {
                        tracing::debug!(target: "child", "{name}: {text}");
                    }
                }
            }
        }
    });
}

async fn end(name: &str, child: &mut Child) {
    let pid = child
        .id()
        .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    if let Some(pid) = pid {
        // It may have ended in this moment.
        let _ = kill_process(pid, Signal::TERM);
    }
    if timeout(END, child.wait()).await.is_err() {
        tracing::warn!("{name} does not end by itself");
        if let Err(error) = child.kill().await {
            tracing::error!("cannot end {name}: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves X1: who falls again and again is started less and less often, and who ran well at once.
    #[test]
    fn waits_grow() {
        let mut before = None;
        let mut waits = Vec::new();
        for _ in 0..9 {
            let wait = wait_after(before, Duration::from_secs(1));
            waits.push(wait.as_millis());
            before = Some(wait);
        }
        assert_eq!(
            waits,
            [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]
        );
        assert_eq!(wait_after(before, STEADY), FIRST);
    }

    /// Proves X1: a child that falls starts again, and ends with its keeper.
    #[tokio::test]
    async fn a_child_is_kept() {
        let (tell, mut told) = mpsc::unbounded_channel();
        let program = Program {
            name: "child",
            path: "/bin/sleep".into(),
            arguments: vec!["600".into()],
            directory: "/".into(),
        };
        let kept = Kept::start(program, tell);
        let mut next = async || {
            timeout(Duration::from_secs(20), told.recv())
                .await
                .unwrap()
                .unwrap()
        };
        let (_, Course::Runs(first)) = next().await else {
            panic!()
        };
        kill_process(
            Pid::from_raw(first.try_into().unwrap()).unwrap(),
            Signal::KILL,
        )
        .unwrap();
        assert_eq!(next().await, ("child", Course::Fell(FIRST)));
        let (_, Course::Runs(second)) = next().await else {
            panic!()
        };
        assert_ne!(first, second);
        kept.end().await;
        let gone = kill_process(
            Pid::from_raw(second.try_into().unwrap()).unwrap(),
            Signal::TERM,
        );
        assert_eq!(gone, Err(rustix::io::Errno::SRCH));
    }
}
