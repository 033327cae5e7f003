// SPDX-License-Identifier: EUPL-1.2
//! The wait of a turn: one system call, for the clients, for everything else, and for what is due.
//!
//! calloop's own wait takes five (its timer is set and armed, its notifier read and armed again), and a frame has two waits.
//! So its descriptor is only watched here, beside the clients', and it is asked when one of its sources has something.
//! Nothing is kept between two waits: what is ready stays so until it was handled.

use std::{
    io,
    os::fd::BorrowedFd,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use crate::state::Kiosk;

/// What has something to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// A client has sent something, or has gone.
    pub clients: bool,
    /// One of the event loop's sources is ready.
    pub events: bool,
}

/// Waits for the clients and the event loop's sources, at most so long.
pub fn wait(
    clients: BorrowedFd<'_>,
    events: BorrowedFd<'_>,
    timeout: Option<Duration>,
) -> io::Result<Ready> {
    // What does not fit is longer than anything lasts.
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    let watch = PollFlags::IN;
    let mut fds = [
        PollFd::from_borrowed_fd(clients, watch),
        PollFd::from_borrowed_fd(events, watch),
    ];
    match poll(&mut fds, timeout.as_ref()) {
        // Whoever waits asks anew what is due.
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let [clients, events] = fds.map(|fd| !fd.revents().is_empty());
    Ok(Ready { clients, events })
}

impl Kiosk {
    /// How long a wait may last, if whoever waits wants it to last no longer than `timeout`.
    pub fn patience(&self, timeout: Option<Duration>) -> Option<Duration> {
        let due = [
            self.frame.early_until(),
            self.pings.due(),
            self.globals.idle_notifier.due(),
            self.backend.due(),
        ];
        let due = due.into_iter().flatten().min();
        let left = due.map(|due| due.saturating_duration_since(Instant::now()));
        match (timeout, left) {
            (Some(timeout), Some(left)) => Some(timeout.min(left)),
            _ => timeout.or(left),
        }
    }

    /// Does what is due. The frame's time is looked at by [`Kiosk::redraw`].
    pub fn do_what_is_due(&mut self) {
        let others = [
            self.pings.due(),
            self.globals.idle_notifier.due(),
            self.backend.due(),
        ];
        let Some(first) = others.into_iter().flatten().min() else {
            return;
        };
        let now = Instant::now();
        if now < first {
            return;
        }
        self.disconnect_silent(now);
        self.globals.idle_notifier.tell(now);
        crate::backend::kms::retry(self, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calloop::EventLoop;
    use std::os::fd::AsFd;

    /// Another thread's signal ends the next wait, once, and nothing else does.
    #[test]
    fn a_signal_ends_one_wait() {
        let mut events = EventLoop::<()>::try_new().unwrap();
        let (_other, clients) = rustix::pipe::pipe()
            .map(|(read, write)| (write, read))
            .unwrap();
        let look = |events: &EventLoop<()>| {
            wait(clients.as_fd(), events.as_fd(), Some(Duration::ZERO)).unwrap()
        };
        assert_eq!(look(&events), Ready::default());
        for _ in 0..2 {
            let signal = events.get_signal();
            std::thread::spawn(move || signal.wakeup()).join().unwrap();
            assert!(look(&events).events);
            events.dispatch(Some(Duration::ZERO), &mut ()).unwrap();
            assert_eq!(look(&events), Ready::default());
        }
    }

    /// Who has gone is ready too.
    #[test]
    fn an_end_is_seen() {
        let events = EventLoop::<()>::try_new().unwrap();
        let (read, write) = rustix::pipe::pipe().unwrap();
        drop(write);
        let ready = wait(read.as_fd(), events.as_fd(), None).unwrap();
        assert_eq!(
            ready,
            Ready {
                clients: true,
                events: false
            }
        );
    }
}
