// SPDX-License-Identifier: EUPL-1.2
//! The sound service, as the shell meets it: whether there is something that only one person hears.

use std::sync::{Mutex, PoisonError};
use std::thread;

use api::sound::{BUS_NAME, INTERFACE, PATH};
use zbus::blocking::Connection;
use zbus::message::Message;

use crate::service::{Properties, Service, Shared, watch};

/// The contract. Its news is the card's name; empty where there is none.
struct Contract;

impl Service for Contract {
    type News = String;
    const BUS_NAME: &'static str = BUS_NAME;
    const PATH: &'static str = PATH;
    const INTERFACE: &'static str = INTERFACE;

    fn gone() -> String {
        String::new()
    }

    fn status(properties: &mut Properties) -> zbus::Result<String> {
        properties.take("Ear")
    }

    fn signal(_: &str, _: &Message) -> Option<String> {
        None
    }
}

/// Follows the sound service on the system bus. `news` is called with whether there is an ear, and with `false` first when it
/// is another one, until it says that nobody listens any more.
pub fn follow(news: impl Fn(bool) -> bool + Send + 'static) -> std::io::Result<()> {
    follow_on(Connection::system, news)
}

/// As [`follow`] on another bus.
pub fn follow_on(
    connect: impl Fn() -> zbus::Result<Connection> + Send + 'static,
    news: impl Fn(bool) -> bool + Send + 'static,
) -> std::io::Result<()> {
    let last = Mutex::new(String::new());
    let told = move |ear: String| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = !last.is_empty() && *last != ear;
        last.clone_from(&ear);
        drop(last);
        (!is_other || news(false)) && news(!ear.is_empty())
    };
    thread::Builder::new()
        .name("sound-news".into())
        .spawn(move || watch::<Contract>(&connect, &Shared::default(), &told))
        .map(drop)
}
