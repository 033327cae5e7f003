// SPDX-License-Identifier: EUPL-1.2
//! Time since boot and an alarm by it, for services with time-outs. It goes on while the device sleeps: a lid closed over a
//! session does not keep it.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};

/// Time since boot.
pub fn now() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    Duration::new(
        u64::try_from(now.tv_sec).unwrap_or_default(),
        u32::try_from(now.tv_nsec).unwrap_or_default(),
    )
}

/// An alarm at a time since boot.
#[derive(Debug)]
pub struct Alarm(OwnedFd);

impl Alarm {
    /// An alarm that is not set.
    pub fn new() -> rustix::io::Result<Self> {
        timerfd_create(TimerfdClockId::Boottime, TimerfdFlags::CLOEXEC).map(Self)
    }

    /// Sets it, or takes it back.
    pub fn set(&self, at: Option<Duration>) -> rustix::io::Result<()> {
        const NONE: Timespec = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // A time that no clock reaches is as good as none.
        let at = at.and_then(|at| Timespec::try_from(at).ok());
        let timer = Itimerspec {
            it_interval: NONE,
            it_value: at.unwrap_or(NONE),
        };
        timerfd_settime(&self.0, TimerfdTimerFlags::ABSTIME, &timer).map(drop)
    }

    /// Waits until it goes off.
    pub fn wait(&self) -> rustix::io::Result<()> {
        let mut times = [0; 8];
        loop {
            match rustix::io::read(&self.0, &mut times) {
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T15: the alarm goes off at its time, also at one that has passed.
    #[test]
    fn an_alarm_goes_off() {
        let alarm = Alarm::new().unwrap();
        let at = now() + Duration::from_millis(20);
        alarm.set(Some(at)).unwrap();
        alarm.wait().unwrap();
        assert!(now() >= at);
        alarm.set(Some(Duration::from_millis(1))).unwrap();
        alarm.wait().unwrap();
    }
}
