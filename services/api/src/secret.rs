// SPDX-License-Identifier: EUPL-1.2
//! Secrets travel as the read end of a pipe, so that no bus daemon, monitor or message queue ever holds them.
//!
//! The sender makes the pipe with [`Secret::into_pipe`] and hands over the read end; the receiver reads it with
//! [`SecretPipe::read`], which ends at end of file, at [`MAX_SECRET_BYTES`] or at a deadline, whichever is first.

use std::fmt;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The longest secret that is taken from a pipe, in bytes of UTF-8.
pub const MAX_SECRET_BYTES: usize = 256;

/// How long a receiver waits for a sender that does not write or close its pipe.
pub const READ_DEADLINE: Duration = Duration::from_secs(2);

/// Why a secret could not be passed on. Never carries any part of the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The secret has more than [`MAX_SECRET_BYTES`] bytes.
    #[error("the secret is longer than {MAX_SECRET_BYTES} bytes")]
    TooLong,
    /// The secret has no bytes at all.
    #[error("the secret is empty")]
    Empty,
    /// The secret is not UTF-8.
    #[error("the secret is not UTF-8")]
    NotText,
    /// The sender neither wrote nor closed in time.
    #[error("the sender of the secret did not finish within {READ_DEADLINE:?}")]
    Stalled,
    /// The pipe itself failed.
    #[error("cannot {operation} the secret's pipe")]
    Pipe {
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl SecretError {
    fn pipe(operation: &'static str) -> impl Fn(Errno) -> Self {
        move |errno| Self::Pipe {
            operation,
            source: errno.into(),
        }
    }
}

/// A PIN, password or key. Overwritten when dropped, and shown nowhere: `Debug` prints no content.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// An empty secret with room for every allowed length, so that typing never leaves an old copy behind
    /// through a growing buffer.
    pub fn with_room() -> Self {
        Self(String::with_capacity(MAX_SECRET_BYTES))
    }

    /// Takes over `text`.
    pub fn new(text: String) -> Result<Self, SecretError> {
        let secret = Self(text);
        if secret.0.len() > MAX_SECRET_BYTES {
            return Err(SecretError::TooLong);
        }
        Ok(secret)
    }

    /// The secret itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The number of characters, which the screen shows as dots.
    pub fn chars(&self) -> usize {
        self.0.chars().count()
    }

    /// Adds a character if there is room for it; says whether it did.
    pub fn push(&mut self, c: char) -> bool {
        let fits = self.0.len() + c.len_utf8() <= MAX_SECRET_BYTES;
        if fits {
            // A secret that did not start with room must not leave its old buffer behind when it grows.
            if self.0.capacity() < self.0.len() + c.len_utf8() {
                let mut roomy = Self::with_room();
                roomy.0.push_str(&self.0);
                std::mem::swap(&mut self.0, &mut roomy.0);
            }
            self.0.push(c);
        }
        fits
    }

    /// Takes the last character away; says whether there was one.
    pub fn pop(&mut self) -> bool {
        let Some(c) = self.0.pop() else { return false };
        // The byte stays in the spare capacity: write over it, then shorten again.
        for _ in 0..c.len_utf8() {
            self.0.push('\0');
        }
        self.0.truncate(self.0.len() - c.len_utf8());
        true
    }

    /// Empties and overwrites the secret, keeping its buffer.
    pub fn clear(&mut self) {
        self.0.zeroize();
    }

    /// Writes the secret into a fresh pipe, closes the write end and returns the read end to be sent over the bus.
    /// Never blocks: a pipe holds far more than [`MAX_SECRET_BYTES`].
    pub fn into_pipe(self) -> Result<OwnedFd, SecretError> {
        if self.0.is_empty() {
            return Err(SecretError::Empty);
        }
        if self.0.len() > MAX_SECRET_BYTES {
            return Err(SecretError::TooLong);
        }
        let (read, write) = pipe_with(PipeFlags::CLOEXEC).map_err(SecretError::pipe("make"))?;
        let mut rest = self.0.as_bytes();
        while !rest.is_empty() {
            match rustix::io::write(&write, rest) {
                Ok(n) => rest = rest.get(n..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(SecretError::pipe("write")(errno)),
            }
        }
        Ok(read)
    }
}

/// The receiving end of a secret, not read yet.
#[derive(Debug)]
pub struct SecretPipe(OwnedFd);

impl From<OwnedFd> for SecretPipe {
    fn from(fd: OwnedFd) -> Self {
        Self(fd)
    }
}

impl SecretPipe {
    /// Reads until end of file. Blocks for at most [`READ_DEADLINE`]: call it on a worker, not on the bus's executor.
    pub fn read(self) -> Result<Secret, SecretError> {
        self.read_within(READ_DEADLINE)
    }

    /// As [`SecretPipe::read`] with another deadline.
    pub fn read_within(self, deadline: Duration) -> Result<Secret, SecretError> {
        let end = Instant::now() + deadline;
        // One byte more than allowed, to tell "exactly full" from "too long"; never grows, so never leaves a copy.
        let mut buffer = zeroize::Zeroizing::new([0u8; MAX_SECRET_BYTES + 1]);
        let mut filled = 0;
        loop {
            self.wait_readable(end)?;
            let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) else {
                return Err(SecretError::TooLong);
            };
            match rustix::io::read(&self.0, room) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(errno) => return Err(SecretError::pipe("read")(errno)),
            }
        }
        let bytes = buffer.get(..filled).unwrap_or_default();
        if bytes.is_empty() {
            return Err(SecretError::Empty);
        }
        if bytes.len() > MAX_SECRET_BYTES {
            return Err(SecretError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| SecretError::NotText)?;
        let mut secret = Secret::with_room();
        secret.0.push_str(text);
        Ok(secret)
    }

    fn wait_readable(&self, end: Instant) -> Result<(), SecretError> {
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(SecretError::Stalled);
            }
            let timeout = Timespec::try_from(left).map_err(|_| SecretError::Stalled)?;
            match poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&timeout)) {
                Ok(0) => return Err(SecretError::Stalled),
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(SecretError::pipe("wait for")(errno)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipe_with_bytes(bytes: &[u8]) -> (SecretPipe, OwnedFd) {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC).unwrap();
        rustix::io::write(&write, bytes).unwrap();
        (read.into(), write)
    }

    /// Proves C6: a secret arrives whole through the pipe.
    #[test]
    fn secret_survives_the_pipe() {
        let secret = Secret::new("ä1234567".to_owned()).unwrap();
        let read = SecretPipe::from(secret.clone().into_pipe().unwrap())
            .read()
            .unwrap();
        assert_eq!(read, secret);
        let longest = Secret::new("x".repeat(MAX_SECRET_BYTES)).unwrap();
        assert_eq!(
            SecretPipe::from(longest.clone().into_pipe().unwrap())
                .read()
                .unwrap(),
            longest
        );
    }

    /// Proves C6: a sender that stalls, floods or sends rubbish gets an error and nothing else.
    #[test]
    fn bad_senders_are_refused() {
        let (pipe, _open) = pipe_with_bytes(b"1234");
        assert!(matches!(
            pipe.read_within(Duration::from_millis(50)),
            Err(SecretError::Stalled)
        ));
        let (pipe, _open) = pipe_with_bytes(&[b'1'; MAX_SECRET_BYTES + 1]);
        assert!(matches!(
            pipe.read_within(Duration::from_millis(50)),
            Err(SecretError::TooLong | SecretError::Stalled)
        ));
        let (pipe, write) = pipe_with_bytes(&[0xff, 0xfe]);
        drop(write);
        assert!(matches!(pipe.read(), Err(SecretError::NotText)));
        let (pipe, write) = pipe_with_bytes(b"");
        drop(write);
        assert!(matches!(pipe.read(), Err(SecretError::Empty)));
        assert!(matches!(
            Secret::with_room().into_pipe(),
            Err(SecretError::Empty)
        ));
    }

    /// Proves C6: neither logs nor panics can show a secret, and its buffer never moves while it is typed.
    #[test]
    fn secret_is_not_shown_and_does_not_move() {
        let mut secret = Secret::with_room();
        let buffer = secret.expose().as_ptr();
        while secret.push('7') {}
        assert_eq!(secret.chars(), MAX_SECRET_BYTES);
        assert_eq!(secret.expose().as_ptr(), buffer);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert!(secret.pop());
        assert_eq!(secret.chars(), MAX_SECRET_BYTES - 1);
        secret.clear();
        assert!(!secret.pop());
    }
}
