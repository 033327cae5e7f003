// SPDX-License-Identifier: EUPL-1.2
//! Browsers, and Chromium, steered by its own driver.

use std::path::Path;
use std::process::Command;

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::children::{Process, port, wait_for_port};

/// A browser that ends with the test.
pub trait Browser {
    /// Opens a page.
    fn open(&self, address: &str);

    /// Runs a script in the page; its arguments are in `arguments`.
    fn run(&self, script: &str, arguments: Vec<Value>) -> Value;

    /// Presses a key, as whoever sits at the keyboard; `WebDriver` says which character means which.
    fn press(&self, key: char);

    /// Gives a file to the page's field for files.
    fn pick(&self, field: &str, file: &Path);

    /// Its computer falls asleep, or wakes up: whoever is asleep is not to be asked anything.
    fn sleep(&self, asleep: bool);
}

/// Chromium.
pub struct Chromium {
    runtime: Runtime,
    client: Client,
    driver: Process,
    dir: TempDir,
}

impl Chromium {
    /// Starts one that trusts nothing but the server with the key `key`, with more arguments.
    pub fn start_with(key: &str, more: &[String]) -> Self {
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
        let mut args = vec![
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
        args.extend_from_slice(more);
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
            driver,
            dir,
        }
    }

    /// A directory that ends with it.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Browser for Chromium {
    fn open(&self, address: &str) {
        self.runtime.block_on(self.client.goto(address)).unwrap();
    }

    fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.runtime
            .block_on(self.client.execute(script, arguments))
            .unwrap()
    }

    fn press(&self, key: char) {
        let press = async {
            let element = self.client.active_element().await?;
            element.send_keys(&key.to_string()).await
        };
        self.runtime.block_on(press).unwrap();
    }

    fn pick(&self, field: &str, file: &Path) {
        let pick = async {
            let field = self.client.find(Locator::Css(field)).await?;
            field.send_keys(file.to_str().unwrap()).await
        };
        self.runtime.block_on(pick).unwrap();
    }

    fn sleep(&self, asleep: bool) {
        self.driver.sleep(asleep);
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.runtime.block_on(self.client.clone().close());
    }
}
