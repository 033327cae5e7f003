// SPDX-License-Identifier: EUPL-1.2
//! A provider's keys (RFC 7517), and what they sign; the signatures themselves are ring's. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

/// Bytes of all keys.
pub const ALL: usize = 256 * 1024;
/// Keys that are looked at.
const COUNT: usize = 64;

/// How tokens may be signed. Not among them: `none`, and what needs a secret instead of a key (HS256).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA as in PKCS #1 1.5, with SHA-256.
    Rs256,
    /// RSA with PSS and SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The one of this name, if it is among them.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// Why nothing is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// None of the keys is the one that is named, or fits.
    NoKey,
    /// It is not signed by it.
    Forged,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    material: Material,
}

#[derive(Deserialize)]
struct RawKeys {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct RawKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    used: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Decodes what has no more than so many bytes.
fn bytes(text: Option<&String>, most: usize) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text?).ok()?;
    (1..=most).contains(&bytes.len()).then_some(bytes)
}

impl Key {
    /// None for a key that signs nothing here.
    fn read(value: Value) -> Option<Self> {
        let raw: RawKey = serde_json::from_value(value).ok()?;
        let signs = raw.used.is_none_or(|used| used == "sig");
        let verifies = |ops: Vec<String>| ops.iter().any(|op| op == "verify");
        if !signs || !raw.key_ops.is_none_or(verifies) {
            return None;
        }
        let curve = raw.crv.as_deref();
        let material = match (raw.kty.as_str(), curve) {
            ("RSA", _) => Material::Rsa {
                n: bytes(raw.n.as_ref(), 1024)?,
                e: bytes(raw.e.as_ref(), 8)?,
            },
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes(raw.x.as_ref(), 32)?, bytes(raw.y.as_ref(), 32)?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                Material::P256([&[4], x.as_slice(), y.as_slice()].concat())
            }
            ("OKP", Some("Ed25519")) => Material::Ed25519(bytes(raw.x.as_ref(), 32)?),
            _ => return None,
        };
        Some(Self {
            id: raw.kid,
            algorithm: raw.alg,
            material,
        })
    }

    /// Whether it signs in this way. A key that says how it signs signs in no other.
    fn fits(&self, algorithm: Algorithm) -> bool {
        let named = self.algorithm.as_deref();
        let kind = match self.material {
            Material::Rsa { .. } => matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256),
            Material::P256(_) => algorithm == Algorithm::Es256,
            Material::Ed25519(_) => algorithm == Algorithm::EdDsa,
        };
        kind && named.is_none_or(|named| Algorithm::named(named) == Some(algorithm))
    }

    fn is_signer(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let checked =
            match (&self.material, algorithm) {
                (Material::Rsa { n, e }, Algorithm::Rs256) => RsaPublicKeyComponents { n, e }
                    .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
                (Material::Rsa { n, e }, Algorithm::Ps256) => RsaPublicKeyComponents { n, e }
                    .verify(&RSA_PSS_2048_8192_SHA256, message, signature),
                (Material::P256(point), Algorithm::Es256) => {
                    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                        .verify(message, signature)
                }
                (Material::Ed25519(point), Algorithm::EdDsa) => {
                    UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
                }
                _ => return false,
            };
        checked.is_ok()
    }
}

/// The keys of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys(Vec<Key>);

impl Keys {
    /// Reads them; those of unknown kinds, and those that sign nothing, are left out.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let raw: RawKeys = serde_json::from_slice(bytes).ok()?;
        let keys = raw.keys.into_iter().take(COUNT).filter_map(Key::read);
        Some(Self(keys.collect()))
    }

    /// Whether `message` is signed by the key of this name, or where none is named by one that fits.
    pub fn verify(
        &self,
        (algorithm, id): (Algorithm, Option<&str>),
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Unproven> {
        let named = |key: &&Key| id.is_none() || key.id.as_deref() == id;
        let mut error = Unproven::NoKey;
        for key in self
            .0
            .iter()
            .filter(named)
            .filter(|key| key.fits(algorithm))
        {
            if key.is_signer(algorithm, message, signature) {
                return Ok(());
            }
            error = Unproven::Forged;
        }
        Err(error)
    }
}
