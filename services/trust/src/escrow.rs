// SPDX-License-Identifier: EUPL-1.2
//! The recovery key on its way to the operator: encrypted to his certificate (CMS, RFC 5652 and 5083) and laid on the EFI system
//! partition, under the code that the recovery screen shows. Nobody else, the device included, can read it from there.
//! With his private key: `openssl cms -decrypt -inform PEM -inkey operator.key -in amtsnah/recovery/CODE.pem`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use api::trust::{CODE_GROUP, RecoveryKey};
use rustix::mount::{MountFlags, UnmountFlags};
use sha2::{Digest, Sha256};

use crate::command::{CommandError, Tool};

/// The operator's certificate in the verified tree.
pub const OPERATOR: &str = "/usr/share/amtsnah/operator.crt";
/// Where on the EFI system partition the keys lie.
const FOLDER: &str = "amtsnah/recovery";
/// Letters that nobody confuses on the telephone or on paper.
const LETTERS: &[u8; 22] = b"ABCDEFGHJKLMNPRSTUVWXZ";

/// Why the recovery key cannot be laid down for the operator.
#[derive(Debug, thiserror::Error)]
pub enum EscrowError {
    /// Encryption failed.
    #[error("cannot encrypt the recovery key to the operator")]
    Encrypt(#[source] CommandError),
    /// The EFI system partition failed.
    #[error("cannot {operation} {path} on the EFI system partition")]
    Esp {
        /// What was tried.
        operation: &'static str,
        /// With which path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The code of a volume, as a person reads it out: two groups of four letters, derived from the volume's UUID.
pub fn code(uuid: &str) -> String {
    let digest = Sha256::digest(uuid.as_bytes());
    let mut code = String::new();
    for (i, byte) in digest.iter().take(2 * CODE_GROUP).enumerate() {
        if i == CODE_GROUP {
            code.push('-');
        }
        code.push(char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    }
    code
}

/// Encrypts `key` to the operator and lays it on the EFI system partition at `esp`, mounted for that moment at `mount_point`.
pub fn lay_down(
    esp: &Path,
    mount_point: &Path,
    uuid: &str,
    key: &RecoveryKey,
) -> Result<(), EscrowError> {
    let code = code(uuid);
    let text = zeroize::Zeroizing::new(format!(
        "code: {code}\nvolume: {uuid}\nrecovery key: {}\n",
        key.expose()
    ));
    let sealed = Tool::new("/usr/bin/openssl")
        .args([
            "cms",
            "-encrypt",
            "-binary",
            "-aes-256-gcm",
            "-outform",
            "PEM",
        ])
        .arg(OPERATOR)
        .input(text.as_bytes())
        .run()
        .map_err(EscrowError::Encrypt)?;
    let failed = |operation, path: &Path| {
        let path = path.to_path_buf();
        move |source| EscrowError::Esp {
            operation,
            path,
            source,
        }
    };
    fs::create_dir_all(mount_point).map_err(failed("make", mount_point))?;
    rustix::mount::mount(
        esp,
        mount_point,
        "vfat",
        MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC,
        None,
    )
    .map_err(|errno| failed("mount", esp)(errno.into()))?;
    let written = write(&mount_point.join(FOLDER), &code, &sealed);
    let unmounted = rustix::mount::unmount(mount_point, UnmountFlags::empty())
        .map_err(|errno| failed("unmount", esp)(errno.into()));
    written.and(unmounted)
}

/// Writes the file so that a power cut leaves the old state or the new one, and takes away those of unfinished volumes.
fn write(folder: &Path, code: &str, sealed: &[u8]) -> Result<(), EscrowError> {
    let (new, done) = (folder.join("new.tmp"), folder.join(format!("{code}.pem")));
    let steps = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for entry in fs::read_dir(folder)? {
            fs::remove_file(entry?.path())?;
        }
        let mut file = fs::File::create(&new)?;
        file.write_all(sealed)?;
        file.sync_all()?;
        fs::rename(&new, &done)?;
        fs::File::open(folder)?.sync_all()
    };
    steps().map_err(|source| EscrowError::Esp {
        operation: "write",
        path: done.clone(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O2: the code is stable, readable and follows the volume.
    #[test]
    fn codes_follow_the_volume() {
        let a = code("6a3f0d52-0b0e-4d38-9d2f-2a3b1c0e7f45");
        assert_eq!(a, code("6a3f0d52-0b0e-4d38-9d2f-2a3b1c0e7f45"));
        assert_ne!(a, code("6a3f0d52-0b0e-4d38-9d2f-2a3b1c0e7f46"));
        assert_eq!(a.len(), 9);
        assert_eq!(a.as_bytes()[4], b'-');
    }

    /// Proves O2: only the latest key lies there, whole, also after an interrupted attempt.
    #[test]
    fn only_the_latest_key_stays() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(FOLDER);
        write(&folder, "AAAA-AAAA", b"old").unwrap();
        fs::write(folder.join("new.tmp"), b"ha").unwrap();
        write(&folder, "BBBB-BBBB", b"new").unwrap();
        let names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(names, ["BBBB-BBBB.pem"]);
        assert_eq!(fs::read(folder.join("BBBB-BBBB.pem")).unwrap(), b"new");
    }
}
