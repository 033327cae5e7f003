// SPDX-License-Identifier: EUPL-1.2
//! The inventory service, as the shell meets it: which devices are plugged in.

use std::thread;

use api::inventory::{BUS_NAME, Device, INTERFACE, PATH, devices_from};
use zbus::blocking::Connection;

use crate::service::{Properties, Service, Shared, watch};

/// The contract. Its news are the devices; nothing while the service is not there.
struct Contract;

impl Service for Contract {
    type News = Option<Vec<Device>>;
    const BUS_NAME: &'static str = BUS_NAME;
    const PATH: &'static str = PATH;
    const INTERFACE: &'static str = INTERFACE;

    fn gone() -> Self::News {
        None
    }

    fn status(properties: &mut Properties) -> zbus::Result<Self::News> {
        let words: Vec<(String, String)> = properties.take("Devices")?;
        Ok(Some(devices_from(&words)))
    }
}

/// Follows the inventory service on the system bus, until `news` says that nobody listens any more.
pub fn follow(news: impl Fn(Option<Vec<Device>>) -> bool + Send + 'static) -> std::io::Result<()> {
    follow_on(Connection::system, news)
}

/// As [`follow`] on another bus.
pub fn follow_on(
    connect: impl Fn() -> zbus::Result<Connection> + Send + 'static,
    news: impl Fn(Option<Vec<Device>>) -> bool + Send + 'static,
) -> std::io::Result<()> {
    thread::Builder::new()
        .name("inventory-news".into())
        .spawn(move || watch::<Contract>(&connect, &Shared::default(), &news))
        .map(drop)
}
