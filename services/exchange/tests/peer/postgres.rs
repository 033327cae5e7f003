// SPDX-License-Identifier: EUPL-1.2
//! A server of PostgreSQL of its own: on a socket and, by TLS, on loopback, as somebody without rights.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use exchange::identity::Authority;
use exchange::state::State;
use rustix::process::{Pid, Signal, kill_process};

use crate::place::{DEADLINE, free_port};

/// The server refuses to be root.
const NOBODY: u32 = 65_534;
/// What the exchange proves itself with.
pub const PASSWORD: &str = "nur-fuer-den-austausch";

/// A server that perhaps runs.
pub struct Postgres {
    root: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Postgres {
    /// A server with a database `exchange` that belongs to a role of the same name; it does not run yet.
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        // It has to get to its own directory in there, and sees nothing else.
        std::fs::set_permissions(root.path(), Permissions::from_mode(0o711)).unwrap();
        let installed = std::fs::read_dir("/usr/lib/postgresql").unwrap();
        let bin = installed.flatten().next().unwrap().path().join("bin");
        let mut this = Self {
            root,
            bin,
            port: free_port(),
            child: None,
        };
        for name in ["data", "run"] {
            std::fs::create_dir(this.path(name)).unwrap();
            this.give(name, 0o711);
        }
        std::fs::set_permissions(this.path("data"), Permissions::from_mode(0o700)).unwrap();
        let made = this
            .as_nobody("initdb")
            .args(["--username=nobody", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--auth=reject", "--no-sync", "--pgdata"])
            .arg(this.path("data"))
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let allowed = "local all nobody peer\n\
                       local exchange exchange scram-sha-256\n\
                       hostssl exchange exchange 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(this.path("data/pg_hba.conf"), allowed).unwrap();
        let state = State::open(&this.path("authority")).unwrap();
        let authority = Authority::open(&state).unwrap();
        let (chain, key) = authority.server(&state, "localhost").unwrap();
        for (name, text) in [("chain.pem", &chain), ("key.pem", &key)] {
            std::fs::write(this.path(name), text).unwrap();
            this.give(name, 0o600);
        }
        std::fs::write(this.path("authority.pem"), authority.pem()).unwrap();
        this.set_password(PASSWORD);
        this.start();
        this.ask(
            "postgres",
            &format!("CREATE ROLE exchange LOGIN PASSWORD '{PASSWORD}'"),
        );
        this.ask("postgres", "CREATE DATABASE exchange OWNER exchange");
        this
    }

    fn give(&self, name: &str, mode: u32) {
        let path = self.path(name);
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// What the exchange proves itself with, as its file has it.
    pub fn set_password(&self, password: &str) {
        let path = self.path("password");
        std::fs::write(&path, format!("{password}\n")).unwrap();
        std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }

    fn as_nobody(&self, program: &str) -> Command {
        let id = NOBODY.to_string();
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", &id, "--regid", &id, "--clear-groups"])
            .args(["--bounding-set=-all", "--no-new-privs", "--pdeathsig=QUIT"])
            .arg(self.bin.join(program))
            .current_dir("/")
            .stdin(Stdio::null());
        command
    }

    /// Runs it until it answers.
    pub fn start(&mut self) {
        self.start_with("ssl=on");
    }

    /// The same with another setting.
    pub fn start_with(&mut self, setting: &str) {
        let log = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.path("log"))
            .unwrap();
        let mut command = self.as_nobody("postgres");
        command.arg("-D").arg(self.path("data"));
        for (name, value) in [
            ("unix_socket_directories", self.path("run")),
            ("ssl_cert_file", self.path("chain.pem")),
            ("ssl_key_file", self.path("key.pem")),
        ] {
            command.arg("-c").arg(format!("{name}={}", value.display()));
        }
        command.args([
            "-c",
            "ssl=on",
            "-c",
            setting,
            "-c",
            "listen_addresses=127.0.0.1",
            "-p",
        ]);
        command
            .arg(self.port.to_string())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        self.child = Some(command.spawn().unwrap());
        let end = Instant::now() + DEADLINE;
        // There is no event for another process's readiness: asking is asking.
        while self.asked("postgres", "SELECT 1").is_none() {
            let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(Instant::now() < end, "PostgreSQL does not start:\n{log}");
        }
    }

    /// Cut off, as if the power were.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        kill_process(Pid::from_child(&child), Signal::QUIT).unwrap();
        child.wait().unwrap();
    }

    /// All of it stands still, or goes on: connections stay, and nothing comes by them.
    pub fn freeze(&self, still: bool) {
        let signal = if still { Signal::STOP } else { Signal::CONT };
        let server = self.id();
        kill_process(Pid::from_raw(server.cast_signed()).unwrap(), signal).unwrap();
        let children = format!("/proc/{server}/task/{server}/children");
        for id in std::fs::read_to_string(children)
            .unwrap()
            .split_whitespace()
        {
            // A backend may have ended in this moment.
            let _ = kill_process(Pid::from_raw(id.parse().unwrap()).unwrap(), signal);
        }
    }

    fn asked(&self, database: &str, statement: &str) -> Option<String> {
        let output = self
            .as_nobody("psql")
            .args([
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
                "--username=nobody",
            ])
            .arg(format!("--host={}", self.path("run").display()))
            .args([
                &format!("--port={}", self.port),
                "--dbname",
                database,
                "--command",
                statement,
            ])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        output.status.success().then(|| text.trim().to_owned())
    }

    /// What its owner is answered.
    pub fn ask(&self, database: &str, statement: &str) -> String {
        self.asked(database, statement)
            .unwrap_or_else(|| panic!("{statement}"))
    }

    /// What the configuration of an exchange says, that comes by TLS.
    pub fn by_tls(&self) -> String {
        self.store(
            &format!("localhost:{}", self.port),
            Some(&self.path("authority.pem")),
        )
    }

    /// The same by its socket.
    pub fn by_socket(&self) -> String {
        let dir = self.path("run").display().to_string().replace('/', "%2F");
        self.store(&format!("{dir}:{}", self.port), None)
    }

    /// The same by whichever way.
    pub fn store(&self, server: &str, authority: Option<&Path>) -> String {
        let authority = authority.map_or(String::new(), |path| {
            format!("authority = \"{}\"\n", path.display())
        });
        format!(
            "\n[store]\nurl = \"postgres://exchange@{server}/exchange\"\npassword = \"{}\"\n{authority}",
            self.path("password").display()
        )
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.freeze(false);
            self.kill();
        }
    }
}
