// SPDX-License-Identifier: EUPL-1.2
//! A desk: Chromium, steered by its own driver, with a page of `JsSIP`. What is general is reusable for other pages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use fantoccini::{Client, ClientBuilder};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::children::{Process, port, wait_for, wait_for_port};
use super::exchange::{DOMAIN, Exchange, credentials};
use super::relay::Relay;

/// The tone that a desk sends.
pub const HERTZ: f64 = 1000.0;

/// A browser that ends with the test.
pub struct Browser {
    runtime: Runtime,
    client: Client,
    _driver: Process,
    dir: TempDir,
}

impl Browser {
    /// Starts one that trusts nothing but the server with the key `key`.
    pub fn start(key: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = port();
        let mut command = Command::new("chromedriver");
        command
            .arg(format!("--port={port}"))
            .env("HOME", dir.path());
        let driver = Process::start(&mut command, &dir.path().join("driver.log"));
        wait_for_port(port);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let args = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--autoplay-policy=no-user-gesture-required".to_owned(),
            // A page that nobody looks at goes on all the same.
            "--disable-background-timer-throttling".to_owned(),
            "--disable-renderer-backgrounding".to_owned(),
            // The page may use this machine's addresses; a desk may too, once its camera is allowed.
            "--disable-features=WebRtcHideLocalIpsWithMdns".to_owned(),
            "--allow-loopback-in-peer-connection".to_owned(),
            format!("--user-data-dir={}", dir.path().join("profile").display()),
            format!("--ignore-certificate-errors-spki-list={key}"),
        ];
        let Value::Object(capabilities) = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": "/usr/bin/chromium", "args": args },
            "goog:loggingPrefs": { "browser": "ALL" },
        }) else {
            unreachable!()
        };
        let client = runtime
            .block_on(
                ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
                    .capabilities(capabilities)
                    .connect(&format!("http://127.0.0.1:{port}")),
            )
            .unwrap();
        Self {
            runtime,
            client,
            _driver: driver,
            dir,
        }
    }

    /// A directory that ends with it.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Opens a page.
    pub fn open(&self, address: &str) {
        self.runtime.block_on(self.client.goto(address)).unwrap();
    }

    /// Runs a script in the page; its arguments are in `arguments`.
    pub fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.runtime
            .block_on(self.client.execute(script, arguments))
            .unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.runtime.block_on(self.client.clone().close());
    }
}

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

/// A clerk's page.
pub struct Desk(Browser);

impl Desk {
    /// Opens one that is signed in as `name`.
    pub fn start(exchange: &Exchange, name: &str, relay: Option<&Relay>) -> Self {
        let browser = Browser::start(&exchange.key);
        let page = bundle().join("desk.html");
        browser.open(&format!("file://{}", page.display()));
        let (user, password) = credentials(name, 600);
        let config = json!({
            "socket": format!("wss://127.0.0.1:{}", exchange.wss),
            "uri": format!("sip:{name}@{DOMAIN}"),
            "user": user,
            "password": password,
            "relays": relay.map_or_else(|| json!([]), Relay::servers),
            "only_relays": relay.is_some(),
            "hertz": HERTZ,
        });
        browser.run("window.desk.start(arguments[0])", vec![config]);
        let desk = Self(browser);
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

/// The desk's page, bundled once.
fn bundle() -> &'static Path {
    static BUNDLE: OnceLock<PathBuf> = OnceLock::new();
    BUNDLE.get_or_init(|| {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common/desk");
        let to =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("desk-{}", std::process::id()));
        fs::create_dir_all(&to).unwrap();
        for file in ["package.json", "package-lock.json", "desk.js", "desk.html"] {
            fs::copy(from.join(file), to.join(file)).unwrap();
        }
        let papers = concat!(env!("CARGO_MANIFEST_DIR"), "/../desk/src/papers/desk.ts");
        let papers = format!("--alias:papers={papers}");
        for (program, args) in [
            (
                "npm",
                &["ci", "--ignore-scripts", "--no-audit", "--no-fund"][..],
            ),
            (
                "node_modules/.bin/esbuild",
                &[
                    "desk.js",
                    "--bundle",
                    "--outfile=bundle.js",
                    papers.as_str(),
                    "--log-level=warning",
                ][..],
            ),
        ] {
            let program = if program.contains('/') {
                to.join(program)
            } else {
                program.into()
            };
            let status = Command::new(program).args(args).current_dir(&to).output();
            let output = status.unwrap();
            assert!(output.status.success(), "{output:?}");
        }
        to
    })
}
