// SPDX-License-Identifier: EUPL-1.2
//! An exchange on an address of its own on loopback, and what people and programs do with it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use exchange::random;
use serde_json::Value;

use crate::client::Client;

/// How long something may take that takes a moment: machines are slow when all tests run.
pub const DEADLINE: Duration = Duration::from_mins(1);
pub const DOMAIN: &str = "exchange.test";
pub const PASSWORD: &str = "vier Worte sind leicht";
/// What is told: everything of ours.
const TELLING: &str = "debug,sqlx=warn,hyper=warn";

/// A directory, an address, and perhaps a running exchange.
pub struct Place {
    root: tempfile::TempDir,
    pub address: IpAddr,
    child: Option<Child>,
}

const DEPARTMENTS: &str = r#"
[[authority]]
id = "town"
kind = "municipality"
name = "Stadtverwaltung"

[[authority]]
id = "district"
kind = "district"
name = { de = "Landkreis", en = "District" }

[[department]]
id = "registration"
authority = "town"
name = "Ausweis und Wohnsitz"
hours = { mo = ["0:00-24:00"], tu = ["0:00-24:00"], we = ["0:00-24:00"], th = ["0:00-24:00"], fr = ["0:00-24:00"], sa = ["0:00-24:00"], su = ["0:00-24:00"] }

[[department]]
id = "night"
authority = "town"
name = "Nie offen"
hours = {}

[[department]]
id = "vehicles"
authority = "district"
name = "Auto"
hours = { mo = ["0:00-24:00"], tu = ["0:00-24:00"], we = ["0:00-24:00"], th = ["0:00-24:00"], fr = ["0:00-24:00"], sa = ["0:00-24:00"], su = ["0:00-24:00"] }

[[desk]]
id = "one"
departments = ["registration"]

[[desk]]
id = "two"
departments = ["registration"]

[[desk]]
id = "district"
departments = ["vehicles"]

[[terminal]]
id = "lobby"
authorities = ["town"]

[[terminal]]
id = "library"
authorities = ["town", "district"]
"#;

/// A port of 127.0.0.1 that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Place {
    /// Nothing runs yet.
    pub fn new() -> Self {
        Self::keeping("")
    }

    /// The same, with more in its configuration: where it keeps what it keeps.
    pub fn keeping(store: &str) -> Self {
        Self::configured(&format!("{store}{DEPARTMENTS}"), 500)
    }

    /// With identity providers of the town and of the district, as the configuration says them.
    pub fn with_providers(town: &str, district: &str) -> Self {
        let names = [
            "name = \"Stadtverwaltung\"\n",
            "name = { de = \"Landkreis\", en = \"District\" }\n",
        ];
        let rest = names
            .iter()
            .zip([town, district])
            .fold(DEPARTMENTS.to_owned(), |rest, (name, provider)| {
                rest.replace(name, &format!("{name}{provider}"))
            });
        Self::configured(&rest, 500)
    }

    /// With departments, desks and terminals, and so many SIP requests a second from here.
    pub fn configured(rest: &str, sip_requests: u16) -> Self {
        let root = tempfile::tempdir().unwrap();
        let [b, c, d] = random::bytes::<3>().unwrap();
        let address = IpAddr::from([127, b, c, d.clamp(1, 254)]);
        // Nothing else listens on an address drawn by lot; Kamailio's questions come to 127.0.0.1.
        let control = free_port();
        let config = format!(
            "[exchange]\ndomain = \"{DOMAIN}\"\naddress = \"{address}\"\nholidays = \"none\"\n\n[ports]\nhttps = 8080\ncontrol = {control}\n\
             relay = [20000, 20063]\n\n[limits]\nsip-requests = {sip_requests}\n{rest}"
        );
        std::fs::write(root.path().join("exchange.toml"), config).unwrap();
        Self {
            root,
            address,
            child: None,
        }
    }

    /// Kamailio, coturn and the exchange run; desks have passwords.
    pub fn start() -> Self {
        Self::start_keeping("")
    }

    /// The same, with more in its configuration.
    pub fn start_keeping(store: &str) -> Self {
        Self::keeping(store).started()
    }

    /// The same, with identity providers.
    pub fn start_with(town: &str, district: &str) -> Self {
        Self::with_providers(town, district).started()
    }

    fn started(mut self) -> Self {
        let this = &mut self;
        for desk in ["one", "two", "district"] {
            let output = this.run(&["password", desk], PASSWORD);
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        this.serve();
        self
    }

    /// Runs it, and waits until all of it listens.
    pub fn serve(&mut self) {
        self.begin();
        self.reach_all();
    }

    /// The same, and tells little: what it costs to tell everything is not measured.
    pub fn serve_quietly(&mut self) {
        self.begin_telling("info,sqlx=warn");
        self.reach_all();
    }

    /// Runs it.
    pub fn begin(&mut self) {
        self.begin_telling(TELLING);
    }

    fn begin_telling(&mut self, telling: &str) {
        let mut child = self
            .command(&["serve"])
            .env("RUST_LOG", telling)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let log = self.root.path().join("log");
        thread::spawn(move || {
            let mut log = std::fs::OpenOptions::new()
                .append(true)
                .create(true)
                .open(log)
                .unwrap();
            for line in stderr.lines().map_while(Result::ok) {
                writeln!(log, "{line}").unwrap();
            }
        });
        self.child = Some(child);
    }

    /// Waits until all of it listens.
    pub fn reach_all(&self) {
        for port in [8080, 8443, 5061, 8444, 5349] {
            self.reach(port);
        }
    }

    pub fn config(&self) -> PathBuf {
        self.root.path().join("exchange.toml")
    }

    pub fn state(&self) -> PathBuf {
        self.root.path().join("state")
    }

    pub fn at(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.address, port)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.root.path().join("log")).unwrap_or_default()
    }

    /// Waits until its log has this.
    pub fn told(&self, text: &str) {
        self.told_since(0, text);
    }

    /// The same, behind so many bytes of it.
    pub fn told_since(&self, before: usize, text: &str) {
        let end = Instant::now() + DEADLINE;
        // Of another process's writing there is no event here.
        while !self
            .log()
            .get(before..)
            .is_some_and(|log| log.contains(text))
        {
            assert!(Instant::now() < end, "not told: {text}\n{}", self.log());
            thread::yield_now();
        }
    }

    /// Waits until something accepts connections there.
    pub fn reach(&self, port: u16) {
        let end = Instant::now() + DEADLINE;
        // There is no event for another process's listening: connecting is asking.
        while TcpStream::connect_timeout(&self.at(port), DEADLINE).is_err() {
            assert!(
                Instant::now() < end,
                "nobody listens on {port}:\n{}",
                self.log()
            );
            thread::yield_now();
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exchange"));
        command
            .args(arguments)
            .arg("--config")
            .arg(self.config())
            .arg("--state")
            .arg(self.state())
            .env("RUST_LOG", TELLING);
        command
    }

    /// Runs a command of it to its end.
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        output(&mut self.command(arguments), input)
    }

    /// The same, with credentials of systemd's in this directory.
    pub fn run_with(&self, credentials: &Path, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        output(command.env("CREDENTIALS_DIRECTORY", credentials), "")
    }

    /// What a command of it printed.
    pub fn printed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments, "");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// The process id of what runs.
    pub fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Cut off, as if the power were.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// It has to end; nobody waits for that yet.
    pub fn stop(&self) {
        let pid = rustix::process::Pid::from_child(self.child.as_ref().unwrap());
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Ends as a service does.
    pub fn end(&mut self) -> bool {
        let mut child = self.child.take().unwrap();
        let pid = rustix::process::Pid::from_child(&child);
        // It may have been told before.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        child.wait().unwrap().success()
    }

    pub fn curl(&self, port: u16) -> Command {
        let mut command = Command::new("curl");
        command
            .args([
                "--silent",
                "--show-error",
                "--max-time",
                "60",
                "--noproxy",
                "*",
                "--resolve",
            ])
            .arg(format!("{DOMAIN}:{port}:{}", self.address))
            .arg("--cacert")
            .arg(self.state().join("authority.pem"));
        command
    }

    /// A desk's browser.
    pub fn browser(&self, name: &str) -> Client<'_> {
        let jar = self.path(name);
        let arguments = vec!["--cookie".into(), jar.clone(), "--cookie-jar".into(), jar];
        Client::new(self, 8080, arguments)
    }

    /// A terminal that has a certificate, perhaps.
    pub fn terminal(&self, certified: Option<&str>) -> Client<'_> {
        let arguments = certified.map_or(Vec::new(), |name| {
            vec![
                "--cert".into(),
                self.path(&format!("{name}.pem")),
                "--key".into(),
                self.path(&format!("{name}.key")),
            ]
        });
        Client::new(self, 8443, arguments)
    }

    pub fn path(&self, name: &str) -> String {
        self.root.path().join(name).display().to_string()
    }

    /// A key and a signing request of its own, by OpenSSL.
    pub fn request(&self, name: &str) -> String {
        let made = Command::new("openssl")
            .args([
                "req",
                "-new",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
            ])
            .args([
                "-subj",
                "/CN=whoever",
                "-keyout",
                &self.path(&format!("{name}.key")),
            ])
            .args(["-out", &self.path(&format!("{name}.csr"))])
            .output()
            .unwrap();
        assert!(made.status.success());
        std::fs::read_to_string(self.path(&format!("{name}.csr"))).unwrap()
    }

    /// Enrols a terminal: its certificate lies beside its key.
    pub fn enrol(&self, name: &str) {
        let code = self.printed(&["enrol", name]);
        let body = serde_json::json!({"terminal": name, "code": code.trim(), "request": self.request(name)});
        let (status, answer) = self.browser("nobody").post("/enrol", &body.to_string());
        assert_eq!(status, 201, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        std::fs::write(
            self.path(&format!("{name}.pem")),
            answer["certificate"].as_str().unwrap(),
        )
        .unwrap();
    }

    /// A desk signs in.
    pub fn sign_in(&self, desk: &str) -> Client<'_> {
        let browser = self.browser(desk);
        let body = serde_json::json!({"desk": desk, "password": PASSWORD});
        let (status, answer) = browser.post("/api/desk/sign-in", &body.to_string());
        assert_eq!(status, 204, "{answer}");
        browser
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.child.is_some() {
            if thread::panicking() {
                eprintln!("{}", self.log());
            }
            self.end();
        }
    }
}

/// Runs a program to its end.
pub fn output(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who does not read ends sooner.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Whether a file is this user's alone.
pub fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).unwrap().mode() & 0o777 == 0o600
}
