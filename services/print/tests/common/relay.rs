// SPDX-License-Identifier: EUPL-1.2
//! A way to the printer that takes only so many bytes of a document, and then holds still or breaks.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// The way.
pub struct Relay {
    pub port: u16,
    /// Told once, when something holds still.
    pub stalled: Receiver<()>,
    /// The first byte of each connection.
    pub beginnings: Receiver<u8>,
    /// Breaks what holds still when it is dropped.
    breaks: Option<Sender<()>>,
}

impl Relay {
    /// To the printer at `port`; after `most` bytes of one request it holds still.
    pub fn to(port: u16, most: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let here = listener.local_addr().unwrap().port();
        let (tell, stalled) = channel();
        let (begin, beginnings) = channel();
        let (breaks, broken) = channel::<()>();
        let broken = Arc::new(std::sync::Mutex::new(broken));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let client = stream.unwrap();
                let (tell, begin, broken) = (tell.clone(), begin.clone(), broken.clone());
                thread::spawn(move || {
                    let mut first = [0];
                    if client.peek(&mut first).is_ok_and(|n| n > 0) {
                        let _ = begin.send(first[0]);
                    }
                    let server = TcpStream::connect(("localhost", port)).unwrap();
                    let (back, to_client) =
                        (server.try_clone().unwrap(), client.try_clone().unwrap());
                    // A connection carries one request after the other: an answer ends what is counted.
                    let through = Arc::new(AtomicUsize::new(0));
                    let answered = through.clone();
                    thread::spawn(move || {
                        copy(back, to_client, |_| {
                            answered.store(0, Ordering::Relaxed);
                            true
                        });
                    });
                    let stalls = copy(
                        client.try_clone().unwrap(),
                        server.try_clone().unwrap(),
                        |n| through.fetch_add(n, Ordering::Relaxed) + n < most,
                    );
                    if stalls {
                        let _ = tell.send(());
                        let _ = broken.lock().unwrap().recv();
                    }
                    let _ = client.shutdown(Shutdown::Both);
                    let _ = server.shutdown(Shutdown::Both);
                });
            }
        });
        Self {
            port: here,
            stalled,
            beginnings,
            breaks: Some(breaks),
        }
    }

    /// Breaks what holds still.
    pub fn cut(&mut self) {
        self.breaks = None;
    }
}

/// Copies until the end, or until `goes_on` says no after so many bytes went through: then true.
fn copy(mut from: TcpStream, mut to: TcpStream, goes_on: impl Fn(usize) -> bool) -> bool {
    let mut buffer = [0; 4096];
    loop {
        match from.read(&mut buffer) {
            Ok(0) | Err(_) => return false,
            Ok(n) if to.write_all(&buffer[..n]).is_err() => return false,
            Ok(n) if !goes_on(n) => return true,
            Ok(_) => {}
        }
    }
}
