// SPDX-License-Identifier: EUPL-1.2
//! Chromium, steered by its own driver.

use std::path::Path;
use std::process::Command;

use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::children::{Process, port, wait_for_port};

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
        Self::start_with(key, &[])
    }

    /// Starts one with more arguments.
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
