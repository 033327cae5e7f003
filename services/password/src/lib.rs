// SPDX-License-Identifier: EUPL-1.2
//! The Argon2id hash of a password, as a PHC string: for whoever has to know a person again.

use api::secret::Secret;
use argon2::password_hash::{self, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use rustix::io::Errno;
use rustix::rand::{GetRandomFlags, getrandom};

/// Bytes of salt.
const SALT: usize = 16;
/// Whatever a file says, a check takes no more KiB of memory, rounds and lanes than these.
const MOST: (u32, u32, u32) = (64 * 1024, 8, 4);

/// Why a password cannot be hashed, or a hash not be used. Never carries any part of either.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The text is no hash that was made here.
    #[error("this is no Argon2id hash with sensible costs")]
    NotAHash,
    /// There is no chance.
    #[error("cannot get random bytes")]
    Random(#[source] std::io::Error),
    /// The computation failed.
    #[error("cannot compute a hash: {0}")]
    Hash(password_hash::Error),
}

/// A hash that can be checked against.
#[derive(Clone, PartialEq, Eq)]
pub struct Hash(String);

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hash(…)")
    }
}

impl Hash {
    /// The hash of `password` with a salt of its own.
    pub fn of(password: &Secret) -> Result<Self, PasswordError> {
        let mut salt = [0; SALT];
        let mut filled = 0;
        while let Some(rest) = salt.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match getrandom(rest, GetRandomFlags::empty()) {
                Ok(n) => filled += n,
                Err(Errno::INTR) => {}
                Err(errno) => return Err(PasswordError::Random(errno.into())),
            }
        }
        let salt = SaltString::encode_b64(&salt).map_err(PasswordError::Hash)?;
        let hash = Argon2::default()
            .hash_password(password.expose().as_bytes(), &salt)
            .map_err(PasswordError::Hash)?;
        Ok(Self(hash.to_string()))
    }

    /// Takes a hash from a file; refuses one of another kind, and costs that would stop the device.
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        let hash = PasswordHash::new(text).map_err(|_| PasswordError::NotAHash)?;
        let params = Params::try_from(&hash).map_err(|_| PasswordError::NotAHash)?;
        let (memory, rounds, lanes) = MOST;
        let is_ours = hash.algorithm == Algorithm::Argon2id.ident()
            && hash.version == Some(Version::V0x13.into())
            && hash.salt.is_some()
            && hash.hash.is_some()
            && params.m_cost() <= memory
            && params.t_cost() <= rounds
            && params.p_cost() <= lanes;
        if is_ours {
            Ok(Self(text.to_owned()))
        } else {
            Err(PasswordError::NotAHash)
        }
    }

    /// The hash as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is that of `password`.
    pub fn is_of(&self, password: &Secret) -> Result<bool, PasswordError> {
        let hash = PasswordHash::new(&self.0).map_err(|_| PasswordError::NotAHash)?;
        match Argon2::default().verify_password(password.expose().as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(password_hash::Error::Password) => Ok(false),
            Err(error) => Err(PasswordError::Hash(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned()).unwrap()
    }

    /// Proves C6: what is kept opens by the password only, does not show it, and differs where the password is the same.
    #[test]
    fn a_hash_is_of_its_password_only() {
        let password = secret("lagerkiste");
        let hash = Hash::of(&password).unwrap();
        assert!(hash.is_of(&password).unwrap());
        assert!(!hash.is_of(&secret("lagerkistE")).unwrap());
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!hash.as_str().contains("lagerkiste"));
        assert_eq!(format!("{hash:?}"), "Hash(…)");
        assert_ne!(Hash::of(&password).unwrap(), hash);
        assert_eq!(Hash::parse(hash.as_str()).unwrap(), hash);
    }

    /// Proves C6: a hash of another kind, without an end, or so costly that the device would stand still is refused.
    #[test]
    fn other_hashes_are_refused() {
        let good = Hash::of(&secret("lagerkiste")).unwrap();
        let good = good.as_str();
        let end = good.rfind('$').unwrap();
        for bad in [
            "",
            "lagerkiste",
            &good[..end],
            &good.replace("argon2id", "argon2i"),
            &good.replace("m=19456", "m=4000000"),
            &good.replace("t=2", "t=4000000"),
            &good.replace("p=1", "p=200"),
            &good.replace("v=19", "v=7"),
        ] {
            assert!(Hash::parse(bad).is_err(), "{bad}");
        }
    }
}
