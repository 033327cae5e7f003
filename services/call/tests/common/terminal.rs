// SPDX-License-Identifier: EUPL-1.2
//! A terminal: the service on a bus of its own, with ends that are looked at.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

use api::call::papers::Papers1ProxyBlocking;
use api::call::{Call1ProxyBlocking, CallState, Reason};
use call::account::Account;
use call::exchange::{Exchange, News, Place, Tell};
use call::media::ends::{SAMPLES, Take};
use call::media::{Camera, Ends, Frame, Microphone, Picture, Samples, Speaker};
use call::service::run;
use tokio::runtime::Handle;
use zbus::blocking::{Connection, connection::Builder};
use zbus::proxy::CacheProperties;

use super::children::{DEADLINE, wait_within};
use super::room::Room;

/// The tone that a terminal sends.
pub const HERTZ: f64 = 440.0;

/// What has come to a terminal.
#[derive(Default)]
pub struct Arrived {
    /// When each picture came, its size, and its number.
    pub frames: Vec<(Instant, usize, Option<u32>)>,
    /// The last picture.
    pub frame: Option<Frame>,
    /// The last second of sound.
    pub samples: Vec<i16>,
}

/// A terminal that ends with the test.
pub struct Terminal {
    bus: Child,
    address: String,
    client: Connection,
    arrived: Arc<Mutex<Arrived>>,
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

/// It is our turn at once, and departments are called by their names: for tests of signalling and media alone.
struct NoQueue(Account);

impl Exchange for NoQueue {
    fn enter(&self, _: &Handle, department: String, tell: Tell) -> Place {
        let (place, _) = Place::new();
        tell(News::Called(department, Box::new(self.0.clone())));
        // Whoever is busy or gone is not waited for.
        tell(News::Gone);
        place
    }
}

fn connect(address: &str) -> Connection {
    api::bus::connect(Builder::address(address).unwrap()).unwrap()
}

impl Terminal {
    /// Starts one that calls with `account`, without a queue.
    pub fn start(account: Account) -> Self {
        Self::start_at(NoQueue(account))
    }

    /// Starts one that stands in a room, where its microphone hears its speaker; a terminal that is not told so is not `hands_free`.
    pub fn start_in_room(account: Account, hands_free: bool) -> Self {
        Self::start_with(NoQueue(account), Some(hands_free))
    }

    /// Starts one at an exchange.
    pub fn start_at(exchange: impl Exchange + 'static) -> Self {
        Self::start_with(exchange, None)
    }

    fn start_with(exchange: impl Exchange + 'static, hands_free: Option<bool>) -> Self {
        static RECORDS: Once = Once::new();
        RECORDS.call_once(|| journal::start("warn,call=info,rsipstack=off"));
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is part of the toolbox");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let arrived: Arc<Mutex<Arrived>> = Arc::default();
        let (seen, heard) = (arrived.clone(), arrived.clone());
        let room = hands_free.map(|_| Room::new());
        let ends = Ends {
            camera: Camera::Bars,
            microphone: match &room {
                Some(room) => Microphone::Samples(room.microphone()),
                None => Microphone::Tone(HERTZ),
            },
            own: false,
            hands_free: hands_free.unwrap_or_default(),
            picture: Picture::Frames(Take::new(move |frame: Frame| {
                let mut arrived = seen.lock().unwrap();
                let number = number(&frame);
                arrived.frames.push((Instant::now(), frame.height, number));
                arrived.frame = Some(frame);
            })),
            speaker: Speaker::Samples(Take::new(move |Samples(samples)| {
                if let Some(room) = &room {
                    room.say(&samples);
                }
                let mut arrived = heard.lock().unwrap();
                arrived.samples.extend(samples);
                let surplus = arrived.samples.len().saturating_sub(SAMPLES as usize);
                arrived.samples.drain(..surplus);
            })),
        };
        let server = connect(address.trim());
        let (ready, is_ready) = channel();
        thread::spawn(move || {
            // It ends with its bus.
            let _ = run(&server, exchange, ends, || {
                ready.send(()).unwrap();
                Ok(())
            });
        });
        is_ready.recv_timeout(DEADLINE).unwrap();
        Self {
            client: connect(address.trim()),
            address: address.trim().to_owned(),
            bus,
            arrived,
        }
    }

    /// Another connection to its bus.
    pub fn connect(&self) -> Connection {
        connect(&self.address)
    }

    /// Its service as the shell sees it.
    pub fn call(&self) -> Call1ProxyBlocking<'_> {
        Call1ProxyBlocking::builder(&self.client)
            .cache_properties(CacheProperties::No)
            .build()
            .unwrap()
    }

    /// Its papers as the shell sees them.
    pub fn papers(&self) -> Papers1ProxyBlocking<'_> {
        Papers1ProxyBlocking::builder(&self.client)
            .cache_properties(CacheProperties::No)
            .build()
            .unwrap()
    }

    /// Waits for a state; another end than that is a surprise.
    pub fn wait_for(&self, state: CallState) {
        self.wait_within(DEADLINE, state);
    }

    /// Waits for a state for so long.
    pub fn wait_within(&self, deadline: Duration, state: CallState) {
        let call = self.call();
        wait_within(deadline, &format!("state {}", state.as_str()), || {
            let now = call.state().unwrap();
            let surprise = now == CallState::Ended && state != CallState::Ended;
            assert!(!surprise, "ended: {}", call.reason().unwrap());
            (now == state).then_some(())
        });
    }

    /// Waits for the end; why it came.
    pub fn wait_for_end(&self) -> Option<Reason> {
        self.wait_for(CallState::Ended);
        Reason::parse(&self.call().reason().unwrap())
    }

    /// The text that comes from now on.
    pub fn texts(&self) -> Receiver<String> {
        let (sender, texts) = channel();
        let signals = self.call().receive_text().unwrap();
        thread::spawn(move || {
            for signal in signals {
                let Ok(args) = signal.args() else { return };
                if sender.send(args.text.to_owned()).is_err() {
                    return;
                }
            }
        });
        texts
    }

    /// What has come.
    pub fn arrived<T>(&self, look: impl FnOnce(&mut Arrived) -> T) -> T {
        look(&mut self.arrived.lock().unwrap())
    }

    /// How strong (RMS) the last second of sound is, 1.0 at most.
    pub fn strength(&self) -> f64 {
        let sum = |samples: &[i16]| {
            samples
                .iter()
                .map(|one| f64::from(*one).powi(2))
                .sum::<f64>()
        };
        let power = |samples: &[i16]| sum(samples) / samples.len().max(1) as f64;
        self.arrived(|arrived| power(&arrived.samples).sqrt() / 32768.0)
    }

    /// How strong a tone is in the last second of sound, 1.0 at full scale.
    pub fn level(&self, hertz: f64) -> f64 {
        self.arrived(|arrived| strength(&arrived.samples, hertz))
    }
}

/// The number that a desk has painted into its picture.
fn number(frame: &Frame) -> Option<u32> {
    let light = |x: usize, y: usize| {
        let at = (y * frame.width + x) * 3;
        frame
            .rgb
            .get(at..at + 3)
            .map(|rgb| rgb.iter().map(|c| u32::from(*c)).sum::<u32>() / 3)
    };
    let mut number = 0;
    for cell in 0..16 {
        let x = (cell * 2 + 1) * frame.width / 32;
        let light = light(x, frame.height * 11 / 12)?;
        match light {
            180.. => number |= 1 << cell,
            ..=75 => {}
            // Neither black nor white: no number.
            _ => return None,
        }
    }
    Some(number)
}

/// How strong a tone is in a second of sound, 1.0 at full scale (Goertzel).
pub fn strength(samples: &[i16], hertz: f64) -> f64 {
    let turn = std::f64::consts::TAU * hertz / f64::from(SAMPLES);
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let sample = f64::from(*sample) / 32768.0;
        let angle = turn * n as f64;
        real += sample * angle.cos();
        imaginary += sample * angle.sin();
    }
    2.0 * f64::hypot(real, imaginary) / (samples.len().max(1) as f64)
}
