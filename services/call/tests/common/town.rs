// SPDX-License-Identifier: EUPL-1.2
//! A town: the exchange with its Kamailio and coturn, and its desks in browsers, as they are delivered.

use std::fmt::Write;
use std::fs;
use std::net::{IpAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::JoinHandle;
use std::time::Duration;

use api::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use exchange::config::{self, Config};
use exchange::exchange::since_1970;
use exchange::state::State;
use exchange::store::Store;
use exchange::{random, serve};
use password::Hash;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::browser::{Browser, Chromium};
use super::built::built;
use super::children::{DEADLINE, wait_for};

/// Its domain.
pub const DOMAIN: &str = "exchange.test";
/// Where its page and enrolment are.
pub const HTTPS: u16 = 8440;
/// The page's origin.
pub const ORIGIN: &str = "https://exchange.test:8440";
/// Where terminals are heard.
pub const TERMINALS: u16 = 8443;
/// Where desks are rung.
pub const DESKS: u16 = 8444;
/// Its terminal.
pub const TERMINAL: &str = "town-hall";
/// Its desk, for both departments.
pub const DESK: &str = "desk";

const PASSWORD: &str = "vier Worte sind leicht";
const ALWAYS: &str = r#"{ mo = ["0:00-24:00"], tu = ["0:00-24:00"], we = ["0:00-24:00"], th = ["0:00-24:00"], fr = ["0:00-24:00"], sa = ["0:00-24:00"], su = ["0:00-24:00"] }"#;

/// A running exchange; it ends with the test.
pub struct Town {
    dir: TempDir,
    /// Where it is.
    pub address: IpAddr,
    stop: Option<oneshot::Sender<()>>,
    runs: Option<JoinHandle<()>>,
}

impl Town {
    /// Starts one at this address, with these departments of one authority; the last is never open.
    pub fn start(address: IpAddr, departments: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let state = State::open(&dir.path().join("state")).unwrap();
        let config = config(address, departments);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let hash = Hash::of(&Secret::new(PASSWORD.to_owned()).unwrap()).unwrap();
        runtime.block_on(async {
            let store = Store::in_file(&state.database()).await.unwrap();
            store.set_hash(DESK, hash.as_str()).await.unwrap();
        });
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let page = page();
        let runs = std::thread::spawn(move || {
            let stopped = async {
                let _ = stopped.await;
            };
            let ready = move |_: &exchange::exchange::Exchange| ready.send(()).unwrap();
            let run = serve::run(config, &state, Some(&page), ready, stopped);
            runtime.block_on(run).unwrap();
        });
        is_ready.recv_timeout(DEADLINE).unwrap();
        let town = Self {
            dir,
            address,
            stop: Some(stop),
            runs: Some(runs),
        };
        for port in [5061, DESKS] {
            wait_for(&format!("listener at {port}"), || {
                TcpStream::connect_timeout(&(address, port).into(), Duration::from_secs(1)).ok()
            });
        }
        town
    }

    /// A directory that ends with it.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The certificate of who certifies it.
    pub fn authority(&self) -> String {
        fs::read_to_string(self.state().join("authority.pem")).unwrap()
    }

    /// What a site configuration says of it.
    pub fn section(&self) -> String {
        format!(
            "[call]\nexchange = \"{DOMAIN}\"\naddress = \"{}\"\nhttps = {HTTPS}\nterminals = {TERMINALS}\nauthority = \"\"\"\n{}\"\"\"\n",
            self.address,
            self.authority()
        )
    }

    /// A one-time code for its terminal.
    pub fn code(&self) -> String {
        let code = random::word::<12>().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let state = State::open(&self.state()).unwrap();
            let store = Store::in_file(&state.database()).await.unwrap();
            let expires = since_1970() + Duration::from_hours(1);
            store.allow(TERMINAL, &code, expires).await.unwrap();
        });
        code
    }

    /// The clerk's page, with a camera that Chromium makes up.
    pub fn desk(&self) -> Clerk {
        self.desk_by(DESKS)
    }

    /// The same; the port that rings it is met at this one.
    pub fn desk_by(&self, line: u16) -> Clerk {
        let pem = fs::read_to_string(self.state().join("generated/chain.pem")).unwrap();
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        let key = STANDARD.encode(Sha256::digest(public_key(&certificate)));
        let more = [
            format!(
                "--host-resolver-rules=MAP {DOMAIN}:{DESKS} {address}:{line}, MAP {DOMAIN} {address}",
                address = self.address
            ),
            "--use-fake-device-for-media-stream".to_owned(),
            "--use-fake-ui-for-media-stream".to_owned(),
            "--window-size=1366,768".to_owned(),
            "--lang=de".to_owned(),
        ];
        Self::desk_in(Chromium::start_with(&key, &more))
    }

    /// The clerk's page in this browser.
    pub fn desk_in(browser: impl Browser + 'static) -> Clerk {
        browser.open(ORIGIN);
        Clerk(Box::new(browser))
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(runs) = self.runs.take() {
            // What it has said is in the test's output already.
            let _ = runs.join();
        }
    }
}

fn config(address: IpAddr, departments: &[&str]) -> Config {
    // Kamailio asks at 127.0.0.1, at a port that the system gives, above 32768: those of relays lie below it.
    let control = TcpListener::bind("127.0.0.1:0").unwrap();
    let control = control.local_addr().unwrap().port();
    let mut text = format!(
        "[exchange]\ndomain = \"{DOMAIN}\"\naddress = \"{address}\"\nholidays = \"none\"\n\
         [ports]\nhttps = {HTTPS}\nterminals = {TERMINALS}\ncontrol = {control}\nrelay = [21000, 21063]\n\
         [limits]\nsip-requests = 500\n\
         [[authority]]\nid = \"town\"\nkind = \"municipality\"\nname = \"Stadtverwaltung\"\n"
    );
    for (number, id) in departments.iter().enumerate() {
        let hours = if number + 1 == departments.len() {
            "{}"
        } else {
            ALWAYS
        };
        write!(
            text,
            "[[department]]\nid = \"{id}\"\nauthority = \"town\"\nname = \"{id}\"\nhours = {hours}\n"
        )
        .unwrap();
    }
    write!(
        text,
        "[[desk]]\nid = \"{DESK}\"\ndepartments = {departments:?}\n[[terminal]]\nid = \"{TERMINAL}\"\nauthorities = [\"town\"]\n"
    )
    .unwrap();
    config::parse("exchange.toml", &text).unwrap_or_else(|error| panic!("{error:?}"))
}

/// The public key in a certificate, as OpenSSL finds it.
fn public_key(certificate: &CertificateDer<'_>) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("certificate.der");
    fs::write(&file, certificate).unwrap();
    let output = Command::new("sh")
        .args([
            "-c",
            "openssl x509 -inform DER -in \"$1\" -noout -pubkey | openssl pkey -pubin -outform DER",
            "sh",
        ])
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// The clerk's page, built.
fn page() -> PathBuf {
    let from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../desk"));
    // From another room.
    let other = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../services/desk"));
    let from = if from.is_dir() { from } else { other };
    let sources = [
        "package.json",
        "package-lock.json",
        "index.html",
        "practice.html",
        "vite.config.ts",
        "tsconfig.json",
        "src",
        "public",
    ];
    let sources = sources.map(|what| (from.join(what), what));
    built("page", &sources, &[&["npm", "run", "build"]], "dist")
}

/// What a clerk sees and hears of the other side.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
pub struct Seen {
    /// Colours at the left and at the right.
    pub left: [u8; 3],
    /// The same.
    pub right: [u8; 3],
    /// How many pictures have come.
    pub frames: u64,
    /// Pixels across.
    pub width: u32,
    /// How loud it was at most since the last look.
    pub level: f64,
}

/// A clerk at the page.
pub struct Clerk(Box<dyn Browser>);

impl Clerk {
    /// Signs in and is free.
    pub fn signs_in(&self) {
        self.wait("form", "return document.querySelector('form') !== null");
        let script = "const form = document.querySelector('form'); \
             form.elements.namedItem('desk').value = arguments[0]; form.elements.namedItem('password').value = arguments[1]; \
             form.requestSubmit();";
        self.0.run(script, vec![json!(DESK), json!(PASSWORD)]);
        self.heading("Pause");
    }

    /// Presses a function key.
    pub fn presses(&self, key: u8) {
        assert!((1..=12).contains(&key), "F{key}");
        self.0
            .press(char::from_u32(0xe030 + u32::from(key)).unwrap());
    }

    /// Writes, a key after the other.
    pub fn writes(&self, text: &str) {
        for key in text.chars() {
            self.0.press(key);
        }
    }

    /// Touches a button.
    pub fn touches(&self, label: &str) {
        let script = "const found = [...document.querySelectorAll('button')].find((b) => b.textContent.includes(arguments[0])); \
             found?.click(); return found !== undefined";
        wait_for(&format!("button {label}"), || {
            (self.0.run(script, vec![json!(label)]) == json!(true)).then_some(())
        });
    }

    /// Waits for a heading that has these words.
    pub fn heading(&self, words: &str) {
        let script = "return document.querySelector('h1')?.textContent ?? ''";
        let mut last = String::new();
        wait_for(&format!("heading {words}"), || {
            let now = self.0.run(script, Vec::new());
            now.as_str().unwrap_or_default().clone_into(&mut last);
            last.contains(words).then_some(())
        });
    }

    /// Gives a file to the page, as its dialog does.
    pub fn picks(&self, file: &Path) {
        self.0.pick("#pick", file);
    }

    /// Whether this is so in the page.
    pub fn asks(&self, what: &str) -> Option<()> {
        let answer = self.0.run(&format!("return {what}"), Vec::new());
        (answer == json!(true)).then_some(())
    }

    /// A number in the page.
    pub fn number(&self, what: &str) -> f64 {
        let answer = self.0.run(&format!("return {what}"), Vec::new());
        answer.as_f64().unwrap()
    }

    /// The computer of the desk falls asleep, or wakes up.
    pub fn sleeps(&self, asleep: bool) {
        self.0.sleep(asleep);
    }

    /// Waits until the page has these words.
    pub fn reads(&self, words: &str) {
        wait_for(words, || self.text().contains(words).then_some(()));
    }

    /// Waits until it does not have them any more.
    pub fn reads_no_more(&self, words: &str) {
        let gone = || (!self.text().contains(words)).then_some(());
        wait_for(&format!("end of {words}"), gone);
    }

    /// What is on the page, for whoever wonders.
    pub fn text(&self) -> String {
        let text = self.0.run("return document.body.innerText", Vec::new());
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Whether there is nothing of a call on the page.
    pub fn has_no_picture(&self) -> bool {
        self.0.run(
            "return document.querySelectorAll('video').length",
            Vec::new(),
        ) == json!(0)
    }

    /// What there is of the other side; nothing before its first picture.
    pub fn looks(&self) -> Option<Seen> {
        let script = "const video = document.querySelector('video.other'); \
             if (video === null || video.videoWidth === 0) return null; \
             const canvas = document.createElement('canvas'); [canvas.width, canvas.height] = [16, 16]; \
             const context = canvas.getContext('2d'); context.drawImage(video, 0, 0, 16, 16); \
             const pixel = (x) => [...context.getImageData(x, 3, 1, 1).data.slice(0, 3)]; \
             if (window.ear?.stream !== video.srcObject) { \
               const audio = new AudioContext(); const analyser = audio.createAnalyser(); analyser.fftSize = 32768; \
               audio.createMediaStreamSource(video.srcObject).connect(analyser); \
               const ear = { stream: video.srcObject, analyser, frames: 0 }; window.ear = ear; \
               const count = () => { ear.frames += 1; video.requestVideoFrameCallback(count); }; video.requestVideoFrameCallback(count); } \
             const samples = new Float32Array(window.ear.analyser.fftSize); window.ear.analyser.getFloatTimeDomainData(samples); \
             return { left: pixel(3), right: pixel(12), frames: window.ear.frames, \
               width: video.videoWidth, level: samples.reduce((most, s) => Math.max(most, Math.abs(s)), 0) };";
        match self.0.run(script, Vec::new()) {
            Value::Null => None,
            seen => Some(serde_json::from_value(seen).unwrap()),
        }
    }

    fn wait(&self, what: &str, script: &str) {
        wait_for(what, || {
            (self.0.run(script, Vec::new()) == json!(true)).then_some(())
        });
    }
}
