// SPDX-License-Identifier: EUPL-1.2
//! What is heard of a machine: QEMU writes it to files as it is played.

use std::fs;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;

use crate::Deadline;

/// Samples a second, of two channels each, two bytes each.
const RATE: usize = 44_100;
/// The header of QEMU's WAV files.
const HEADER: usize = 44;
/// Loudness is looked at in pieces of this part of a second.
const PIECES: usize = 100;
/// The mean of a piece that is heard. What is not played is exactly 0.
const HEARD: u64 = 100;

/// Where something of the machine is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlet {
    /// The handset that can be plugged in.
    Handset,
    /// The loudspeaker that is built in.
    Loudspeaker,
}

impl Outlet {
    /// The id of its audio device.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Handset => "handset",
            Self::Loudspeaker => "loudspeaker",
        }
    }

    /// The file with what is heard there, in the folder for sound.
    pub(crate) fn file(self, dir: &Path) -> PathBuf {
        dir.join(self.id()).with_extension("wav")
    }
}

/// What is heard at an outlet.
#[derive(Clone, Debug)]
pub struct Recording(PathBuf);

impl Recording {
    /// What is heard at `outlet` of a machine whose sound goes to `dir`.
    pub fn new(dir: &Path, outlet: Outlet) -> Self {
        Self(outlet.file(dir))
    }

    /// For how long something was heard so far.
    pub fn heard(&self) -> Duration {
        let bytes = fs::read(&self.0).unwrap_or_default();
        let samples: Vec<u64> = bytes
            .get(HEADER..)
            .unwrap_or_default()
            .chunks_exact(2)
            .map(|pair| u64::from(i16::from_le_bytes([pair[0], pair[1]]).unsigned_abs()))
            .collect();
        let piece = 2 * RATE / PIECES;
        let loud = samples
            .chunks(piece)
            .filter(|part| part.iter().sum::<u64>() / piece as u64 >= HEARD);
        Duration::from_secs(1) * u32::try_from(loud.count()).unwrap_or(u32::MAX) / PIECES as u32
    }

    /// Waits until something was heard for as long as `long` in all; whether it was.
    pub fn wait(&self, long: Duration, deadline: Deadline) -> std::io::Result<bool> {
        let changes = inotify::init(inotify::CreateFlags::CLOEXEC)?;
        inotify::add_watch(&changes, &self.0, inotify::WatchFlags::MODIFY)?;
        while self.heard() < long {
            let left = Timespec::try_from(deadline.left()).map_err(std::io::Error::other)?;
            let mut waits = [PollFd::new(&changes, PollFlags::IN)];
            if poll(&mut waits, Some(&left))? == 0 {
                return Ok(false);
            }
            let mut buffer = [const { MaybeUninit::uninit() }; 4096];
            inotify::Reader::new(&changes, &mut buffer).next()?;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O9: silence is not heard, a tone is for as long as it lasts.
    #[test]
    fn silence_is_told_from_sound() {
        let dir = tempfile::tempdir().unwrap();
        let recording = Recording::new(dir.path(), Outlet::Handset);
        assert_eq!(recording.heard(), Duration::ZERO);
        let mut bytes = vec![0; HEADER + 4 * RATE];
        bytes.extend((0..2 * RATE).flat_map(|n| {
            let level: i16 = if n % 64 < 32 { 3000 } else { -3000 };
            level.to_le_bytes()
        }));
        fs::write(Outlet::Handset.file(dir.path()), bytes).unwrap();
        assert_eq!(recording.heard(), Duration::from_secs(1));
    }
}
