// SPDX-License-Identifier: EUPL-1.2
//! A way to the printer that takes only so many bytes of a document, and then holds still or breaks.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// The way.
pub struct Relay {
    pub port: u16,
    /// Told once, when something holds still.
    pub stalled: Receiver<()>,
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
        let broken = std::sync::Arc::new(std::sync::Mutex::new(broken));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let client = stream.unwrap();
                let (tell, broken) = (tell.clone(), broken.clone());
                thread::spawn(move || {
                    let server = TcpStream::connect(("localhost", port)).unwrap();
                    let (back, to_client) =
                        (server.try_clone().unwrap(), client.try_clone().unwrap());
                    thread::spawn(move || copy(back, to_client, usize::MAX));
                    if copy(
                        client.try_clone().unwrap(),
                        server.try_clone().unwrap(),
                        most,
                    ) {
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
            breaks: Some(breaks),
        }
    }

    /// Breaks what holds still.
    pub fn cut(&mut self) {
        self.breaks = None;
    }
}

/// Copies until the end, or until `most` bytes went through: then true.
fn copy(mut from: TcpStream, mut to: TcpStream, most: usize) -> bool {
    let (mut buffer, mut through) = ([0; 4096], 0);
    while through < most {
        match from.read(&mut buffer) {
            Ok(0) | Err(_) => return false,
            Ok(n) if to.write_all(&buffer[..n]).is_ok() => through += n,
            Ok(_) => return false,
        }
    }
    true
}
