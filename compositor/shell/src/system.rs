// SPDX-License-Identifier: EUPL-1.2
//! What the device says of itself, and the time on its wall.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustix::time::{ClockId, clock_gettime};
use site::{TimeOfDay, Weekday};

use crate::event::Moment;
use crate::state::Identity;

/// Where the image says what it is.
pub const OS_RELEASE: &str = "/usr/lib/os-release";

/// The flavour of a clerk's laptop, as the image calls it.
const CASE: &str = "case";

/// Reads an os-release file. What is missing there stays empty: a kiosk has to start without it too.
pub fn identity(path: &Path) -> Identity {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let value = |key: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        let value = line.trim().trim_matches(['"', '\'']);
        // Shown on the screen: no longer than a version is.
        Some(
            value
                .chars()
                .filter(|c| !c.is_control())
                .take(40)
                .collect::<String>(),
        )
    };
    Identity {
        version: value("IMAGE_VERSION").unwrap_or_default(),
        is_case: value("VARIANT_ID").is_some_and(|variant| variant == CASE),
    }
}

/// Tells the time.
#[derive(Debug)]
pub struct Clock {
    zone: TimeZone,
}

impl Clock {
    /// A clock for the IANA time zone `zone`; UTC where the system does not know it.
    pub fn new(zone: &str) -> Self {
        let zone = TimeZone::get(zone).unwrap_or_else(|error| {
            tracing::warn!("time zone {zone} is not known, using UTC: {error}");
            TimeZone::UTC
        });
        Self { zone }
    }

    /// Uses another time zone from now on.
    pub fn set_zone(&mut self, zone: &str) {
        self.zone = Self::new(zone).zone;
    }

    /// The present moment, and how long it is until the next minute begins.
    pub fn now(&self) -> (Moment, Duration) {
        let now = Timestamp::now().to_zoned(self.zone.clone());
        let weekday = Weekday::ALL.get(now.weekday().to_monday_zero_offset() as usize);
        let minutes = now.hour() as u16 * 60 + now.minute() as u16;
        let moment = Moment {
            uptime: since_boot(),
            year: now.year(),
            month: now.month() as u8,
            day: now.day() as u8,
            weekday: weekday.copied().unwrap_or(Weekday::Monday),
            time: TimeOfDay::from_minutes(minutes).unwrap_or_default(),
        };
        let into_minute = Duration::from_secs(now.second() as u64)
            + Duration::from_nanos(now.subsec_nanosecond() as u64);
        (moment, Duration::from_mins(1).saturating_sub(into_minute))
    }
}

/// Time since boot, which goes on while the device sleeps.
fn since_boot() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    Duration::new(
        u64::try_from(now.tv_sec).unwrap_or_default(),
        u32::try_from(now.tv_nsec).unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O9: the version in the corner and the flavour are the image's, and rubbish there does no harm.
    #[test]
    fn version_is_the_images() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(
            file.path(),
            "ID=amtsnah\nIMAGE_VERSION=\"2026.11\"\nVARIANT_ID=terminal\n",
        )
        .unwrap();
        let terminal = identity(file.path());
        assert_eq!(
            (terminal.version.as_str(), terminal.is_case),
            ("2026.11", false)
        );
        std::fs::write(file.path(), "VARIANT_ID=case\n").unwrap();
        assert!(identity(file.path()).is_case);
        std::fs::write(file.path(), [0xff, 0xfe]).unwrap();
        assert_eq!(identity(file.path()).version, "");
        assert_eq!(identity(Path::new("/nonexistent")).version, "");
    }
}
