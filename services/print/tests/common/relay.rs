// SPDX-License-Identifier: EUPL-1.2
//! A way to the printer that takes only so many bytes of a document, and then holds still or breaks.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// The way.
pub struct Relay {
    pub port: u16,
    /// Told when something holds still: what of it went through.
    pub stalled: Receiver<Vec<u8>>,
    /// Breaks what holds still when it is dropped.
    breaks: Option<Sender<()>>,
}

impl Relay {
    /// To the printer at `port`; after `most` bytes of one request it holds still.
    pub fn to(port: u16, most: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let here = listener.local_addr().unwrap().port();
        let (tell, stalled) = channel();
        let (breaks, broken) = channel::<()>();
        let broken = Arc::new(Mutex::new(broken));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let client = stream.unwrap();
                let (tell, broken) = (tell.clone(), broken.clone());
                thread::spawn(move || {
                    let server = TcpStream::connect(("localhost", port)).unwrap();
                    let (back, to_client) =
                        (server.try_clone().unwrap(), client.try_clone().unwrap());
                    // A connection carries one request after the other: an answer ends what is counted.
                    let through = Arc::new(Mutex::new(Vec::new()));
                    let answered = through.clone();
                    thread::spawn(move || {
                        copy(back, to_client, |_| {
                            answered.lock().unwrap().clear();
                            true
                        });
                    });
                    let stalls = copy(
                        client.try_clone().unwrap(),
                        server.try_clone().unwrap(),
                        |bytes| {
                            let mut through = through.lock().unwrap();
                            through.extend(bytes);
                            through.len() < most
                        },
                    );
                    if stalls {
                        let _ = tell.send(std::mem::take(&mut *through.lock().unwrap()));
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
            breaks: Some(breaks),
        }
    }

    /// Breaks what holds still.
    pub fn cut(&mut self) {
        self.breaks = None;
    }
}

/// Copies until the end, or until `goes_on` says no after these bytes went through: then true.
fn copy(mut from: TcpStream, mut to: TcpStream, goes_on: impl Fn(&[u8]) -> bool) -> bool {
    let mut buffer = [0; 4096];
    loop {
        match from.read(&mut buffer) {
            Ok(0) | Err(_) => return false,
            Ok(n) if to.write_all(&buffer[..n]).is_err() => return false,
            Ok(n) if !goes_on(&buffer[..n]) => return true,
            Ok(_) => {}
        }
    }
}
