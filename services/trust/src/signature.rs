// SPDX-License-Identifier: EUPL-1.2
//! The signature of `/usr`'s root hash, from the partition beside it to the kernel.
//!
//! The root hash in the signed command line already decides which `/usr` can be opened. The signature lets the kernel itself
//! insist (`dm_verity.require_signatures=1`), against the keys in the firmware. systemd 257 looks for the signature in a file only;
//! the initrd puts it there before `systemd-veritysetup@usr.service` runs. Format of the partition: Discoverable Partitions
//! Specification, "verity signature partitions".

use base64::Engine;
use serde::Deserialize;

/// The largest signature partition that is read, in bytes; the specification recommends 16 KiB.
pub const MAX_PARTITION_BYTES: u64 = 1 << 20;

/// Why there is no signature to hand over.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The command line names no root hash.
    #[error("the kernel command line has no usrhash=")]
    NoRootHash,
    /// The root hash is not at least 128 bits in hexadecimal digits.
    #[error("usrhash= is not a root hash")]
    BadRootHash,
    /// The partition holds no JSON object of the specification.
    #[error("the signature partition cannot be read: {0}")]
    Malformed(String),
    /// The partition belongs to another root hash.
    #[error("the signature is for another root hash")]
    OtherRootHash,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    root_hash: String,
    signature: String,
}

/// The root hash in a kernel command line.
pub fn root_hash(cmdline: &str) -> Result<&str, SignatureError> {
    cmdline
        .split_ascii_whitespace()
        .find_map(|word| word.strip_prefix("usrhash="))
        .ok_or(SignatureError::NoRootHash)
}

/// The partition UUID of the data partition: the first 128 bits of the root hash (Discoverable Partitions Specification).
pub fn data_partition_uuid(root_hash: &str) -> Result<String, SignatureError> {
    let hex = root_hash.get(..32).ok_or(SignatureError::BadRootHash)?;
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(SignatureError::BadRootHash);
    }
    let hex = hex.to_ascii_lowercase();
    Ok(format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    ))
}

/// The PKCS#7 signature (DER) in the bytes of a signature partition, if it is for `root_hash`.
pub fn extract(partition: &[u8], root_hash: &str) -> Result<Vec<u8>, SignatureError> {
    let end = partition
        .iter()
        .position(|b| *b == 0)
        .unwrap_or(partition.len());
    let content: Content = serde_json::from_slice(partition.get(..end).unwrap_or_default())
        .map_err(|error| SignatureError::Malformed(error.to_string()))?;
    if !content.root_hash.eq_ignore_ascii_case(root_hash) {
        return Err(SignatureError::OtherRootHash);
    }
    base64::engine::general_purpose::STANDARD
        .decode(content.signature)
        .map_err(|error| SignatureError::Malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HASH: &str = "32cf43bcb5a76d924959497073bea0595bd17108bb64fe0d7a1b2c3d4e5f6071";

    /// Proves O2: the signature is handed over only for the root hash that is booted.
    #[test]
    fn signature_follows_the_root_hash() {
        let mut partition =
            format!(r#"{{"rootHash":"{HASH}","certificateFingerprint":"00","signature":"AQID"}}"#)
                .into_bytes();
        partition.resize(16384, 0);
        assert_eq!(extract(&partition, HASH), Ok(vec![1, 2, 3]));
        assert_eq!(
            extract(&partition, &HASH.replace('3', "4")),
            Err(SignatureError::OtherRootHash)
        );
        assert!(matches!(
            extract(&[], HASH),
            Err(SignatureError::Malformed(_))
        ));
    }

    /// Proves O2: the data partition is found by the root hash.
    #[test]
    fn uuid_is_the_start_of_the_hash() {
        let line = format!("root=tmpfs usrhash={HASH} quiet");
        let hash = root_hash(&line).unwrap();
        assert_eq!(
            data_partition_uuid(hash).unwrap(),
            "32cf43bc-b5a7-6d92-4959-497073bea059"
        );
        assert_eq!(root_hash("quiet"), Err(SignatureError::NoRootHash));
        assert_eq!(
            data_partition_uuid("12ab"),
            Err(SignatureError::BadRootHash)
        );
    }

    proptest! {
        /// Proves O2: no content of the disk or the command line makes the initrd panic.
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..500), text in ".{0,80}") {
            let _ = extract(&bytes, HASH);
            let _ = data_partition_uuid(&text);
            let _ = root_hash(&text);
        }
    }
}
