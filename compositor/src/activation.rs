// SPDX-License-Identifier: EUPL-1.2
//! The listening socket: passed by the service manager, or made for development.

use std::{
    fs,
    os::{
        fd::{FromRawFd, OwnedFd},
        unix::{fs::PermissionsExt, net::UnixListener},
    },
    path::Path,
};

use crate::Error;

/// `FileDescriptorName=` of the shell's socket unit.
pub const SOCKET_NAME: &str = "shell";
/// `FileDescriptorName=` of the applications' socket unit.
pub const APPLICATIONS: &str = "applications";

/// Takes the listening sockets that the service manager has passed: the shell's, and the applications' if there is one.
pub fn passed_sockets() -> Result<(UnixListener, Option<UnixListener>), Error> {
    let (mut shell, mut applications) = (None, None);
    for (fd, name) in sd_notify::listen_fds_with_names(true).map_err(Error::Activation)? {
        // SAFETY: by the sd_listen_fds protocol this descriptor is open and ours alone; each is visited once because
        // the call above removes the variables that announce them.
        #[allow(unsafe_code)]
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        match name.as_str() {
            SOCKET_NAME if shell.is_none() => shell = Some(UnixListener::from(fd)),
            APPLICATIONS if applications.is_none() => applications = Some(UnixListener::from(fd)),
            _ => {}
        }
    }
    let shell = shell.ok_or(Error::NoSocket(SOCKET_NAME))?;
    Ok((shell, applications))
}

/// Makes a socket that only this user can connect to, in place of a left-over one.
pub fn development_socket(path: &Path) -> Result<UnixListener, Error> {
    let listen = |source| Error::Listen {
        path: path.to_owned(),
        source,
    };
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(listen(error)),
        _ => {}
    }
    let socket = UnixListener::bind(path).map_err(listen)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(listen)?;
    Ok(socket)
}
