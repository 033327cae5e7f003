// SPDX-License-Identifier: EUPL-1.2
//! The LUKS2 volume of `/var`: making, opening, sealing and closing it, by systemd's and cryptsetup's own tools.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use api::secret::Secret;
use api::trust::{MODHEX, RECOVERY_LETTERS, RecoveryKey, RecoveryKeyError};

use crate::command::{CommandError, Tool};
use crate::course::Refusal;
use crate::disk::{Disk, DiskError, Kind};
use crate::luks;

/// The device-mapper name of the open volume.
pub const MAPPING: &str = "var";

/// Where the public key and the signature of the PCR 11 policy lie; systemd-stub hands both over.
const PCR_PUBLIC_KEY: &str = "/run/systemd/tpm2-pcr-public-key.pem";
const PCR_SIGNATURE: &str = "/run/systemd/tpm2-pcr-signature.json";
/// What the secret is sealed to beside the signed PCR 11: our Secure Boot keys (7), and no volume opened yet (15).
const PCRS: &str = "7+15:sha256=0000000000000000000000000000000000000000000000000000000000000000";
/// Opening measures the volume key into PCR 15; no prompt, no second try by the tool itself.
const OPEN_OPTIONS: &str = "tpm2-measure-pcr=yes,headless=yes,tries=1,luks";

/// Why an operation on the volume failed.
#[derive(Debug, thiserror::Error)]
pub enum VolumeError {
    /// A tool failed.
    #[error("cannot {operation} the data volume")]
    Tool {
        /// What was tried.
        operation: &'static str,
        /// Why the tool failed.
        #[source]
        source: CommandError,
    },
    /// The partition table cannot be changed.
    #[error("cannot prepare the boot disk")]
    Disk(#[from] DiskError),
    /// A file in the runtime directory failed.
    #[error("cannot write {path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The kernel gave no random numbers.
    #[error("cannot make a recovery key")]
    Random(#[source] rustix::io::Errno),
    /// The new key does not follow the format.
    #[error("the new recovery key is not well formed")]
    Key(#[from] RecoveryKeyError),
}

fn tool_error(operation: &'static str) -> impl FnOnce(CommandError) -> VolumeError {
    move |source| VolumeError::Tool { operation, source }
}

/// A key in a file that only we can read, in memory only, gone when dropped.
#[derive(Debug)]
struct KeyFile(PathBuf);

impl KeyFile {
    fn new(runtime: &Path, key: &RecoveryKey) -> Result<Self, VolumeError> {
        let file = Self(runtime.join("key"));
        // A crash may have left one; `create_new` must not follow what somebody else put there.
        let _ = fs::remove_file(&file.0);
        fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file.0)
            .and_then(|mut open| open.write_all(key.expose().as_bytes()))
            .map_err(|source| VolumeError::File {
                path: file.0.clone(),
                source,
            })?;
        Ok(file)
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::error!(%error, "cannot remove the key file");
        }
    }
}

/// A new recovery key with 256 bits from the kernel.
pub fn new_recovery_key() -> Result<RecoveryKey, VolumeError> {
    let mut bytes = zeroize::Zeroizing::new([0u8; RECOVERY_LETTERS / 2]);
    rustix::rand::getrandom(&mut bytes[..], rustix::rand::GetRandomFlags::empty())
        .map_err(VolumeError::Random)?;
    let mut text = zeroize::Zeroizing::new(String::with_capacity(RECOVERY_LETTERS));
    for byte in bytes.iter() {
        for digit in [byte >> 4, byte & 15] {
            text.push(MODHEX[usize::from(digit)]);
        }
    }
    Ok(RecoveryKey::parse(&text)?)
}

/// Partitions the rest of the boot disk by `/usr/lib/repart.d` and makes an encrypted volume that `key` opens. A volume
/// whose making was interrupted is removed first.
pub fn make(disk: &Disk, runtime: &Path, key: &RecoveryKey) -> Result<(), VolumeError> {
    // systemd-repart's own factory reset also clears a firmware variable, which is not for this service to write.
    if let Some(number) = disk.remove(Kind::Var)? {
        Tool::new("/usr/bin/partx")
            .args(["--delete", "--nr", &number.to_string()])
            .arg(&disk.node)
            .run()
            .map_err(tool_error("forget"))?;
    }
    let file = KeyFile::new(runtime, key)?;
    Tool::new("/usr/bin/systemd-repart")
        .args(["--dry-run=no", "--seed=random"])
        .arg("--definitions=/usr/lib/repart.d")
        .arg(format!("--key-file={}", file.0.display()))
        .arg(&disk.node)
        .run()
        .map_err(tool_error("make"))?;
    Ok(())
}

/// Takes the stretching away that systemd-repart gives to any key: this one has 256 bits, and the gibibyte of memory and the seconds
/// that Argon2 takes would be missing on a slow device when a person types the key.
pub fn relax(node: &Path, runtime: &Path, key: &RecoveryKey) -> Result<(), VolumeError> {
    let file = KeyFile::new(runtime, key)?;
    Tool::new("/usr/sbin/cryptsetup")
        .args(["luksConvertKey", "--batch-mode"])
        .args(["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"])
        .arg(format!("--key-file={}", file.0.display()))
        .arg(node)
        .run()
        .map_err(tool_error("prepare"))?;
    Ok(())
}

/// Removes the secrets sealed to TPMs. systemd-cryptenroll takes a secret with the same policy for its own work, also one that
/// another TPM holds, and would do nothing.
pub fn remove_seals(node: &Path) -> Result<(), VolumeError> {
    Tool::new("/usr/bin/systemd-cryptenroll")
        .arg("--wipe-slot=tpm2")
        .arg(node)
        .run()
        .map_err(tool_error("remove the old seal of"))?;
    Ok(())
}

/// Seals a new secret to this TPM.
pub fn seal(
    node: &Path,
    runtime: &Path,
    key: &RecoveryKey,
    pin: Option<&Secret>,
) -> Result<(), VolumeError> {
    let file = KeyFile::new(runtime, key)?;
    let mut tool = Tool::new("/usr/bin/systemd-cryptenroll")
        .arg(format!("--unlock-key-file={}", file.0.display()))
        .arg("--tpm2-device=auto")
        .arg(format!("--tpm2-pcrs={PCRS}"))
        .arg(format!("--tpm2-public-key={PCR_PUBLIC_KEY}"))
        .arg("--tpm2-public-key-pcrs=11")
        .arg(format!("--tpm2-signature={PCR_SIGNATURE}"));
    if let Some(pin) = pin {
        tool = tool
            .arg("--tpm2-with-pin=yes")
            .secret_env("NEWPIN", pin.expose());
    }
    tool.arg(node).run().map_err(tool_error("seal"))?;
    Ok(())
}

/// Opens the volume by the TPM. Whether a refusal is a wrong PIN is read from the TPM's own counter, not from words.
pub fn unseal(node: &Path, pin: Option<&Secret>) -> Result<(), Refusal> {
    // Without a PIN the TPM counts nothing.
    let lockout = || pin.and_then(|_| Lockout::read());
    let before = lockout();
    let mut tool = Tool::new("/usr/bin/systemd-cryptsetup")
        .args(["attach", MAPPING])
        .arg(node)
        .arg("-")
        .arg(format!(
            "{OPEN_OPTIONS},tpm2-device=auto,tpm2-signature={PCR_SIGNATURE}"
        ));
    if let Some(pin) = pin {
        tool = tool.secret_env("PIN", pin.expose());
    }
    let Err(error) = tool.run() else {
        return Ok(());
    };
    tracing::warn!(%error, "the volume was not unsealed");
    Err(match (before, lockout()) {
        (_, Some(after)) if after.locked => Refusal::LockedOut,
        (Some(before), Some(after)) if after.failures > before.failures => Refusal::WrongPin,
        _ => Refusal::Sealed,
    })
}

/// Opens the volume by the recovery key.
pub fn open_by_key(node: &Path, runtime: &Path, key: &RecoveryKey) -> Result<(), Refusal> {
    let attach = || -> Result<(), VolumeError> {
        let file = KeyFile::new(runtime, key)?;
        Tool::new("/usr/bin/systemd-cryptsetup")
            .args(["attach", MAPPING])
            .arg(node)
            .arg(&file.0)
            .arg(OPEN_OPTIONS)
            .run()
            .map_err(tool_error("open"))?;
        Ok(())
    };
    attach().map_err(|error| {
        tracing::warn!(%error, "the recovery key did not open the volume");
        match error {
            VolumeError::Tool {
                source: CommandError::Failed { .. },
                ..
            } => Refusal::WrongKey,
            _ => Refusal::Failed,
        }
    })
}

/// Closes the volume again.
pub fn close() -> Result<(), VolumeError> {
    Tool::new("/usr/bin/systemd-cryptsetup")
        .args(["detach", MAPPING])
        .run()
        .map_err(tool_error("close"))?;
    Ok(())
}

/// Writes into the header that the volume is finished: the last step of making one.
pub fn finish(node: &Path) -> Result<(), VolumeError> {
    Tool::new("/usr/sbin/cryptsetup")
        .args(["config", "--batch-mode", "--label", luks::FINISHED])
        .arg(node)
        .run()
        .map_err(tool_error("finish"))?;
    Ok(())
}

/// The TPM's dictionary-attack counter (TPM 2.0 Library, Part 2, `TPM2_PT_LOCKOUT_COUNTER`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lockout {
    failures: u64,
    locked: bool,
}

impl Lockout {
    fn read() -> Option<Self> {
        let output = Tool::new("/usr/bin/tpm2")
            .args(["getcap", "properties-variable"])
            .run()
            .map_err(|error| tracing::warn!(%error, "the TPM does not tell its lockout counter"))
            .ok()?;
        Self::parse(&String::from_utf8_lossy(&output))
    }

    fn parse(text: &str) -> Option<Self> {
        let number = |key: &str| {
            let rest = text
                .lines()
                .find_map(|line| line.trim().strip_prefix(key)?.trim().strip_prefix(':'))?
                .trim();
            rest.strip_prefix("0x").map_or_else(
                || rest.parse().ok(),
                |hex| u64::from_str_radix(hex, 16).ok(),
            )
        };
        Some(Self {
            failures: number("TPM2_PT_LOCKOUT_COUNTER")?,
            locked: number("inLockout")? != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O2: recovery keys follow the format and differ.
    #[test]
    fn recovery_keys_are_well_formed() {
        let (a, b) = (new_recovery_key().unwrap(), new_recovery_key().unwrap());
        assert_ne!(a.expose(), b.expose());
        assert_eq!(a.expose().len(), 71);
    }

    /// Proves C6: the counter is read as tpm2-tools writes it.
    #[test]
    fn the_lockout_counter_is_read() {
        let text = "TPM2_PT_PERMANENT:\n  ownerAuthSet:              0\n  inLockout:                 1\nTPM2_PT_LOCKOUT_COUNTER: 0x1F\nTPM2_PT_MAX_AUTH_FAIL: 0x3\n";
        assert_eq!(
            Lockout::parse(text),
            Some(Lockout {
                failures: 31,
                locked: true
            })
        );
        assert_eq!(Lockout::parse("TPM2_PT_LOCKOUT_COUNTER: many"), None);
    }

    /// Proves O2: the key lies in a file for root only, and is gone with its holder.
    #[test]
    fn key_files_vanish() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let key = new_recovery_key().unwrap();
        let file = KeyFile::new(dir.path(), &key).unwrap();
        let path = file.0.clone();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), key.expose());
        drop(file);
        assert!(!path.exists());
    }
}
