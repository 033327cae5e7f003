// SPDX-License-Identifier: EUPL-1.2
//! Whether this host can do everything, and what to do where it cannot.

use std::process::Command;

use serde_json::json;

use crate::build;
use crate::cache::Cache;
use crate::checkout::Checkout;
use crate::children;
use crate::error::{FileContext, Result};
use crate::host;
use crate::lock::Lock;
use crate::mirror::Mirrors;
use crate::progress::Progress;
use crate::toolbox;

/// Space that toolbox, crates, two flavours and a second build for `verify` take together.
const SPACE: u64 = 12 << 30;

/// Memory that compiling and a virtual machine need.
const MEMORY: u64 = 4 << 20;

/// A boot sector that writes 1 to port 0xf4, which ends QEMU with status 3, and stops.
const BOOT_CODE: [u8; 6] = [0xb0, 0x01, 0xe6, 0xf4, 0xfa, 0xf4];

/// How good a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Ok,
    Warn,
    Fail,
}

/// One line of the doctor's table.
#[derive(Debug)]
struct Finding {
    what: &'static str,
    grade: Grade,
    seen: String,
    fix: String,
}

impl Finding {
    fn new(what: &'static str, grade: Grade, seen: impl Into<String>, fix: &str) -> Self {
        let fix = if grade == Grade::Ok {
            String::new()
        } else {
            fix.to_owned()
        };
        Self {
            what,
            grade,
            seen: seen.into(),
            fix,
        }
    }

    /// Good or, when not, as bad as said.
    fn check(
        what: &'static str,
        good: bool,
        otherwise: Grade,
        seen: impl Into<String>,
        fix: &str,
    ) -> Self {
        Self::new(what, if good { Grade::Ok } else { otherwise }, seen, fix)
    }
}

/// Looks at everything; false when something has to be mended.
pub fn doctor(cache: &Cache, progress: &Progress) -> Result<bool> {
    let checkout = Checkout::find()?;
    let findings = progress.stage("doctor", |_| {
        Ok(vec![
            distribution(),
            rights(),
            tools(),
            rust(&checkout),
            space(cache)?,
            memory(),
            namespaces(),
            loops(),
            mirror(cache),
            kvm(cache, &checkout)?,
        ])
    })?;
    let good = findings.iter().all(|f| f.grade != Grade::Fail);
    let object: Vec<_> = findings
        .iter()
        .map(|f| json!({"check": f.what, "grade": word(f.grade), "seen": f.seen, "fix": f.fix}))
        .collect();
    progress.result(&table(&findings), &json!({"ok": good, "checks": object}));
    Ok(good)
}

fn word(grade: Grade) -> &'static str {
    match grade {
        Grade::Ok => "ok",
        Grade::Warn => "warn",
        Grade::Fail => "fail",
    }
}

fn table(findings: &[Finding]) -> String {
    let line = |f: &Finding| {
        let fix = if f.fix.is_empty() {
            String::new()
        } else {
            format!("\n                     -> {}", f.fix)
        };
        format!("{:4}  {:13}  {}{fix}\n", word(f.grade), f.what, f.seen)
    };
    findings.iter().map(line).collect()
}

fn distribution() -> Finding {
    let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = text
        .lines()
        .find_map(|l| l.strip_prefix("PRETTY_NAME="))
        .unwrap_or("unknown")
        .trim_matches('"')
        .to_owned();
    let known = text
        .lines()
        .any(|l| l == "ID=debian" || l.starts_with("ID_LIKE=") && l.contains("debian"));
    Finding::check(
        "host",
        known && cfg!(target_arch = "x86_64"),
        Grade::Fail,
        name,
        "use Debian 12 or 13 on amd64",
    )
}

fn rights() -> Finding {
    let seen = if host::is_root() { "root" } else { "not root" };
    let seen = if !host::is_root() && host::can_be_root() {
        "sudo"
    } else {
        seen
    };
    Finding::check(
        "rights",
        host::can_be_root(),
        Grade::Fail,
        seen,
        "install sudo and join its group, or work as root",
    )
}

fn tools() -> Finding {
    let missing = host::missing();
    let seen = if missing.is_empty() {
        "all there".to_owned()
    } else {
        format!("missing: {}", missing.join(", "))
    };
    let fix = format!(
        "apt-get install -y --no-install-recommends {} (any command does it by itself when it may)",
        missing.join(" ")
    );
    Finding::check(
        "host packages",
        missing.is_empty(),
        if host::can_be_root() {
            Grade::Warn
        } else {
            Grade::Fail
        },
        seen,
        &fix,
    )
}

fn rust(checkout: &Checkout) -> Finding {
    let channel = checkout.channel().unwrap_or_default();
    let version = children::output(
        Command::new("rustc")
            .arg("--version")
            .current_dir(checkout.root()),
    )
    .unwrap_or_default();
    let fix = format!("rustup toolchain install {channel}");
    let good = version.split_whitespace().any(|word| word == channel);
    Finding::check(
        "Rust",
        good,
        Grade::Fail,
        if version.is_empty() {
            "none"
        } else {
            version.trim()
        },
        &fix,
    )
}

fn space(cache: &Cache) -> Result<Finding> {
    let free = host::free_space(cache.root())?;
    let lock = cache.root().join("target").is_dir();
    let seen = format!("{} GiB free in {}", free >> 30, cache.root().display());
    // What is already there need not fit again, but an image has to.
    let grade = if lock && free >= build::SPACE {
        Grade::Warn
    } else {
        Grade::Fail
    };
    Ok(Finding::check(
        "disk",
        free >= SPACE,
        grade,
        seen,
        "free 12 GiB, or set AMTSNAH_CACHE to a larger disk",
    ))
}

fn memory() -> Finding {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text
        .lines()
        .find_map(|l| l.strip_prefix("MemTotal:"))
        .and_then(|l| l.split_whitespace().next());
    let kib: u64 = total.and_then(|t| t.parse().ok()).unwrap_or(0);
    // A machine sold with 4 GiB reports a little less.
    let good = kib >= MEMORY * 9 / 10;
    Finding::check(
        "memory",
        good,
        Grade::Warn,
        format!("{} MiB", kib >> 10),
        "build with CARGO_BUILD_JOBS=1, or add swap",
    )
}

fn namespaces() -> Finding {
    let Some(bwrap) = host::find("bwrap") else {
        return Finding::new(
            "namespaces",
            Grade::Warn,
            "not tried: bubblewrap is not installed yet",
            "run this again after the first build",
        );
    };
    let mut command = host::privileged(bwrap);
    command.args([
        "--unshare-pid",
        "--unshare-ipc",
        "--unshare-net",
        "--unshare-uts",
        "--cap-add",
        "ALL",
        "--bind",
        "/",
        "/",
        "--proc",
        "/proc",
    ]);
    let tried = children::output(command.args(["--dev-bind", "/dev", "/dev", "--", "true"]));
    let seen = tried.as_ref().map_or_else(ToString::to_string, |_| {
        "mount, PID, IPC, network and host name".to_owned()
    });
    Finding::check(
        "namespaces",
        tried.is_ok(),
        Grade::Fail,
        seen,
        "in a container: give it CAP_SYS_ADMIN and no seccomp filter (--privileged)",
    )
}

fn loops() -> Finding {
    let there = std::path::Path::new("/dev/loop-control").exists();
    let seen = if there {
        "available, not needed"
    } else {
        "none, not needed"
    };
    Finding::new("loop devices", Grade::Ok, seen, "")
}

fn mirror(cache: &Cache) -> Finding {
    const FIX: &str = "check network and proxy (Acquire::http::Proxy), or set AMTSNAH_MIRROR=http://<mirror>/debian";
    let mirrors = match Mirrors::of_host() {
        Ok(mirrors) => mirrors,
        Err(error) => return Finding::new("mirror", Grade::Fail, error.to_string(), FIX),
    };
    let target = cache.root().join("doctor.InRelease");
    let mut command = Command::new("/usr/lib/apt/apt-helper");
    command.args([
        "-o",
        "APT::Sandbox::User=root",
        "-o",
        "Acquire::http::Timeout=10",
        "-o",
        "Acquire::https::Timeout=10",
        "download-file",
    ]);
    let tried = children::output(
        command
            .arg(format!("{}/dists/trixie/InRelease", mirrors.debian))
            .arg(&target),
    );
    // Nothing depends on the copy.
    let _ = std::fs::remove_file(&target);
    let seen = tried.as_ref().map_or_else(
        |e| format!("{}: {e}", mirrors.debian),
        |_| format!("{} has trixie", mirrors.debian),
    );
    Finding::check("mirror", tried.is_ok(), Grade::Fail, seen, FIX)
}

/// Opening /dev/kvm proves nothing: on some virtual machines a guest dies in its first instructions. So one is really run.
fn kvm(cache: &Cache, checkout: &Checkout) -> Result<Finding> {
    const WITHOUT: &str = "virtual machines are emulated (TCG), about ten times slower; nested virtualisation would speed them up";
    if !std::path::Path::new("/dev/kvm").exists() {
        return Ok(Finding::new("KVM", Grade::Warn, "no /dev/kvm", WITHOUT));
    }
    let tree = Lock::read(&checkout.lock())
        .ok()
        .map(|lock| toolbox::place(cache, &lock.toolbox))
        .filter(|tree| tree.is_dir());
    let Some(tree) = tree else {
        return Ok(Finding::new(
            "KVM",
            Grade::Warn,
            "not tried: the toolbox is not made yet",
            "run this again after the first build",
        ));
    };
    let sector = cache.place("tmp/doctor.sector")?;
    let mut code = [0_u8; 512];
    code[..BOOT_CODE.len()].copy_from_slice(&BOOT_CODE);
    code[510..].copy_from_slice(&[0x55, 0xaa]);
    std::fs::write(&sector, code).at("write", &sector)?;
    let mut command = host::privileged("bwrap");
    command
        .args([
            "--die-with-parent",
            "--unshare-pid",
            "--cap-add",
            "ALL",
            "--ro-bind",
        ])
        .arg(&tree)
        .args(["/", "--dev-bind", "/dev", "/dev"]);
    command
        .args(["--proc", "/proc", "--tmpfs", "/tmp", "--ro-bind"])
        .arg(&sector)
        .args(["/tmp/sector", "--"]);
    command.args([
        "timeout",
        "5",
        "qemu-system-x86_64",
        "-accel",
        "kvm",
        "-machine",
        "pc",
        "-display",
        "none",
        "-nodefaults",
        "-no-reboot",
    ]);
    command.args([
        "-device",
        "isa-debug-exit,iobase=0xf4,iosize=1",
        "-drive",
        "format=raw,file=/tmp/sector,readonly=on,if=ide",
    ]);
    let log = cache.log("kvm")?;
    let status = children::logged(&mut command, &log, |_| {})?;
    std::fs::remove_file(&sector).at("remove", &sector)?;
    let works = status.code() == Some(3);
    let seen = if works {
        "a guest runs".to_owned()
    } else {
        "there, but a guest does not run: TCG will be used".to_owned()
    };
    Ok(Finding::check("KVM", works, Grade::Warn, seen, WITHOUT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_that_is_fine_names_no_fix() {
        assert!(
            Finding::check("disk", true, Grade::Fail, "20 GiB", "free some")
                .fix
                .is_empty()
        );
        let text = table(&[Finding::check(
            "disk",
            false,
            Grade::Fail,
            "2 GiB",
            "free some",
        )]);
        assert!(
            text.starts_with("fail  disk") && text.contains("-> free some"),
            "{text}"
        );
    }
}
