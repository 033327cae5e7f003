// SPDX-License-Identifier: EUPL-1.2
//! A wire between a desk and the exchange's port for it, which can be cut.

use std::io::copy;
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What a wire is made of, once it is cut nothing: then nothing comes through either.
type Ends = Arc<Mutex<Option<Vec<TcpStream>>>>;

/// A wire. Its threads end with what they carry.
pub struct Wire {
    /// Where it begins.
    pub port: u16,
    ends: Ends,
}

impl Wire {
    /// Lays one from a port of this address.
    pub fn lay(address: IpAddr, to: u16) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let ends: Ends = Arc::new(Mutex::new(Some(Vec::new())));
        let kept = ends.clone();
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                connect(near, (address, to).into(), &kept);
            }
        });
        Self { port, ends }
    }

    /// Cuts it: both sides see their connections end, and make no others.
    pub fn cut(&self) {
        let ends = self
            .ends
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        for end in ends.into_iter().flatten() {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Mends it.
    pub fn mend(&self) {
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    }
}

fn connect(near: TcpStream, to: SocketAddr, ends: &Ends) {
    let mut ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
    // Whoever comes to a wire that is cut is let go.
    let Some(ends) = ends.as_mut() else { return };
    let Ok(far) = TcpStream::connect(to) else {
        return;
    };
    for (from, to) in [(&near, &far), (&far, &near)] {
        let [mut from, mut to] = [from, to].map(|end| end.try_clone().unwrap());
        thread::spawn(move || {
            let _ = copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
    ends.extend([near, far]);
}
