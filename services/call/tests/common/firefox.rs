// SPDX-License-Identifier: EUPL-1.2
//! Firefox ESR, steered by what it speaks itself (Marionette): Debian has no driver for it, and what a driver adds is HTTP.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::browser::Browser;
use super::children::{DEADLINE, Process, wait_for};
use super::loudspeaker::Loudspeaker;
use super::town::{ORIGIN, Town};

/// The most bytes of an answer: a picture of the page is the largest.
const ANSWER: usize = 16 * 1024 * 1024;

/// Firefox; it ends with the test.
pub struct Firefox {
    remote: Mutex<Remote>,
    process: Process,
    loudspeaker: Arc<Loudspeaker>,
    _dir: TempDir,
}

impl Firefox {
    /// Starts one that finds all names at `address`, trusts whoever has a certificate of `authority` (PEM) besides those that all
    /// trust, and makes up a camera and a microphone.
    pub fn start(address: IpAddr, authority: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let profile = dir.path().join("profile");
        fs::create_dir(&profile).unwrap();
        fs::write(profile.join("user.js"), preferences(address)).unwrap();
        let loudspeaker = Loudspeaker::start(dir.path());
        let mut command = Command::new("firefox-esr");
        command
            .args(["--headless", "--marionette", "--remote-allow-system-access"])
            .args(["--no-remote", "--width", "1366", "--height", "768"])
            .arg("--profile")
            .arg(&profile)
            .env("HOME", dir.path())
            .env("PULSE_SERVER", loudspeaker.address())
            .env("LANG", "C.UTF-8");
        let process = Process::start(&mut command, &dir.path().join("firefox.log"));
        let remote = Remote::connect(&profile);
        let firefox = Self {
            remote: Mutex::new(remote),
            process,
            loudspeaker: Arc::new(loudspeaker),
            _dir: dir,
        };
        firefox.does("WebDriver:NewSession", &json!({}));
        firefox.trust(authority);
        firefox
    }

    /// Starts one whose clerk has allowed the page of this town camera and microphone, once and for all.
    pub fn of(town: &Town) -> Self {
        let firefox = Self::start(town.address, &town.authority());
        let script = "const page = Services.scriptSecurityManager.createContentPrincipalFromOrigin(arguments[0]); \
             for (const what of ['camera', 'microphone']) Services.perms.addFromPrincipal(page, what, Services.perms.ALLOW_ACTION);";
        firefox.administer(script, ORIGIN);
        firefox
    }

    /// Where it is heard.
    pub fn loudspeaker(&self) -> Arc<Loudspeaker> {
        self.loudspeaker.clone()
    }

    /// As an authority's administration does it for its clerks.
    fn trust(&self, authority: &str) {
        let body: String = authority
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let script = "Cc['@mozilla.org/security/x509certdb;1'].getService(Ci.nsIX509CertDB).addCertFromBase64(arguments[0], 'C,,')";
        self.administer(script, &body);
    }

    /// Runs a script in the browser itself, not in a page.
    fn administer(&self, script: &str, argument: &str) {
        self.does("Marionette:SetContext", &json!({ "value": "chrome" }));
        self.run(script, vec![json!(argument)]);
        self.does("Marionette:SetContext", &json!({ "value": "content" }));
    }

    fn does(&self, command: &str, parameters: &Value) -> Value {
        let mut remote = self.remote.lock().unwrap_or_else(PoisonError::into_inner);
        remote.ask(command, parameters)
    }
}

impl Browser for Firefox {
    fn open(&self, address: &str) {
        self.does("WebDriver:Navigate", &json!({ "url": address }));
    }

    fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        let parameters = json!({ "script": script, "args": arguments });
        let mut answer = self.does("WebDriver:ExecuteScript", &parameters);
        answer["value"].take()
    }

    fn press(&self, key: char) {
        let actions = ["keyDown", "keyUp"].map(|what| json!({ "type": what, "value": key }));
        let keyboard = json!([{ "type": "key", "id": "keyboard", "actions": actions }]);
        self.does("WebDriver:PerformActions", &json!({ "actions": keyboard }));
    }

    fn pick(&self, field: &str, file: &Path) {
        let found = json!({ "using": "css selector", "value": field });
        let found = self.does("WebDriver:FindElement", &found);
        let element = found["value"].as_object().unwrap().values().next();
        let keys = json!({ "id": element, "text": file.to_str().unwrap() });
        self.does("WebDriver:ElementSendKeys", &keys);
    }

    fn sleep(&self, asleep: bool) {
        self.process.sleep(asleep);
    }
}

/// What differs from a new profile. What a browser does by itself in a test (updates, reports) Marionette switches off.
fn preferences(address: IpAddr) -> String {
    let preferences = [
        // It says in its profile which port it has taken.
        ("marionette.port", json!(0)),
        ("network.dns.forceResolve", json!(address.to_string())),
        ("media.navigator.streams.fake", json!(true)),
        // The town is on loopback.
        ("media.peerconnection.ice.loopback", json!(true)),
    ];
    let mut text = String::new();
    for (name, value) in preferences {
        writeln!(text, "user_pref(\"{name}\", {value});").unwrap();
    }
    text
}

/// The remote control: pieces of JSON, each after its length in bytes and a colon.
struct Remote {
    stream: TcpStream,
    number: u64,
}

impl Remote {
    /// Reaches the Firefox of a profile once it listens.
    fn connect(profile: &Path) -> Self {
        let port = wait_for("remote control of Firefox", || {
            let port = fs::read_to_string(profile.join("MarionetteActivePort")).ok()?;
            port.trim().parse::<u16>().ok()
        });
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut remote = Self { stream, number: 0 };
        let greeting = remote.read();
        assert_eq!(greeting["marionetteProtocol"], 3, "{greeting}");
        remote
    }

    /// Has something done; its result.
    fn ask(&mut self, command: &str, parameters: &Value) -> Value {
        self.number += 1;
        let text = json!([0, self.number, command, parameters]).to_string();
        write!(self.stream, "{}:{text}", text.len()).unwrap();
        let mut answer = self.read();
        assert_eq!(answer[0], 1, "{command}: {answer}");
        assert_eq!(answer[1], self.number, "{command}: {answer}");
        assert!(answer[2].is_null(), "{command}: {}", answer[2]);
        answer[3].take()
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).unwrap();
            match byte[0] {
                b':' => break,
                digit => {
                    assert!(digit.is_ascii_digit(), "no length: {digit}");
                    length = length * 10 + usize::from(digit - b'0');
                    assert!(length <= ANSWER, "an answer of {length} bytes");
                }
            }
        }
        let mut text = vec![0; length];
        self.stream.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }
}
