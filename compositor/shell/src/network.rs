// SPDX-License-Identifier: EUPL-1.2
//! The network service, as the shell meets it: how the link stands.

use std::thread;

use api::network::{BUS_NAME, INTERFACE, Link, PATH};
use zbus::blocking::Connection;

use crate::service::{Properties, Service, Shared, watch};

/// The contract. Its news are the link; nothing while the service is not there or says what this version does not know.
struct Contract;

impl Service for Contract {
    type News = Option<Link>;
    const BUS_NAME: &'static str = BUS_NAME;
    const PATH: &'static str = PATH;
    const INTERFACE: &'static str = INTERFACE;

    fn gone() -> Self::News {
        None
    }

    fn status(properties: &mut Properties) -> zbus::Result<Self::News> {
        let words: (String, String) = properties.take("Link")?;
        Ok(Link::from_words(&words))
    }
}

/// Follows the network service on the system bus, until `news` says that nobody listens any more.
pub fn follow(news: impl Fn(Option<Link>) -> bool + Send + 'static) -> std::io::Result<()> {
    follow_on(Connection::system, news)
}

/// As [`follow`] on another bus.
pub fn follow_on(
    connect: impl Fn() -> zbus::Result<Connection> + Send + 'static,
    news: impl Fn(Option<Link>) -> bool + Send + 'static,
) -> std::io::Result<()> {
    thread::Builder::new()
        .name("network-news".into())
        .spawn(move || watch::<Contract>(&connect, &Shared::default(), &news))
        .map(drop)
}
