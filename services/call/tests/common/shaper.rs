// SPDX-License-Identifier: EUPL-1.2
//! A village's line between a terminal and its relay: thin, long, and it loses packets. In user space, so that no privilege is needed.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What a line is like, in each direction.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Bits a second, with the headers of IP and UDP.
    pub rate: f64,
    /// How long a packet is under way.
    pub delay: Duration,
    /// Which share of the packets is lost.
    pub loss: f64,
    /// How long a packet waits at most for its turn; after that there is no room.
    pub queue: Duration,
}

/// IPv4 and UDP.
const HEADERS: usize = 28;
/// The most bytes of a packet.
const PACKET: usize = 2048;
/// How soon a thread sees that its line has ended.
const LOOK: Duration = Duration::from_millis(200);

/// Where a packet goes to once its time has come.
type Way = Box<dyn Fn(&[u8]) + Send>;

/// A packet under way.
struct Packet {
    arrives: Instant,
    bytes: Vec<u8>,
    way: Arc<Mutex<Way>>,
}

/// One direction.
struct Direction {
    line: Line,
    /// When the last byte of the last packet will have been sent.
    free: Instant,
    /// Of a generator of numbers that every run has alike (xorshift).
    chance: u64,
    packets: Sender<Packet>,
}

impl Direction {
    fn start(line: Line, seed: u64) -> Self {
        let (packets, waiting) = channel();
        thread::spawn(move || deliver(&waiting));
        Self {
            line,
            free: Instant::now(),
            chance: seed,
            packets,
        }
    }

    fn is_lost(&mut self) -> bool {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        let share = (self.chance >> 11) as f64 / (1_u64 << 53) as f64;
        share < self.line.loss
    }

    fn send(&mut self, bytes: &[u8], way: &Arc<Mutex<Way>>) {
        let now = Instant::now();
        let free = self.free.max(now);
        if self.is_lost() || free - now > self.line.queue {
            return;
        }
        let bits = 8.0 * (bytes.len() + HEADERS) as f64;
        self.free = free + Duration::from_secs_f64(bits / self.line.rate);
        // Nobody takes it once the line has ended.
        let _ = self.packets.send(Packet {
            arrives: self.free + self.line.delay,
            bytes: bytes.to_vec(),
            way: way.clone(),
        });
    }
}

fn deliver(waiting: &Receiver<Packet>) {
    // They arrive in their order: the delay is the same for all.
    for packet in waiting {
        thread::sleep(packet.arrives.saturating_duration_since(Instant::now()));
        packet.way.lock().unwrap()(&packet.bytes);
    }
}

/// A line that is there until it is dropped.
pub struct Shaper {
    address: SocketAddr,
    over: Arc<AtomicBool>,
}

impl Drop for Shaper {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

impl Shaper {
    /// Lays one from an address of `host` to `far`. All that use it share it.
    pub fn lay(host: IpAddr, far: SocketAddr, line: Line) -> Self {
        let near = UdpSocket::bind((host, 0)).unwrap();
        let address = near.local_addr().unwrap();
        near.set_read_timeout(Some(LOOK)).unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let ended = over.clone();
        let down = Arc::new(Mutex::new(Direction::start(line, 0x9e37_79b9_7f4a_7c15)));
        let mut up = Direction::start(line, 0xd1b5_4a32_d192_ed03);
        thread::spawn(move || {
            let mut ways: HashMap<SocketAddr, Arc<Mutex<Way>>> = HashMap::new();
            let mut buffer = [0; PACKET];
            while !ended.load(Ordering::Relaxed) {
                let Ok((length, from)) = near.recv_from(&mut buffer) else {
                    continue;
                };
                let way = ways.entry(from).or_insert_with(|| {
                    let back = UdpSocket::bind((host, 0)).unwrap();
                    back.connect(far).unwrap();
                    back.set_read_timeout(Some(LOOK)).unwrap();
                    come_back(&back, &near, from, &down, &ended);
                    way(move |bytes| drop(back.send(bytes)))
                });
                up.send(&buffer[..length], way);
            }
        });
        Self { address, over }
    }

    /// Where it begins.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn way(send: impl Fn(&[u8]) + Send + 'static) -> Arc<Mutex<Way>> {
    Arc::new(Mutex::new(Box::new(send)))
}

/// Brings to `to` what comes from the far end.
fn come_back(
    back: &UdpSocket,
    near: &UdpSocket,
    to: SocketAddr,
    down: &Arc<Mutex<Direction>>,
    over: &Arc<AtomicBool>,
) {
    let (back, near) = (back.try_clone().unwrap(), near.try_clone().unwrap());
    let (down, over) = (down.clone(), over.clone());
    let way = way(move |bytes| drop(near.send_to(bytes, to)));
    thread::spawn(move || {
        let mut buffer = [0; PACKET];
        while !over.load(Ordering::Relaxed) {
            // Otherwise nothing came yet, or the far end was not there at that moment.
            if let Ok(length) = back.recv(&mut buffer) {
                down.lock().unwrap().send(&buffer[..length], &way);
            }
        }
    });
}
