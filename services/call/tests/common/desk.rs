// SPDX-License-Identifier: EUPL-1.2
//! A desk: a browser with a page of `JsSIP`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::browser::{Browser, Chromium};
use super::built::built;
use super::children::wait_for;
use super::exchange::{DOMAIN, Exchange, credentials};
use super::relay::Relay;

/// The tone that a desk sends.
pub const HERTZ: f64 = 1000.0;

/// What a desk sees and hears.
#[derive(Clone, Debug, Deserialize)]
pub struct Seen {
    /// What has happened there.
    pub log: Vec<String>,
    /// The channels that are open.
    pub open: Vec<String>,
    /// The text that has come.
    pub text: String,
    /// The picture's pixels across.
    pub width: u32,
    /// And down.
    pub height: u32,
    /// What the desk knows of papers.
    pub pile: Value,
    /// How many pictures have come.
    pub frames: u64,
    /// The colours of the seven bars.
    pub colours: Vec<[u8; 3]>,
    /// The strongest tone.
    #[serde(default)]
    pub hertz: f64,
    /// How strong it is.
    #[serde(default)]
    pub decibels: f64,
}

/// What a browser counts.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Counts {
    /// Pictures that came.
    pub frames: u64,
    /// Pixels down, of the last.
    pub height: u32,
    /// Seconds in which the picture stood.
    pub frozen: f64,
    /// Samples of sound that were made up, as nothing had come.
    pub concealed: u64,
    /// All samples.
    pub samples: u64,
    /// Energy of the sound: the square of its strength (1.0 is full), summed up over seconds.
    pub energy: f64,
    /// Seconds of sound.
    pub seconds: f64,
}

/// What a desk sends.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sends {
    /// A terminal's test picture instead of its own.
    pub bars: bool,
    /// What is like a voice instead of a tone.
    pub voice: bool,
    /// No screen: it refuses to.
    pub no_screen: bool,
}

/// A clerk's page.
pub struct Desk(Box<dyn Browser>);

impl Desk {
    /// Opens one that is signed in as `name`.
    pub fn start(exchange: &Exchange, name: &str, relay: Option<&Relay>) -> Self {
        let relays = relay.map(Relay::servers);
        Self::start_with(exchange, name, relays, Sends::default())
    }

    /// Opens one that reaches others by these relays only, if there are any.
    pub fn start_with(
        exchange: &Exchange,
        name: &str,
        relays: Option<Value>,
        sends: Sends,
    ) -> Self {
        let here = format!("--host-resolver-rules=MAP {DOMAIN} 127.0.0.1");
        let browser = Chromium::start_with(&exchange.key, &[here]);
        Self::start_in(browser, exchange, name, relays, sends)
    }

    /// Opens one in this browser, which finds the exchange by its name.
    pub fn start_in(
        browser: impl Browser + 'static,
        exchange: &Exchange,
        name: &str,
        relays: Option<Value>,
        sends: Sends,
    ) -> Self {
        let page = bundle().join("desk.html");
        browser.open(&format!("file://{}", page.display()));
        // A page that nobody has touched may not be heard.
        browser.press('x');
        let (user, password) = credentials(name, 600);
        let config = json!({
            "socket": format!("wss://{DOMAIN}:{}", exchange.wss),
            "uri": format!("sip:{name}@{DOMAIN}"),
            "user": user,
            "password": password,
            "only_relays": relays.is_some(),
            "relays": relays.unwrap_or_else(|| json!([])),
            "bars": sends.bars,
            "speaks": sends.voice,
            "refuses": sends.no_screen,
            "hertz": HERTZ,
        });
        browser.run("window.desk.start(arguments[0])", vec![config]);
        let desk = Self(Box::new(browser));
        desk.wait_for_log("registered");
        desk
    }

    /// Does something there.
    pub fn act(&self, what: &str) {
        self.0.run(&format!("window.desk.{what}"), Vec::new());
    }

    /// Asks something there.
    pub fn ask(&self, what: &str) -> Value {
        self.0
            .run(&format!("return window.desk.{what}"), Vec::new())
    }

    /// Answers the call that rings.
    pub fn answer(&self) {
        self.wait_for_log("incoming");
        self.act("answer()");
    }

    /// What the browser has counted of what came.
    pub fn counts(&self) -> Counts {
        serde_json::from_value(self.ask("stats()")).unwrap()
    }

    /// What it sees and hears.
    pub fn look(&self) -> Seen {
        let seen = self.0.run("return window.desk.look()", Vec::new());
        serde_json::from_str(seen.as_str().unwrap()).unwrap()
    }

    /// Waits until something has happened there.
    pub fn wait_for_log(&self, entry: &str) {
        let mut last = Vec::new();
        wait_for(&format!("`{entry}` at the desk"), || {
            last = self.look().log;
            let failed = last
                .iter()
                .any(|line| line.starts_with("registrationFailed"));
            assert!(!failed, "{last:?}");
            last.iter().any(|line| line == entry).then_some(())
        });
    }
}

/// The desk's page, bundled.
fn bundle() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let desk = manifest.join("tests/common/desk");
    let sources = [
        (desk, ""),
        (manifest.join("../desk/src/papers"), "papers"),
        (manifest.join("../desk/src/edge/renewal.ts"), "renewal.ts"),
        (manifest.join("../desk/src/edge/screen.ts"), "screen.ts"),
    ];
    let esbuild = [
        "node_modules/.bin/esbuild",
        "desk.js",
        "--bundle",
        "--outfile=page/bundle.js",
        "--alias:papers=./papers/desk.ts",
        "--alias:renewal=./renewal.ts",
        "--alias:screen=./screen.ts",
        "--log-level=warning",
    ];
    built(
        "desk",
        &sources,
        &[&esbuild, &["cp", "desk.html", "page"]],
        "page",
    )
}
