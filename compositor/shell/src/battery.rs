// SPDX-License-Identifier: EUPL-1.2
//! The battery of a case, as `UPower` tells of it: all batteries together, under `DisplayDevice`.

use std::thread;

use zbus::blocking::Connection;

use crate::service::{Properties, Service, Shared, watch};
use crate::state::clerk::{Battery, Power};

/// What `UPower` offers.
struct Contract;

impl Service for Contract {
    type News = Option<Battery>;
    const BUS_NAME: &'static str = "org.freedesktop.UPower";
    const PATH: &'static str = "/org/freedesktop/UPower/devices/DisplayDevice";
    const INTERFACE: &'static str = "org.freedesktop.UPower.Device";

    fn gone() -> Option<Battery> {
        None
    }

    fn status(properties: &mut Properties) -> zbus::Result<Option<Battery>> {
        let is_present = properties.take("IsPresent")?;
        let percentage = properties.take::<f64>("Percentage")?;
        let state = properties.take::<u32>("State")?;
        Ok(Some(battery(is_present, percentage, state)))
    }
}

/// What the three say together. States as `UPower` numbers them: 1 charging, 2 discharging, 3 empty, 4 fully charged, 5 and 6
/// waiting for the mains to charge or to go.
fn battery(is_present: bool, percentage: f64, state: u32) -> Battery {
    let power = match (is_present, state) {
        (false, _) => Power::Mains,
        (true, 1 | 5) => Power::Charging,
        (true, 4) => Power::Full,
        // What is not known is taken for the worse.
        (true, _) => Power::Battery,
    };
    let percent = percentage.round().clamp(0.0, 100.0) as u8;
    Battery { power, percent }
}

/// Tells of the battery of the system bus, until `news` says that nobody listens any more.
pub fn start(news: impl Fn(Option<Battery>) -> bool + Send + 'static) -> std::io::Result<()> {
    start_on(Connection::system, news)
}

/// As [`start`] on another bus.
pub fn start_on(
    connect: impl Fn() -> zbus::Result<Connection> + Send + 'static,
    news: impl Fn(Option<Battery>) -> bool + Send + 'static,
) -> std::io::Result<()> {
    thread::Builder::new()
        .name("battery-news".into())
        .spawn(move || watch::<Contract>(&connect, &Shared::default(), &news))
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves C13: whatever `UPower` says, the percentage is one, and a battery whose state is not known is not taken for full.
    #[test]
    fn what_upower_says_becomes_a_battery() {
        let is = |power, percent| Battery { power, percent };
        assert_eq!(battery(false, 0.0, 0), is(Power::Mains, 0));
        assert_eq!(battery(true, 86.6, 1), is(Power::Charging, 87));
        assert_eq!(battery(true, 12.0, 2), is(Power::Battery, 12));
        assert_eq!(battery(true, 100.0, 4), is(Power::Full, 100));
        assert_eq!(battery(true, 1e30, 0), is(Power::Battery, 100));
        assert_eq!(battery(true, f64::NAN, 99), is(Power::Battery, 0));
        assert!(battery(true, 20.0, 2).is_low() && !battery(true, 20.0, 1).is_low());
    }
}
