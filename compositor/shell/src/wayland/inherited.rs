// SPDX-License-Identifier: EUPL-1.2
//! The connection to the compositor. On a device systemd makes it and hands it over under the name `wayland`, so the
//! shell never has to find the compositor; for development the usual environment variables do.

use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use smithay_client_toolkit::reexports::client::{ConnectError as ClientError, Connection};

/// The first descriptor that systemd hands over.
const FIRST: RawFd = 3;
/// The name under which it does.
const NAME: &str = "wayland";

/// Why there is no compositor.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The descriptor that was promised is not there.
    #[error("the connection to the compositor was not handed over as descriptor {fd}")]
    Missing {
        /// Its number.
        fd: RawFd,
    },
    /// Neither handed over nor found.
    #[error("cannot connect to the compositor")]
    Client(#[from] ClientError),
}

/// Connects to the compositor.
pub fn connect() -> Result<Connection, ConnectError> {
    let inherited = position(
        std::env::var("LISTEN_PID").ok().as_deref(),
        std::env::var("LISTEN_FDS").ok().as_deref(),
        std::env::var("LISTEN_FDNAMES").ok().as_deref(),
        std::process::id(),
    );
    match inherited {
        // A number without a descriptor behind it would end the process without a word.
        Some(fd) if !Path::new(&format!("/proc/self/fd/{fd}")).exists() => {
            Err(ConnectError::Missing { fd })
        }
        Some(fd) => Ok(Connection::from_socket(UnixStream::from(adopt(fd)))?),
        None => Ok(Connection::connect_to_env()?),
    }
}

/// The descriptor called `wayland` among those that systemd handed to the process `me`.
fn position(pid: Option<&str>, fds: Option<&str>, names: Option<&str>, me: u32) -> Option<RawFd> {
    if pid?.parse() != Ok(me) {
        return None;
    }
    let count: usize = fds?.parse().ok()?;
    let at = names?
        .split(':')
        .take(count)
        .position(|name| name == NAME)?;
    FIRST.checked_add(RawFd::try_from(at).ok()?)
}

#[allow(unsafe_code)]
fn adopt(fd: RawFd) -> OwnedFd {
    // SAFETY: systemd put this descriptor into the process for us alone (LISTEN_PID is ours), nothing else in the
    // process knows its number, and this runs once.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T12: only the descriptor systemd meant for us, and only under its name, is taken for the compositor.
    #[test]
    fn descriptor_is_found_by_name() {
        let find = |pid, fds, names| position(Some(pid), Some(fds), Some(names), 7);
        assert_eq!(find("7", "2", "other:wayland"), Some(4));
        assert_eq!(find("7", "1", "wayland"), Some(3));
        assert_eq!(find("8", "1", "wayland"), None);
        assert_eq!(find("7", "1", "other:wayland"), None);
        assert_eq!(find("7", "x", "wayland"), None);
        assert_eq!(position(None, Some("1"), Some("wayland"), 7), None);
    }
}
