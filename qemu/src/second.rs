// SPDX-License-Identifier: EUPL-1.2
//! The second screen is connected, changed and taken away while the machine is on.
//!
//! QEMU shows a guest a second screen when somebody watches it: a viewer (VNC, on a socket of the machine's own) says how large
//! its window is. Only that much of the protocol is spoken here (RFB 3.8, RFC 6143; the message for the size is 251).

use std::{
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

/// How long QEMU may take for an answer.
const ANSWER: Duration = Duration::from_secs(30);
/// The version that both speak.
const VERSION: &[u8; 12] = b"RFB 003.008\n";
/// Whoever can open the socket may watch.
const NO_SECRET: u8 = 1;
/// The message that asks for a size.
const SET_DESKTOP_SIZE: u8 = 251;

/// Gives the second screen a size; none at all takes it away.
pub fn resize(socket: &Path, (width, height): (u16, u16)) -> io::Result<()> {
    let mut viewer = UnixStream::connect(socket)?;
    viewer.set_read_timeout(Some(ANSWER))?;
    viewer.set_write_timeout(Some(ANSWER))?;
    viewer.read_exact(&mut [0; VERSION.len()])?;
    viewer.write_all(VERSION)?;
    let mut kinds = vec![0; usize::from(byte(&mut viewer)?)];
    viewer.read_exact(&mut kinds)?;
    if !kinds.contains(&NO_SECRET) {
        return Err(io::Error::other("it wants a secret"));
    }
    viewer.write_all(&[NO_SECRET])?;
    if number(&mut viewer)? != 0 {
        return Err(io::Error::other("it does not let us in"));
    }
    // Others may watch too. Its answer: size, format of pixels, name.
    viewer.write_all(&[1])?;
    viewer.read_exact(&mut [0; 20])?;
    let name = number(&mut viewer)?;
    io::copy(&mut (&viewer).take(name.into()), &mut io::sink())?;
    viewer.write_all(&message(width, height))?;
    // It has read all that comes before the end when it closes its side too.
    viewer.shutdown(Shutdown::Write)?;
    io::copy(&mut viewer, &mut io::sink()).map(drop)
}

/// One screen of this size, at the window's corner.
fn message(width: u16, height: u16) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let mut message = vec![SET_DESKTOP_SIZE, 0];
    message.extend(&size);
    message.extend([1, 0]);
    // Its number and its place.
    message.extend([0; 8]);
    message.extend(&size);
    // Flags.
    message.extend([0; 4]);
    message
}

fn byte(stream: &mut UnixStream) -> io::Result<u8> {
    let mut byte = [0];
    stream.read_exact(&mut byte)?;
    Ok(byte[0])
}

fn number(stream: &mut UnixStream) -> io::Result<u32> {
    let mut number = [0; 4];
    stream.read_exact(&mut number)?;
    Ok(u32::from_be_bytes(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    /// Proves O9: a viewer's size reaches a server that speaks the protocol, as one message and before the end.
    #[test]
    fn the_size_arrives() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("second.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let server = std::thread::spawn(move || {
            let (mut viewer, _) = listener.accept().unwrap();
            viewer.write_all(VERSION).unwrap();
            viewer.write_all(&[2, 18, NO_SECRET]).unwrap();
            viewer.write_all(&[0; 4]).unwrap();
            viewer.write_all(&[0; 20]).unwrap();
            viewer.write_all(&[0, 0, 0, 4]).unwrap();
            viewer.write_all(b"QEMU").unwrap();
            let mut heard = Vec::new();
            viewer.read_to_end(&mut heard).unwrap();
            heard
        });
        resize(&path, (800, 0x0102)).unwrap();
        let heard = server.join().unwrap();
        let expected = [VERSION.as_slice(), &[NO_SECRET, 1], &message(800, 0x0102)].concat();
        assert_eq!(heard, expected);
        assert_eq!(heard[14..20], [251, 0, 3, 0x20, 1, 2]);
        assert_eq!(message(1, 1).len(), 24);
    }
}
