// SPDX-License-Identifier: EUPL-1.2
//! A room that nobody speaks in: its microphone hears what its speaker says, later and at half the strength.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use call::media::Samples;
use call::media::ends::{Give, SAMPLES};

const SECOND: usize = SAMPLES as usize;
/// The way of sound from the speaker to the microphone: 40 ms, of which most are the buffers of sound cards.
const WAY: usize = SECOND / 25;
/// So many samples are heard at a time: 20 ms.
const PIECE: usize = SECOND / 50;

/// What a speaker says, and when.
type Said = (Instant, Vec<i16>);

/// A room.
pub struct Room {
    speaker: Sender<Said>,
    air: Arc<Mutex<Air>>,
}

struct Air {
    comes: Receiver<Said>,
    begun: Option<Instant>,
    /// What is under way, and how much has been heard before it.
    way: VecDeque<i16>,
    heard: usize,
}

impl Room {
    /// A room that is silent yet.
    pub fn new() -> Self {
        let (speaker, comes) = channel();
        let air = Air {
            comes,
            begun: None,
            way: VecDeque::new(),
            heard: 0,
        };
        Self {
            speaker,
            air: Arc::new(Mutex::new(air)),
        }
    }

    /// Its speaker says this.
    pub fn say(&self, samples: &[i16]) {
        // Nobody may be listening.
        let _ = self.speaker.send((Instant::now(), samples.to_vec()));
    }

    /// Its microphone.
    pub fn microphone(&self) -> Give<Samples> {
        let air = self.air.clone();
        Give::new(move || air.lock().unwrap().hear())
    }
}

impl Air {
    /// The next piece, once its time has passed.
    fn hear(&mut self) -> Option<Samples> {
        let begun = *self.begun.get_or_insert_with(Instant::now);
        let end = begun + duration(self.heard + PIECE);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.comes.recv_timeout(left) {
                Ok((at, said)) => {
                    // What is said piece by piece is one sound; a pause is one here too.
                    let arrives = samples(at.saturating_duration_since(begun)) + WAY;
                    let gap = arrives.saturating_sub(self.heard + self.way.len());
                    if gap > WAY {
                        self.way.extend(std::iter::repeat_n(0, gap));
                    }
                    self.way.extend(said.iter().map(|one| one / 2));
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        let ready = self.way.len().min(PIECE);
        let mut piece: Vec<i16> = self.way.drain(..ready).collect();
        piece.resize(PIECE, 0);
        self.heard += PIECE;
        Some(Samples(piece))
    }
}

fn duration(samples: usize) -> Duration {
    Duration::from_secs_f64(samples as f64 / SECOND as f64)
}

fn samples(duration: Duration) -> usize {
    (duration.as_secs_f64() * SECOND as f64) as usize
}
