// SPDX-License-Identifier: EUPL-1.2
//! A desk's loudspeaker: a sound server whose only way out is a pipe that is listened to.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use call::media::ends::SAMPLES;

use super::children::{Process, wait_for};
use super::terminal::strength;

/// A sound server that ends with the test.
pub struct Loudspeaker {
    heard: Arc<Mutex<Vec<i16>>>,
    socket: PathBuf,
    _server: Process,
}

impl Loudspeaker {
    /// Starts one whose files are in `dir`.
    pub fn start(dir: &Path) -> Self {
        let (socket, pipe) = (dir.join("sound"), dir.join("loudspeaker"));
        let mut command = Command::new("pulseaudio");
        command
            .args(["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"])
            .arg(format!(
                "--load=module-native-protocol-unix auth-anonymous=1 socket={}",
                socket.display()
            ))
            .arg(format!(
                "--load=module-pipe-sink use_system_clock_for_timing=yes format=s16le channels=1 rate={SAMPLES} file={}",
                pipe.display()
            ))
            .env("HOME", dir)
            .env("XDG_RUNTIME_DIR", dir);
        let server = Process::start(&mut command, &dir.join("pulseaudio.log"));
        wait_for("sound server", || {
            (socket.exists() && pipe.exists()).then_some(())
        });
        let mut pipe = File::open(pipe).unwrap();
        let heard: Arc<Mutex<Vec<i16>>> = Arc::default();
        let ear = heard.clone();
        // It ends with the server.
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while pipe.read_exact(&mut bytes).is_ok() {
                let mut heard = ear.lock().unwrap_or_else(PoisonError::into_inner);
                let samples = bytes.chunks_exact(2);
                heard.extend(samples.map(|pair| i16::from_le_bytes([pair[0], pair[1]])));
                let surplus = heard.len().saturating_sub(SAMPLES as usize);
                heard.drain(..surplus);
            }
        });
        Self {
            heard,
            socket,
            _server: server,
        }
    }

    /// Where programs reach it (`PULSE_SERVER`).
    pub fn address(&self) -> String {
        format!("unix:{}", self.socket.display())
    }

    /// How strong a tone is in the last second of sound, 1.0 at full scale.
    pub fn level(&self, hertz: f64) -> f64 {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        strength(&heard, hertz)
    }
}
