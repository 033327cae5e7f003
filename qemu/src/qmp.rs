// SPDX-License-Identifier: EUPL-1.2
//! QEMU's monitor: commands with answers. Events go to the hub.
//!
//! Own code instead of a crate: what is used of the protocol is one line of JSON each way.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

use serde_json::{Value, json};

use crate::{
    deadline::Deadline,
    error::{Error, Result},
    hub::{Hub, Wait},
};

/// The writing half of the monitor.
pub struct Qmp {
    hub: Arc<Hub>,
    stream: Mutex<UnixStream>,
    next: AtomicU64,
}

/// Why a command got no answer; the owner of the machine turns it into an error with a report.
pub enum Silence {
    /// QEMU ended.
    Ended,
    /// No answer in time.
    Passed,
    /// QEMU answered with an error.
    Refused(Error),
}

impl Qmp {
    /// Takes over the connection; the listening thread ends when QEMU does.
    pub fn new(hub: &Arc<Hub>, stream: UnixStream) -> Result<(Self, JoinHandle<()>)> {
        let reading = stream.try_clone().map_err(|source| Error::Channel {
            what: "the monitor",
            source,
        })?;
        let listener = {
            let hub = Arc::clone(hub);
            thread::spawn(move || {
                for line in BufReader::new(reading).lines() {
                    let Ok(line) = line else { break };
                    // QEMU's own output; a line that is no JSON carries nothing anyone waits for.
                    if let Ok(message) = serde_json::from_str(&line) {
                        hub.monitor(&message);
                    }
                }
                hub.close();
            })
        };
        let qmp = Self {
            hub: Arc::clone(hub),
            stream: Mutex::new(stream),
            next: AtomicU64::new(1),
        };
        Ok((qmp, listener))
    }

    /// Runs a command and waits for its answer.
    pub fn run(
        &self,
        command: &str,
        arguments: &Value,
        deadline: Deadline,
    ) -> Result<Value, Silence> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "execute": command, "id": id });
        if !arguments.is_null() {
            message["arguments"] = arguments.clone();
        }
        let line = format!("{message}\n");
        self.stream
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(line.as_bytes())
            .map_err(|_| Silence::Ended)?;
        match self.hub.wait(deadline, |heard| heard.replies.remove(&id)) {
            Wait::Found(Ok(value)) => Ok(value),
            Wait::Found(Err(message)) => Err(Silence::Refused(Error::Refused {
                command: command.to_owned(),
                message,
            })),
            Wait::Ended => Err(Silence::Ended),
            Wait::Passed => Err(Silence::Passed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O9: answers find their question, events are kept, an error is told, the end is noticed.
    #[test]
    fn talks_to_a_monitor() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let hub = Hub::new();
        let (qmp, listener) = Qmp::new(&hub, ours).unwrap();
        let qemu = thread::spawn(move || {
            let mut lines = BufReader::new(theirs.try_clone().unwrap()).lines();
            let mut theirs = theirs;
            theirs.write_all(b"{\"QMP\":{}}\nno json\n").unwrap();
            let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            let answer = json!({ "return": { "n": 1 }, "id": first["id"] });
            write!(theirs, "{}\n{answer}\n", json!({ "event": "RESET" })).unwrap();
            let second: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            let answer = json!({ "error": { "desc": "nein" }, "id": second["id"] });
            writeln!(theirs, "{answer}").unwrap();
        });
        let deadline = Deadline::secs(20);
        let answer = qmp.run("query-status", &Value::Null, deadline);
        assert!(matches!(answer, Ok(value) if value["n"] == 1));
        assert_eq!(hub.heard().events[0].name, "RESET");
        let answer = qmp.run("quit", &json!({ "a": 1 }), deadline);
        assert!(
            matches!(answer, Err(Silence::Refused(error)) if error.to_string().contains("nein"))
        );
        qemu.join().unwrap();
        let answer = qmp.run("quit", &Value::Null, deadline);
        assert!(matches!(answer, Err(Silence::Ended)));
        listener.join().unwrap();
    }
}
