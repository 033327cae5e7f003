// SPDX-License-Identifier: EUPL-1.2
//! The program as the service manager runs it.

#![allow(clippy::unwrap_used)]

use std::{
    io::{Read, Write},
    os::{
        fd::OwnedFd,
        unix::{
            fs::PermissionsExt,
            net::{UnixDatagram, UnixListener, UnixStream},
        },
    },
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

const DEADLINE: Duration = Duration::from_secs(20);
const PROGRAM: &str = env!("CARGO_BIN_EXE_compositor");

/// The program, which ends with its test.
struct Running(Child);

impl Running {
    fn terminate(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(start.elapsed() < DEADLINE, "it does not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn notify_socket(folder: &Path) -> UnixDatagram {
    let socket = UnixDatagram::bind(folder.join("notify")).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket
}

fn until_ready(notify: &UnixDatagram) {
    let mut message = [0; 256];
    let length = notify.recv(&mut message).unwrap();
    let text = std::str::from_utf8(&message[..length]).unwrap();
    assert!(text.lines().any(|line| line == "READY=1"), "{text}");
}

/// Asks for the registry and reads the beginning of an answer.
fn is_served(mut stream: UnixStream) -> bool {
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let get_registry = [1u32, 12 << 16 | 1, 2].map(u32::to_ne_bytes).concat();
    stream.write_all(&get_registry).unwrap();
    stream.read(&mut [0; 8]).is_ok_and(|length| length > 0)
}

/// The socket is the service manager's; it says when it is ready; it ends well when asked to.
#[test]
fn it_serves_the_passed_socket() {
    let folder = tempfile::tempdir().unwrap();
    let notify = notify_socket(folder.path());
    let path = folder.path().join("shell.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let script =
        "LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=shell exec \"$0\" --headless 320x200 3<&0";
    let child = Command::new("/bin/sh")
        .args(["-c", script, PROGRAM])
        .env("NOTIFY_SOCKET", folder.path().join("notify"))
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .spawn()
        .unwrap();
    let running = Running(child);
    until_ready(&notify);
    assert!(is_served(UnixStream::connect(&path).unwrap()));
    assert_eq!(running.terminate(), Some(0));
}

/// Proves T12: applications come by a socket of their own, and the shell's place stays the shell's.
#[test]
fn it_serves_two_passed_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let notify = notify_socket(folder.path());
    let [shell, applications] =
        ["shell.sock", "applications.sock"].map(|name| folder.path().join(name));
    let script = "LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=shell:applications exec \"$0\" --headless 320x200 3<&0 4<&1 1>&2";
    let child = Command::new("/bin/sh")
        .args(["-c", script, PROGRAM])
        .env("NOTIFY_SOCKET", folder.path().join("notify"))
        .stdin(Stdio::from(OwnedFd::from(
            UnixListener::bind(&shell).unwrap(),
        )))
        .stdout(Stdio::from(OwnedFd::from(
            UnixListener::bind(&applications).unwrap(),
        )))
        .spawn()
        .unwrap();
    let running = Running(child);
    until_ready(&notify);
    let one = UnixStream::connect(&applications).unwrap();
    assert!(is_served(one.try_clone().unwrap()));
    assert!(is_served(UnixStream::connect(&applications).unwrap()));
    assert!(is_served(UnixStream::connect(&shell).unwrap()));
    assert_eq!(running.terminate(), Some(0));
}

/// Proves T12: the development socket is for this user alone, and there is none unless asked for.
#[test]
fn it_serves_a_private_socket() {
    let folder = tempfile::tempdir().unwrap();
    let notify = notify_socket(folder.path());
    let path = folder.path().join("shell.sock");
    let child = Command::new(PROGRAM)
        .args(["--headless", "320x200", "--socket"])
        .arg(&path)
        .env("NOTIFY_SOCKET", folder.path().join("notify"))
        .env("XDG_RUNTIME_DIR", folder.path())
        .spawn()
        .unwrap();
    let running = Running(child);
    until_ready(&notify);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(is_served(UnixStream::connect(&path).unwrap()));
    let mut names: Vec<_> = folder
        .path()
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["notify", "shell.sock"]);
    assert_eq!(running.terminate(), Some(0));
}

#[test]
fn without_a_socket_it_says_so() {
    let output = Command::new(PROGRAM)
        .args(["--headless", "320x200"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("LISTEN_FDS") && text.contains("--socket"),
        "{text}"
    );
}
