// SPDX-License-Identifier: EUPL-1.2
//! The other end of a network cable: whoever holds it hears and says every frame, as a neighbour in the device's network would.

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use crate::deadline::Deadline;
use crate::error::{Error, Result};
use crate::hardware::Nic;

/// The largest frame.
const FRAME: usize = 64 << 10;

/// One end of a cable; the other one is in a machine.
#[derive(Debug)]
pub struct Wire {
    socket: UnixDatagram,
    frames: Mutex<Receiver<(Instant, Vec<u8>)>>,
    guest: PathBuf,
    host: PathBuf,
    _dir: tempfile::TempDir,
}

impl Wire {
    /// A cable.
    pub fn new() -> Result<Self> {
        let failed = |source| Error::Channel {
            what: "a network cable",
            source,
        };
        let dir = tempfile::tempdir().map_err(failed)?;
        let (guest, host) = (dir.path().join("guest"), dir.path().join("host"));
        let socket = UnixDatagram::bind(&host).map_err(failed)?;
        let ear = socket.try_clone().map_err(failed)?;
        let (tell, frames) = channel();
        // Frames are taken from it at once, or the machine would wait with the next ones.
        thread::spawn(move || {
            let mut frame = vec![0; FRAME];
            while let Ok(length) = ear.recv(&mut frame) {
                let whole = frame.get(..length).unwrap_or_default().to_vec();
                // The end of the cable is told by an empty one.
                if whole.is_empty() || tell.send((Instant::now(), whole)).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            socket,
            frames: Mutex::new(frames),
            guest,
            host,
            _dir: dir,
        })
    }

    /// The network card that it leads to.
    pub fn nic(&self) -> Nic {
        Nic::Wire {
            guest: self.guest.clone(),
            host: self.host.clone(),
        }
    }

    /// Says a frame.
    pub fn say(&self, frame: &[u8]) -> Result<()> {
        let sent = self.socket.send_to(frame, &self.guest);
        sent.map(drop).map_err(Error::file("write to", &self.guest))
    }

    /// The next frame that the machine says, and when it was said; none if there is none until the deadline.
    pub fn hear(&self, deadline: Deadline) -> Option<(Instant, Vec<u8>)> {
        let frames = self.frames.lock().ok()?;
        frames.recv_timeout(deadline.left()).ok()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // Ends the thread.
        let _ = self.socket.send_to(&[], &self.host);
    }
}
