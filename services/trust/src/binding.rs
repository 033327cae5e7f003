// SPDX-License-Identifier: EUPL-1.2
//! The TPM remembers which volume is this device's: an NV index holds the value that PCR 15 has after opening it.
//!
//! Only the key of that very volume leads to that value. Whoever replaces the volume by one of which he knows the key, with or
//! without a secret sealed to this TPM, gets a device that closes it again. The index is locked after writing; undoing that takes
//! the TPM's owner, which no one on this device is after boot.

use std::fs;
use std::io;
use std::path::Path;

use crate::command::{CommandError, Tool};

/// The NV index, in the range left to owners (TCG Registry of Reserved TPM 2.0 Handles).
const INDEX: &str = "0x180A357";
/// PCR 15 as the kernel shows it.
const PCR: &str = "class/tpm/tpm0/pcr-sha256/15";

/// Why the binding cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum BindingError {
    /// The TPM refused.
    #[error("cannot {operation} the TPM's memory of the volume")]
    Tpm {
        /// What was tried.
        operation: &'static str,
        /// What the tool said.
        #[source]
        source: CommandError,
    },
    /// PCR 15 cannot be read.
    #[error("cannot read PCR 15")]
    Pcr(#[source] io::Error),
    /// PCR 15 is not 32 bytes of hexadecimal digits, or nothing was measured into it.
    #[error("PCR 15 holds no measurement")]
    NotMeasured,
}

/// What identifies an open volume: SHA-256 PCR 15 after its key was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity([u8; 32]);

/// What the TPM remembers, held against what was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This device's own volume.
    Ours,
    /// The TPM remembers none.
    Unknown,
    /// Another volume.
    Foreign,
}

impl Identity {
    /// The identity of the volume that was opened, read through `sysfs` (`/sys`).
    pub fn measured(sysfs: &Path) -> Result<Self, BindingError> {
        let text = fs::read_to_string(sysfs.join(PCR)).map_err(BindingError::Pcr)?;
        Self::parse(text.trim()).ok_or(BindingError::NotMeasured)
    }

    fn parse(hex: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if hex.len() != 64 || !hex.is_ascii() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        (bytes != [0; 32]).then_some(Self(bytes))
    }

    /// Holds the identity against what the TPM remembers.
    pub fn judge(&self, remembered: Option<&[u8]>) -> Verdict {
        match remembered {
            None => Verdict::Unknown,
            Some(bytes) if bytes == self.0 => Verdict::Ours,
            Some(_) => Verdict::Foreign,
        }
    }
}

fn tpm_error(operation: &'static str) -> impl FnOnce(CommandError) -> BindingError {
    move |source| BindingError::Tpm { operation, source }
}

fn tpm(operation: &'static str, args: &[&str], input: &[u8]) -> Result<Vec<u8>, BindingError> {
    Tool::new("/usr/bin/tpm2")
        .args(args)
        .input(input)
        .run()
        .map_err(tpm_error(operation))
}

fn is_defined() -> Result<bool, BindingError> {
    let list = tpm("list", &["getcap", "handles-nv-index"], &[])?;
    Ok(String::from_utf8_lossy(&list).lines().any(|line| {
        line.trim()
            .trim_start_matches("- ")
            .eq_ignore_ascii_case(INDEX)
    }))
}

/// What the TPM remembers; `None` if nothing.
pub fn remembered() -> Result<Option<Vec<u8>>, BindingError> {
    if !is_defined()? {
        return Ok(None);
    }
    tpm("read", &["nvread", "-C", "o", "-s", "32", INDEX], &[]).map(Some)
}

/// Makes the TPM remember `identity`, instead of whatever it remembered.
pub fn remember(identity: &Identity) -> Result<(), BindingError> {
    if is_defined()? {
        tpm("clear", &["nvundefine", "-C", "o", INDEX], &[])?;
    }
    let attributes = "ownerwrite|ownerread|authread|writedefine|no_da";
    tpm(
        "define",
        &["nvdefine", "-C", "o", "-s", "32", "-a", attributes, INDEX],
        &[],
    )?;
    tpm(
        "write",
        &["nvwrite", "-C", "o", "-i", "-", INDEX],
        &identity.0,
    )?;
    tpm("lock", &["nvwritelock", "-C", "o", INDEX], &[])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O2: only the very same measurement is ours, and nothing measured is no identity.
    #[test]
    fn only_the_same_measurement_is_ours() {
        let ours = Identity::parse(&"a5".repeat(32)).unwrap();
        assert_eq!(ours.judge(Some(&[0xa5; 32])), Verdict::Ours);
        assert_eq!(ours.judge(Some(&[0xa6; 32])), Verdict::Foreign);
        assert_eq!(ours.judge(Some(&[])), Verdict::Foreign);
        assert_eq!(ours.judge(None), Verdict::Unknown);
        assert_eq!(Identity::parse(&"00".repeat(32)), None);
        assert_eq!(Identity::parse(&"zz".repeat(32)), None);
        assert_eq!(Identity::parse("a5"), None);
    }
}
