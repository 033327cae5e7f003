// SPDX-License-Identifier: EUPL-1.2
//! The host: rights, and the few programs that have to be there before the toolbox is.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::children;
use crate::error::{Error, FileContext, Result};
use crate::progress::Progress;

/// Programs needed on the host and the packages that have them.
const TOOLS: &[(&str, &str)] = &[
    ("bwrap", "bubblewrap"),
    ("mmdebstrap", "mmdebstrap"),
    ("dpkg-deb", "dpkg"),
    (
        "/usr/share/keyrings/debian-archive-keyring.gpg",
        "debian-archive-keyring",
    ),
    ("/etc/ssl/certs/ca-certificates.crt", "ca-certificates"),
];

/// Whether this process has all rights.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether rights can be had: root, or a sudo that does not refuse. Asks for no password; one that would be asked for counts.
pub fn can_be_root() -> bool {
    let willing = || {
        let mut ask = Command::new("sudo");
        ask.env("LC_ALL", "C")
            .args(["--non-interactive", "--validate"]);
        let said = children::output(&mut ask);
        said.map_or_else(
            |error| error.to_string().contains("password is required"),
            |_| true,
        )
    };
    is_root() || (has("sudo") && willing())
}

/// Finds a program, also where only root's PATH looks.
pub fn find(program: &str) -> Option<PathBuf> {
    if program.starts_with('/') {
        return Some(PathBuf::from(program)).filter(|p| p.exists());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let more = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(more)
        .map(|dir| dir.join(program))
        .find(|p| p.is_file())
}

fn has(program: &str) -> bool {
    find(program).is_some()
}

/// A command that runs with all rights: through sudo where this process has not got them.
pub fn privileged(program: impl AsRef<OsStr>) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg("--").arg(program);
    command
}

/// Packages that are missing here.
pub fn missing() -> Vec<&'static str> {
    TOOLS
        .iter()
        .filter(|(tool, _)| !has(tool))
        .map(|(_, package)| *package)
        .collect()
}

/// Installs what is missing, or says the one line that does.
pub fn prepare(progress: &Progress) -> Result<()> {
    let packages = missing();
    if packages.is_empty() {
        return if authenticate()? {
            Ok(())
        } else {
            Err(no_rights())
        };
    }
    let line = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    if !has("apt-get") {
        return Err(Error::needs(
            "this host has no apt-get: it must be Debian 12 or 13",
            "use such a host, or a container of one",
        ));
    }
    if !authenticate()? {
        return Err(Error::needs(
            format!("this host lacks {}", packages.join(", ")),
            format!("as root: {line}"),
        ));
    }
    progress.stage("host packages", |stage| {
        stage.note(&packages.join(" "));
        let install = |stage: &mut crate::progress::Stage| {
            let mut command = privileged("env");
            command.args([
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
            ]);
            stage.run(command.args(&packages))
        };
        if install(stage).is_err() {
            stage.run(privileged("apt-get").arg("update"))?;
            install(stage)?;
        }
        Ok(())
    })
}

fn no_rights() -> Error {
    Error::needs(
        "the toolbox needs root, and sudo is missing or refuses",
        "install sudo and join its group, or run this as root",
    )
}

/// Whether this may be root; asks for the password now, not in the middle of a progress display.
fn authenticate() -> Result<bool> {
    if is_root() || !has("sudo") {
        return Ok(is_root());
    }
    Ok(children::interactive(Command::new("sudo").arg("--validate"))?.success())
}

/// Removes a file or a tree, whoever it belongs to; nothing there is fine.
pub fn remove(path: &Path) -> Result<()> {
    let Ok(meta) = path.symlink_metadata() else {
        return Ok(());
    };
    let removed = if meta.is_dir() {
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_file(path)
    };
    if removed.is_ok() || is_root() {
        return removed.at("remove", path);
    }
    let status = privileged("rm")
        .args(["-rf", "--one-file-system", "--"])
        .arg(path)
        .status();
    if status.is_ok_and(|s| s.success()) {
        Ok(())
    } else {
        removed.at("remove", path)
    }
}

/// Renames, also what belongs to root.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    let renamed = std::fs::rename(from, to);
    if renamed.is_ok() || is_root() {
        return renamed.at("rename", from);
    }
    let status = privileged("mv")
        .args(["-T", "--"])
        .arg(from)
        .arg(to)
        .status();
    if status.is_ok_and(|s| s.success()) {
        Ok(())
    } else {
        renamed.at("rename", from)
    }
}

/// Bytes that are free for a file below `path`.
pub fn free_space(path: &Path) -> Result<u64> {
    let stat = rustix::fs::statvfs(path)
        .map_err(std::io::Error::from)
        .at("measure", path)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_name_and_by_path() {
        assert!(find("sh").is_some());
        assert!(find("/etc/passwd").is_some());
        assert!(find("no-such-program-anywhere").is_none());
    }

    #[test]
    fn removing_nothing_is_no_error() {
        assert!(remove(Path::new("/nonexistent/amtsnah")).is_ok());
    }
}
