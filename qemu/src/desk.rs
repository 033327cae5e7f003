// SPDX-License-Identifier: EUPL-1.2
//! A desk for the window of a machine whose graphics card draws.
//!
//! QEMU has the host draw for such a card, which needs OpenGL and so a window, and there is no picture of it by QEMU's own
//! monitor. Weston shows the window on a screen in memory, Mesa draws by software, and the pictures are taken there.

use std::{
    fs,
    mem::MaybeUninit,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::inotify,
};

use crate::{
    deadline::Deadline,
    error::{Error, Result},
    process::{self, Process, timespec},
    screen::Screen,
};

/// The desk's socket.
const SOCKET: &str = "desk";
/// How long it may take to be there on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A desk with one window. Dropping it closes the window.
#[derive(Debug)]
pub struct Desk {
    weston: Process,
    // Removed with the desk.
    dir: tempfile::TempDir,
}

impl Desk {
    /// An empty desk of the size of the window.
    pub fn new((width, height): (u32, u32)) -> Result<Self> {
        let dir = folder()?;
        let watch = Watch::new(dir.path())?;
        let mut command = Command::new("weston");
        command
            .args(["--backend=headless", "--renderer=pixman", "--shell=kiosk"])
            // Only so are pictures taken.
            .arg("--debug")
            .args(["--no-config", "--idle-time=0"])
            .arg(format!("--socket={SOCKET}"))
            .arg(format!("--width={width}"))
            .arg(format!("--height={height}"))
            .env("XDG_RUNTIME_DIR", dir.path());
        let weston = Process::start(command, Vec::new())?;
        watch.wait(&dir.path().join(SOCKET), Deadline::after(PATIENCE))?;
        Ok(Self { weston, dir })
    }

    /// Lets a program open its window here.
    pub fn invite(&self, command: &mut Command) {
        command
            .env("XDG_RUNTIME_DIR", self.dir.path())
            .env("WAYLAND_DISPLAY", SOCKET)
            .env("SDL_VIDEODRIVER", "wayland");
    }

    /// What is seen now.
    pub fn picture(&self) -> Result<Screen> {
        let dir = folder()?;
        let mut command = Command::new("weston-screenshooter");
        self.invite(&mut command);
        command.current_dir(dir.path());
        process::output(command, None)?;
        let mut listed = fs::read_dir(dir.path()).map_err(Error::file("list", dir.path()))?;
        let file = listed.find_map(|entry| Some(entry.ok()?.path()));
        Screen::load(&file.ok_or_else(|| Error::Picture("none was taken".to_owned()))?)
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.weston.id()
    }
}

fn folder() -> Result<tempfile::TempDir> {
    tempfile::tempdir().map_err(Error::file("make", Path::new("a folder")))
}

/// Sees files come in a folder.
struct Watch(OwnedFd, PathBuf);

impl Watch {
    fn new(dir: &Path) -> Result<Self> {
        let failed = |error: rustix::io::Errno| Error::file("watch", dir)(error.into());
        let watch = inotify::init(inotify::CreateFlags::CLOEXEC).map_err(failed)?;
        inotify::add_watch(&watch, dir, inotify::WatchFlags::CREATE).map_err(failed)?;
        Ok(Self(watch, dir.to_owned()))
    }

    fn wait(&self, path: &Path, deadline: Deadline) -> Result<()> {
        let failed = |error: rustix::io::Errno| Error::file("watch", &self.1)(error.into());
        let mut buffer = [MaybeUninit::uninit(); 1024];
        while !path.exists() {
            let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
            if poll(&mut fds, Some(&timespec(deadline.left()))).map_err(failed)? == 0 {
                return Err(Error::Machine(format!(
                    "{} did not come within {PATIENCE:?}",
                    path.display()
                )));
            }
            inotify::Reader::new(&self.0, &mut buffer)
                .next()
                .map_err(failed)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O9: a desk is there, and can be looked at.
    #[test]
    fn an_empty_desk_is_seen() {
        let desk = Desk::new((320, 200)).unwrap();
        let picture = desk.picture().unwrap();
        assert_eq!((picture.width(), picture.height()), (320, 200));
    }
}
