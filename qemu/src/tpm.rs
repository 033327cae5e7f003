// SPDX-License-Identifier: EUPL-1.2
//! A TPM 2.0 in software (swtpm).

use std::{
    fs,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::Path,
    process::Command,
};

use crate::{
    error::{Error, Result},
    process::{self, Process},
};

/// Starts the TPM that lives in `dir`; a new one is made first if there is none.
///
/// The control channel is one end of a socket pair, so nothing has to be waited for and nobody else can connect; when
/// QEMU's end closes, the TPM ends.
pub fn start(dir: &Path, control: UnixStream) -> Result<Process> {
    let mut entries = fs::read_dir(dir).map_err(Error::file("list", dir))?;
    if entries.next().is_none() {
        make(dir)?;
    }
    let control = OwnedFd::from(control);
    let mut command = Command::new("swtpm");
    command
        .args(["socket", "--tpm2", "--terminate", "--tpmstate"])
        .arg(in_dir(dir))
        .args([
            "--ctrl",
            &format!("type=unixio,clientfd={}", control.as_raw_fd()),
        ]);
    Process::start(command, vec![control])
}

/// Makes a factory-new TPM. Only the SHA-256 bank is active: as in most machines sold, and the firmware has to hash
/// every boot program once per bank.
fn make(dir: &Path) -> Result<()> {
    let mut command = Command::new("swtpm_setup");
    command
        .args(["--tpm2", "--pcr-banks", "sha256", "--tpmstate"])
        .arg(dir);
    process::output(command, None).map(drop)
}

fn in_dir(dir: &Path) -> std::ffi::OsString {
    let mut value = std::ffi::OsString::from("dir=");
    value.push(dir);
    value
}
