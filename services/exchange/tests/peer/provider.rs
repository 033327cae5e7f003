// SPDX-License-Identifier: EUPL-1.2
//! A real identity provider (oidc-provider, in Node.js) on an address of its own, and people who sign in there, by curl.

use std::io::{BufRead as _, BufReader};
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use exchange::identity::Authority;
use exchange::random;
use exchange::state::State;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::client::Client;
use crate::place::{DOMAIN, Place};

/// What the exchange proves itself with.
pub const SECRET: &str = "nur-fuer-Austausch-und-Anmeldung:+%";
const PORT: u16 = 9443;

/// A provider that perhaps runs.
pub struct Provider {
    root: tempfile::TempDir,
    address: IpAddr,
    child: Option<Child>,
}

/// Its packages, installed once for all tests and runs.
fn packages() -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peer/provider");
    let files = ["package.json", "package-lock.json"];
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(sources.join(file)).unwrap());
    }
    let place = all.join(format!("provider-{:x}", hash.finalize()));
    if place.is_dir() {
        return place;
    }
    let dir = tempfile::tempdir_in(all).unwrap();
    for file in files {
        std::fs::copy(sources.join(file), dir.path().join(file)).unwrap();
    }
    let installed = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(installed.status.success(), "{installed:?}");
    if let Err(error) = std::fs::rename(dir.path(), &place) {
        // Another test was as far.
        assert!(place.is_dir(), "{error}");
    }
    place
}

impl Provider {
    /// One that runs, and knows Anna, who is in the registry office, Bert, of whom its tokens say little, Carla, who is in no group that has a desk,
    /// and Dora of the district.
    pub fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        let [b, c, d] = random::bytes::<3>().unwrap();
        let mut this = Self {
            address: IpAddr::from([127, b, c, d.clamp(1, 254)]),
            root,
            child: None,
        };
        let state = State::open(&this.path("authority")).unwrap();
        let authority = Authority::open(&state).unwrap();
        let (chain, key) = authority.server(&state, &this.address.to_string()).unwrap();
        let pem = authority.pem();
        for (name, text) in [
            ("chain.pem", chain.as_str()),
            ("key.pem", &key),
            ("authority.pem", pem),
            ("secret", &format!("{SECRET}\n")),
        ] {
            std::fs::write(this.path(name), text).unwrap();
            std::fs::set_permissions(this.path(name), std::fs::Permissions::from_mode(0o600))
                .unwrap();
        }
        this.run();
        this
    }

    /// It runs, and listens.
    pub fn run(&mut self) {
        let page = format!("https://{DOMAIN}:8080");
        let callback = |authority| format!("{page}/api/desk/provider/{authority}/callback");
        let settings = json!({
            "host": self.address, "port": PORT, "name": self.address,
            "chain": self.path("chain.pem"), "key": self.path("key.pem"),
            "client": "amtsnah", "secret": SECRET,
            "callbacks": [callback("town"), callback("district")], "ends": [format!("{page}/")],
            "people": {
                "anna": {"groups": ["meldestelle"]},
                "bert": {"groups": ["buergerbuero", "meldestelle"], "slim": true},
                "carla": {"groups": ["Meldestelle", "bauhof"]},
                "dora": {"groups": ["landkreis"]},
            },
        });
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/peer/provider/provider.mjs"
        );
        let mut child = Command::new("node")
            .arg(script)
            .arg(settings.to_string())
            .current_dir(packages())
            // It ends when we do.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().starts_with("listens")));
        // What else it says is heard, or it would be held up.
        std::thread::spawn(move || lines.for_each(drop));
        self.child = Some(child);
    }

    /// It ends.
    pub fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// What it calls itself.
    pub fn issuer(&self) -> String {
        format!("https://{}:{PORT}", self.address)
    }

    /// As the configuration of an exchange says it of an authority.
    pub fn named(&self, desks: &str) -> String {
        format!(
            "[authority.identity-provider]\nissuer = \"{}\"\nclient = \"amtsnah\"\nsecret = \"{}\"\nauthority = \"{}\"\ndesks = {desks}\n",
            self.issuer(),
            self.path("secret").display(),
            self.path("authority.pem").display(),
        )
    }

    fn curl(&self, jar: &str, arguments: &[&str], path: &str) -> String {
        let jar = self.path(jar);
        let address = if path.starts_with("https:") {
            path.to_owned()
        } else {
            format!("{}{path}", self.issuer())
        };
        let output = Command::new("curl")
            .args([
                "--silent",
                "--show-error",
                "--max-time",
                "60",
                "--noproxy",
                "*",
            ])
            .arg("--cacert")
            .arg(self.path("authority.pem"))
            .arg("--cookie")
            .arg(&jar)
            .arg("--cookie-jar")
            .arg(&jar)
            .args(arguments)
            .arg(address)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it does from now on (`provider.mjs`).
    pub fn does(&self, mode: &str) {
        let mode = mode.replace(' ', "+");
        self.curl("test", &[], &format!("/test/mode?is={mode}"));
    }

    /// It has a new key, for tokens signed in this way.
    pub fn rotate(&self, algorithm: &str) {
        self.curl("test", &[], &format!("/test/rotate?alg={algorithm}"));
    }

    /// A person at its page, sent there by an exchange; where it sends them back to.
    pub fn prove(&self, sent: &str, said: &str) -> String {
        // A browser of its own for each person.
        let jar = said.replace('=', "-");
        let mut next = sent.to_owned();
        let mut arguments = vec!["--include"];
        let data = ["--data", said];
        loop {
            let answer = self.curl(&jar, &arguments, &next);
            let location = location(&answer);
            if location.starts_with(&format!("https://{DOMAIN}")) {
                return location;
            }
            arguments = vec!["--include"];
            if location.contains("/interaction/") {
                arguments.extend(data);
            }
            next = location;
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.end();
    }
}

/// Where an answer leads.
pub fn location(answer: &str) -> String {
    let mut lines = answer.lines();
    let found = lines.find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location").then_some(value)
    });
    found
        .unwrap_or_else(|| panic!("it leads nowhere: {answer}"))
        .to_owned()
}

/// A browser that signs in at an exchange by way of a provider.
pub struct Walk<'a> {
    pub browser: Client<'a>,
    provider: &'a Provider,
    authority: &'a str,
}

impl<'a> Walk<'a> {
    pub fn new(place: &'a Place, provider: &'a Provider, jar: &str) -> Self {
        Self {
            browser: place.browser(jar),
            provider,
            authority: "town",
        }
    }

    /// Of another authority.
    pub fn of(self, authority: &'a str) -> Self {
        Self { authority, ..self }
    }

    /// Where the exchange sends it.
    pub fn begin(&self) -> String {
        let path = format!("/api/desk/provider/{}", self.authority);
        location(&self.browser.headers(&path))
    }

    /// With which address the provider sends it back.
    pub fn come(&self, said: &str) -> String {
        let back = self.provider.prove(&self.begin(), said);
        let at = format!("https://{DOMAIN}:8080");
        back.strip_prefix(&at).unwrap().to_owned()
    }

    /// All the way; where the exchange leads it in the end.
    pub fn go(&self, person: &str) -> String {
        let back = self.come(&format!("login={person}"));
        location(&self.browser.headers(&back))
    }
}
