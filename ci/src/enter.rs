// SPDX-License-Identifier: EUPL-1.2
//! Going into the toolbox: what is mounted where, and what of the host's environment comes along.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Result;
use crate::host;
use crate::toolbox::Toolbox;

/// The host's variables that say how to reach the network, and how much of the machine to use.
const PASSED: &[&str] = &[
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "CARGO_HTTP_PROXY",
    "CARGO_HTTP_TIMEOUT",
    "CARGO_BUILD_JOBS",
    "CARGO_NET_RETRY",
    "npm_config_registry",
    "CI",
    "TERM",
    "RUST_LOG",
    "RUST_BACKTRACE",
    "PROPTEST_CASES",
];

/// The certificate bundle in the toolbox; every program that asks for one is told this one.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Options of one stay in the toolbox.
#[derive(Debug, Clone)]
pub struct Enter<'a> {
    toolbox: &'a Toolbox,
    source: String,
    writable: bool,
    network: bool,
    display: bool,
    hostname: String,
    umask: String,
    cpus: Option<String>,
    binds: Vec<(PathBuf, String, bool)>,
    env: Vec<(String, OsString)>,
}

impl<'a> Enter<'a> {
    /// The usual stay: checkout read-only at /src, no display, with network.
    pub fn new(toolbox: &'a Toolbox) -> Self {
        Self {
            toolbox,
            source: "/src".to_owned(),
            writable: false,
            network: true,
            display: false,
            hostname: "toolbox".to_owned(),
            // Modes of files are part of an image, so they must not depend on who builds it.
            umask: "022".to_owned(),
            cpus: None,
            binds: Vec::new(),
            env: Vec::new(),
        }
    }

    /// Mounts the checkout elsewhere.
    pub fn source(mut self, path: &str) -> Self {
        path.clone_into(&mut self.source);
        self
    }

    /// Lets the checkout be written to.
    pub fn writable(mut self) -> Self {
        self.writable = true;
        self
    }

    /// Cuts off the network: what is built may depend on nothing but its inputs.
    pub fn offline(mut self) -> Self {
        self.network = false;
        self
    }

    /// Lets windows open on the person's screen.
    pub fn display(mut self) -> Self {
        self.display = true;
        self
    }

    /// Another host name.
    pub fn hostname(mut self, name: &str) -> Self {
        name.clone_into(&mut self.hostname);
        self
    }

    /// Another umask.
    pub fn umask(mut self, mask: &str) -> Self {
        mask.clone_into(&mut self.umask);
        self
    }

    /// Only these processors.
    pub fn cpus(mut self, list: &str) -> Self {
        self.cpus = Some(list.to_owned());
        self
    }

    /// Mounts something of the host read-only.
    pub fn show(mut self, from: &Path, to: &str) -> Self {
        self.binds.push((from.to_owned(), to.to_owned(), false));
        self
    }

    /// Mounts something of the host writable.
    pub fn lend(mut self, from: &Path, to: &str) -> Self {
        self.binds.push((from.to_owned(), to.to_owned(), true));
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// A command that runs `program` in the toolbox.
    pub fn command(&self, program: &str) -> Result<Command> {
        let mut command = host::privileged("bwrap");
        command.args([
            "--die-with-parent",
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
            "--hostname",
            &self.hostname,
        ]);
        if !self.network {
            command.arg("--unshare-net");
        }
        command.args(["--cap-add", "ALL", "--clearenv"]);
        self.mounts(&mut command)?;
        self.environment(&mut command);
        command.args(["--chdir", &self.source, "--"]);
        command.args(["sh", "-c", "umask \"$1\"; shift; exec \"$@\"", "sh"]);
        command.arg(&self.umask);
        if let Some(cpus) = &self.cpus {
            command.args(["taskset", "--cpu-list", cpus]);
        }
        command.arg(program);
        Ok(command)
    }

    fn mounts(&self, command: &mut Command) -> Result<()> {
        let toolbox = self.toolbox;
        let mut bind = |kind: &str, from: &Path, to: &str| {
            command.arg(kind).arg(from).arg(to);
        };
        bind("--ro-bind", &toolbox.tree, "/");
        bind("--dev-bind", Path::new("/dev"), "/dev");
        bind("--ro-bind", Path::new("/sys"), "/sys");
        bind("--bind", &toolbox.scratch("tmp")?, "/tmp");
        bind("--bind", &toolbox.scratch("var-tmp")?, "/var/tmp");
        bind("--bind", toolbox.cache.root(), "/cache");
        bind("--ro-bind", &toolbox.rust, "/opt/rust");
        bind("--ro-bind", &toolbox.image_repo, "/repo");
        bind(
            if self.writable { "--bind" } else { "--ro-bind" },
            toolbox.checkout.root(),
            &self.source,
        );
        let certificates = std::env::var_os("SSL_CERT_FILE")
            .map(PathBuf::from)
            .filter(|path| path.is_file());
        bind(
            "--ro-bind",
            certificates.as_deref().unwrap_or(Path::new(CERTIFICATES)),
            CERTIFICATES,
        );
        if self.network {
            // Through a symbolic link to the file that it is today.
            for name in ["/etc/resolv.conf", "/etc/hosts"] {
                if let Ok(path) = std::fs::canonicalize(name) {
                    bind("--ro-bind", &path, name);
                }
            }
        }
        if let Some(config) = cargo_config() {
            toolbox.cache.dir("cargo")?;
            bind("--ro-bind", &config, "/cache/cargo/config.toml");
        }
        for (from, to, writable) in &self.binds {
            bind(if *writable { "--bind" } else { "--ro-bind" }, from, to);
        }
        command.args(["--proc", "/proc", "--tmpfs", "/run", "--tmpfs", "/root"]);
        if self.display {
            display(command);
        }
        Ok(())
    }

    fn environment(&self, command: &mut Command) {
        let mut set = |name: &str, value: &OsStr| {
            command.arg("--setenv").arg(name).arg(value);
        };
        for name in PASSED {
            if let Some(value) = std::env::var_os(name) {
                set(name, &value);
            }
        }
        for name in [
            "SSL_CERT_FILE",
            "CARGO_HTTP_CAINFO",
            "NODE_EXTRA_CA_CERTS",
            "CURL_CA_BUNDLE",
            "GIT_SSL_CAINFO",
            "REQUESTS_CA_BUNDLE",
        ] {
            set(name, OsStr::new(CERTIFICATES));
        }
        let fixed = [
            (
                "PATH",
                "/opt/rust/bin:/cache/bin/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ),
            ("HOME", "/root"),
            ("LANG", "C.UTF-8"),
            ("LC_ALL", "C.UTF-8"),
            ("TZ", "UTC"),
            ("CARGO_HOME", "/cache/cargo"),
            // Logs are for reading.
            ("CARGO_TERM_COLOR", "never"),
            // The checkout may belong to someone else than root.
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "safe.directory"),
            ("GIT_CONFIG_VALUE_0", "*"),
        ];
        for (name, value) in fixed {
            set(name, OsStr::new(value));
        }
        for (name, value) in &self.env {
            set(name, value);
        }
    }
}

/// A person's own cargo configuration, where an office names its crate mirror.
fn cargo_config() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|h| Path::new(&h).join(".cargo")))?;
    ["config.toml", "config"]
        .into_iter()
        .map(|name| home.join(name))
        .find(|path| path.is_file())
}

/// Passes the sockets of X11 and Wayland.
fn display(command: &mut Command) {
    let variable = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
    if let Some(display) = variable("DISPLAY") {
        command
            .args([
                "--ro-bind-try",
                "/tmp/.X11-unix",
                "/tmp/.X11-unix",
                "--setenv",
                "DISPLAY",
            ])
            .arg(display);
        let authority = variable("XAUTHORITY")
            .or_else(|| variable("HOME").map(|h| Path::new(&h).join(".Xauthority").into()));
        if let Some(file) = authority.filter(|file| Path::new(file).is_file()) {
            command.arg("--ro-bind").arg(file).args([
                "/run/xauthority",
                "--setenv",
                "XAUTHORITY",
                "/run/xauthority",
            ]);
        }
    }
    if let (Some(dir), Some(name)) = (variable("XDG_RUNTIME_DIR"), variable("WAYLAND_DISPLAY")) {
        command
            .arg("--ro-bind-try")
            .arg(Path::new(&dir).join(name))
            .arg("/run/wayland-0");
        command.args([
            "--setenv",
            "XDG_RUNTIME_DIR",
            "/run",
            "--setenv",
            "WAYLAND_DISPLAY",
            "wayland-0",
        ]);
    }
}
