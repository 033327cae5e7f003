// SPDX-License-Identifier: EUPL-1.2
//! Those who ask over HTTPS, by curl.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use serde_json::Value;

use crate::place::{DEADLINE, DOMAIN, Place};

/// Somebody who speaks HTTPS, by curl.
pub struct Client<'a> {
    place: &'a Place,
    port: u16,
    arguments: Vec<String>,
}

impl<'a> Client<'a> {
    /// At a port, with more arguments for curl.
    pub fn new(place: &'a Place, port: u16, arguments: Vec<String>) -> Self {
        Self {
            place,
            port,
            arguments,
        }
    }

    fn ask(&self, method: &str, path: &str, more: &[&str]) -> (u16, String) {
        let output = self
            .place
            .curl(self.port)
            .args(&self.arguments)
            .args(["--request", method, "--write-out", "\n%{http_code}"])
            .args(more)
            .arg(format!("https://{DOMAIN}:{}{path}", self.port))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (body, status) = text.rsplit_once('\n').unwrap_or(("", "0"));
        let body = if output.status.success() {
            body.to_owned()
        } else {
            String::from_utf8_lossy(&output.stderr).into_owned()
        };
        (status.parse().unwrap(), body)
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", path, &[])
    }

    pub fn headers(&self, path: &str) -> String {
        self.ask("GET", path, &["--include"]).1
    }

    /// With more arguments for curl.
    pub fn get_with(&self, path: &str, more: &[&str]) -> (u16, String) {
        self.ask("GET", path, more)
    }

    pub fn delete(&self, path: &str) -> (u16, String) {
        self.ask("DELETE", path, &[])
    }

    pub fn post(&self, path: &str, json: &str) -> (u16, String) {
        self.ask(
            "POST",
            path,
            &[
                "--header",
                "Content-Type: application/json",
                "--data-binary",
                json,
            ],
        )
    }

    /// As a page of somebody else would.
    pub fn post_from(&self, origin: &str, path: &str, json: &str) -> (u16, String) {
        let origin = format!("Origin: {origin}");
        self.ask(
            "POST",
            path,
            &[
                "--header",
                "Content-Type: application/json",
                "--header",
                &origin,
                "--data-binary",
                json,
            ],
        )
    }

    pub fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    pub fn presence(&self, presence: &str) {
        let body = format!("{{\"presence\": \"{presence}\"}}");
        let (status, body) = self.post("/api/desk/presence", &body);
        assert_eq!(status, 204, "{body}");
    }

    /// Takes a ticket.
    pub fn take(&self, department: &str) -> Value {
        let body = format!("{{\"department\": \"{department}\"}}");
        let (status, body) = self.post("/api/terminal/tickets", &body);
        assert_eq!(status, 201, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// A stream of events.
    pub fn events(&self, path: &str) -> Events {
        let mut child = self
            .place
            .curl(self.port)
            .args(&self.arguments)
            .args([
                "--no-buffer",
                "--max-time",
                "300",
                "--header",
                "Accept: text/event-stream",
            ])
            .arg(format!("https://{DOMAIN}:{}{path}", self.port))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (send, events) = channel();
        thread::spawn(move || {
            let mut name = String::new();
            for line in lines.map_while(Result::ok) {
                if let Some(event) = line.strip_prefix("event: ") {
                    event.clone_into(&mut name);
                } else if let Some(data) = line.strip_prefix("data: ") {
                    let data = serde_json::from_str(data).unwrap();
                    if send.send((name.clone(), data)).is_err() {
                        return;
                    }
                }
            }
        });
        Events { child, events }
    }
}

/// A stream that is open until it is dropped.
pub struct Events {
    child: Child,
    events: Receiver<(String, Value)>,
}

impl Events {
    /// Waits for the first event that is as wanted.
    pub fn until(&self, what: &str, wanted: impl Fn(&str, &Value) -> bool) -> Value {
        let end = Instant::now() + DEADLINE;
        let mut seen = Vec::new();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok((name, value)) = self.events.recv_timeout(left) else {
                panic!("no event: {what}; seen: {seen:?}");
            };
            if wanted(&name, &value) {
                return value;
            }
            seen.push((name, value));
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
